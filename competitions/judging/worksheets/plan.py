"""What each row of a worksheet of marks would do: new, changed, same, blank or wrong, with every fault by its cell.

Preview and confirmation run the same plan, so they cannot disagree. Knows no request and changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.base.errors import Invalid
from competitions.judging.models import Reevaluation, ScoreRevision, ScoreSheet
from competitions.judging.queries import DONE
from competitions.judging.schemes.marks import CheckedMarks, Submission, checked_marks, read_submission
from competitions.judging.sheets.blind import revision_document
from competitions.judging.sheets.judgement import allow_only_called_aspects
from competitions.judging.timing.paper_entries import PaperTimes
from competitions.judging.timing.reckoning import CodeTime
from competitions.judging.timing.wording import KIND_WORDS
from competitions.judging.worksheets.columns import BASE, JUDGE, NAME, SECONDS, Layout, field_of
from competitions.tabular.table import Row, Table, TableSheet
from competitions.tabular.values import as_text
from competitions.words.sentences import sentence

STATES = ("new", "changed", "same", "blank", "wrong")
Fault = tuple[str, str | None, str]
"""Sheet, cell (None: the sheet as a whole), sentence: what `annotate_workbook` takes."""
KeyOf = Callable[[int, int], str]
Taken = Callable[[Sequence[str]], set[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A score sheet that a row may fill: its name (ticket or code), its judge (J1 …), its newest revision, what is entered
    of stops and extra time.
    """

    name: str
    judge: str
    sheet: ScoreSheet
    revision: ScoreRevision | None
    recused: bool = False
    time: CodeTime = field(default_factory=CodeTime)

    @property
    def before(self) -> dict[str, str]:
        """The marks of the newest revision."""
        found: dict[str, str] = revision_document(self.revision)["marks"]
        return found


@dataclass(slots=True)
class SheetsKept:
    """What a plan is made against, for whom (`reader`: user id). `second_entry`: everything is read twice, the first
    reading is not shown to whoever types the second, and nobody writes over somebody else's first reading.
    """

    session: Session
    layout: Layout
    lines: Sequence[SheetLine]
    by_tabulator: bool
    second_entry: bool = False
    reader: str = ""

    def called_codes(self) -> set[str]:
        """Codes of which an aspect is being judged again."""
        modules = {line.sheet.module_id for line in self.lines}
        return set(
            self.session.scalars(
                select(Reevaluation.code).where(Reevaluation.module_id.in_(modules), Reevaluation.closed_at.is_(None))
            )
        )


@dataclass(slots=True)
class MarkCell:
    """A cell of the preview: what the file gives, what was there, what is wrong with it."""

    label: str
    given: str
    before: str = ""
    says: list[str] = field(default_factory=list)


@dataclass(slots=True)
class MarkRow:
    """A row of the file: `line` and `submission` where it would be written; `times`: kind → seconds that it adds."""

    sheet: str
    number: int
    name: str
    judge: str
    key: str
    line: SheetLine | None = None
    state: str = "wrong"
    cells: dict[str, MarkCell] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    submission: Submission | None = None
    checked: CheckedMarks | None = None
    times: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """All rows of a file, and what is wrong with the file itself."""

    layout: Layout
    rows: list[MarkRow]
    faults: list[Fault]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are in each state."""
        return {state: sum(row.state == state for row in self.rows) for state in STATES}

    @property
    def is_sound(self) -> bool:
        """Whether everything in the file can be taken."""
        return not self.faults and bool(self.rows) and all(row.state != "wrong" for row in self.rows)

    def all_faults(self) -> list[Fault]:
        """Every fault, for the user's own file with its faults marked."""
        return [*self.faults, *(fault for row in self.rows for fault in row.faults)]


def plan_marks(
    ground: SheetsKept,
    table: Table,
    key_of: KeyOf,
    taken: Taken,
    sha256: str,
    planner: "type[RowPlanner] | None" = None,
) -> Plan:
    """The plan of a table. `key_of`: numbers of sheet and row → idempotency key; `taken`: keys → (key, route) that
    came before; `planner`: how a row is planned (a first reading by default).
    """
    rows = [
        (sheet, row, key_of(place, row.number))
        for place, sheet in enumerate(table.sheets)
        for row in sheet.rows
        if row.kind == "data"
    ]
    maker = (planner or RowPlanner)(ground, taken([key for _, _, key in rows]), sha256)
    planned = [maker.plan(sheet, row, key) for sheet, row, key in rows]
    return Plan(ground.layout, planned, _file_faults(ground.layout, table))


