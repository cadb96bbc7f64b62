"""Pages of employers: list, one employer, new, edit."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, Refusal, Stale
from competitions.base.permissions import Permission
from competitions.base.problems import Problem
from competitions.jobs.handing_out import hand_out
from competitions.organisations import queries, services
from competitions.organisations.blueprint import bp
from competitions.organisations.forms import EmployerForm
from competitions.organisations.models import Employer, Union
from competitions.organisations.services import EmployerFacts
from competitions.organisations.unit_lists import (
    EMPLOYER_SEARCH,
    EMPLOYER_SORTS,
    EMPLOYERS,
    asked_employers,
    asked_filters,
    asked_inside,
)
from competitions.web.answers import form_again
from competitions.web.declared import requires
from competitions.web.listing import listed
from competitions.words.codes import OWNERSHIPS, UNIT_SIZES

VIEW, EDIT = Permission.VIEW_ORGANISATIONS, Permission.EDIT_ORGANISATIONS


@bp.get("/desk/employers")
@requires(VIEW)
def employers() -> str:
    """Employers in scope, with search, filters and export."""
    session, asked = db.session(), request.args
    statement = asked_employers(session, current_user, asked)
    page = listed(session, statement, sorts=EMPLOYER_SORTS, default="name", search=EMPLOYER_SEARCH, unique=Employer.id)
    return render_template(
        "organisations/employer_list.html",
        page=page,
        inside=asked_inside(session, current_user, asked),
        ownerships=list(OWNERSHIPS.items()),
        sizes=list(UNIT_SIZES.items()),
    )


@bp.get("/desk/employers.xlsx")
@requires(VIEW)
def employers_export() -> Any:
    """The same list as a worksheet, in the columns of the import."""
    return hand_out(EMPLOYERS, asked_filters(request.args), "单位名录")


@bp.get("/desk/employers/<employer_id>")
@requires(VIEW)
def employer(employer_id: str) -> str:
    """One employer's facts."""
    session = db.session()
    found = queries.employer_in_scope(session, current_user, employer_id, VIEW)
    editable = (
        current_user.may(EDIT)
        and session.scalar(queries.employers_to_edit(session, current_user).where(Employer.id == found.id)) is not None
    )
    return render_template("organisations/employer_show.html", employer=found, editable=editable)


@bp.get("/desk/employers/new")
@requires(EDIT)
def employer_new() -> str:
    """An empty form, or one with the union that the address names."""
    union = None
    if request.args.get("union"):
        union = queries.union_in_scope(db.session(), current_user, request.args["union"], EDIT)
    form = EmployerForm(union_name=union.name if union else "", area_code=union.area_code if union else None)
    return _form_page(form, None)


@bp.post("/desk/employers/new")
@requires(EDIT)
def employer_create() -> Any:
    """Add an employer; only a system scope may add one without a union."""
    form = EmployerForm()
    if not form.validate():
        return _form_page(form, None), 422
    try:
        with transaction() as session:
            facts = form.facts(_union_id(session, form, None), None)
            made = services.create_employer(session, facts, by=current_user, at=clock.now())
            employer_id, name = made.id, made.name
    except Invalid as fault:
        form.show(fault)
        return _form_page(form, None), 422
    flash(f"已添加“{name}”。", "success")
    return redirect(url_for("organisations.employer", employer_id=employer_id), 303)


@bp.get("/desk/employers/<employer_id>/edit")
@requires(EDIT)
def employer_edit_page(employer_id: str) -> str:
    """The form with the facts as they stand."""
    found = queries.employer_to_edit(db.session(), current_user, employer_id)
    form = EmployerForm(obj=found, union_name=found.union.name if found.union else "")
    form.industry.data = found.industry[:1]
    return _form_page(form, found)


@bp.post("/desk/employers/<employer_id>/edit")
@requires(EDIT)
def employer_edit(employer_id: str) -> Any:
    """Change the facts; somebody else's change in between gives 409 and both versions."""
    found = queries.employer_to_edit(db.session(), current_user, employer_id)
    form = EmployerForm()
    if not form.validate():
        return _form_page(form, found), 422
    try:
        with transaction() as session:
            found = queries.employer_to_edit(session, current_user, employer_id)
            facts = form.facts(_union_id(session, form, found), EmployerFacts.of(found))
            services.edit_employer(session, found, facts, form.version.data or 0, by=current_user, at=clock.now())
    except (Invalid, Stale) as fault:
        refused, now = fault, queries.employer_to_edit(db.session(), current_user, employer_id)
        return form_again(form, refused, now.version, lambda: _form_page(form, now, refused))
    flash("已保存。", "success")
    return redirect(url_for("organisations.employer", employer_id=employer_id), 303)


def _union_id(session: Session, form: EmployerForm, found: Employer | None) -> str | None:
    """The id of the union that was named. Raises Invalid when there is none in scope, or when one is needed."""
    named = form.union_name.data
    if named:
        union = queries.union_named(session, current_user, named, EDIT)
        if union is not None:
            return union.id
        raise Invalid([Problem("invalid.unit.parent_unknown", "union_name", {"parent": named})])
    if current_user.scopes(EDIT).system or (found is not None and found.union_id is None):
        return None
    raise Invalid([Problem("invalid.unit.union_needed", "union_name")])


def _form_page(form: EmployerForm, found: Employer | None, fault: Refusal | None = None) -> str:
    session = db.session()
    current = None
    if isinstance(fault, Stale):
        current = dict(fault.extra["current"])
        union_id = current.pop("union_id")
        union = session.get(Union, union_id) if union_id else None
        current["union_id"] = union.name if union else ""
    tops = session.scalars(queries.unions_in_scope(session, current_user, EDIT).order_by(Union.path).limit(1)).first()
    return render_template(
        "organisations/employer_form.html",
        form=form,
        employer=found,
        current=current,
        areas=queries.areas_around(session, tops.area_code if tops else None),
    )
