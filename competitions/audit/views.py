"""Pages for supervisors: what was done in their competitions, and whether the log is sound."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Select

from competitions.audit.action_words import OBJECTS, action_word, change_words, check_word, object_word
from competitions.audit.anchors import anchor_file
from competitions.audit.models import AuditEvent
from competitions.audit.queries import VERIFIED, VERIFY, events_in_scope, last_verification, people
from competitions.audit.recording import head, record, transaction
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.clock import moment
from competitions.base.database import db
from competitions.base.ordering import ordered
from competitions.base.permissions import Permission
from competitions.tabular.writing import Table, TableColumn, content_disposition, write_workbook
from competitions.web.declared import requires
from competitions.web.listing import listed, searched
from competitions.web.navigation import Link

bp = Blueprint("audit", __name__)

blueprints = [bp]
LINKS = (Link("管理", 4, "审计", "audit.events", "history", Permission.VIEW_AUDIT, main=False),)
"""This feature's places in the navigation."""
MOST_FINDINGS = 50
"""Findings of a verification that are recorded and shown; `flask audit verify` lists more."""
MOST_EXPORTED = 5000
SORTS = {"seq": AuditEvent.seq, "action": AuditEvent.action}
SEARCH = (AuditEvent.object_id, AuditEvent.action)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/desk/audit")
@requires(Permission.VIEW_AUDIT)
def events() -> str:
    """Records in scope, newest first, and what the last verification saw."""
    session = db.session()
    page = listed(session, _statement(), sorts=SORTS, default="-seq", search=SEARCH, unique=AuditEvent.seq)
    verified = last_verification(session)
    return render_template(
        "audit/event_list.html",
        page=page,
        people=people(session, [*(row.by_id for row in page.items), verified.by_id if verified else None]),
        kinds=list(OBJECTS.items()),
        action_word=action_word,
        object_word=object_word,
        change_words=change_words,
        moment=moment,
        verified=verified,
        last=head(session)[0],
    )


@bp.get("/desk/audit/chain")
@requires(Permission.VIEW_AUDIT)
def chain() -> str:
    """What the last verification saw, and the way to another."""
    session = db.session()
    verified = last_verification(session)
    return render_template(
        "audit/chain_show.html",
        verified=verified,
        people=people(session, [verified.by_id if verified else None]),
        moment=moment,
        last=head(session)[0],
        most=MOST_FINDINGS,
        check_word=check_word,
    )


@bp.post("/desk/audit/chain")
@requires(Permission.VIEW_AUDIT)
def verify_chain() -> Any:
    """The whole verification, as `flask audit verify` makes it; who asked and what it saw is recorded."""
    at = clock.now()
    document = verify(db.session(), at=at, anchors=_anchors()).document()
    document["findings"] = document["findings"][:MOST_FINDINGS]
    with transaction() as session:
        record(session, VERIFY, "audit", VERIFIED, by=current_user, at=at, after=document)
    return redirect(url_for("audit.chain"), 303)


@bp.get("/desk/audit.xlsx")
@requires(Permission.VIEW_AUDIT)
def events_export() -> Response:
    """The list with its filters as a workbook, newest first, 5,000 rows at most."""
    session = db.session()
    statement = searched(_statement(), SEARCH, request.args.get("q", ""))
    rows = session.scalars(ordered(statement, SORTS, "-seq", AuditEvent.seq).limit(MOST_EXPORTED)).all()
    names = people(session, [row.by_id for row in rows])
    columns = [
        TableColumn("seq", "序号", "integer"),
        TableColumn("at", "时间"),
        TableColumn("by", "办理人"),
        TableColumn("action", "事项"),
        TableColumn("object", "对象"),
        TableColumn("change", "变化"),
        TableColumn("hash", "校验值"),
    ]
    table = Table("审计记录", columns, [_line(row, names) for row in rows], ["按序号从新到旧"])
    content = write_workbook([table], title="审计记录")
    handed_out = {"file": hashlib.sha256(content).hexdigest(), "rows": len(rows)}
    with transaction():
        record(session, "audit.export", "audit", None, by=current_user, at=clock.now(), after=handed_out)
    return Response(
        content,
        mimetype=XLSX,
        headers={"Content-Disposition": content_disposition("审计记录.xlsx")},
    )


def _statement() -> Select[Any]:
    statement = events_in_scope(current_user, Permission.VIEW_AUDIT)
    if kind := request.args.get("kind"):
        statement = statement.where(AuditEvent.object_kind == kind)
    return statement


def _line(row: AuditEvent, names: Mapping[str | None, str]) -> dict[str, object]:
    return {
        "seq": row.seq,
        "at": clock.beijing_text(moment(row.at_us), "%Y-%m-%d %H:%M:%S"),
        "by": names.get(row.by_id, "—"),
        "action": action_word(row.action),
        "object": f"{object_word(row.object_kind)} {row.object_id or ''}",
        "change": change_words(row.payload),
        "hash": row.hash,
    }


def _anchors() -> Path | None:
    file = anchor_file(current_app.extensions["settings"].instance_path)
    return file if file.is_file() else None