def _file_faults(layout: Layout, table: Table) -> list[Fault]:
    """What is wrong beside the rows: unreadable, no heading, an aspect without column, marks that belong to nobody."""
    inside = {id(found) for row in table.rows for found in row.problems}
    faults: list[Fault] = [
        (found.sheet or "", found.cell, found.message)
        for found in table.problems
        if found.severity == "error" and id(found) not in inside
    ]
    for sheet in table.sheets:
        if sheet.heading is None:
            continue
        missing = [aspect for aspect in layout.aspects if field_of(aspect) not in sheet.heading.fields]
        if missing:
            faults.append(
                (
                    sheet.name,
                    None,
                    sentence(
                        "worksheet.aspect_missing",
                        sheet=sheet.name,
                        aspects="、".join(f"{aspect.id} {aspect.name}" for aspect in missing[:10]),
                    ),
                )
            )
        faults += [
            (sheet.name, sheet.cell(row, NAME), sentence("worksheet.nameless", row=row.number, named=layout.named))
            for row in sheet.rows
            if row.kind == "note" and _has_marks(layout, sheet, row)
        ]
    if not faults and not table.rows:
        faults.append(("", None, sentence("worksheet.no_rows")))
    return faults


def _has_marks(layout: Layout, sheet: TableSheet, row: Row) -> bool:
    """Whether a row that names nobody holds numbers only, one of them in the column of an aspect (a sum has a word)."""
    cells = [as_text(cell) for cell in sheet.sheet.rows[row.number - 1] if cell != ""]
    return all(text.replace(".", "", 1).isdecimal() for text in cells) and any(
        sheet.raw(row, field_of(aspect)) != "" for aspect in layout.aspects
    )


