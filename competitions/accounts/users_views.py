"""Administration of accounts: list, one account, issue, edit, reset, deactivate, its sign-ins."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Select, or_
from sqlalchemy.orm import Session, joinedload, selectinload
from wtforms.fields.choices import SelectChoice

from competitions.accounts import queries, services
from competitions.accounts.blueprint import bp
from competitions.accounts.factor import lost_phone, second_factor
from competitions.accounts.forms import AccountForm, EditForm, RoleForm
from competitions.accounts.giving import givable_roles, may_give, roles_out_of_reach
from competitions.accounts.issue.issuing_one import Issued, issue_account, scope_for
from competitions.accounts.models import RoleAssignment, User
from competitions.accounts.pairs import deciding, requests
from competitions.accounts.scope_names import NamedScope, offered
from competitions.accounts.sign_in import signing_in
from competitions.accounts.sign_in.activation import LIFE
from competitions.accounts.sign_in.agents import agent_words
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, Refusal, Stale, StateForbids
from competitions.base.permissions import Permission
from competitions.base.problems import Problem
from competitions.base.roles import CODES, GIVABLE, WORDS, position_of
from competitions.organisations.models import Union
from competitions.organisations.queries import union_in_scope, union_named
from competitions.organisations.subtree import ids_inside
from competitions.web.answers import form_again
from competitions.web.declared import requires
from competitions.web.listing import listed

MANAGE, VIEW = Permission.MANAGE_ACCOUNTS, Permission.VIEW_ORGANISATIONS
SORTS = {"name": User.display_name, "username": User.username, "at": User.created_at}


@bp.get("/desk/users")
@requires(MANAGE)
def users() -> str:
    """Accounts that the caller administers."""
    session, at = db.session(), clock.now()
    statement, inside = _asked(session)
    holding = or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to > at)
    page = listed(
        session,
        statement.options(joinedload(User.union), selectinload(User.roles.and_(holding))),
        sorts=SORTS,
        default="name",
        search=[User.search_text],
        unique=User.id,
    )
    return render_template(
        "accounts/user_list.html",
        page=page,
        inside=inside,
        at=at,
        roles=[(role, WORDS[role]) for role in GIVABLE],
        only_administrator=lost_phone.is_only_administrator(session, current_user, at),
    )


def _asked(session: Session) -> tuple[Select[Any], Union | None]:
    statement, inside = queries.users_in_scope(session, current_user), None
    if request.args.get("union"):
        inside = union_in_scope(session, current_user, request.args["union"], VIEW)
        statement = statement.where(User.union_id.in_(ids_inside(inside.path)))
    if request.args.get("state") in ("active", "unused", "closed"):
        statement = statement.where(
            {
                "active": User.active & User.password_hash.is_not(None),
                "closed": ~User.active,
                "unused": User.active & User.password_hash.is_(None),
            }[request.args["state"]]
        )
    if request.args.get("role") in CODES:
        statement = statement.where(User.roles.any(RoleAssignment.role == request.args["role"]))
    return statement, inside


@bp.get("/desk/users/new")
@requires(MANAGE)
def user_new() -> str:
    """The form for a new account."""
    form = AccountForm()
    if request.args.get("union"):
        form.union_name.data = union_in_scope(db.session(), current_user, request.args["union"], MANAGE).name
    return render_template("accounts/user_form.html", form=with_choices(form))


@bp.post("/desk/users/new")
@requires(MANAGE)
def user_create() -> Any:
    """Issue an account; the answer shows its one-time code, once."""
    form = with_choices(AccountForm())
    if not form.validate():
        return render_template("accounts/user_form.html", form=form), 422
    at = clock.now()
    try:
        with transaction() as session:
            union, scope = chosen(session, form)
            issued = issue_account(
                session,
                username=form.username.data,
                display_name=form.display_name.data,
                union=union,
                role=form.role.data,
                scope=scope,
                validity=form.validity(),
                by=current_user,
                at=at,
            )
    except (Invalid, StateForbids) as fault:
        form.show(fault)
        return render_template("accounts/user_form.html", form=form), fault.status
    return _code_page(issued, _until(at))


def with_choices(form: Any) -> Any:
    """The form of a role with the roles and scopes that the caller may choose."""
    form.role.choices = [
        SelectChoice("", "请选择"),
        *(SelectChoice(role, WORDS[role]) for role in givable_roles(current_user)),
    ]
    scopes = offered(db.session(), current_user)
    form.scope.choices = [SelectChoice("", "不适用"), *(SelectChoice(scope.id, scope.name) for scope in scopes)]
    return form


def chosen(session: Session, form: RoleForm) -> tuple[Union | None, tuple[str, str | None]]:
    """The union and the scope that the form names. Raises Invalid."""
    union, chosen_scope = None, None
    if form.union_name.data:
        union = union_named(session, current_user, form.union_name.data, MANAGE)
        if union is None:
            raise Invalid([Problem("invalid.account.union_unknown", "union_name", {"name": form.union_name.data})])
    if form.scope.data:
        scopes: dict[str, NamedScope] = {scope.id: scope for scope in offered(session, current_user)}
        chosen_scope = scopes.get(form.scope.data)
    return union, scope_for(form.role.data, union, chosen_scope)


def _until(at: Any) -> str:
    return clock.beijing_text(at + LIFE)


def _code_page(issued: Issued, until: str) -> str:
    if issued.batch_id:
        return half_page(db.session(), issued.batch_id, issued.code)
    return render_template("accounts/code_issued.html", issued=issued, until=until)


def half_page(session: Session, batch_id: str, half: str) -> str:
    """The first half of a code, shown once, and who has to agree before it is of use."""
    at, found = clock.now(), deciding.request_of(session, batch_id)
    [row] = found.rows
    return render_template(
        "accounts/half_issued.html",
        user=found.users[row.user_id],
        half=half,
        deciders=deciding.deciders(found.rows, found.users, at),
        alone=not deciding.an_administrator_is_apart(session, current_user, at),
    )


@bp.get("/desk/users/<user_id>")
@requires(MANAGE)
def user(user_id: str) -> str:
    """One account: who, where, which roles, where signed in."""
    return user_page(user_id)


def user_page(user_id: str, fault: Refusal | None = None) -> str:
    """The page of an account, with what was refused."""
    session, at = db.session(), clock.now()
    found = queries.user_in_scope(session, current_user, user_id)
    endable = {
        row.id
        for row in found.roles
        if found.id != current_user.id
        and (row.valid_to is None or row.valid_to > at)
        and may_give(session, current_user, row.role, row.scope_kind, row.scope_id)
    }
    rows = sorted(found.roles, key=lambda row: (bool(row.valid_to and row.valid_to <= at), position_of(row.role)))
    return render_template(
        "accounts/user_show.html",
        user=found,
        rows=rows,
        at=at,
        endable=endable,
        fault=fault,
        agent_words=agent_words,
        names=queries.scope_names(session, found.roles),
        sign_ins=queries.open_sign_ins(session, found.id, at),
        factor=second_factor.factor_of(session, found.id),
        lost=(lost := lost_phone.asked_for(session, found)),
        decides=lost is not None and lost_phone.is_waiting_for(session, current_user, lost, at),
        asked=deciding.open_requests(session, found.id),
        by_two=bool(services.held_by_two(found, at)),
        mine=found.id != current_user.id and not roles_out_of_reach(session, current_user, found),
    )


@bp.get("/desk/users/<user_id>/edit")
@requires(MANAGE)
def user_edit_page(user_id: str) -> str:
    """The form with the name and union as they stand."""
    found = queries.user_in_scope(db.session(), current_user, user_id)
    form = EditForm(obj=found, union_name=found.union.name if found.union else "")
    return render_template("accounts/user_edit.html", form=form, user=found, current=None)


@bp.post("/desk/users/<user_id>/edit")
@requires(MANAGE)
def user_edit(user_id: str) -> Any:
    """Change the name shown and the union; somebody else's change in between gives 409 and both versions."""
    form, found = EditForm(), queries.user_in_scope(db.session(), current_user, user_id)
    if not form.validate():
        return render_template("accounts/user_edit.html", form=form, user=found, current=None), 422
    try:
        with transaction() as session:
            found = queries.user_in_scope(session, current_user, user_id)
            union = union_named(session, current_user, form.union_name.data or "", MANAGE)
            if union is None and form.union_name.data:
                raise Invalid([Problem("invalid.account.union_unknown", "union_name", {"name": form.union_name.data})])
            services.edit_user(
                session, found, form.display_name.data, union, form.version.data or 0, by=current_user, at=clock.now()
            )
    except (Invalid, Stale, StateForbids) as fault:
        now, current = queries.user_in_scope(db.session(), current_user, user_id), fault.extra.get("current")
        return form_again(
            form,
            fault,
            now.version,
            lambda: render_template("accounts/user_edit.html", form=form, user=now, current=current),
        )
    flash("已保存。", "success")
    return redirect(url_for("accounts.user", user_id=user_id), 303)


