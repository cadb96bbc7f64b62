"""The table that unions download, fill in and send back: advice, drop-down lists, text columns, an example row.

People cannot easily spoil it: headings are locked (without a password), ID and phone columns are text. It knows no list
of columns of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from competitions.tabular import workbook_style as style
from competitions.tabular.template_mark import LISTS_SHEET, OPTIONS_MARK

EXAMPLE_MARK = "例："  # the reader leaves out a row whose name begins so, or whose number is "例1"
NAME_LABEL = "姓名"
LAST_COLUMN = 16_384
FORMATS = {"text": style.TEXT_FORMAT, "date": "yyyy-mm-dd", "integer": "0", "number": "General"}


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column to be filled in: heading, advice (comment and hint), example, allowed values, required or not.

    `length` is the number of characters that a value must have (18 for an ID number); `width` in digits.
    """

    label: str
    advice: str = ""
    example: str = ""
    options: Sequence[str] = ()
    required: bool = False
    kind: Literal["text", "date", "integer", "number"] = "text"
    length: int | None = None
    width: float | None = None


def write_template(
    title: str,
    tips: Sequence[str],
    columns: Sequence[TemplateColumn],
    *,
    sheet_name: str = "报名表",
    rows: int = 500,
    creator: str = style.CREATOR,
    at: datetime | None = None,
) -> bytes:
    """The .xlsx with `rows` empty rows ready for typing; more may be added below."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    sheet = workbook.create_sheet(style.unique_sheet_name(sheet_name, [LISTS_SHEET]))
    lists = workbook.create_sheet(LISTS_SHEET)
    lists.sheet_state = "veryHidden"  # not offered under "unhide", and not mistaken for a sheet that a user has hidden
    TemplateSheet(sheet, lists, columns).write(title, tips, rows)
    return style.saved(workbook, title=title, creator=creator, at=at)


class TemplateSheet:
    """Writes the columns into an empty sheet and their options into the hidden one."""

    def __init__(self, sheet: Any, lists: Any, columns: Sequence[TemplateColumn]) -> None:
        self.sheet = sheet
        self.lists = lists
        self.columns = columns

    def write(self, title: str, tips: Sequence[str], rows: int) -> None:
        """Title, tips, headings, example, empty rows, protection."""
        sheet = self.sheet
        style.set_page(sheet, orientation="landscape")
        self.set_columns()
        self.wide_line(1, title, style.TITLE_FONT, style.CENTRED, 36)
        advice = "填表说明：\n" + "\n".join(f"{number}. {tip}" for number, tip in enumerate(tips, 1))
        self.wide_line(2, advice, style.ADVICE_FONT, style.LEFT, 16 * (len(tips) + 1) + 10)
        heading, example, first, last = 3, 4, 5, 4 + rows
        for index, column in enumerate(self.columns, 1):
            self.write_heading(sheet.cell(heading, index), column)
            self.write_example(sheet.cell(example, index), column, is_first=index == 1)
            self.add_options(index, column, f"{first}", f"{last}")
        style.put_text(self.lists.cell(1, len(self.columns) + 1), OPTIONS_MARK)
        sheet.row_dimensions[heading].height, sheet.row_dimensions[example].height = 34, 22
        self.write_empty_rows(first, last)
        sheet.freeze_panes = f"A{first}"
        sheet.print_title_rows = f"{heading}:{heading}"
        self.protect()

    def set_columns(self) -> None:
        """Widths; all columns unlocked and of their format, also below and beside the prepared rows."""
        for index, column in enumerate(self.columns, 1):
            letter = get_column_letter(index)
            needed = max(
                style.display_width(column.label) + 4,
                style.display_width(column.example) + 7,
                *(style.display_width(option) + 3 for option in column.options),
                8,
            )
            dimension = self.sheet.column_dimensions[letter]
            dimension.width = column.width or min(needed, 36)
            dimension.number_format, dimension.protection = FORMATS[column.kind], style.UNLOCKED
            dimension.font = style.VALUE_FONT
        # a row can be deleted from a protected sheet only when all of its cells are unlocked
        rest = self.sheet.column_dimensions[get_column_letter(len(self.columns) + 1)]
        rest.min, rest.max, rest.protection = len(self.columns) + 1, LAST_COLUMN, style.UNLOCKED

    def wide_line(self, row: int, text: str, font: Any, alignment: Any, height: float) -> None:
        """A locked line over all columns."""
        cell = self.sheet.cell(row, 1)
        style.put_text(cell, text)
        cell.font, cell.alignment = font, alignment
        self.sheet.row_dimensions[row].height = height
        if len(self.columns) > 1:
            self.sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(self.columns))

    def write_heading(self, cell: Any, column: TemplateColumn) -> None:
        """A locked heading with the advice as its comment; what is required has another colour."""
        style.put_text(cell, column.label)
        cell.font, cell.alignment, cell.border = style.HEADING_FONT, style.CENTRED, style.FRAME
        cell.fill = style.REQUIRED_FILL if column.required else style.HEADING_FILL
        advice = ("必填。" if column.required else "选填。") + column.advice
        height = 30 + 18 * (style.display_width(advice) // 30 + 1)
        cell.comment = Comment(style.clean_text(advice), style.CREATOR, height=height, width=240)

    def write_example(self, cell: Any, column: TemplateColumn, *, is_first: bool) -> None:
        """The example that the reader leaves out; people may delete it."""
        text = column.example
        if is_first and (text.isdigit() or not text):
            text = EXAMPLE_MARK[0] + text
        elif is_first or column.label == NAME_LABEL:
            text = EXAMPLE_MARK + text
        style.put_text(cell, text)
        cell.font, cell.alignment, cell.border = style.EXAMPLE_FONT, style.CENTRED, style.FRAME
        cell.fill, cell.number_format, cell.protection = style.EXAMPLE_FILL, style.TEXT_FORMAT, style.UNLOCKED

    def write_empty_rows(self, first: int, last: int) -> None:
        """Framed, unlocked cells; their style is made once for each column."""
        for index, column in enumerate(self.columns, 1):
            model = self.sheet.cell(first, index)
            model.font, model.alignment, model.border = style.VALUE_FONT, style.CENTRED, style.FRAME
            model.number_format, model.protection = FORMATS[column.kind], style.UNLOCKED
            for row in range(first + 1, last + 1):
                self.sheet.cell(row, index)._style = model._style
        self.sheet.sheet_format.defaultRowHeight, self.sheet.sheet_format.customHeight = 20, True

    def add_options(self, index: int, column: TemplateColumn, first: str, last: str) -> None:
        """The drop-down list from the hidden sheet (a list written into the rule itself breaks at 255 characters)."""
        letter = get_column_letter(index)
        if column.options:
            for row, option in enumerate([column.label, *column.options], 1):
                style.put_text(self.lists.cell(row, index), option)
            place = f"{quote_sheetname(LISTS_SHEET)}!${letter}$2:${letter}${len(column.options) + 1}"
            rule = DataValidation(type="list", formula1=place, allow_blank=True)
            rule.error = "请从下拉列表中选择。确有其他情况的可以继续，审核时会提示。"
        elif column.length is not None:
            rule = DataValidation(type="textLength", operator="equal", formula1=str(column.length), allow_blank=True)
            rule.error = f"“{column.label}”应为 {column.length} 位，请检查。"
        else:
            return
        # a warning, not a wall: the check after the upload says precisely what is wrong
        rule.errorStyle, rule.errorTitle, rule.showErrorMessage = "warning", "请检查", True
        rule.promptTitle, rule.prompt = column.label[:32], style.clean_text(column.advice)[:255]
        rule.showInputMessage = bool(column.advice)
        rule.add(f"{letter}{first}:{letter}{last}")
        self.sheet.add_data_validation(rule)

    def protect(self) -> None:
        """Title and headings locked, everything else free; no password, so that an office can always help itself."""
        protection = self.sheet.protection
        protection.sheet = True
        protection.formatCells = protection.formatColumns = protection.formatRows = False  # False: not forbidden
        protection.insertRows = protection.deleteRows = protection.sort = protection.autoFilter = False
