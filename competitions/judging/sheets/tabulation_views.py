"""The tabulator's pages: modules to type in, the grid by ticket or code, typing a second time."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from competitions.base.database import db, new_id
from competitions.base.errors import Refusal
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.judging.models import ScoreSheet
from competitions.judging.queries import tabulated_module, tabulated_modules, tabulated_sheets
from competitions.judging.schemes.versions import aspects_of
from competitions.judging.sheets.deliveries import Answer, read_key
from competitions.judging.sheets.delivering import deliver
from competitions.judging.sheets.tabulation import entered_again, grid_rows, save_grid, save_second_entries, time_fields
from competitions.programme.models import Event, Module, Stage
from competitions.programme.modules.judging_settings import JudgingSettings
from competitions.web.declared import requires
from competitions.words.sentences import sentence, worded

TYPE = Permission.TABULATE


@bp.get("/desk/judging/tabulation")
@requires(TYPE)
def tabulation() -> str:
    """The modules that the caller types in, with how far he is."""
    session = db.session()
    modules = session.scalars(
        tabulated_modules(current_user)
        .options(joinedload(Module.stage).joinedload(Stage.event).joinedload(Event.competition))
        .order_by(Module.stage_id, Module.position)
    ).all()
    counts: dict[str, dict[str, int]] = {}
    for module_id, state, count in session.execute(
        select(ScoreSheet.module_id, ScoreSheet.state, func.count())
        .where(ScoreSheet.id.in_(tabulated_sheets(current_user).with_only_columns(ScoreSheet.id)))
        .group_by(ScoreSheet.module_id, ScoreSheet.state)
    ):
        counts.setdefault(module_id, {})[state] = count
    return render_template(
        "judging/tabulation_list.html",
        modules=modules,
        counts=counts,
        twice={module.id for module in modules if JudgingSettings.of(module).double_entry},
    )


@bp.get("/desk/modules/<module_id>/tabulation")
@requires(TYPE)
def tabulation_grid(module_id: str) -> str:
    """The grid of a module."""
    return _grid(tabulated_module(db.session(), current_user, module_id), "first")


@bp.get("/desk/modules/<module_id>/tabulation/again")
@requires(TYPE)
def tabulation_again(module_id: str) -> str:
    """The empty grid for a second person, who does not see what the first typed."""
    return _grid(tabulated_module(db.session(), current_user, module_id), "again")


@bp.post("/desk/modules/<module_id>/tabulation")
@requires(TYPE)
def tabulation_save(module_id: str) -> Any:
    """Save what changed, all or nothing."""
    typed, bases = typed_rows(request.form)

    def act(session: Session, at: datetime) -> Answer:
        module = tabulated_module(session, current_user, module_id)
        return {"saved": save_grid(session, module, typed, bases, by=current_user, at=at)}

    try:
        answer, _, _ = deliver(f"grid {module_id}", read_key(request.form.get("key")), [typed, bases], act)
    except Refusal as refusal:
        return _refused(module_id, "first", typed, refusal)
    flash(f"已保存 {answer['saved']} 行，等待复核。" if answer["saved"] else "没有改动，未保存新内容。", "success")
    return redirect(url_for("judging.tabulation_grid", module_id=module_id), 303)


@bp.post("/desk/modules/<module_id>/tabulation/again")
@requires(TYPE)
def tabulation_save_again(module_id: str) -> Any:
    """Keep the second reading; where it differs from the first is listed by row and aspect, never the first's values."""
    typed, _ = typed_rows(request.form)

    def act(session: Session, at: datetime) -> Answer:
        module = tabulated_module(session, current_user, module_id)
        return {"different": save_second_entries(session, module, typed, by=current_user, at=at)}

    try:
        answer, _, _ = deliver(f"grid-again {module_id}", read_key(request.form.get("key")), typed, act)
    except Refusal as refusal:
        return _refused(module_id, "again", typed, refusal)
    different = answer["different"]
    if different:
        flash(
            "两次录入不一致："
            + "；".join(f"{name}（{'、'.join(found)}）" for name, found in sorted(different.items())[:30])
            + "。请两人对照原始记录，谁录错谁更正。",
            "warning",
        )
    else:
        flash("已保存，两次录入一致。", "success")
    return redirect(url_for("judging.tabulation_again", module_id=module_id), 303)


def typed_rows(form: Any) -> tuple[dict[str, dict[str, str]], dict[str, int]]:
    """What the grid sent: name → aspect → text, and name → the revision it was based on."""
    by_number: dict[str, dict[str, str]] = {}
    for key, value in form.items():
        if key.startswith("mark."):
            number, _, aspect = key[len("mark.") :].partition(".")
            by_number.setdefault(number, {})[aspect] = value[:40]
    typed: dict[str, dict[str, str]] = {}
    bases: dict[str, int] = {}
    for number, marks in by_number.items():
        name, base = form.get(f"name.{number}", ""), form.get(f"base.{number}", "")
        typed[name] = marks
        bases[name] = int(base) if base.isdecimal() and len(base) < 10 else -1
    return typed, bases


def _refused(module_id: str, which: str, typed: dict[str, dict[str, str]], refusal: Refusal) -> Any:
    if refusal.code not in ("invalid", "stale_revision"):
        raise refusal
    module = tabulated_module(db.session(), current_user, module_id)
    faults: dict[str, dict[str, str]] = {}
    for problem in refusal.problems:
        name, _, aspect = (problem.where or "").rpartition(".")
        faults.setdefault(name, {})[aspect] = worded(problem)
    stale = (refusal.extra.get("current") or {}).get("rows", [])
    fault = sentence("state.stale_rows", count=len(stale)) if stale else sentence("invalid")
    return _grid(module, which, typed, faults, fault, stale), refusal.status


def _grid(
    module: Module,
    which: str,
    typed: dict[str, dict[str, str]] | None = None,
    faults: dict[str, dict[str, str]] | None = None,
    fault: str | None = None,
    stale: Any = (),
) -> str:
    session = db.session()
    rows, settings = grid_rows(session, current_user, module), JudgingSettings.of(module)
    return render_template(
        "judging/tabulation_grid.html",
        module=module,
        rows=rows,
        aspects=[aspect.document() for aspect in aspects_of(session, module)]
        + (time_fields(module) if which == "first" else []),
        typed=typed or {},
        faults=faults or {},
        fault=fault,
        stale=stale,
        key=new_id(),
        which=which,
        again=entered_again(session, rows) if settings.double_entry else set(),
        twice=settings.double_entry,
        open=any(not row.fixed and (which == "first" or row.sheet.state == "submitted") for row in rows),
        named="准考证号" if settings.identify_by == "ticket" else "加密号",
    )
