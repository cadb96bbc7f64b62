"""Pages of the union tree: list, one union, new, edit, move. The other pages of the feature are imported here."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.counts import count_of
from competitions.base.database import db
from competitions.base.errors import Invalid, Refusal, Stale, StateForbids
from competitions.base.permissions import Permission
from competitions.base.problems import Problem
from competitions.jobs.handing_out import hand_out
from competitions.organisations import applications_views, employers_views, imports_views, queries, services
from competitions.organisations.blueprint import bp
from competitions.organisations.forms import ContactForm, MoveForm, UnionForm
from competitions.organisations.models import Employer, Union
from competitions.organisations.services import UnionFacts
from competitions.organisations.subtree import ids_inside, inside
from competitions.organisations.unit_lists import UNION_SEARCH, UNION_SORTS, UNIONS, asked_filters, asked_unions
from competitions.web.answers import form_again
from competitions.web.declared import requires
from competitions.web.listing import listed, searched
from competitions.web.navigation import Link
from competitions.words.codes import UNION_KINDS

blueprints = [bp]
LINKS = (Link("管理", 1, "工会与单位", "organisations.unions", "sitemap", Permission.VIEW_ORGANISATIONS, main=False),)
"""This feature's places in the navigation."""
__all__ = ["LINKS", "applications_views", "blueprints", "employers_views", "imports_views"]
VIEW, EDIT = Permission.VIEW_ORGANISATIONS, Permission.EDIT_ORGANISATIONS


@bp.get("/desk/unions")
@requires(VIEW)
def unions() -> str:
    """All unions in scope, with search, filters and export."""
    statement = asked_unions(db.session(), current_user, request.args)
    page = listed(db.session(), statement, sorts=UNION_SORTS, default="place", search=UNION_SEARCH, unique=Union.id)
    counts = queries.counts_below(db.session(), [union.id for union in page.items])
    return render_template("organisations/union_list.html", page=page, counts=counts, kinds=list(UNION_KINDS.items()))


@bp.get("/desk/unions.xlsx")
@requires(VIEW)
def unions_export() -> Any:
    """The same list as a worksheet, in the columns of the import."""
    return hand_out(UNIONS, asked_filters(request.args), "工会名录")


@bp.get("/desk/unions/names")
@requires(VIEW)
def union_names() -> str:
    """Options for a field that names a union: up to twenty in scope that contain what was typed."""
    text = next(iter(request.args.values()), "")
    statement = searched(queries.unions_in_scope(db.session(), current_user, VIEW), UNION_SEARCH, text)
    found = db.session().scalars(statement.order_by(func.length(Union.path), Union.name).limit(20))
    return render_template("organisations/union_names.html", unions=found)


@bp.get("/desk/unions/<union_id>")
@requires(VIEW)
def union(union_id: str) -> str:
    """One union: facts, what is below (a search looks through the whole subtree), employers."""
    session = db.session()
    found = queries.union_in_scope(session, current_user, union_id, VIEW)
    statement = (
        select(Union)
        .options(joinedload(Union.parent))
        .where(inside(found.path) & (Union.id != found.id) if request.args.get("q") else Union.parent_id == found.id)
    )
    page = listed(
        session,
        statement,
        sorts={**UNION_SORTS, "position": Union.position},
        default="position",
        search=UNION_SEARCH,
        unique=Union.id,
    )
    numbers = {
        "below": count_of(session, select(Union).where(inside(found.path), Union.id != found.id)),
        "employers": count_of(session, select(Employer).where(Employer.union_id.in_(ids_inside(found.path)))),
    }
    editable = _may_edit(found)
    return render_template(
        "organisations/union_show.html",
        union=found,
        page=page,
        numbers=numbers,
        editable=editable,
        movable=editable and not queries.is_own_union(current_user, found, EDIT) and found.parent_id,
        above=queries.ancestors(session, current_user, found, VIEW),
        counts=queries.counts_below(session, [each.id for each in page.items]),
    )


def _may_edit(found: Union) -> bool:
    scope = queries.unions_in_scope(db.session(), current_user, EDIT).where(Union.id == found.id)
    return current_user.may(EDIT) and db.session().scalar(scope) is not None


@bp.get("/desk/unions/new")
@requires(EDIT)
def union_new() -> str:
    """The form for a union below another."""
    parent = queries.union_in_scope(db.session(), current_user, request.args.get("parent", ""), EDIT)
    return _form_page(UnionForm(kind="enterprise", area_code=parent.area_code), parent, None)


