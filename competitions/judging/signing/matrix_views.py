"""The chief judge's pages: the matrix of codes × judges, a sheet with its revisions, signing, the paper to be signed."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db, new_id
from competitions.base.errors import NotFound, StateForbids
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.judging.models import JudgeSignature, ScoreRevision, SheetConfirmation
from competitions.judging.module_pages import chosen_division, divisions_of, module_lines
from competitions.judging.panels.rules import CHANGES, OWED, WORDS
from competitions.judging.panels.ways import ways_out_of
from competitions.judging.queries import judge_names, judges_ever, panel_of, sheet_in_scope
from competitions.judging.schemes.versions import aspects_of
from competitions.judging.sheets.blind import revision_document
from competitions.judging.sheets.deliveries import Answer, read_key
from competitions.judging.sheets.delivering import deliver
from competitions.judging.sheets.judgement import call_again, open_calls
from competitions.judging.sheets.tablets import tablets_of
from competitions.judging.signing.matrix import matrix_of
from competitions.judging.signing.models import ChangeRequest, ModuleSignature
from competitions.judging.signing.request_queries import late_deliveries
from competitions.judging.signing.services import paper_code, sign_module, signing_faults
from competitions.programme.models import Division, Module
from competitions.programme.queries import module_in_scope
from competitions.web.declared import requires
from competitions.words.sentences import sentence, worded

VIEW = Permission.VIEW_MATRIX


@bp.get("/desk/judging/matrices")
@requires(VIEW)
def matrices() -> str:
    """The modules with sheets, and where each stands."""
    return render_template("judging/matrices_list.html", lines=module_lines(db.session(), current_user, VIEW))


@bp.get("/desk/modules/<module_id>/matrix")
@requires(VIEW)
def matrix(module_id: str) -> str:
    """Codes × judges of a module of a division, and what keeps it from being signed."""
    session = db.session()
    module = module_in_scope(session, current_user, module_id, VIEW)
    return matrix_page(session, module, chosen_division(session, module))


def matrix_page(session: Session, module: Module, division: Division) -> str:
    """The matrix with the list of what is missing."""
    found = matrix_of(session, module, division)
    faults = [] if found.state.signed else signing_faults(session, module, division.id, found.state)
    tablets = (
        [] if found.state.signed else tablets_of(session, judges_ever(session, module.id, division.id), clock.now())
    )
    called = (
        {row.code for row in found.rows if open_calls(session, module.id, row.code)}
        if any(row.spreads for row in found.rows)
        else set()
    )
    return render_template(
        "judging/matrix.html",
        module=module,
        division=division,
        divisions=divisions_of(session, module),
        matrix=found,
        closed_words=WORDS,
        faults=[worded(fault) for fault in faults],
        called=called,
        key=new_id(),
        tablets=[worded(each.fault()) for each in tablets if each.pending or each.silent],
        pending=any(each.pending for each in tablets),
        late=late_deliveries(session, module.id),
        may_sign=current_user.may(Permission.SIGN_MODULES),
        may_ask=current_user.may(Permission.REQUEST_REOPENING),
        may_record=current_user.may(Permission.RECORD_INCIDENTS),
        code=paper_code(found.state.signature) if found.state.signature else None,
    )


@bp.post("/desk/modules/<module_id>/sign")
@requires(Permission.SIGN_MODULES)
def matrix_sign(module_id: str) -> Any:
    """Sign the module of a division; what is missing is listed instead of signing (409)."""
    division_id = request.form.get("division", "")

    def act(session: Session, at: datetime) -> Answer:
        module = module_in_scope(session, current_user, module_id, Permission.SIGN_MODULES)
        division = next((each for each in divisions_of(session, module) if each.id == division_id), None)
        if division is None:
            raise NotFound
        return {
            "signature": sign_module(
                session, module, division, reason=request.form.get("reason", ""), by=current_user, at=at
            ).id
        }

    try:
        deliver(f"sign {module_id} {division_id}", read_key(request.form.get("key")), division_id, act)
    except StateForbids as refusal:
        session = db.session()
        session.rollback()
        module = module_in_scope(session, current_user, module_id, VIEW)
        flash(sentence(refusal.code, **refusal.params), "danger")
        return matrix_page(session, module, chosen_division(session, module)), 409
    flash("模块已签字锁定。请打印成绩确认单签名存档。", "success")
    return redirect(url_for("judging.matrix", module_id=module_id, division=division_id), 303)


@bp.post("/desk/modules/<module_id>/call-again")
@requires(Permission.SIGN_MODULES)
def matrix_call_again(module_id: str) -> Any:
    """Call the panel to judge an aspect of a code again."""
    with transaction() as session:
        module = module_in_scope(session, current_user, module_id, Permission.SIGN_MODULES)
        call_again(
            session,
            module,
            request.form.get("code", ""),
            request.form.get("aspect", ""),
            by=current_user,
            at=clock.now(),
        )
    flash("已通知各位裁判对这一项重新评议。", "success")
    return redirect(url_for("judging.matrix", module_id=module_id), 303)


@bp.get("/desk/judging/sheets/<sheet_id>/revisions")
@requires(VIEW)
def sheet_revisions(sheet_id: str) -> str:
    """A sheet with all its revisions side by side, who confirmed and what was asked for."""
    session = db.session()
    sheet = sheet_in_scope(session, current_user, sheet_id, VIEW)
    revisions = session.scalars(
        select(ScoreRevision).where(ScoreRevision.sheet_id == sheet.id).order_by(ScoreRevision.number)
    ).all()
    confirmations = session.scalars(select(SheetConfirmation).where(SheetConfirmation.sheet_id == sheet.id)).all()
    ways = ways_out_of(session, sheet, clock.now())
    people = {id_ for each in ways.history for id_ in (each.from_judge_id, each.judge_id, each.by)}
    people |= {revision.author_id for revision in revisions} | {each.by for each in confirmations}
    names = {user.id: user.display_name for user in session.scalars(select(User).where(User.id.in_(people)))}
    return render_template(
        "judging/sheet_revisions.html",
        sheet=sheet,
        revisions=[(each, revision_document(each)) for each in revisions],
        aspects=[aspect.document() for aspect in aspects_of(session, sheet.module)],
        names=names,
        short=judge_names(panel_of(session, sheet.module_id)).get(sheet.judge_id, "—"),
        confirmations={each.number: each for each in confirmations},
        signatures={
            each.number: each
            for each in session.scalars(select(JudgeSignature).where(JudgeSignature.sheet_id == sheet.id))
        },
        requests=session.scalars(
            select(ChangeRequest).where(ChangeRequest.sheet_id == sheet.id).order_by(ChangeRequest.requested_at)
        ).all(),
        may_reopen=current_user.may(Permission.REQUEST_REOPENING) and sheet.is_done and not sheet.closed,
        may_recuse=current_user.may(Permission.SIGN_MODULES) and not sheet.is_signed and not sheet.closed,
        may_sign=current_user.may(Permission.SIGN_MODULES),
        ways=ways,
        changes=CHANGES,
        closed_words=WORDS,
        seen=sheet.state not in OWED,
    )


@bp.get("/desk/modules/<module_id>/paper")
@requires(VIEW)
def paper(module_id: str) -> str:
    """成绩确认单: the signed totals by code with digest and audit head, to be printed and signed by hand."""
    session = db.session()
    module = module_in_scope(session, current_user, module_id, VIEW)
    division = chosen_division(session, module)
    found = matrix_of(session, module, division)
    if found.state.signature is None or not found.state.signed:
        raise StateForbids("not_signed")
    signature = session.scalars(select(ModuleSignature).where(ModuleSignature.id == found.state.signature.id)).one()
    return render_template(
        "judging/paper.html",
        module=module,
        division=division,
        matrix=found,
        closed_words=WORDS,
        signature=signature,
        code=paper_code(signature),
        signer=session.get(User, signature.by),
    )
