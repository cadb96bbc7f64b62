"""Giving and ending the roles of an account."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.accounts import queries, services
from competitions.accounts.blueprint import bp
from competitions.accounts.forms import RoleForm
from competitions.accounts.models import User
from competitions.accounts.pairs.request_views import said_of
from competitions.accounts.pairs.requests import Asked, ask_for_role
from competitions.accounts.users_views import chosen, user_page, with_choices
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Permission
from competitions.base.roles import BY_TWO, WORDS
from competitions.web.declared import requires

MANAGE = Permission.MANAGE_ACCOUNTS


@bp.get("/desk/users/<user_id>/roles/new")
@requires(MANAGE)
def role_new(user_id: str) -> str:
    """The form for one more role."""
    found = queries.user_in_scope(db.session(), current_user, user_id)
    form = with_choices(RoleForm(union_name=found.union.name if found.union else ""))
    return render_template("accounts/role_form.html", form=form, user=found)


@bp.post("/desk/users/<user_id>/roles/new")
@requires(MANAGE)
def role_give(user_id: str) -> Any:
    """Give the role; it works from the user's next request on."""
    found = queries.user_in_scope(db.session(), current_user, user_id)
    form = with_choices(RoleForm())
    if not form.validate():
        return render_template("accounts/role_form.html", form=form, user=found), 422
    try:
        with transaction() as session:
            found = queries.user_in_scope(session, current_user, user_id)
            _union, scope = chosen(session, form)
            asked = _give(session, found, form.role.data, scope, form.validity())
    except (Invalid, StateForbids) as fault:
        form.show(fault)
        found = queries.user_in_scope(db.session(), current_user, user_id)
        return render_template("accounts/role_form.html", form=form, user=found), fault.status
    if asked is not None:
        return said_of(asked, url_for("accounts.user", user_id=user_id))
    flash(f"已授予“{WORDS[form.role.data]}”，对方刷新页面即可使用。", "success")
    return redirect(url_for("accounts.user", user_id=user_id), 303)


def _give(
    session: Session,
    user: User,
    role: str,
    scope: tuple[str, str | None],
    validity: tuple[datetime | None, datetime | None],
) -> Asked | None:
    """Give the role, or ask another to agree to it."""
    at = clock.now()
    if role in BY_TWO:
        return ask_for_role(session, user, role, scope, validity, by=current_user, at=at)
    services.assign_role(session, user, role, *scope, *validity, by=current_user, at=at)
    return None


@bp.post("/desk/users/<user_id>/roles/<assignment_id>/end")
@requires(MANAGE)
def role_end(user_id: str, assignment_id: str) -> Any:
    """End the role at once."""
    try:
        with transaction() as session:
            found = queries.user_in_scope(session, current_user, user_id)
            services.end_role(session, queries.role_of(found, assignment_id), by=current_user, at=clock.now())
    except StateForbids as fault:
        return user_page(user_id, fault), fault.status
    flash("角色已结束，对方的下一次操作起不再有效。", "success")
    return redirect(url_for("accounts.user", user_id=user_id), 303)
