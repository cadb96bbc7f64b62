"""Paper score sheets by worksheet: the tabulator for the panel, a judge for himself; and what the papers look like."""

import json
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from competitions.base.database import db
from competitions.judging.models import ScoreRevision, ScoreSheet
from tests.factories_judging import RIGHT, Hall, act, confirm_all, deliver, submission
from tests.factories_worksheets import (
    UNIT,
    confirm,
    desk,
    every_cell,
    filled,
    paper_hall,
    places,
    preview,
    seat_entries,
    theory_hall,
    tickets,
    workbook_of,
)

ROW = {"A1": 35.5, "A2": 1, "A3": 2}


def template(hall: Hall, who: Any, place: str = "worksheet", query: str = "") -> bytes:
    answer = hall.client(who).get(f"{desk(hall, 'practice', place)}/template.xlsx{query}")
    assert answer.status_code == 200
    return bytes(answer.data)


def row_of(code: str, **changes: Any) -> dict[tuple[str, str], Any]:
    return {(code, name): value for name, value in {**ROW, **changes}.items()}


def bring(hall: Hall, who: Any, data: bytes, place: str = "worksheet") -> tuple[Any, str, str]:
    """Client, address and text of the preview of a worksheet."""
    client = hall.client(who)
    return client, *preview(client, desk(hall, "practice", place), data)


def test_the_template_has_a_sheet_for_each_judge_with_codes_as_rows_and_maxima_in_the_headings(app: Flask) -> None:
    hall = paper_hall(app)
    book = load_workbook(BytesIO(template(hall, "tabulator")))
    assert book.sheetnames == ["J1", "J2"]
    heading, rows = places(book["J2"])
    assert list(heading) == [
        "序号",
        "加密号",
        "裁判",
        "A1 焊缝外观\n（40）",
        "A2 安全文明\n（扣分次数，每次 5）",
        "A3 整体工艺\n（0–3）",
        "用时（秒）",
        "停表（秒）",
        "补时（秒）",
        "版次（勿改）",
    ]
    assert list(rows) == ["A01", "A02"]
    assert load_workbook(BytesIO(template(hall, "tabulator", query="?judge=J2"))).sheetnames == ["J2"]


def test_the_tabulator_types_the_panels_papers_and_the_sheets_stay_the_judges(app: Flask) -> None:
    hall = paper_hall(app)
    data = filled(template(hall, "tabulator"), row_of("A01", 用时=5400), sheet=0)
    data = filled(data, row_of("A01", A1=40), sheet=1)
    client, place, page = bring(hall, "tabulator", data)
    assert "写入 2 份" in page and "工作表“J1”" in page
    assert confirm(client, place).status_code == 303
    db.session.rollback()
    found = {
        sheet.judge_id: revision
        for sheet, revision in db.session.execute(
            select(ScoreSheet, ScoreRevision).join(ScoreRevision, ScoreRevision.sheet_id == ScoreSheet.id)
        )
    }
    first, second = (found[judge.id] for judge in hall.judges)
    assert (first.total, second.total, first.seconds) == ("50.5", "55", "5400")
    assert {first.author_id, second.author_id} == {hall.people["tabulator"].id}
    checker = hall.client("checker")
    assert act(checker, f"/api/sheets/{first.sheet_id}/confirm").status_code == 201


def test_a_judge_fills_his_own_sheets_only(app: Flask) -> None:
    hall = paper_hall(app)
    mine = template(hall, hall.judges[0], "own-worksheet")
    assert load_workbook(BytesIO(mine)).sheetnames == ["J1"]
    others = filled(template(hall, hall.judges[1], "own-worksheet"), row_of("A01"))
    client, place, page = bring(hall, hall.judges[0], others, "own-worksheet")
    assert "这是 J2 的评分表，只能填写本人的" in page and confirm(client, place).status_code == 409
    client, place, _ = bring(hall, hall.judges[0], filled(mine, row_of("A01")), "own-worksheet")
    assert confirm(client, place).status_code == 303
    db.session.rollback()
    revision = db.session.scalars(select(ScoreRevision)).one()
    assert (revision.author_id, revision.source) == (hall.judges[0].id, "worksheet")
    assert hall.client(hall.judges[0]).get(desk(hall, "practice")).status_code == 403
    stranger = paper_hall(app)
    assert stranger.client(stranger.judges[0]).get(desk(hall, "practice", "own-worksheet")).status_code == 404


