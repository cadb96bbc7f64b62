"""Theory results by worksheet: by ticket or by code, every fault by its cell, all or nothing, nothing overwritten."""

import hashlib
import json
import time
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from sqlalchemy import func, select

from competitions.audit.models import AuditEvent
from competitions.base.database import db
from competitions.judging.models import ScoreRevision, ScoreSheet, SheetDelivery
from competitions.uploads.models import Upload
from tests.factories_judging import Hall, confirm_all, make_hall, new_key
from tests.factories_worksheets import (
    confirm,
    desk,
    every_cell,
    filled,
    places,
    plain,
    preview,
    theory_hall,
    tickets,
    upload,
    workbook_of,
)


def revisions() -> list[ScoreRevision]:
    db.session.rollback()
    return list(db.session.scalars(select(ScoreRevision).order_by(ScoreRevision.at, ScoreRevision.id)))


def totals(hall: Hall) -> dict[str, str]:
    db.session.rollback()
    rows = db.session.execute(
        select(ScoreSheet.code, ScoreRevision.total).join(
            ScoreRevision, (ScoreRevision.sheet_id == ScoreSheet.id) & (ScoreRevision.number == ScoreSheet.head)
        )
    )
    return {code: total for code, total in rows}


def test_the_worksheet_by_ticket_names_nobody_and_no_code(app: Flask) -> None:
    hall = theory_hall(app)
    data = hall.client("tabulator").get(f"{desk(hall)}/template.xlsx").data
    said = every_cell(data)
    assert all(ticket in said for ticket in tickets(hall).values())
    assert not [code for code in hall.codes if code in said] and "师傅" not in said and "示例" not in said
    page = load_workbook(BytesIO(data)).active
    heading, rows = places(page)
    letter = get_column_letter(heading["版次（勿改）"])
    assert page.column_dimensions[letter].hidden and len(rows) == 3
    assert [page.cell(row, 2).number_format for row in rows.values()] == ["@"] * 3


def test_results_come_in_by_ticket_and_are_recorded_with_the_files_hash(app: Flask) -> None:
    hall = theory_hall(app)
    ticket, tabulator = tickets(hall), hall.client("tabulator")
    template = tabulator.get(f"{desk(hall)}/template.xlsx").data
    data = filled(template, {(ticket["A01"], "得分"): 85.35, (ticket["A02"], "得分"): "９０．５"})
    place, page = preview(tabulator, desk(hall), data)
    assert "写入 2 份" in page and "未填" in page and revisions() == []
    assert confirm(tabulator, place).status_code == 303
    assert totals(hall) == {"A01": "85.35", "A02": "90.5"}
    assert {(each.source, each.complete, each.base) for each in revisions()} == {("worksheet", True, 0)}
    payload = db.session.scalars(select(AuditEvent.payload).where(AuditEvent.action == "worksheet.import")).one()
    assert json.loads(payload)["after"]["file"] == hashlib.sha256(data).hexdigest()
    assert json.loads(payload)["after"]["new"] == 2
    assert db.session.scalars(select(ScoreSheet.state).where(ScoreSheet.code == "A03")).one() == "empty"


def test_the_same_file_again_changes_nothing_even_after_a_later_correction(app: Flask) -> None:
    hall = theory_hall(app)
    ticket, tabulator = tickets(hall), hall.client("tabulator")
    data = filled(tabulator.get(f"{desk(hall)}/template.xlsx").data, {(ticket["A01"], "得分"): 85})
    assert confirm(tabulator, preview(tabulator, desk(hall), data)[0]).status_code == 303
    place, page = preview(tabulator, desk(hall), data)
    assert "没有需要写入的内容" in page and "有误" in page
    assert confirm(tabulator, place).status_code == 303 and len(revisions()) == 1
    grid = {"key": new_key(), "name.0": ticket["A01"], "base.0": "1", "mark.0.score": "86"}
    assert tabulator.post(f"/desk/modules/{hall.modules['theory'].id}/tabulation", grid).status_code == 303
    place, page = preview(tabulator, desk(hall), data)
    assert "已按本文件写入过" in page and confirm(tabulator, place).status_code == 303
    assert totals(hall)["A01"] == "86" and len(revisions()) == 2


