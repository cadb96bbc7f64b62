"""The organiser's pages before judging: marking schemes in a grid, panels with their warnings, opening the sheets."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, NotFound, StateForbids
from competitions.base.permissions import Permission
from competitions.coding.models import Sitting
from competitions.judging.blueprint import bp
from competitions.judging.forms import DUTIES, SeatForm
from competitions.judging.models import MarkingScheme, PanelMember, ScoreSheet
from competitions.judging.panels.hands import Move
from competitions.judging.panels.queries import empty_seats, load_of, people_for
from competitions.judging.panels.services import assign, open_judging, panel_faults, replace_member
from competitions.judging.queries import judge_names, panel_of
from competitions.judging.schemes.versions import (
    COLUMNS,
    approve_scheme,
    highest_mark,
    module_part,
    read_rows,
    save_scheme,
    scheme_in_force,
    schemes_in_force,
    with_kept_grades,
)
from competitions.judging.sheets.form_numbers import form_number
from competitions.programme.models import Competition, Event, Module, Stage
from competitions.programme.modules.carried import carried_from
from competitions.programme.queries import module_in_scope, stage_in_scope, stages_in_scope
from competitions.scoring.numbers import plain
from competitions.web.declared import requires
from competitions.web.listing import listed
from competitions.words.sentences import sentence, worded

EDIT, SEAT, APPROVE = Permission.EDIT_SCHEME, Permission.ASSIGN_PANELS, Permission.APPROVE_RULESET
EMPTY_ROWS = 12
PER_PAGE = 20
KIND_LABELS = {"measurement": "测量", "judgement": "评价", "deduction": "扣分"}


@bp.get("/desk/judging/preparation")
@requires(EDIT)
def preparation() -> str:
    """The stages in scope with their modules: scheme, panel, sheets; what keeps judging from being opened."""
    session = db.session()
    page = listed(
        session,
        stages_in_scope(current_user, EDIT)
        .where(Stage.settled_at.is_(None))
        .options(joinedload(Stage.event).joinedload(Event.competition)),
        sorts={"final": Competition.final_until},
        default="-final",
        then=[Competition.name, Event.position, Stage.position],
        search=(Competition.search_text, Event.search_text, Stage.search_text),
        unique=Stage.id,
        joins=lambda statement: statement.join(Stage.event).join(Event.competition),
        per_page=PER_PAGE,
    )
    stages = page.items
    modules: dict[str, list[Module]] = {}
    for module in session.scalars(
        select(Module).where(Module.stage_id.in_([stage.id for stage in stages])).order_by(Module.position)
    ):
        modules.setdefault(module.stage_id, []).append(module)
    ids = [module.id for found in modules.values() for module in found]
    return render_template(
        "judging/preparation.html",
        page=page,
        stages=stages,
        modules=modules,
        carried_from=carried_from,
        schemes=schemes_in_force(session, ids),
        panels=_counts(
            PanelMember.module_id,
            PanelMember.module_id.in_(ids),
            PanelMember.left_at.is_(None),
            PanelMember.code.is_(None),
        ),
        sheets=_counts(ScoreSheet.module_id, ScoreSheet.module_id.in_(ids), ScoreSheet.closed.is_(None)),
    )


def _counts(column: Any, *conditions: Any) -> dict[str, int]:
    return {
        key: count
        for key, count in db.session().execute(select(column, func.count()).where(*conditions).group_by(column))
    }


@bp.get("/desk/modules/<module_id>/scheme")
@requires(EDIT)
def scheme(module_id: str) -> str:
    """The marking scheme as a grid into which a worksheet can be pasted."""
    session = db.session()
    module = module_in_scope(session, current_user, module_id, EDIT)
    found = scheme_in_force(session, module.id)
    rows = [{**aspect, "kind": KIND_LABELS[aspect["kind"]]} for aspect in (found.aspects if found else [])]
    return _scheme_page(module, rows, {}, [])


@bp.post("/desk/modules/<module_id>/scheme")
@requires(EDIT)
def scheme_save(module_id: str) -> Any:
    """Save a new version of the scheme; what is wrong is shown in its cell."""
    rows = scheme_rows(request.form)
    base = request.form.get("base", "")
    try:
        aspects = read_rows(rows)
        with transaction() as session:
            module = module_in_scope(session, current_user, module_id, EDIT)
            aspects = with_kept_grades(aspects, scheme_in_force(session, module.id))
            saved = save_scheme(
                session,
                module,
                aspects,
                request.form.get("reason", ""),
                form_number(base),
                by=current_user,
                at=clock.now(),
            )
            waits = saved.approved_by is None
    except (Invalid, StateForbids) as fault:
        module = module_in_scope(db.session(), current_user, module_id, EDIT)
        cells = {problem.where or "": worded(problem) for problem in fault.problems}
        words = list(dict.fromkeys(map(worded, fault.told)))
        return _scheme_page(module, rows, cells, words, stale=fault.code == "state.scheme_changed"), fault.status
    flash("新版本已保存，须由第二人同意后生效。" if waits else "评分细则已保存。", "success")
    return redirect(url_for("judging.scheme", module_id=module_id), 303)


def scheme_rows(form: Any) -> list[dict[str, str]]:
    """The grid's rows: the fields id, name … given once for each row, in order."""
    columns = [form.getlist(name) for name in COLUMNS]
    return [dict(zip(COLUMNS, texts, strict=True)) for texts in zip(*columns, strict=False)][:400]


