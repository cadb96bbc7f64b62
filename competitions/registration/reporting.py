"""报送: a reviewing union closes its list with one act; the list is numbered and frozen. Verbs; no request."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, aliased, load_only
from sqlalchemy.orm.util import identity_key

from competitions.audit.recording import record
from competitions.base.clock import beijing_text
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from competitions.base.shown import Shown, require_as_shown
from competitions.organisations.models import Union
from competitions.programme.locking import require_before
from competitions.programme.models import Competition, Division, Event
from competitions.registration.ground import chunks, hold
from competitions.registration.models import Entry, EntryMember, ReportingList
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
    _put_on(session, closed, [entry.id for entry in entries])
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


@dataclass(slots=True)
class _Listed:
    """An entry as it is printed: `place` is where it stands, `rows` its members."""

    id: str
    version: int
    place: tuple[int, str, str, str, str]
    rows: list[dict[str, str]]


def _require_shown(
    session: Session, competition: Competition, union: Union, entries: Sequence[_Listed], shown: Shown
) -> None:
    known = select(Entry.id).where(Entry.competition_id == competition.id, Entry.review_union_id == union.id)
    now = {entry.id: entry.version for entry in entries}
    require_as_shown(shown, now, entry_names(session), others=lambda: session.scalars(known).all())


def _last_number(session: Session, competition: Competition, union: Union) -> int:
    numbers = select(func.max(ReportingList.number)).where(
        ReportingList.competition_id == competition.id, ReportingList.union_id == union.id
    )
    return session.scalar(numbers) or 0


def _put_on(session: Session, closed: ReportingList, ids: Sequence[str]) -> None:
    for part in chunks(ids):
        listed = update(Entry).where(Entry.id.in_(part)).values(reporting_list_id=closed.id, version=Entry.version + 1)
        session.execute(listed.execution_options(synchronize_session=False))
    for key in ids:
        known = session.identity_map.get(identity_key(Entry, key))
        if known is not None:
            session.expire(known)


def _ready(session: Session, competition: Competition, union: Union) -> list[_Listed]:
    """Locked, in the order in which they are printed: by event, delegation, and names by strokes. Columns only: nobody
    can save while they are read.
    """
    found: dict[str, _Listed] = {}
    for key, version, state, position, event, division, unit, side, member in session.execute(
        _asked(competition, union)
    ):
        strokes = member.name_strokes if member else ""
        listed = found.setdefault(key, _Listed(key, version, (position, event, side.name, strokes, key), []))
        if member is None:
            continue
        listed.rows.append(
            {
                "event": event,
                "division": division,
                "name": member.name,
                "sex": member.sex,
                "employer": member.employer_name,
                "level": member.level,
                "reporting_union": unit,
                "delegation": side.short_name or side.name,
                "state": ENTRY_STATES[state],
                "entry": key,
            }
        )
    return sorted(found.values(), key=lambda listed: listed.place)


def _asked(competition: Competition, union: Union) -> Select[str, int, str, int, str, str, str, Union, EntryMember]:
    reporting, delegation = aliased(Union), aliased(Union)
    return (
        select(
            Entry.id,
            Entry.version,
            Entry.state,
            Event.position,
            Event.name,
            Division.name,
            reporting.name,
            delegation,
            EntryMember,
        )
        .join(Event, Event.id == Entry.event_id)
        .join(Division, Division.id == Entry.division_id)
        .join(reporting, reporting.id == Entry.reporting_union_id)
        .join(delegation, delegation.id == Entry.delegation_id)
        .outerjoin(EntryMember, EntryMember.entry_id == Entry.id)
        .options(
            load_only(
                EntryMember.name,
                EntryMember.name_strokes,
                EntryMember.sex,
                EntryMember.employer_name,
                EntryMember.level,
            )
        )
        .where(ready_to_report(competition.id, [union.id]))
        .order_by(Entry.id, EntryMember.position)
        .with_for_update(of=Entry, key_share=True)
    )


def _document(
    competition: Competition, union: Union, number: int, entries: Sequence[_Listed], *, by: Actor, at: datetime
) -> dict[str, Any]:
    """What is printed: no ID numbers, no phones."""
    return {
        "competition": competition.name,
        "union": union.name,
        "number": number,
        "closed_at": beijing_text(at),
        "closed_by": by.display_name,
        "entries": len(entries),
        "rows": [row for entry in entries for row in entry.rows],
    }
