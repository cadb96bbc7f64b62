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
from competitions.judging.schemes.marks import NotANumber, Submission, read_value
from competitions.judging.schemes.versions import aspects_of
from competitions.judging.sheets.blind import revision_document
from competitions.judging.sheets.services import enter_again, second_entry, submit_revision
from competitions.programme.models import Module
from competitions.programme.modules.judging_settings import JudgingSettings
from competitions.scoring.numbers import plain

Typed = Mapping[str, Mapping[str, str]]
"""Row name → aspect → what was typed."""


@dataclass(slots=True)
class GridRow:
    """One row: `name` is the ticket or the code; `values` by aspect; `fixed` when it is confirmed or signed; `others`:
    somebody else read it first and it is to be read twice, so it is neither shown nor written over.
    """

    name: str
    sheet: ScoreSheet
    values: dict[str, str]
    fixed: bool
    faults: dict[str, str] = field(default_factory=dict)
    others: bool = False

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
    rows = [
        _grid_row(names[sheet.code], sheet, revisions.get(sheet.id), actor) for sheet in sheets if sheet.code in names
    ]
    return sorted(rows, key=lambda row: row.name)


def _grid_row(name: str, sheet: ScoreSheet, revision: ScoreRevision | None, actor: Actor) -> GridRow:
    """The row as the caller may see it: with double entry nobody sees or changes what somebody else read first."""
    fixed = sheet.is_done
    if (
        not fixed
        and revision is not None
        and revision.author_id != actor.id
        and JudgingSettings.of(sheet.module).double_entry
    ):
        return GridRow(name, sheet, {}, fixed, others=True)
    return GridRow(name, sheet, revision_document(revision)["marks"], fixed)


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
    saved = 0
    for row in rows:
        submission = _submission(row, typed[row.name], aspects)
        if submission is None:
            continue
        try:
            submit_revision(session, row.sheet, submission, source="tabulator", by=by, at=at)
            saved += 1
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


def entered_again(session: Session, rows: Sequence[GridRow]) -> set[str]:
    """Names of the rows whose newest revision has a second reading."""
    return {row.name for row in rows if row.sheet.head and second_entry(session, row.sheet) is not None}


def _in_row(row: GridRow, fault: Invalid) -> list[Problem]:
    """The problems of a row's aspects at "row.aspect"."""
    return [problem.at(f"{row.name}.{problem.where}") for problem in fault.problems]


def _submission(row: GridRow, texts: Mapping[str, str], aspects: Sequence[SheetAspect]) -> Submission | None:
    """A submission of the row, or None when nothing in it changed; complete when every aspect is filled."""
    marks = {aspect.id: texts.get(aspect.id, "") for aspect in aspects}
    if {name: _plain(text) for name, text in marks.items()} == {
        aspect.id: row.values.get(aspect.id, "") for aspect in aspects
    }:
        return None
    complete = all(text.strip() for text in marks.values())
    return Submission(row.sheet.head, dict(marks), {}, None, complete, {"device": "grid"})


def _plain(text: str) -> str:
    try:
        value = read_value(text)
    except NotANumber:
        return text
    return "" if value is None else plain(value)
