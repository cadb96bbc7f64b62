"""Stops and extra time of a stage: the page of the chief judge's office, the same page for floor judges, the paper.

A floor judge sees his own modules, and why only of what he entered himself: reasons may say who is behind a code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts.exports import count_export, record_export
from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Refusal
from competitions.base.permissions import Permission
from competitions.coding.models import CodedPlace
from competitions.judging.blueprint import bp
from competitions.judging.panels.queries import marked_modules
from competitions.judging.settings import HALL_FILES
from competitions.judging.signing.incidents import incidents_of
from competitions.judging.timing.forms import ResumeForm, TimeChangeForm
from competitions.judging.timing.models import TimeChange
from competitions.judging.timing.paper import hall_record
from competitions.judging.timing.queries import (
    change_in_scope,
    floor_modules,
    floor_stage,
    sittings_of,
    stage_changes,
)
from competitions.judging.timing.services import Wanted, enter_change, resume, sign_change, signs, withdraw_change
from competitions.judging.timing.wording import KIND_WORDS, done, whom
from competitions.programme.models import Module, Stage
from competitions.programme.queries import stage_in_scope
from competitions.web.answers import table_download
from competitions.web.declared import requires
from competitions.web.fields import choices

OFFICE, FLOOR = Permission.RECORD_INCIDENTS, Permission.MARK_SHEETS
PLACES = {"times": ("times", OFFICE), "floor_times": ("floor-times", FLOOR)}
"""Door → place below the stage, and permission."""


@dataclass(frozen=True, slots=True)
class TimeLine:
    """A change as somebody sees it: in words, whether he may read why, sign it, withdraw it; who entered it."""

    change: TimeChange
    words: str
    whom: str
    entered_by: str
    reason: str | None
    withdrawn: str | None
    may_sign: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class Door:
    """By which door somebody comes: as the chief judge's office or as a floor judge; to which stage."""

    name: str
    stage_id: str

    @property
    def permission(self) -> Permission:
        """What he must be allowed."""
        return PLACES[self.name][1]

    def stage(self, session: Session) -> Stage:
        """The stage. Raises NotFound."""
        if self.permission is FLOOR:
            return floor_stage(session, current_user, self.stage_id)
        return stage_in_scope(session, current_user, self.stage_id, OFFICE)

    def modules(self, session: Session) -> list[Module]:
        """The modules whose time he may change."""
        modules = marked_modules(session, self.stage_id)
        if self.permission is OFFICE:
            return modules
        own = set(session.scalars(floor_modules(current_user).with_only_columns(Module.id)))
        return [module for module in modules if module.id in own]

    def url(self, page: str = "", **more: str) -> str:
        """The address of one of its pages."""
        address: str = url_for(f"judging.{self.name}{page}", **{"stage_id": self.stage_id, **more})  # type: ignore[arg-type]
        return address


def times(door: Door) -> str:
    """What was stopped and granted, and the form for more."""
    session = db.session()
    door.stage(session)
    return _page(door, _form(door, code=request.args.get("code", "")))


def enter(door: Door) -> Any:
    """Enter a change for each module and sitting chosen, or the code; field errors show the form again."""
    door.stage(db.session())
    form = _form(door)
    if not form.validate():
        return _page(door, form), 422
    try:
        with transaction() as session:
            door.stage(session)
            for module, wanted in _wanted(session, door, form):
                enter_change(session, module, wanted, by=current_user, at=clock.now())
    except Refusal as fault:
        if fault.status not in (409, 422):
            raise
        form.show(fault)
        return _page(door, form), fault.status
    flash(f"已登记{KIND_WORDS[form.kind.data]}。", "success")
    return redirect(door.url(), 303)


def end(door: Door, change_id: str) -> Any:
    """A stop ends, now or when the form says."""
    form = ResumeForm(request.form)
    if not form.validate():
        flash("".join(form.ends.errors), "danger")
        return redirect(door.url(), 303)
    with transaction() as session:
        door.stage(session)
        change = change_in_scope(session, current_user, change_id, door.permission)
        resume(session, change, form.ends.data, by=current_user, at=clock.now())
    flash("已登记恢复。", "success")
    return redirect(door.url(), 303)


def withdraw(door: Door, change_id: str) -> Any:
    """Take back, or refuse."""
    with transaction() as session:
        door.stage(session)
        change = change_in_scope(session, current_user, change_id, door.permission)
        withdraw_change(session, change, request.form.get("reason", ""), by=current_user, at=clock.now())
    flash("已撤回，原记录保留备查。", "success")
    return redirect(door.url(), 303)


def through(name: str, page: Callable[..., Any]) -> Callable[..., Any]:
    """The page for one door, with the door's permission declared."""

    @requires(PLACES[name][1])
    @wraps(page)
    def view(stage_id: str, **more: str) -> Any:
        return page(Door(name, stage_id), **more)

    return view


