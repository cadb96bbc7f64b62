"""Who stands behind a code, after decoding: name, unit, delegation. Never an ID number, a phone or an internal id."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from competitions.registration.models import Entry

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Entrant:
    """A competitor or a team as a table names it. For the table of teams: `delegation_name` in full, and `employer`, the
    one unit that it counts for (coding's opaque groups: the first member's, else the reporting union). `gone`: the state of
    an entry that does not compete any more (withdrawn, replaced).
    """

    name: str
    organisation: str
    delegation: str
    delegation_name: str
    employer: str
    gone: str = ""


def entrants_by_code(session: Session, identities: Mapping[str, str]) -> dict[str, Entrant]:
    """Code → who it is, from code → entry id."""
    entries = _entries(session, identities.values())
    return {code: _entrant(entries[entry_id]) for code, entry_id in identities.items() if entry_id in entries}


def team_names(case: Mapping[str, Any], entrants: Mapping[str, Entrant]) -> dict[str, str]:
    """Opaque id of a team in the case → its name: the delegation (`team`), or the employer (`organisation`)."""
    by = teams_by(case)
    names = {}
    for entrant in case["entrants"]:
        known = entrants.get(entrant["id"])
        if known is not None and entrant.get(by):
            names[entrant[by]] = known.delegation_name if by == "team" else known.employer
    return names


def teams_by(case: Mapping[str, Any]) -> str:
    """What teams are in this case: `team` (delegations) or `organisation` (employers)."""
    return str((case["ruleset"].get("teams") or {}).get("by", "team"))


def _entries(session: Session, ids: Iterable[str]) -> dict[str, Entry]:
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Entry] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = session.scalars(
            select(Entry)
            .where(Entry.id.in_(wanted[start : start + AT_ONCE]))
            .options(selectinload(Entry.members), selectinload(Entry.delegation), selectinload(Entry.reporting_union))
        )
        found.update({entry.id: entry for entry in rows})
    return found


def _entrant(entry: Entry) -> Entrant:
    names = "、".join(member.name for member in entry.members)
    units = "、".join(dict.fromkeys(member.employer_name for member in entry.members if member.employer_name))
    return Entrant(
        f"{entry.team_name}（{names}）" if entry.team_name else names,
        units,
        entry.delegation.short_name or entry.delegation.name,
        entry.delegation.name,
        (entry.members[0].employer_name if entry.members else "") or entry.reporting_union.name,
        entry.state if entry.state != "approved" else "",
    )
