"""Marks the faults in a user's own workbook; run by `annotating.py` as a process of its own, never imported by it.

Opening an unknown workbook can take all memory and hours, so the process limits itself first and then loads openpyxl.
Standard input: four bytes with the length of a JSON order, the order, the workbook; standard output: the marked one.
Knows no rule: what is wrong and why is told by the order.
"""

import json
import sys
from io import BytesIO
from typing import Any

REASON_HEADING = "错误原因"
REASON_WIDTH = 48
BROKEN, FAILED = 3, 4  # exit codes: not a workbook that can be opened; anything else


def limit(memory_bytes: int, seconds: int) -> None:
    """No more memory, time or core dumps than this, where the platform knows limits."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def anchor(sheet: Any, coordinate: str) -> Any:
    """The cell that carries value and comment: for a merged area its first one."""
    for area in sheet.merged_cells.ranges:
        if coordinate in area:
            return sheet.cell(area.min_row, area.min_col)
    return sheet[coordinate]


def reason_column(sheet: Any, rows: set[int]) -> int:
    """The first column that is free at the right of these rows and of what is merged across them."""
    used = [column for (row, column), cell in sheet._cells.items() if row in rows and cell.value not in (None, "")]
    merged = [area.max_col for area in sheet.merged_cells.ranges for row in rows if area.min_row <= row <= area.max_row]
    return int(max([0, *used, *merged])) + 1


def mark(sheet: Any, faults: list[tuple[str, str]], heading_row: int | None, look: dict[str, Any]) -> None:
    """Colours the cells, writes the sentences as comments and into the column 错误原因; shows hidden faulty rows."""
    from openpyxl.comments import Comment

    told: dict[Any, list[str]] = {}
    by_row: dict[int, list[str]] = {}
    for coordinate, sentence in faults:
        is_row = coordinate.isdigit()
        row = int(coordinate) if is_row else sheet[coordinate].row if coordinate else heading_row or 1
        by_row.setdefault(row, []).append(sentence)
        if coordinate and not is_row:
            told.setdefault(anchor(sheet, coordinate).coordinate, []).append(sentence)
    heading_row = heading_row or max(min(by_row) - 1, 1)
    column = reason_column(sheet, {heading_row, *by_row})
    for coordinate, sentences in told.items():
        cell, text = sheet[coordinate], "\n".join(dict.fromkeys(sentences))
        cell.fill = look["fill"]
        cell.comment = Comment(text, look["author"], height=30 + 18 * (len(text) // 15 + 1), width=260)
    by_row[heading_row] = [REASON_HEADING, *by_row.get(heading_row, [])]
    for row, sentences in by_row.items():
        cell = sheet.cell(row, column)
        cell.value = "\n".join(dict.fromkeys(sentences))
        cell.data_type = "s"
        cell.font, cell.alignment, cell.fill = look["font"], look["alignment"], look["fill"]
        sheet.row_dimensions[row].hidden = False
    sheet.column_dimensions[cell.column_letter].width = REASON_WIDTH


def annotated(data: bytes, order: dict[str, Any]) -> bytes:
    """The marked workbook."""
    from openpyxl import load_workbook

    sys.path.insert(0, order["code"])
    from competitions.tabular import workbook_style as style

    workbook = load_workbook(BytesIO(data), keep_vba=False, keep_links=False)
    look = {"fill": style.FAULT_FILL, "font": style.FAULT_FONT, "alignment": style.LEFT, "author": style.CREATOR}
    by_sheet: dict[str, list[tuple[str, str]]] = {}
    for name, coordinate, sentence in order["faults"]:
        by_sheet.setdefault(name, []).append((coordinate, style.clean_text(sentence)))
    for name, faults in by_sheet.items():
        if name in workbook.sheetnames:
            mark(workbook[name], faults, order["heading_rows"].get(name), look)
            workbook[name].sheet_state = "visible"
    return style.saved(workbook, title=order["title"])


def main() -> int:
    """Reads the order, limits itself, answers; the exit code says what went wrong."""
    length = int.from_bytes(sys.stdin.buffer.read(4), "big")
    order = json.loads(sys.stdin.buffer.read(length))
    data = sys.stdin.buffer.read()
    limit(order["memory_bytes"], order["seconds"])
    from zipfile import BadZipFile

    from openpyxl.utils.exceptions import InvalidFileException

    try:
        answer = annotated(data, order)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, SyntaxError, TypeError):
        return BROKEN  # what openpyxl raises for files that are no workbooks
    except (MemoryError, OSError, AttributeError, RecursionError):
        return FAILED
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
