"""Finding the heading of a table: in which row, one row or two, which column is which. Knows no values.

The heading is the row among the first fifteen that names most columns; under it a second row may divide a merged group
(联系方式 over 手机 and 固话). The user may say by hand what the search got wrong (`Correction`).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from competitions.tabular import limits
from competitions.tabular.columns import Columns
from competitions.tabular.reading import Cell, Sheet

_NOT_LABEL = re.compile(r"[\s*＊:：,，。.、/／\\|·•;；\"'“”‘’_\-—]+")
_IN_BRACKETS = re.compile(r"[(（\[【〔].*?[)）\]】〕]")
_BESIDE = re.compile("^(?:参赛选手|参赛人员|参赛者|参赛职工|选手|本人|职工|现有|现|个人)")
_OTHERS = re.compile("教练|领队|指导|联系人|联络|裁判|填报人|经办|负责人|推荐人|家属|紧急")
_LONGEST_LABEL = 40
_GROUP = "\x1f"


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the heading of a sheet is: `first_row` counted from 0, over `height` rows; field → column from 0."""

    first_row: int
    height: int
    fields: Mapping[str, int]
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def data_row(self) -> int:
        """The first row under the heading, from 0."""
        return self.first_row + self.height


@dataclass(frozen=True, slots=True)
class Correction:
    """What a user set by hand for a sheet: leave it out, its heading row (from 1), its columns (field → letters)."""

    left_out: bool = False
    header_row: int | None = None
    header_rows: int | None = None
    columns: Mapping[str, str] | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Correction":
        """From JSON; parts that make no sense are ignored, because the search then does what it did."""
        row, rows, columns = (document.get(key) for key in ("header_row", "header_rows", "columns"))
        return cls(
            document.get("left_out") is True,
            row if isinstance(row, int) and 1 <= row <= limits.ROWS else None,
            rows if rows in (1, 2) else None,
            _column_letters(columns) if isinstance(columns, Mapping) else None,
        )


def _column_letters(columns: Mapping[str, Any]) -> dict[str, str]:
    upper = {str(name): str(value).strip().upper() for name, value in columns.items()}
    return {name: value for name, value in upper.items() if re.fullmatch("[A-Z]{0,2}", value)}


Corrections = Mapping[str, Correction]
"""Sheet name → what was set by hand."""


def address(row: int, column: int) -> str:
    """The name of a cell in the user's file; row and column from 0."""
    return f"{letters(column)}{row + 1}"


