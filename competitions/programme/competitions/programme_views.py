"""Pages of programmes (主题竞赛) for organisers of the whole house."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Denied, Invalid, NotFound, Stale
from competitions.base.permissions import Permission
from competitions.programme.competitions import services
from competitions.programme.competitions.views import may_create
from competitions.programme.forms import ProgrammeForm
from competitions.programme.models import Programme
from competitions.programme.pages import bp, show_conflict, show_problems
from competitions.programme.queries import programme_named
from competitions.web.declared import requires
from competitions.web.fields import choices


@bp.get("/desk/programmes")
@requires(Permission.CREATE_COMPETITION)
def programmes() -> str:
    """All programmes, as they nest."""
    return render_template(
        "programme/programmes.html", programmes=programme_named(db.session()), may_create=may_create()
    )


@bp.route("/desk/programmes/new", methods=["GET", "POST"], defaults={"programme_id": None})
@bp.route("/desk/programmes/<programme_id>", methods=["GET", "POST"])
@requires(Permission.CREATE_COMPETITION)
def programme_edit(programme_id: str | None) -> Any:
    """Make or change a programme."""
    if not may_create():
        raise Denied
    session = db.session()
    found = session.get(Programme, programme_id) if programme_id else None
    if programme_id and found is None:
        raise NotFound
    form = ProgrammeForm(obj=found)
    others = [pair for pair in programme_named(session) if pair[0] != programme_id]
    form.parent_id.choices = choices([("", "无（最上级）"), *others])
    conflict, status = [], 200
    if request.method == "POST":
        try:
            if not form.validate():
                raise Invalid
            _save_programme(programme_id, form)
            flash("已保存。", "success")
            return redirect(url_for("programme.programmes"), 303)
        except Stale as fault:
            conflict, status = show_conflict(form, fault), 409
        except Invalid as fault:
            show_problems(form, fault)
            status = 422
    return render_template(
        "programme/programme_edit.html", form=form, programme_id=programme_id, conflict=conflict
    ), status


def _save_programme(programme_id: str | None, form: ProgrammeForm) -> None:
    values = {name: form[name].data for name in ("name", "parent_id", "summary")}
    with transaction() as session:
        if programme_id is None:
            services.create_programme(session, values, by=current_user, at=clock.now())
        else:
            services.change_programme(
                session,
                session.get_one(Programme, programme_id),
                values,
                form.version.data,
                by=current_user,
                at=clock.now(),
            )
