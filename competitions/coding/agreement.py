"""Do register and hall agree? Who is coded must be exactly who is approved, drawn and checked in (design.md, promise 13).

Compared before standings are settled and published; who may see names is told whom it is about. Knows no mark.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from competitions.coding.queries import (
    check_ins_of,
    codes_of_entries,
    contender_ids,
    entries_by_id,
    is_sealed,
    lots_of,
    sittings_of,
)
from competitions.programme.models import Stage

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """Entries (ids) that stand on one side and not on the other; `kind` names how."""

    kind: str
    entry_ids: tuple[str, ...]


def differences(session: Session, stage: Stage) -> list[Difference]:
    """What keeps register and hall apart; empty when they agree, and before the codes are sealed."""
    if not is_sealed(session, stage.id):
        return []
    coded, competing = set(codes_of_entries(session, stage.id)), set(contender_ids(session, stage))
    drawn = set(lots_of(session, stage.id)) if sittings_of(session, stage.id) else coded
    seen = set(check_ins_of(session, stage.id))
    found = {
        "coded_not_approved": coded - competing,
        "not_coded": competing - coded,
        "not_drawn": (coded & competing) - drawn,
        "not_checked_in": (coded & competing) - seen,
    }
    return [Difference(kind, tuple(sorted(ids))) for kind, ids in found.items() if ids]


def names_of(session: Session, entry_ids: Collection[str]) -> str:
    """准考证号 and names of entries, for people who may see them: never beside a code."""
    entries = sorted(entries_by_id(session, list(entry_ids)).values(), key=lambda entry: entry.ticket or "")
    shown: Sequence[str] = [
        f"{entry.ticket or ''} {'、'.join(member.name for member in entry.members)}".strip() for entry in entries
    ]
    return "、".join(shown[:MOST_NAMED]) + ("……" if len(shown) > MOST_NAMED else "")
