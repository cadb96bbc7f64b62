"""Check-in: who came, came late or did not come. The first one locks the stage's rules. Never commits."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from competitions.audit.recording import record
from competitions.base.clock import beijing_text
from competitions.base.errors import Invalid, NotFound, StateForbids
from competitions.base.permissions import Actor
from competitions.coding.models import CheckIn, Sitting
from competitions.coding.places import mark_presence
from competitions.coding.queries import check_ins_of, contender_ids, lock, lots_of
from competitions.coding.sealing import code_without_levels
from competitions.programme.locking import lock_stage
from competitions.programme.models import Stage
from competitions.programme.modules.judging_settings import LATE_MINUTES, JudgingSettings
from competitions.registration.models import Entry

PRESENT, LATE, ABSENT = "present", "late", "absent"


def check_in(session: Session, stage: Stage, entry_id: str, presence: str, *, by: Actor, at: datetime) -> CheckIn:
    """Note that somebody is present, late or absent; a correction is a new value. Raises NotFound for an entry that does not
    compete in the stage, Invalid (no such value), StateForbids after the standings are settled.
    """
    if presence not in (PRESENT, LATE, ABSENT):
        raise Invalid(code="invalid.presence")
    lock(session, stage)
    if stage.settled_at is not None:
        raise StateForbids("settled")
    entry = session.scalar(
        select(Entry).where(Entry.id == entry_id, Entry.event_id == stage.event_id).options(selectinload(Entry.members))
    )
    row = session.scalar(select(CheckIn).where(CheckIn.stage_id == stage.id, CheckIn.entry_id == entry_id))
    if entry is None or (row is None and entry_id not in contender_ids(session, stage)):
        raise NotFound
    lock_stage(session, stage, by=by, at=at)
    before = row.presence if row else None
    if row is None:
        row = CheckIn(stage_id=stage.id, entry_id=entry_id, presence=presence, by=by.id, at=at)
        session.add(row)
    row.presence, row.by, row.at = presence, by.id, at
    session.flush()
    code_without_levels(session, stage, at=at)
    mark_presence(session, stage, entry, presence)
    record(session, "check_in.mark", "entry", entry_id, by=by, at=at, before=before, after=presence, stage=stage.id)
    return row


def mark_rest_absent(session: Session, stage: Stage, sitting: Sitting, *, by: Actor, at: datetime) -> int:
    """Note everybody of a sitting who has not come as absent, once the time for coming late is over; gives how many.

    Raises StateForbids before.
    """
    until = late_until(stage, sitting)
    if at < until:
        raise StateForbids("late_time_left", until=beijing_text(until, "%H:%M"))
    missing = not_yet_here(session, stage, sitting)
    for entry_id in missing:
        check_in(session, stage, entry_id, ABSENT, by=by, at=at)
    return len(missing)


def late_until(stage: Stage, sitting: Sitting) -> datetime:
    """Until when somebody of the sitting may still come (the shortest of its modules' late minutes)."""
    said = [
        JudgingSettings.of(module).late_minutes for module in stage.modules if sitting.module_id in (None, module.id)
    ]
    minutes = [each for each in said if each is not None]
    return sitting.starts_at + timedelta(minutes=min(minutes, default=LATE_MINUTES))


def not_yet_here(session: Session, stage: Stage, sitting: Sitting) -> Sequence[str]:
    """Entries of a sitting that nobody has checked in."""
    seen = check_ins_of(session, stage.id)
    competing = set(contender_ids(session, stage))
    return [
        entry_id
        for entry_id, lot in sorted(lots_of(session, stage.id).items())
        if lot.sitting_id == sitting.id and entry_id not in seen and entry_id in competing
    ]
