"""A sheet whose rows are written as XML at once; openpyxl writes everything around them.

openpyxl makes an object and an XML tree for each cell, which takes seconds for ten thousand rows. Here a cell is a look
(the number of a style) and its text. It knows no table: what stands where is decided by those who append rows.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.worksheet import Worksheet

from competitions.tabular.workbook_style import FRAME, clean_text

HIGHEST_ROW = 400  # points; Excel allows 409
MARKUP = re.compile("[&<>]")
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Piece(NamedTuple):
    """What stands in a cell: the number of its look, its text, and whether that is a number (never a formula)."""

    look: int
    text: str = ""
    is_number: bool = False


class RowSheet(Worksheet):
    """A worksheet that is filled row by row from above and never read."""

    def __init__(self, workbook: Workbook, title: str, columns: int) -> None:
        super().__init__(workbook, title)
        self.looks: dict[tuple[Any, ...], int] = {}
        self.letters = [get_column_letter(number) for number in range(1, columns + 1)]
        self.row_texts: list[str] = []
        workbook._add_sheet(self)

    @property
    def next_row(self) -> int:
        """The number of the row that the next append writes."""
        return len(self.row_texts) + 1

    def look(
        self, font: Any, alignment: Any, number_format: str = "General", border: Any = FRAME, fill: Any = None
    ) -> int:
        """The number of this look in the workbook; each is made once."""
        key = (id(font), id(alignment), number_format, id(border), id(fill))
        if key not in self.looks:
            cell = Cell(self, row=1, column=1)
            cell.font, cell.alignment, cell.number_format, cell.border = font, alignment, number_format, border
            if fill is not None:
                cell.fill = fill
            self.looks[key] = cell.style_id
        return self.looks[key]

    def append_pieces(self, pieces: Iterable[Piece], height: float | None = None) -> None:
        """One row; `height` in points, None for the sheet's own."""
        number = self.next_row
        cells = [
            f'<c r="{letter}{number}" s="{look}"{cell_content(text, is_number)}'
            for letter, (look, text, is_number) in zip(self.letters, pieces, strict=False)
        ]
        size = f' ht="{min(height, HIGHEST_ROW):g}" customHeight="1"' if height else ""
        self.row_texts.append(f'<row r="{number}"{size}>{"".join(cells)}</row>')

    def append_over_all_columns(self, piece: Piece, height: float) -> None:
        """One row merged over the whole width."""
        if len(self.letters) > 1:
            self.merged_cells.add(f"A{self.next_row}:{self.letters[-1]}{self.next_row}")
        self.append_pieces([piece], height)

    def calculate_dimension(self) -> str:
        """The used range, which openpyxl would look for among cells that are not there."""
        return f"A1:{self.letters[-1]}{max(len(self.row_texts), 1)}"

    def sheet_data(self) -> bytes:
        """The rows' XML, to stand in the place of openpyxl's empty one."""
        return f"<sheetData>{''.join(self.row_texts)}</sheetData>".encode()


def cell_content(text: str, is_number: bool) -> str:
    """The rest of a cell's XML after its look."""
    if not text:
        return "/>"
    if is_number:
        return f"><v>{text}</v></c>"
    if MARKUP.search(text):
        text = MARKUP.sub(lambda found: ENTITIES[found[0]], text)
    return f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def text_piece(look: int, text: str) -> Piece:
    """Text as text, whatever it begins with."""
    return Piece(look, clean_text(text))


def date_piece(look: int, day: date) -> Piece:
    """A date or a naive time as Excel's day number."""
    return Piece(look, f"{to_excel(day):.15g}", is_number=True)
