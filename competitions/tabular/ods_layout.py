"""What calamine does not tell about an .ods: formulas, errors, hidden rows, struck-through cells, merged ranges, reach.

One streaming pass over content.xml in the child process: standard library only. Rows and columns count from 0.
"""

from typing import Any
from xml.parsers import expat

from competitions.tabular import limits
from competitions.tabular.preflight import Refused
from competitions.tabular.xlsx_layout import Layout, _parse, _refuse_doctype

_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_CELLS = (_TABLE + "table-cell", _TABLE + "covered-table-cell")


def ods_layouts(content: bytes) -> list[Layout]:
    """The layouts of all tables of content.xml, in order.

    Raises:
        Refused: not well-formed, or the content reaches beyond the limits.
    """
    reading = _Pass()
    parser: Any = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.characters
    _parse(parser, content)
    return reading.layouts


class _Pass:
    def __init__(self) -> None:
        self.layouts: list[Layout] = []
        self._struck_styles: set[str] = set()
        self._style = ""
        self._row = self._column = 0
        self._row_attributes: dict[str, str] = {}
        self._cell: dict[str, str] | None = None
        self._has_text = False
        self._is_error = False
        self._is_struck = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _CELLS:
            self._cell = attributes
            self._has_text = _OFFICE + "value-type" in attributes
            self._is_error = any(key.endswith(" value-type") and value == "error" for key, value in attributes.items())
            self._is_struck = attributes.get(_TABLE + "style-name") in self._struck_styles
        elif tag == _TEXT + "span":
            self._is_struck |= attributes.get(_TEXT + "style-name") in self._struck_styles
        elif tag == _TABLE + "table-row":
            self._row_attributes, self._column = attributes, 0
        elif tag == _TABLE + "table":
            self.layouts.append(Layout())
            self._row = 0
        elif tag == _STYLE + "style":
            self._style = attributes.get(_STYLE + "name", "")
        elif tag == _STYLE + "text-properties" and attributes.get(_STYLE + "text-line-through-style", "none") != "none":
            self._struck_styles.add(self._style)

    def characters(self, text: str) -> None:
        if self._cell is not None and text.strip():
            self._has_text = True
            self._is_error |= text.startswith(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "Err:5"))

    def end(self, tag: str) -> None:
        if tag in _CELLS and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif tag == _TABLE + "table-row" and self.layouts:
            self._end_row()

    def _end_cell(self, cell: dict[str, str]) -> None:
        repeated = _count(cell.get(_TABLE + "number-columns-repeated"))
        if self.layouts and (self._has_text or _TABLE + "formula" in cell):
            layout = self.layouts[-1]
            last_row = self._row + _count(self._row_attributes.get(_TABLE + "number-rows-repeated")) - 1
            layout.last_row = max(layout.last_row, last_row)
            layout.last_column = max(layout.last_column, self._column + repeated - 1)
            layout.check_reach()
            self._note(layout, cell, range(self._row, last_row + 1), range(self._column, self._column + repeated))
        self._column += repeated

    def _note(self, layout: Layout, cell: dict[str, str], rows: range, columns: range) -> None:
        for noted, into in (
            (_TABLE + "formula" in cell, layout.formulas),
            (self._is_error, layout.errors),
            (self._is_struck, layout.struck),
        ):
            if noted:
                into.extend((row, column) for row in rows for column in columns)
        down = _count(cell.get(_TABLE + "number-rows-spanned"))
        across = _count(cell.get(_TABLE + "number-columns-spanned"))
        if down > 1 or across > 1:
            layout.merged.append((rows[0], columns[0], rows[0] + down - 1, columns[0] + across - 1))

    def _end_row(self) -> None:
        repeated = _count(self._row_attributes.get(_TABLE + "number-rows-repeated"))
        if self._row_attributes.get(_TABLE + "visibility") in ("collapse", "filter"):
            self.layouts[-1].hidden_rows.extend(range(self._row, min(self._row + repeated, limits.ROWS)))
        self._row += repeated


def _count(text: str | None) -> int:
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Refused("file.unreadable", reason="structure")
    return max(1, int(text))