def test_the_tabulator_never_changes_what_a_judge_delivered_himself(app: Flask) -> None:
    hall = paper_hall(app)
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id)
    fresh = template(hall, "tabulator")
    client, place, page = bring(hall, "tabulator", filled(fresh, row_of("A01", A1=36)))
    assert "J1 已在系统中亲自送达这份评分表" in page and confirm(client, place).status_code == 409
    judges = template(hall, hall.judges[0], "own-worksheet")
    client, place, page = bring(hall, hall.judges[0], filled(judges, row_of("A01", A1=36)), "own-worksheet")
    assert "35.5 36" in page and confirm(client, place).status_code == 303
    assert hall.sheet("A01").head == 2


def test_notes_and_times_that_are_there_stay(app: Flask) -> None:
    hall = paper_hall(app)
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id, submission(notes={"A1": "焊缝咬边0.6mm"}, seconds=4321))
    data = filled(template(hall, hall.judges[0], "own-worksheet"), {("A01", "A1"): 30, ("A01", "用时"): None})
    client, place, _ = bring(hall, hall.judges[0], data, "own-worksheet")
    assert confirm(client, place).status_code == 303
    db.session.rollback()
    newest = db.session.scalars(select(ScoreRevision).where(ScoreRevision.number == 2)).one()
    assert (newest.seconds, "焊缝咬边0.6mm" in newest.notes, newest.total) == ("4321", True, "45")


def test_faults_of_a_panels_worksheet_are_named_by_cell(app: Flask) -> None:
    hall = paper_hall(app)
    db.session.rollback()
    recused = hall.sheet("A02").id
    chief = hall.client("chief_judge")
    assert chief.post(f"/desk/judging/sheets/{recused}/recuse", {"reason": "与选手同单位"}).status_code == 303
    data = filled(template(hall, "tabulator"), {**row_of("A01", A1=35.3, A2=1.5, A3=4), **row_of("A02")})
    _, _, page = bring(hall, "tabulator", data)
    for words in (
        "（D4）：“焊缝外观”应是 0.5 的整数倍",
        "（E4）：“安全文明”请填写扣分次数",
        "（F4）：“整体工艺”只能评 0、1、2、3",
        "（B5）：这位裁判对这个加密号已按回避处理",
    ):
        assert words in page
    own = workbook_of(["加密号", "裁判", "A1", "A2", "A3"], ["A01", None, 30, 0, 1], ["A01", "J7", 30, 0, 1])
    _, _, page = bring(hall, "tabulator", own)
    assert "没有填写裁判" in page and "“J7”不是可以由当前账号录入的裁判" in page


def test_aspects_with_long_or_similar_names_find_their_columns(app: Flask) -> None:
    long = "焊缝表面不得有裂纹、未熔合、夹渣、气孔和焊瘤等缺陷，咬边深度不大于零点五毫米，" * 4
    aspects = [
        {"id": "1.1", "name": long, "kind": "measurement", "max": "20"},
        {"id": "11", "name": long, "kind": "measurement", "max": "20"},
        {"id": "x" * 30, "name": "焊缝（内）", "kind": "deduction", "max": "20", "per": "0.5"},
        {"id": "name", "name": "焊缝（外）", "kind": "measurement", "max": "20"},
        {"id": "2.1", "name": "焊缝（外）", "kind": "measurement", "max": "10"},
        {"id": "21", "name": "焊缝（外）", "kind": "measurement", "max": "10"},
    ]
    hall = paper_hall(app, judges=1, codes=("A01",), aspects=aspects)
    values = {"1.1": 1, "11": 2, "x": 3, "name": 4, "第5项": 5, "第6项": 6}
    data = filled(
        template(hall, "tabulator"),
        {("A01", f"{name} " if name != "x" else name): value for name, value in values.items()},
    )
    client, place, page = bring(hall, "tabulator", data)
    assert "写入 1 份" in page and confirm(client, place).status_code == 303
    db.session.rollback()
    assert json.loads(db.session.scalars(select(ScoreRevision.marks)).one()) == {
        "1.1": "1",
        "11": "2",
        "x" * 30: "3",
        "name": "4",
        "2.1": "5",
        "21": "6",
    }


