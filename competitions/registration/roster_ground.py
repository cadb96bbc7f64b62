"""What a roster is judged by: the ground of its people, the union's own members and its unfinished teams; read before
the write transaction, and read again in it to see that nothing has changed. Knows no file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from competitions.base.permissions import Actor
from competitions.organisations.models import Employer, Union
from competitions.programme.models import Competition, Division
from competitions.registration.ground import Ground, chunks, ground_for
from competitions.registration.lines import default_review_line
from competitions.registration.member_values import open_values
from competitions.registration.models import EDITABLE, Entry, EntryMember
from competitions.tabular.person_fields import fields_kept
from competitions.tabular.roster import Roster

Facts = dict[str, Any]
"""The ground as plain values, which outlive a session and are compared."""
Team = tuple[str, str]
"""(event, employer)"""


@dataclass(frozen=True, slots=True)
class Known:
    """A member as he stands now, before the roster: `values` by field, the phone sealed; `drafted`: a correction of him
    is half typed.
    """

    id: str
    values: dict[str, str]
    phone: str
    drafted: bool
    employer: Employer | None
    state: str
    division: str
    review_union_id: str
    entry_id: str
    version: int
    organiser_reviews: bool


@dataclass(slots=True)
class RosterGround:
    """The ground with `members` by id, `teams` with the entry's id once for each member that is still lacking, and the
    whole of it as `facts`, as it was when it was read.
    """

    ground: Ground
    default_line: Union
    members: dict[str, Known]
    teams: dict[Team, list[str]]
    facts: Facts


def roster_ground_for(
    session: Session, roster: Roster, competition: Competition, union: Union, actor: Actor, *, lock: bool = False
) -> RosterGround:
    """The ground of a roster. `lock`: hold what is decided on (inside the transaction that writes)."""
    refused = [row.values for row in roster.table.rows if not row.sound]
    ground = ground_for(session, competition, union, actor, [*roster.people, *refused], lock=lock)
    line = default_review_line(session, ground.union)
    members, teams = _own_members(session, ground), _open_teams(session, ground)
    return RosterGround(ground, line, members, teams, _facts(ground, line, members, teams))


def _facts(ground: Ground, line: Union, members: dict[str, Known], teams: dict[Team, list[str]]) -> Facts:
    """Everything that a plan rests on, as plain values."""
    return {
        "competition": (ground.day, ground.competition.events_per_person),
        "events": [
            (e.id, e.name, e.called_off_at, e.team_size, e.quota_per_union, [(d.id, d.name) for d in e.divisions])
            for e in ground.events.values()
        ],
        "employers": {key: (employer.id, employer.name) for key, employer in ground.employers.items()},
        "own": [employer.id for employer in ground.own_employers],
        "in_scope": set(ground.in_scope),
        "registered": {index: set(standing) for index, standing in ground.registered.items()},
        "used": dict(ground.used),
        "lines": dict(ground.lines),
        "judges": {name: set(judging) for name, judging in ground.judges.items()},
        "line": line.id,
        "members": {
            key: (each.values, each.phone, each.drafted, each.state, each.division, each.review_union_id, each.version)
            for key, each in members.items()
        },
        "teams": {team: list(places) for team, places in teams.items()},
    }


def _own_members(session: Session, ground: Ground) -> dict[str, Known]:
    """The union's own members among those who stand already, by id: columns only, as there may be thousands."""
    ids = sorted(
        {
            each.member_id
            for standing in ground.registered.values()
            for each in standing
            if each.reporting_union_id == ground.union.id
        }
    )
    columns = {each.name: getattr(EntryMember, each.name) for each in fields_kept("column")}
    asked = select(
        EntryMember.id,
        EntryMember.phone,
        EntryMember.draft != "",
        Employer,
        Entry.state,
        Division.name,
        Entry.review_union_id,
        Entry.id,
        Entry.version,
        Entry.organiser_reviews,
        EntryMember.employer_name,
        EntryMember.details,
        *columns.values(),
    )
    joined = asked.join(Entry, Entry.id == EntryMember.entry_id).join(Division, Division.id == Entry.division_id)
    joined = joined.outerjoin(Employer, Employer.id == EntryMember.employer_id)
    found: dict[str, Known] = {}
    for part in chunks(ids):
        for row in session.execute(joined.where(EntryMember.id.in_(part))):
            key, phone, drafted, employer, state, division, line, entry, version, direct, unit, details, *values = row
            shown = open_values(dict(zip(columns, values, strict=True)), details, unit)
            found[key] = Known(key, shown, phone, drafted, employer, state, division, line, entry, version, direct)
    return found


def _open_teams(session: Session, ground: Ground) -> dict[Team, list[str]]:
    """(event, employer) → the entry's id once for each member that an unfinished team of the union still lacks."""
    sizes = {event.id: event.team_size for event in ground.events.values() if event.team_size > 1}
    if not sizes:
        return {}
    teams: dict[Team, list[str]] = {}
    entries: Sequence[Entry] = session.scalars(
        select(Entry)
        .where(Entry.event_id.in_(sizes), Entry.reporting_union_id == ground.union.id, Entry.state.in_(EDITABLE))
        .options(selectinload(Entry.members))
        .order_by(Entry.created_at, Entry.id)
    ).all()
    for entry in entries:
        lacking = sizes[entry.event_id] - len(entry.members)
        if lacking > 0 and entry.members:
            teams.setdefault((entry.event_id, entry.members[0].employer_id or ""), []).extend([entry.id] * lacking)
    return teams
