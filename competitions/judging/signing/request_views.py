"""Reopening and late deliveries: the chief judge asks, the supervisor decides."""

import json
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.judging.models import ScoreSheet
from competitions.judging.queries import revision_of, sheet_in_scope
from competitions.judging.schemes.versions import aspects_of
from competitions.judging.sheets.blind import revision_document
from competitions.judging.signing.models import ChangeRequest
from competitions.judging.signing.reopening import (
    approve_request,
    dismiss_late_delivery,
    refuse_request,
    request_late_delivery,
    request_reopening,
)
from competitions.judging.signing.request_queries import late_in_scope, request_in_scope, requests_in_scope
from competitions.web.declared import requires
from competitions.web.listing import listed

ASK, DECIDE = Permission.REQUEST_REOPENING, Permission.APPROVE_REQUESTS


@bp.get("/desk/judging/requests")
@requires(DECIDE)
def requests() -> str:
    """Requests to be decided, and those decided."""
    session = db.session()
    statement = requests_in_scope(current_user, DECIDE).join(ChangeRequest.sheet)
    state = request.args.get("state")
    if state in ("waiting", "approved", "refused"):
        statement = statement.where(ChangeRequest.state == state)
    page = listed(
        session,
        statement,
        sorts={"at": ChangeRequest.requested_at, "state": ChangeRequest.state, "code": ScoreSheet.code},
        default="-state",
        search=[ChangeRequest.search_text],
        codes=[ScoreSheet.code],
        unique=ChangeRequest.id,
    )
    names = {
        user.id: user.display_name
        for user in session.query(User).filter(User.id.in_([each.requested_by for each in page.items]))
    }
    decidable = {each.id for each in page.items if each.may_be_decided_by(current_user.id)}
    return render_template("judging/requests_list.html", page=page, names=names, decidable=decidable)


@bp.post("/desk/judging/sheets/<sheet_id>/reopen")
@requires(ASK)
def sheet_reopen(sheet_id: str) -> Any:
    """The chief judge asks for a reopening."""
    with transaction() as session:
        sheet = sheet_in_scope(session, current_user, sheet_id, ASK, lock=True)
        request_reopening(session, sheet, request.form.get("reason", ""), by=current_user, at=clock.now())
    flash("已提出重新开放申请，等待监督员同意。", "success")
    return redirect(url_for("judging.sheet_revisions", sheet_id=sheet_id), 303)


@bp.post("/desk/judging/requests/<request_id>/<any(approve, refuse):decision>")
@requires(DECIDE)
def request_decide(request_id: str, decision: str) -> Any:
    """The supervisor consents or refuses."""
    with transaction() as session:
        made = request_in_scope(session, current_user, request_id)
        decide = approve_request if decision == "approve" else refuse_request
        decide(session, made, by=current_user, at=clock.now())
    flash("已同意，该评分表重新开放。" if decision == "approve" else "已退回申请，评分表保持不变。", "success")
    return redirect(url_for("judging.requests"), 303)


@bp.get("/desk/judging/late/<late_id>")
@requires(ASK)
def late(late_id: str) -> str:
    """A delivery that came after the signature, beside what is signed."""
    session = db.session()
    found = late_in_scope(session, current_user, late_id)
    sheet = sheet_in_scope(session, current_user, found.sheet_id, ASK)
    try:
        body = json.loads(found.body)
    except ValueError:
        raise NotFound from None
    return render_template(
        "judging/late.html",
        late=found,
        author=session.get_one(User, found.user_id).display_name,
        sheet=sheet,
        body=body,
        current=revision_document(revision_of(session, sheet)),
        aspects=[aspect.document() for aspect in aspects_of(session, sheet.module)],
    )


@bp.post("/desk/judging/late/<late_id>/<any(take, dismiss):decision>")
@requires(ASK)
def late_decide(late_id: str, decision: str) -> Any:
    """Ask for a late delivery to be taken, or leave it aside."""
    with transaction() as session:
        found = late_in_scope(session, current_user, late_id)
        decide = request_late_delivery if decision == "take" else dismiss_late_delivery
        decide(session, found, request.form.get("reason", ""), by=current_user, at=clock.now())
        module_id = session.get_one(ScoreSheet, found.sheet_id).module_id
    flash("已提出采纳申请，等待监督员同意。" if decision == "take" else "已注明不采纳，原文仍保留备查。", "success")
    return redirect(url_for("judging.matrix", module_id=module_id), 303)
