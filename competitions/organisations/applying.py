"""Applications for units that are missing: made by a reporter, decided by the next union up. Knows no request."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of
from competitions.organisations.models import Employer, Union, UnitApplication
from competitions.organisations.services import EmployerFacts, UnionFacts, create_employer, create_union


def apply_for_unit(
    session: Session,
    *,
    kind: str,
    union_kind: str,
    name: str,
    uscc: str | None,
    parent: Union,
    reason: str,
    by: Actor,
    at: datetime,
) -> UnitApplication:
    """Ask for a union or employer to be added below `parent`. Raises Invalid when it is there or asked for already."""
    model: type[Union] | type[Employer] = Union if kind == "union" else Employer
    if session.scalar(select(model.id).where(model.name == name)):
        raise Invalid([Problem("invalid.unit.exists", "name")])
    if session.scalar(select(UnitApplication.id).where(UnitApplication.name == name, UnitApplication.state == "open")):
        raise Invalid([Problem("invalid.unit.applied", "name")])
    application = UnitApplication(
        kind=kind,
        union_kind=union_kind,
        name=name,
        uscc=uscc,
        parent_id=parent.id,
        reason=reason,
        applied_by=by.id,
        applied_at=at,
        state="open",
    )
    session.add(application)
    session.flush()
    record(
        session, "unit_application.apply", "unit_application", application.id, by=by, at=at, after={"parent": parent.id}
    )
    return application


def grant_application(session: Session, application: UnitApplication, *, by: Actor, at: datetime) -> str:
    """Add the unit that was asked for; returns its id. Raises StateForbids (decided already, own), Invalid."""
    _require_open(application, by)
    parent = session.get_one(Union, application.parent_id)
    made: Union | Employer
    if application.kind == "union":
        facts = UnionFacts(name=application.name, kind=application.union_kind, uscc=application.uscc)
        made = create_union(session, parent, facts, by=by, at=at)
    else:
        made = create_employer(
            session,
            EmployerFacts(name=application.name, uscc=application.uscc, area_code=parent.area_code, union_id=parent.id),
            by=by,
            at=at,
        )
    application.result_id = made.id
    _close(session, application, "granted", "", by, at)
    return made.id


def refuse_application(session: Session, application: UnitApplication, answer: str, *, by: Actor, at: datetime) -> None:
    """Refuse with a reason that the applicant reads. Raises StateForbids, Invalid without one."""
    _require_open(application, by)
    _close(session, application, "refused", reason_of(answer, "unit_application.refuse"), by, at)


def _require_open(application: UnitApplication, by: Actor) -> None:
    if application.state != "open":
        raise StateForbids("application_decided")
    if application.applied_by == by.id:
        raise StateForbids("own_application")


def _close(session: Session, application: UnitApplication, state: str, answer: str, by: Actor, at: datetime) -> None:
    application.state, application.answer = state, answer
    application.decided_by, application.decided_at = by.id, at
    session.flush()
    record(
        session,
        "unit_application.decide",
        "unit_application",
        application.id,
        by=by,
        at=at,
        before={"state": "open"},
        after={"state": state, "result": application.result_id},
    )
