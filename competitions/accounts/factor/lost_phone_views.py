"""A lost phone: asked for on the page of the account, agreed to by another person on a page of its own."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.accounts import queries
from competitions.accounts.blueprint import bp
from competitions.accounts.factor import lost_phone, unbinding
from competitions.accounts.models import User
from competitions.accounts.users_views import user_page
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, NotFound, Refusal, StateForbids
from competitions.base.permissions import Permission
from competitions.web.declared import requires


@bp.post("/desk/users/<user_id>/lost-phone")
@requires(Permission.MANAGE_ACCOUNTS)
def lost_phone_ask(user_id: str) -> Any:
    """Ask that the phone be unbound."""
    try:
        with transaction() as session:
            found = queries.user_in_scope(session, current_user, user_id)
            unbinding.ask(session, found, request.form.get("reason"), by=current_user, at=clock.now())
    except (Invalid, StateForbids) as fault:
        return user_page(user_id, fault), fault.status
    flash("已提出，须由另一个人同意后才解除。请当面核对本人身份。", "success")
    return redirect(url_for("accounts.user", user_id=user_id), 303)


@bp.post("/desk/users/<user_id>/lost-phone/take-back")
@requires(Permission.MANAGE_ACCOUNTS)
def lost_phone_take_back(user_id: str) -> Any:
    """The one who asked takes it back."""
    try:
        with transaction() as session:
            found = queries.user_in_scope(session, current_user, user_id)
            unbinding.refuse(session, found, by=current_user, at=clock.now())
    except StateForbids as fault:
        return user_page(user_id, fault), fault.status
    flash("已撤回。", "success")
    return redirect(url_for("accounts.user", user_id=user_id), 303)


@bp.get("/desk/lost-phones")
@requires(Permission.SIGNED_IN)
def lost_phones() -> str:
    """What waits for the caller's decision."""
    return _page()


@bp.post("/desk/lost-phones/<user_id>/agree")
@requires(Permission.SIGNED_IN)
def lost_phone_agree(user_id: str) -> Any:
    """Unbind the phone."""
    return _decided(user_id, unbinding.agree, "已解除，原手机的动态口令和恢复码作废，登录全部结束。")


@bp.post("/desk/lost-phones/<user_id>/refuse")
@requires(Permission.SIGNED_IN)
def lost_phone_refuse(user_id: str) -> Any:
    """Do not agree."""
    return _decided(user_id, unbinding.refuse, "已退回，动态口令照旧有效。")


def _decided(user_id: str, act: Callable[..., None], said: str) -> Any:
    try:
        with transaction() as session:
            act(session, _user(session, user_id), by=current_user, at=clock.now())
    except StateForbids as fault:
        return _page(fault), fault.status
    flash(said, "success")
    return redirect(url_for("accounts.lost_phones"), 303)


def _user(session: Session, user_id: str) -> User:
    """An account whose phone the caller may decide on, asked for by whomever. Raises NotFound."""
    user = session.get(User, user_id)
    if user is None or not lost_phone.may_decide(session, current_user, user, clock.now()):
        raise NotFound
    return user


def _page(fault: Refusal | None = None) -> str:
    found = lost_phone.open_for(db.session(), current_user, clock.now())
    return render_template("accounts/lost_phones.html", found=found, fault=fault)
