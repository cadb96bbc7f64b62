"""The chief judge's acts on one code: recusing a judge, taking it back, appointing somebody who marks in his place."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_login import current_user

from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.errors import Invalid
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.judging.panels.recusals import appoint, recuse, take_back
from competitions.judging.queries import sheet_in_scope
from competitions.web.declared import requires
from competitions.words.sentences import sentence

CHIEF = Permission.SIGN_MODULES


@bp.post("/desk/judging/sheets/<sheet_id>/recuse")
@requires(CHIEF)
def sheet_recuse(sheet_id: str) -> Any:
    """The chief judge takes a judge off a code (回避)."""
    with transaction() as session:
        sheet = sheet_in_scope(session, current_user, sheet_id, CHIEF)
        reason = request.form.get("reason", "")
        recuse(session, sheet.module, sheet.code, sheet.judge_id, reason, by=current_user, at=clock.now())
    flash("已按回避处理，这份评分表不再计入。可以在本页指派他人代评，或撤回回避。", "success")
    return redirect(url_for("judging.sheet_revisions", sheet_id=sheet_id), 303)


@bp.post("/desk/judging/sheets/<sheet_id>/take-back")
@requires(CHIEF)
def sheet_take_back(sheet_id: str) -> Any:
    """The recusal was a mistake."""
    with transaction() as session:
        sheet = sheet_in_scope(session, current_user, sheet_id, CHIEF)
        take_back(session, sheet, request.form.get("reason", ""), by=current_user, at=clock.now())
    flash("已撤回回避，这份评分表照常计入。", "success")
    return redirect(url_for("judging.sheet_revisions", sheet_id=sheet_id), 303)


@bp.post("/desk/judging/sheets/<sheet_id>/appoint")
@requires(CHIEF)
def sheet_appoint(sheet_id: str) -> Any:
    """Somebody marks this one code in the place of a judge who is recused or has left."""
    try:
        with transaction() as session:
            sheet = sheet_in_scope(session, current_user, sheet_id, CHIEF)
            user = session.get(User, request.form.get("user", ""))
            if user is None:
                raise Invalid(code="invalid.nobody_chosen")
            own = appoint(session, sheet, user, by=current_user, at=clock.now())
            address, said = own.id, f"已指派{user.display_name}评 {sheet.code}，评分表已在他的平板上。"
    except Invalid as refusal:
        flash(sentence(refusal.code, **refusal.params), "danger")
        return redirect(url_for("judging.sheet_revisions", sheet_id=sheet_id), 303)
    flash(said, "success")
    return redirect(url_for("judging.sheet_revisions", sheet_id=address), 303)
