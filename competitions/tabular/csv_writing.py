"""Tables as CSV, and the header that names a downloaded file. Knows neither pages nor what a table is about."""

import csv
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import StringIO
from urllib.parse import quote

from competitions.tabular.table_writing import Row, TableColumn, shown
from competitions.tabular.workbook_style import clean_text

# a program that opens the file would take such text for a formula; the reader takes one leading ' away again, so
# text that begins with one gets a second
LOOKS_LIKE_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n']")
NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]')
LONGEST_FILE_NAME = 120


def write_csv(columns: Sequence[TableColumn], rows: Iterable[Row]) -> bytes:
    """UTF-8 with a byte order mark, lines end with CR LF; text that looks like a formula gets a leading apostrophe.

    Numbers in columns of numbers are written plainly, −5 too. Source: security.md §4.4.
    """
    stream = StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([harmless(column.label) for column in columns])
    for row in rows:
        writer.writerow([csv_value(column, row.get(column.field)) for column in columns])
    return BOM_UTF8 + stream.getvalue().encode()


def csv_value(column: TableColumn, value: object) -> str:
    """One value as it stands in the file."""
    if value is None:
        return ""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or column.kind == "text":
        return harmless(shown(value))
    number = Decimal(value)  # type: ignore[arg-type]
    places = max(column.places or 0, -int(number.as_tuple().exponent) if number.is_finite() else 0)
    return f"{number:.{places}f}" if number.is_finite() else str(number)


def harmless(text: str) -> str:
    """Text that no spreadsheet program takes for a formula."""
    text = clean_text(text)
    return f"'{text}" if LOOKS_LIKE_FORMULA.match(text) else text


def content_disposition(filename_zh: str) -> str:
    """The Content-Disposition of a download with a Chinese name, with an ASCII name for old programs (RFC 6266)."""
    name = NOT_IN_FILE_NAMES.sub("_", filename_zh).strip(" .") or "download"
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (name, "")
    name = stem[:LONGEST_FILE_NAME] + ending
    plain = re.sub(r"[^0-9A-Za-z._-]+", "_", stem).strip("_.-") or "download"
    plain_ending = ending if ending.isascii() else ""
    return f"attachment; filename=\"{plain}{plain_ending}\"; filename*=UTF-8''{quote(name, safe='')}"
