"""What a row under the heading is: data, a heading again, an example, a note or footer, nothing. Knows no values.

Unions send sums, signatures, page-break headings and the example of the template along with the people.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from competitions.tabular.columns import Columns
from competitions.tabular.headings import Heading, address, names_columns
from competitions.tabular.reading import Cell, Place, Sheet

Kind = Literal["data", "heading", "example", "note", "blank"]

_FOOTER = re.compile(
    r"\s*[（(]?(?:注[:：意\s0-9]|注$|备注[:：]|说明|填表|填报|制表|审核|审批|领\s*队|负责人|联系人|联系电话|联系方式|经办|单位意见|单位[(（]?盖章|盖章|公章"
    r"|日\s*期|报送|合\s*计|总\s*计|小\s*计|共\s*计|总人数|人数|共[0-9一二三四五六七八九十]+|主管|分管|签字|签名|附[:：]|提示|要求|以上|填写|第.{1,4}页"
    r"|[0-9]{0,4}\s*年\s*[0-9]{0,2}\s*月\s*[0-9]{0,2}\s*日\s*$|\.{3}|…)"
)
_EXAMPLE = re.compile(r"\s*[（(【\[]?(?:示例|样例|范例|举例|例如|填写样例|例)")
_EXAMPLE_NUMBER = re.compile(r"\s*[（(【\[]?(?:示例|样例|范例|举例|例如|例|如|样表)[0-9一二三]?[)）】\]:：]*\s*")
_EXAMPLE_BESIDE = re.compile("[（(【](?:示例|样例|范例|例)[)）】]|^(?:填写)?(?:示例|样例|范例)")
_COUNT = re.compile(r"\s*(?:共)?[0-9]+\s*(?:人|名)?\s*")
_LONGEST_NAME_ALONE = 8


class RowKinds:
    """Tells the kind of each row of one sheet."""

    def __init__(self, sheet: Sheet, heading: Heading, columns: Columns) -> None:
        self._sheet = sheet
        self._columns = columns
        present = [(each, heading.fields[each.field]) for each in columns if each.field in heading.fields]
        self._required = [column for each, column in present if each.required]
        self._own = [column for each, column in present if not each.filled_down and not each.derived]
        self._name = heading.fields.get("name")
        self._key = heading.fields.get("id_number", self._required[0] if self._required else 0)
        telling = {
            "sequence": (_EXAMPLE_NUMBER.fullmatch,),
            "name": (_EXAMPLE.match, _EXAMPLE_BESIDE.search),
            "remark": (_EXAMPLE_BESIDE.search,),
        }
        self._telling = {heading.fields[name]: tells for name, tells in telling.items() if name in heading.fields}
        rows = sheet.rows[heading.first_row : heading.data_row]
        self._labels = {cell for row in rows for cell in row if isinstance(cell, str) and cell}
        self._wide = {
            top
            for top, left, bottom, right in sheet.merged
            if right - left >= 2 and self._name is not None and left <= self._name <= right
        }
        computed = sheet.formulas | sheet.errors
        self._computed = frozenset(place for place in computed if place[1] in self._required)

    def of(self, row: int) -> Kind:
        """The kind of a row, counted from 0."""
        cells = self._sheet.rows[row]
        if not any(cell != "" for cell in cells):
            return "data" if self._has_computed(row) else "blank"
        if self._repeats_heading(cells):
            return "heading"
        if self._is_example(cells):
            return "example"
        if all(self._filled(cells, row, column) for column in self._required):
            return "data"
        return "note" if self._is_note(cells, row) else "data"

    def _has_computed(self, row: int) -> bool:
        return any((row, column) in self._computed for column in self._required)

    def _filled(self, cells: Sequence[Cell], row: int, column: int) -> bool:
        return (column < len(cells) and cells[column] != "") or (row, column) in self._computed

    def _repeats_heading(self, cells: Sequence[Cell]) -> bool:
        if len(self._labels.intersection(cells)) >= 2:
            return True
        key = cells[self._key] if self._key < len(cells) else ""
        is_number = not isinstance(key, str) or any(mark.isdigit() for mark in key)
        return not is_number and names_columns(cells, self._columns) >= 3

    def _is_example(self, cells: Sequence[Cell]) -> bool:
        for column, tells in self._telling.items():
            cell = cells[column] if column < len(cells) else ""
            # the three characters first: this is asked for every row
            if (
                isinstance(cell, str)
                and ("例" in cell or "如" in cell or "样" in cell)
                and any(tell(cell) for tell in tells)
            ):
                return True
        return False

    def _is_note(self, cells: Sequence[Cell], row: int) -> bool:
        """A row that lacks a required cell, and reads like a footer or holds no more than one thing of a person."""
        filled = [(column, cell) for column, cell in enumerate(cells) if cell != ""]
        column, first = filled[0]
        if self._filled(cells, row, self._key) and self._key != column:
            return False
        if isinstance(first, str) and _FOOTER.match(first) or row in self._wide:
            return True
        name = cells[self._name] if self._name is not None and self._name < len(cells) else ""
        if name != "" and not _COUNT.fullmatch(str(name)):
            like_a_name = isinstance(name, str) and len(name) <= _LONGEST_NAME_ALONE and name.isalpha()
            return len(filled) == 1 and not like_a_name
        return sum(1 for own in self._own if self._filled(cells, row, own) and own != self._name) < 2


@dataclass(slots=True)
class SharedCells:
    """Merged cells under the heading, as place → place of the cell that holds the value: those that are filled down,
    and those that must not be merged, with the range of each of the latter by the place of its value."""

    fill: dict[Place, Place] = field(default_factory=dict)
    wrong: dict[Place, Place] = field(default_factory=dict)
    ranges: dict[Place, str] = field(default_factory=dict)


def shared_cells(sheet: Sheet, heading: Heading, columns: Columns) -> SharedCells:
    """The merged cells that concern the columns."""
    shared = SharedCells()
    by_index = {heading.fields[each.field]: each for each in columns if each.field in heading.fields}
    for top, left, bottom, right in sheet.merged:
        inside = [column for column in by_index if left <= column <= right] if top >= heading.data_row else []
        if not inside or len(shared.fill) + len(shared.wrong) > _MOST_SHARED:
            continue
        rows = range(top, min(bottom, len(sheet.rows) - 1) + 1)
        own = [column for column in inside if not by_index[column].filled_down and not by_index[column].derived]
        if not own and left in by_index and by_index[left].filled_down:
            shared.fill.update(((row, left), (top, left)) for row in rows[1:])
        elif own and (bottom > top or len(own) > 1):
            shared.ranges[top, own[0]] = f"{address(top, left)}:{address(bottom, right)}"
            shared.wrong.update(((row, column), (top, own[0])) for row in rows for column in own)
    return shared


_MOST_SHARED = 400_000
"""Ranges may overlap in a crafted file; no honest one has so many shared cells."""
