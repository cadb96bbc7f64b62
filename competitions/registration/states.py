"""The states of an entry and moving from one to another, with history and audit. Knows no rule of who may."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Update, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from competitions.audit.recording import record, record_all
from competitions.base.database import new_id
from competitions.base.errors import StateForbids
from competitions.base.many import add_rows
from competitions.base.permissions import Actor
from competitions.organisations.models import Union
from competitions.programme.archive_guard import require_live
from competitions.programme.locking import require_before
from competitions.programme.models import Competition, Event
from competitions.registration.ground import chunks
from competitions.registration.models import LIVE_STATES, Entry, EntryHistory, EntryMember
from competitions.words.codes import ENTRY_STATES


def move(session: Session, entry: Entry, state: str, action: str, *, by: Actor, at: datetime, reason: str = "") -> None:
    """Set the state; write the history line and queue the audit record. Members stop being live with their entry."""
    before = entry.state
    entry.state = state
    entry.version += 1
    for member in entry.members:
        member.live = state in LIVE_STATES
    note(session, entry, before, by=by, at=at, reason=reason)
    record(session, f"entry.{action}", "entry", entry.id, by=by, at=at, before=before, after=state)


def move_all(
    session: Session,
    entries: Sequence[Entry],
    state: str,
    action: str,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    **also: Any,
) -> None:
    """`move` for many, by as many statements for a thousand as for one; `also`: what else every one of them gets.

    Raises StateForbids when their competition is archived or the event was called off.
    """
    session.flush()
    require_live(session, Event, {entry.event_id for entry in entries})
    values = {**also, "state": state}
    before = [(entry.state, entry.version) for entry in entries]
    live = state in LIVE_STATES
    for part in chunks([entry.id for entry in entries]):
        _write(session, update(Entry).where(Entry.id.in_(part)).values(**values, version=Entry.version + 1))
        members = update(EntryMember).where(EntryMember.entry_id.in_(part), EntryMember.live != live)
        _write(session, members.values(live=live))
    for entry, (_, version) in zip(entries, before, strict=True):
        put_back(entry, **values, version=version + 1)
        for member in entry.__dict__.get("members", ()):
            put_back(member, live=live)
    was = {entry.id: old for entry, (old, _) in zip(entries, before, strict=True)}
    note_all(session, was, state, by=by, at=at, reason=reason)
    told = ((key, {"before": old, "after": state}) for key, old in was.items())
    record_all(session, f"entry.{action}", "entry", told, by=by, at=at)


def note_all(
    session: Session, before: Mapping[str, str], state: str, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    """A line of history for each entry: by its id, the state that it had."""
    line = {"at": at, "by": by.id, "by_name": by.display_name, "to_state": state, "reason": reason}
    rows = [{**line, "id": new_id(), "entry_id": key, "from_state": old} for key, old in before.items()]
    add_rows(session, EntryHistory, rows)


def put_back(row: Entry | EntryMember, **values: Any) -> None:
    """Note in the object what a statement has written already."""
    for name, value in values.items():
        set_committed_value(row, name, value)


def _write(session: Session, statement: Update) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


def note(session: Session, entry: Entry, before: str, *, by: Actor, at: datetime, reason: str = "") -> None:
    """A line of the entry's history."""
    session.add(
        EntryHistory(
            entry_id=entry.id,
            at=at,
            by=by.id,
            by_name=by.display_name,
            from_state=before,
            to_state=entry.state,
            reason=reason,
        )
    )


def require_states(entries: Sequence[Entry], states: Collection[str], act: str) -> None:
    """Raises StateForbids when any entry is in another state."""
    wrong = [entry for entry in entries if entry.state not in states]
    if wrong:
        words = "、".join(sorted({ENTRY_STATES[entry.state] for entry in wrong}))
        raise StateForbids("entry_state", act=act, states=words)


def require_unbound(entries: Collection[Entry], act: str) -> None:
    """Raises StateForbids when an entry is the hall's (drawn, coded or checked in): its sentence says who can act."""
    bound = [entry for entry in entries if entry.bound_at is not None]
    if bound:
        raise StateForbids(f"bound.{act}", tickets="、".join(sorted(e.ticket or "" for e in bound)[:10]))


def require_editable_time(session: Session, entry: Entry, at: datetime) -> None:
    """Raises StateForbids when the competition is not open or the cut-off has passed. What a reviewer returned may be
    corrected until his own cut-off, what the organiser returned until the final one.
    """
    require_open(entry)
    require_editable_when(session, entry.competition, entry.reporting_union, entry.state, entry.organiser_reviews, at)


def require_editable_when(
    session: Session, competition: Competition, union: Union, state: str, organiser_reviews: bool, at: datetime
) -> None:
    """Raises StateForbids when the cut-off for correcting entries in this state has passed."""
    deadline = "report" if state != "returned" else "final" if organiser_reviews else "review"
    require_before(session, competition, deadline, union, at)


def require_open(entry: Entry) -> None:
    """Raises StateForbids when the competition does not take entries."""
    if entry.competition.state != "open":
        raise StateForbids("competition_not_open")
