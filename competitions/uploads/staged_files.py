"""Worksheets between preview and confirmation: the user's own file and its cells, sealed in the database for a day.

The file is opened once, by the child process of `competitions.tabular`. Knows neither marks nor schemes.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from competitions.base.errors import NotFound
from competitions.base.permissions import Actor
from competitions.tabular.columns import Columns
from competitions.tabular.reading import Book, read_book
from competitions.tabular.table import Table, table_of
from competitions.tabular.writing import annotate_workbook, rows_to_xlsx
from competitions.uploads import staging
from competitions.uploads.cells import read_back, written

MARKS, SCHEME = "marks", "scheme"
"""What an upload is for: one kind is never taken for the other."""
Fault = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True)
class StagedFile:
    """An upload for one module."""

    module_id: str
    filename: str
    data: bytes
    book: Book

    @property
    def sha256(self) -> str:
        """The digest of the file as it was sent."""
        return sha256(self.data).hexdigest()

    def table(self, columns: Columns) -> Table:
        """The table of the file's cells for these columns."""
        return table_of(self.book, [columns] * len(self.book.sheets))


def opened(data: bytes, filename: str, module_id: str) -> StagedFile:
    """The cells of a file. Raises Unreadable."""
    return StagedFile(module_id, filename, data, read_book(data, filename))


def stage(session: Session, purpose: str, file: StagedFile, *, by: Actor, at: datetime) -> str:
    """Keep an upload for its confirmation. Returns its id."""
    content = {
        "module": file.module_id,
        "filename": file.filename,
        "cells": written(file.book),
        "data": base64.b64encode(file.data).decode(),
    }
    return staging.stage(session, purpose, file.filename, file.sha256, [content], by=by, at=at).id


def staged_file(
    session: Session, purpose: str, staged_id: str, module_id: str, *, by: Actor, at: datetime, take: bool = False
) -> StagedFile:
    """One's own upload for this module; with `take` it is gone after this transaction.

    Raises NotFound when it is another's or another module's, too old, or taken already.
    """
    if take:
        _, rows = staging.take_staged(session, staged_id, purpose, by=by, at=at)
    else:
        rows = staging.staged_rows(session, staged_id, purpose, by=by, at=at)
    content = rows[0]
    if content["module"] != module_id:
        raise NotFound
    return StagedFile(module_id, content["filename"], base64.b64decode(content["data"]), read_back(content["cells"]))


def annotated(file: StagedFile, table: Table, faults: Sequence[Fault]) -> bytes:
    """The user's own workbook with its faults marked (an .xlsx copy of other formats). Raises CannotAnnotate."""
    data = file.data
    if not data.startswith(b"PK") or not file.filename.lower().endswith((".xlsx", ".xlsm")):
        data = rows_to_xlsx({sheet.name: sheet.rows for sheet in file.book.sheets})
    heading_rows = {sheet.name: sheet.heading.data_row for sheet in table.sheets if sheet.heading}
    return annotate_workbook(data, [fault for fault in faults if fault[0]], heading_rows=heading_rows)
