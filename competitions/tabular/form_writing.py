"""Forms of one A4 page, filled in or blank: labelled cells in a grid, a photo box, blocks to be signed and stamped.

A form is declared row by row; this module knows nothing of what is asked in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border
from openpyxl.utils import get_column_letter

from competitions.tabular import workbook_style as style
from competitions.tabular.table_writing import shown

GRID = 24  # narrow columns, so that rows of two, three and four fields share one grid
COLUMN_WIDTH = 3.3
LABEL_COLUMNS, PHOTO_COLUMNS = 3, 4
MILLIMETRE = 72 / 25.4  # in points
LINE_HEIGHT = 16
PAGE_HEIGHT = 795  # points between the margins of A4, as the width is scaled to the page
BOTTOM_RIGHT = Alignment(horizontal="right", vertical="center", wrap_text=True, indent=1)


@dataclass(frozen=True, slots=True)
class FormField:
    """A label and its value; `share` is the part of the row it takes, compared with the other fields of the row."""

    label: str
    value: object = None
    share: int = 1


@dataclass(frozen=True, slots=True)
class FormBlock:
    """A label at the left and room for text; `signing_line` (签名、盖章、日期) stands at the bottom right."""

    label: str
    text: str = ""
    signing_line: str = ""
    height_mm: int = 28


@dataclass(frozen=True, slots=True)
class Form:
    """One page: title, lines under it, rows of fields and blocks, notes below.

    `photo` is the text in the photo box, which stands at the right of the first `photo_rows` rows; "" leaves it out.
    """

    title: str
    rows: Sequence[Sequence[FormField] | FormBlock]
    subtitle_lines: Sequence[str] = ()
    notes: Sequence[str] = ()
    photo: str = ""
    photo_rows: int = 4
    row_height_mm: float = 9.5
    sheet_name: str = ""
    annex: str = ""


def write_form(forms: Sequence[Form], *, title: str, creator: str = style.CREATOR, at: datetime | None = None) -> bytes:
    """The .xlsx of some forms (one sheet and one printed page each), for instance one for each contestant."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for form in forms:
        name = style.unique_sheet_name(form.sheet_name or form.title, workbook.sheetnames)
        FormSheet(workbook.create_sheet(name), form).write()
    return style.saved(workbook, title=title, creator=creator, at=at)


def spread(shares: Sequence[int], columns: int) -> list[int]:
    """Grid columns for each share, together exactly `columns`."""
    edges = [round(columns * sum(shares[:index]) / sum(shares)) for index in range(len(shares) + 1)]
    return [right - left for left, right in zip(edges, edges[1:], strict=False)]


@dataclass(frozen=True, slots=True)
class PlacedField:
    """A field on the grid: how many columns its label and its value take."""

    label: str
    text: str
    label_columns: int
    value_columns: int


def placed(form: Form) -> list[list[PlacedField] | FormBlock]:
    """The rows of a form on the grid, whatever it is shown on; the first ones leave room for the photo."""
    rows: list[list[PlacedField] | FormBlock] = []
    for number, row in enumerate(form.rows):
        if isinstance(row, FormBlock):
            rows.append(row)
            continue
        columns = GRID - PHOTO_COLUMNS if form.photo and number < form.photo_rows else GRID
        widths = spread([field.share for field in row], columns)
        rows.append([_placed(field, width) for field, width in zip(row, widths, strict=True)])
    return rows


def _placed(field: FormField, width: int) -> PlacedField:
    label = min(LABEL_COLUMNS, width - 1)
    return PlacedField(field.label, "" if field.value is None else shown(field.value), label, width - label)


