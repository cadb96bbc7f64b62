"""Theory results typed in from paper: the grid's rows, saving all or nothing, typing them a second time. Never commits.

Rows are named by 准考证号 or by code, as the module's settings say; the two are never shown together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.base.errors import Invalid, Stale
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.coding.queries import ticket_codes
from competitions.judging.models import ScoreRevision, ScoreSheet
from competitions.judging.queries import head_revisions, tabulated_sheets
from competitions.judging.schemes.aspects import SheetAspect
from competitions.judging.schemes.marks import NotANumber, Submission, read_submission, read_value
from competitions.judging.schemes.versions import aspects_of
from competitions.judging.sheets.blind import revision_document
from competitions.judging.sheets.services import enter_again, second_entry, submit_revision
from competitions.judging.timing.paper_entries import GRANTED, STOPPED, PaperTimes
from competitions.judging.timing.queries import ModuleTimes
from competitions.judging.timing.reckoning import CodeTime
from competitions.judging.timing.services import enter_from_paper
from competitions.programme.models import Module
from competitions.programme.modules.judging_settings import JudgingSettings
from competitions.scoring.numbers import plain

TAKEN = "seconds"
TIME_FIELDS = ((TAKEN, "用时（秒）"), (STOPPED, "停表（秒）"), (GRANTED, "补时（秒）"))
"""What is typed beside the marks where time is taken."""
Typed = Mapping[str, Mapping[str, str]]
"""Row name → aspect → what was typed."""


@dataclass(slots=True)
class GridRow:
    """One row: `name` is the ticket or the code; `values` by aspect; `fixed` when it is confirmed or signed; `others`:
    somebody else read it first and it is to be read twice, so it is neither shown nor written over. `notes` stay as they
    are; `time`: what is entered of stops and extra time.
    """

    name: str
    sheet: ScoreSheet
    values: dict[str, str]
    fixed: bool
    faults: dict[str, str] = field(default_factory=dict)
    others: bool = False
    notes: dict[str, str] = field(default_factory=dict)
    time: CodeTime = field(default_factory=CodeTime)

    def takes(self, second: bool) -> bool:
        """Whether marks can be typed here: a first reading, or the second one of what is delivered."""
        return not self.fixed and (self.sheet.awaits_checker if second else not self.others)


def grid_rows(session: Session, actor: Actor, module: Module, *, lock: bool = False) -> list[GridRow]:
    """The rows of a module that the caller types in, by name."""
    statement = tabulated_sheets(actor).where(ScoreSheet.module_id == module.id)
    locked = statement.order_by(ScoreSheet.id).with_for_update() if lock else statement
    sheets = list(session.scalars(locked.execution_options(populate_existing=True)))
    revisions = head_revisions(session, statement)
    names = row_names(session, module)
    times = ModuleTimes(session, module.stage_id, [module])
    rows = [
        _grid_row(names[sheet.code], sheet, revisions.get(sheet.id), actor, times.of(module.id, sheet.code))
        for sheet in sheets
        if sheet.code in names
    ]
    return sorted(rows, key=lambda row: row.name)


def _grid_row(name: str, sheet: ScoreSheet, revision: ScoreRevision | None, actor: Actor, time: CodeTime) -> GridRow:
    """The row as the caller may see it: with double entry nobody sees or changes what somebody else read first."""
    fixed = sheet.is_done
    if (
        not fixed
        and revision is not None
        and revision.author_id != actor.id
        and JudgingSettings.of(sheet.module).double_entry
    ):
        return GridRow(name, sheet, {}, fixed, others=True)
    content, entered = revision_document(revision), time.of(None)
    told = {TAKEN: content["seconds"], STOPPED: entered.stopped or None, GRANTED: entered.granted or None}
    values = content["marks"] | {name: str(value) for name, value in told.items() if value is not None}
    return GridRow(name, sheet, values, fixed, notes=content["notes"], time=time)


def row_names(session: Session, module: Module) -> dict[str, str]:
    """Code → how its row is named: by its ticket where the module is identified by tickets, else by itself."""
    if JudgingSettings.of(module).identify_by == "ticket":
        return {code: ticket for ticket, code in ticket_codes(session, module.stage_id).items()}
    codes = session.scalars(select(ScoreSheet.code).where(ScoreSheet.module_id == module.id).distinct())
    return {code: code for code in codes}


def save_grid(
    session: Session, module: Module, typed: Typed, bases: Mapping[str, int], *, by: Actor, at: datetime
) -> int:
    """New revisions for the rows that changed, all or nothing. Returns how many.

    Raises Invalid with problems whose `where` is "row.aspect", Stale when somebody was faster on one of the rows.
    """
    aspects = aspects_of(session, module)
    rows = [
        row for row in grid_rows(session, by, module, lock=True) if row.name in typed and not (row.fixed or row.others)
    ]
    stale = [row.name for row in rows if row.sheet.head != bases.get(row.name)]
    if stale:
        raise Stale({"rows": stale})
    problems: list[Problem] = []
    paper, saved = PaperTimes(), 0
    for row in rows:
        times, faults = paper.of(row.sheet.code, _told(typed[row.name]), row.time)
        problems += [Problem(code, f"{row.name}.{column}", params) for column, code, params in faults]
        try:
            submission = _submission(row, typed[row.name], aspects)
            if submission is not None:
                submit_revision(session, row.sheet, submission, source="tabulator", by=by, at=at)
            enter_from_paper(session, module, row.sheet.code, times, by=by, at=at)
            saved += submission is not None or bool(times)
        except Invalid as fault:
            problems += _in_row(row, fault)
    if problems:
        raise Invalid(problems)
    return saved


def save_second_entries(
    session: Session, module: Module, typed: Typed, *, by: Actor, at: datetime
) -> dict[str, list[str]]:
    """Keep a second person's reading of the rows he typed. Returns row name → aspects that differ from the first."""
    aspects = aspects_of(session, module)
    different: dict[str, list[str]] = {}
    for row in grid_rows(session, by, module, lock=True):
        values = typed.get(row.name, {})
        if row.sheet.state != "submitted" or not any(text.strip() for text in values.values()):
            continue
        submission = Submission(
            row.sheet.head, {aspect.id: values.get(aspect.id) for aspect in aspects}, {}, None, True, {}
        )
        try:
            found = enter_again(session, row.sheet, submission, by=by, at=at)
        except Invalid as fault:
            raise Invalid(_in_row(row, fault)) from None
        if found:
            different[row.name] = found
    return different