@bp.post("/desk/users/<user_id>/reset")
@requires(MANAGE)
def user_reset(user_id: str) -> Any:
    """A new one-time code, shown once; the old password and all sign-ins end. Of an account with a role that two people
    give half of it is shown, and nothing ends before another agrees.
    """
    at = clock.now()
    try:
        with transaction() as session:
            found = queries.user_in_scope(session, current_user, user_id)
            code, batch_id = _reset(session, found, at)
            name = found.union.name if found.union else ""
            issued = Issued(found.id, found.username, found.display_name, name, "", code, batch_id)
    except StateForbids as fault:
        return user_page(user_id, fault), fault.status
    return _code_page(issued, _until(at))


def _reset(session: Session, user: User, at: datetime) -> tuple[str, str]:
    """The code (or half of it), and the act that waits for somebody (or nothing)."""
    if not services.held_by_two(user, at):
        return services.reset_account(session, user, by=current_user, at=at), ""
    asked = requests.ask_for_reset(session, user, by=current_user, at=at)
    return asked.half, asked.batch_id


@bp.post("/desk/users/<user_id>/deactivate")
@requires(MANAGE)
def user_deactivate(user_id: str) -> Any:
    """Close the account and end its sign-ins."""
    try:
        with transaction() as session:
            found = queries.user_in_scope(session, current_user, user_id)
            services.deactivate(session, found, by=current_user, at=clock.now())
    except StateForbids as fault:
        return user_page(user_id, fault), fault.status
    flash("账号已停用，所有登录均已结束。重新发放激活码即可恢复。", "success")
    return redirect(url_for("accounts.user", user_id=user_id), 303)


@bp.post("/desk/users/<user_id>/sign-ins/<sign_in_id>/revoke")
@requires(MANAGE)
def user_sign_in_revoke(user_id: str, sign_in_id: str) -> Any:
    """End one of the user's sign-ins."""
    with transaction() as session:
        found = queries.user_in_scope(session, current_user, user_id)
        signing_in.close_sign_in(
            session, queries.open_sign_in_of(session, found.id, sign_in_id).id, by=current_user, at=clock.now()
        )
    flash("已结束该登录。", "success")
    return redirect(url_for("accounts.user", user_id=user_id), 303)
