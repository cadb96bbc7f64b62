"""The life of an upload: prepared and kept, corrected, then taken or discarded, or gone after a day. Knows no feature.

What is slow (opening the file, sealing, unsealing) happens outside the write transaction: `prepare` and `open_upload`
before, `keep`, `correct`, `hold` and `take` within.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, delete, select
from sqlalchemy.orm import Session

from competitions.base.database import new_id
from competitions.base.errors import NotFound, Stale
from competitions.base.permissions import Actor
from competitions.uploads.models import Upload
from competitions.uploads.queries import Place, still_there
from competitions.uploads.sealing import sealed

LIFE = timedelta(hours=24)
_LONGEST_NAME = 160


def prepare(place: Place, filename: str, sha256: str, content: Any, corrections: Any = None) -> Upload:
    """An upload with its content sealed, to be kept; `content` and `corrections` are JSON values."""
    key = new_id()
    return Upload(
        id=key,
        purpose=place.purpose,
        subject=place.subject,
        filename=filename[-_LONGEST_NAME:],
        sha256=sha256,
        content=sealed(content, key, "content"),
        corrections=sealed(corrections, key, "corrections"),
        version=1,
    )


def keep(session: Session, upload: Upload, *, by: Actor, at: datetime) -> str:
    """Keep a prepared upload for its confirmation; what is older than a day goes. Returns its id."""
    expire(session, at)
    upload.user_id, upload.created_at, upload.expires_at = by.id, at, at + LIFE
    session.add(upload)
    session.flush()
    return upload.id


def hold(session: Session, upload_id: str, place: Place, version: int, *, by: Actor, at: datetime) -> Upload:
    """One's own upload until the end of the transaction. Raises NotFound; Stale when it was corrected since `version`."""
    found = session.scalar(
        select(Upload).where(Upload.id == upload_id, still_there(place, by=by, at=at)).with_for_update()
    )
    if found is None:
        raise NotFound
    if found.version != version:
        raise Stale
    return found


def correct(upload: Upload, corrections: str) -> None:
    """Put other corrections, sealed already, in place of those of an upload that is held."""
    upload.corrections = corrections
    upload.version += 1


def take(session: Session, upload_id: str, place: Place, *, by: Actor, at: datetime) -> None:
    """One's own upload is used up: gone after this transaction, and for nobody a second time. Raises NotFound."""
    taken = delete(Upload).where(Upload.id == upload_id, still_there(place, by=by, at=at))
    if not _gone(session, taken):
        raise NotFound


def discard(session: Session, upload_ids: Collection[str], purpose: str, *, by: Actor) -> None:
    """Throw one's own uploads away; nothing happens when they are gone already."""
    mine = (Upload.id.in_(upload_ids), Upload.purpose == purpose, Upload.user_id == by.id)
    _gone(session, delete(Upload).where(*mine))


def expire(session: Session, at: datetime) -> int:
    """Uploads that nobody confirmed in their 24 hours go. Returns how many."""
    return _gone(session, delete(Upload).where(Upload.expires_at <= at))


def _gone(session: Session, statement: Delete) -> int:
    return cast(CursorResult[Any], session.execute(statement)).rowcount
