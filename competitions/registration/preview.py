"""The preview of a roster as the user knows it: his columns, his row numbers, each fault under its cell. Knows no page.

ID numbers and phones are masked where nothing is wrong with them.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from competitions.base.keyring import masked_id_number, masked_phone, masked_text
from competitions.registration.roster_plan import Plan, PlanRow
from competitions.tabular.headings import letters
from competitions.tabular.limits import ROWS
from competitions.tabular.person_fields import column_of
from competitions.tabular.roster import Roster
from competitions.tabular.table import Row, TableSheet
from competitions.tabular.values import as_text
from competitions.uploads.cells import place_of

REPLACEABLE = (
    "event.unknown",
    "organisation.unknown",
    "organisation.out_of_scope",
    "division.unknown",
    "event.multiple",
    "choice.unknown",
)


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of the user's sheet: its letters, his heading, the field it is matched to."""

    letters: str
    label: str
    field: str | None


@dataclass(slots=True)
class ShownCell:
    """A cell: its text, what is said under it, what it would replace, whether it is an error or a warning."""

    address: str
    text: str
    says: list[str] = field(default_factory=list)
    tone: str = ""
    was: str | None = None
    field: str | None = None


@dataclass(slots=True)
class ShownRow:
    """A row of people with what would become of it."""

    number: int
    status: str
    cells: list[ShownCell]
    says: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ShownSheet:
    """A sheet with its columns; `heading_row` counts from 1."""

    name: str
    heading_row: int
    heading_rows: int
    columns: list[ShownColumn]
    rows: list[ShownRow]
    skipped: int


@dataclass(frozen=True, slots=True)
class WrongValue:
    """A value that is wrong in several rows and may be replaced in all of them at once."""

    field: str
    label: str
    text: str
    rows: int


def shown_sheets(roster: Roster, plan: Plan, status: str, first: int, last: int) -> list[ShownSheet]:
    """The sheets with the rows of this status ("" for all), of which only those from `first` to `last` over all sheets
    together are made ready to show.
    """
    plans = {(row.sheet, row.number): row for row in plan.rows}
    sheets, passed = [], 0
    for sheet in roster.sheets:
        if sheet.heading is None:
            continue
        rows = [(row, plans[sheet.name, row.number]) for row in sheet.rows if row.kind == "data"]
        asked = [pair for pair in rows if status in ("", pair[1].status)]
        sheets.append(_sheet(sheet, asked[max(0, first - passed) : max(0, last - passed)]))
        passed += len(asked)
    return sheets


def _sheet(sheet: TableSheet, rows: list[tuple[Row, PlanRow]]) -> ShownSheet:
    assert sheet.heading is not None
    columns = columns_of(sheet)
    skipped = sum(1 for row in sheet.rows if row.kind not in ("data", "blank"))
    return ShownSheet(
        sheet.name,
        sheet.heading.first_row + 1,
        sheet.heading.height,
        columns,
        [_row(sheet, row, plan, columns) for row, plan in rows],
        skipped,
    )


def columns_of(sheet: TableSheet) -> list[ShownColumn]:
    """The sheet's columns in its order, blank ones left out."""
    heading = sheet.heading
    assert heading is not None
    fields = {column: name for name, column in heading.fields.items()}
    head = sheet.sheet.rows[heading.first_row : heading.data_row]
    filled = {
        index
        for row in sheet.rows
        if row.kind == "data"
        for index, cell in enumerate(sheet.sheet.rows[row.number - 1])
        if cell != ""
    }
    columns = []
    for index in range(max([*(each + 1 for each in filled), *(len(cells) for cells in head)], default=0)):
        labels = [as_text(cells[index]) for cells in reversed(head) if index < len(cells) and cells[index] != ""]
        if labels or index in filled:
            columns.append(ShownColumn(letters(index), labels[0] if labels else "", fields.get(index)))
    return columns


