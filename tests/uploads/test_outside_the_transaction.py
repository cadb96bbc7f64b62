"""Opening, reading and sealing an upload takes seconds for a large file: never while the one write lock is held."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from competitions.base.database import db, write_intent
from competitions.base.keyring import KeyRing
from competitions.registration import correction_views, roster_files, roster_views
from competitions.tabular import table
from competitions.tabular.writing import Table, TableColumn, write_workbook
from tests.factories import make_user
from tests.factories_judging import make_hall
from tests.factories_registration import Region, make_region, make_roster, roster_row, signed_in
from tests.factories_worksheets import confirm, desk, filled, preview, theory_hall, tickets
from tests.people import Client
from tests.registration.uploading import confirm as confirm_roster
from tests.registration.uploading import upload

SHEET = "报名汇总表"


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was sealed, opened or read of an upload while a write transaction was open."""
    caught: list[str] = []
    seal, open_bytes, find = KeyRing.seal, KeyRing.open_bytes, table.find_heading

    def note(what: str, *place: str) -> None:
        if write_intent.get() and (not place or place[0] == "upload"):
            caught.append(what)

    def sealing(self: KeyRing, plain: str | bytes, *place: str) -> str:
        note("sealed", *place)
        return seal(self, plain, *place)

    def opening(self: KeyRing, text: str, *place: str) -> bytes:
        note("opened", *place)
        return open_bytes(self, text, *place)

    def reading(*given: object, **named: object) -> object:
        note("read")
        return find(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(KeyRing, "seal", sealing)
    monkeypatch.setattr(KeyRing, "open_bytes", opening)
    monkeypatch.setattr(table, "find_heading", reading)
    yield caught


def entered(app: Flask) -> tuple[Region, Client]:
    region = make_region()
    db.session.commit()
    return region, signed_in(app, region.reporter)


def correct(client: Client, address: str, cell: str, value: str) -> int:
    return client.post(f"{address}/cells", data={"sheet": SHEET, "cell": cell, "value": value}).status_code


def test_a_roster_is_uploaded_corrected_and_confirmed_without_holding_the_lock(app: Flask, inside: list[str]) -> None:
    region, client = entered(app)
    data = make_roster([roster_row(region.employer.name, 姓名="=1"), roster_row(region.employer.name, 参赛项目="焊")])
    address = upload(client, region.competition, region.enterprise, data)
    assert correct(client, address, "D2", "覃小燕") == 303
    fields = {"field": "event", "old": "焊", "new": region.event.name}
    assert client.post(f"{address}/replacements", data=fields).status_code == 303
    columns = {"sheet": SHEET, "field_D": "name"}
    assert client.post(f"{address}/columns", data=columns).status_code in (303, 422)
    assert client.get(f"{address}/annotated.xlsx").status_code == 200
    confirm_roster(client, address, only_sound="1")
    assert inside == []


def test_the_other_uploads_are_confirmed_without_holding_the_lock(app: Flask, inside: list[str]) -> None:
    hall = theory_hall(app)
    tabulator, ticket = hall.client("tabulator"), tickets(hall)
    marks = filled(tabulator.get(f"{desk(hall)}/template.xlsx").data, {(ticket["A01"], "得分"): 85.35})
    place, _ = preview(tabulator, desk(hall), marks)
    assert confirm(tabulator, place).status_code == 303
    practice = make_hall(app, judges=1, codes=("A01",), modules=("practice",))
    organiser, where = practice.client("organiser"), desk(practice, "practice", "scheme")
    place, _ = preview(organiser, f"{where}/table", organiser.get(f"{where}.xlsx").data)
    assert confirm(organiser, place, base="1", reason="").status_code == 422  # the same again needs no new version
    administrator = signed_in(app, _saved_administrator())
    columns = [TableColumn(str(number), label) for number, label in enumerate(("工会名称", "上级工会", "工会类型"))]
    row = {"0": "邕江一厂工会", "1": "没有这个工会", "2": "企业工会"}
    place, _ = preview(
        administrator, "/desk/import/unions", write_workbook([Table("工会", columns, [row])], title="工会")
    )
    assert administrator.post(f"{place}/confirm").status_code == 409
    assert inside == []


def _saved_administrator() -> object:
    db.session.rollback()
    user = make_user(("administrator", "system", None))
    db.session.commit()
    return user


def test_the_plan_is_made_once_when_a_roster_is_confirmed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    region, client = entered(app)
    address = upload(client, region.competition, region.enterprise, make_roster([roster_row(region.employer.name)]))
    page = client.get(address).get_data(as_text=True)
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', page)
    assert digest is not None
    made: list[bool] = []
    for module in (roster_views,):
        plan = module.plan_roster
        monkeypatch.setattr(
            module, "plan_roster", lambda *given, plan=plan, **named: made.append(True) or plan(*given, **named)
        )
    assert client.post(f"{address}/confirm", data={"digest": digest.group(1)}).status_code == 303
    assert made == [True]


def test_a_correction_that_came_in_between_is_kept_as_well(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    region, client = entered(app)
    rows = [roster_row(region.employer.name, 姓名="=1"), roster_row(region.employer.name, 姓名="=2")]
    address = upload(client, region.competition, region.enterprise, make_roster(rows))
    sealing, calls = roster_files.sealed_corrections, []

    def while_another_corrects(key: str, roster: roster_files.RosterFile) -> str:
        calls.append(key)
        if len(calls) == 1:
            assert correct(client, address, "D3", "韦小军") == 303
        return sealing(key, roster)

    monkeypatch.setattr(correction_views.roster_files, "sealed_corrections", while_another_corrects)
    assert correct(client, address, "D2", "覃小燕") == 303
    page = client.get(address).get_data(as_text=True)
    assert "覃小燕" in page and "韦小军" in page and len(calls) == 3


def test_what_was_corrected_after_the_preview_is_not_confirmed_unseen(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    region, client = entered(app)
    address = upload(client, region.competition, region.enterprise, make_roster([roster_row(region.employer.name)]))
    page = client.get(address).get_data(as_text=True)
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', page)
    assert digest is not None
    holding = roster_files.hold

    def after_a_correction(session: object, kept: object, version: int, **named: object) -> None:
        holding(session, kept, version - 1, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(roster_views.roster_files, "hold", after_a_correction)
    answer = client.post(f"{address}/confirm", data={"digest": digest.group(1)})
    assert answer.status_code == 409 and "预览之后数据有变化" in answer.get_data(as_text=True)
