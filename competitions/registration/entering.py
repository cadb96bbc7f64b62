"""Entering people: an entry with its member, corrections, members of a team. Verbs; no request.

Rules are checked against the ground (facts of the competition), identity and quota under locks, and the unique index on
live members stands behind them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from competitions.audit.recording import record, record_all
from competitions.base.errors import Stale, StateForbids
from competitions.base.permissions import Actor, Permission
from competitions.organisations.models import Employer, Union
from competitions.organisations.subtree import scope_of_unions
from competitions.programme.locking import require_before
from competitions.programme.models import Competition, Division, Event
from competitions.registration.ground import Ground, ground_for
from competitions.registration.lines import default_review_line, delegation_of
from competitions.registration.member_values import draft_of, put_values
from competitions.registration.models import EDITABLE, Entry, EntryMember, Worker
from competitions.registration.people import Person, require_none, sound
from competitions.registration.queries import unions_held
from competitions.registration.states import note_all, require_editable_time, require_states
from competitions.registration.workers import id_number_of, workers_for


def create_entry(
    session: Session,
    competition: Competition,
    event: Event,
    division: Division,
    reporting_union: Union,
    person: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    review_union: Union | None = None,
) -> Entry:
    """An entry in state draft with its first member. `person`: values by the roster's field names (name, id_number,
    organisation or employer_id, phone, level …). Raises Invalid with all problems, StateForbids after the cut-off.
    """
    require_entering(session, competition, reporting_union, at)
    member_person = sound({**person, "event": event.name})
    workers = workers_for(session, [member_person["id_number"]], at)
    ground = ground_for(session, competition, reporting_union, by, [member_person], lock=True)
    employer, findings = ground.employer(member_person)
    findings += ground.eligibility(member_person, event, employer) + ground.place(event)
    line = review_union or line_for(session, ground, employer)
    require_none(findings + ground.line(employer, line))
    entry = new_entry(session, event, division, side_of(session, reporting_union, line, by), by=by, at=at)
    put_member(
        entry, EntryMember(event_id=event.id, name=""), member_person, workers[member_person["id_number"]], employer
    )
    begin(session, [entry], by=by, at=at)
    return entry


def line_for(session: Session, ground: Ground, employer: Employer | None) -> Union:
    """The review line of the employer's other entries in this competition, else the default of the reporting union."""
    taken = ground.lines.get(employer.id) if employer else None
    return session.get_one(Union, taken) if taken else default_review_line(session, ground.union)


def require_entering(session: Session, competition: Competition, union: Union, at: datetime) -> None:
    """Raises StateForbids when the competition takes no entries (now)."""
    if competition.state != "open":
        raise StateForbids("competition_not_open")
    require_before(session, competition, "report", union, at)


@dataclass(frozen=True, slots=True)
class Side:
    """Where an entry stands: who enters, who reviews, for whom it counts, whether the organiser reviews it himself."""

    reporting_union: Union
    review_union: Union
    delegation: Union
    organiser_reviews: bool


def side_of(session: Session, union: Union, line: Union, by: Actor) -> Side:
    """The side of entries of this union on this line. The organiser reviews what a reviewer has entered and what its
    reporting union would review itself.
    """
    itself = union.id == line.id or not enters_as_reporter(session, by, union)
    return Side(union, line, delegation_of(session, union), itself)


def new_entry(session: Session, event: Event, division: Division, side: Side, *, by: Actor, at: datetime) -> Entry:
    """An empty draft; `begin` follows when its members are there."""
    entry = made_entry(event, division, side, by=by, at=at)
    session.add(entry)
    return entry


def made_entry(event: Event, division: Division, side: Side, *, by: Actor, at: datetime) -> Entry:
    """An empty draft that belongs to no session."""
    return Entry(
        competition_id=event.competition_id,
        event_id=event.id,
        division_id=division.id,
        state="draft",
        reporting_union_id=side.reporting_union.id,
        review_union_id=side.review_union.id,
        delegation_id=side.delegation.id,
        author_id=by.id,
        organiser_reviews=side.organiser_reviews,
        created_at=at,
        version=1,
        members=[],
    )


def begin(session: Session, entries: Sequence[Entry], *, by: Actor, at: datetime) -> None:
    """Begin the history of new entries, queue their audit records."""
    session.flush()
    begin_all(session, {entry.id: entry.event_id for entry in entries}, entries[0].reporting_union_id, by=by, at=at)


