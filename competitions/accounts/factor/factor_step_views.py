"""Signing in after the password: straight on, with a code of the phone, or by binding a phone first.

What is known between the pages travels sealed with the browser (signing_in_steps). A form that waits for its person is
carried along (signing_in_again).
"""

from typing import Any

from flask import current_app, flash, g, make_response, redirect, request, session, url_for
from sqlalchemy.orm import Session

from competitions.accounts.blueprint import bp
from competitions.accounts.factor import second_factor
from competitions.accounts.factor.factor_pages import code_page, enrolment_page, recovery_page
from competitions.accounts.factor.second_factor import Asked
from competitions.accounts.forms import CodeForm, FirstCodeForm
from competitions.accounts.models import User
from competitions.accounts.queries import actor_of
from competitions.accounts.sign_in import signing_in, signing_in_again, signing_in_steps
from competitions.accounts.sign_in.cookies import begin_session, with_sign_in
from competitions.accounts.sign_in.signing_in_again import Typed
from competitions.accounts.sign_in.signing_in_steps import Step
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid
from competitions.base.permissions import Permission
from competitions.web.declared import MEGABYTE, Largest, requires
from competitions.words.sentences import sentence

STEP = "sign_in_step"
WHOLE_FORM = Largest(3 * MEGABYTE)


class PasswordChanged(Exception):
    """The account was closed, or has another password than the one that the step began with."""


def go_on(attempt: signing_in.Attempt, target: str, typed: Typed | None = None) -> Any:
    """After a right password: the sign-in, or what is asked of this person first."""
    at, profile = clock.now(), current_app.extensions["settings"].profile
    with transaction() as db_session:
        asked = second_factor.asked_of(db_session, db_session.get_one(User, attempt.user_id), profile, at)
        opened = _open(db_session, attempt) if asked is Asked.NOTHING else None
    if opened is not None:
        return _arrive(opened, target, typed)
    session.clear()
    session[STEP] = signing_in_steps.sealed(attempt, target, at)
    if typed is None:
        page = "accounts.sign_in_code_page" if asked is Asked.CODE else "accounts.sign_in_phone_page"
        return redirect(url_for(page), 303)
    if asked is Asked.CODE:
        return code_page(CodeForm(formdata=None), typed=typed)
    return _phone_page(signing_in_steps.read(session[STEP], at), typed=typed)


@bp.get("/login/code")
@requires(Permission.PUBLIC)
def sign_in_code_page() -> Any:
    """The form for the code; for somebody who has no phone yet, the page where he binds one."""
    step = _step()
    if step is None:
        return _begin_again()
    if second_factor.factor_of(db.session(), step.user_id) is None:
        return redirect(url_for("accounts.sign_in_phone_page"), 303)
    return code_page(CodeForm())


@bp.post("/login/code")
@requires(Permission.PUBLIC, largest=WHOLE_FORM)
def sign_in_code() -> Any:
    """Take the code: 303 when right, 422 when wrong or used, 429 when locked."""
    form, step = CodeForm(), _step()
    typed = signing_in_again.read(request.form.get("typed", ""))
    if step is None:
        return _begin_again(typed)
    if not form.validate():
        return code_page(form, 422, typed=typed)
    if not _reserved(step):
        return code_page(form, 429, sentence("too_many"), typed=typed)
    at = clock.now()
    try:
        with transaction() as db_session:
            user = _user(db_session, step)
            by = actor_of(user, at)
            second_factor.accept(db_session, user.id, form.code.data or "", step.device_id, by=by, at=at)
            opened = _open(db_session, step.attempt(request.cookies.get("device")))
    except PasswordChanged:
        return _begin_again(typed)
    except Invalid as fault:
        _note_failure(step)
        form.show(fault)
        return code_page(form, 422, typed=typed)
    return _arrive(opened, step.target, typed)


@bp.get("/login/phone")
@requires(Permission.PUBLIC)
def sign_in_phone_page() -> Any:
    """Binding a phone before anything else, for somebody whose role needs it."""
    step = _step()
    return _phone_page(step) if step else _begin_again()


