"""Verifying the log and handing it out, at once or as a job: routes on the blueprint of the log, which lies below jobs."""

from pathlib import Path
from typing import Any

from flask import current_app, request
from sqlalchemy.orm import Session

from competitions.audit.anchors import anchor_file
from competitions.audit.handing_out import MOST_EXPORTED, events_workbook, found_events, verified
from competitions.audit.queries import VERIFIED, VERIFY
from competitions.audit.recording import head
from competitions.audit.views import bp
from competitions.base.counts import count_of
from competitions.base.errors import Denied
from competitions.base.permissions import Actor, Permission
from competitions.jobs.handing_out import hand_out
from competitions.jobs.kinds import Kind, Parameters, Result, Work, register, workbook
from competitions.web.declared import requires

FILTERS = ("kind", "q")


@bp.post("/desk/audit/chain")
@requires(Permission.VIEW_AUDIT)
def verify_chain() -> Any:
    """The whole verification, as `flask audit verify` makes it; who asked and what it saw is recorded."""
    return hand_out(VERIFICATION, {}, "核验审计记录")


@bp.get("/desk/audit.xlsx")
@requires(Permission.VIEW_AUDIT)
def events_export() -> Any:
    """The list with its filters as a workbook, newest first."""
    asked = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    return hand_out(WORKBOOK, asked, "审计记录")


def _records(session: Session, actor: Actor, _parameters: Parameters) -> int:
    _check(actor)
    return head(session)[0]


def _verify(work: Work) -> Result:
    file: Path = anchor_file(current_app.extensions["settings"].instance_path)
    facts = verified(work.session, file, work.at)
    return Result(action=VERIFY, object_kind="audit", object_id=VERIFIED, facts=facts)


def _rows(session: Session, actor: Actor, parameters: Parameters) -> int:
    _check(actor)
    return count_of(session, found_events(actor, parameters), MOST_EXPORTED).number


def _export(work: Work) -> Result:
    of = _rows(work.session, work.actor, work.parameters)
    content, rows = events_workbook(
        work.session, work.actor, work.parameters, lambda number: work.done(number, of, most=60)
    )
    return Result(workbook("审计记录.xlsx", content), "audit.export", "audit", facts={"rows": rows})


def _check(actor: Actor) -> None:
    if not actor.may(Permission.VIEW_AUDIT):
        raise Denied


VERIFICATION = register(Kind("audit.verify", _records, _verify, place="audit.chain"))
WORKBOOK = register(Kind("audit.events", _rows, _export))
