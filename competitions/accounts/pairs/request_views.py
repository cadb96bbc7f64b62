"""Requests about accounts: what waits for the caller, what he asked for; agreeing shows the second halves of codes, once."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.accounts import queries
from competitions.accounts.blueprint import bp
from competitions.accounts.models import RoleAssignment
from competitions.accounts.pairs import deciding, lineage
from competitions.accounts.pairs import requests as pairs
from competitions.accounts.pairs.deciding import Request
from competitions.accounts.pairs.requests import Asked
from competitions.accounts.users_views import half_page
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound, Refusal, StateForbids
from competitions.base.permissions import Permission
from competitions.web.declared import requires


def said_of(asked: Asked, back: str) -> Any:
    """The answer to somebody who asked: half of the code, or back with a sentence."""
    if asked.half:
        return half_page(db.session(), asked.batch_id, asked.half)
    session = db.session()
    found = deciding.request_of(session, asked.batch_id)
    flash(f"已提出，须由{deciding.deciders(found.rows, found.users, clock.now())}同意后生效。", "success")
    return redirect(back, 303)


@bp.get("/desk/account-requests")
@requires(Permission.SIGNED_IN)
def requests() -> str:
    """What waits for the caller, and what he asked for himself."""
    session, at = db.session(), clock.now()
    asked = deciding.asked_by(session, current_user)
    return render_template(
        "accounts/request_list.html",
        waiting=deciding.open_for(session, current_user, at),
        asked=asked,
        manages=current_user.may(Permission.MANAGE_ACCOUNTS),
        alone=bool(asked) and not deciding.an_administrator_is_apart(session, current_user, at),
    )


@bp.get("/desk/account-requests/<batch_id>")
@requires(Permission.SIGNED_IN)
def request_show(batch_id: str) -> Any:
    """One request, everybody in it."""
    return _page(_request(db.session(), batch_id))


@bp.post("/desk/account-requests/<batch_id>/agree")
@requires(Permission.SIGNED_IN)
def request_agree(batch_id: str) -> Any:
    """It is done; the answer shows the second half of each code, once."""
    try:
        with transaction() as session:
            _request(session, batch_id)
            agreed = pairs.agree(session, batch_id, by=current_user, at=clock.now())
            rows = [(each.user.display_name, each.user.username, each.half) for each in agreed if each.half]
    except StateForbids as fault:
        return _page(_request(db.session(), batch_id), fault), fault.status
    if rows:
        return render_template("accounts/second_halves.html", rows=rows)
    flash("已同意，对方下一次操作时生效。", "success")
    return redirect(url_for("accounts.requests"), 303)


@bp.post("/desk/account-requests/<batch_id>/end")
@requires(Permission.SIGNED_IN)
def request_end(batch_id: str) -> Any:
    """Not agreed to, or taken back by the one who asked."""
    try:
        with transaction() as session:
            _request(session, batch_id)
            pairs.end(session, batch_id, by=current_user, at=clock.now())
    except StateForbids as fault:
        return _page(_request(db.session(), batch_id), fault), fault.status
    flash("已退回或撤回，没有改动任何账号。", "success")
    return redirect(url_for("accounts.requests"), 303)


def _request(session: Session, batch_id: str) -> Request:
    """A request that the caller made, or may decide. Raises NotFound."""
    found = deciding.request_of(session, batch_id)
    mine = found.act.proposed_by == current_user.id
    if not mine and not deciding.may_agree(session, current_user, found.rows, found.users, clock.now()):
        raise NotFound
    return found


def _page(found: Request, fault: Refusal | None = None) -> str:
    session = db.session()
    issuers = lineage.issuers_of(session, (row.user_id for row in found.rows))
    scopes = [RoleAssignment(scope_kind=row.scope_kind, scope_id=row.scope_id) for row in found.rows if row.scope_id]
    return render_template(
        "accounts/request_show.html",
        found=found,
        fault=fault,
        mine=found.act.proposed_by == current_user.id,
        scopes=queries.scope_names(session, scopes),
        issuers=issuers,
        names=queries.display_names(session, {each for some in issuers.values() for each in some}),
        deciders=deciding.deciders(found.rows, found.users, clock.now()),
    )
