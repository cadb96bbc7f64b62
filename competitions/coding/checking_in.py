"""Check-in: who came, came late or did not come. The first one locks the stage's rules. Never commits."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from competitions.audit.recording import record
from competitions.base.clock import beijing_text
from competitions.base.database import new_id
from competitions.base.errors import Invalid, NotFound, StateForbids
from competitions.base.kept_files import ReadyFile, link
from competitions.base.permissions import Actor
from competitions.base.shown import Shown, require_as_shown
from competitions.coding.binding import bind
from competitions.coding.late import uncoded
from competitions.coding.models import CheckIn, PaperCheckIn, Sitting
from competitions.coding.places import mark_presence
from competitions.coding.queries import check_ins_of, codes_of_entries, contender_ids, lock, lots_of
from competitions.coding.sealing import code_without_levels
from competitions.programme.locking import lock_stage
from competitions.programme.models import Stage
from competitions.programme.modules.judging_settings import LATE_MINUTES, JudgingSettings
from competitions.registration.models import Entry
from competitions.registration.shown_entries import entry_names

PRESENT, LATE, ABSENT, WITHDRAWN = "present", "late", "absent", "withdrawn"
PRESENCES = (PRESENT, LATE, ABSENT, WITHDRAWN)


_signed: list[Callable[[Session, str, str], bool]] = []


def signed_codes(answer: Callable[[Session, str, str], bool]) -> None:
    """Have judging, which is above, say whether anything is signed for a final code of a stage (ids)."""
    if answer not in _signed:
        _signed.append(answer)


def is_signed_for(session: Session, stage: Stage, entry_id: str) -> bool:
    """Whether somebody's sheets are signed, by whatever code."""
    code = codes_of_entries(session, stage.id).get(entry_id)
    return code is not None and any(answer(session, stage.id, code) for answer in _signed)


def check_in(session: Session, stage: Stage, entry_id: str, presence: str, *, by: Actor, at: datetime) -> CheckIn:
    """Note that somebody is present, late, absent or gives up (弃权); a correction is a new value. Raises NotFound for an
    entry that does not compete in the stage, Invalid (no such value), StateForbids after the standings are settled, for
    whom has no code yet, and when his sheets are signed (then it takes two, presence_changes.py).
    """
    entry, row = _comer(session, stage, entry_id, presence)
    if row is not None and row.presence != presence and is_signed_for(session, stage, entry_id):
        raise StateForbids("presence_signed")
    return _noted(session, stage, entry, row, presence, by, at)


def change_presence(
    session: Session, stage: Stage, entry_id: str, presence: str, *, by: Actor, at: datetime
) -> CheckIn:
    """The same once two have agreed, whatever is signed. Raises NotFound, Invalid, StateForbids after settling."""
    entry, row = _comer(session, stage, entry_id, presence)
    return _noted(session, stage, entry, row, presence, by, at)


def _comer(session: Session, stage: Stage, entry_id: str, presence: str) -> tuple[Entry, CheckIn | None]:
    if presence not in PRESENCES:
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
    if row is None and entry_id in uncoded(session, stage):
        raise StateForbids("late_uncoded")
    return entry, row


def _noted(
    session: Session, stage: Stage, entry: Entry, row: CheckIn | None, presence: str, by: Actor, at: datetime
) -> CheckIn:
    lock_stage(session, stage, by=by, at=at)
    before = row.presence if row else None
    if row is None:
        row = CheckIn(stage_id=stage.id, entry_id=entry.id, presence=presence, by=by.id, at=at)
        session.add(row)
    row.presence, row.by, row.at = presence, by.id, at
    session.flush()
    bind(session, [entry.id], at)
    code_without_levels(session, stage, at=at)
    mark_presence(session, stage, entry, presence)
    record(session, "check_in.mark", "entry", entry.id, by=by, at=at, before=before, after=presence, stage=stage.id)
    return row


def mark_rest_absent(
    session: Session, stage: Stage, sitting: Sitting, shown: Shown | None = None, *, by: Actor, at: datetime
) -> int:
    """Note everybody of a sitting who has not come as absent, once the time for coming late is over; gives how many.

    Raises StateForbids before, and when they are not those who were `shown` (None: nobody was shown anything).
    """
    until = late_until(stage, sitting)
    if at < until:
        raise StateForbids("late_time_left", until=beijing_text(until, "%H:%M"))
    lock(session, stage)
    missing = not_yet_here(session, stage, sitting)
    _require_shown(session, stage, shown, missing)
    for entry_id in missing:
        check_in(session, stage, entry_id, ABSENT, by=by, at=at)
    return len(missing)


def _require_shown(session: Session, stage: Stage, shown: Shown | None, missing: Sequence[str]) -> None:
    if shown is not None:
        everybody = partial(contender_ids, session, stage)
        require_as_shown(shown, dict.fromkeys(missing, 0), entry_names(session), others=everybody)


def unseen(entry_ids: Iterable[str]) -> Shown:
    """What a page carries that shows these people as not here yet."""
    return Shown.of((entry_id, 0) for entry_id in entry_ids)


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


def check_in_by_paper(
    session: Session, stage: Stage, file: ReadyFile, shown: Shown | None = None, *, by: Actor, at: datetime
) -> int:
    """Everybody who was not checked in is present by the signed 签到表, whose scan was put already; gives how many.

    Raises StateForbids when nobody is left, when they are not those who were `shown`, or when somebody who came late has
    no code yet.
    """
    lock(session, stage)
    missing = sorted(set(contender_ids(session, stage)) - set(check_ins_of(session, stage.id)))
    if not missing:
        raise StateForbids("nobody_unseen")
    _require_shown(session, stage, shown, missing)
    key = new_id()
    session.add(
        PaperCheckIn(
            id=key,
            stage_id=stage.id,
            count=len(missing),
            filename=file.filename,
            sha256=file.sha256,
            file=link(session, file, ("paper_check_in", key), "paper", at=at),
            by=by.id,
            at=at,
        )
    )
    for entry_id in missing:
        check_in(session, stage, entry_id, PRESENT, by=by, at=at)
    after = {"paper": key, "sha256": file.sha256, "count": len(missing)}
    record(session, "check_in.by_paper", "stage", stage.id, by=by, at=at, after=after)
    return len(missing)
