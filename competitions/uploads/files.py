"""A spreadsheet as somebody sent it: its bytes and its cells, as they are kept until the confirmation.

The file is opened once, by the child process of `competitions.tabular`. Knows neither what it holds nor a feature.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from competitions.tabular.annotating import Fault
from competitions.tabular.columns import Columns
from competitions.tabular.reading import Book, read_book
from competitions.tabular.table import Table, TableSheet, table_of
from competitions.tabular.writing import annotate_workbook, rows_to_xlsx
from competitions.uploads.cells import read_back, written

_LONGEST_STEM = 30  # a text file's name becomes the name of its sheet; Excel allows 31 characters


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file and its cells."""

    filename: str
    data: bytes
    book: Book

    @classmethod
    def read(cls, data: bytes, filename: str | None) -> "SentFile":
        """A file as it was sent, opened by the child process. Raises Unreadable with what to do."""
        name = safe_filename(filename)
        return cls(name, data, read_book(data, name))

    @classmethod
    def of(cls, filename: str, document: Any) -> "SentFile":
        """The file whose `document` was kept."""
        return cls(filename, base64.b64decode(document["data"]), read_back(document["cells"]))

    @property
    def sha256(self) -> str:
        """The digest of the file as it was sent."""
        return hashlib.sha256(self.data).hexdigest()

    def document(self) -> dict[str, Any]:
        """As a JSON value, to be kept."""
        return {"cells": written(self.book), "data": base64.b64encode(self.data).decode()}

    def table(self, columns: Columns) -> Table:
        """The table of the file's cells for these columns."""
        return table_of(self.book, [columns] * len(self.book.sheets))


def safe_filename(filename: str | None) -> str:
    """The last part of the name, short, without characters that a sheet's name may not have."""
    name = PurePosixPath((filename or "").replace("\\", "/")).name
    stem, dot, ending = name.rpartition(".")
    stem = "".join("_" if char in '[]:*?/\\"<>|' or not char.isprintable() else char for char in (stem or ending))
    return (stem[:_LONGEST_STEM].strip() or "名单") + (dot + ending[:8] if dot else "")


def annotated(file: SentFile, sheets: Sequence[TableSheet], faults: Sequence[Fault]) -> bytes:
    """The user's own workbook with its faults marked (an .xlsx copy of the sheets of other formats).

    Raises CannotAnnotate.
    """
    data = file.data
    if not data.startswith(b"PK") or not file.filename.lower().endswith((".xlsx", ".xlsm")):
        data = rows_to_xlsx({sheet.name: sheet.sheet.rows for sheet in sheets})
    heading_rows = {sheet.name: sheet.heading.data_row for sheet in sheets if sheet.heading}
    return annotate_workbook(data, [fault for fault in faults if fault[0]], heading_rows=heading_rows)
