"""Text tables (.csv, and the .txt and mis-named .xls of older systems): encoding, delimiter, cells. Knows no headings.

Runs in the child process: standard library only.
"""

import codecs
import csv
import io
import re

from competitions.tabular import limits
from competitions.tabular.preflight import Refused

_DELIMITERS = (",", "\t", ";")
_QUOTED_FORMULA = re.compile(r'="([^"]*)"')


def read_text(data: bytes, *, named_as_text: bool) -> tuple[list[list[str]], list[tuple[int, int]]]:
    """Rows of cells and the places (row, column, from 0) of formulas.

    A leading tab or apostrophe, and Excel's `="450…"`, are how people keep digits: they are taken off.

    Raises:
        Refused: no known encoding, too many rows or columns, or (for a file not named .csv or .txt) no table at all.
    """
    text = _decoded(data)
    delimiter = _delimiter(text)
    if delimiter is None and not named_as_text:
        raise Refused("file.unreadable")
    rows: list[list[str]] = []
    formulas: list[tuple[int, int]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or ","):
            if len(rows) >= limits.ROWS and any(cells):
                raise Refused("file.too_many_rows", limit=limits.ROWS)
            rows.append([_cell(cell, (len(rows), i), formulas) for i, cell in enumerate(cells)])
            if len(rows) > 4 * limits.ROWS:
                raise Refused("file.too_many_rows", limit=limits.ROWS)
    except csv.Error as broken:
        raise Refused("file.unreadable") from broken
    return rows, formulas


def _decoded(data: bytes) -> str:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    # UTF-8 first: its bytes often pass for GB18030 and come out as nonsense; the reverse hardly happens.
    for encoding in ["utf-16"] if wide else ["utf-8-sig", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused("file.unreadable", reason="encoding")


def _delimiter(text: str) -> str | None:
    """The delimiter of the line that has most of one among the first lines: titles above the heading have few."""
    lines = text[:20_000].splitlines()[: limits.HEADING_ROWS]
    counts = {mark: max((line.count(mark) for line in lines), default=0) for mark in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda mark: counts[mark])
    return best if counts[best] else None


def _cell(text: str, place: tuple[int, int], formulas: list[tuple[int, int]]) -> str:
    text = text.strip("\t")
    quoted = _QUOTED_FORMULA.fullmatch(text)
    if quoted:
        return quoted[1]
    if text.startswith("=") and len(text) > 1:
        formulas.append(place)
    return text.removeprefix("'")