@bp.post("/login/phone")
@requires(Permission.PUBLIC, largest=WHOLE_FORM)
def sign_in_phone() -> Any:
    """The phone's first code binds it and signs in; the answer shows the recovery codes, once."""
    form, step = FirstCodeForm(), _step()
    typed = signing_in_again.read(request.form.get("typed", ""))
    if step is None:
        return _begin_again(typed)
    offer, at = request.form.get("offer", ""), clock.now()
    secret = second_factor.offered(offer, step.user_id, at)
    if secret is None or not form.validate():
        return _phone_page(step, form, 422, offer=offer if secret else "", typed=typed)
    if not _reserved(step):
        return _phone_page(step, form, 429, sentence("too_many"), offer=offer, typed=typed)
    try:
        with transaction() as db_session:
            user = _user(db_session, step)
            if second_factor.factor_of(db_session, user.id) is not None:  # bound in another window meanwhile
                return redirect(url_for("accounts.sign_in_code_page"), 303)
            codes = second_factor.enrol(db_session, user, secret, form.code.data or "", by=actor_of(user, at), at=at)
            opened = _open(db_session, step.attempt(request.cookies.get("device")))
    except PasswordChanged:
        return _begin_again(typed)
    except Invalid as fault:
        _note_failure(step)
        form.show(fault)
        return _phone_page(step, form, 422, offer=offer, typed=typed)
    begin_session(opened)
    g.actor_id = opened.actor.id
    mine = typed if typed and typed.is_of(opened.actor.id) else None
    return with_sign_in(recovery_page(codes, step.target, mine), opened)


@bp.post("/desk/typed")
@requires(Permission.SIGNED_IN, largest=WHOLE_FORM)
def typed_again() -> Any:
    """Back to the form that waited while a phone was bound."""
    typed = signing_in_again.read(request.form.get("typed", ""))
    if typed is None or not typed.is_of(g.actor_id):
        return redirect(url_for("home.desk"), 303)
    return signing_in_again.typed_page(typed)


def _arrive(opened: signing_in.OpenedSignIn, target: str, typed: Typed | None) -> Any:
    """Signed in: to the page that was asked for, or back to the form that waits for this person."""
    begin_session(opened)
    if typed is None:
        return with_sign_in(redirect(target, 303), opened)
    if not typed.is_of(opened.actor.id):
        flash("刚才的表单是另一个账号填写的，内容没有带入。", "info")
        return with_sign_in(redirect(target, 303), opened)
    g.actor_id = opened.actor.id
    return with_sign_in(make_response(signing_in_again.typed_page(typed)), opened)


def _phone_page(
    step: Step | None,
    form: FirstCodeForm | None = None,
    status: int = 200,
    fault: str = "",
    *,
    offer: str = "",
    typed: Typed | None = None,
) -> Any:
    at = clock.now()
    user = step.user(db.session()) if step else None
    if user is None or step is None:
        return _begin_again(typed)
    offer = offer or second_factor.offer(step.user_id, at)
    secret = second_factor.offered(offer, step.user_id, at) or ""
    return enrolment_page(
        form or FirstCodeForm(formdata=None), offer, secret, user.username, status, fault, typed=typed
    )


def _begin_again(typed: Typed | None = None) -> Any:
    session.clear()
    if typed is not None:
        return signing_in_again.page(typed, fault=sentence("invalid.sign_in_step")), 422
    flash(sentence("invalid.sign_in_step"), "warning")
    return redirect(url_for("accounts.login_page"), 303)


def _step() -> Step | None:
    return signing_in_steps.read(session.get(STEP, ""), clock.now())


def _user(db_session: Session, step: Step) -> User:
    user = step.user(db_session)
    if user is None:
        raise PasswordChanged
    return user


def _open(db_session: Session, attempt: signing_in.Attempt) -> signing_in.OpenedSignIn:
    address, agent = request.remote_addr or "-", request.user_agent.string
    return signing_in.open_sign_in(db_session, attempt, address, agent, clock.now())


def _reserved(step: Step) -> bool:
    with transaction() as db_session:
        return second_factor.reserve_code(db_session, step.user_id, step.device_id, clock.now())


def _note_failure(step: Step) -> None:
    with transaction() as db_session:
        second_factor.record_failed_code(db_session, step.user_id, at=clock.now())
