"""Entries as a page shows them that asks to act on many: their versions, and their names for who must be told.

Questions only; callers know that the entries are in scope.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from competitions.base.shown import Names
from competitions.registration.models import Entry
from competitions.registration.queries import ready_to_report

CHUNK = 500


def versions_to_report(session: Session, competition_id: str, union_id: str) -> dict[str, int]:
    """Entry id → version of what the next list of a union would hold."""
    wanted = select(Entry.id, Entry.version).where(ready_to_report(competition_id, [union_id]))
    return {key: version for key, version in session.execute(wanted)}


def entry_names(session: Session) -> Names:
    """Entry ids → who competes."""

    def named(ids: Sequence[str]) -> list[str]:
        found: dict[str, str] = {}
        for start in range(0, len(ids), CHUNK):
            part = select(Entry).where(Entry.id.in_(ids[start : start + CHUNK])).options(selectinload(Entry.members))
            for entry in session.scalars(part):
                found[entry.id] = "、".join(member.name for member in entry.members if member.name)
        return [found.get(key) or "（未填姓名）" for key in ids]

    return named
