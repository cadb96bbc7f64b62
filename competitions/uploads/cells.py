"""The cells of a user's file between upload and confirmation: as JSON, and with the cells corrected on the page.

The file itself is opened once, by the child process of `competitions.tabular`; from then on only its cells are handled.
"""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from competitions.tabular.reading import Book, Cell, Sheet

_PLACES = ("formulas", "errors", "struck")


def written(book: Book) -> list[dict[str, Any]]:
    """The sheets as plain values for JSON."""
    return [
        {
            "name": sheet.name,
            "visible": sheet.visible,
            "merged": sheet.merged,
            "hidden_rows": sorted(sheet.hidden_rows),
            "rows": [[_plain(cell) for cell in cells] for cells in sheet.rows],
            **{name: sorted(getattr(sheet, name)) for name in _PLACES},
        }
        for sheet in book.sheets
    ]


def read_back(sheets: list[dict[str, Any]]) -> Book:
    """The book that `written` made values of."""
    return Book(
        [
            Sheet(
                found["name"],
                found["visible"],
                [[_cell(value) for value in cells] for cells in found["rows"]],
                [(a, b, c, d) for a, b, c, d in found["merged"]],
                hidden_rows=frozenset(found["hidden_rows"]),
                **{name: frozenset((row, column) for row, column in found[name]) for name in _PLACES},
            )
            for found in sheets
        ]
    )


def _plain(cell: Cell) -> Any:
    return {"date": cell.isoformat()} if isinstance(cell, date) else cell


def _cell(value: Any) -> Cell:
    if not isinstance(value, dict):
        found: Cell = value
        return found
    text = value["date"]
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def corrected(book: Book, edits: Mapping[str, Mapping[str, str]]) -> Book:
    """A book with these cells replaced (sheet → cell address → text); the given one stays as it is."""
    return Book([_corrected_sheet(sheet, edits.get(sheet.name, {})) for sheet in book.sheets])


def _corrected_sheet(sheet: Sheet, edits: Mapping[str, str]) -> Sheet:
    if not edits:
        return sheet
    copy = dataclasses.replace(sheet, rows=[list(cells) for cells in sheet.rows], merged=list(sheet.merged))
    for address, text in edits.items():
        _replace(copy, *place_of(address), text)
    return copy


def place_of(address: str) -> tuple[int, int]:
    """Row and column from 0 of a cell's address (`I8`). Raises ValueError for anything else."""
    letters = address.rstrip("0123456789").upper()
    row = int(address[len(letters) :])
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 2) or row < 1:
        raise ValueError(address)
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return row - 1, column - 1


def _replace(sheet: Sheet, row: int, column: int, text: str) -> None:
    """Put the text into its cell alone: a merged area that holds it is taken apart first, its value in every row."""
    for area in [each for each in sheet.merged if each[0] <= row <= each[2] and each[1] <= column <= each[3]]:
        sheet.merged.remove(area)
        top, left, bottom, _right = area
        cells = sheet.rows[top]
        value = cells[left] if left < len(cells) else ""
        for inner in range(top, min(bottom, len(sheet.rows) - 1) + 1):
            _put(sheet, inner, left, value)
    _put(sheet, row, column, text)
    sheet.formulas -= {(row, column)}
    sheet.errors -= {(row, column)}


def _put(sheet: Sheet, row: int, column: int, value: Cell) -> None:
    cells = sheet.rows[row]
    cells.extend([""] * (column + 1 - len(cells)))
    cells[column] = value
