"""Review: the reviewing union endorses, returns or refuses; the organiser decides. Never the author or his own unit.

Verbs; the entries come in the caller's scope. `as_organiser` tells in which capacity he acts.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from competitions.base.reasons import reason_of
from competitions.base.rows import once_for, require_each
from competitions.programme.locking import require_before
from competitions.programme.models import Event
from competitions.registration.ground import hold
from competitions.registration.models import Entry
from competitions.registration.states import move_all, put_back, require_states


def endorse(session: Session, entries: Sequence[Entry], *, by: Actor, at: datetime) -> None:
    """初审通过. Raises StateForbids for a wrong state, after the cut-off, or where the organiser has to review."""
    _require_reviewable(session, entries, "初审通过", by=by, at=at)
    move_all(session, entries, "endorsed", "endorse", by=by, at=at)


def return_entries(
    session: Session, entries: Sequence[Entry], reason: str, *, by: Actor, at: datetime, as_organiser: bool = False
) -> None:
    """退回修改, with a reason. What the organiser returns he reviews himself when it comes back."""
    words = reason_of(reason, "entry.return")
    _require(session, entries, "退回", by=by, at=at, as_organiser=as_organiser)
    kept = {"organiser_reviews": True} if as_organiser else {}
    move_all(session, entries, "returned", "return", by=by, at=at, reason=words, reporting_list_id=None, **kept)


def refuse(
    session: Session, entries: Sequence[Entry], reason: str, *, by: Actor, at: datetime, as_organiser: bool = False
) -> None:
    """未通过, with a reason; final, and the place becomes free."""
    words = reason_of(reason, "entry.refuse")
    _require(session, entries, "不予通过", by=by, at=at, as_organiser=as_organiser)
    move_all(session, entries, "refused", "refuse", by=by, at=at, reason=words)


def approve(session: Session, entries: Sequence[Entry], *, by: Actor, at: datetime) -> None:
    """审核通过 by the organiser: the entry gets its ticket (准考证号)."""
    _require_decidable(session, entries, "审核通过", by=by, at=at)
    hold(session, Event.id, {entry.event_id for entry in entries})
    move_all(session, entries, "approved", "approve", by=by, at=at)
    for event_id in {entry.event_id for entry in entries}:
        _give_tickets(session, [entry for entry in entries if entry.event_id == event_id])


_TICKET = (
    update(Entry.metadata.tables["entry"]).where(Entry.id == bindparam("entry")).values(ticket=bindparam("number"))
)


def _require(
    session: Session, entries: Sequence[Entry], act: str, *, by: Actor, at: datetime, as_organiser: bool
) -> None:
    require = _require_decidable if as_organiser else _require_reviewable
    require(session, entries, act, by=by, at=at)


def _require_reviewable(session: Session, entries: Sequence[Entry], act: str, *, by: Actor, at: datetime) -> None:
    def of_others(entry: Entry) -> None:
        require_states([entry], ("submitted",), act)
        # only another person: the union that issued its reporter's account reviews what he enters
        second_person.require_other(by, entry.author_id, code="own_registration")
        if entry.reporting_union_id == by.union_id:
            raise StateForbids("own_registration")
        if entry.organiser_reviews:
            raise StateForbids("organiser_reviews")

    require_each(entries, of_others, _in_time(session, "review", at))


def _require_decidable(session: Session, entries: Sequence[Entry], act: str, *, by: Actor, at: datetime) -> None:
    """The organiser decides what a reviewing union has reported, and what he reviews himself; until the final cut-off,
    but for substitutes, whom he may still put in afterwards.
    """

    def reported(entry: Entry) -> None:
        require_states([entry], ("submitted", "endorsed") if entry.organiser_reviews else ("endorsed",), act)
        second_person.require_other(by, entry.author_id, code="own_registration")
        if not entry.organiser_reviews and entry.reporting_list_id is None:
            raise StateForbids("not_reported")

    in_time = _in_time(session, "final", at)
    require_each(entries, reported, lambda entry: None if entry.replaces_id else in_time(entry))


def _in_time(session: Session, deadline: str, at: datetime) -> Callable[[Entry], None]:
    return once_for(
        lambda entry: (entry.competition_id, entry.review_union_id),
        lambda entry: require_before(session, entry.competition, deadline, entry.review_union, at),
    )


def _give_tickets(session: Session, entries: Sequence[Entry]) -> None:
    """Numbers drawn at random among those that are free, so that they tell nothing of the order of registration:
    place of the event in the competition (2 digits) and 3 digits (4 in an event of more than 300).
    """
    event_id = entries[0].event_id
    order = session.scalars(
        select(Event.id)
        .where(Event.competition_id == entries[0].competition_id)
        .order_by(Event.position, Event.name, Event.id)
    ).all()
    prefix = f"{order.index(event_id) + 1:02d}"
    taken = set(session.scalars(select(Entry.ticket).where(Entry.event_id == event_id, Entry.ticket.is_not(None))))
    digits = 3 if len(taken) + len(entries) <= 300 else 4
    free = [number for n in range(1, 10**digits) if (number := f"{prefix}{n:0{digits}d}") not in taken]
    lacking = [entry for entry in entries if entry.ticket is None]
    given = dict(zip(lacking, secrets.SystemRandom().sample(free, len(lacking)), strict=True))
    if given:
        rows = [{"entry": entry.id, "number": number} for entry, number in given.items()]
        session.connection().execute(_TICKET, rows)
    for entry, number in given.items():
        put_back(entry, ticket=number)
