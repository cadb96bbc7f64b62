"""Builders for worksheets of marks: a hall with real entries behind its codes, files filled in and sent as people do."""

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from competitions.base import clock
from competitions.base.database import db
from competitions.coding.models import CodeRow, CodeSheet
from competitions.coding.sealing import mapping_digest
from competitions.judging.models import PanelMember
from competitions.registration.models import Entry
from tests.audit.tampering import unguarded
from tests.factories import make_union
from tests.factories_coding import make_entry
from tests.factories_judging import Hall, make_hall, new_key
from tests.people import Client

Cells = Mapping[tuple[str, str], Any]
"""(row's name, beginning of a heading) → what to write."""
UNIT = "柳州示例重工有限责任公司"


def theory_hall(app: Flask, by: str = "ticket", codes: tuple[str, ...] = ("A01", "A02", "A03"), **more: Any) -> Hall:
    """A hall with a theory module typed by the tabulator, an entry with its ticket behind every code."""
    hall = make_hall(app, modules=("theory",), judges=0, codes=codes, settings={"identify_by": by, **more})
    seat_entries(hall)
    return hall


def seat_entries(hall: Hall) -> list[Entry]:
    """An approved entry of a synthetic worker behind each code; committed."""
    db.session.rollback()
    sheet = db.session.scalars(select(CodeSheet).where(CodeSheet.stage_id == hall.stage.id)).one()
    union = make_union(name=f"示例市机械工会{hall.stage.id[:6]}")
    entries = []
    for code in hall.codes:
        entry = make_entry(hall.event, union)
        entry.members[0].employer_name = UNIT
        row = db.session.scalars(select(CodeRow).where(CodeRow.sheet_id == sheet.id, CodeRow.code == code)).one()
        with unguarded():
            row.source = entry.id
        entries.append(entry)
    sheet.sealed_digest = mapping_digest(db.session(), sheet)
    db.session.commit()
    return entries


def tickets(hall: Hall) -> dict[str, str]:
    """Code → ticket, which no worksheet may show together."""
    db.session.rollback()
    rows = db.session.execute(
        select(CodeRow.code, Entry.ticket)
        .join(Entry, Entry.id == CodeRow.source)
        .where(Entry.event_id == hall.event.id)
    ).all()
    return {code: ticket or "" for code, ticket in rows}


def paper_hall(app: Flask, **more: Any) -> Hall:
    """A hall whose panel works on paper: the tabulator is on the practice module's panel too."""
    hall = make_hall(app, **{"judges": 2, **more})
    db.session.rollback()
    db.session.add(
        PanelMember(
            module_id=hall.modules["practice"].id,
            user_id=hall.people["tabulator"].id,
            duty="tabulator",
            position=9,
            assigned_by="factory",
            assigned_at=clock.now(),
        )
    )
    db.session.commit()
    return hall


def desk(hall: Hall, module: str = "theory", place: str = "worksheet") -> str:
    """The address of the worksheet pages."""
    return f"/desk/modules/{hall.modules[module].id}/{place}"


def filled(data: bytes, cells: Cells, sheet: int = 0, change: Callable[[Any], None] | None = None) -> bytes:
    """The template with some cells filled in, as a person does it; `change` may do more to the sheet."""
    book = load_workbook(BytesIO(data))
    page = book.worksheets[sheet]
    heading, rows = places(page)
    for (name, label), value in cells.items():
        column = next(column for text, column in heading.items() if text.startswith(label))
        page.cell(rows[name], column).value = value
    if change:
        change(page)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def places(page: Any) -> tuple[dict[str, int], dict[str, int]]:
    """Heading → column, row's name → row."""
    first = next(row for row in range(1, 12) if page.cell(row, 1).value == "序号")
    heading = {str(cell.value): cell.column for cell in page[first]}
    return heading, {
        str(page.cell(row, 2).value): row for row in range(first + 1, page.max_row + 1) if page.cell(row, 2).value
    }


def workbook_of(*rows: list[Any]) -> bytes:
    """A workbook that somebody made himself."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def upload(client: Client, path: str, data: bytes, name: str = "成绩.xlsx") -> Any:
    """Send a file; the answer is the redirect to the preview, or the page with what is wrong."""
    return client.post(path, {"file": (BytesIO(data), name)}, content_type="multipart/form-data")


def preview(client: Client, path: str, data: bytes, name: str = "成绩.xlsx") -> tuple[str, str]:
    """Address and text of the preview of a file."""
    answer = upload(client, path, data, name)
    assert answer.status_code == 303, answer.get_data(as_text=True)[-2000:]
    place = answer.headers["Location"]
    return place, plain(client.get(place))


def confirm(client: Client, place: str, key: str | None = None, **fields: str) -> Any:
    """Confirm what the preview shows."""
    return client.post(f"{place}/confirm", {"key": key or new_key(), **fields})


def plain(answer: Any) -> str:
    """The text of a page, without markup."""
    text = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return re.sub(r"\s+", " ", text)


def every_cell(data: bytes) -> str:
    """All that a workbook says: cells, titles, properties, hidden sheets too."""
    book = load_workbook(BytesIO(data))
    said = [
        str(cell.value)
        for page in book.worksheets
        for row in page.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    return "\n".join([*said, *book.sheetnames, str(book.properties.creator), str(book.properties.title)])
