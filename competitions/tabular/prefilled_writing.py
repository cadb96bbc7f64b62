"""A table whose rows are given and whose cells are to be filled in: names locked, ranges advised, a column hidden.

What stands in the first cells of a row says whom the values are for; people fill in the rest and send the file back.
It knows neither marks nor schemes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.datavalidation import DataValidation

from competitions.tabular import workbook_style as style
from competitions.tabular.sheet_rows import Piece, RowSheet, text_piece
from competitions.tabular.table_writing import exact_digits, lines_of, number_format

_ROW, _HEADING_LINE, _NOTE_LINE = 22, 18, 17


@dataclass(frozen=True, slots=True)
class PrefilledColumn:
    """One column: `given` cells are locked; the others take text, or numbers from 0 to `highest` (None: no limit).

    `hidden`: there for the way back only. `width` in digits.
    """

    label: str
    kind: Literal["text", "number", "integer"] = "number"
    given: bool = False
    hidden: bool = False
    highest: Decimal | None = None
    advice: str = ""
    width: float = 12


@dataclass(frozen=True, slots=True)
class PrefilledTable:
    """One sheet: a row holds a value (str, int, Decimal, None) for each column."""

    name: str
    title: str
    tips: Sequence[str]
    columns: Sequence[PrefilledColumn]
    rows: Sequence[Sequence[str | int | Decimal | None]]
    footer_lines: Sequence[str] = ()


def write_prefilled(tables: Sequence[PrefilledTable], *, title: str, reference: str = "") -> bytes:
    """The .xlsx of some tables to be filled in, one sheet each; `reference` is printed at the foot of each page."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for table in tables:
        name = style.unique_sheet_name(table.name, workbook.sheetnames)
        _PrefilledSheet(workbook, table, name).write(reference)
    return style.saved(workbook, title=title)


class _PrefilledSheet:
    """Writes one table into one new sheet of a workbook."""

    def __init__(self, workbook: Workbook, table: PrefilledTable, name: str) -> None:
        self.table = table
        self.sheet = RowSheet(workbook, name, len(table.columns))
        self.width = max(sum(column.width for column in table.columns if not column.hidden), 40)

    def write(self, reference: str) -> None:
        """The whole sheet, from top to bottom."""
        table, sheet = self.table, self.sheet
        style.set_page(sheet, orientation="landscape" if self.width > 84 else "portrait", reference=reference)
        for letter, column in zip(sheet.letters, table.columns, strict=True):
            sheet.column_dimensions[letter].width = column.width
            sheet.column_dimensions[letter].hidden = column.hidden
        self._line(table.title, style.TITLE_FONT, style.CENTRED, 36)
        advice = "\n".join(f"{number}. {tip}" for number, tip in enumerate(table.tips, 1))
        if advice:
            self._line(advice, style.ADVICE_FONT, style.LEFT, _NOTE_LINE * lines_of(advice, self.width) + 8)
        heading = self._headings()
        self._rows()
        for line in table.footer_lines:
            self._line(line, style.NOTE_FONT, style.LEFT, 28)
        sheet.freeze_panes = f"A{heading + 1}"
        sheet.print_title_rows = f"{heading}:{heading}"
        self._ranges(heading + 1, heading + max(len(table.rows), 1))
        self._protect()

    def _line(self, text: str, font: object, alignment: object, height: float) -> None:
        look = self.sheet.look(font, alignment, border=style.NO_FRAME)
        self.sheet.append_over_all_columns(text_piece(look, text), height)

    def _headings(self) -> int:
        look = self.sheet.look(style.HEADING_FONT, style.CENTRED, fill=style.HEADING_FILL)
        asked = self.sheet.look(style.HEADING_FONT, style.CENTRED, fill=style.REQUIRED_FILL)
        columns = self.table.columns
        lines = max(lines_of(column.label, column.width) for column in columns if not column.hidden)
        self.sheet.append_pieces(
            [text_piece(look if column.given else asked, column.label) for column in columns],
            12 + _HEADING_LINE * lines,
        )
        return self.sheet.next_row - 1

    def _rows(self) -> None:
        looks: dict[tuple[bool, str], int] = {}
        for row in self.table.rows:
            pieces = []
            for column, value in zip(self.table.columns, row, strict=True):
                digits = exact_digits(value) if isinstance(value, int | Decimal) else None
                if digits is not None and column.kind != "text":
                    shape = number_format(digits, 0)
                    pieces.append(Piece(self._look(looks, column.given, shape), digits, is_number=True))
                else:
                    shape = style.TEXT_FORMAT if column.kind == "text" or value is not None else "General"
                    text = style.clean_text("" if value is None else str(value))
                    pieces.append(Piece(self._look(looks, column.given, shape), text))
            self.sheet.append_pieces(pieces, _ROW)

    def _look(self, looks: dict[tuple[bool, str], int], given: bool, shape: str) -> int:
        """The number of a style; `given` cells are grey and locked."""
        if (given, shape) not in looks:
            cell = Cell(self.sheet, row=1, column=1)
            cell.font, cell.alignment, cell.border = style.VALUE_FONT, style.CENTRED, style.FRAME
            cell.number_format = shape
            if given:
                cell.fill = style.EXAMPLE_FILL
            else:
                cell.protection = style.UNLOCKED
            looks[given, shape] = cell.style_id
        return looks[given, shape]

    def _ranges(self, first: int, last: int) -> None:
        """What a cell may hold, as a warning and not a wall: the check after the upload says precisely what is wrong."""
        for letter, column in zip(self.sheet.letters, self.table.columns, strict=True):
            if column.given or column.kind == "text":
                continue
            highest = None if column.highest is None else format(column.highest, "f")
            rule = DataValidation(
                type="decimal" if column.kind == "number" else "whole",
                allow_blank=True,
                formula1="0",
                operator="greaterThanOrEqual" if highest is None else "between",
                formula2=highest,
            )
            rule.errorStyle, rule.errorTitle, rule.showErrorMessage = "warning", "请检查", True
            rule.error = (
                f"“{column.label}”应为不小于 0 的数。"
                if highest is None
                else f"“{column.label}”应在 0 到 {highest} 之间。"
            )
            rule.promptTitle, rule.prompt = column.label[:32], style.clean_text(column.advice)[:255]
            rule.showInputMessage = bool(column.advice)
            rule.add(f"{letter}{first}:{letter}{last}")
            self.sheet.add_data_validation(rule)

    def _protect(self) -> None:
        """Names and headings locked, the rest free; no password, so that an office can always help itself."""
        protection = self.sheet.protection
        protection.sheet = True
        protection.formatCells = protection.formatColumns = protection.formatRows = False  # False: not forbidden
        protection.sort = protection.autoFilter = False
