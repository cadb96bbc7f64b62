"""What locks and what a deadline forbids. Knows no entry and no mark: others call it."""

from datetime import datetime

from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.clock import beijing
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from competitions.organisations.models import Union
from competitions.programme.models import Competition, Stage
from competitions.programme.queries import deadline_of


def lock_stage(session: Session, stage: Stage, *, by: Actor, at: datetime) -> None:
    """Lock ruleset and marking schemes: at the latest by the first check-in or mark (design.md §4.4). Idempotent."""
    if stage.locked_at is None:
        stage.locked_at = at
        record(session, "stage.lock", "stage", stage.id, by=by, at=at)


def require_before(
    session: Session, competition: Competition, deadline: str, union: Union | None, at: datetime
) -> None:
    """Raises StateForbids with the date and whom to call when the cut-off has passed for this union."""
    until = deadline_of(session, competition, deadline, union)
    if at > until:
        local = beijing(until)
        raise StateForbids(
            "deadline_passed",
            until=f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}",
            contact=competition.contact or "组委会办公室",
            phone=competition.contact_phone or "见赛事通知",
        )
