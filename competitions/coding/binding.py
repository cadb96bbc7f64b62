"""An entry is bound to the hall from the draw on: what the register knows of it is one column (design.md, promise 13).

Bound: it has a lot, a code or a check-in in some stage. Never commits.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from competitions.coding.models import CheckIn, CodeRow, Lot
from competitions.registration.models import Entry

BATCH = 500


def bind(session: Session, entry_ids: Collection[str], at: datetime) -> None:
    """These entries are the hall's from now on; who is bound already stays bound since then."""
    for part in _parts(entry_ids):
        session.execute(update(Entry).where(Entry.id.in_(part), Entry.bound_at.is_(None)).values(bound_at=at))


def release(session: Session, entry_ids: Collection[str]) -> None:
    """These entries are the register's again, but for those that have a lot, a code or a check-in (in another stage)."""
    for part in _parts(entry_ids):
        held = set(session.scalars(select(Lot.entry_id).where(Lot.entry_id.in_(part))))
        held |= set(session.scalars(select(CodeRow.source).where(CodeRow.source.in_(part))))
        held |= set(session.scalars(select(CheckIn.entry_id).where(CheckIn.entry_id.in_(part))))
        session.execute(update(Entry).where(Entry.id.in_(set(part) - held)).values(bound_at=None))


def _parts(entry_ids: Collection[str]) -> Iterable[list[str]]:
    ids = sorted(entry_ids)
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
