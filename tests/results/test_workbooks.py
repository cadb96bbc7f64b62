"""名次公示表 and 团体: what the downloaded workbook looks like and says."""

from io import BytesIO
from typing import Any

from flask import Flask
from openpyxl import load_workbook

from tests.factories_results import make_contest, practice_only
from tests.people import Client

TEAMS = {"by": "team", "value": "total", "best": 2, "incomplete": "unranked", "tie_breaks": [], "ties": "shared"}
MARKS = ["88.10", "86.45", "80", "91", "90.50"]  # 柳州 88.10 + 86.45 = 174.55, 南宁 91 + 90.50 = 181.50


def rows(sheet: Any) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_the_public_workbook_is_titled_signed_landscape_and_has_a_sheet_of_teams(app: Flask) -> None:
    sides = ["柳州市", "柳州市", "柳州市", "南宁市", "南宁市"]
    contest = make_contest(
        app,
        practice_only(teams=TEAMS),
        [{"practice": [mark]} for mark in MARKS],
        names=["韦一", "覃二", "黄三", "陆四", "=cmd|' /C calc'!A0"],
        delegations=sides,
    )
    answer = Client(app).get(f"/results/{contest.publish()}.xlsx")
    assert "attachment" in answer.headers["Content-Disposition"]
    workbook = load_workbook(BytesIO(answer.data))
    assert workbook.sheetnames == ["职工组", "职工组团体"]
    people, teams = (rows(sheet) for sheet in workbook)
    assert people[0][0].endswith("成绩公布") and "第 1 号公布" in people[1][0] and "拟授" in people[1][0]
    assert people[2][0] == "应参赛 5 人，实际参赛 5 人（有名次 5 人）。表中列有名次者。"
    assert [row[1] for row in people[4:9]] == ["陆四", "=cmd|' /C calc'!A0", "韦一", "覃二", "黄三"]
    assert "统分人" in people[-1][0] and "监督员" in people[-1][0]
    assert [(row[0], row[1][:3], row[2], str(row[3])) for row in teams[4:6]] == [
        (1, "南宁市", "陆四、=cmd|' /C calc'!A0", "181.5"),
        (2, "柳州市", "韦一、覃二", "174.55"),
    ]
    sheet = workbook.worksheets[0]
    assert (sheet.page_setup.orientation, sheet.cell(6, 2).data_type) == ("landscape", "s")


def test_teams_are_not_shown_to_anybody_before_decoding(app: Flask) -> None:
    contest = make_contest(
        app,
        practice_only(teams=TEAMS),
        [{"practice": [mark]} for mark in MARKS],
        delegations=["柳州市", "柳州市", "柳州市", "南宁市", "南宁市"],
    )
    assert "174.55" not in contest.page("chief_judge") and "解密前不显示" in contest.page("chief_judge")
    book = load_workbook(
        BytesIO(contest.client("supervisor").get(f"/desk/stages/{contest.stage_id}/standings.xlsx").data)
    )
    assert book.sheetnames == ["职工组"]
    contest.settle()
    contest.decode()
    page = contest.page("drafting")
    assert "174.55" in page and "181.50" in page and "柳州市" in page
