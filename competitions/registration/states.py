"""The states of an entry and moving from one to another, with history and audit. Knows no rule of who may."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from competitions.programme.locking import require_before
from competitions.registration.models import LIVE_STATES, Entry, EntryHistory
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
    deadline = "report" if entry.state != "returned" else "final" if entry.organiser_reviews else "review"
    require_before(session, entry.competition, deadline, entry.reporting_union, at)


def require_open(entry: Entry) -> None:
    """Raises StateForbids when the competition does not take entries."""
    if entry.competition.state != "open":
        raise StateForbids("competition_not_open")
