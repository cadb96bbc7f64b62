"""What is kept of a person before it is checked: half-filled entries and corrections, sealed. Verbs; no request."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.permissions import Actor
from competitions.organisations.models import Union
from competitions.programme.models import Competition, Division, Event
from competitions.registration.entering import begin, changed, new_entry, require_entering, require_version, side_of
from competitions.registration.ground import comparable, ground_for
from competitions.registration.lines import default_review_line
from competitions.registration.member_values import DELETED, emptied, seal_draft
from competitions.registration.models import EDITABLE, Entry, EntryMember
from competitions.registration.people import require_none
from competitions.registration.states import note, require_editable_time, require_states


def save_draft(
    session: Session,
    competition: Competition,
    event: Event,
    division: Division,
    reporting_union: Union,
    typed: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
) -> Entry:
    """Keep what has been typed so far, sealed, without checking it. It takes a place of the quota."""
    require_entering(session, competition, reporting_union, at)
    ground = ground_for(session, competition, reporting_union, by, [], lock=True)
    require_none(ground.place(ground.events[comparable(event.name)]))
    line = default_review_line(session, reporting_union)
    entry = new_entry(session, event, division, side_of(session, reporting_union, line, by), by=by, at=at)
    member = EntryMember(event_id=event.id, name="", position=1)
    entry.members.append(member)
    seal_draft(member, typed)
    begin(session, [entry], by=by, at=at)
    return entry


def change_draft(
    session: Session,
    entry: Entry,
    member: EntryMember,
    typed: Mapping[str, Any],
    *,
    version: int,
    by: Actor,
    at: datetime,
) -> None:
    """Keep a half-filled correction: beside the member's values, which stay as they are until it is finished. Raises
    Stale like `change_member`.
    """
    require_version(entry, version)
    require_states([entry], EDITABLE, "修改")
    require_editable_time(session, entry, at)
    seal_draft(member, typed)
    changed(session, entry, "save_draft", by=by, at=at)
    session.flush()


def delete_draft(session: Session, entry: Entry, *, by: Actor, at: datetime) -> None:
    """Delete an entry that was never submitted. Raises StateForbids for any other: those are withdrawn."""
    require_states([entry], ("draft",), "删除")
    record(session, "entry.delete_draft", "entry", entry.id, by=by, at=at, before="draft")
    before, entry.state = entry.state, "withdrawn"
    for member in entry.members:
        for column, value in emptied().items():
            setattr(member, column, value)
        member.live, member.worker_id, member.name = False, None, DELETED
    entry.version += 1
    note(session, entry, before, by=by, at=at, reason="删除草稿")
