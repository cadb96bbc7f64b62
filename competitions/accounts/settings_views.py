"""What the administrator sets for this installation: the list with values and defaults, and changing one."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competitions.accounts.blueprint import bp
from competitions.accounts.changing_settings import change_setting
from competitions.accounts.forms import ChoiceSettingForm, SettingForm
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, NotFound, Stale
from competitions.base.permissions import Permission
from competitions.base.settings import SETTINGS, NumberSetting, values
from competitions.web.declared import requires
from competitions.web.fields import choices

CONFIGURE = Permission.CONFIGURE_SYSTEM


@bp.get("/desk/settings")
@requires(CONFIGURE)
def settings() -> str:
    """Every setting that the caller may change, with what holds and what would hold without a change."""
    shown = [setting for setting in SETTINGS.values() if current_user.may(setting.permission)]
    return render_template("accounts/setting_list.html", settings=shown, values=values(db.session(), shown))


@bp.get("/desk/settings/<name>")
@requires(CONFIGURE)
def setting_edit(name: str) -> str:
    """The form of one setting."""
    setting = _asked(name)
    holds = setting.value(db.session())
    return _page(setting, _form(setting, formdata=None, value=holds, seen=holds))


@bp.post("/desk/settings/<name>")
@requires(CONFIGURE)
def setting_save(name: str) -> Any:
    """Change it; "恢复默认" sends the default."""
    setting = _asked(name)
    form = _form(setting)
    restored = "default" in request.form
    if not restored and not form.validate():
        return _page(setting, form), 422
    value = setting.default if restored or form.value.data is None else form.value.data
    try:
        with transaction() as session:
            seen, at = form.seen.data or 0, clock.now()
            changed = change_setting(session, setting, value, seen, by=current_user, at=at)
    except Stale as fault:
        now = form.seen.data = fault.extra["current"]
        form.seen.raw_data = None
        return _page(setting, form, f"刚才已有人改为 {setting.said(now)}。请核对后再保存。"), 409
    except Invalid as fault:
        form.show(fault)
        return _page(setting, form), 422
    flash(f"“{setting.label}”已改为 {setting.said(value)}，立即生效。" if changed else "没有改动。", "success")
    return redirect(url_for("accounts.settings"), 303)


def _form(setting: NumberSetting, **filled: Any) -> SettingForm | ChoiceSettingForm:
    if not setting.words:
        return SettingForm(**filled)
    form = ChoiceSettingForm(**filled)
    form.value.choices = choices(enumerate(setting.words, setting.least))
    return form


def _page(setting: NumberSetting, form: SettingForm | ChoiceSettingForm, fault: str = "") -> str:
    return render_template("accounts/setting_edit.html", setting=setting, form=form, fault=fault)


def _asked(name: str) -> NumberSetting:
    setting = SETTINGS.get(name)
    if setting is None or not current_user.may(setting.permission):
        raise NotFound
    return setting
