"""更正 of an approved entry: one organiser proposes, another decides (design.md, promise 14). Verbs; no request.

What is corrected is read by everything made later; codes, marks and consent stay as they are.
"""

from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.audit.recording import record
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from competitions.base.reasons import reason_of
from competitions.programme.models import Stage
from competitions.registration.corrections.changes import apply, asked, digest_of, read
from competitions.registration.corrections.checks import judge_faults, require_correctable
from competitions.registration.corrections.models import KIND, EntryCorrection, EntryCorrectionDecision
from competitions.registration.corrections.typed import Wanted, changes_of
from competitions.registration.entering import require_version
from competitions.registration.ground import hold
from competitions.registration.models import Entry
from competitions.registration.people import require_none

CORRECTING = second_person.register_kind(KIND, "更正报名信息")


def propose_correction(
    session: Session, entry: Entry, wanted: Wanted, reason: str, *, version: int, by: Actor, at: datetime
) -> EntryCorrection:
    """The first person's part. Raises Invalid (values, reason, nothing is different), Stale (the entry has changed since
    `version`), StateForbids (one waits already, or something forbids it).
    """
    _hold(session, entry)
    require_version(entry, version)
    require_correctable(session, entry)
    if second_person.open_act(session, CORRECTING, entry.id):
        raise StateForbids("correction_waits")
    changes = changes_of(session, entry, wanted)
    words = reason_of(reason, "entry.correct")
    require_correctable(session, entry, {each.field for each in changes})
    require_none(judge_faults(session, entry, changes))
    correction = EntryCorrection(
        entry_id=entry.id,
        number=1 + (session.scalar(_last_number(entry)) or 0),
        changes=[each.document() for each in changes],
        reason=words,
        by=by.id,
        by_name=by.display_name,
        at=at,
    )
    session.add(correction)
    session.flush()
    what = asked(entry, correction.id, changes)
    second_person.propose(session, CORRECTING, entry.id, what, reason=words, by=by, at=at)
    _record(session, "entry.propose_correction", correction, by=by, at=at)
    return correction


def agree_to_correction(session: Session, correction: EntryCorrection, *, by: Actor, at: datetime) -> None:
    """The second person's part: the entry is corrected. Everything is checked anew. Raises StateForbids, Invalid."""
    entry, changes = correction.entry, read(correction.changes)
    _require_open(session, correction)
    require_correctable(session, entry, {each.field for each in changes})
    second_person.decide(session, CORRECTING, entry.id, asked(entry, correction.id, changes), by=by, at=at)
    require_none(judge_faults(session, entry, changes))
    apply(session, entry, changes)
    entry.version += 1
    _decide(session, correction, "agreed", "", by=by, at=at)
    _record(session, "entry.correct", correction, by=by, at=at)


def refuse_correction(session: Session, correction: EntryCorrection, reason: str, *, by: Actor, at: datetime) -> None:
    """The second person does not agree, with a reason; the entry stays as it is. Raises StateForbids, Invalid."""
    words = reason_of(reason, "entry.refuse_correction")
    _require_open(session, correction)
    what = asked(correction.entry, correction.id, read(correction.changes))
    second_person.decide(session, CORRECTING, correction.entry_id, what, agreed=False, by=by, at=at)
    _decide(session, correction, "refused", words, by=by, at=at)
    _record(session, "entry.refuse_correction", correction, by=by, at=at)


def take_back_correction(session: Session, correction: EntryCorrection, *, by: Actor, at: datetime) -> None:
    """Whoever proposed it takes it back. Raises StateForbids for anybody else, and once it is decided."""
    _require_open(session, correction)
    if by.id != correction.by:
        raise StateForbids("correction_of_another")
    second_person.end(session, CORRECTING, correction.entry_id, by=by, at=at)
    _decide(session, correction, "taken_back", "", by=by, at=at)
    _record(session, "entry.take_back_correction", correction, by=by, at=at)


def _hold(session: Session, entry: Entry) -> None:
    """Stages before the entry, as check-in takes them; settling and publishing hold the stage, so they wait."""
    hold(session, Stage.id, session.scalars(select(Stage.id).where(Stage.event_id == entry.event_id)))
    hold(session, Entry.id, [entry.id])
    session.refresh(entry)
    for member in entry.members:
        session.refresh(member)


def _require_open(session: Session, correction: EntryCorrection) -> None:
    _hold(session, correction.entry)
    session.refresh(correction, ["decision"])
    if not correction.waits:
        raise StateForbids("correction_decided")


def _last_number(entry: Entry) -> Select[int | None]:
    return select(func.max(EntryCorrection.number)).where(EntryCorrection.entry_id == entry.id)


def _decide(
    session: Session, correction: EntryCorrection, answer: str, reason: str, *, by: Actor, at: datetime
) -> None:
    decision = EntryCorrectionDecision(
        correction_id=correction.id, answer=answer, reason=reason, by=by.id, by_name=by.display_name, at=at
    )
    session.add(decision)
    session.flush()
    session.expire(correction, ["decision"])


def _record(session: Session, action: str, correction: EntryCorrection, *, by: Actor, at: datetime) -> None:
    """Ids and a keyed digest: neither the values nor the reason, which may name them."""
    changes = read(correction.changes)
    record(
        session,
        action,
        "entry",
        correction.entry_id,
        by=by,
        at=at,
        after={
            "correction": correction.id,
            "fields": sorted({each.field for each in changes}),
            "digest": digest_of(correction.entry_id, changes, correction.reason),
        },
    )
