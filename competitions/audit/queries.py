"""Questions about the audit records that a supervisor may see. Knows no request."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from competitions.audit.models import AuditEvent
from competitions.audit.reach import within
from competitions.base.permissions import SYSTEM, Actor, Permission

Names = Callable[[Session, Iterable[str | None]], Mapping[str | None, str]]
_names: list[Names] = []

VERIFY, VERIFIED = "audit.verify", "chain"
"""Action and object under which a verification is recorded."""


RESTORE, RESTORED = "audit.restore", "restored"
"""Action and object under which a restore of a backup is recorded."""


def events_in_scope(actor: Actor, permission: Permission) -> Select[AuditEvent]:
    """Records about what lies in the actor's competitions and events."""
    return select(AuditEvent).where(within(actor.scopes(permission)))


@dataclass(frozen=True, slots=True)
class Verified:
    """The last verification that somebody asked for on the page: the number of its record, when (microseconds), by whom,
    what it saw (`verification.Report.document`, the first findings only).
    """

    seq: int
    at_us: int
    by_id: str | None
    report: dict[str, Any]


def last_verification(session: Session) -> Verified | None:
    """As the log has it; None before the first."""
    row = session.scalar(
        select(AuditEvent)
        .where(AuditEvent.object_id == VERIFIED, AuditEvent.action == VERIFY)
        .order_by(AuditEvent.seq.desc())
        .limit(1)
    )
    return Verified(row.seq, row.at_us, row.by_id, json.loads(row.payload)["after"]) if row else None


def register_names(names: Names) -> None:
    """Accounts, which lie above, say how people are called: a function from ids to names."""
    _names[:] = [names]


def people(session: Session, ids: Iterable[str | None]) -> dict[str | None, str]:
    """User id → name."""
    known = _names[0](session, ids) if _names else {}
    return {SYSTEM.id: SYSTEM.display_name, **known}
