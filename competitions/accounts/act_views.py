"""Page of the supervisor: what two people have decided in his competitions, and whether both sat at one device."""

from flask import render_template
from flask_login import current_user
from sqlalchemy import select

from competitions.accounts import queries, second_person
from competitions.accounts.blueprint import bp
from competitions.accounts.models import ActOfTwo, RoleAssignment
from competitions.accounts.pairs import shared
from competitions.accounts.three import county
from competitions.audit.reach import is_within
from competitions.base.database import db
from competitions.base.errors import Refusal
from competitions.base.permissions import Permission
from competitions.web.declared import requires
from competitions.web.listing import listed


@bp.get("/desk/acts")
@requires(Permission.VIEW_AUDIT)
def acts() -> str:
    """Acts of two in scope, newest first."""
    return acts_page()


def acts_page(fault: Refusal | None = None) -> str:
    """The page, with what was refused."""
    session, scopes = db.session(), current_user.scopes(Permission.VIEW_AUDIT)
    page = listed(
        session,
        select(ActOfTwo).where(is_within(ActOfTwo.object_id, scopes)),
        sorts={"at": ActOfTwo.proposed_at, "kind": ActOfTwo.kind},
        default="-at",
        codes=[ActOfTwo.reason],
        unique=ActOfTwo.id,
    )
    named = county.named_devices(session, scopes)
    return render_template(
        "accounts/act_list.html",
        page=page,
        kinds=second_person.KINDS,
        names=second_person.names_in(session, page.items),
        explained=county.explained(session, page.items, named),
        named=named,
        shared=shared.named_in(session, current_user),
        halls=queries.scope_names(session, _scopes()),
        fault=fault,
    )


def _scopes() -> list[RoleAssignment]:
    halls = shared.halls_of(current_user)
    return [RoleAssignment(scope_kind=kind, scope_id=scope_id) for scope_id, kind in halls.items()]
