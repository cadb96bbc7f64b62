"""The process that opens other people's files: bytes on standard input, cells as JSON on standard output, then it ends.

Started by `reading` as `python -I -S child.py KIND NAMED_AS_TEXT ROOT SITE`. A crafted file of a few kilobytes can
abort whatever process parses it, so nothing else lives here, and memory and time are limited before the first byte.
It imports little, because its start is part of every upload.
"""

import gc
import io
import json
import sys
from typing import Any

if __name__ == "__main__":
    sys.path.extend(sys.argv[3:])

from competitions.tabular import limits  # noqa: E402
from competitions.tabular.preflight import Container, Refused  # noqa: E402
from competitions.tabular.template_mark import LISTS_SHEET, OPTIONS_MARK  # noqa: E402


def _limit_resources() -> None:
    """Where the platform has them (not on Windows, where only the wall clock of the parent holds)."""
    try:
        import resource
    except ImportError:
        return
    for name, value in (
        ("RLIMIT_AS", limits.CHILD_MEMORY_BYTES),
        ("RLIMIT_CPU", limits.CHILD_SECONDS),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_FSIZE", 0),
    ):
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (AttributeError, OSError, ValueError):
            continue


def read(data: bytes, kind: str, named_as_text: bool) -> dict[str, Any]:
    """The sheets of a file of this kind (`zip`, `ole`, `text`).

    Raises:
        Refused: with the code of the problem.
    """
    if kind == "text":
        from competitions.tabular.delimited import read_text

        rows, formulas = read_text(data, named_as_text=named_as_text)
        return {"sheets": [{"name": "", "visible": True, "rows": _trimmed(rows), "formulas": formulas}]}
    return {"sheets": _sheets(data, Container(data) if kind == "zip" else None)}


def _sheets(data: bytes, container: Container | None) -> list[dict[str, Any]]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    layouts = _layouts(data, container)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets: list[dict[str, Any]] = []
    total = 0
    for index, meta in enumerate(book.sheets_metadata):
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        if meta.visible != SheetVisibleEnum.Visible:
            if meta.name != LISTS_SHEET or not _is_our_options(book, layouts, index):
                sheets.append({"name": meta.name, "visible": False, "rows": []})
            continue
        layout = layouts(meta.name, index)
        sheet = book.get_sheet_by_index(index)
        found = {"name": meta.name, "visible": True, "rows": _rows(sheet), **layout}
        merged = sheet.merged_cell_ranges
        if merged:
            found["merged"] = [(top, left, bottom, right) for (top, left), (bottom, right) in merged]
        total += len(found["rows"])
        if total > limits.ROWS:
            raise Refused("file.too_many_rows", limit=limits.ROWS)
        sheets.append(found)
    return sheets


def _is_our_options(book: Any, layouts: Any, index: int) -> bool:
    """Whether a hidden sheet is the one that our template writes; its content is not a user's, so nobody is told."""
    try:
        layouts(LISTS_SHEET, index)
        rows = _rows(book.get_sheet_by_index(index))
    except Refused:
        return False
    return bool(rows) and OPTIONS_MARK in rows[0]


def _layouts(data: bytes, container: Container | None) -> Any:
    """A function (sheet name, index) → what calamine does not tell, with empty lists left out."""
    if container is None:
        from competitions.tabular.xls_layout import xls_layouts

        return _by_index(xls_layouts(data))
    if container.kind == "xlsx":
        from competitions.tabular.xlsx_layout import XlsxLayout

        by_name = XlsxLayout(container)
        return lambda name, _index: _layout_fields(by_name.of(name))
    if container.kind == "ods":
        from competitions.tabular.ods_layout import ods_layouts

        if b"encryption-data" in container.read("META-INF/manifest.xml"):
            raise Refused("file.encrypted")
        return _by_index(ods_layouts(container.read("content.xml")))
    return _by_index([])


def _by_index(layouts: list[Any]) -> Any:
    return lambda _name, index: _layout_fields(layouts[index]) if index < len(layouts) else {}


def _layout_fields(layout: Any) -> dict[str, Any]:
    layout.check_reach()
    fields = ("formulas", "errors", "struck", "hidden_rows", "merged")
    return {field: getattr(layout, field) for field in fields if getattr(layout, field)}


def _rows(sheet: Any) -> list[list[Any]]:
    height = (sheet.end or (-1, -1))[0] + 1
    if height > limits.ROWS:
        raise Refused("file.too_many_rows", limit=limits.ROWS)
    return _trimmed(sheet.to_python(skip_empty_area=False))


def _trimmed(rows: list[list[Any]]) -> list[list[Any]]:
    """Without blank cells at the ends of rows and blank rows at the end; too long texts cut."""
    for row in rows:
        while row and row[-1] == "":
            row.pop()
        if len(row) > limits.COLUMNS:
            raise Refused("file.too_many_rows", reason="columns", limit=limits.COLUMNS)
        for i, cell in enumerate(row):
            if type(cell) is str and len(cell) > limits.CELL_CHARACTERS:
                row[i] = cell[: limits.CELL_CHARACTERS]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _dated(value: Any) -> Any:
    """JSON for dates, times and durations: `{"date": …}` only for those with a day."""
    return {"date": value.isoformat()} if hasattr(value, "year") else str(value)


def answer(data: bytes, kind: str, named_as_text: bool) -> bytes:
    """The JSON answer: `{"sheets": …}` or `{"problem": {"code", "params"}}`."""
    try:
        text = json.dumps(read(data, kind, named_as_text), ensure_ascii=False, separators=(",", ":"), default=_dated)
        encoded = text.encode("utf-8", "replace")
        if len(encoded) > limits.ANSWER_BYTES:
            raise Refused("file.unreadable", reason="exhausted")
        return encoded
    except Refused as refused:
        code, params = refused.code, refused.params
    except MemoryError:
        code, params = "file.unreadable", {"reason": "exhausted"}
    except BaseException as failed:  # a panic of the Rust reader is no Exception
        code, params = ("file.encrypted" if type(failed).__name__ == "PasswordError" else "file.unreadable"), {}
    return json.dumps({"problem": {"code": code, "params": params}}).encode()


if __name__ == "__main__":
    _limit_resources()
    gc.disable()  # it ends soon, and makes nothing but lists of cells
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read(), sys.argv[1], sys.argv[2] == "1"))
