"""What happens in the hall, by code: violations with deductions, bonuses, absent, withdrawn, disqualified. Never
commits.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of
from competitions.coding.models import CodedPlace
from competitions.judging.models import Incident, ScoreSheet
from competitions.judging.schemes.marks import NotANumber, read_value
from competitions.judging.schemes.versions import highest_mark, module_parts
from competitions.judging.signing.module_state import module_state
from competitions.judging.signing.statuses import MODULE_STATUSES, STAGE_STATUSES, module_statuses_of
from competitions.programme.models import Module, Stage
from competitions.scoring.numbers import plain

VALUED = ("violation", "bonus")
STATUSES_OF = {"status": STAGE_STATUSES, "module_status": MODULE_STATUSES}
"""Kind of incident → the statuses that it may set."""
LARGEST = Fraction(1000)


@dataclass(frozen=True, slots=True)
class Happening:
    """An incident as it is reported: `value` as typed; `status` one of STAGE_STATUSES (kind `status`) or of
    MODULE_STATUSES (kind `module_status`, which needs a module); module None: the total or the whole stage.
    """

    code: str
    kind: str
    text: str
    module: Module | None = None
    value: str = ""
    status: str | None = None


def record_incident(session: Session, stage: Stage, happening: Happening, *, by: Actor, at: datetime) -> Incident:
    """Record an incident. Raises Invalid by field, StateForbids when the module it acts on is signed or all is
    settled.
    """
    session.get_one(Stage, stage.id, with_for_update=True)
    place = session.scalar(select(CodedPlace).where(CodedPlace.stage_id == stage.id, CodedPlace.code == happening.code))
    if place is None:
        raise Invalid([_problem("incident.code", "code", named=happening.code[:12])])
    value = _value(happening)
    _require_status(session, stage, happening)
    text = reason_of(happening.text, "incident.record", where="text")
    _require_unsigned(session, stage, happening.kind, place, happening.module)
    incident = Incident(
        stage_id=stage.id,
        module_id=happening.module.id if happening.module else None,
        code=happening.code,
        kind=happening.kind,
        value=value,
        status=happening.status if happening.kind in STATUSES_OF else None,
        text=text,
        by=by.id,
        at=at,
    )
    session.add(incident)
    session.flush()
    record(
        session,
        "incident.record",
        "stage",
        stage.id,
        by=by,
        at=at,
        after={
            "incident": incident.id,
            "code": incident.code,
            "kind": incident.kind,
            "module": incident.module_id,
            "value": value,
            "status": incident.status,
        },
    )
    return incident


def revoke_incident(session: Session, incident: Incident, *, by: Actor, at: datetime) -> None:
    """Take an incident back; it stays to be read. Raises StateForbids."""
    session.refresh(incident, with_for_update=True)
    if incident.revoked_at is not None:
        raise StateForbids("revoked_already")
    stage = session.get_one(Stage, incident.stage_id)
    module = session.get(Module, incident.module_id) if incident.module_id else None
    place = session.scalars(
        select(CodedPlace).where(CodedPlace.stage_id == stage.id, CodedPlace.code == incident.code)
    ).one()
    _require_unsigned(session, stage, incident.kind, place, module)
    incident.revoked_at, incident.revoked_by = at, by.id
    record(session, "incident.revoke", "stage", stage.id, by=by, at=at, after={"incident": incident.id})


def incidents_of(session: Session, stage_id: str) -> list[Incident]:
    """All incidents of a stage, newest first, those taken back too."""
    return list(
        session.scalars(select(Incident).where(Incident.stage_id == stage_id).order_by(Incident.at.desc(), Incident.id))
    )


def _value(happening: Happening) -> str | None:
    if happening.kind not in VALUED:
        return None
    try:
        value = read_value(happening.value)
    except NotANumber:
        value = None
    if value is None or not 0 < value <= LARGEST:
        raise Invalid([_problem("incident.value", "value")])
    return plain(value)


def _require_status(session: Session, stage: Stage, happening: Happening) -> None:
    """Raises Invalid for a status that cannot be: unknown, of a stage but naming a module, of a module that is not in
    the ruleset, void where the smallest total wins (scoring.md §4), a second one for the same code and module.
    """
    if happening.kind not in STATUSES_OF:
        return
    if happening.status not in STATUSES_OF[happening.kind]:
        raise Invalid([_problem("incident.status", "status")])
    module = happening.module
    if happening.kind == "status":
        if module is not None:
            raise Invalid([_problem("incident.whole_stage", "module")])
        return
    if module is None or module.key not in module_parts(session, stage.id):
        raise Invalid([_problem("incident.module", "module")])
    if happening.status == "void" and highest_mark(session, module) is None:
        raise Invalid([_problem("incident.void_ascending", "kind")])
    if happening.code in module_statuses_of(session, stage.id).get(module.id, {}):
        raise Invalid([_problem("incident.module_status_there", "code", named=happening.code)])


def _require_unsigned(session: Session, stage: Stage, kind: str, place: CodedPlace, module: Module | None) -> None:
    """What is signed does not change: the sheets of the code in the module named, and, where a status decides whether
    sheets are expected at all, the whole signed module.
    """
    if stage.settled_at is not None:
        raise StateForbids("settled")
    if module is None:
        return
    signed = select(ScoreSheet.id).where(
        ScoreSheet.module_id == module.id, ScoreSheet.code == place.code, ScoreSheet.state == "signed"
    )
    if session.scalar(signed.limit(1)):
        raise StateForbids("signed")
    if kind == "module_status" and module_state(session, module, place.division_id).signed:
        raise StateForbids("signed")


def _problem(code: str, where: str, **params: str) -> Problem:
    return Problem(code, where, params)
