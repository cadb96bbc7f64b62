"""What this database is: empty, or marked as holding demonstration data (the `setting` table)."""

from sqlalchemy import select

from competitions.accounts.models import User
from competitions.base.database import db
from competitions.base.settings import DEMONSTRATION, Setting

DEMO = DEMONSTRATION
LOADING = "loading"
"""The mark's value until the last step of loading is done."""


def is_demo() -> bool:
    """Whether the database is marked as a demonstration."""
    return db.session.get(Setting, DEMO) is not None


def is_half_loaded() -> bool:
    """Whether loading the demonstration was broken off, so that a part of it is missing."""
    mark = db.session.get(Setting, DEMO)
    return mark is not None and mark.value == LOADING


def is_empty() -> bool:
    """Whether nobody has an account yet."""
    return db.session.scalar(select(User.id).limit(1)) is None
