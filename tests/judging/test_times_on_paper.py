"""Stops and extra time that stand on paper: typed by worksheet or in the grid, signed by the chief judge like others."""

from io import BytesIO
from typing import Any

from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, text

from competitions.base.database import db
from competitions.judging.models import PanelMember, ScoreRevision
from competitions.judging.signing.case_parts import CaseParts
from competitions.judging.timing.models import TimeChange
from tests.factories_judging import RIGHT, Hall, make_hall, make_ruleset, new_key, opened
from tests.factories_worksheets import confirm, desk, filled, paper_hall, places, preview
from tests.people import Client

ROW = {"A1": 35.5, "A2": 1, "A3": 2}


def bring(hall: Hall, *rows: dict[tuple[str, str], Any]) -> tuple[Client, str, str]:
    """The tabulator uploads the template with these rows, a sheet for each judge in turn."""
    client = hall.client("tabulator")
    data = bytes(client.get(f"{desk(hall, 'practice')}/template.xlsx").data)
    for sheet, row in enumerate(rows):
        data = filled(data, row, sheet=sheet)
    return client, *preview(client, desk(hall, "practice"), data)


def row(code: str = "A01", **more: Any) -> dict[tuple[str, str], Any]:
    return {(code, name): value for name, value in {**ROW, **more}.items()}


def entered() -> list[tuple[str, str | None, int | None, bool]]:
    db.session.rollback()
    changes = db.session.scalars(select(TimeChange).order_by(TimeChange.kind))
    return [(each.kind, each.code, each.seconds, each.is_signed) for each in changes]


def seconds_of(hall: Hall) -> list[Any]:
    db.session.rollback()
    parts = CaseParts(db.session(), hall.stage.id, states=("submitted", "confirmed", "signed"))
    return [line["seconds"] for line in parts.times(hall.division.id)]


def sign_all(hall: Hall) -> None:
    db.session.rollback()
    ids = list(db.session.scalars(select(TimeChange.id).where(TimeChange.signed_at.is_(None))))
    answer = hall.client("chief_judge").post(f"/desk/stages/{hall.stage.id}/times/sign", {"change": ids})
    assert answer.status_code == 303


def test_what_the_paper_says_is_entered_once_for_the_code_and_counts_when_it_is_signed(app: Flask) -> None:
    hall = paper_hall(app)
    times = {"用时": 4000, "停表": 600, "补时": 120}
    client, place, page = bring(hall, row(**times), row(**times))
    assert "登记暂停 600 秒、补时 120 秒，待裁判长签认" in page
    assert confirm(client, place).status_code == 303
    assert entered() == [("grant", "A01", 120, False), ("stop", "A01", 600, False)]
    assert seconds_of(hall) == [4000]
    sign_all(hall)
    assert seconds_of(hall) == [3280]
    heading, rows = places(load_workbook(BytesIO(client.get(f"{desk(hall, 'practice')}/template.xlsx").data))["J1"])
    assert {"停表（秒）", "补时（秒）"} <= set(heading) and "A01" in rows
    client, _, page = bring(hall)
    assert "没有需要写入的内容" in page, "the template says what is there"


def test_another_figure_than_the_halls_and_two_figures_for_one_code_are_faults(app: Flask) -> None:
    hall = paper_hall(app)
    _, _, page = bring(hall, row(停表=600), row(停表=500))
    assert "同一个号在本表另一行填的是 600 秒" in page
    _, _, page = bring(hall, row(停表=6.5))
    assert "请填写整数秒" in page
    client, place, _ = bring(hall, row(停表=600))
    confirm(client, place)
    client, place, page = bring(hall, {("A01", "停表"): 700})
    assert "现场已登记 600 秒" in page and confirm(client, place).status_code == 409
    assert entered() == [("stop", "A01", 600, False)]


def test_time_alone_makes_no_new_revision(app: Flask) -> None:
    hall = paper_hall(app)
    client, place, _ = bring(hall, row(用时=4000))
    confirm(client, place)
    client, place, _ = bring(hall, {("A01", "补时"): 60})
    assert confirm(client, place).status_code == 303
    db.session.rollback()
    assert [each.number for each in db.session.scalars(select(ScoreRevision))] == [1]
    assert entered() == [("grant", "A01", 60, False)]


def grid_hall(app: Flask) -> Hall:
    """A practice that only a tabulator marks, from paper."""
    hall = make_hall(app, judges=0, open_sheets=False)
    hall.judges = [hall.people["tabulator"]]
    db.session.add(
        PanelMember(
            module_id=hall.modules["practice"].id,
            user_id=hall.people["tabulator"].id,
            duty="tabulator",
            position=1,
            assigned_by="factory",
            assigned_at=hall.sittings[0].starts_at,
        )
    )
    db.session.execute(text("DELETE FROM ruleset"))
    make_ruleset(hall.stage, list(hall.modules.values()), 1)
    db.session.commit()
    opened(hall)
    return hall


def test_the_grid_takes_the_time_too_and_loses_none_when_a_mark_is_corrected(app: Flask) -> None:
    hall = grid_hall(app)
    client, address = hall.client("tabulator"), f"/desk/modules/{hall.modules['practice'].id}/tabulation"
    page = client.get(address).get_data(as_text=True)
    assert "用时（秒）" in page and "停表（秒）" in page and "补时（秒）" in page

    def save(base: int, **more: str) -> Any:
        cells = {f"mark.0.{name}": value for name, value in {**RIGHT, **more}.items()}
        return client.post(address, {"name.0": "A01", "base.0": str(base), "key": new_key(), **cells})

    assert save(0, seconds="4000", stopped="600", granted="x").status_code == 422
    assert save(0, seconds="4000", stopped="600").status_code == 303
    assert save(1, A1="36", seconds="4000", stopped="600").status_code == 303
    assert entered() == [("stop", "A01", 600, False)]
    sign_all(hall)
    assert seconds_of(hall) == [3400]
    theory = make_hall(app, modules=("theory",), judges=0)
    other = f"/desk/modules/{theory.modules['theory'].id}/tabulation"
    assert "停表" not in theory.client("tabulator").get(other).get_data(as_text=True)
