"""Pages of 晋级名单: taking those who go on into the next stage, reserves, those left out; which modules carry a score."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, NotFound, Refusal, StateForbids
from competitions.base.permissions import Permission
from competitions.base.shown import CHANGED, Shown
from competitions.coding.advancing import leave_out
from competitions.coding.lots import require_open
from competitions.judging.schemes.versions import module_part
from competitions.programme.models import Module, Stage
from competitions.programme.modules.carried import (
    carried_from,
    count_missing_as_absent,
    earlier_stages,
    missing_is_absent,
    set_carried,
)
from competitions.programme.queries import module_in_scope
from competitions.results.blueprint import bp
from competitions.results.queries import holds, stage_to_show
from competitions.results.selection.acts import acts_on, carry_acts
from competitions.results.selection.advancing import (
    advancement_of,
    earlier_problems,
    keep_as_they_are,
    take_advanced,
    take_reserve,
)
from competitions.web.declared import requires
from competitions.web.listing import asked_page
from competitions.web.many import shown_before
from competitions.words.sentences import worded

ADVANCE = Permission.ADVANCE_ENTRANTS
Act = Callable[[Session, Stage, datetime], str]


@bp.get("/desk/stages/<stage_id>/advancement")
@requires(ADVANCE)
def advancement(stage_id: str) -> str:
    """Who goes on from the earlier stage, and who takes part in this one."""
    return _page(stage_id)


@bp.post("/desk/stages/<stage_id>/advancement")
@requires(ADVANCE)
def advancement_take(stage_id: str) -> Any:
    """Take everybody who goes on, in one act."""

    def act(session: Session, stage: Stage, at: datetime) -> str:
        came, went = take_advanced(session, stage, Shown.read(shown_before()), by=current_user, at=at)
        return f"名单已确定：新增 {came} 个，移出 {went} 个。" if came or went else "名单没有变化，已按现行公布核对。"

    return _done(stage_id, act)


@bp.post("/desk/stages/<stage_id>/advancement/keep")
@requires(ADVANCE)
def advancement_keep(stage_id: str) -> Any:
    """The list stays although the earlier stage was published anew."""

    def act(session: Session, stage: Stage, at: datetime) -> str:
        reason, shown = request.form.get("reason", ""), Shown.read(shown_before())
        keep_as_they_are(session, stage, reason, shown, by=current_user, at=at)
        return "名单维持不变，理由已记录。"

    return _done(stage_id, act)


@bp.post("/desk/stages/<stage_id>/advancement/<entry_id>/reserve")
@requires(ADVANCE)
def advancement_reserve(stage_id: str, entry_id: str) -> Any:
    """Somebody takes part in the place of another."""

    def act(session: Session, stage: Stage, at: datetime) -> str:
        take_reserve(session, stage, entry_id, request.form.get("reason", ""), by=current_user, at=at)
        return "已递补参加本阶段。"

    return _done(stage_id, act)


@bp.post("/desk/stages/<stage_id>/advancement/<entry_id>/leave")
@requires(ADVANCE)
def advancement_leave(stage_id: str, entry_id: str) -> Any:
    """Somebody does not take part after all."""

    def act(session: Session, stage: Stage, at: datetime) -> str:
        leave_out(session, stage, entry_id, request.form.get("reason", ""), by=current_user, at=at)
        return "已移出本阶段名单。需要时可由名次在后的递补。"

    return _done(stage_id, act)


@bp.post("/desk/modules/<module_id>/carried")
@requires(Permission.EDIT_COMPETITION)
def module_carry(module_id: str) -> Any:
    """Carry an earlier stage's published total into a module, or have it marked."""
    earlier = request.form.get("stage") or None
    stage_id = module_in_scope(db.session(), current_user, module_id, Permission.EDIT_COMPETITION).stage_id

    def act(session: Session, _stage: Stage, at: datetime) -> str:
        module = module_in_scope(session, current_user, module_id, Permission.EDIT_COMPETITION)
        set_carried(session, module, earlier, module_part(session, module), by=current_user, at=at)
        return f"“{module.name}”改为带入前一阶段的成绩，不再由裁判评分。" if earlier else f"“{module.name}”由裁判评分。"

    return _done(stage_id, act)


@bp.post("/desk/modules/<module_id>/carried/missing")
@requires(Permission.EDIT_COMPETITION)
def module_carry_missing(module_id: str) -> Any:
    """Whoever has no published earlier total counts as absent there."""
    stage_id = module_in_scope(db.session(), current_user, module_id, Permission.EDIT_COMPETITION).stage_id

    def act(session: Session, _stage: Stage, at: datetime) -> str:
        module = module_in_scope(session, current_user, module_id, Permission.EDIT_COMPETITION)
        count_missing_as_absent(session, module, request.form.get("reason", ""), by=current_user, at=at)
        return f"“{module.name}”没有前一阶段成绩的按缺考计，理由已记录。"

    return _done(stage_id, act)


def _done(stage_id: str, act: Act) -> Any:
    """Do it and show the page, or the page with what was refused."""
    try:
        with transaction() as session:
            said = act(session, stage_to_show(session, current_user, stage_id, ADVANCE), clock.now())
    except (Invalid, StateForbids) as fault:
        db.session().rollback()
        return _page(stage_id, fault), fault.status
    flash(said, "success")
    return redirect(url_for("results.advancement", stage_id=stage_id), 303)


def _page(stage_id: str, fault: Refusal | None = None) -> str:
    session = db.session()
    stage = stage_to_show(session, current_user, stage_id, ADVANCE)
    earlier = earlier_stages(session, stage)
    if not earlier:
        raise NotFound
    found, may_carry = advancement_of(session, stage), holds(current_user, stage, Permission.EDIT_COMPETITION)
    modules = session.scalars(select(Module).where(Module.stage_id == stage.id).order_by(Module.position)).all()
    return render_template(
        "results/advancement.html",
        stage=stage,
        found=found,
        shown=Shown.of(found.versions.items()).text(),
        fault=fault,
        differences=[worded(problem) for problem in fault.problems] if fault and fault.code == CHANGED else [],
        page=asked_page(found.lines),
        problems=earlier_problems(session, stage),
        acts=acts_on(stage, found, sealed=_sealed(session, stage)),
        modules=modules,
        earlier=earlier,
        carried={module.id: carried_from(module) for module in modules},
        absent={module.id for module in modules if missing_is_absent(module)},
        carrying={module.id: carry_acts(stage, module, may_carry=may_carry) for module in modules},
    )


def _sealed(session: Session, stage: Stage) -> bool:
    try:
        require_open(session, stage)
    except StateForbids:
        return True
    return False