@bp.post("/desk/unions/new")
@requires(EDIT)
def union_create() -> Any:
    """Add a union below another."""
    parent = queries.union_in_scope(db.session(), current_user, request.args.get("parent", ""), EDIT)
    parent_id, form = parent.id, UnionForm()
    if not form.validate():
        return _form_page(form, parent, None), 422
    try:
        with transaction() as session:
            parent = queries.union_in_scope(session, current_user, parent_id, EDIT)
            made = services.create_union(session, parent, form.facts(None), by=current_user, at=clock.now())
            union_id, name = made.id, made.name
    except (Invalid, StateForbids) as fault:
        form.show(fault)
        return _form_page(form, queries.union_in_scope(db.session(), current_user, parent_id, EDIT), None), fault.status
    flash(f"已添加“{name}”。接下来可以为它发放账号。", "success")
    return redirect(url_for("organisations.union", union_id=union_id), 303)


@bp.get("/desk/unions/<union_id>/edit")
@requires(EDIT)
def union_edit_page(union_id: str) -> str:
    """The form with the facts as they stand."""
    found = queries.union_in_scope(db.session(), current_user, union_id, EDIT)
    return _form_page(_form_class(found)(obj=found), found.parent, found)


@bp.post("/desk/unions/<union_id>/edit")
@requires(EDIT)
def union_edit(union_id: str) -> Any:
    """Change the facts; somebody else's change in between gives 409 and both versions."""
    found = queries.union_in_scope(db.session(), current_user, union_id, EDIT)
    form = _form_class(found)()
    if not form.validate():
        return _form_page(form, found.parent, found), 422
    try:
        with transaction() as session:
            found = queries.union_in_scope(session, current_user, union_id, EDIT)
            services.edit_union(
                session,
                found,
                form.facts(UnionFacts.of(found)),
                form.version.data or 0,
                by=current_user,
                at=clock.now(),
            )
    except (Invalid, Stale) as fault:
        refused, now = fault, queries.union_in_scope(db.session(), current_user, union_id, EDIT)
        return form_again(form, refused, now.version, lambda: _form_page(form, now.parent, now, refused))
    flash("已保存。", "success")
    return redirect(url_for("organisations.union", union_id=union_id), 303)


def _form_class(found: Union) -> type[ContactForm]:
    return ContactForm if queries.is_own_union(current_user, found, EDIT) else UnionForm


def _form_page(form: ContactForm, parent: Union | None, found: Union | None, fault: Refusal | None = None) -> str:
    current = fault.extra["current"] if isinstance(fault, Stale) else None
    near = found or parent
    areas = queries.areas_around(db.session(), near.area_code if near else None)
    return render_template(
        "organisations/union_form.html", form=form, parent=parent, union=found, areas=areas, current=current
    )


@bp.get("/desk/unions/<union_id>/move")
@requires(EDIT)
def union_move_page(union_id: str) -> str:
    """Where shall it hang?"""
    found = queries.union_in_scope(db.session(), current_user, union_id, EDIT)
    return render_template("organisations/union_move.html", form=MoveForm(version=found.version), union=found)


@bp.post("/desk/unions/<union_id>/move")
@requires(EDIT)
def union_move(union_id: str) -> Any:
    """Hang it there with all that is below it; both places must be in the caller's scope."""
    form = MoveForm()
    found = queries.union_in_scope(db.session(), current_user, union_id, EDIT)
    if not form.validate():
        return render_template("organisations/union_move.html", form=form, union=found), 422
    try:
        with transaction() as session:
            found = queries.union_in_scope(session, current_user, union_id, EDIT)
            if queries.is_own_union(current_user, found, EDIT):
                raise StateForbids("union_top_of_scope")
            parent = queries.union_named(session, current_user, form.parent_name.data, EDIT)
            if parent is None:
                raise Invalid(
                    [Problem("invalid.unit.parent_unknown", "parent_name", {"parent": form.parent_name.data})]
                )
            services.move_union(session, found, parent, form.version.data or 0, by=current_user, at=clock.now())
    except Refusal as fault:
        form.show(fault)
        found = queries.union_in_scope(db.session(), current_user, union_id, EDIT)
        return render_template("organisations/union_move.html", form=form, union=found), fault.status
    flash("已移到新的上级工会下，下级工会、单位和账号一并移动。", "success")
    return redirect(url_for("organisations.union", union_id=union_id), 303)