PAGES: list[tuple[str, str, str, Callable[..., Any]]] = [
    ("", "", "GET", times),
    ("_enter", "", "POST", enter),
    ("_resume", "/<change_id>/resume", "POST", end),
    ("_withdraw", "/<change_id>/withdraw", "POST", withdraw),
]
for _name, (_place, _permission) in PLACES.items():
    for _endpoint, _below, _method, _view in PAGES:
        bp.add_url_rule(
            f"/desk/stages/<stage_id>/{_place}{_below}",
            f"{_name}{_endpoint}",
            through(_name, _view),
            methods=[_method],
        )


@bp.post("/desk/stages/<stage_id>/times/sign")
@requires(Permission.SIGN_MODULES)
def times_sign(stage_id: str) -> Any:
    """The chief judge signs what others entered: exactly the changes that the page showed."""
    chosen = request.form.getlist("change")
    with transaction() as session:
        stage_in_scope(session, current_user, stage_id, Permission.SIGN_MODULES)
        for change_id in chosen:
            change = change_in_scope(session, current_user, change_id, Permission.SIGN_MODULES)
            sign_change(session, change, by=current_user, at=clock.now())
    flash(f"已签认 {len(chosen)} 条。", "success")
    return redirect(url_for("judging.times", stage_id=stage_id), 303)


@bp.get("/desk/stages/<stage_id>/hall-record.xlsx")
@requires(OFFICE)
def hall_record_table(stage_id: str) -> Response:
    """赛场情况记录表: stops, extra time and incidents in the order of their times, with lines to be filled in by hand."""
    session = db.session()
    stage_in_scope(session, current_user, stage_id, OFFICE)
    count_export("hall_record", HALL_FILES)
    stage = stage_in_scope(session, current_user, stage_id, OFFICE)
    changes, incidents = stage_changes(session, stage.id), incidents_of(session, stage.id)
    names = _names(session, [*(each.by for each in changes), *(each.by for each in incidents)], changes)
    places = session.scalars(select(CodedPlace).where(CodedPlace.stage_id == stage.id)).all()
    table = hall_record(stage, changes, incidents, names, {place.code: place for place in places})
    name, rows = f"{stage.event.name}{stage.name}赛场情况记录表", len(changes) + len(incidents)
    answer = table_download(name, table)
    record_export("hall_record.export", "stage", stage_id, answer.get_data(), rows=rows)
    return answer


def _wanted(session: Session, door: Door, form: TimeChangeForm) -> list[tuple[Module, Wanted]]:
    """A change for each module, and for each sitting where no code is named."""
    modules = [module for module in door.modules(session) if module.id in form.modules.data]
    sittings = [each for each in sittings_of(session, door.stage_id) if each.id in (form.sittings.data or ())]
    code = (form.code.data or "").strip()
    return [
        (
            module,
            Wanted(
                form.kind.data,
                code,
                sitting,
                form.reason.data,
                form.begins.data,
                form.ends.data,
                form.seconds.data,
            ),
        )
        for module in modules
        for sitting in ([None] if code or not sittings else sittings)
        if sitting is None or sitting.module_id in (None, module.id)
    ]


def _form(door: Door, **values: str) -> TimeChangeForm:
    session = db.session()
    modules, sittings = door.modules(session), sittings_of(session, door.stage_id)
    form = TimeChangeForm(request.form if request.method == "POST" else None, **values)
    form.modules.choices = choices((module.id, module.name) for module in modules)
    form.sittings.choices = choices((sitting.id, sitting.name) for sitting in sittings)
    if request.method == "GET":
        form.modules.data = [modules[0].id] if len(modules) == 1 else []
        form.sittings.data = [sittings[0].id] if len(sittings) == 1 else []
    return form


def _page(door: Door, form: TimeChangeForm) -> str:
    session = db.session()
    stage, own = door.stage(session), {module.id for module in door.modules(session)}
    changes = [each for each in stage_changes(session, stage.id) if each.module_id in own]
    office = door.permission is OFFICE
    chief = office and signs(current_user, stage)
    names = _names(session, [each.by for each in changes], changes) if office else {}
    codes = session.scalars(select(CodedPlace.code).where(CodedPlace.stage_id == stage.id).order_by(CodedPlace.code))
    return render_template(
        "judging/times.html",
        door=door,
        stage=stage,
        form=form,
        lines=[_line(each, names, office, chief) for each in changes],
        codes=list(codes),
        names=names,
        office=office,
        chief=chief,
    )


def _line(change: TimeChange, names: dict[str, str], office: bool, chief: bool) -> TimeLine:
    own = current_user.id in (change.by, change.resumed_by)
    return TimeLine(
        change,
        done(change),
        whom(change),
        names.get(change.by) or ("本人" if change.by == current_user.id else "—"),
        change.reason if office or own else None,
        change.withdrawn_reason if office or own else None,
        chief and change.awaits_signature,
        change.withdrawn_at is None and (chief or (own and change.signed_at is None)),
    )


def _names(session: Session, people: list[str], changes: list[TimeChange]) -> dict[str, str]:
    ids = {*people, *(each.signed_by for each in changes if each.signed_by)}
    return {user.id: user.display_name for user in session.scalars(select(User).where(User.id.in_(ids)))}
