"""The log as a workbook, and the whole verification as it is recorded. Knows no request."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from competitions.audit.action_words import action_word, change_words, object_word
from competitions.audit.models import AuditEvent
from competitions.audit.queries import events_in_scope, people
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.ordering import ordered
from competitions.base.permissions import Actor, Permission
from competitions.tabular.writing import Table, TableColumn, write_workbook
from competitions.web.listing import searched

SORTS = {"seq": AuditEvent.seq, "action": AuditEvent.action}
CODES = (AuditEvent.object_id, AuditEvent.action)
MOST_EXPORTED = 50_000
MOST_FINDINGS = 50
"""Findings of a verification that are recorded and shown; `flask audit verify` lists more."""
BATCH = 1000
COLUMNS = (
    TableColumn("seq", "序号", "integer"),
    TableColumn("at", "时间"),
    TableColumn("by", "办理人"),
    TableColumn("action", "事项"),
    TableColumn("object", "对象"),
    TableColumn("change", "变化"),
    TableColumn("hash", "校验值"),
)


def asked_events(actor: Actor, asked: Mapping[str, str]) -> Select[Any]:
    """The records in the actor's scope, of the kind that is asked for."""
    statement = events_in_scope(actor, Permission.VIEW_AUDIT)
    if kind := asked.get("kind"):
        statement = statement.where(AuditEvent.object_kind == kind)
    return statement


def found_events(actor: Actor, asked: Mapping[str, str]) -> Select[Any]:
    """Those of them that are searched for, the newest first, as many as one workbook takes."""
    statement = searched(asked_events(actor, asked), (), asked.get("q", ""), CODES)
    return ordered(statement, SORTS, "-seq", AuditEvent.seq).limit(MOST_EXPORTED)


def events_workbook(
    session: Session, actor: Actor, asked: Mapping[str, str], tell: Callable[[int], None]
) -> tuple[bytes, int]:
    """The list with its filters, the newest first, and how many rows it has; `tell` is told how many are read."""
    lines: list[dict[str, object]] = []
    found = session.scalars(found_events(actor, asked).execution_options(yield_per=BATCH))
    for rows in found.partitions():
        names = people(session, [row.by_id for row in rows])
        lines += [_line(row, names) for row in rows]
        tell(len(lines))
    table = Table("审计记录", COLUMNS, lines, ["按序号从新到旧"])
    return write_workbook([table], title="审计记录"), len(lines)


def verified(session: Session, anchors: Path | None, at: datetime) -> dict[str, Any]:
    """The whole verification, as `flask audit verify` makes it, as it is recorded."""
    document = verify(session, at=at, anchors=anchors).document()
    document["findings"] = document["findings"][:MOST_FINDINGS]
    return document


def _line(row: AuditEvent, names: Mapping[str | None, str]) -> dict[str, object]:
    return {
        "seq": row.seq,
        "at": clock.beijing_text(clock.moment(row.at_us), "%Y-%m-%d %H:%M:%S"),
        "by": names.get(row.by_id, "—"),
        "action": action_word(row.action),
        "object": f"{object_word(row.object_kind)} {row.object_id or ''}",
        "change": change_words(row.payload),
        "hash": row.hash,
    }
