"""Pages of the editable data for the administrator: levels of competitions, the list of occupations."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, NotFound
from competitions.base.permissions import Permission
from competitions.programme.forms import LevelForm, OccupationForm
from competitions.programme.models import CompetitionLevel, Occupation
from competitions.programme.pages import bp, show_problems
from competitions.programme.reference import services
from competitions.web.declared import requires
from competitions.web.listing import listed

CONFIGURE = Permission.CONFIGURE_SYSTEM
LISTS = {"level": "programme.reference_levels", "occupation": "programme.reference_occupations"}
"""Kind of editable data → the page that lists it."""


@bp.get("/desk/levels")
@requires(CONFIGURE)
def reference_levels() -> str:
    """Levels of competitions."""
    page = listed(
        db.session(),
        select(CompetitionLevel),
        default="position",
        unique=CompetitionLevel.code,
        sorts={"position": CompetitionLevel.position, "name": CompetitionLevel.name},
    )
    return render_template("programme/levels.html", page=page)


@bp.get("/desk/occupations")
@requires(CONFIGURE)
def reference_occupations() -> str:
    """Occupations with their aliases."""
    page = listed(
        db.session(),
        select(Occupation),
        default="code",
        unique=Occupation.code,
        sorts={"code": Occupation.code, "name": Occupation.name},
        search=(Occupation.search_text,),
    )
    return render_template("programme/occupations.html", page=page)


@bp.post("/desk/reference/load")
@requires(CONFIGURE)
def reference_load() -> Any:
    """Add what the house starts with."""
    with transaction() as session:
        added = services.load_reference(session, by=current_user, at=clock.now())
    flash(f"已补充 {added} 条标准数据，原有内容没有改动。", "success")
    return redirect(url_for("programme.reference_occupations"), 303)


@bp.route("/desk/levels/new", methods=["GET", "POST"], defaults={"code": None})
@bp.route("/desk/levels/<code>", methods=["GET", "POST"])
@requires(CONFIGURE)
def level_edit(code: str | None) -> Any:
    """Add or change a level."""
    return _edit("level", CompetitionLevel, code)


@bp.route("/desk/occupations/new", methods=["GET", "POST"], defaults={"code": None})
@bp.route("/desk/occupations/<code>", methods=["GET", "POST"])
@requires(CONFIGURE)
def occupation_edit(code: str | None) -> Any:
    """Add or change an occupation."""
    return _edit("occupation", Occupation, code)


def _edit(kind: str, model: Any, code: str | None) -> Any:
    found = db.session().get(model, code) if code else None
    if code and found is None:
        raise NotFound
    data = (
        {}
        if found is None
        else {name: getattr(found, name) for name in ("code", "name", "aliases", "position") if hasattr(found, name)}
    )
    form = LevelForm(data=data) if kind == "level" else OccupationForm(data=data)
    status = 200
    if request.method == "POST":
        try:
            if code:
                form.code.data = code
                form.code.raw_data = [code]
            if not form.validate():
                raise Invalid
            _save(kind, code, form)
            flash("已保存。", "success")
            return redirect(url_for(LISTS[kind]), 303)
        except Invalid as fault:
            show_problems(form, fault)
            status = 422
    return render_template("programme/reference_edit.html", form=form, kind=kind, code=code), status


def _save(kind: str, code: str | None, form: Any) -> None:
    with transaction() as session:
        if kind == "level":
            services.save_level(
                session,
                code,
                {"code": form.code.data, "name": form.name.data, "position": form.position.data or 0},
                by=current_user,
                at=clock.now(),
            )
        else:
            services.save_occupation(
                session,
                code,
                {"code": form.code.data, "name": form.name.data, "aliases": "\n".join(form.aliases.data)},
                by=current_user,
                at=clock.now(),
            )


@bp.post("/desk/<any(level, occupation):kind>s/<code>/remove")
@requires(CONFIGURE)
def reference_remove(kind: str, code: str) -> Any:
    """Remove a level or occupation that nothing refers to."""
    with transaction() as session:
        row = session.get(CompetitionLevel, code) if kind == "level" else session.get(Occupation, code)
        if row is None:
            raise NotFound
        services.remove_reference(session, row, by=current_user, at=clock.now())
    flash("已删除。", "success")
    return redirect(url_for(LISTS[kind]), 303)
