"""Spreadsheets made to harm their reader, each a few kilobytes. Built here, so that none lies in the repository."""

import io
import zipfile
from functools import cache

from openpyxl import Workbook

_SHEET = "xl/worksheets/sheet1.xml"
_OPEN = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_CLOSE = "</sheetData></worksheet>"


def _workbook(**members: bytes) -> bytes:
    """A sound workbook of one sheet, with members replaced or added."""
    sound = io.BytesIO()
    book = Workbook()
    book.active.append(["姓名", "身份证号"])
    book.save(sound)
    target = io.BytesIO()
    with zipfile.ZipFile(sound) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for name in old.namelist():
            if name not in members:
                new.writestr(name, old.read(name))
        for name, content in members.items():
            new.writestr(name, content)
    return target.getvalue()


def with_sheet(rows: str) -> bytes:
    """A workbook whose only sheet has this XML between its sheetData tags."""
    return _workbook(**{_SHEET: (_OPEN + rows + _CLOSE).encode()})


def _cell(reference: str, text: str = "x") -> str:
    return f'<c r={reference} t="inlineStr"><is><t>{text}</t></is></c>'


FIRST, LAST, RIGHT = '"A1"', '"XFD1048576"', '"XFD1"'


@cache
def files() -> dict[str, tuple[bytes, str]]:
    """Name → (bytes, the code that must come out)."""
    far = f'<row r="1">{_cell(FIRST)}</row><row r="1048576">{_cell(LAST)}</row>'
    quoted = far.replace('"XFD1048576"', "'XFD1048576'")
    spaced = far.replace('r="XFD1048576"', 'r\n=\n"XFD1048576"')
    wide = (_OPEN + far + _CLOSE).encode("utf-16")
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    inside = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>'
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>{_OPEN}{inside}{_CLOSE}'
    counted = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="4000000000">'
    strings = counted + b"<si><t>x</t></si></sst>"
    types = _types_with_strings()
    return {
        "far-cell.xlsx": (with_sheet(far), "file.too_many_rows"),
        "far-cell-single-quotes.xlsx": (with_sheet(quoted), "file.too_many_rows"),
        "far-cell-spaced.xlsx": (with_sheet(spaced), "file."),
        "far-cell-utf16.xlsx": (_workbook(**{_SHEET: wide}), "file."),
        "far-column.xlsx": (with_sheet(f'<row r="1">{_cell(RIGHT)}</row>'), "file.too_many_rows"),
        "laughs.xlsx": (_workbook(**{_SHEET: bomb.encode()}), "file.unreadable"),
        "laughs-utf16.xlsx": (_workbook(**{_SHEET: bomb.encode("utf-16")}), "file.unreadable"),
        "string-count.xlsx": (_workbook(**types, **{"xl/sharedStrings.xml": strings}), "file."),
        "huge-cell.xlsx": (
            with_sheet(f'<row r="1">{_cell(FIRST, "长" * 30_000_000)}</row>'),
            "file.too_large",
        ),
        "members.xlsx": (_workbook(**{f"xl/media/{i}.bin": b"" for i in range(600)}), "file.unreadable"),
        "rows.csv": (b"a,b\n" * 20_001, "file.too_many_rows"),
        "columns.csv": (b"a," * 200, "file.too_many_rows"),
        "large.csv": (b"a" * 10_485_761, "file.too_large"),
        "repeated.ods": (_ods(), "file."),
    }


def _types_with_strings() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(_workbook())) as sound:
        kinds = sound.read("[Content_Types].xml").decode()
        links = sound.read("xl/_rels/workbook.xml.rels").decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    related = f'<Relationship Id="rId99" Type="{link}" Target="sharedStrings.xml"/></Relationships>'
    return {
        "[Content_Types].xml": kinds.replace("</Types>", override).encode(),
        "xl/_rels/workbook.xml.rels": links.replace("</Relationships>", related).encode(),
    }


def _ods() -> bytes:
    """A cell repeated over a million rows and a thousand columns."""
    prefixes = ("office", "table", "text")
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in prefixes)
    content = (
        f'<office:document-content {names}><office:body><office:spreadsheet><table:table table:name="a">'
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string"'
        ' table:number-columns-repeated="1024"><text:p>x</text:p></table:table-cell>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        container.writestr("META-INF/manifest.xml", "<manifest/>")
        container.writestr("content.xml", content)
    return target.getvalue()
