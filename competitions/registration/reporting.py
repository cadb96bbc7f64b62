"""报送: a reviewing union closes its list with one act; the list is numbered and frozen. Verbs; no request."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from competitions.audit.recording import record
from competitions.base.clock import beijing_text
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from competitions.base.shown import Shown, require_as_shown
from competitions.organisations.models import Union
from competitions.programme.locking import require_before
from competitions.programme.models import Competition, Event
from competitions.registration.ground import hold
from competitions.registration.models import Entry, ReportingList
from competitions.registration.queries import ready_to_report
from competitions.registration.shown_entries import entry_names
from competitions.words.codes import ENTRY_STATES


def close_list(
    session: Session, competition: Competition, union: Union, shown: Shown | None = None, *, by: Actor, at: datetime
) -> ReportingList:
    """Freeze what the union has endorsed (and what it has entered itself, which the organiser reviews) and not reported
    yet. Raises StateForbids when there is nothing, when the cut-off of review has passed, or when it is not what was
    `shown` (None: nobody was shown anything).
    """
    require_before(session, competition, "review", union, at)
    hold(session, Union.id, [union.id])
    entries = _ready(session, competition, union)
    if not entries:
        raise StateForbids("nothing_to_report")
    if shown is not None:
        _require_shown(session, competition, union, entries, shown)
    number = _last_number(session, competition, union) + 1
    document = json.dumps(
        _document(competition, union, number, entries, by=by, at=at), ensure_ascii=False, sort_keys=True
    )
    closed = ReportingList(
        competition_id=competition.id,
        union_id=union.id,
        number=number,
        document=document,
        digest=hashlib.sha256(document.encode()).hexdigest(),
        closed_by=by.id,
        closed_at=at,
    )
    session.add(closed)
    session.flush()
    for entry in entries:
        entry.reporting_list_id = closed.id
        entry.version += 1
    record(
        session,
        "list.close",
        "reporting_list",
        closed.id,
        by=by,
        at=at,
        after=closed.digest,
        number=closed.number,
        entries=[entry.id for entry in entries],
    )
    session.flush()
    return closed


def _require_shown(
    session: Session, competition: Competition, union: Union, entries: Sequence[Entry], shown: Shown
) -> None:
    known = select(Entry.id).where(Entry.competition_id == competition.id, Entry.review_union_id == union.id)
    now = {entry.id: entry.version for entry in entries}
    require_as_shown(shown, now, entry_names(session), others=lambda: session.scalars(known).all())


def _last_number(session: Session, competition: Competition, union: Union) -> int:
    numbers = select(func.max(ReportingList.number)).where(
        ReportingList.competition_id == competition.id, ReportingList.union_id == union.id
    )
    return session.scalar(numbers) or 0


def _ready(session: Session, competition: Competition, union: Union) -> list[Entry]:
    """Locked, in the order in which they are printed: by event, delegation, and names by strokes."""
    entries = session.scalars(
        select(Entry)
        .join(Event, Event.id == Entry.event_id)
        .where(ready_to_report(competition.id, [union.id]))
        .options(
            joinedload(Entry.event),
            joinedload(Entry.division),
            joinedload(Entry.reporting_union),
            joinedload(Entry.delegation),
            selectinload(Entry.members),
        )
        .order_by(Entry.id)
        .with_for_update(of=Entry, key_share=True)
    )
    return sorted(
        entries,
        key=lambda entry: (
            entry.event.position,
            entry.event.name,
            entry.delegation.name,
            entry.members[0].name_strokes if entry.members else "",
            entry.id,
        ),
    )


def _document(
    competition: Competition, union: Union, number: int, entries: Sequence[Entry], *, by: Actor, at: datetime
) -> dict[str, Any]:
    """What is printed: no ID numbers, no phones."""
    rows = [
        {
            "event": entry.event.name,
            "division": entry.division.name,
            "name": member.name,
            "sex": member.sex,
            "employer": member.employer_name,
            "level": member.level,
            "reporting_union": entry.reporting_union.name,
            "delegation": entry.delegation.short_name or entry.delegation.name,
            "state": ENTRY_STATES[entry.state],
            "entry": entry.id,
        }
        for entry in entries
        for member in entry.members
    ]
    return {
        "competition": competition.name,
        "union": union.name,
        "number": number,
        "closed_at": beijing_text(at),
        "closed_by": by.display_name,
        "entries": len(entries),
        "rows": rows,
    }
