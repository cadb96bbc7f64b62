"""Pages of sittings: the coder's and the organiser's, the same but for who may come and where they lie."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, Stale
from competitions.base.permissions import Permission
from competitions.coding import services
from competitions.coding.forms import SittingForm
from competitions.coding.models import Sitting
from competitions.coding.pages import bp, stage_here, words_of
from competitions.coding.progress import progress_of
from competitions.coding.queries import sitting_of, sittings_of
from competitions.programme.models import Stage
from competitions.programme.pages import show_conflict
from competitions.web.declared import requires

PAGES = {
    Permission.DRAW_LOTS: ("coding.sittings", "coding.sitting_edit", "coding.sitting_remove"),
    Permission.EDIT_COMPETITION: (
        "coding.organiser_sittings",
        "coding.organiser_sitting_edit",
        "coding.organiser_sitting_remove",
    ),
}
"""The list, the form and the removal of a sitting, for each of the two who keep sittings."""


@bp.get("/desk/stages/<stage_id>/coding/sittings")
@requires(Permission.DRAW_LOTS)
def sittings(stage_id: str) -> Any:
    """The coder's list."""
    return _list(stage_id, Permission.DRAW_LOTS)


@bp.get("/desk/stages/<stage_id>/sittings")
@requires(Permission.EDIT_COMPETITION)
def organiser_sittings(stage_id: str) -> Any:
    """The organiser's list."""
    return _list(stage_id, Permission.EDIT_COMPETITION)


@bp.post("/desk/stages/<stage_id>/coding/sittings")
@requires(Permission.DRAW_LOTS)
def sitting_add(stage_id: str) -> Any:
    """The coder adds one."""
    return _add(stage_id, Permission.DRAW_LOTS)


@bp.post("/desk/stages/<stage_id>/sittings")
@requires(Permission.EDIT_COMPETITION)
def organiser_sitting_add(stage_id: str) -> Any:
    """The organiser adds one."""
    return _add(stage_id, Permission.EDIT_COMPETITION)


@bp.route("/desk/stages/<stage_id>/coding/sittings/<sitting_id>", methods=["GET", "POST"])
@requires(Permission.DRAW_LOTS)
def sitting_edit(stage_id: str, sitting_id: str) -> Any:
    """The coder changes one."""
    return _edit(stage_id, sitting_id, Permission.DRAW_LOTS)


@bp.route("/desk/stages/<stage_id>/sittings/<sitting_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_COMPETITION)
def organiser_sitting_edit(stage_id: str, sitting_id: str) -> Any:
    """The organiser changes one."""
    return _edit(stage_id, sitting_id, Permission.EDIT_COMPETITION)


@bp.post("/desk/stages/<stage_id>/coding/sittings/<sitting_id>/remove")
@requires(Permission.DRAW_LOTS)
def sitting_remove(stage_id: str, sitting_id: str) -> Any:
    """The coder takes one away."""
    return _remove(stage_id, sitting_id, Permission.DRAW_LOTS)


@bp.post("/desk/stages/<stage_id>/sittings/<sitting_id>/remove")
@requires(Permission.EDIT_COMPETITION)
def organiser_sitting_remove(stage_id: str, sitting_id: str) -> Any:
    """The organiser takes one away."""
    return _remove(stage_id, sitting_id, Permission.EDIT_COMPETITION)


def _list(stage_id: str, permission: Permission, form: SittingForm | None = None) -> Any:
    session = db.session()
    stage = stage_here(session, stage_id, permission)
    rows = sittings_of(session, stage.id)
    page = render_template(
        "coding/sitting_list.html",
        **words_of(stage),
        sittings=rows,
        pages=PAGES[permission],
        form=form or _form(stage, name=f"第{'一二三四五六七八九十'[len(rows)] if len(rows) < 10 else len(rows) + 1}场"),
        modules={module.id: module.name for module in stage.modules},
        progress=progress_of(session, [stage])[stage.id],
        coder=permission is Permission.DRAW_LOTS,
    )
    return (page, 422) if form else page


def _add(stage_id: str, permission: Permission) -> Any:
    form = _form(stage_here(db.session(), stage_id, permission))
    if not form.validate():
        return _list(stage_id, permission, form)
    try:
        with transaction() as session:
            stage = stage_here(session, stage_id, permission)
            services.add_sitting(session, stage, _values(form), by=current_user, at=clock.now())
    except Invalid as fault:
        form.show(fault)
        return _list(stage_id, permission, form)
    flash("已添加场次。", "success")
    return redirect(url_for(PAGES[permission][0], stage_id=stage_id), 303)


def _edit(stage_id: str, sitting_id: str, permission: Permission) -> Any:
    session = db.session()
    stage = stage_here(session, stage_id, permission)
    sitting = sitting_of(session, stage, sitting_id)
    form = _form(stage, sitting)
    status, conflict = 200, []
    if form.is_submitted():
        status = 422
        try:
            if form.validate() and _changed(stage_id, sitting_id, permission, form):
                flash("已保存场次。", "success")
                return redirect(url_for(PAGES[permission][0], stage_id=stage_id), 303)
        except Stale as fault:
            status, conflict = 409, show_conflict(form, fault)
        session = db.session()
        stage = stage_here(session, stage_id, permission)
        sitting = sitting_of(session, stage, sitting_id)
    return render_template(
        "coding/sitting_edit.html",
        **words_of(stage),
        sitting=sitting,
        form=form,
        conflict=conflict,
        pages=PAGES[permission],
    ), status


def _changed(stage_id: str, sitting_id: str, permission: Permission, form: SittingForm) -> bool:
    try:
        with transaction() as session:
            sitting = sitting_of(session, stage_here(session, stage_id, permission), sitting_id)
            services.change_sitting(
                session, sitting, _values(form), form.version.data or 0, by=current_user, at=clock.now()
            )
    except Invalid as fault:
        form.show(fault)
        return False
    return True


def _remove(stage_id: str, sitting_id: str, permission: Permission) -> Any:
    with transaction() as session:
        sitting = sitting_of(session, stage_here(session, stage_id, permission), sitting_id)
        services.remove_sitting(session, sitting, by=current_user, at=clock.now())
    flash("已删除场次。", "success")
    return redirect(url_for(PAGES[permission][0], stage_id=stage_id), 303)


def _form(stage: Stage, sitting: Sitting | None = None, **values: Any) -> SittingForm:
    form = SittingForm(obj=sitting, **values)
    form.module_id.data = form.module_id.data or ""
    form.module_id.choices = [("", "整个阶段"), *((module.id, module.name) for module in stage.modules)]
    return form


def _values(form: SittingForm) -> dict[str, Any]:
    typed = {name: form[name].data for name in ("name", "starts_at", "stations", "place")}
    return {**typed, "module_id": form.module_id.data or None}