def time_fields(module: Module) -> list[dict[str, str]]:
    """The columns of time of the grid, like aspects: none in theory, where nobody takes the time."""
    return [] if module.kind == "theory" else [{"id": name, "name": words} for name, words in TIME_FIELDS]


def entered_again(session: Session, rows: Sequence[GridRow]) -> set[str]:
    """Names of the rows whose newest revision has a second reading."""
    return {row.name for row in rows if row.sheet.head and second_entry(session, row.sheet) is not None}


def _in_row(row: GridRow, fault: Invalid) -> list[Problem]:
    """The problems of a row's aspects at "row.aspect"."""
    return [problem.at(f"{row.name}.{problem.where}") for problem in fault.problems]


def _submission(row: GridRow, texts: Mapping[str, str], aspects: Sequence[SheetAspect]) -> Submission | None:
    """A submission of the row, or None when nothing in it changed; complete when every aspect is filled."""
    marks = {aspect.id: texts.get(aspect.id, "") for aspect in aspects}
    taken = texts.get(TAKEN, row.values.get(TAKEN, "")).strip()
    if {name: _plain(text) for name, text in (marks | {TAKEN: taken}).items()} == {
        name: row.values.get(name, "") for name in (*marks, TAKEN)
    }:
        return None
    document = {
        "base_revision": row.sheet.head,
        "marks": marks,
        "notes": row.notes,
        "seconds": taken or None,
        "complete": all(text.strip() for text in marks.values()),
        "client": {"device": "grid"},
    }
    return read_submission(document)


def _told(texts: Mapping[str, str]) -> dict[str, str | None]:
    """What was typed of stops and extra time; blank is nothing."""
    return {column: texts.get(column, "").strip() or None for column in (STOPPED, GRANTED)}


def _plain(text: str) -> str:
    try:
        value = read_value(text)
    except NotANumber:
        return text
    return "" if value is None else plain(value)