def _scheme_page(
    module: Module, rows: list[dict[str, Any]], cells: dict[str, str], faults: list[str], *, stale: bool = False
) -> str:
    """The grid; `stale`: somebody else saved in the meantime, his version is shown beside."""
    session = db.session()
    full = highest_mark(session, module)
    versions = session.scalars(
        select(MarkingScheme).where(MarkingScheme.module_id == module.id).order_by(MarkingScheme.number.desc())
    ).all()
    return render_template(
        "judging/scheme.html",
        module=module,
        rows=[*rows, *({} for _ in range(EMPTY_ROWS))],
        cells=cells,
        faults=faults,
        reason=request.form.get("reason", ""),
        newest=versions[0] if stale and versions else None,
        kind_labels=KIND_LABELS,
        columns=COLUMNS,
        full=plain(full) if full is not None else None,
        versions=versions,
        base=versions[0].number if versions else 0,
        kinds=KIND_LABELS.values(),
        in_force=scheme_in_force(session, module.id),
    )


@bp.get("/desk/judging/schemes/waiting")
@requires(APPROVE)
def schemes_waiting() -> str:
    """Late versions of marking schemes that wait for a second person."""
    session = db.session()
    stages = stages_in_scope(current_user, APPROVE).with_only_columns(Stage.id)
    found = session.scalars(
        select(MarkingScheme)
        .join(MarkingScheme.module)
        .where(Module.stage_id.in_(stages), MarkingScheme.approved_by.is_(None))
        .options(joinedload(MarkingScheme.module).joinedload(Module.stage).joinedload(Stage.event))
        .order_by(MarkingScheme.created_at)
    ).all()
    before = schemes_in_force(session, [each.module_id for each in found])
    approvable = {each.id for each in found if each.may_be_approved_by(current_user.id)}
    return render_template(
        "judging/schemes_waiting.html", schemes=found, before=before, kinds=KIND_LABELS, approvable=approvable
    )


@bp.post("/desk/judging/schemes/<scheme_id>/approve")
@requires(APPROVE)
def scheme_approve(scheme_id: str) -> Any:
    """A second person lets a late version hold."""
    with transaction() as session:
        stages = stages_in_scope(current_user, APPROVE).with_only_columns(Stage.id)
        found = session.scalar(
            select(MarkingScheme)
            .join(MarkingScheme.module)
            .where(MarkingScheme.id == scheme_id, Module.stage_id.in_(stages))
        )
        if found is None:
            raise NotFound
        approve_scheme(session, found, by=current_user, at=clock.now())
    flash("这一版评分细则已生效。", "success")
    return redirect(url_for("judging.schemes_waiting"), 303)


@bp.get("/desk/modules/<module_id>/panel")
@requires(SEAT)
def panel(module_id: str) -> str:
    """The module's panel, with warnings where a judge's own unit competes."""
    module = module_in_scope(db.session(), current_user, module_id, SEAT)
    return _panel_page(module, _seat_form(module))


@bp.post("/desk/modules/<module_id>/panel")
@requires(SEAT)
def panel_assign(module_id: str) -> Any:
    """Put a person on the panel."""
    module = module_in_scope(db.session(), current_user, module_id, SEAT)
    form = _seat_form(module)
    if not form.validate():
        return _panel_page(module, form), 422
    try:
        with transaction() as session:
            module = module_in_scope(session, current_user, module_id, SEAT)
            member = assign(
                session,
                module,
                session.get_one(User, form.user.data),
                form.duty.data,
                _sitting(module, form.sitting.data),
                len(panel_of(session, module.id)) + 1,
                by=current_user,
                at=clock.now(),
            )
            warning = member.warning
    except Invalid as fault:
        module = module_in_scope(db.session(), current_user, module_id, SEAT)
        form.user.errors = [sentence(fault.code, **fault.params)]
        return _panel_page(module, form), 422
    flash(f"已编入裁判组。{warning}", "warning" if warning else "success")
    return redirect(url_for("judging.panel", module_id=module_id), 303)


