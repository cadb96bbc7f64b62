"""Tables as workbooks that can be printed, signed and stamped: title, headings, values, signatures.

A table is declared (columns, rows, lines above and below); this module knows nothing of what it is about.
Text is always text, a Decimal keeps its digits, an ID number is never a number.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import chain, islice
from math import ceil
from typing import Any, Literal

from openpyxl import Workbook

from competitions.tabular import workbook_style as style
from competitions.tabular.sheet_rows import Piece, RowSheet, date_piece, text_piece

Kind = Literal["text", "number", "integer", "date"]
Row = Mapping[str, object]

BEIJING = timezone(timedelta(hours=8))
EXACT_DIGITS = 15  # Excel keeps no more
LONGEST_IN_TEXT_FORMAT = 255  # longer text in a cell of format @ is shown as #### by older Excel
SAMPLE_ROWS = 200
PAGE_WIDTH = {"landscape": 126, "portrait": 84}  # digits of 11 point on A4 between our margins
NARROWEST, WIDEST = 6, 36
WIDEST_CENTRED = 20
VALUE_HEIGHT, HEADING_LINE, TEXT_LINE, TITLE_LINE, NOTE_LINE = 22, 18, 15, 30, 20
TITLE_STRETCH = 1.7  # width of a title's character in those of the values
SIGNATURES = ("统分人", "复核人", "裁判长", "监督员")


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column: the field of the row it shows, its heading, what its values are.

    `width` in digits (None: from the content); `places` shown at least after the point.
    """

    field: str
    label: str
    kind: Kind = "text"
    width: float | None = None
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: title, lines under it (填报单位…), columns, rows (field → value), signatures below.

    `annex` stands above the title (附件2). Values: str, int, Decimal, date, datetime (shown in Beijing time), bool,
    None; text in a column of numbers or dates is kept (缺考).
    """

    title: str
    columns: Sequence[TableColumn]
    rows: Iterable[Row]
    subtitle_lines: Sequence[str] = ()
    footer_lines: Sequence[str] = ()
    sheet_name: str = ""
    orientation: Literal["landscape", "portrait"] = "landscape"
    annex: str = ""
    autofilter: bool = False


def signature_line(roles: Sequence[str] = SIGNATURES) -> str:
    """统分人：____  复核人：____ … 日期：  年  月  日, to be written on by hand."""
    return "　　　".join([*(f"{role}：＿＿＿＿＿＿" for role in roles), "日期：＿＿＿＿年＿＿月＿＿日"])


def write_workbook(
    sheets: Sequence[Table],
    *,
    title: str,
    creator: str = style.CREATOR,
    reference: str = "",
    at: datetime | None = None,
) -> bytes:
    """The .xlsx of some tables, one sheet each. `reference` is printed at the foot of each page (trace of the export).

    Raises TypeError for a float or a Fraction: marks are Decimal, and rounding belongs to the rules.
    """
    workbook = Workbook()
    workbook.remove(workbook.active)
    for table in sheets:
        name = style.unique_sheet_name(table.sheet_name or table.title, workbook.sheetnames)
        TableSheet(workbook, table, name).write(reference)
    return style.saved(workbook, title=title, creator=creator, at=at)


class TableSheet:
    """Writes one table into one new sheet of a workbook."""

    def __init__(self, workbook: Workbook, table: Table, name: str) -> None:
        self.table = table
        self.rows = iter(table.rows)
        self.sample = list(islice(self.rows, SAMPLE_ROWS))
        self.contents = [content_width(column, self.sample) for column in table.columns]
        self.widths = column_widths(table, self.contents)
        self.sheet = RowSheet(workbook, name, len(table.columns))

    def write(self, reference: str) -> None:
        """The whole sheet, from top to bottom."""
        table, sheet = self.table, self.sheet
        style.set_page(sheet, orientation=table.orientation, reference=reference)
        sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = VALUE_HEIGHT, True
        for letter, width in zip(sheet.letters, self.widths, strict=True):
            sheet.column_dimensions[letter].width = width
        heading_row = self.write_head()
        sheet.freeze_panes = f"A{heading_row + 1}"
        sheet.print_title_rows = f"{heading_row}:{heading_row}"
        last_row = self.write_values()
        for line in table.footer_lines:
            self.write_line(line, style.NOTE_FONT, style.LEFT, NOTE_LINE + 6)
        if table.autofilter:
            sheet.auto_filter.ref = f"A{heading_row}:{sheet.letters[-1]}{last_row}"

    def write_head(self) -> int:
        """Annex number, title, lines under the title, headings; the row of the headings."""
        table = self.table
        if table.annex:
            self.write_line(table.annex, style.NOTE_FONT, style.LEFT, NOTE_LINE)
        self.write_line(table.title, style.TITLE_FONT, style.CENTRED, TITLE_LINE, stretch=TITLE_STRETCH)
        for line in table.subtitle_lines:
            self.write_line(line, style.NOTE_FONT, style.LEFT, NOTE_LINE)
        look = self.sheet.look(style.HEADING_FONT, style.CENTRED, fill=style.HEADING_FILL)
        lines = max(lines_of(column.label, width) for column, width in zip(table.columns, self.widths, strict=True))
        labels = [text_piece(look, column.label) for column in table.columns]
        self.sheet.append_pieces(labels, 10 + HEADING_LINE * lines)
        return self.sheet.next_row - 1

    def write_line(self, text: str, font: Any, alignment: Any, line_height: int, stretch: float = 1.0) -> None:
        """One line over the whole width, as many lines high as it needs."""
        look = self.sheet.look(font, alignment, border=style.NO_FRAME)
        lines = lines_of(text, sum(self.widths) / stretch)
        self.sheet.append_over_all_columns(text_piece(look, text), line_height * lines + 6)

    def write_values(self) -> int:
        """All rows; the number of the last one."""
        makers = [self.piece_maker(*pair) for pair in zip(self.table.columns, self.contents, strict=True)]
        named = [(make, column.field) for make, column in zip(makers, self.table.columns, strict=True)]
        for row in chain(self.sample, self.rows):
            pieces = [make(row.get(name)) for make, name in named]
            self.sheet.append_pieces(pieces, self.height_of(pieces))
        return self.sheet.next_row - 1

    def height_of(self, pieces: Sequence[Piece]) -> float | None:
        """The height of a row in which some text needs more than one line, else None."""
        lines = [
            lines_of(piece.text, width)
            for piece, width in zip(pieces, self.widths, strict=True)
            if len(piece.text) * 2 > width - 2 or "\n" in piece.text
        ]
        most = max(lines, default=1)
        return VALUE_HEIGHT + TEXT_LINE * (most - 1) if most > 1 else None

    def piece_maker(self, column: TableColumn, content: float) -> Callable[[object], Piece]:
        """A function from a value to what stands in the cell of this column."""
        alignment = style.CENTRED if content <= WIDEST_CENTRED else style.LEFT_INDENTED
        look_of, kind = self.sheet.look, column.kind
        text_look = look_of(style.VALUE_FONT, alignment, style.TEXT_FORMAT)
        long_look = look_of(style.VALUE_FONT, alignment)
        word_look = look_of(style.VALUE_FONT, style.CENTRED, style.TEXT_FORMAT)

        def make(value: object) -> Piece:
            if value is None or value == "":
                return Piece(text_look)
            if kind == "text":
                text = style.clean_text(shown(value))
                return Piece(text_look if len(text) <= LONGEST_IN_TEXT_FORMAT else long_look, text)
            if isinstance(value, str | bool):
                return text_piece(word_look, shown(value))
            if isinstance(value, date):
                day, shape = dated(value)
                return date_piece(look_of(style.VALUE_FONT, style.CENTRED, shape), day)
            digits = exact_digits(value)
            if digits is None:
                return Piece(word_look, shown(value))
            shape = number_format(digits, column.places)
            return Piece(look_of(style.VALUE_FONT, style.CENTRED, shape), digits, is_number=True)

        return make


def shown(value: object) -> str:
    """A value as text: yes and no in Chinese, numbers as they are written, dates and times in Beijing time."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        day, _ = dated(value)
        return day.strftime("%Y-%m-%d %H:%M") if isinstance(day, datetime) else day.isoformat()
    return str(value)


