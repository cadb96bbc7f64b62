"""Any table of a known list of columns: the heading found, each row's cells normalised, each problem named by cell.

Knows no people and no file formats; `roster` adds what concerns people, other imports use it as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from competitions.tabular import limits
from competitions.tabular.columns import Column, Columns
from competitions.tabular.headings import Corrections, Heading, address, find_heading, letters
from competitions.tabular.identity import plain_code
from competitions.tabular.problems import Problem, Unreadable, problem
from competitions.tabular.reading import Book, Cell, Place, Sheet, read_book
from competitions.tabular.rows import Kind, RowKinds, shared_cells
from competitions.tabular.values import Checked, Fault, as_text, checked

_ERROR_VALUES = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!"})


@dataclass(slots=True)
class Row:
    """A row under the heading: `number` as in the user's file, `kind`, the normalised values of data rows by field."""

    sheet: str
    number: int
    kind: Kind
    values: dict[str, str | None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    sound: bool = True
    struck: bool = False
    hidden: bool = False

    def refuse(self, found: Problem) -> None:
        """Notes a problem; an error makes the row unsound."""
        self.problems.append(found)
        self.sound = self.sound and found.severity == "warning"


@dataclass(slots=True)
class TableSheet:
    """A visible sheet: where its heading is (None: not found) and its rows under it, blank ones left out."""

    sheet: Sheet
    heading: Heading | None
    columns: Columns
    rows: list[Row] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.sheet.name

    def cell(self, row: Row, name: str) -> str | None:
        """The address of a row's cell (`I8`), None when the sheet has no such column."""
        column = self.heading.fields.get(name) if self.heading else None
        return None if column is None else address(row.number - 1, column)

    def raw(self, row: Row, name: str) -> Cell:
        """What stands in a row's cell in the file; "" when blank or when there is no such column."""
        column = self.heading.fields.get(name) if self.heading else None
        cells = self.sheet.rows[row.number - 1]
        return cells[column] if column is not None and column < len(cells) else ""

    def label(self, name: str) -> str:
        """What the user calls the column."""
        known = next((each.label for each in self.columns if each.field == name), name)
        return self.heading.labels.get(name, known) if self.heading else known

    def at(self, code: str, row: Row, name: str, /, **params: Any) -> Problem:
        """A problem at a row's cell, with what its sentence needs."""
        return problem(code, self.name, self.cell(row, name), row=row.number, label=self.label(name), **params)

    def document(self) -> dict[str, Any]:
        """The sheet as the contract prints it."""
        heading = self.heading
        assert heading is not None
        fields = sorted(heading.fields.items(), key=lambda each: each[1])
        return {
            "name": self.name,
            "header_row": heading.first_row + 1,
            "header_rows": heading.height,
            "columns": {name: letters(column) for name, column in fields},
        }

    def shown(self) -> list[dict[str, Any]]:
        """All rows that are not blank, as the user knows them: `row` (number), `kind`, `cells` as text, `hidden`."""
        kinds = {row.number: row.kind for row in self.rows}
        first = self.heading.data_row if self.heading else 0
        return [
            {
                "row": i + 1,
                "kind": kinds.get(i + 1, "heading" if i < first else "note"),
                "cells": [as_text(cell) for cell in cells],
                "hidden": i in self.sheet.hidden_rows,
            }
            for i, cells in enumerate(self.sheet.rows)
            if cells
        ]


@dataclass(slots=True)
class Table:
    """What a file holds for a list of columns. `unreadable` is set when there is nothing but the reason."""

    sheets: list[TableSheet]
    problems: list[Problem]
    unreadable: bool = False

    @property
    def rows(self) -> list[Row]:
        """The data rows of all sheets, sound or not."""
        return [row for sheet in self.sheets for row in sheet.rows if row.kind == "data"]

    @property
    def has_errors(self) -> bool:
        return any(each.severity == "error" for each in self.problems)


def read_table(data: bytes, filename: str, columns: Columns, *, corrections: Corrections | None = None) -> Table:
    """The rows of a file for these columns, with all problems in the order of the file. Never raises for a bad file."""
    try:
        book = read_book(data, filename)
    except Unreadable as unreadable:
        return Table([], [unreadable.problem], unreadable=True)
    return table_of(book, [columns] * len(book.sheets), corrections)


def table_of(book: Book, columns: Sequence[Columns], corrections: Corrections | None = None) -> Table:
    """The table of a book that has been read; `columns` for each of its sheets."""
    sheets: list[TableSheet] = []
    hidden: list[Problem] = []
    for sheet, its_columns in zip(book.sheets, columns, strict=True):
        correction = (corrections or {}).get(sheet.name)
        if not sheet.visible:
            hidden.append(problem("sheet.hidden", sheet.name))
        elif not (correction and correction.left_out):
            sheets.append(TableSheet(sheet, find_heading(sheet, its_columns, correction), its_columns))
    problems = hidden + _missing_headings(sheets)
    for table in sheets:
        missing = _missing_columns(table)
        problems += missing
        if table.heading is not None and not missing:
            _SheetRows(table).read()
            problems += [found for row in table.rows for found in row.problems]
    return Table(sheets, problems)


def _missing_headings(sheets: list[TableSheet]) -> list[Problem]:
    """A sheet without heading is an error when it looks like people or when no sheet has one; otherwise it is said."""
    found = any(table.heading for table in sheets)
    problems = []
    for table in sheets:
        if table.heading is not None or not any(table.sheet.rows):
            continue
        if found and not _looks_like_people(table.sheet):
            problems.append(problem("header.not_found", table.name, severity="warning", reason="left_out"))
        else:
            problems.append(problem("header.not_found", table.name, searched=limits.HEADING_ROWS))
    if not found and not problems:
        return [problem("header.not_found", sheets[0].name if sheets else None, searched=0, reason="blank")]
    return problems


def _looks_like_people(sheet: Sheet) -> bool:
    return any(
        cell >= 1e14 if isinstance(cell, float) else isinstance(cell, str) and _looks_like_id(cell)
        for cells in sheet.rows
        for cell in cells
    )


def _looks_like_id(text: str) -> bool:
    return len(text) >= 18 and plain_code(text)[:17].isdigit()


def _missing_columns(table: TableSheet) -> list[Problem]:
    if table.heading is None:
        return []
    missing = [each for each in table.columns if each.required and each.field not in table.heading.fields]
    row = table.heading.first_row + 1
    return [problem("column.missing", table.name, row=row, label=each.label, field=each.field) for each in missing]


def _checked(each: Column, cell: Cell) -> Checked:
    if isinstance(cell, str) and cell[:1] == "#" and cell.strip().upper() in _ERROR_VALUES:
        return None, Fault("cell.error", {})
    return checked(each.normaliser, cell)


class _SheetRows:
    """Reads the rows of one sheet; a class, because every cell needs the same dozen facts about the sheet."""

    def __init__(self, table: TableSheet) -> None:
        assert table.heading is not None
        self._table = table
        self._sheet = table.sheet
        self._heading = table.heading
        self._fields: list[tuple[int, Column, dict[Cell, Checked] | None]] = [
            (self._heading.fields[each.field], each, None if each.required else {})
            for each in table.columns
            if each.field in self._heading.fields and not each.derived
        ]
        self._shared = shared_cells(self._sheet, self._heading, table.columns)
        own = {column for column, _, _ in self._fields}
        self._computed = {place for place in self._sheet.formulas | self._sheet.errors if place[1] in own}
        self._special = {row for places in (self._shared.fill, self._shared.wrong, self._computed) for row, _ in places}
        self._required = [each.field for each in table.columns if each.required]

    def read(self) -> None:
        kinds = RowKinds(self._sheet, self._heading, self._table.columns)
        for index in range(self._heading.data_row, len(self._sheet.rows)):
            kind = kinds.of(index)
            if kind == "blank":
                continue
            row = Row(self._sheet.name, index + 1, kind, hidden=index in self._sheet.hidden_rows)
            if kind == "data":
                self._read_row(index, row)
            elif kind == "example":
                row.problems.append(self._table.at("row.example", row, self._required[0]))
            self._table.rows.append(row)

    def _read_row(self, index: int, row: Row) -> None:
        cells = self._sheet.rows[index]
        width = len(cells)
        special = index in self._special
        for column, each, cache in self._fields:
            cell = cells[column] if column < width else ""
            if special and self._is_special((index, column), each, row):
                continue
            if special and cell == "" and (index, column) in self._shared.fill:
                cell = self._filled_down((index, column), row)
            if cache is None or type(cell) is bool:  # True would find what was kept for 1
                value, fault = _checked(each, cell)
            elif cell in cache:
                value, fault = cache[cell]
            else:
                value, fault = cache[cell] = _checked(each, cell)
            row.values[each.field] = value
            if fault is not None:
                self._refuse(row, each, fault)
            elif value is None and each.required:
                row.refuse(self._table.at("required.missing", row, each.field))
        self._note_strike(index, row)

    def _refuse(self, row: Row, each: Column, fault: Fault) -> None:
        found = self._table.at(fault.code, row, each.field, **fault.params)
        row.refuse(replace(found, severity="warning") if each.advisory and fault.code[:5] != "cell." else found)

    def _is_special(self, place: Place, each: Column, row: Row) -> bool:
        """Whether a cell is no cell of its own: an error value, a formula, or merged where that is not allowed."""
        code = None
        if place in self._computed:
            code = "cell.error" if place in self._sheet.errors else "cell.formula"
        anchor = self._shared.wrong.get(place)
        if code is None and anchor is None:
            return False
        row.values[each.field] = None
        row.sound = False
        if code is not None:
            row.refuse(self._table.at(code, row, each.field))
        elif anchor == place:
            row.refuse(self._table.at("cell.merged", row, each.field, range=self._shared.ranges[place]))
        return True

    def _filled_down(self, place: Place, row: Row) -> Cell:
        top, left = self._shared.fill[place]
        if (top, left) in self._computed:
            row.sound = False  # said once, at the merged cell itself
            return ""
        cells = self._sheet.rows[top]
        return cells[left] if left < len(cells) else ""

    def _note_strike(self, index: int, row: Row) -> None:
        if not self._sheet.struck:
            return
        cells = self._sheet.rows[index]
        own = [self._heading.fields[name] for name in self._required]
        filled = [column for column in own if column < len(cells) and cells[column] != ""]
        if filled and all((index, column) in self._sheet.struck for column in filled):
            row.struck = True
            row.refuse(self._table.at("row.struck", row, self._required[0]))
