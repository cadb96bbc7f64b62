"""Signing in, signing out, activation, the caller's session. The other pages are imported here."""

import time
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, session, url_for
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from competitions.accounts import act_views, own_views, roles_views, settings_views, users_views
from competitions.accounts.blueprint import bp
from competitions.accounts.factor import factor_step_views, factor_views, lost_phone_views
from competitions.accounts.forms import ActivationForm, SignInForm
from competitions.accounts.issue import import_views
from competitions.accounts.pairs import request_views, shared_views
from competitions.accounts.passwords import check_strength, hashed, verified
from competitions.accounts.sign_in import signing_in, signing_in_again
from competitions.accounts.sign_in.activation import activate, record_failed_activation, reserve_activation
from competitions.accounts.sign_in.questioning import caller, question
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.errors import Invalid, TooMany
from competitions.base.permissions import Permission
from competitions.web.addresses import safe_target
from competitions.web.declared import MEGABYTE, Largest, requires
from competitions.web.navigation import Link
from competitions.words.sentences import sentence

blueprints = [bp]
LINKS = (
    Link("管理", 3, "账号", "accounts.users", "id-badge-2", Permission.MANAGE_ACCOUNTS, main=False),
    Link("管理", 4, "两人办理", "accounts.acts", "users-group", Permission.VIEW_AUDIT, main=False),
    Link("管理", 5, "系统设置", "accounts.settings", "settings", Permission.CONFIGURE_SYSTEM, main=False),
)
"""This feature's places in the navigation."""
__all__ = [
    "LINKS",
    "act_views",
    "blueprints",
    "factor_views",
    "import_views",
    "lost_phone_views",
    "own_views",
    "request_views",
    "roles_views",
    "settings_views",
    "shared_views",
    "users_views",
]


@bp.get("/login")
@requires(Permission.PUBLIC)
def login_page() -> str:
    """The sign-in form."""
    return _sign_in_page(SignInForm(), safe_target(request.args.get("next")))


@bp.post("/login")
@requires(Permission.PUBLIC)
def login() -> Any:
    """303 when right (to the page asked for, or to the second factor), 422 when wrong, 429 when locked; the same words for
    an unknown user and a wrong password.
    """
    form = SignInForm()
    target = safe_target(request.form.get("target"))
    attempt = _attempted(form)
    if attempt is None or attempt.slowed:
        return _sign_in_page(form, target, _fault(form, attempt), asks=attempt is not None), 422
    return factor_step_views.go_on(attempt, target)


@bp.post("/login/again")
@requires(Permission.PUBLIC, largest=Largest(3 * MEGABYTE))  # a whole form, once more as the text of a field
def login_again() -> Any:
    """Signing in while a form waits: what was typed goes on to a page that puts it back, for the same person only."""
    form, typed = SignInForm(), signing_in_again.read(request.form.get("typed", ""))
    if typed is None:
        return redirect(url_for("accounts.login_page"), 303)
    try:
        attempt = _attempted(form)
    except TooMany as fault:  # what was typed must not be lost on an error page
        page = signing_in_again.page(typed, form, sentence(fault.code, **fault.params), asks=False)
        return page, fault.status, {"Retry-After": str(fault.retry_after)}
    if attempt is None or attempt.slowed:
        return signing_in_again.page(typed, form, _fault(form, attempt), asks=attempt is not None), 422
    return factor_step_views.go_on(attempt, safe_target(typed.page), typed)


def _attempted(form: SignInForm) -> signing_in.Attempt | None:
    """The attempt whose password is right, or who is asked a question first (`slowed`); None when something is missing or
    wrong. Raises TooMany.
    """
    if not form.validate():
        return None
    with transaction() as db_session:
        attempt = signing_in.reserve_attempt(db_session, form.username.data, caller(), clock.now())
    attempt.slowed.require_turn()
    if attempt.slowed or verified(attempt.password_hash, form.password.data):
        return attempt
    with transaction() as db_session:
        signing_in.record_failure(db_session, attempt, at=clock.now())
    return None


def _fault(form: SignInForm, attempt: signing_in.Attempt | None) -> str:
    if attempt is not None:
        return sentence("invalid.sign_in_asks")
    return sentence("invalid.sign_in") if not form.errors else ""


def _sign_in_page(form: SignInForm, target: str, fault: str = "", *, asks: bool = False) -> str:
    return render_template("accounts/sign_in.html", form=form, target=target, fault=fault, question=question(asks=asks))


@bp.post("/logout")
@requires(Permission.SIGN_OUT)
def logout() -> Any:
    """End this sign-in on the server."""
    with transaction() as db_session:
        signing_in.close_sign_in(db_session, current_user.sign_in_id, by=current_user, at=clock.now())
    session.clear()
    answer = redirect(url_for("home.front"), 303)
    answer.delete_cookie("sid")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@bp.get("/activate")
@requires(Permission.PUBLIC)
def activation_page() -> str:
    """The form for the one-time code."""
    return _activation_page(ActivationForm())


@bp.post("/activate")
@requires(Permission.PUBLIC)
def activation() -> Any:
    """Set a password with a one-time code."""
    form = ActivationForm()
    if not form.validate():
        return _activation_page(form), 422
    who, at = caller(), clock.now()
    try:
        check_strength(form.password.data, form.username.data)
        with transaction() as db_session:
            slowed = reserve_activation(db_session, form.username.data, who, at=at)
        slowed.require_turn()
        if slowed.asks:
            return _activation_page(form, sentence("invalid.sign_in_asks"), asks=True), 422
        password_hash = hashed(form.password.data)
        with transaction() as db_session:
            activate(db_session, form.username.data, form.code.data, password_hash, who.address, at=at)
    except Invalid as fault:
        if fault.code == "invalid.activation":
            with transaction() as db_session:
                record_failed_activation(db_session, at=at)
        return _activation_page(form, sentence(fault.code, **fault.params)), 422
    flash("密码已设置，请登录。", "success")
    return redirect(url_for("accounts.login_page"), 303)


def _activation_page(form: ActivationForm, fault: str = "", *, asks: bool = False) -> str:
    return render_template("accounts/activate.html", form=form, fault=fault, question=question(asks=asks))


@bp.get("/api/session")
@requires(Permission.PUBLIC)
def api_session() -> Any:
    """Who is signed in, and a fresh CSRF token; `user` is null when nobody is."""
    answer = jsonify(
        {
            "user": {"id": current_user.id, "username": current_user.username, "name": current_user.display_name}
            if current_user.is_authenticated
            else None,
            "roles": current_user.roles if current_user.is_authenticated else [],
            "card": current_user.is_authenticated and current_user.card_id is not None,
            "csrf": generate_csrf(),
            "time": int(time.time()),
        }
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