def dated(value: date) -> tuple[date, str]:
    """A date as it is, a time without its zone in Beijing time; and the number format of it."""
    if not isinstance(value, datetime):
        return value, "yyyy-mm-dd"
    return (value.astimezone(BEIJING).replace(tzinfo=None) if value.tzinfo else value), "yyyy-mm-dd hh:mm"


def exact_digits(value: object) -> str | None:
    """The digits of a number that Excel can hold exactly, else None (more than 15 digits, not finite).

    Written by ourselves: openpyxl would put 95.35 into the file as 95.34999999999999.
    Raises TypeError for a float or a Fraction.
    """
    if not isinstance(value, int | Decimal):
        raise TypeError(f"{type(value).__name__} in a column of numbers: give int or Decimal")
    number = Decimal(value)
    if not number.is_finite():
        return None
    written = format(number, "f")
    return written if len(written.strip("-0").replace(".", "")) <= EXACT_DIGITS else None


def number_format(digits: str, places: int | None) -> str:
    """ "0", "0.00": the asked places, more when the value has more: a format must not round a mark before the eye."""
    count = max(places or 0, len(digits.partition(".")[2]))
    return "0." + "0" * count if count else "0"


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column of this width (digits), rather one too many than one too few."""
    return sum(max(1, ceil(style.display_width(line) / max(width - 1.5, 2))) for line in text.split("\n"))


def column_widths(table: Table, contents: Sequence[float]) -> list[float]:
    """Widths of all columns: as asked, else as the contents need; a narrow table is stretched over the page."""
    free = sum(width for width, column in zip(contents, table.columns, strict=True) if column.width is None)
    spare = PAGE_WIDTH[table.orientation] - sum(contents)
    factor = min(1 + spare / free, 1.8) if free and spare > 0 else 1.0
    return [column.width or round(width * factor, 1) for width, column in zip(contents, table.columns, strict=True)]


def content_width(column: TableColumn, sample: Sequence[Row]) -> float:
    """The asked width, or 6 to 36 digits: the longest value of the sample, the heading in two lines."""
    if column.width is not None:
        return column.width
    heading = style.display_width(column.label)
    values = (row.get(column.field) for row in sample)
    longest = max((style.display_width(shown(value)) for value in values if value is not None), default=0)
    return min(max(NARROWEST, longest + 2, heading + 2 if heading <= 8 else ceil(heading / 2) + 3), WIDEST)