def test_a_newer_revision_is_never_overwritten(app: Flask) -> None:
    hall = theory_hall(app)
    ticket, tabulator = tickets(hall), hall.client("tabulator")
    old = tabulator.get(f"{desk(hall)}/template.xlsx").data
    grid = {"key": new_key(), "name.0": ticket["A01"], "base.0": "0", "mark.0.score": "70"}
    assert tabulator.post(f"/desk/modules/{hall.modules['theory'].id}/tabulation", grid).status_code == 303
    place, page = preview(
        tabulator, desk(hall), filled(old, {(ticket["A01"], "得分"): 71, (ticket["A02"], "得分"): 60})
    )
    assert "系统中已是第 1 版，本表按第 0 版填写" in page and "（C4）" in page
    refused = confirm(tabulator, place)
    assert refused.status_code == 409 and totals(hall) == {"A01": "70"}
    fresh = tabulator.get(f"{desk(hall)}/template.xlsx").data
    place, page = preview(tabulator, desk(hall), filled(fresh, {(ticket["A01"], "得分"): 71}))
    assert "更正" in page and "写入 1 份" in page
    assert confirm(tabulator, place).status_code == 303 and totals(hall)["A01"] == "71"


def test_a_file_without_revisions_fills_empty_sheets_and_touches_no_other(app: Flask) -> None:
    hall = theory_hall(app, by="code")
    tabulator = hall.client("tabulator")
    own = workbook_of(["加密号", "成绩"], ["A01", 88], ["ａ02", "77.5"])
    assert confirm(tabulator, preview(tabulator, desk(hall), own)[0]).status_code == 303
    assert totals(hall) == {"A01": "88", "A02": "77.5"}
    _, page = preview(tabulator, desk(hall), workbook_of(["加密号", "成绩"], ["A01", 89], ["A02", 77.5], ["A03", 1]))
    assert "系统中已是第 1 版，本表按第 — 版填写" in page and totals(hall)["A01"] == "88"


@pytest.mark.parametrize(
    ("rows", "cell", "words"),
    [
        ([["Z99", 80]], "A2", "“Z99”不在本表可录入的加密号中"),
        ([["A01", 101]], "B2", "应在 0 到 100 之间"),
        ([["A01", -1]], "B2", "应在 0 到 100 之间"),
        ([["A01", "八十"]], "B2", "“八十”不是数字"),
        ([["A01", "9,5"]], "B2", "“9,5”不是数字"),
        ([["A01", True]], "B2", "不是数字"),
        ([["A01", 1], ["A02", True]], "B3", "不是数字"),
        ([["A01", "=1+1"]], "B2", "是公式"),
        ([["A01", "#N/A"]], "B2", "错误值"),
        ([["A01", 80], ["A01", 81]], "A3", "与工作表“Sheet”第 2 行重复"),
        ([["A01", 80], [None, 81]], "A3", "第 3 行有分数，但没有加密号"),
    ],
)
def test_every_fault_is_said_by_cell_and_nothing_is_written(app: Flask, rows: Any, cell: str, words: str) -> None:
    hall = theory_hall(app, by="code")
    tabulator = hall.client("tabulator")
    place, page = preview(tabulator, desk(hall), workbook_of(["加密号", "得分"], *rows))
    assert words in page and "写入 1 份" not in page
    assert confirm(tabulator, place).status_code == 409 and revisions() == []
    marked = load_workbook(BytesIO(tabulator.get(f"{place}/annotated.xlsx").data)).active
    assert words in marked[cell].comment.text