def letters(column: int) -> str:
    """A for 0, Z for 25, AA for 26."""
    return (letters(column // 26 - 1) if column > 25 else "") + chr(65 + column % 26)


def find_heading(sheet: Sheet, columns: Columns, correction: Correction | None = None) -> Heading | None:
    """The heading of a sheet, None when no row looks like one (two columns of the list, one of them a required one
    or three in all)."""
    known = _known(tuple((each.field, each.required, each.label, each.synonyms) for each in columns))
    given = correction.header_row if correction else None
    rows: Sequence[int] = [given - 1] if given else range(min(limits.HEADING_ROWS, len(sheet.rows)))
    height = correction.header_rows if correction else None
    found = [each for row in rows for each in _candidates(sheet, row, known, height)]
    best = max(found, key=lambda each: (len(each.fields), -each.height, -each.first_row), default=None)
    if given and best is None:
        best = Heading(given - 1, height or 1, {})
    if best is None or not (given or _is_convincing(best, columns)):
        return None
    return _corrected(best, correction)


def names_columns(cells: Sequence[Cell], columns: Columns) -> int:
    """How many cells of a row are headings: a repeated heading in the middle of a table has several."""
    known = _known(tuple((each.field, each.required, each.label, each.synonyms) for each in columns))
    return sum(1 for cell in cells if isinstance(cell, str) and cell and _field_of(cell, known))


def _is_convincing(heading: Heading, columns: Columns) -> bool:
    required = any(each.field in heading.fields for each in columns if each.required)
    return len(heading.fields) >= min(2 if required else 3, len(columns))


def _candidates(sheet: Sheet, row: int, known: "_Known", height: int | None) -> list[Heading]:
    if row >= len(sheet.rows):
        return []
    single = _match(row, 1, list(enumerate(_labels(sheet.rows[row]))), known)
    if height == 1 or row + 1 >= len(sheet.rows):
        return [single]
    double = _match(row, 2, _grouped(sheet, row), known)
    if height == 2 or _divides(sheet, row, single, known):
        return [double]
    return [single, double] if _are_labels(sheet.rows[row + 1]) else [single]


def _divides(sheet: Sheet, row: int, single: Heading, known: "_Known") -> bool:
    """Whether the next row only divides groups: it names columns, holds no numbers, and is blank where the upper row
    names required things."""
    below = sheet.rows[row + 1]
    if not single.fields or not _are_labels(below):
        return False
    required = [column for name, column in single.fields.items() if name in known.required]
    blank = all(column >= len(below) or below[column] == "" for column in required)
    named = any(_field_of(label, known) for label in _labels(below) if label)
    return blank and (named or _spans_groups(sheet, row))


def _spans_groups(sheet: Sheet, row: int) -> bool:
    return any(top == row and bottom == row and right > left for top, left, bottom, right in sheet.merged) and any(
        top == row and bottom == row + 1 for top, left, bottom, right in sheet.merged
    )


def _are_labels(cells: Sequence[Cell]) -> bool:
    filled = [cell for cell in cells if cell != ""]
    return bool(filled) and all(
        isinstance(cell, str) and len(cell) <= _LONGEST_LABEL and not re.search(r"[0-9]{4}", cell) for cell in filled
    )


def _labels(cells: Sequence[Cell]) -> list[str]:
    return [cell if isinstance(cell, str) and len(cell) <= _LONGEST_LABEL else "" for cell in cells]


def _grouped(sheet: Sheet, row: int) -> list[tuple[int, str]]:
    """(column, label) of two rows: what stands below, with the group before it, or above alone."""
    above, below = _labels(sheet.rows[row]), _labels(sheet.rows[row + 1])
    labels: list[tuple[int, str]] = []
    group = ""
    for column in range(max(len(above), len(below))):
        upper = above[column] if column < len(above) else ""
        lower = below[column] if column < len(below) else ""
        group = upper or (group if lower else "")
        labels.append((column, f"{group}{_GROUP}{lower}" if lower and group else lower or upper))
    return labels


@dataclass(frozen=True, slots=True)
class _Known:
    labels: Mapping[str, tuple[str, int]]
    required: frozenset[str]


@lru_cache(maxsize=32)
def _known(columns: tuple[tuple[str, bool, str, tuple[str, ...]], ...]) -> _Known:
    labels: dict[str, tuple[str, int]] = {}
    for name, _, label, synonyms in columns:
        for priority, text in enumerate((label, *synonyms)):
            labels.setdefault(_plain(text), (name, priority))
    return _Known(labels, frozenset(name for name, required, _, _ in columns if required))


def _match(row: int, height: int, labels: Sequence[tuple[int, str]], known: _Known) -> Heading:
    best: dict[str, tuple[int, int]] = {}
    named: dict[str, str] = {}
    for column, label in labels:
        found = _field_of(label, known) if label else None
        if found and (found[0] not in best or found[1] < best[found[0]][0]):
            best[found[0]] = (found[1], column)
            named[found[0]] = re.sub(r"\s+", "", label.rpartition(_GROUP)[2])
    return Heading(row, height, {name: column for name, (_, column) in best.items()}, named)


def _field_of(label: str, known: _Known) -> tuple[str, int] | None:
    """The field that a heading names and how telling it is (0 best), None when it names none."""
    group, _, lower = label.rpartition(_GROUP)
    tried = [label] if not group else [label, lower]
    if group and _OTHERS.search(group):
        tried = [label]
    for text in tried:
        for plain in (_plain(text), _plain(_IN_BRACKETS.sub("", text))):
            found = known.labels.get(plain) or known.labels.get(_BESIDE.sub("", plain))
            if found:
                return found
    return None


def _plain(label: str) -> str:
    return _NOT_LABEL.sub("", unicodedata.normalize("NFKC", label)).strip("()[]{}").lower()


def _corrected(heading: Heading, correction: Correction | None) -> Heading:
    if correction is None or correction.columns is None:
        return heading
    from competitions.tabular.xlsx_layout import column_number

    fields = dict(heading.fields)
    for name, value in correction.columns.items():
        fields.pop(name, None)
        if value:
            taken = column_number(value)
            fields = {other: column for other, column in fields.items() if column != taken}
            fields[name] = taken
    return Heading(heading.first_row, heading.height, fields, heading.labels)
