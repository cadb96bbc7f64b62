"""Marks by worksheet: which sheets a file may fill, what each of its rows would do, and doing it, all or nothing.

The tabulator fills the sheets of his module from paper, a second one reads them again, a judge his own only. The same
path as the page
(`submit_revision`); a newer revision is never overwritten, the same file again changes nothing. Knows no request and
never commits. Source: issue 4 point 5.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import Invalid, NotFound, StateForbids
from competitions.base.permissions import Actor
from competitions.judging.models import PanelMember, ScoreSheet, SheetDelivery
from competitions.judging.panels.queries import conflict_of, forbids_conflicts
from competitions.judging.queries import (
    ALIVE_OR_RECUSED,
    JUDGING_DUTIES,
    head_revisions,
    judge_names,
    own_sheets,
    panel_of,
    tabulated_module,
)
from competitions.judging.schemes.versions import aspects_of
from competitions.judging.sheets.deliveries import keep_answer, request_digest
from competitions.judging.sheets.services import receipt, submit_revision
from competitions.judging.sheets.tabulation import row_names
from competitions.judging.timing.queries import ModuleTimes
from competitions.judging.timing.services import enter_from_paper
from competitions.judging.worksheets.columns import MOST_ASPECTS, Layout
from competitions.judging.worksheets.plan import Plan, SheetLine, SheetsKept, plan_marks
from competitions.judging.worksheets.second import SecondPlanner, keep_second_readings
from competitions.programme.models import Division, Module
from competitions.programme.modules.judging_settings import JudgingSettings
from competitions.tabular.table import Table

_NAMESPACE = uuid.UUID("6b0e4a52-6a3c-4c59-9a30-0f2f64f6f1c8")
BATCH = 500


class Seat(StrEnum):
    """Who brings a worksheet: the module's tabulator for everybody, another tabulator who reads the same papers again
    (double entry), or a judge for himself.
    """

    TABULATOR = "tabulator"
    SECOND = "second"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file as it was read: SHA-256 of its bytes, its table, and the layout by which it was read."""

    sha256: str
    table: Table
    layout: Layout


def worksheet_module(session: Session, actor: Actor, module_id: str, seat: Seat) -> Module:
    """A module whose worksheet the caller may fill. Raises NotFound."""
    if seat is not Seat.JUDGE:
        module = tabulated_module(session, actor, module_id)
        if seat is Seat.SECOND and not JudgingSettings.of(module).double_entry:
            raise NotFound
        return module
    found = session.scalar(
        select(Module).where(
            Module.id == module_id, Module.id.in_(own_sheets(actor).with_only_columns(ScoreSheet.module_id))
        )
    )
    if found is None:
        raise NotFound
    return found


def layout_of(session: Session, module: Module, seat: Seat) -> Layout:
    """What the module's worksheet looks like for this seat. Judges' papers are always named by code.

    Raises StateForbids when there are too many aspects for one worksheet.
    """
    aspects = aspects_of(session, module)
    if len(aspects) > MOST_ASPECTS:
        raise StateForbids("worksheet_too_wide", most=MOST_ASPECTS)
    panelled = _has_judges(session, module)
    by_ticket = seat is not Seat.JUDGE and not panelled and JudgingSettings.of(module).identify_by == "ticket"
    timed = module.kind != "theory"
    return Layout(aspects, by_ticket, panelled, timed=timed, stops=timed and seat is Seat.TABULATOR)


def sheet_lines(
    session: Session, actor: Actor, module: Module, seat: Seat, layout: Layout, *, lock: bool = False
) -> list[SheetLine]:
    """The sheets that the caller's worksheet may fill, by judge, division and name."""
    statement = _sheets(actor, module, seat)
    locked = statement.order_by(ScoreSheet.id).with_for_update() if lock else statement
    sheets = list(session.scalars(locked.execution_options(populate_existing=True)))
    revisions = head_revisions(session, statement)
    short = judge_names(panel_of(session, module.id))
    names = row_names(session, module) if layout.by_ticket else {sheet.code: sheet.code for sheet in sheets}
    times = ModuleTimes(session, module.stage_id, [module])
    lines = [
        SheetLine(
            names[sheet.code],
            short.get(sheet.judge_id, ""),
            sheet,
            revisions.get(sheet.id),
            sheet.closed == "recused",
            times.of(module.id, sheet.code),
        )
        for sheet in sheets
        if sheet.code in names
    ]
    places = {
        key: place
        for place, key in enumerate(
            session.scalars(
                select(Division.id)
                .where(Division.event_id == module.stage.event_id)
                .order_by(Division.position, Division.id)
            )
        )
    }
    return sorted(lines, key=lambda line: (len(line.judge), line.judge, places[line.sheet.division_id], line.name))


