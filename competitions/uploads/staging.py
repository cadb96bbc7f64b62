"""Worksheets between preview and confirmation: kept sealed for a day, taken once, by who brought them. Knows no columns."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from competitions.base.errors import NotFound
from competitions.base.keyring import ring
from competitions.base.permissions import Actor
from competitions.uploads.models import StagedTable

LIFE = timedelta(hours=24)


def stage(
    session: Session, purpose: str, filename: str, sha256: str, rows: list[dict[str, Any]], *, by: Actor, at: datetime
) -> StagedTable:
    """Keep the rows (JSON values) for their confirmation; what is older than a day goes."""
    session.execute(delete(StagedTable).where(StagedTable.staged_at < at - LIFE))
    staged = StagedTable(purpose=purpose, user_id=by.id, filename=filename[-160:], sha256=sha256, staged_at=at, rows="")
    staged.rows = ring().seal(json.dumps(rows, ensure_ascii=False), "staged_table", "rows", staged.id)
    session.add(staged)
    session.flush()
    return staged


def staged_rows(session: Session, staged_id: str, purpose: str, *, by: Actor, at: datetime) -> list[dict[str, Any]]:
    """The rows of one's own staged worksheet. Raises NotFound when it is another's, too old, or taken already."""
    return _rows(_own(session, staged_id, purpose, by, at))


def take_staged(
    session: Session, staged_id: str, purpose: str, *, by: Actor, at: datetime
) -> tuple[str, list[dict[str, Any]]]:
    """SHA-256 of the file and its rows, which are gone from here after this transaction. Raises NotFound."""
    staged = _own(session, staged_id, purpose, by, at)
    rows = _rows(staged)
    session.delete(staged)
    return staged.sha256, rows


def discard_staged(session: Session, staged_id: str, *, by: Actor) -> None:
    """Throw one's own staged worksheet away; nothing happens when it is gone already."""
    session.execute(delete(StagedTable).where(StagedTable.id == staged_id, StagedTable.user_id == by.id))


def _own(session: Session, staged_id: str, purpose: str, by: Actor, at: datetime) -> StagedTable:
    found = session.scalar(
        select(StagedTable)
        .where(
            StagedTable.id == staged_id,
            StagedTable.user_id == by.id,
            StagedTable.purpose == purpose,
            StagedTable.staged_at > at - LIFE,
        )
        .with_for_update()
    )
    if found is None:
        raise NotFound
    return found


def _rows(staged: StagedTable) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(ring().open(staged.rows, "staged_table", "rows", staged.id))
    return rows
