"""Files that break readers, sent to every place that takes a file: a sentence or a preview, never a fault, nothing saved."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from competitions import tables
from competitions.accounts.models import AttemptCount
from competitions.base.config import Settings
from competitions.base.database import db
from tests.factories import make_user
from tests.factories_judging import make_hall
from tests.factories_registration import make_region, signed_in
from tests.people import Client
from tests.tabular import hostile

NASTY = Path(__file__).parents[1] / "data" / "nasty"
BESIDES = {"attempt_count", "audit_event", "sign_in", "known_device"}
"""Tables in which a refused upload may leave a row."""
STAGED = {"roster_upload", "upload"}
"""Where a file that could be read waits for its confirmation."""
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(2000) + b"This program cannot be run in DOS mode."
CHINESE = re.compile(r"[一-鿿]{4}")


@dataclass(frozen=True)
class Place:
    """A place that takes a file: who sends it there, under which name."""

    client: Client
    address: str
    field: str = "file"
    more: tuple[tuple[str, str], ...] = ()

    def send(self, name: str, content: bytes) -> tuple[int, str, str]:
        """Status, page, and where it leads to."""
        db.session.rollback()
        db.session.execute(delete(AttemptCount))
        db.session.commit()
        answer = self.client.post(
            self.address, {self.field: (BytesIO(content), name), **dict(self.more)}, content_type="multipart/form-data"
        )
        return answer.status_code, answer.get_data(as_text=True), answer.headers.get("Location", "")


@pytest.fixture
def places(app: Flask, settings: Settings) -> dict[str, Place]:
    """All of them, on SQLite: what the reader makes of a file does not depend on the database."""
    if not settings.is_sqlite:
        pytest.skip("the reader knows no database")
    hall = make_hall(app, judges=1, codes=("A01",), modules=("practice", "theory"), settings={"double_entry": True})
    region = make_region()
    administrator = make_user(("administrator", "system", None))
    organiser = make_user(("organiser_drafting", "system", None))
    db.session.commit()
    practice, theory = hall.modules["practice"].id, hall.modules["theory"].id
    tabulator = hall.client("tabulator")
    root, drafting = signed_in(app, administrator), signed_in(app, organiser)
    return {
        "roster": Place(
            signed_in(app, region.reporter),
            f"/desk/competitions/{region.competition.id}/roster",
            "roster",
            (("union", region.enterprise.name),),
        ),
        "units": Place(root, "/desk/import/unions"),
        "employers": Place(root, "/desk/import/employers"),
        "accounts": Place(root, "/desk/users/import"),
        "judge's marks": Place(hall.client(hall.judges[0]), f"/desk/modules/{practice}/own-worksheet"),
        "tabulator's marks": Place(tabulator, f"/desk/modules/{theory}/worksheet"),
        "second reading": Place(tabulator, f"/desk/modules/{theory}/second-worksheet"),
        "scheme": Place(drafting, f"/desk/modules/{practice}/scheme/table"),
        "signed scan": Place(hall.client("chief_judge"), f"/desk/modules/{practice}/scans"),
        "attachment": Place(drafting, f"/desk/competitions/{region.competition.id}/attachments"),
    }


def counted() -> dict[str, int]:
    """Rows of every table that matters."""
    db.session.rollback()
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in tables.METADATA.sorted_tables
        if table.name not in BESIDES
    }


def made_up() -> Iterator[tuple[str, bytes]]:
    """What is refused before the reader is asked, and one that only looks like a table."""
    yield "空.xlsx", b""
    yield "程序.xlsx", EXE
    yield "程序.csv", EXE
    yield "照片.xls", b"\x89PNG\r\n\x1a\n" + bytes(200)
    yield "十兆.xlsx", b"PK\x03\x04" + bytes(10 * 1024 * 1024)
    yield "炸弹.xlsx", hostile.files()["huge-cell.xlsx"][0]


def check(place: Place, name: str, content: bytes, before: dict[str, int]) -> None:
    """Refused with a sentence and nothing kept, or previewed with only the staged file kept."""
    status, page, leads_to = place.send(name, content)
    assert status in (303, 413, 422), (place.address, name, status)
    changed = {table for table, count in counted().items() if count != before[table]}
    if status == 303 and leads_to.endswith("#attachments"):
        assert changed == {"attachment", "kept_file"}
        return
    assert changed <= (STAGED if status == 303 else set()), (place.address, name, changed)
    if status == 303:
        shown = place.client.get(leads_to)
        assert shown.status_code == 200, (name, shown.status_code)
        page = shown.get_data(as_text=True)
    else:
        assert 'role="alert"' in page or status == 413, (place.address, name)
    assert CHINESE.search(page) and "Traceback" not in page


def test_every_nasty_file_to_the_roster(places: dict[str, Place]) -> None:
    for path in sorted(NASTY.iterdir()):
        if path.suffix not in (".md", ".json"):
            check(places["roster"], path.name, path.read_bytes(), counted())


def test_what_is_no_table_or_kills_its_reader_harms_no_place(places: dict[str, Place]) -> None:
    deadly = [
        (name, (NASTY / name).read_bytes())
        for name in ("calamine__OOM_alloc3.xls", "poi__chinese-provinces.xls", "calamine__vba.xlsm")
    ]
    for place in places.values():
        before = counted()
        for name, content in (*made_up(), *deadly):
            check(place, name, content, before)
            before = counted()


def test_no_file_at_all_is_said(places: dict[str, Place]) -> None:
    for place in places.values():
        answer = place.client.post(place.address, dict(place.more), content_type="multipart/form-data")
        assert answer.status_code == 422 and "选择" in answer.get_data(as_text=True), place.address
