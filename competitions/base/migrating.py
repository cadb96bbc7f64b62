"""Bringing the database to the newest schema. Knows Alembic, no feature."""

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import Migrate, upgrade

from competitions.base.config import ROOT
from competitions.base.database import db

migrate = Migrate()


def head_revision() -> str | None:
    """The newest revision of the history."""
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


def current_revision() -> str | None:
    """The revision of the database."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade_when_old() -> None:
    """Run the migrations that are missing; nothing when there are none."""
    if current_revision() != head_revision():
        upgrade(directory=str(ROOT / "migrations"))