def begin_all(session: Session, events: Mapping[str, str], union_id: str, *, by: Actor, at: datetime) -> None:
    """`begin` for new entries of one union that are in the database: the event of each by its id."""
    note_all(session, dict.fromkeys(events, ""), "draft", by=by, at=at)
    told = ((key, {"after": "draft", "event": event, "union": union_id}) for key, event in events.items())
    record_all(session, "entry.create", "entry", told, by=by, at=at)


def enters_as_reporter(session: Session, actor: Actor, union: Union) -> bool:
    """Whether the actor reports for this union himself, not as the one who reviews it."""
    if actor.id == "system":
        return True
    own = unions_held(actor, [Permission.EDIT_ENTRIES], reviewing=False)
    return scope_of_unions(session, own).covers(union)


def put_member(
    entry: Entry, member: EntryMember, person: Person, worker: Worker, employer: Employer | None
) -> EntryMember:
    """Write the person's values into the member (a new one is appended to the entry); it is finished now."""
    member.worker_id = worker.id
    put_values(member, person, employer)
    member.draft = ""
    if member not in entry.members:
        member.position = len(entry.members) + 1
        entry.members.append(member)
    return member


def add_member(session: Session, entry: Entry, person: Mapping[str, Any], *, by: Actor, at: datetime) -> EntryMember:
    """One more member of a team. Raises StateForbids when the team is full."""
    require_states([entry], EDITABLE, "修改")
    require_editable_time(session, entry, at)
    if len(entry.members) >= entry.event.team_size:
        raise StateForbids("team_full", size=entry.event.team_size)
    member = EntryMember(event_id=entry.event_id, name="")
    return _write(session, entry, member, person, by=by, at=at)


def change_member(
    session: Session,
    entry: Entry,
    member: EntryMember,
    person: Mapping[str, Any],
    *,
    version: int,
    by: Actor,
    at: datetime,
) -> EntryMember:
    """Correct a member of an entry that is with its reporting union. A field that `person` does not name stays as it
    is, a blank one is emptied. Raises Stale when the entry has changed since `version` was read, Invalid with all
    problems.
    """
    require_version(entry, version)
    require_states([entry], EDITABLE, "修改")
    require_editable_time(session, entry, at)
    return _write(session, entry, member, _completed(member, person), by=by, at=at)


def _completed(member: EntryMember, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed (over a draft), with what the checks need and nobody has changed: the name where it was not asked,
    the unit where its name stands as it was, the ID number where it was left blank, because the page does not show it.
    """
    whole = {**draft_of(member), **typed}
    if member.worker is None:  # never complete so far
        return whole
    whole.setdefault("name", member.name)
    if whole.setdefault("organisation", member.employer_name) == member.employer_name and member.employer_id:
        whole["employer_id"] = member.employer_id
    whole["id_number"] = whole.get("id_number") or id_number_of(member.worker)
    return whole


def _write(
    session: Session, entry: Entry, member: EntryMember, person: Mapping[str, Any], *, by: Actor, at: datetime
) -> EntryMember:
    member_person = sound(person)
    workers = workers_for(session, [member_person["id_number"]], at)
    ground = ground_for(session, entry.competition, entry.reporting_union, by, [member_person], lock=True)
    employer, findings = ground.employer(member_person)
    besides = entry.id if any(each.member_id == member.id for each in ground.standing(member_person)) else None
    findings += ground.eligibility(member_person, entry.event, employer, besides=besides)
    if employer and employer.id != member.employer_id:
        findings += ground.line(employer, entry.review_union)
    require_none(findings)
    put_member(entry, member, member_person, workers[member_person["id_number"]], employer)
    changed(session, entry, "change", by=by, at=at)
    session.flush()
    return member


def require_version(entry: Entry, version: int) -> None:
    """Raises Stale when somebody has changed the entry since."""
    if entry.version != version:
        raise Stale({"version": entry.version})


def changed(session: Session, entry: Entry, action: str, *, by: Actor, at: datetime) -> None:
    """Count and record a change of an entry that keeps its state."""
    entry.version += 1
    record(session, f"entry.{action}", "entry", entry.id, by=by, at=at, after={"version": entry.version})


def remove_member(session: Session, entry: Entry, member: EntryMember, *, by: Actor, at: datetime) -> None:
    """Take a member out of a team that is still being put together; the others move up."""
    require_states([entry], EDITABLE, "修改")
    require_editable_time(session, entry, at)
    if len(entry.members) < 2:
        raise StateForbids("last_member")
    session.execute(delete(EntryMember).where(EntryMember.id == member.id))
    session.expire(entry, ["members"])
    for position, each in enumerate(entry.members, 1):
        each.position = position
    changed(session, entry, "remove_member", by=by, at=at)
    session.flush()