@bp.post("/desk/judging/members/<member_id>/leave")
@requires(SEAT)
def panel_leave(member_id: str) -> Any:
    """A member leaves; a substitute may take over what he has not delivered, else it is closed with the reason."""
    try:
        with transaction() as session:
            member, module = _member(member_id)
            chosen = request.form.get("substitute")
            substitute = session.get(User, chosen) if chosen else None
            if chosen and substitute is None:
                raise Invalid(code="invalid.not_in_role")
            reason = request.form.get("note", "")
            moves = replace_member(session, member, substitute, reason, by=current_user, at=clock.now())
            module_id, said = module.id, _left(moves, substitute)
    except Invalid as fault:
        _, module = _member(member_id)
        flash(sentence(fault.code, **fault.params), "danger")
        return _panel_page(module, _seat_form(module, fresh=True)), 422
    flash(said, "success")
    return redirect(url_for("judging.panel", module_id=module_id), 303)


def _member(member_id: str) -> tuple[PanelMember, Module]:
    session = db.session()
    member = session.scalar(select(PanelMember).where(PanelMember.id == member_id))
    if member is None:
        raise NotFound
    return member, module_in_scope(session, current_user, member.module_id, SEAT)


def _left(moves: Sequence[Move], substitute: User | None) -> str:
    """What became of the sheets, in words."""
    passed = sum(substitute is not None and move.judge_id == substitute.id for move in moves)
    closed = len(moves) - passed
    first = f"已办理替换，{passed} 份未送达的评分表转给接替人。" if substitute else "已移出裁判组，已送达的评分表保留。"
    if not closed:
        return first
    why = "接替人已评过该号或须回避" if substitute else "没有接替人"
    return f"{first}另有 {closed} 份因{why}而空缺：编入接替人即可继续，也可由裁判长在评分总表中逐号指派代评。"


@bp.post("/desk/stages/<stage_id>/judging/open")
@requires(SEAT)
def judging_open(stage_id: str) -> Any:
    """Make the score sheets; what is not ready is listed instead (409)."""
    try:
        with transaction() as session:
            stage = stage_in_scope(session, current_user, stage_id, SEAT)
            made = open_judging(session, stage, by=current_user, at=clock.now())
    except StateForbids as fault:
        if not fault.problems:
            raise
        stage = stage_in_scope(db.session(), current_user, stage_id, SEAT)
        faults = [worded(problem) for problem in fault.problems]
        return render_template("judging/opening.html", stage=stage, faults=faults), 409
    flash(f"评分已开启，新增 {made} 份评分表。" if made else "评分表已齐全，没有新增。", "success")
    return redirect(url_for("judging.preparation"), 303)


@bp.get("/desk/stages/<stage_id>/judging/open")
@requires(SEAT)
def opening(stage_id: str) -> str:
    """What opening will do, and what is not ready."""
    stage = stage_in_scope(db.session(), current_user, stage_id, SEAT)
    schemes = schemes_in_force(db.session(), [module.id for module in stage.modules])
    return render_template(
        "judging/opening.html",
        stage=stage,
        bare=[
            module.name
            for module in stage.modules
            if module.kind == "practice" and module.id not in schemes and not carried_from(module)
        ],
        faults=[worded(problem) for problem in panel_faults(db.session(), stage)],
    )


def _sitting(module: Module, sitting_id: str | None) -> Sitting | None:
    return (
        db.session().scalar(select(Sitting).where(Sitting.id == sitting_id, Sitting.stage_id == module.stage_id))
        if sitting_id
        else None
    )


def _seat_form(module: Module, *, fresh: bool = False) -> SeatForm:
    """The form for one more person; `fresh`: what was sent belongs to another form."""
    session, at = db.session(), clock.now()
    form = SeatForm(request.form if request.method == "POST" and not fresh else None)
    people = {person.id: person for duty, _ in DUTIES for person in people_for(session, module, duty, at)}
    form.user.choices = [(person.id, person.display_name) for person in people.values()]
    form.sitting.choices = [
        ("", "全部场次"),
        *(
            (sitting.id, sitting.name)
            for sitting in session.scalars(
                select(Sitting).where(Sitting.stage_id == module.stage_id).order_by(Sitting.position)
            )
        ),
    ]
    return form


def _panel_page(module: Module, form: SeatForm) -> str:
    session = db.session()
    members = panel_of(session, module.id)
    wanted = module_part(session, module).get("panel", {}).get("judges")
    return render_template(
        "judging/panel.html",
        module=module,
        members=members,
        form=form,
        wanted=wanted,
        short=judge_names(members),
        duties=dict(DUTIES),
        load=load_of(session, module.id),
        vacant_seats=empty_seats(members),
    )
