"""评分设置: the page of a module's judging settings, typed until the stage is locked, read afterwards."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, Stale, StateForbids
from competitions.base.permissions import Permission
from competitions.programme.models import Module
from competitions.programme.modules.forms import ModuleSettingsForm
from competitions.programme.modules.judging_settings import JudgingSettings, Recheck, change_settings
from competitions.programme.pages import bp, show_conflict, show_problems
from competitions.programme.queries import module_in_scope, ruleset_in_force
from competitions.web.declared import requires
from competitions.words.sentences import sentence

EDIT = Permission.EDIT_COMPETITION
BLIND_TO_JUDGES = ("judges_sign", "conflicts")
"""Fields that a theory module does not have: its papers are typed in by the tabulator, no judge marks them."""


@bp.route("/desk/modules/<module_id>/settings", methods=["GET", "POST"])
@requires(EDIT)
def module_settings(module_id: str) -> Any:
    """How a module is judged; the second of two editors sees both versions (409)."""
    module = module_in_scope(db.session(), current_user, module_id, EDIT)
    form, conflict, fault, status = _form(module), [], "", 200
    if form.is_submitted():
        try:
            if not form.validate():
                raise Invalid
            _change(module_id, form)
            flash("评分设置已保存。", "success")
            return redirect(url_for("programme.event", event_id=_event_id(module_id)), 303)
        except Invalid as refusal:
            show_problems(form, refusal)
            status = 422
        except Stale as refusal:
            now = {**typed_of(refusal.extra["current"]["settings"]), "version": refusal.extra["current"]["version"]}
            conflict, status = show_conflict(form, Stale(now)), 409
        except StateForbids as refusal:
            fault, status = sentence(refusal.code, **refusal.params), refusal.status
        module = module_in_scope(db.session(), current_user, module_id, EDIT)
    return _page(module, form, conflict, fault), status


def typed_of(settings: JudgingSettings) -> dict[str, Any]:
    """The settings as the form's fields."""
    shares = settings.recheck or Recheck()
    return {
        "identify_by": settings.identify_by,
        "double_entry": settings.double_entry,
        "judges_sign": settings.judges_sign,
        "recheck": settings.recheck is not None,
        "recheck_top": shares.top,
        "recheck_sample": shares.sample,
        "recheck_limit": shares.limit,
        "conflicts": "forbid" if settings.forbids_conflicts else "warn",
        "late_minutes": settings.late_minutes,
    }


def _form(module: Module) -> ModuleSettingsForm:
    """The form, filled from the module, with the fields that its kind has."""
    form = ModuleSettingsForm(data={**typed_of(JudgingSettings.of(module)), "version": module.version})
    for name in BLIND_TO_JUDGES if module.kind == "theory" else ("identify_by",):
        del form[name]
    return form


def _typed(form: ModuleSettingsForm) -> JudgingSettings:
    def said(name: str, otherwise: Any) -> Any:
        return form[name].data if name in form else otherwise

    shares = Recheck(form.recheck_top.data or 0, form.recheck_sample.data or 0, form.recheck_limit.data or 0)
    return JudgingSettings(
        identify_by=said("identify_by", "code"),
        double_entry=form.double_entry.data,
        judges_sign=said("judges_sign", False),
        recheck=shares if form.recheck.data else None,
        forbids_conflicts=said("conflicts", "warn") == "forbid",
        late_minutes=form.late_minutes.data,
    )


def _change(module_id: str, form: ModuleSettingsForm) -> None:
    with transaction() as session:
        module = module_in_scope(session, current_user, module_id, EDIT)
        change_settings(session, module, _typed(form), form.version.data or 0, by=current_user, at=clock.now())


def _event_id(module_id: str) -> str:
    return module_in_scope(db.session(), current_user, module_id, EDIT).stage.event_id


def _page(module: Module, form: ModuleSettingsForm, conflict: list[tuple[str, str, str]], fault: str) -> str:
    event = module.stage.event
    return render_template(
        "programme/module_settings.html",
        module=module,
        stage=module.stage,
        event=event,
        competition=event.competition,
        form=form,
        conflict=conflict,
        fault=fault,
        settings=JudgingSettings.of(module),
        locked=module.stage.locked_at,
        has_ruleset=ruleset_in_force(db.session(), module.stage_id) is not None,
    )
