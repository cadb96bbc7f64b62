"""Changing what an installation may set. Verbs; knows no page."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import Denied, Invalid, Stale
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.settings import NumberSetting, Setting


def change_setting(session: Session, setting: NumberSetting, value: int, seen: int, *, by: Actor, at: datetime) -> bool:
    """Let another value hold; the default leaves no row behind. Returns whether anything changed.

    Raises Denied, Invalid out of range, and Stale when it is no longer what the user saw (`seen`).
    """
    if not by.may(setting.permission):
        raise Denied
    if not setting.least <= value <= setting.most:
        limits = {"least": setting.least, "most": setting.most}
        raise Invalid([Problem("invalid.setting_range", "value", limits)])
    row = session.get(Setting, setting.name, with_for_update=True)
    before = setting.read(row.value if row else None)
    if before != seen:
        raise Stale(before)
    if value == before:
        return False
    session.execute(delete(Setting).where(Setting.name == setting.name))
    if value != setting.default:
        session.add(Setting(name=setting.name, value=str(value)))
    session.flush()
    record(session, "setting.change", "setting", setting.name, by=by, at=at, before=before, after=value)
    return True
