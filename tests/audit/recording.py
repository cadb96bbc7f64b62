"""Recording in the request's session, as the transaction of a test has it."""

from typing import Any

from competitions.audit.recording import head, transaction
from competitions.audit.recording import record as record_in
from competitions.base.database import db

__all__ = ["head", "record", "transaction"]


def record(action: str, object_kind: str, object_id: str | None, **more: Any) -> None:
    """Queue one audit record."""
    record_in(db.session(), action, object_kind, object_id, **more)
