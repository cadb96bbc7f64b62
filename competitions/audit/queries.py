"""Questions about the audit records that a supervisor may see. Knows no request."""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from competitions.audit.models import AuditEvent
from competitions.audit.reach import within
from competitions.base.permissions import SYSTEM, Actor, Permission

Names = Callable[[Session, Iterable[str | None]], Mapping[str | None, str]]
_names: list[Names] = []


def events_in_scope(actor: Actor, permission: Permission) -> Select[AuditEvent]:
    """Records about what lies in the actor's competitions and events."""
    return select(AuditEvent).where(within(actor.scopes(permission)))


def register_names(names: Names) -> None:
    """Accounts, which lie above, say how people are called: a function from ids to names."""
    _names[:] = [names]


def people(session: Session, ids: Iterable[str | None]) -> dict[str | None, str]:
    """User id → name."""
    known = _names[0](session, ids) if _names else {}
    return {SYSTEM.id: SYSTEM.display_name, **known}