@pytest.mark.parametrize("ending", ["ods", "xls"])
def test_a_worksheet_saved_by_another_program_is_taken_too(app: Flask, tmp_path: Path, ending: str) -> None:
    hall = paper_hall(app)
    data = converted(filled(template(hall, "tabulator"), row_of("A01", A1=95.35 - 60), sheet=1), tmp_path, ending)
    client = hall.client("tabulator")
    place, page = preview(client, desk(hall, "practice"), data, f"给分.{ending}")
    assert "“焊缝外观”应是 0.5 的整数倍" in page and "35.35" in page
    marked = load_workbook(BytesIO(client.get(f"{place}/annotated.xlsx").data))["J2"]
    assert "0.5 的整数倍" in marked["D4"].comment.text


def test_an_upload_for_one_module_is_not_taken_for_another(app: Flask) -> None:
    hall = paper_hall(app, modules=("practice", "theory"), settings={"identify_by": "code"})
    client, place, _ = bring(hall, "tabulator", filled(template(hall, "tabulator"), row_of("A01")))
    elsewhere = f"{desk(hall, 'theory')}/{place.rsplit('/', 1)[1]}"
    assert client.get(elsewhere).status_code == 404 and confirm(client, elsewhere).status_code == 404
    assert confirm(client, place).status_code == 303


def test_while_an_aspect_is_judged_again_a_worksheet_changes_nothing_else(app: Flask) -> None:
    hall = paper_hall(app)
    for judge, grade in zip(hall.judges, ("0", "3"), strict=True):
        deliver(
            hall.client(judge), hall.sheet("A01", judge=hall.judges.index(judge)).id, submission({**RIGHT, "A3": grade})
        )
    chief = hall.client("chief_judge")
    called = chief.post(f"/desk/modules/{hall.modules['practice'].id}/call-again", {"code": "A01", "aspect": "A3"})
    assert called.status_code == 303
    mine = template(hall, hall.judges[0], "own-worksheet")
    _, _, page = bring(hall, hall.judges[0], filled(mine, {("A01", "A1"): 1}), "own-worksheet")
    assert "当前只重新评议指定的评分项" in page
    client, place, _ = bring(hall, hall.judges[0], filled(mine, {("A01", "A3"): 2}), "own-worksheet")
    assert confirm(client, place).status_code == 303


def test_no_file_for_judges_or_tabulators_names_a_person_a_unit_or_a_ticket_beside_a_code(app: Flask) -> None:
    hall = paper_hall(app)
    entries = seat_entries(hall)
    names = [member.name for entry in entries for member in entry.members]
    units = [UNIT, *(entry.reporting_union.name for entry in entries)]
    ids = [entry.id for entry in entries]
    secret = [*names, *units, *ids, *tickets(hall).values()]
    judge, tabulator = hall.client(hall.judges[0]), hall.client("tabulator")
    own, all_ = desk(hall, "practice", "own-worksheet"), desk(hall, "practice")
    said = [
        every_cell(client.get(f"{path}/{name}").data)
        for client, path in ((judge, own), (tabulator, all_))
        for name in ("template.xlsx", "papers.xlsx")
    ]
    pages = [judge.get(own).get_data(as_text=True), tabulator.get(all_).get_data(as_text=True)]
    place, page = preview(tabulator, all_, filled(template(hall, "tabulator"), row_of("A01")))
    pages += [page, every_cell(tabulator.get(f"{place}/annotated.xlsx").data)]
    assert not [(each, text[:80]) for text in [*said, *pages] for each in secret if each in text]
    assert all("A01" in text for text in said)


