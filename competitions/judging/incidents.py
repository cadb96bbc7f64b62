"""What happens in the hall, by code: violations with deductions, bonuses, absent, withdrawn, disqualified. Never
commits.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.coding.models import CodedPlace
from competitions.errors import Invalid, StateForbids
from competitions.judging.marks import NotANumber, read_value
from competitions.judging.models import Incident, ScoreSheet
from competitions.permissions import Actor
from competitions.programme.models import Module, Stage
from competitions.scoring.numbers import plain

STATUSES = ("absent", "withdrawn", "disqualified")
VALUED = ("violation", "bonus")
LARGEST = Fraction(1000)


@dataclass(frozen=True, slots=True)
class Happening:
    """An incident as it is reported: `value` as typed, `status` one of STATUSES, module None: the total or the whole
    stage.
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
    place = session.scalar(select(CodedPlace).where(
        CodedPlace.stage_id == stage.id, CodedPlace.code == happening.code))
    if place is None:
        raise Invalid([_problem("incident.code", "code", named=happening.code[:12])])
    value = _value(happening)
    if happening.kind == "status" and happening.status not in STATUSES:
        raise Invalid([_problem("incident.status", "status")])
    if len(happening.text.strip()) < 2:
        raise Invalid([_problem("incident.text", "text")])
    _require_unsigned(session, stage, happening.code, happening.module)
    incident = Incident(
        stage_id=stage.id, module_id=happening.module.id if happening.module else None, code=happening.code,
        kind=happening.kind, value=value, status=happening.status if happening.kind == "status" else None,
        text=happening.text.strip(), by=by.id, at=at)
    session.add(incident)
    session.flush()
    record(
        "incident.record",
        "stage",
        stage.id,
        by=by,
        at=at,
        after={
            "incident": incident.id,
            "code": incident.code,
            "kind": incident.kind,
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
    _require_unsigned(session, stage, incident.code, module)
    incident.revoked_at, incident.revoked_by = at, by.id
    record("incident.revoke", "stage", stage.id, by=by, at=at, after={"incident": incident.id})


def incidents_of(session: Session, stage_id: str) -> list[Incident]:
    """All incidents of a stage, newest first, those taken back too."""
    return list(session.scalars(select(Incident).where(Incident.stage_id == stage_id)
                                .order_by(Incident.at.desc(), Incident.id)))


def statuses_of(session: Session, stage_id: str) -> dict[str, str]:
    """Code → the status that an incident sets (the newest that holds)."""
    rows = session.execute(select(Incident.code, Incident.status).where(
        Incident.stage_id == stage_id, Incident.kind == "status", Incident.revoked_at.is_(None))
        .order_by(Incident.at, Incident.id))
    return {code: status for code, status in rows if status}


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


def _require_unsigned(session: Session, stage: Stage, code: str, module: Module | None) -> None:
    """What is signed does not change: neither the module named nor, without one, any module of the code."""
    if stage.settled_at is not None:
        raise StateForbids("settled")
    signed = select(ScoreSheet.id).join(ScoreSheet.module).where(
        Module.stage_id == stage.id, ScoreSheet.code == code, ScoreSheet.state == "signed")
    if module is not None and session.scalar(signed.where(Module.id == module.id).limit(1)):
        raise StateForbids("signed")


def _problem(code: str, where: str, **params: str) -> dict[str, object]:
    return {"code": code, "where": where, "params": params}