class RowPlanner:
    """Plans one row after another; a class, because every row needs what is known of all sheets."""

    def __init__(self, ground: SheetsKept, taken: set[tuple[str, str]], sha256: str) -> None:
        self.ground, self.layout, self.taken, self.sha256 = ground, ground.layout, taken, sha256
        self.by_name: dict[str, list[SheetLine]] = {}
        for line in ground.lines:
            self.by_name.setdefault(line.name, []).append(line)
        self.called = ground.called_codes()
        self.seen: dict[str, MarkRow] = {}
        self.paper = PaperTimes()

    def plan(self, sheet: TableSheet, row: Row, key: str) -> MarkRow:
        """The row with its state and its faults."""
        found = MarkRow(sheet.name, row.number, row.values.get(NAME) or "", row.values.get(JUDGE) or "", key)
        for aspect in self.layout.aspects:
            name = field_of(aspect)
            found.cells[name] = MarkCell(sheet.label(name), row.values.get(name) or as_text(sheet.raw(row, name)))
        for problem in row.problems:
            if problem.severity == "error":
                self._say(found, problem.cell, problem.message, sheet, row)
        found.line = self._line_of(sheet, row, found)
        if found.line is not None:
            self.compare(sheet, row, found, found.line)
        if found.faults:
            found.state, found.submission, found.times = "wrong", None, {}
        return found

    def _line_of(self, sheet: TableSheet, row: Row, found: MarkRow) -> SheetLine | None:
        """The score sheet that the row means; a fault when there is none, or more than one."""
        if not found.name:
            return None
        lines = self.by_name.get(found.name, [])
        if not lines:
            self.refuse(found, sheet, row, NAME, "worksheet.unknown", named=self.layout.named, name=found.name)
            return None
        if self.layout.with_judge:
            if not found.judge and len(lines) > 1:
                self.refuse(found, sheet, row, JUDGE, "worksheet.judge_missing")
                return None
            lines = [line for line in lines if found.judge in ("", line.judge)]
            if not lines:
                self.refuse(
                    found,
                    sheet,
                    row,
                    JUDGE,
                    "worksheet.judge_unknown" if self.ground.by_tabulator else "worksheet.not_own",
                    judge=found.judge,
                )
                return None
        line = lines[0]
        earlier = self.seen.setdefault(line.sheet.id, found)
        if earlier is not found:
            self.refuse(found, sheet, row, NAME, "worksheet.twice", sheet=earlier.sheet, first=earlier.number)
            return None
        found.judge = line.judge if self.layout.with_judge else ""
        return line

    def marks_of(self, row: Row) -> dict[str, str | None]:
        """Aspect id → what the row gives, None where it is blank."""
        return {aspect.id: row.values.get(field_of(aspect)) for aspect in self.layout.aspects}

    def compare(self, sheet: TableSheet, row: Row, found: MarkRow, line: SheetLine) -> None:
        """The row beside what is there."""
        before, marks = line.before, self.marks_of(row)
        for aspect in self.layout.aspects:
            if not self.ground.second_entry:
                found.cells[field_of(aspect)].before = before.get(aspect.id, "")
        if found.faults:
            return
        if (found.key, f"worksheet {line.sheet.id}") in self.taken:
            found.state = "same"
            found.says.append(sentence("worksheet.taken"))
        elif not any(marks.values()):
            found.state = "blank"
        elif self._read_by_another(line):
            self.refuse(found, sheet, row, NAME, "worksheet.read_by_another")
        elif {name: value for name, value in marks.items() if value} == before and self._same_time(row, line):
            found.state = "same"
        elif self._is_open(sheet, row, found, line):
            self.submit(sheet, row, found, line, self.document(row, line, marks))
        self._compare_times(sheet, row, found, line)

    def _compare_times(self, sheet: TableSheet, row: Row, found: MarkRow, line: SheetLine) -> None:
        """What the paper says of stops and extra time beside what is entered."""
        times, faults = self.paper.of(line.sheet.code, row.values, line.time)
        for column, code, params in faults:
            self.refuse(found, sheet, row, column, code, **params)
        if times and line.sheet.is_signed:
            self.refuse(found, sheet, row, NAME, "worksheet.signed")
        elif times:
            found.times, found.state = times, found.state if found.submission else "changed"
            found.says.append(sentence("worksheet.time_added", seconds=_said(times)))

    def _read_by_another(self, line: SheetLine) -> bool:
        """Whether somebody else's first reading is there: the second one is never written over it (nor compared with
        it, which would tell what it says).
        """
        return (
            self.ground.second_entry
            and self.ground.by_tabulator
            and line.revision is not None
            and line.revision.author_id != self.ground.reader
            and line.sheet.state not in DONE
        )

    def _same_time(self, row: Row, line: SheetLine) -> bool:
        given = row.values.get(SECONDS)
        return given is None or given == str(revision_document(line.revision)["seconds"])

    def _is_open(self, sheet: TableSheet, row: Row, found: MarkRow, line: SheetLine) -> bool:
        """Whether the sheet may be written, on the revision that the row was based on."""
        head, base = line.sheet.head, row.values.get(BASE)
        if line.sheet.state in DONE:
            code = "worksheet.signed" if line.sheet.state == "signed" else "worksheet.confirmed"
            self.refuse(found, sheet, row, NAME, code)
        elif line.recused:
            self.refuse(found, sheet, row, NAME, "worksheet.recused")
        elif (
            self.ground.by_tabulator
            and line.revision
            and line.revision.author_id == line.sheet.judge_id
            and self.layout.with_judge
        ):
            self.refuse(found, sheet, row, NAME, "worksheet.judges_own", judge=line.judge)
        elif (base is None and head) or (base is not None and base != str(head)):
            for name in self._differing(row, line) or [NAME]:
                self.refuse(found, sheet, row, name, "worksheet.newer", head=head, base=base or "—")
        else:
            self._keep_given(sheet, row, found, line)
        return not found.faults

    def _differing(self, row: Row, line: SheetLine) -> list[str]:
        before = line.before
        return [
            name
            for aspect in self.layout.aspects
            if (row.values.get(name := field_of(aspect)) or "") != before.get(aspect.id, "")
        ]

    def _keep_given(self, sheet: TableSheet, row: Row, found: MarkRow, line: SheetLine) -> None:
        """A blank cell means "not yet" and never takes away a mark that is there."""
        for aspect in self.layout.aspects:
            if aspect.id in line.before and row.values.get(field_of(aspect)) is None:
                self.refuse(found, sheet, row, field_of(aspect), "worksheet.would_blank")

    def document(self, row: Row, line: SheetLine, marks: dict[str, str | None]) -> dict[str, Any]:
        """The submission that the row stands for, as the page would send it; notes and time are kept."""
        content = revision_document(line.revision)
        return {
            "base_revision": line.sheet.head,
            "marks": marks,
            "notes": content["notes"],
            "complete": all(marks.values()),
            "seconds": row.values.get(SECONDS) or content["seconds"],
            "runs": [list(run) for run in content["runs"]] if content["runs"] and self._same_time(row, line) else None,
            "client": {"device": f"worksheet {self.sha256[:16]}", "sequence": row.number},
        }

    def submit(self, sheet: TableSheet, row: Row, found: MarkRow, line: SheetLine, document: dict[str, Any]) -> None:
        """Check the row's submission like one from the page; its faults stand at their cells."""
        try:
            submission = read_submission(document)
            checked = checked_marks(submission, self.layout.aspects)
            if line.sheet.code in self.called:
                allow_only_called_aspects(self.ground.session, line.sheet, checked.values)
        except Invalid as fault:
            for problem in fault.problems:
                name = SECONDS if problem.where == "seconds" else f"mark.{problem.where}"
                self.refuse(found, sheet, row, name, problem.code, **problem.params)
            return
        found.state, found.submission, found.checked = "changed" if line.sheet.head else "new", submission, checked

    def refuse(self, found: MarkRow, sheet: TableSheet, row: Row, name: str, code: str, /, **params: object) -> None:
        """Note a fault at the row's cell of that field."""
        cell = sheet.cell(row, name)
        where = f"第 {row.number} 行" + (f"“{sheet.label(name)}”（{cell}）：" if cell else "：")
        self._say(found, cell, where + sentence(code, **params), sheet, row)

    def _say(self, found: MarkRow, cell: str | None, message: str, sheet: TableSheet, row: Row) -> None:
        """A fault stands in its cell of the preview, or beside the row."""
        found.faults.append((found.sheet, cell or f"A{row.number}", message))
        place = next((shown for name, shown in found.cells.items() if cell and sheet.cell(row, name) == cell), None)
        (place.says if place else found.says).append(message)


def _said(times: Mapping[str, int]) -> str:
    return "、".join(f"{KIND_WORDS[kind]} {seconds} 秒" for kind, seconds in times.items())
