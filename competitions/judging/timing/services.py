"""Changing the time of a module for everybody in a sitting or for one code; never commits.

A floor judge or the chief judge's office enters, the chief judge signs: what somebody else entered as the second person
of the act, what he enters himself at once. Until then it shows in the hall and does not count. Marks are never touched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.audit.chain import digest
from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor, Permission
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of
from competitions.coding.models import CodedPlace, Sitting
from competitions.judging.timing.models import ONE_CODE, TimeChange
from competitions.judging.timing.queries import (
    limits_of,
    reached_places,
    signed_codes_of,
    sittings_of,
    standing,
)
from competitions.programme.models import Module, Stage

SIGNING = second_person.register_kind("time.sign", "签认停表、补时")
LONGEST = 86_400
"""Seconds that can be granted, or stopped, at once."""
ON_PAPER = "纸面评分表登记"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change as it is entered. `code` "" : everybody in the sitting; `begins` none: now; `seconds` of a grant, a limit,
    or a stop that a paper tells.
    """

    kind: str
    code: str = ""
    sitting: Sitting | None = None
    reason: str = ""
    begins: datetime | None = None
    ends: datetime | None = None
    seconds: int | None = None
    source: str = "hall"


def enter_change(session: Session, module: Module, wanted: Wanted, *, by: Actor, at: datetime) -> TimeChange:
    """Enter a change; whole and entered by the chief judge himself it is signed. Raises Invalid by field, StateForbids:
    settled, the sheets of somebody concerned are signed.
    """
    stage = session.get_one(Stage, module.stage_id, with_for_update=True)
    reason = reason_of(wanted.reason, "time.enter")
    code = _code(session, module, wanted)
    change = TimeChange(
        module_id=module.id,
        module=module,
        code=code,
        sitting_id=None if code or wanted.sitting is None else wanted.sitting.id,
        kind=wanted.kind,
        begins_at=wanted.begins or at,
        ends_at=wanted.ends if wanted.kind == "stop" else None,
        seconds=_seconds(session, module, wanted),
        to_sitting_id=_last_sitting(session, module) if wanted.kind == "moved" else None,
        reason=reason,
        source=wanted.source,
        by=by.id,
        at=at,
    )
    _require_times(change, at)
    _require_alone(session, change)
    _require_open(session, stage, change)
    session.add(change)
    session.flush()
    after = {"change": change.id, "kind": change.kind, "code": change.code, "digest": digest(entered(change))}
    record(session, "time.enter", "module", module.id, by=by, at=at, after=after)
    if not change.is_lasting:
        _hand_on(session, stage, change, by=by, at=at)
    return change


def enter_from_paper(
    session: Session, module: Module, code: str, times: Mapping[str, int], *, by: Actor, at: datetime
) -> None:
    """Kind → seconds that a paper tells of a code. Raises what `enter_change` raises."""
    for kind, seconds in times.items():
        wanted = Wanted(kind, code, reason=ON_PAPER, seconds=seconds, source="paper")
        enter_change(session, module, wanted, by=by, at=at)


def resume(session: Session, change: TimeChange, ends: datetime | None = None, *, by: Actor, at: datetime) -> None:
    """A stop ends, now or when it really did; by the chief judge it is signed with that. Raises Invalid, StateForbids."""
    stage = session.get_one(Stage, change.module.stage_id, with_for_update=True)
    if not change.is_lasting:
        raise StateForbids("time_not_stopped")
    change.ends_at, change.resumed_by, change.resumed_at = ends or at, by.id, at
    _require_times(change, at)
    _require_open(session, stage, change)
    session.flush()
    after = {"change": change.id, "ends": moment_text(change.ends_at)}
    record(session, "time.resume", "module", change.module_id, by=by, at=at, after=after)
    _hand_on(session, stage, change, by=by, at=at)


def sign_change(session: Session, change: TimeChange, *, by: Actor, at: datetime) -> None:
    """The chief judge signs what another person entered: from now on it counts. Raises StateForbids."""
    stage = session.get_one(Stage, change.module.stage_id, with_for_update=True)
    if not change.awaits_signature:
        raise StateForbids("time_not_waiting")
    _require_open(session, stage, change)
    second_person.decide(session, SIGNING, change.id, document(change), by=by, at=at)
    _sign(session, change, by=by, at=at)


def withdraw_change(session: Session, change: TimeChange, reason: str, *, by: Actor, at: datetime) -> None:
    """A change does not stand any more: taken back by who entered it, refused or withdrawn by the chief judge. It stays
    to be read. Raises Invalid, StateForbids: withdrawn already, signed and not the chief judge's act, not his own.
    """
    stage = session.get_one(Stage, change.module.stage_id, with_for_update=True)
    if change.withdrawn_at is not None:
        raise StateForbids("revoked_already")
    if not signs(by, stage) and (change.is_signed or by.id not in (change.by, change.resumed_by)):
        raise StateForbids("time_of_another")
    words = reason_of(reason, "time.withdraw")
    _require_open(session, stage, change)
    if second_person.open_act(session, SIGNING, change.id) is not None:
        second_person.end(session, SIGNING, change.id, by=by, at=at)
    change.withdrawn_by, change.withdrawn_at, change.withdrawn_reason = by.id, at, words
    session.flush()
    after = {"change": change.id, "digest": digest(document(change))}
    record(session, "time.withdraw", "module", change.module_id, by=by, at=at, after=after)


