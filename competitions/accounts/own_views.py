"""What everybody does with his own account: his open sign-ins, his password."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from competitions.accounts import queries, services
from competitions.accounts.blueprint import bp
from competitions.accounts.forms import PasswordForm
from competitions.accounts.limits import count_attempt
from competitions.accounts.models import User
from competitions.accounts.passwords import check_strength, hashed, verified
from competitions.accounts.settings import SIGN_IN_TRIES
from competitions.accounts.sign_in import signing_in
from competitions.accounts.sign_in.agents import agent_words
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, TooMany
from competitions.base.permissions import Permission
from competitions.base.problems import Problem
from competitions.web.declared import requires


@bp.get("/desk/sign-ins")
@requires(Permission.SIGNED_IN)
def own_sign_ins() -> str:
    """Where one is signed in."""
    found = queries.open_sign_ins(db.session(), current_user.id, clock.now())
    return render_template("accounts/sign_in_list.html", sign_ins=found, agent_words=agent_words)


@bp.post("/desk/sign-ins/<sign_in_id>/revoke")
@requires(Permission.SIGNED_IN)
def own_sign_in_revoke(sign_in_id: str) -> Any:
    """End one of one's own sign-ins; it no longer works from its next request on."""
    with transaction() as session:
        found = queries.open_sign_in_of(session, current_user.id, sign_in_id)
        signing_in.close_sign_in(session, found.id, by=current_user, at=clock.now())
    flash("已结束该登录。", "success")
    return redirect(url_for("accounts.own_sign_ins"), 303)


@bp.post("/desk/sign-ins/revoke-others")
@requires(Permission.SIGNED_IN)
def own_sign_ins_revoke_others() -> Any:
    """End all of one's sign-ins but the one at hand."""
    with transaction() as session:
        signing_in.close_all_sign_ins(
            session, current_user.id, by=current_user, at=clock.now(), but=current_user.sign_in_id
        )
    flash("其他登录均已结束。", "success")
    return redirect(url_for("accounts.own_sign_ins"), 303)


@bp.get("/desk/password")
@requires(Permission.SIGNED_IN)
def own_password_page() -> str:
    """The form."""
    return render_template("accounts/password.html", form=PasswordForm())


@bp.post("/desk/password")
@requires(Permission.SIGNED_IN)
def own_password() -> Any:
    """Change the password: the present one is asked for (counted like a sign-in), the other sign-ins end."""
    form = PasswordForm()
    if not form.validate():
        return render_template("accounts/password.html", form=form), 422
    at = clock.now()
    try:
        require_own_password(form.current.data, at)
        check_strength(form.password.data, current_user.username)
    except Invalid as fault:
        form.show(fault)
        return render_template("accounts/password.html", form=form), 422
    password_hash = hashed(form.password.data)
    with transaction() as session:
        services.change_password(session, session.get_one(User, current_user.id), password_hash, by=current_user, at=at)
    flash("密码已修改，其他登录均已结束。", "success")
    return redirect(url_for("accounts.own_sign_ins"), 303)


def require_own_password(typed: str, at: datetime) -> None:
    """The caller knows his password; counted like a sign-in. Raises Invalid, TooMany."""
    with transaction(apart=True) as session:
        tries = count_attempt(session, f"password:{current_user.id}", at, signing_in.WINDOW)
        most = SIGN_IN_TRIES.value(session)
        present = session.get_one(User, current_user.id).password_hash
    if tries > most:
        raise TooMany(int(signing_in.WINDOW.total_seconds()))
    if not verified(present, typed):
        raise Invalid([Problem("invalid.password_wrong", "current")])
