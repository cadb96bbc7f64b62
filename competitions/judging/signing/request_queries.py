"""Questions about reopening requests and late deliveries, within the caller's scope."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from competitions.base.errors import NotFound
from competitions.base.permissions import Actor, Permission
from competitions.judging.models import Quarantine, ScoreSheet
from competitions.judging.queries import sheets_in_scope
from competitions.judging.signing.models import ChangeRequest
from competitions.programme.models import Event, Module, Stage


def requests_in_scope(actor: Actor, *permissions: Permission) -> Select[ChangeRequest]:
    """Requests for sheets of the events in scope, with what they are shown with."""
    sheets = sheets_in_scope(actor, *permissions).with_only_columns(ScoreSheet.id)
    return (
        select(ChangeRequest)
        .where(ChangeRequest.sheet_id.in_(sheets))
        .options(
            joinedload(ChangeRequest.sheet)
            .joinedload(ScoreSheet.module)
            .joinedload(Module.stage)
            .joinedload(Stage.event)
            .joinedload(Event.competition)
        )
    )


def request_in_scope(session: Session, actor: Actor, request_id: str) -> ChangeRequest:
    """A request that the caller may decide. Raises NotFound."""
    found = session.scalar(requests_in_scope(actor, Permission.APPROVE_REQUESTS).where(ChangeRequest.id == request_id))
    if found is None:
        raise NotFound
    return found


def late_in_scope(session: Session, actor: Actor, late_id: str) -> Quarantine:
    """A late delivery that the chief judge decides on. Raises NotFound."""
    sheets = sheets_in_scope(actor, Permission.REQUEST_REOPENING).with_only_columns(ScoreSheet.id)
    found = session.scalar(
        select(Quarantine).where(Quarantine.id == late_id, Quarantine.sheet_id.in_(sheets)).with_for_update()
    )
    if found is None:
        raise NotFound
    return found


def late_deliveries(session: Session, module_id: str) -> list[tuple[Quarantine, ScoreSheet]]:
    """Late deliveries of a module, waiting ones first."""
    rows = session.execute(
        select(Quarantine, ScoreSheet)
        .join(ScoreSheet, ScoreSheet.id == Quarantine.sheet_id)
        .where(ScoreSheet.module_id == module_id)
        .order_by(Quarantine.state.desc(), Quarantine.received_at, Quarantine.id)
    )
    return [(late, sheet) for late, sheet in rows]
