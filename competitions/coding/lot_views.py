"""Pages of a stage for its coder: how far it is, lots from the hall or drawn by the system, the papers of the hall."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from competitions.accounts.exports import count_export, record_export
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, Refusal, Stale, StateForbids
from competitions.base.permissions import Permission
from competitions.base.shown import Shown
from competitions.coding import papers, services
from competitions.coding.decoding import next_to_decode
from competitions.coding.forms import DrawForm
from competitions.coding.grids import GridRow, lot_rows, put_faults, seats_typed
from competitions.coding.lots import lots_version, seats_now
from competitions.coding.pages import EMPTY, bp, stage_here, words_of, workbook
from competitions.coding.progress import progress_of
from competitions.coding.queries import (
    LEVEL_NAMES,
    candidates,
    is_sealed,
    lots_of,
    sittings_of,
    staged,
)
from competitions.programme.models import Competition, Event, Stage
from competitions.programme.queries import stages_in_scope
from competitions.web.declared import requires
from competitions.web.listing import listed
from competitions.web.many import RefusedMany, shown_before

SORTS = {"competition": Competition.name, "event": Event.name, "stage": Stage.name}
SEARCH = (Event.search_text, Competition.search_text)


def stage_list(permission: Permission, heading: str, target: str) -> str:
    """The stages in scope with where they are; `target`: the endpoint behind each."""
    session = db.session()
    statement = staged(stages_in_scope(current_user, permission).join(Stage.event).join(Event.competition))
    page = listed(session, statement, sorts=SORTS, default="competition", search=SEARCH, unique=Stage.id)
    return render_template(
        "coding/stage_list.html",
        page=page,
        progress=progress_of(session, page.items),
        heading=heading,
        target=target,
        empty=EMPTY,
    )


@bp.get("/desk/coding")
@requires(Permission.DRAW_LOTS)
def stages() -> str:
    """The coder's stages."""
    return stage_list(Permission.DRAW_LOTS, "抽签与加密", "coding.stage")


@bp.get("/desk/stages/<stage_id>/coding")
@requires(Permission.DRAW_LOTS)
def stage(stage_id: str) -> str:
    """Everything that the coder does in a stage, step by step."""
    session = db.session()
    here = stage_here(session, stage_id, Permission.DRAW_LOTS)
    progress = progress_of(session, [here])[here.id]
    return render_template(
        "coding/stage_show.html",
        **words_of(here),
        progress=progress,
        own_levels={level for level, sheet in progress.sheets.items() if sheet.coder_id == current_user.id},
        sittings=sittings_of(session, here.id),
        level_names=LEVEL_NAMES,
        decode=next_to_decode(session, here),
    )


@bp.get("/desk/stages/<stage_id>/coding/lots")
@requires(Permission.DRAW_LOTS)
def lots(stage_id: str) -> str:
    """The grid of lots."""
    return _grid(stage_id)


@bp.post("/desk/stages/<stage_id>/coding/lots")
@requires(Permission.DRAW_LOTS)
def lots_save(stage_id: str) -> Any:
    """Keep what was typed in from the hall, all of it or nothing."""
    reading = db.session()
    here = stage_here(reading, stage_id, Permission.DRAW_LOTS)
    rows = lot_rows(candidates(reading, here), lots_of(reading, here.id), request.form)
    seats = seats_typed(rows, sittings_of(reading, here.id))
    if any(row.faults for row in rows):
        return _grid(stage_id, rows), 422
    try:
        with transaction() as session:
            changed = services.record_lots(
                session,
                stage_here(session, stage_id, Permission.DRAW_LOTS),
                seats,
                by=current_user,
                at=clock.now(),
                version=request.form.get("version", ""),
            )
    except Invalid as fault:
        return _grid(stage_id, rows, put_faults(rows, fault.problems)), 422
    except Stale:
        return _grid(stage_id, rows, conflict=True), 409
    flash(f"已保存，{changed} 个参赛者的抽签结果有变化。" if changed else "没有变化。", "success")
    return redirect(url_for("coding.lots", stage_id=stage_id), 303)


@bp.post("/desk/stages/<stage_id>/coding/lots/draw")
@requires(Permission.DRAW_LOTS)
def lots_draw(stage_id: str) -> Any:
    """Draw all lots from the supervisor's seed."""
    form = DrawForm()
    stage_here(db.session(), stage_id, Permission.DRAW_LOTS)
    if form.validate():
        shown = Shown.read(shown_before())
        try:
            with transaction() as session:
                here = stage_here(session, stage_id, Permission.DRAW_LOTS)
                count = services.draw_lots(session, here, form.seed.data, shown, by=current_user, at=clock.now())
        except Invalid as fault:
            form.show(fault)
        except StateForbids as fault:
            if not fault.problems:
                raise
            return RefusedMany("抽签", url_for("coding.lots", stage_id=stage_id)).answer(fault)
        else:
            flash(f"已抽签：{count} 个参赛者。请打印场次工位表，由监督员签字。", "success")
            return redirect(url_for("coding.lots", stage_id=stage_id), 303)
    return _grid(stage_id, draw=form), 422


def _grid(
    stage_id: str,
    rows: list[GridRow] | None = None,
    problems: list[str] | None = None,
    *,
    conflict: bool = False,
    draw: DrawForm | None = None,
) -> str:
    session = db.session()
    here = stage_here(session, stage_id, Permission.DRAW_LOTS)
    stored = lot_rows(candidates(session, here), lots_of(session, here.id))
    return render_template(
        "coding/lot_grid.html",
        **words_of(here),
        rows=rows or stored,
        stored={row.id: row.values for row in stored},
        sittings=sittings_of(session, here.id),
        version=lots_version(session, here.id),
        problems=problems or [],
        conflict=conflict,
        draw=draw or DrawForm(),
        shown=Shown.of(seats_now(session, here).items()).text(),
        sealed=is_sealed(session, here.id),
        progress=progress_of(session, [here])[here.id],
    )


@bp.get("/desk/stages/<stage_id>/coding/stations.xlsx")
@requires(Permission.DRAW_LOTS)
def stations_paper(stage_id: str) -> Response:
    """场次工位表; counted and recorded, because it has names."""
    session = db.session()
    if not sittings_of(session, stage_here(session, stage_id, Permission.DRAW_LOTS).id):
        raise Refusal("invalid.sitting.none")
    count_export("entries")
    here = stage_here(session, stage_id, Permission.DRAW_LOTS)
    entries = candidates(session, here)
    tables = papers.station_tables(here, sittings_of(session, here.id), entries, lots_of(session, here.id))
    answer = workbook(tables, papers.title_of(here, "场次工位表"))
    record_export("stations.export", "stage", stage_id, answer.get_data(), entries=len(entries))
    return answer
