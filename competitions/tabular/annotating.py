"""The user's own workbook with its faults marked: the cells coloured and commented, a column 错误原因 at the right.

The file is opened in a short-lived process with limits (`annotating_child.py`), never here. Knows no rule and no page.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook

from competitions.tabular import workbook_style as style
from competitions.tabular.limits import CHILD_MEMORY_BYTES, CHILD_SECONDS
from competitions.tabular.places import place_to_read

Fault = tuple[str, str | None, str]  # sheet, cell ("I8"; "8": the row; None: the sheet as a whole), sentence

CHILD = Path(__file__).with_name("annotating_child.py")
CODE = Path(__file__).parents[2]
WALL_SECONDS = 30
MOST_FAULTS = 5_000  # more would make a file that nobody can read


class CannotAnnotate(Exception):
    """The workbook cannot be marked; the text is a Chinese sentence for the user."""


def annotate_workbook(
    data: bytes,
    faults: Sequence[Fault],
    *,
    heading_rows: Mapping[str, int] | None = None,
    title: str = "错误标注",
    memory_bytes: int = CHILD_MEMORY_BYTES,
) -> bytes:
    """The .xlsx with its faults marked; formats, formulas and other sheets stay, macros and links are dropped.

    `heading_rows`: sheet → row of the headings, where 错误原因 is written (otherwise above the first faulty row).
    Raises CannotAnnotate when the file cannot be opened within the limits; the page then shows the faults only. Raises
    Busy when other files are being read.
    """
    order = json.dumps(
        {
            "faults": [(sheet, cell or "", sentence) for sheet, cell, sentence in faults[:MOST_FAULTS]],
            "heading_rows": dict(heading_rows or {}),
            "title": title,
            "code": str(CODE),
            "memory_bytes": memory_bytes,
            "seconds": CHILD_SECONDS,
        }
    ).encode()
    try:
        with place_to_read():
            answer = subprocess.run(
                [sys.executable, "-I", str(CHILD)],
                capture_output=True,
                timeout=WALL_SECONDS,
                input=len(order).to_bytes(4, "big") + order + data,
                check=False,
            )
    except subprocess.TimeoutExpired as error:
        raise CannotAnnotate("文件过于复杂，未能在规定时间内标注。请按页面上列出的单元格逐项修改。") from error
    if answer.returncode:
        raise CannotAnnotate("无法在原文件上标注（文件损坏、已加密或过于复杂）。请按页面上列出的单元格逐项修改。")
    return answer.stdout


def rows_to_xlsx(sheets: Mapping[str, Iterable[Sequence[object]]], *, title: str = "副本") -> bytes:
    """A plain .xlsx of raw rows (sheet → rows of cells, in place): the copy to annotate when a file is no .xlsx."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(style.unique_sheet_name(name, workbook.sheetnames))
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                if value not in (None, ""):
                    put_raw(sheet.cell(number, column), value)
    if not sheets:
        workbook.create_sheet("Sheet1")
    return style.saved(workbook, title=title)


def put_raw(cell: object, value: object) -> None:
    """A value as it was read: numbers and dates as such, everything else as text."""
    if isinstance(value, int | float | Decimal | date) and not isinstance(value, bool):
        cell.value = value.replace(tzinfo=None) if isinstance(value, datetime) else value  # type: ignore[attr-defined]
    else:
        style.put_text(cell, str(value))
        cell.number_format = style.TEXT_FORMAT  # type: ignore[attr-defined]
