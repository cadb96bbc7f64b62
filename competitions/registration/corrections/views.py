"""更正: the form by which an organiser proposes a correction of an approved entry, and the decision of another."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, Refusal, Stale, StateForbids
from competitions.base.permissions import Permission
from competitions.registration.blueprint import bp
from competitions.registration.corrections import services
from competitions.registration.corrections.checks import require_correctable
from competitions.registration.corrections.forms import CorrectionForm
from competitions.registration.corrections.queries import correction_of, delegations_for
from competitions.registration.entry_page import entry_page
from competitions.registration.entry_views import suggestions
from competitions.registration.models import Entry
from competitions.registration.problems import says
from competitions.registration.queries import entry_in_scope
from competitions.web.declared import requires
from competitions.words.sentences import worded

CORRECT, APPROVE = Permission.CORRECT_ENTRIES, Permission.APPROVE_ENTRY_CORRECTION


@bp.get("/desk/entries/<entry_id>/correction")
@requires(CORRECT)
def correction(entry_id: str) -> Any:
    """The form; where nothing can be corrected, the entry with the sentence that says why."""
    session = db.session()
    entry = entry_in_scope(session, current_user, entry_id, CORRECT)
    try:
        require_correctable(session, entry)
    except StateForbids as fault:
        return entry_page(entry, fault=worded(fault))
    return _page(entry, _form(entry, formdata=None))


def _form(entry: Entry, **more: Any) -> CorrectionForm:
    return CorrectionForm(entry, delegations_for(db.session(), entry), **more)


def _page(entry: Entry, form: CorrectionForm) -> str:
    return render_template(
        "registration/entry_correct.html", entry=entry, form=form, units=suggestions(db.session())["units"]
    )


@bp.post("/desk/entries/<entry_id>/correction")
@requires(CORRECT)
def propose(entry_id: str) -> Any:
    """Propose; nothing changes before another organiser agrees."""
    form = _form(entry_in_scope(db.session(), current_user, entry_id, CORRECT))
    try:
        if not form.validate():
            raise Invalid
        wanted, version, reason = form.wanted(), form.version.data or 0, form.reason.data
        with transaction() as session:
            entry = entry_in_scope(session, current_user, entry_id, CORRECT)
            services.propose_correction(
                session, entry, wanted, reason, version=version, by=current_user, at=clock.now()
            )
    except (Invalid, Stale, StateForbids) as fault:
        return _again(entry_id, form, fault), fault.status
    flash("更正已提出，由组委会另一人（审定）决定后生效。", "success")
    return redirect(url_for("registration.entry", entry_id=entry_id), 303)


def _again(entry_id: str, form: CorrectionForm, fault: Refusal) -> str:
    """The form with what was typed and what is wrong with it; an entry that was changed meanwhile is asked for anew."""
    entry = entry_in_scope(db.session(), current_user, entry_id, CORRECT)
    if isinstance(fault, Stale):
        form = _form(entry, formdata=None)
    if not form.errors:
        for problem in fault.told:
            words = says(problem.code, problem.params)
            if problem.where in form:
                form[problem.where].errors = [*form[problem.where].errors, words]
            else:
                form.form_errors.append(words)
    return _page(entry, form)


@bp.post("/desk/entries/<entry_id>/corrections/<correction_id>/agree")
@requires(APPROVE)
def agree_to_correction(entry_id: str, correction_id: str) -> Any:
    """The second person agrees."""
    return _decided(
        entry_id,
        APPROVE,
        lambda session, entry: services.agree_to_correction(
            session, correction_of(session, entry, correction_id), by=current_user, at=clock.now()
        ),
        "已更正。今后的签到表、成绩册、公布等都按更正后的内容；已经打印的，请重新打印。",
    )


@bp.post("/desk/entries/<entry_id>/corrections/<correction_id>/refuse")
@requires(APPROVE)
def refuse_correction(entry_id: str, correction_id: str) -> Any:
    """The second person does not agree."""
    return _decided(
        entry_id,
        APPROVE,
        lambda session, entry: services.refuse_correction(
            session,
            correction_of(session, entry, correction_id),
            request.form.get("reason", ""),
            by=current_user,
            at=clock.now(),
        ),
        "未同意更正，报名保持原样。",
    )


@bp.post("/desk/entries/<entry_id>/corrections/<correction_id>/take-back")
@requires(CORRECT)
def take_back_correction(entry_id: str, correction_id: str) -> Any:
    """Whoever proposed it takes it back."""
    return _decided(
        entry_id,
        CORRECT,
        lambda session, entry: services.take_back_correction(
            session, correction_of(session, entry, correction_id), by=current_user, at=clock.now()
        ),
        "更正已收回，报名保持原样。",
    )


def _decided(entry_id: str, permission: Permission, verb: Any, said: str) -> Any:
    """Do it and show the entry; what is refused stands above it."""
    try:
        with transaction() as session:
            verb(session, entry_in_scope(session, current_user, entry_id, permission))
    except (Invalid, StateForbids) as fault:
        entry = entry_in_scope(db.session(), current_user, entry_id, permission)
        return entry_page(entry, fault="；".join(says(each.code, each.params) for each in fault.told)), fault.status
    flash(said, "success")
    return redirect(url_for("registration.entry", entry_id=entry_id), 303)