def test_a_paper_by_ticket_says_neither_sitting_nor_station_which_judges_see_beside_the_code(app: Flask) -> None:
    hall = theory_hall(app, codes=("KX71", "KX72"))
    db.session.rollback()
    for sheet in db.session.scalars(select(ScoreSheet)):
        sheet.station, sheet.sitting_id = 471, hall.sittings[0].id
    db.session.commit()
    papers = hall.client("tabulator").get(f"{desk(hall)}/papers.xlsx").data
    by_code = hall.client("chief_judge").get(f"/desk/modules/{hall.modules['theory'].id}/score-sheets.xlsx").data
    assert tickets(hall)["KX71"] in every_cell(papers) and "471" in every_cell(by_code)
    assert "471" not in every_cell(papers) and hall.sittings[0].name not in every_cell(papers)


def test_where_rows_are_named_by_tickets_no_page_and_no_file_says_a_code(app: Flask) -> None:
    hall = theory_hall(app, codes=("KX71", "KX72"))
    tabulator, ticket = hall.client("tabulator"), tickets(hall)
    data = filled(tabulator.get(f"{desk(hall)}/template.xlsx").data, {(ticket["KX71"], "得分"): 500})
    place, page = preview(tabulator, desk(hall), data)
    said = [
        page,
        tabulator.get(desk(hall)).get_data(as_text=True),
        every_cell(tabulator.get(f"{place}/annotated.xlsx").data),
        every_cell(tabulator.get(f"{desk(hall)}/papers.xlsx").data),
    ]
    assert ticket["KX71"] in page and not [text for text in said if "KX7" in text]


def test_score_sheets_are_printed_for_each_code_and_judge_with_room_for_signatures(app: Flask, tmp_path: Path) -> None:
    hall = paper_hall(app)
    blank = hall.client("tabulator").get(f"{desk(hall, 'practice')}/papers.xlsx").data
    book = load_workbook(BytesIO(blank))
    assert book.sheetnames == ["A01 J1", "A02 J1", "A01 J2", "A02 J2"]
    said = "\n".join(str(cell.value) for row in book["A02 J1"].iter_rows() for cell in row if cell.value)
    for words in (
        "加密号：A02",
        "工位：2",
        "裁判：J1",
        "焊缝外观",
        "每次扣 5",
        "□0",
        "3 优秀",
        "合计得分",
        "裁判员：＿",
        "裁判长：＿",
    ):
        assert words in said
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id)
    chief = hall.client("chief_judge")
    given = chief.get(f"/desk/modules/{hall.modules['practice'].id}/score-sheets.xlsx").data
    said = "\n".join(
        str(cell.value)
        for row in load_workbook(BytesIO(given))["A01 J1"].iter_rows()
        for cell in row
        if cell.value is not None
    )
    for words in ("35.5", "扣分 1 次", "15", "等级 2", "合计得分：50.5", "第 1 版"):
        assert words in said
    assert "50.5" not in every_cell(hall.client("tabulator").get(f"{desk(hall, 'practice')}/papers.xlsx").data)
    assert pages_of(blank, tmp_path) == 4


def test_the_summary_is_given_out_after_the_signature_only(app: Flask) -> None:
    hall = paper_hall(app)
    confirm_all(hall)
    chief, path = hall.client("chief_judge"), f"/desk/modules/{hall.modules['practice'].id}/summary.xlsx"
    assert chief.get(path).status_code == 409
    assert act(chief, f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201
    said = every_cell(chief.get(path).data)
    for words in (
        "成绩汇总表",
        "A01",
        "A02",
        "50.5",
        "77.17",
        "确认码：",
        "签字摘要：",
        "审计链头：",
        "统分人：＿",
        "监督员：＿",
    ):
        assert words in said
    assert hall.client("tabulator").get(path).status_code == 403
    assert "成绩汇总表" in chief.get(f"/desk/modules/{hall.modules['practice'].id}/matrix").get_data(as_text=True)


def pages_of(data: bytes, folder: Path) -> int:
    """How many pages LibreOffice prints."""
    converted(data, folder, "pdf")
    text = subprocess.run(["pdftotext", "-layout", str(folder / "file.pdf"), "-"], check=True, capture_output=True)
    return text.stdout.count(b"\f")


def converted(data: bytes, folder: Path, ending: str) -> bytes:
    """The workbook as LibreOffice saves it in another format."""
    (folder / "file.xlsx").write_bytes(data)
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            ending,
            "--outdir",
            str(folder),
            str(folder / "file.xlsx"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (folder / f"file.{ending}").read_bytes()