class FormSheet:
    """Writes one form into an empty sheet."""

    def __init__(self, sheet: Any, form: Form) -> None:
        self.sheet = sheet
        self.form = form
        self.row = 1
        self.stretching: list[int] = []  # rows that take what is left of the page

    def write(self) -> None:
        """The whole page."""
        form = self.form
        style.set_page(self.sheet, orientation="portrait", one_page=True)
        for column in range(1, GRID + 1):
            self.sheet.column_dimensions[get_column_letter(column)].width = COLUMN_WIDTH
        if form.annex:
            self.line(form.annex, style.NOTE_FONT, style.LEFT, 18)
        self.line(form.title, style.FORM_TITLE_FONT, style.CENTRED, 34 * ceil(style.display_width(form.title) / 40) + 8)
        for text in form.subtitle_lines:
            self.line(text, style.VALUE_FONT, style.LEFT, 24)
        first = self.row
        for row in placed(form):
            if isinstance(row, FormBlock):
                self.block(row)
            else:
                self.fields(row)
        if form.photo:
            self.area(first, GRID - PHOTO_COLUMNS + 1, first + form.photo_rows - 1, GRID, form.photo)
        for text in form.notes:
            self.line(text, style.NOTE_FONT, style.LEFT, 6 + LINE_HEIGHT * ceil(style.display_width(text) / 88))
        self.fill_page()

    def fill_page(self) -> None:
        """The blocks share the height that is left, so that the form takes the whole sheet of paper."""
        heights = self.sheet.row_dimensions
        spare = PAGE_HEIGHT - sum(heights[row].height for row in range(1, self.row))
        if spare > 0:
            for row in self.stretching:
                heights[row].height += spare / len(self.stretching)

    def fields(self, row: Sequence[PlacedField]) -> None:
        """One row of labelled values, as high as the longest needs."""
        left, height = 1, self.form.row_height_mm * MILLIMETRE
        for field in row:
            for text, columns, font in (
                (field.label, field.label_columns, style.HEADING_FONT),
                (field.text, field.value_columns, style.VALUE_FONT),
            ):
                self.area(self.row, left, self.row, left + columns - 1, text, font=font)
                lines = ceil(style.display_width(text) / (columns * COLUMN_WIDTH - 1.5))
                height = max(height, 6 + LINE_HEIGHT * lines)
                left += columns
        self.next_row(height)

    def block(self, block: FormBlock) -> None:
        """A tall labelled area; the signing line has a row of its own without a line above it."""
        top, height = self.row, block.height_mm * MILLIMETRE
        self.stretching.append(top)
        signing = 26 if block.signing_line else 0
        lines = sum(max(1, ceil(style.display_width(line) / 72)) for line in block.text.split("\n"))
        self.next_row(max(height - signing, 8 + LINE_HEIGHT * lines))
        self.area(
            top,
            LABEL_COLUMNS + 1,
            top,
            GRID,
            block.text,
            alignment=style.TOP_LEFT,
            border=Border(left=style.LINE, right=style.LINE, top=style.LINE, bottom=None if signing else style.LINE),
        )
        if signing:
            self.area(
                self.row,
                LABEL_COLUMNS + 1,
                self.row,
                GRID,
                block.signing_line,
                alignment=BOTTOM_RIGHT,
                border=Border(left=style.LINE, right=style.LINE, bottom=style.LINE),
            )
            self.next_row(signing)
        self.area(top, 1, self.row - 1, LABEL_COLUMNS, block.label, font=style.HEADING_FONT)

    def area(
        self,
        top: int,
        left: int,
        bottom: int,
        right: int,
        text: str,
        *,
        font: Any = style.VALUE_FONT,
        alignment: Any = style.CENTRED,
        border: Any = style.FRAME,
    ) -> None:
        """A merged area with its frame and text."""
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                self.sheet.cell(row, column).border = border
        cell = self.sheet.cell(top, left)
        style.put_text(cell, text)
        cell.font, cell.alignment, cell.number_format = font, alignment, style.TEXT_FORMAT
        if (top, left) != (bottom, right):
            self.sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)

    def line(self, text: str, font: Any, alignment: Any, height: float) -> None:
        """One unframed line over the whole width."""
        self.area(self.row, 1, self.row, GRID, text, font=font, alignment=alignment, border=style.NO_FRAME)
        self.next_row(height)

    def next_row(self, height: float) -> None:
        """Ends the row that was written."""
        self.sheet.row_dimensions[self.row].height = height
        self.row += 1