def test_a_step_is_checked_as_on_the_page(app: Flask) -> None:
    from competitions.base import clock
    from competitions.judging.models import MarkingScheme

    hall = theory_hall(app, by="code")
    db.session.rollback()
    db.session.add(
        MarkingScheme(
            module_id=hall.modules["theory"].id,
            number=1,
            created_by="f",
            approved_by="before-lock",
            created_at=clock.now(),
            aspects=[
                {"id": "T1", "name": "单选", "kind": "measurement", "max": "60", "step": "0.5"},
                {"id": "T2", "name": "判断", "kind": "measurement", "max": "40"},
            ],
        )
    )
    db.session.commit()
    tabulator = hall.client("tabulator")
    template = tabulator.get(f"{desk(hall)}/template.xlsx").data
    _, page = preview(tabulator, desk(hall), filled(template, {("A01", "T1"): 30.3, ("A01", "T2"): 20}))
    assert "“单选”应是 0.5 的整数倍" in page
    place, page = preview(tabulator, desk(hall), filled(template, {("A01", "T1"): 30.5}))
    assert "写入 1 份" in page and confirm(tabulator, place).status_code == 303
    assert [(each.complete, each.total) for each in revisions()] == [(False, "30.5")]
    fresh = filled(tabulator.get(f"{desk(hall)}/template.xlsx").data, {("A01", "T1"): None, ("A01", "T2"): 20})
    assert "空白不会清除给分" in preview(tabulator, desk(hall), fresh)[1]
    short = workbook_of(["加密号", "T1 单选"], ["A02", 10])
    assert "缺少评分项的列：T2 判断" in preview(tabulator, desk(hall), short)[1]


def test_nothing_is_written_when_a_row_changes_between_preview_and_confirmation(app: Flask) -> None:
    hall = theory_hall(app, by="code")
    tabulator = hall.client("tabulator")
    data = filled(tabulator.get(f"{desk(hall)}/template.xlsx").data, {("A01", "得分"): 70, ("A02", "得分"): 80})
    place, _ = preview(tabulator, desk(hall), data)
    grid = {"key": new_key(), "name.0": "A02", "base.0": "0", "mark.0.score": "81"}
    assert tabulator.post(f"/desk/modules/{hall.modules['theory'].id}/tabulation", grid).status_code == 303
    refused = confirm(tabulator, place)
    assert refused.status_code == 409 and "预览之后有评分表被改动" in plain(refused)
    assert totals(hall) == {"A02": "81"}


def test_a_double_click_writes_once_and_both_clicks_are_told_the_same(app: Flask) -> None:
    hall = theory_hall(app, by="code")
    tabulator, key = hall.client("tabulator"), new_key()
    data = filled(tabulator.get(f"{desk(hall)}/template.xlsx").data, {("A01", "得分"): 70})
    place, _ = preview(tabulator, desk(hall), data)
    assert [confirm(tabulator, place, key).status_code for _ in range(2)] == [303, 303]
    assert len(revisions()) == 1
    assert confirm(tabulator, place).status_code == 404


def test_what_is_confirmed_is_fixed_and_said_by_cell(app: Flask) -> None:
    hall = theory_hall(app, by="code", codes=("A01", "A02"))
    tabulator = hall.client("tabulator")
    data = filled(tabulator.get(f"{desk(hall)}/template.xlsx").data, {("A01", "得分"): 70, ("A02", "得分"): 60})
    assert confirm(tabulator, preview(tabulator, desk(hall), data)[0]).status_code == 303
    confirm_all(hall)
    fresh = tabulator.get(f"{desk(hall)}/template.xlsx").data
    assert "没有需要写入的内容" in preview(tabulator, desk(hall), fresh)[1]
    assert "已复核，不能再改" in preview(tabulator, desk(hall), filled(fresh, {("A01", "得分"): 71}))[1]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_taken_like_a_workbook(app: Flask, encoding: str) -> None:
    hall = theory_hall(app, by="code")
    tabulator = hall.client("tabulator")
    text = "理论成绩登记表,,\r\n序号,加密号,得分（100）\r\n1,A01,86.5\r\n2,A02,\r\n合计,,86.5\r\n"
    place, page = preview(tabulator, desk(hall), text.encode(encoding), "成绩.csv")
    assert "写入 1 份" in page and confirm(tabulator, place).status_code == 303
    assert totals(hall) == {"A01": "86.5"}


