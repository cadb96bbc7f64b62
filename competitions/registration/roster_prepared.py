"""What a roster's plan writes, made ready before the write transaction: rows with their ids, names in order, phones and
ID numbers sealed. Writes nothing; `roster_applying` puts it down.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.base.many import values_of
from competitions.base.permissions import Actor
from competitions.organisations.models import Union
from competitions.registration.entering import Side, made_entry, side_of
from competitions.registration.ground import chunks
from competitions.registration.member_values import put_values
from competitions.registration.models import EntryMember, Worker
from competitions.registration.roster_ground import Team
from competitions.registration.roster_plan import Plan, PlanRow
from competitions.registration.workers import made_workers

NEVER_CHANGED = ("id", "entry_id", "event_id", "worker_id", "position", "live", "purged_at")
"""Columns of a member that a roster leaves alone (the worker is known by his ID number)."""


@dataclass(slots=True)
class ChangedMember:
    """A member of the union's own with his new values, and what the audit says of it."""

    entry_id: str
    version: int
    member: dict[str, Any]
    division_id: str | None
    fields: list[str]


@dataclass(slots=True)
class Prepared:
    """All rows to be written, with the plan that they follow. `workers`: those nobody knew, by blind index; `members`
    carries the blind index of each new member's worker, who may be made by somebody else meanwhile.
    """

    plan: Plan
    only_sound: bool
    sides: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    members: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    changes: list[ChangedMember] = field(default_factory=list)
    changed_when: set[tuple[str, bool]] = field(default_factory=set)


def prepare_roster(session: Session, plan: Plan, *, by: Actor, at: datetime, only_sound: bool = False) -> Prepared:
    """Everything that applying this plan writes. Only reads."""
    found = Prepared(plan, only_sound)
    new = [row for row in plan.rows if row.status == "new"]
    numbers = [row.person["id_number"] for row in new if row.person]
    found.workers = made_workers(session, numbers, plan.ground.indexes, at)
    lines = {row.line.id: row.line for row in new if row.line}
    sides = {key: side_of(session, plan.ground.union, line, by) for key, line in lines.items()}
    found.sides = {key: ids_of(side) for key, side in sides.items()}
    _enter(found, new, sides, by=by, at=at)
    _change(session, found)
    return found


def ids_of(side: Side) -> tuple[Any, ...]:
    """A side as plain values."""
    return side.reporting_union.id, side.review_union.id, side.delegation.id, side.organiser_reviews


def sides_now(session: Session, prepared: Prepared, by: Actor) -> dict[str, tuple[Any, ...]]:
    """The sides of the new entries as they are at this moment."""
    union = prepared.plan.ground.union
    return {key: ids_of(side_of(session, union, session.get_one(Union, key), by)) for key in prepared.sides}


def _enter(found: Prepared, new: Iterable[PlanRow], sides: Mapping[str, Side], *, by: Actor, at: datetime) -> None:
    """Entries for the new rows; members of a team fill the teams that lack somebody first."""
    teams: dict[Team, list[str]] = {team: list(places) for team, places in found.plan.standing.teams.items()}
    size = {event.id: event.team_size for event in found.plan.ground.events.values()}
    for row in new:
        assert row.event and row.division and row.line and row.person
        team = teams.setdefault((row.event.id, row.employer.id if row.employer else ""), [])
        if not team:
            entry = made_entry(row.event, row.division, sides[row.line.id], by=by, at=at)
            found.entries.append(values_of(entry))
            team += [entry.id] * size[row.event.id]
        position = size[row.event.id] - team.count(team[0]) + 1
        member = EntryMember(entry_id=team.pop(0), event_id=row.event.id, position=position, name="")
        put_values(member, row.person, row.employer)
        found.members.append((found.plan.ground.indexes[row.person["id_number"]], values_of(member)))


def _change(session: Session, found: Prepared) -> None:
    """Members of the union's own with what the roster says now."""
    rows = {row.member.id: row for row in found.plan.rows if row.status == "changed" and row.member}
    for part in chunks(sorted(rows)):
        for columns in session.execute(select(EntryMember.__table__).where(EntryMember.id.in_(part))).mappings():
            row = rows[columns["id"]]
            assert row.member and row.person and row.division
            member = EntryMember(**dict(columns))
            put_values(member, row.person, row.employer)
            member.draft = ""
            values = {name: value for name, value in values_of(member).items() if name not in NEVER_CHANGED}
            found.changes.append(
                ChangedMember(
                    row.member.entry_id,
                    row.member.version,
                    {**values, "member": member.id},
                    row.division.id if row.person.get("division") else None,
                    [change.field for change in row.changes],
                )
            )
            found.changed_when.add((row.member.state, row.member.organiser_reviews))
