"""Marks by worksheet: which sheets a file may fill, what each of its rows would do, and doing it, all or nothing.

The tabulator fills the sheets of his module from paper, a second one reads them again, a judge his own only. By the rules
of the page; planned and made ready before the write transaction; a newer revision is never overwritten, the same file
again changes nothing. Knows no request and never commits. Source: issue 4 point 5.
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
from competitions.base.errors import Invalid, NotFound, Stale, StateForbids
from competitions.base.permissions import Actor
from competitions.judging.models import PanelMember, Reevaluation, ScoreSheet, SheetDelivery
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
from competitions.judging.schemes.versions import aspects_of, scheme_in_force
from competitions.judging.sheets.batches import ReadyRevision, ready_revision, submit_ready
from competitions.judging.sheets.tabulation import row_names
from competitions.judging.timing.queries import ModuleTimes, standing
from competitions.judging.timing.services import enter_from_paper
from competitions.judging.worksheets.columns import MOST_ASPECTS, Layout
from competitions.judging.worksheets.plan import Plan, SheetLine, SheetsKept, plan_marks
from competitions.judging.worksheets.second import (
    ReadyReading,
    SecondPlanner,
    keep_second_readings,
    ready_reading,
    second_readings,
)
from competitions.programme.models import Division, Module
from competitions.programme.modules.judging_settings import JudgingSettings
from competitions.tabular.table import Table

_STANDING = (
    ScoreSheet.id,
    ScoreSheet.head,
    ScoreSheet.state,
    ScoreSheet.opening,
    ScoreSheet.closed,
    ScoreSheet.judge_id,
)
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


def sheet_lines(session: Session, actor: Actor, module: Module, seat: Seat, layout: Layout) -> list[SheetLine]:
    """The sheets that the caller's worksheet may fill, by judge, division and name."""
    statement = _sheets(actor, module, seat)
    sheets = list(session.scalars(statement.order_by(ScoreSheet.id).execution_options(populate_existing=True)))
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


def plan_worksheet(session: Session, actor: Actor, module: Module, seat: Seat, uploaded: Uploaded) -> Plan:
    """What every row of the file would do.

    Raises StateForbids where the caller's own unit competes and may not mark.
    """
    _require_no_conflict(session, actor, module)
    layout = uploaded.layout
    lines = sheet_lines(session, actor, module, seat, layout)
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


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with all that it writes, made before the write transaction, and what it rests on (`ground`); `times`: code
    and what its paper says of stops and extra time.
    """

    uploaded: Uploaded
    plan: Plan
    ground: dict[str, Any]
    revisions: list[ReadyRevision]
    readings: list[ReadyReading]
    times: list[tuple[str, dict[str, int]]]


def prepare_marks(
    session: Session, actor: Actor, module: Module, seat: Seat, uploaded: Uploaded, *, at: datetime
) -> Prepared:
    """Plan a file and make ready what it writes. Only reads; raises what `plan_worksheet` raises."""
    ground = _ground(session, actor, module, seat)
    plan = plan_worksheet(session, actor, module, seat, uploaded)
    found = Prepared(uploaded, plan, ground, [], [], [])
    if not plan.is_sound:
        return found
    found.times.extend((row.line.sheet.code, row.times) for row in plan.rows if row.line is not None and row.times)
    for row in plan.rows:
        if row.submission is None or row.line is None or row.checked is None:
            continue
        if seat is Seat.SECOND:
            found.readings.append(ready_reading(row.line, row.checked, plan.layout.with_judge))
            continue
        found.revisions.append(
            ready_revision(
                row.line.sheet,
                row.submission,
                row.checked,
                ground["scheme"],
                key=row.key,
                route=row_route(row.line.sheet),
                called=row.line.sheet.code in ground["called"],
                by=actor,
                at=at,
            )
        )
    return found


def import_marks(
    session: Session, actor: Actor, module: Module, seat: Seat, prepared: Prepared, *, at: datetime
) -> dict[str, Any]:
    """Write what was prepared, all or nothing. Returns how many rows are new, changed, same, blank; of a second reading
    also where it differs from the first.

    Raises StateForbids when a row cannot be taken (any more), Stale when what the plan rests on has changed since: plan
    anew then.
    """
    _require_no_conflict(session, actor, module)
    plan, sha256 = prepared.plan, prepared.uploaded.sha256
    if not plan.is_sound or prepared.uploaded.layout != layout_of(session, module, seat):
        raise StateForbids("worksheet_changed")
    if _ground(session, actor, module, seat, lock=True) != prepared.ground:
        raise Stale()
    counts = {state: plan.counts[state] for state in ("new", "changed", "same", "blank")}
    if seat is Seat.SECOND:
        return keep_second_readings(session, module, prepared.readings, counts, sha256, by=actor, at=at)
    _enter_times(session, module, prepared.times, by=actor, at=at)
    submit_ready(session, module, prepared.revisions, by=actor, at=at)
    record(session, "worksheet.import", "module", module.id, by=actor, at=at, after={**counts, "file": sha256})
    return counts


def _require_no_conflict(session: Session, actor: Actor, module: Module) -> None:
    if forbids_conflicts(module) and conflict_of(session, actor.id, module.stage.event_id):
        raise StateForbids("conflict")


def _ground(session: Session, actor: Actor, module: Module, seat: Seat, *, lock: bool = False) -> dict[str, Any]:
    """What a plan rests on, as values: where each sheet stands, the scheme, codes judged again, second readings. `lock`:
    the sheets are held until the transaction ends.
    """
    asked = _sheets(actor, module, seat).order_by(ScoreSheet.id).with_only_columns(*_STANDING)
    rows = session.execute(asked.with_for_update() if lock else asked)
    scheme = scheme_in_force(session, module.id)
    called = select(Reevaluation.code).where(Reevaluation.module_id == module.id, Reevaluation.closed_at.is_(None))
    standing_times = standing(session, [module.id])
    again = second_readings(session, [module.id]) if seat is Seat.SECOND else {}
    return {
        "sheets": [tuple(row) for row in rows],
        "scheme": scheme.id if scheme else None,
        "called": set(session.scalars(called)),
        "times": [(change.id, change.ends_at, change.is_signed) for change in standing_times.get(module.id, ())],
        "again": {key: (reading.by, reading.marks) for key, reading in again.items()},
    }


def _enter_times(
    session: Session, module: Module, times: Sequence[tuple[str, dict[str, int]]], *, by: Actor, at: datetime
) -> None:
    """What the paper says of stops and extra time, to be signed by the chief judge. Raises StateForbids."""
    try:
        for code, seconds in times:
            enter_from_paper(session, module, code, seconds, by=by, at=at)
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
