"""Pages of applications for missing units: list, apply, decide."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload
from wtforms.fields.choices import SelectChoice

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound, Refusal
from competitions.base.permissions import Permission
from competitions.organisations import applying, queries
from competitions.organisations.blueprint import bp
from competitions.organisations.forms import ApplicationForm, RefusalForm
from competitions.organisations.models import UnitApplication
from competitions.web.declared import requires
from competitions.web.listing import listed
from competitions.words.codes import APPLICATION_STATES

APPLY, DECIDE, VIEW = Permission.APPLY_ORGANISATION, Permission.DECIDE_ORGANISATION, Permission.VIEW_ORGANISATIONS
SORTS = {"name": UnitApplication.name, "at": UnitApplication.applied_at, "state": UnitApplication.state}


@bp.get("/desk/unit-applications")
@requires(VIEW)
def applications() -> str:
    """One's own applications and those that one decides."""
    statement = queries.applications_seen(db.session(), current_user).options(joinedload(UnitApplication.parent))
    if request.args.get("state") in APPLICATION_STATES:
        statement = statement.where(UnitApplication.state == request.args["state"])
    page = listed(
        db.session(),
        statement,
        sorts=SORTS,
        default="-at",
        search=[UnitApplication.search_text],
        unique=UnitApplication.id,
    )
    return render_template("organisations/application_list.html", page=page, states=list(APPLICATION_STATES.items()))


@bp.get("/desk/unit-applications/new")
@requires(APPLY)
def application_new() -> str:
    """The form."""
    return render_template("organisations/application_form.html", form=_form())


@bp.post("/desk/unit-applications/new")
@requires(APPLY)
def application_create() -> Any:
    """Ask for a unit to be added."""
    form = _form()
    if not form.validate():
        return render_template("organisations/application_form.html", form=form), 422
    try:
        with transaction() as session:
            parent = {union.id: union for union in queries.application_places(session, current_user)}.get(
                form.parent.data
            )
            if parent is None:
                raise NotFound
            applying.apply_for_unit(
                session,
                kind=form.kind.data,
                union_kind=form.union_kind.data,
                name=form.name.data,
                uscc=form.uscc.data,
                parent=parent,
                reason=form.reason.data or "",
                by=current_user,
                at=clock.now(),
            )
    except Refusal as fault:
        form.show(fault)
        return render_template("organisations/application_form.html", form=_with_places(form)), fault.status
    flash("申请已提交，上一级工会处理后可在本页看到结果。", "success")
    return redirect(url_for("organisations.applications"), 303)


def _form() -> ApplicationForm:
    return _with_places(ApplicationForm())


def _with_places(form: ApplicationForm) -> ApplicationForm:
    places = queries.application_places(db.session(), current_user)
    form.parent.choices = [SelectChoice(union.id, union.name) for union in places]
    return form


@bp.get("/desk/unit-applications/<application_id>")
@requires(VIEW)
def application(application_id: str) -> str:
    """One application, and the buttons for who decides it."""
    return _page(application_id, RefusalForm(formdata=None))


def _page(application_id: str, form: RefusalForm) -> str:
    session = db.session()
    found = queries.application_seen(session, current_user, application_id)
    decides = (
        current_user.may(DECIDE)
        and session.scalar(queries.applications_to_decide(session, current_user).where(UnitApplication.id == found.id))
        is not None
    )
    return render_template("organisations/application_show.html", application=found, decides=decides, form=form)


@bp.post("/desk/unit-applications/<application_id>/grant")
@requires(DECIDE)
def application_grant(application_id: str) -> Any:
    """Add the unit; its other facts are completed on its own page."""
    try:
        with transaction() as session:
            found = queries.application_seen(session, current_user, application_id)
            made = applying.grant_application(session, found, by=current_user, at=clock.now())
            is_union = found.kind == "union"
    except Refusal as fault:
        if isinstance(fault, NotFound):
            raise
        form = RefusalForm(formdata=None)
        form.show(fault)
        return _page(application_id, form), fault.status
    flash("已同意并添加。请补全单位信息。", "success")
    if is_union:
        return redirect(url_for("organisations.union_edit_page", union_id=made), 303)
    return redirect(url_for("organisations.employer_edit_page", employer_id=made), 303)


@bp.post("/desk/unit-applications/<application_id>/refuse")
@requires(DECIDE)
def application_refuse(application_id: str) -> Any:
    """Refuse with a reason."""
    form = RefusalForm()
    queries.application_seen(db.session(), current_user, application_id)
    if not form.validate():
        return _page(application_id, form), 422
    try:
        with transaction() as session:
            found = queries.application_seen(session, current_user, application_id)
            applying.refuse_application(session, found, form.reason.data, by=current_user, at=clock.now())
    except Refusal as fault:
        form.show(fault)
        return _page(application_id, form), fault.status
    flash("已答复申请人。", "success")
    return redirect(url_for("organisations.applications"), 303)
