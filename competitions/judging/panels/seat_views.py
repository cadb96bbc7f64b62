"""The chief judge's acts on one code: recusing a judge, taking it back, appointing somebody who marks in his place."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.judging.models import ScoreSheet
from competitions.judging.panels.facts import seat_facts
from competitions.judging.panels.models import SheetChange
from competitions.judging.panels.recusals import appoint, recuse, take_back
from competitions.judging.panels.rules import CHANGES, OWED
from competitions.judging.queries import sheet_in_scope
from competitions.judging.signing.reopening import request_taking_back
from competitions.programme.models import Module, Stage
from competitions.web.declared import requires
from competitions.web.listing import listed
from competitions.words.sentences import sentence

CHIEF, WATCH = Permission.SIGN_MODULES, Permission.APPROVE_REQUESTS


@bp.get("/desk/judging/seats")
@requires(WATCH)
def seats() -> str:
    """For the supervisor: who was taken off which code, put back or named in his place, by whom and why."""
    session = db.session()
    whole = joinedload(ScoreSheet.module).joinedload(Module.stage).joinedload(Stage.event)
    page = listed(
        session,
        seat_facts(current_user).join(ScoreSheet, ScoreSheet.id == SheetChange.sheet_id),
        sorts={"at": SheetChange.at, "code": ScoreSheet.code},
        default="-at",
        codes=[ScoreSheet.code, SheetChange.reason],
        unique=SheetChange.id,
    )
    sheets = select(ScoreSheet).where(ScoreSheet.id.in_([each.sheet_id for each in page.items])).options(whole)
    ids = {person for each in page.items for person in (each.by, each.from_judge_id, each.judge_id)}
    return render_template(
        "judging/seats_list.html",
        page=page,
        sheets={sheet.id: sheet for sheet in session.scalars(sheets)},
        names={user.id: user.display_name for user in session.scalars(select(User).where(User.id.in_(ids)))},
        changes=CHANGES,
    )


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
    """The recusal was a mistake; the supervisor has to agree when the sheet was delivered."""
    with transaction() as session:
        sheet = sheet_in_scope(session, current_user, sheet_id, CHIEF)
        seen = sheet.state not in OWED
        act = request_taking_back if seen else take_back
        act(session, sheet, request.form.get("reason", ""), by=current_user, at=clock.now())
    flash(
        "已提出撤回回避，等待监督员同意；同意后原来的评分照常计入。"
        if seen
        else "已撤回回避，这份评分表照常计入。监督员可以看到这次撤回。",
        "success",
    )
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
            address, said = (
                own.id,
                f"已指派{user.display_name}评 {sheet.code}，评分表已在他的平板上。监督员可以看到这次指派。",
            )
    except Invalid as refusal:
        flash(sentence(refusal.code, **refusal.params), "danger")
        return redirect(url_for("judging.sheet_revisions", sheet_id=sheet_id), 303)
    flash(said, "success")
    return redirect(url_for("judging.sheet_revisions", sheet_id=address), 303)
