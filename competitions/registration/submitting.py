"""What the reporting union does with whole entries: submit, take back, withdraw, replace. Verbs; no request."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from competitions.base.errors import Stale, StateForbids
from competitions.base.permissions import Actor
from competitions.base.reasons import reason_of
from competitions.base.rows import once_for, require_each
from competitions.programme.locking import require_before
from competitions.programme.models import Event
from competitions.registration.consent import consent_in_force
from competitions.registration.entering import Side, begin, new_entry, put_member
from competitions.registration.ground import chunks, ground_for
from competitions.registration.models import EDITABLE, WITHDRAWABLE, Entry, EntryMember
from competitions.registration.people import require_none, sound
from competitions.registration.states import (
    move,
    move_all,
    require_editable_time,
    require_open,
    require_states,
    require_unbound,
)
from competitions.registration.workers import workers_for


def submit_entries(
    session: Session, entries: Sequence[Entry], *, consent_version: int, by: Actor, at: datetime
) -> None:
    """Submit, confirming that all is true and that each person was told and agreed (the text of `consent_version`).

    Raises Stale when another text is in force, StateForbids for an unfinished entry, a wrong state, after the cut-off.
    """
    consent = consent_in_force(session, at)
    if consent.version != consent_version:
        raise Stale({"consent_version": consent.version})
    unfinished = unfinished_among(session, entries)

    def finished(entry: Entry) -> None:
        require_states([entry], EDITABLE, "提交")
        if entry.id in unfinished:
            raise StateForbids("entry_unfinished")

    require_each(entries, finished, _in_time(session, at))
    agreed: dict[str, Any] = {"consent_version": consent.version, "consent_by": by.id, "consent_at": at}
    move_all(session, entries, "submitted", "submit", by=by, at=at, submitted_at=at, **agreed)


def unfinished_among(session: Session, entries: Sequence[Entry]) -> set[str]:
    """Ids of the entries of which a member is missing or not complete (`is_finished` of each), by one question for 500."""
    found: set[str] = set()
    complete = and_(EntryMember.worker_id.is_not(None), EntryMember.draft == "")
    whole = func.count(EntryMember.id) == func.max(Event.team_size)
    for part in chunks([entry.id for entry in entries]):
        finished = (
            select(Entry.id)
            .join(Event, Event.id == Entry.event_id)
            .join(EntryMember, EntryMember.entry_id == Entry.id)
            .where(Entry.id.in_(part))
            .group_by(Entry.id)
            .having(whole, func.sum(case((complete, 0), else_=1)) == 0)
        )
        found |= set(part) - set(session.scalars(finished))
    return found


def _in_time(session: Session, at: datetime) -> Callable[[Entry], None]:
    return once_for(
        lambda entry: (entry.reporting_union_id, entry.state, entry.organiser_reviews),
        lambda entry: require_editable_time(session, entry, at),
    )


def is_finished(entry: Entry) -> bool:
    """Whether every member is complete and a team has all its members."""
    whole = len(entry.members) == entry.event.team_size
    return whole and all(member.worker_id and not member.draft for member in entry.members)


def take_back(session: Session, entries: Sequence[Entry], *, by: Actor, at: datetime) -> None:
    """Take back for correction, until the review has begun. Raises StateForbids otherwise."""
    require_each(entries, lambda entry: require_states([entry], ("submitted",), "撤回"), _in_time(session, at))
    move_all(session, entries, "taken_back", "take_back", by=by, at=at)


def withdraw(
    session: Session, entries: Sequence[Entry], reason: str, *, by: Actor, at: datetime, as_organiser: bool = False
) -> None:
    """Withdraw from the competition (until the final cut-off; the organiser at any time). The place becomes free."""
    words = reason_of(reason, "entry.withdraw")

    def leaves(entry: Entry) -> None:
        require_states([entry], (*WITHDRAWABLE, "taken_back", "returned"), "退赛")
        require_unbound([entry], "withdraw")
        if not as_organiser:
            require_before(session, entry.competition, "final", entry.reporting_union, at)

    require_each(entries, leaves)
    move_all(session, entries, "withdrawn", "withdraw", by=by, at=at, reason=words)


def replace_entry(
    session: Session,
    entry: Entry,
    person: Mapping[str, Any],
    reason: str,
    *,
    consent_version: int,
    by: Actor,
    at: datetime,
    as_organiser: bool = False,
) -> Entry:
    """替补: somebody else of the same union in the place of one person, until the final cut-off (the organiser at any
    time). The old entry ends as replaced; the new one is submitted at once and reviewed by the organiser.
    """
    words = reason_of(reason, "entry.replace")
    require_open(entry)
    require_states([entry], WITHDRAWABLE, "替换")
    if entry.event.team_size != 1:
        raise StateForbids("team_not_replaced")
    if not as_organiser:
        require_unbound([entry], "replace")
        require_before(session, entry.competition, "final", entry.reporting_union, at)
    member_person = sound(person)
    workers = workers_for(session, [member_person["id_number"]], at)
    ground = ground_for(
        session, entry.competition, entry.reporting_union, by, [member_person], lock=True, as_organiser=as_organiser
    )
    employer, findings = ground.employer(member_person)
    findings += ground.eligibility(member_person, entry.event, employer)
    require_none(findings + ground.line(employer, entry.review_union))
    move(session, entry, "replaced", "replace", by=by, at=at, reason=words)
    side = Side(entry.reporting_union, entry.review_union, entry.delegation, organiser_reviews=True)
    following = new_entry(session, entry.event, entry.division, side, by=by, at=at)
    following.replaces_id = entry.id
    put_member(
        following,
        EntryMember(event_id=entry.event_id, name=""),
        member_person,
        workers[member_person["id_number"]],
        employer,
    )
    begin(session, [following], by=by, at=at)
    taken_over = f"替补，接替准考证号 {entry.ticket}：{words}" if entry.ticket else f"替补：{words}"
    _submit_replacement(session, following, consent_version, taken_over[:500], by=by, at=at)
    return following


def _submit_replacement(
    session: Session, entry: Entry, consent_version: int, reason: str, *, by: Actor, at: datetime
) -> None:
    consent = consent_in_force(session, at)
    if consent.version != consent_version:
        raise Stale({"consent_version": consent.version})
    entry.consent_version, entry.consent_by, entry.consent_at, entry.submitted_at = consent.version, by.id, at, at
    move(session, entry, "submitted", "submit", by=by, at=at, reason=reason)
    session.flush()