@pytest.mark.parametrize("data", [b"", b"\xd0\xcf\x11\xe0 not a workbook", b"PK\x03\x04 broken", "没有表头\n".encode()])
def test_a_file_that_cannot_be_read_is_refused_with_advice_and_nothing_is_kept(app: Flask, data: bytes) -> None:
    hall = theory_hall(app)
    answer = upload(hall.client("tabulator"), desk(hall), data)
    assert answer.status_code == 422 and "文件没有读取" in plain(answer)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Upload)) == 0


def test_an_upload_lies_sealed_and_is_its_owners_and_its_modules_only(app: Flask) -> None:
    hall, other = theory_hall(app), theory_hall(app)
    ticket, tabulator = tickets(hall), hall.client("tabulator")
    data = filled(tabulator.get(f"{desk(hall)}/template.xlsx").data, {(ticket["A01"], "得分"): 85.35})
    place, _ = preview(tabulator, desk(hall), data)
    db.session.rollback()
    kept = db.session.scalars(select(Upload)).one()
    assert ticket["A01"] not in kept.content and "85.35" not in kept.content
    stranger = other.client("tabulator")
    staged_id = place.rsplit("/", 1)[1]
    assert stranger.get(place).status_code == 404
    assert stranger.get(f"{desk(other)}/{staged_id}").status_code == 404
    assert confirm(stranger, f"{desk(other)}/{staged_id}").status_code == 404
    assert tabulator.post(f"{place}/discard").status_code == 303 and tabulator.get(place).status_code == 404
    assert revisions() == []


@pytest.mark.parametrize("role", ["chief_judge", "checker", "coder", "organiser", "supervisor"])
def test_nobody_else_brings_a_worksheet(app: Flask, role: str) -> None:
    hall = theory_hall(app)
    client = hall.client(role)
    for place in ("worksheet", "own-worksheet"):
        assert client.get(desk(hall, place=place)).status_code == 403
        assert client.get(f"{desk(hall, place=place)}/template.xlsx").status_code == 403


def test_the_first_reading_is_not_shown_to_whoever_types_the_second(app: Flask) -> None:
    hall = theory_hall(app, by="code", double_entry=True)
    tabulator = hall.client("tabulator")
    data = filled(tabulator.get(f"{desk(hall)}/template.xlsx").data, {("A01", "得分"): 83.25})
    assert confirm(tabulator, preview(tabulator, desk(hall), data)[0]).status_code == 303
    assert "83.25" not in every_cell(tabulator.get(f"{desk(hall)}/template.xlsx").data)


def test_three_hundred_rows_are_previewed_with_few_queries_and_written_in_time(app: Flask) -> None:
    codes = tuple(f"B{number:03}" for number in range(300))
    hall = make_hall(app, modules=("theory",), judges=0, codes=codes, settings={"identify_by": "code"})
    tabulator = hall.client("tabulator")
    data = filled(tabulator.get(f"{desk(hall)}/template.xlsx").data, {(code, "得分"): 60 for code in codes})
    place, _ = preview(tabulator, desk(hall), data)
    with counted() as found:
        assert tabulator.get(place).status_code == 200
    assert found[0] <= 30
    started = time.monotonic()
    assert confirm(tabulator, place).status_code == 303
    assert time.monotonic() - started < 15
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(ScoreRevision)) == 300
    assert db.session.scalar(select(func.count()).select_from(SheetDelivery)) == 301


class counted:
    """How many statements run inside."""

    def __enter__(self) -> list[int]:
        from sqlalchemy import event

        self.found = [0]
        self.listener = lambda *_: self.found.__setitem__(0, self.found[0] + 1)
        event.listen(db.engine, "before_cursor_execute", self.listener)
        return self.found

    def __exit__(self, *_: object) -> None:
        from sqlalchemy import event

        event.remove(db.engine, "before_cursor_execute", self.listener)
