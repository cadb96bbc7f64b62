"""Questions about the audit records that a supervisor may see. Knows no request."""

from collections.abc import Iterable

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from competitions.audit.models import AuditEvent
from competitions.audit.reach import within
from competitions.base.database import Base
from competitions.base.permissions import Actor, Permission


def events_in_scope(actor: Actor, permission: Permission) -> Select[AuditEvent]:
    """Records about what lies in the actor's competitions and events."""
    return select(AuditEvent).where(within(actor.scopes(permission)))


def people(session: Session, ids: Iterable[str | None]) -> dict[str, str]:
    """User id → name. Accounts lie above this feature, so the table is known by its name."""
    table = Base.metadata.tables["user_account"]
    wanted = {each for each in ids if each}
    rows = session.execute(select(table.c.id, table.c.display_name).where(table.c.id.in_(wanted)))
    return {"system": "系统", **{row[0]: row[1] for row in rows}}
