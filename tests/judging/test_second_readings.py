"""Double entry by worksheet: a second person's reading of the same papers, never beside the first."""

from flask import Flask

from competitions.accounts.models import User
from competitions.base.clock import now
from competitions.base.database import db
from competitions.judging.models import PanelMember, ScoreRevision, SecondEntry
from tests.factories import make_user
from tests.factories_judging import Hall, act
from tests.factories_worksheets import Cells, confirm, desk, every_cell, filled, plain, preview, theory_hall, upload
from tests.people import Client

FIRST: Cells = {("A01", "得分"): 83.25, ("A02", "得分"): 71.5}


def second_person(hall: Hall) -> Client:
    """Another tabulator of the module, signed in."""
    db.session.rollback()
    other: User = make_user(("tabulator", "event", hall.event.id))
    db.session.add(
        PanelMember(
            module_id=hall.modules["theory"].id,
            user_id=other.id,
            duty="tabulator",
            position=5,
            assigned_by="factory",
            assigned_at=now(),
        )
    )
    db.session.commit()
    return hall.client(other)


def read_once(app: Flask) -> tuple[Hall, Client]:
    """A hall whose first two papers were read by the tabulator, and who reads them again."""
    hall = theory_hall(app, by="code", codes=("A01", "A02", "A03"), double_entry=True)
    brought(hall.client("tabulator"), desk(hall), FIRST)
    return hall, second_person(hall)


def brought(client: Client, path: str, cells: Cells) -> str:
    """Fill in the template, upload it and confirm; the text of the page that follows."""
    place, _ = preview(client, path, filled(client.get(f"{path}/template.xlsx").data, cells))
    answer = confirm(client, place)
    assert answer.status_code == 303, plain(answer)
    return plain(client.get(answer.headers["Location"]))


def again(hall: Hall) -> str:
    return desk(hall, place="second-worksheet")


def test_two_readings_that_agree_may_be_confirmed(app: Flask) -> None:
    hall, second = read_once(app)
    sheet = hall.sheet("A01", module="theory")
    assert act(hall.client("checker"), f"/api/sheets/{sheet.id}/confirm").status_code == 409
    assert "与第一次一致" in brought(second, again(hall), FIRST)
    assert act(hall.client("checker"), f"/api/sheets/{sheet.id}/confirm").status_code == 201
    db.session.rollback()
    assert db.session.query(ScoreRevision).count() == 2


def test_what_differs_is_listed_by_aspect_without_a_value_and_reconciled(app: Flask) -> None:
    hall, second = read_once(app)
    page = brought(second, again(hall), {("A01", "得分"): 83.25, ("A02", "得分"): 71})
    assert "两次录入不一致（1 份）" in page and "A02 ：得分" in page
    assert "71.5" not in page and "83.25" not in page
    sheet = hall.sheet("A02", module="theory")
    assert act(hall.client("checker"), f"/api/sheets/{sheet.id}/confirm").status_code == 409
    assert "两次录入不一致" not in brought(second, again(hall), {("A02", "得分"): 71.5})
    assert act(hall.client("checker"), f"/api/sheets/{sheet.id}/confirm").status_code == 201


def test_the_second_person_finds_the_first_marks_nowhere(app: Flask) -> None:
    hall, second = read_once(app)
    for path in (again(hall), desk(hall)):
        assert "83.25" not in every_cell(second.get(f"{path}/template.xlsx").data)
        assert "83.25" not in plain(second.get(path))
    for page in ("tabulation", "tabulation/again"):
        assert "83.25" not in second.get(desk(hall, place=page)).get_data(as_text=True)
    assert 'aria-label="A01 得分"' in second.get(desk(hall, place="tabulation/again")).get_data(as_text=True)
    assert 'aria-label="A01 得分"' not in second.get(desk(hall, place="tabulation")).get_data(as_text=True)
    data = filled(second.get(f"{desk(hall)}/template.xlsx").data, {("A01", "得分"): 83.25})
    assert "已由他人录入" in preview(second, desk(hall), data)[1]


def test_nobody_reads_his_own_reading_again_nor_what_was_not_read_once_nor_half_a_paper(app: Flask) -> None:
    hall, second = read_once(app)
    first = hall.client("tabulator")
    data = filled(first.get(f"{again(hall)}/template.xlsx").data, {("A01", "得分"): 83.25})
    assert "第二次必须由另一人录入" in preview(first, again(hall), data)[1]
    data = filled(second.get(f"{again(hall)}/template.xlsx").data, {("A03", "得分"): 60})
    place, said = preview(second, again(hall), data)
    assert "还没有完成第一次录入" in said
    assert confirm(second, place).status_code == 409
    db.session.rollback()
    assert db.session.query(SecondEntry).count() == 0


def test_there_is_no_second_reading_where_nobody_asked_for_one(app: Flask) -> None:
    hall = theory_hall(app, by="code")
    tabulator = hall.client("tabulator")
    assert tabulator.get(again(hall)).status_code == 404
    assert upload(tabulator, again(hall), b"x").status_code == 404