def plan_worksheet(
    session: Session, actor: Actor, module: Module, seat: Seat, uploaded: Uploaded, *, lock: bool = False
) -> Plan:
    """What every row of the file would do; with `lock` it is about to be done.

    Raises StateForbids where the caller's own unit competes and may not mark, and where the file was read by a layout
    that holds no longer.
    """
    if forbids_conflicts(module) and conflict_of(session, actor.id, module.stage.event_id):
        raise StateForbids("conflict")
    layout = uploaded.layout
    if lock and layout != layout_of(session, module, seat):
        raise StateForbids("worksheet_changed")
    lines = sheet_lines(session, actor, module, seat, layout, lock=lock)
    ground = SheetsKept(
        session,
        layout,
        lines,
        by_tabulator=seat is not Seat.JUDGE,
        second_entry=JudgingSettings.of(module).double_entry,
        reader=actor.id,
    )
    return plan_marks(
        ground,
        uploaded.table,
        lambda sheet, row: row_key(uploaded.sha256, module.id, sheet, row),
        lambda keys: _taken(session, keys),
        uploaded.sha256,
        SecondPlanner if seat is Seat.SECOND else None,
    )


def import_marks(
    session: Session, actor: Actor, module: Module, seat: Seat, sha256: str, plan: Plan, *, at: datetime
) -> dict[str, Any]:
    """Write what was planned in this transaction, all or nothing. Returns how many rows are new, changed, same, blank; of
    a second reading also where it differs from the first.

    Raises StateForbids when a row cannot be taken (any more), and what `submit_revision` raises.
    """
    if seat is Seat.SECOND:
        return keep_second_readings(session, module, plan, sha256, by=actor, at=at)
    if not plan.is_sound:
        raise StateForbids("worksheet_changed")
    _enter_times(session, module, plan, by=actor, at=at)
    for row in plan.rows:
        if row.submission is None or row.line is None:
            continue
        try:
            revision = submit_revision(session, row.line.sheet, row.submission, source="worksheet", by=actor, at=at)
        except Invalid as fault:
            raise StateForbids("worksheet_changed") from fault
        route = row_route(row.line.sheet)
        keep_answer(
            session, actor.id, row.key, route, request_digest(route, row.submission.marks), 201, receipt(revision), at
        )
    counts = {state: plan.counts[state] for state in ("new", "changed", "same", "blank")}
    record(session, "worksheet.import", "module", module.id, by=actor, at=at, after={**counts, "file": sha256})
    return counts


def _enter_times(session: Session, module: Module, plan: Plan, *, by: Actor, at: datetime) -> None:
    """What the paper says of stops and extra time, to be signed by the chief judge. Raises StateForbids."""
    for row in plan.rows:
        if row.line is None or not row.times:
            continue
        try:
            enter_from_paper(session, module, row.line.sheet.code, row.times, by=by, at=at)
        except Invalid as fault:
            raise StateForbids("worksheet_changed") from fault


def row_key(sha256: str, module_id: str, sheet: int, row: int) -> str:
    """The idempotency key of a row: the same for the same row of the same file. Source: security.md §4.3."""
    return str(uuid.uuid5(_NAMESPACE, f"{sha256}|{module_id}|{sheet}|{row}"))


def row_route(sheet: ScoreSheet) -> str:
    """What a row's delivery is for."""
    return f"worksheet {sheet.id}"


def _taken(session: Session, keys: Sequence[str]) -> set[tuple[str, str]]:
    """(key, route) of the rows that came with this very file before, whoever brought it."""
    found: set[tuple[str, str]] = set()
    for start in range(0, len(keys), BATCH):
        found.update(
            (key, route)
            for key, route in session.execute(
                select(SheetDelivery.key, SheetDelivery.route).where(SheetDelivery.key.in_(keys[start : start + BATCH]))
            )
        )
    return found


def _sheets(actor: Actor, module: Module, seat: Seat) -> Select[ScoreSheet]:
    """The sheets of a module that was found in the caller's scope."""
    if seat is Seat.JUDGE:
        return own_sheets(actor).where(ScoreSheet.module_id == module.id)
    return select(ScoreSheet).where(ScoreSheet.module_id == module.id, ALIVE_OR_RECUSED)


def _has_judges(session: Session, module: Module) -> bool:
    return (
        session.scalar(
            select(PanelMember.id)
            .where(PanelMember.module_id == module.id, PanelMember.duty.in_(JUDGING_DUTIES))
            .limit(1)
        )
        is not None
    )
