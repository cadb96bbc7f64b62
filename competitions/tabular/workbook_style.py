"""How our workbooks look, what text may stand in a cell, and how they are saved without traces.

Fonts are those that WPS and Excel have in China (黑体 for headings, 宋体 for values); colours survive a black-and-white
printer. It knows neither what a table is about nor who writes it.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.page import PageMargins
from openpyxl.writer.excel import ExcelWriter

CREATOR = "职工技能竞赛系统"
NEUTRAL_TIME = datetime(2000, 1, 1)
LONGEST_TEXT = 32_767  # of a cell, in Excel
LONGEST_SHEET_NAME = 31
TEXT_FORMAT = "@"

TITLE_FONT = Font(name="黑体", size=18, bold=True)
FORM_TITLE_FONT = Font(name="黑体", size=20, bold=True)
HEADING_FONT = Font(name="黑体", size=11)
VALUE_FONT = Font(name="宋体", size=11)
NOTE_FONT = Font(name="宋体", size=10.5)
ADVICE_FONT = Font(name="宋体", size=10.5, color="7F3F00")
EXAMPLE_FONT = Font(name="宋体", size=11, italic=True, color="767676")
FAULT_FONT = Font(name="宋体", size=11, color="9C0006")

LINE = Side(style="thin", color="404040")
FRAME = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
NO_FRAME = Border()
HEADING_FILL = PatternFill("solid", start_color="E7ECF2")
REQUIRED_FILL = PatternFill("solid", start_color="FBE5D6")
EXAMPLE_FILL = PatternFill("solid", start_color="F5F5F5")
FAULT_FILL = PatternFill("solid", start_color="FFC7CE")

CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
LEFT_INDENTED = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
TOP_LEFT = Alignment(horizontal="left", vertical="top", wrap_text=True, indent=1)
UNLOCKED = Protection(locked=False)

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
EMPTY_SHEET_DATA = re.compile(rb"<sheetData\s*/>|<sheetData></sheetData>")
NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def clean_text(text: str) -> str:
    """Text without what a workbook cannot hold: control characters, lone surrogates, more than 32,767 characters."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return UNWRITABLE.sub("", text)[:LONGEST_TEXT]


def display_width(text: str) -> int:
    """Width of the widest line in digits: a Chinese character takes two."""
    return max((sum(2 if char > "\u2e7f" else 1 for char in line) for line in text.split("\n")), default=0)


def unique_sheet_name(wanted: str, taken: Iterable[str]) -> str:
    """A name that Excel accepts (31 characters, no []:*?/\\) and that no other sheet has."""
    used = {name.casefold() for name in taken}
    name = NOT_IN_SHEET_NAMES.sub("_", clean_text(wanted)).strip().strip("'")[:LONGEST_SHEET_NAME] or "Sheet"
    candidate, number = name, 2
    while candidate.casefold() in used or candidate.casefold() == "history":
        suffix = f"({number})"
        candidate, number = name[: LONGEST_SHEET_NAME - len(suffix)] + suffix, number + 1
    return candidate


def put_text(cell: Any, text: str) -> None:
    """Text into a cell as text, whatever it begins with."""
    cell.value = clean_text(text)
    cell.data_type = "s"


def set_page(sheet: Any, *, orientation: str, reference: str = "", one_page: bool = False) -> None:
    """A4, fit to the width (or to one page); below, 第 n 页 共 n 页 and the day of printing."""
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = orientation
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 1 if one_page else 0
    sheet.print_options.horizontalCentered = True
    sheet.page_margins = PageMargins(left=0.5, right=0.5, top=0.6, bottom=0.7, header=0.3, footer=0.35)
    if one_page:
        return
    if reference:
        sheet.oddFooter.left.text = f"编号：{reference.replace('&', '&&')}"
    sheet.oddFooter.center.text = "第 &P 页  共 &N 页"
    sheet.oddFooter.right.text = "打印日期：&D"


class UndatedZip(ZipFile):
    """A zip whose members carry no clock time, so that the same table gives the same bytes."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        name = getattr(zinfo_or_arcname, "filename", zinfo_or_arcname)
        member = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        member.external_attr = 0o600 << 16
        super().writestr(member, data, ZIP_DEFLATED)


class MemorySheetWriter(WorksheetWriter):
    """Collects a sheet's XML in memory: openpyxl's own would leave people's data in a temporary file for a while."""

    def __init__(self, sheet: Any) -> None:
        super().__init__(sheet, BytesIO())


class MemoryExcelWriter(ExcelWriter):
    """Writes a workbook without touching the disk."""

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        writer = MemorySheetWriter(ws)
        writer.write()
        ws._rels = writer._rels
        document = writer.out.getvalue()
        if hasattr(ws, "sheet_data"):  # a RowSheet
            document = EMPTY_SHEET_DATA.sub(lambda _: ws.sheet_data(), document, count=1)
        self._archive.writestr(ws.path[1:], document)
        self.manifest.append(ws)


def saved(workbook: Workbook, *, title: str, creator: str = CREATOR, at: datetime | None = None) -> bytes:
    """The workbook's bytes; its properties name system and title, and no time unless `at` (naive, UTC) is given."""
    properties = workbook.properties
    properties.creator, properties.lastModifiedBy, properties.title = creator, creator, clean_text(title)
    properties.created = properties.modified = at or NEUTRAL_TIME
    stream = BytesIO()
    # not Workbook.save: it would put the time of saving into the properties
    MemoryExcelWriter(workbook, UndatedZip(stream, "w", ZIP_DEFLATED, allowZip64=True)).save()
    return stream.getvalue()
