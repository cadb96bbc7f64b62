"""One's own uploads: which are still there, and what is in them. Knows no feature."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, undefer

from competitions.base.errors import NotFound
from competitions.base.permissions import Actor
from competitions.uploads.models import Upload
from competitions.uploads.sealing import unsealed


@dataclass(frozen=True, slots=True)
class Place:
    """Which import an upload is for, and for what in it."""

    purpose: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """An upload as it was opened: `content` as it was kept, `corrections` as they stand in this `version`."""

    id: str
    filename: str
    sha256: str
    version: int
    content: Any
    corrections: Any


def still_there(place: Place, *, by: Actor, at: datetime) -> ColumnElement[bool]:
    """Condition on Upload: the caller's own, for this place, neither taken nor discarded nor too old."""
    return and_(
        Upload.user_id == by.id,
        Upload.purpose == place.purpose,
        Upload.subject == place.subject,
        Upload.expires_at > at,
    )


def open_upload(session: Session, upload_id: str, place: Place, *, by: Actor, at: datetime) -> Opened:
    """One's own upload, unsealed; to be called outside the write transaction, with `hold` or `take` inside it.

    Raises NotFound when it is another's, for another place, too old, or taken already.
    """
    found = session.scalar(
        select(Upload)
        .where(Upload.id == upload_id, still_there(place, by=by, at=at))
        .options(undefer(Upload.content), undefer(Upload.corrections))
    )
    if found is None:
        raise NotFound
    return Opened(
        found.id,
        found.filename,
        found.sha256,
        found.version,
        unsealed(found.content, found.id, "content"),
        unsealed(found.corrections, found.id, "corrections"),
    )


def expired(session: Session, at: datetime) -> int:
    """How many uploads nobody confirmed in their 24 hours."""
    return session.scalar(select(func.count(Upload.id)).where(Upload.expires_at <= at)) or 0
