"""What the log tells of archives, and whom it concerns. Knows no file and no request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, literal, or_, select
from sqlalchemy.orm import Session

from competitions.audit.models import AuditEvent
from competitions.audit.queries import RESTORED
from competitions.audit.reach import concerns_all
from competitions.base.clock import moment
from competitions.base.permissions import Actor, Permission, Scopes
from competitions.base.waiting import Waiting
from competitions.demo.mark import is_demo
from competitions.home.queries import also_waiting
from competitions.programme.models import Event, Stage

BACKUPS = "backups"
"""The object of all records about archives."""
CREATE, CHECK = "backup.create", "backup.check"
WARN_AFTER = timedelta(days=1)
_MOST = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What a record tells of an archive: what was done, when, by whom, and the facts."""

    action: str
    at: datetime
    by_id: str | None
    facts: Mapping[str, Any]


def told(session: Session) -> list[Told]:
    """The newest records about archives, the newest first."""
    rows = session.scalars(
        select(AuditEvent).where(AuditEvent.object_id == BACKUPS).order_by(AuditEvent.seq.desc()).limit(_MOST)
    )
    return [Told(row.action, moment(row.at_us), row.by_id, json.loads(row.payload).get("after", {})) for row in rows]


def last_made(session: Session) -> datetime | None:
    """When the newest archive was made, whether or not it still lies somewhere."""
    statement = select(AuditEvent.at_us).where(AuditEvent.object_id == BACKUPS, AuditEvent.action == CREATE)
    at_us = session.scalar(statement.order_by(AuditEvent.seq.desc()).limit(1))
    return None if at_us is None else moment(at_us)


def warning(session: Session, at: datetime) -> str | None:
    """A sentence when the newest archive is older than a day, or there is none."""
    made = last_made(session)
    if made is None:
        return "还没有做过备份"
    if at - made <= WARN_AFTER:
        return None
    hours = int((at - made).total_seconds() // 3600)
    return f"最近一次备份是 {hours} 小时前" if hours < 72 else f"最近一次备份是 {hours // 24} 天前"


def waiting(session: Session, actor: Actor, at: datetime) -> list[Waiting]:
    """The administrator is told that it is time for a backup; not in the demonstration."""
    if not actor.may(Permission.CONFIGURE_SYSTEM) or is_demo():
        return []
    said = warning(session, at)
    return [Waiting(f"{said}，请制作备份", "backup.page")] if said else []


def of_supervisors(scopes: Scopes) -> Select[str]:
    """The ids of the records about making and restoring, for whoever supervises a stage that is not settled."""
    unsettled = (
        select(Stage.id)
        .join(Stage.event)
        .where(
            Stage.settled_at.is_(None), or_(Event.competition_id.in_(scopes.competitions), Event.id.in_(scopes.events))
        )
    )
    ids = select(literal(BACKUPS).label("id")).union_all(select(literal(RESTORED))).subquery()
    return select(ids.c.id).where(unsettled.exists())


concerns_all(of_supervisors)
also_waiting(waiting)
