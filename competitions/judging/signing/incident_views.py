"""Incidents of a stage, by code: recording them and taking them back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, NotFound
from competitions.base.permissions import Permission
from competitions.coding.models import CodedPlace
from competitions.judging.blueprint import bp
from competitions.judging.forms import KINDS, IncidentForm
from competitions.judging.models import Incident
from competitions.judging.panels.queries import marked_modules, stage_modules
from competitions.judging.schemes.versions import absent_counts_zero
from competitions.judging.signing.incidents import Happening, incidents_of, record_incident, revoke_incident
from competitions.programme.models import Stage
from competitions.programme.queries import stage_in_scope
from competitions.web.declared import requires
from competitions.words.sentences import worded

RECORD = Permission.RECORD_INCIDENTS
OF_MODULE = {"module_absent": ("module_status", "absent"), "module_void": ("module_status", "void")}
"""Kind as it is chosen on the page → kind and status as they are kept."""


@bp.get("/desk/stages/<stage_id>/incidents")
@requires(RECORD)
def incidents(stage_id: str) -> str:
    """What happened in the hall."""
    stage = stage_in_scope(db.session(), current_user, stage_id, RECORD)
    return _page(stage, _form(stage, code=request.args.get("code", "")))


@bp.post("/desk/stages/<stage_id>/incidents")
@requires(RECORD)
def incident_record(stage_id: str) -> Any:
    """Record an incident; field errors show the form again."""
    stage = stage_in_scope(db.session(), current_user, stage_id, RECORD)
    form = _form(stage)
    if not form.validate():
        return _page(stage, form), 422
    try:
        with transaction() as session:
            stage = stage_in_scope(session, current_user, stage_id, RECORD)
            modules = {module.id: module for module in marked_modules(session, stage.id)}
            kind, status = OF_MODULE.get(form.kind.data, (form.kind.data, form.status.data or None))
            record_incident(
                session,
                stage,
                Happening(
                    form.code.data.strip(),
                    kind,
                    form.text.data,
                    modules.get(form.module.data or ""),
                    form.value.data or "",
                    status,
                ),
                by=current_user,
                at=clock.now(),
            )
    except Invalid as fault:
        for problem in fault.problems:
            form[problem.where].errors = [worded(problem)]
        return _page(stage_in_scope(db.session(), current_user, stage_id, RECORD), form), 422
    flash("已记录。", "success")
    return redirect(url_for("judging.incidents", stage_id=stage_id), 303)


@bp.post("/desk/incidents/<incident_id>/revoke")
@requires(RECORD)
def incident_revoke(incident_id: str) -> Any:
    """Take an incident back."""
    with transaction() as session:
        incident = session.scalar(select(Incident).where(Incident.id == incident_id))
        if incident is None:
            raise NotFound
        stage = stage_in_scope(session, current_user, incident.stage_id, RECORD)
        revoke_incident(session, incident, by=current_user, at=clock.now())
        stage_id = stage.id
    flash("已撤回，原记录保留备查。", "success")
    return redirect(url_for("judging.incidents", stage_id=stage_id), 303)


def _form(stage: Stage, **values: str) -> IncidentForm:
    session = db.session()
    form = IncidentForm(request.form if request.method == "POST" else None, **values)
    form.module.choices = [
        ("", "整个阶段（总分）"),
        *((module.id, module.name) for module in marked_modules(session, stage.id)),
    ]
    zero = absent_counts_zero(session, stage.id)
    absent = f"本模块缺考（{'计 0 分' if zero else '按规则不排名次'}）"
    form.kind.choices = [(kind, absent if kind == "module_absent" else label) for kind, label in KINDS]
    return form


def _page(stage: Stage, form: IncidentForm) -> str:
    session = db.session()
    codes = session.scalars(
        select(CodedPlace.code).where(CodedPlace.stage_id == stage.id).order_by(CodedPlace.code)
    ).all()
    return render_template(
        "judging/incidents.html",
        stage=stage,
        form=form,
        incidents=incidents_of(session, stage.id),
        codes=codes,
        modules={module.id: module.name for module in stage_modules(session, stage.id)},
    )