def _row(sheet: TableSheet, row: Row, plan: PlanRow, columns: list[ShownColumn]) -> ShownRow:
    raw = sheet.sheet.rows[row.number - 1]
    filled_down = {each.field for each in sheet.columns if each.filled_down}
    shown = ShownRow(row.number, plan.status, [])
    by_address: dict[str, ShownCell] = {}
    for column in columns:
        index = place_of(f"{column.letters}1")[1]
        text = as_text(raw[index]) if index < len(raw) else ""
        if text == "" and column.field in filled_down:
            text = row.values.get(column.field) or ""
        cell = ShownCell(f"{column.letters}{row.number}", text, field=column.field)
        by_address[cell.address] = cell
        shown.cells.append(cell)
    _say(shown, plan, by_address)
    _mark_changes(shown, plan)
    for cell in shown.cells:
        if cell.tone != "faulty":
            cell.text = _masked(cell.field, cell.text)
    return shown


def _say(shown: ShownRow, plan: PlanRow, by_address: dict[str, ShownCell]) -> None:
    """Each sentence under its cell; without the place, which the eye sees. What has no cell is said of the row."""
    for problem in plan.problems:
        sentence = problem.message.partition("：")[2] or problem.message
        cell = by_address.get(problem.cell or "")
        if cell is None:
            shown.says.append(problem.message)
            continue
        cell.says.append(sentence)
        if cell.tone != "faulty":
            cell.tone = "faulty" if problem.severity == "error" else "warned"


def _mark_changes(shown: ShownRow, plan: PlanRow) -> None:
    cells = {cell.field: cell for cell in shown.cells if cell.field}
    for change in plan.changes:
        cell = cells.get(column_of(change.field))
        if cell is None:
            shown.says.append(f"{change.label}：{change.old or '（空）'} → {change.new}")
        elif not cell.tone:
            cell.was, cell.tone = change.old or "（空）", "changed"


def _masked(name: str | None, text: str) -> str:
    """By what the column is, and by what stands in the cell: columns that were not read hold numbers too."""
    if name == "id_number":
        return masked_id_number(text)
    return masked_phone(text) if name == "phone" and text else masked_text(text)


def wrong_values(roster: Roster, plan: Plan) -> list[WrongValue]:
    """Values that can be replaced at once, the most frequent first."""
    found: Counter[tuple[str, str, str]] = Counter()
    for sheet, row, plan_row in _rows(roster, plan):
        for problem in plan_row.problems:
            name = problem.params.get("field") or field_at(sheet, problem.cell)
            if problem.code in REPLACEABLE and name and sheet.cell(row, name):  # not what the sheet's name says
                text = as_text(sheet.raw(row, name)) or str((plan_row.person or row.values).get(name) or "")
                if text:
                    found[name, sheet.label(name), text] += 1
    return [WrongValue(name, label, text, rows) for (name, label, text), rows in found.most_common(20)]


def _rows(roster: Roster, plan: Plan) -> Iterator[tuple[TableSheet, Row, PlanRow]]:
    plans = {(row.sheet, row.number): row for row in plan.rows}
    for sheet in roster.sheets:
        for row in sheet.rows:
            if row.kind == "data":
                yield sheet, row, plans[sheet.name, row.number]


def field_at(sheet: TableSheet, address: str | None) -> str | None:
    """The field of the column in which a cell stands."""
    if address is None or sheet.heading is None:
        return None
    column = place_of(address)[1]
    return next((name for name, index in sheet.heading.fields.items() if index == column), None)


def replacements(roster: Roster, name: str, old: str, new: str) -> dict[str, dict[str, str]]:
    """Sheet → cell → new text, for every cell of that field that reads `old`, merged ones by their rows."""
    edits: dict[str, dict[str, str]] = {}
    for sheet in roster.sheets:
        merged = _merged_texts(sheet, name)
        for row in sheet.rows:
            address = sheet.cell(row, name) if row.kind == "data" else None
            if address and (as_text(sheet.raw(row, name)) or merged.get(row.number)) == old:
                edits.setdefault(sheet.name, {})[address] = new
    return edits


def _merged_texts(sheet: TableSheet, name: str) -> dict[int, str]:
    """Number of a row → the text that it has from a merged cell of this column above."""
    column, rows = sheet.heading.fields.get(name) if sheet.heading else None, sheet.sheet.rows
    found = (
        (row + 1, as_text(rows[top][left]))
        for top, left, bottom, _right in sheet.sheet.merged
        if left == column and top < len(rows) and left < len(rows[top])
        for row in range(top + 1, min(bottom + 1, len(rows)))
    )
    return dict(islice(found, ROWS))  # areas of a mutilated file may lie over each other