def signs(by: Actor, stage: Stage) -> bool:
    """Whether the actor is the chief judge of the stage's event."""
    scopes = by.scopes(Permission.SIGN_MODULES)
    return scopes.system or stage.event_id in scopes.events


def entered(change: TimeChange) -> dict[str, Any]:
    """What was entered at first: all but the end of a stop that was resumed later."""
    resumed = change.resumed_at is not None
    return document(change) | {"ends": None if resumed else moment_text(change.ends_at)}


def document(change: TimeChange) -> dict[str, Any]:
    """A change as it is signed."""
    return {
        "change": change.id,
        "module": change.module_id,
        "sitting": change.sitting_id,
        "code": change.code,
        "kind": change.kind,
        "begins": moment_text(change.begins_at),
        "ends": moment_text(change.ends_at),
        "seconds": change.seconds,
        "to": change.to_sitting_id,
        "reason": change.reason,
        "source": change.source,
    }


def moment_text(moment: datetime | None) -> str | None:
    """A moment as documents and the log say it, whatever the database gives."""
    return moment.astimezone(UTC).isoformat() if moment else None


def _hand_on(session: Session, stage: Stage, change: TimeChange, *, by: Actor, at: datetime) -> None:
    """A whole change is signed by the chief judge who made it whole, else it waits for him."""
    if signs(by, stage):
        _sign(session, change, by=by, at=at)
    else:
        second_person.propose(session, SIGNING, change.id, document(change), reason=change.reason, by=by, at=at)


def _sign(session: Session, change: TimeChange, *, by: Actor, at: datetime) -> None:
    change.signed_by, change.signed_at = by.id, at
    session.flush()
    after = {"change": change.id, "digest": digest(document(change))}
    record(session, "time.sign", "module", change.module_id, by=by, at=at, after=after)


def _code(session: Session, module: Module, wanted: Wanted) -> str | None:
    """The code that is meant, or none for everybody in the sitting. Raises Invalid."""
    if not wanted.code:
        if wanted.kind in ONE_CODE:
            raise Invalid([Problem("time.code_missing", "code")])
        if wanted.sitting is None and len(sittings_of(session, module.stage_id, module.id)) > 1:
            raise Invalid([Problem("time.sitting_missing", "sittings")])
        return None
    place = session.scalar(
        select(CodedPlace.id).where(CodedPlace.stage_id == module.stage_id, CodedPlace.code == wanted.code)
    )
    if place is None:
        raise Invalid([Problem("incident.code", "code", {"named": wanted.code[:12]})])
    return wanted.code


def _seconds(session: Session, module: Module, wanted: Wanted) -> int | None:
    """How long: of a grant and a limit, and of a stop that a paper tells. Raises Invalid."""
    if wanted.kind not in ("grant", "limit") and not (wanted.kind == "stop" and wanted.source == "paper"):
        return None
    if wanted.seconds is None or not 0 < wanted.seconds <= LONGEST:
        raise Invalid([Problem("time.seconds", "seconds")])
    if wanted.kind == "limit":
        limit = limits_of(session, module.stage_id).get(module.key)
        if limit is None:
            raise Invalid([Problem("time.no_limit", "kind")])
        if wanted.seconds <= limit:
            raise Invalid([Problem("time.limit_shorter", "seconds", {"minutes": limit // 60})])
    return wanted.seconds


def _last_sitting(session: Session, module: Module) -> str:
    """The sitting that begins last. Raises Invalid when there is none."""
    sittings = sittings_of(session, module.stage_id, module.id)
    if not sittings:
        raise Invalid([Problem("time.no_sitting", "kind")])
    return sittings[-1].id


def _require_times(change: TimeChange, at: datetime) -> None:
    """Nothing lies in the future, no stop ends before it began or lasts over a day. Raises Invalid."""
    if change.begins_at > at:
        raise Invalid([Problem("time.future", "begins")])
    if change.ends_at is None:
        return
    if change.ends_at > at:
        raise Invalid([Problem("time.future", "ends")])
    if not 0 <= (change.ends_at - change.begins_at).total_seconds() <= LONGEST:
        raise Invalid([Problem("time.ends_before", "ends")])


def _require_alone(session: Session, change: TimeChange) -> None:
    """A code has one limit of its own, is moved once, and a stop that lasts is not begun again. Raises Invalid."""
    others = [
        each
        for each in standing(session, [change.module_id]).get(change.module_id, ())
        if (each.kind, each.code, each.sitting_id) == (change.kind, change.code, change.sitting_id)
    ]
    if change.kind in ("limit", "moved") and others:
        raise Invalid([Problem("time.there_already", "code", {"named": change.code})])
    if change.is_lasting and any(each.is_lasting for each in others):
        raise Invalid([Problem("time.stopped_already", "code")])


def _require_open(session: Session, stage: Stage, change: TimeChange) -> None:
    """What is signed does not change: all sheets of nobody concerned are signed. Raises StateForbids."""
    if stage.settled_at is not None:
        raise StateForbids("settled")
    codes = [place.code for place in reached_places(session, change.module, change)]
    signed = signed_codes_of(session, change.module_id, codes)
    if signed:
        raise StateForbids("time_signed", codes="、".join(signed[:10]))
