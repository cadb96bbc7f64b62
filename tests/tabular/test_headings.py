"""Where the heading is and what it names; what a user may correct; tables with columns of their own."""

from typing import Any

import pytest

from competitions.tabular.columns import Column
from competitions.tabular.reading import Book, Cell, Sheet
from competitions.tabular.roster import roster_of
from competitions.tabular.table import table_of
from competitions.tabular.values import number, text
from tests.tabular.rosters import HEADING, IDS, person, roster


@pytest.mark.parametrize("above", [0, 1, 5, 14])
def test_the_heading_is_found_below_titles(above: int) -> None:
    titles: list[list[Cell]] = [
        ["附件2"],
        ["2026年职业技能大赛报名汇总表"],
        ["填报单位（盖章）：柳州市总工会  联系电话：0772"],
        [],
    ] * 4
    found = roster_of(Book([Sheet("a", True, [*titles[:above], HEADING, person()])]))
    assert found.document()["sheets"][0]["header_row"] == above + 1 and found.people[0]["row"] == above + 2


def test_columns_may_stand_in_any_order_and_begin_anywhere() -> None:
    order = [7, 4, 9, 2]
    found = roster(["", "", *[person()[i] for i in order]], heading=["", "", *[HEADING[i] for i in order]])
    assert found.document()["sheets"][0]["columns"] == {
        "id_number": "C",
        "name": "D",
        "phone": "E",
        "organisation": "F",
    }
    assert len(found.people) == 1


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("身 份 证 号 码", "id_number"),
        ("身份证号（18位）", "id_number"),
        ("＊姓名", "name"),
        ("姓名\n（必填）", "name"),
        ("本人手机号码", "phone"),
        ("职业（工种）", "event"),
        ("工作单位（全称）", "organisation"),
        ("统一社会信用代码", "uscc"),
        ("现职业资格（技能等级）", "level"),
        ("所属地市：", "delegation"),
        ("参赛选手姓名", "name"),
        ("E-mail", "email"),
        ("联系电话(手机)", "phone"),
    ],
)
def test_a_heading_is_known_by_its_synonyms(heading: str, field: str) -> None:
    found = roster(
        heading=["姓名", "身份证号", "性别", heading]
        if field not in ("name", "id_number")
        else [heading, "身份证号", "姓名", "性别"]
    )
    named = roster(heading=[heading, "性别", "民族", "身份证号", "姓名"])
    assert field in (found.document()["sheets"] or named.document()["sheets"])[0]["columns"]


def test_the_more_telling_of_two_columns_is_taken() -> None:
    found = roster(["韦志强", IDS[0], "0772-3801234", "13800138000"], heading=["姓名", "身份证号", "联系电话", "手机"])
    assert found.problems == [] and found.people[0]["phone"] == "13800138000"


def test_a_group_over_columns_is_part_of_their_names() -> None:
    rows: list[list[Cell]] = [
        ["姓名", "身份证号", "教练", "", "联系方式", ""],
        ["", "", "姓名", "手机", "手机", "固话"],
        ["韦志强", IDS[0], "周建国", "13900139000", "13800138000", "0772-1"],
    ]
    found = roster_of(Book([Sheet("a", True, rows, merged=[(0, 2, 0, 3), (0, 4, 0, 5)])]))
    assert found.document()["sheets"][0]["columns"] == {"name": "A", "id_number": "B", "phone": "E", "landline": "F"}
    assert (found.people[0]["name"], found.people[0]["phone"], found.problems) == ("韦志强", "13800138000", [])


def test_a_whole_heading_may_be_grouped() -> None:
    rows: list[list[Cell]] = [
        ["报名表"],
        ["基本信息", "", "", "联系方式"],
        ["姓名", "性别", "身份证号", "手机"],
        ["韦志强", "男", IDS[0], "13800138000"],
    ]
    found = roster_of(Book([Sheet("a", True, rows, merged=[(0, 0, 0, 3), (1, 0, 1, 2)])]))
    assert len(found.people) == 1 and found.problems == []


def test_without_a_heading_it_says_so() -> None:
    found = roster_of(Book([Sheet("a", True, [person(), person()])]))
    assert [(each.sheet, each.code) for each in found.problems] == [("a", "header.not_found")]
    assert [each.code for each in roster_of(Book([Sheet("a", True, [])])).problems] == ["header.not_found"]


def test_a_sheet_of_instructions_beside_the_roster_is_left_out_with_a_warning_but_people_are_not() -> None:
    notes = Sheet("填表说明", True, [["填表说明"], ["1.身份证号请设为文本"]])
    found = roster_of(Book([notes, Sheet("a", True, [HEADING, person()])]))
    assert [(each.sheet, each.code, each.severity) for each in found.problems] == [
        ("填表说明", "header.not_found", "warning")
    ]
    lost = Sheet("b", True, [["黄秀英", IDS[1]]])
    found = roster_of(Book([lost, Sheet("a", True, [HEADING, person()])]))
    assert [(each.sheet, each.code, each.severity) for each in found.problems] == [("b", "header.not_found", "error")]


def test_a_missing_required_column_is_said_and_no_row_is_taken() -> None:
    found = roster(["柳州钢铁股份有限公司", "韦志强", "13800138000"], heading=["单位", "姓名", "手机"])
    assert [(each.code, each.params["field"]) for each in found.problems] == [("column.missing", "id_number")]
    assert found.people == [] and "身份证号" in found.problems[0].message


def test_a_sheet_named_like_an_event_gives_it() -> None:
    heading: list[Cell] = ["姓名", "身份证号"]
    assert roster(["韦志强", IDS[0]], heading=heading, name="焊工").people[0]["event"] == "焊工"
    assert roster(["韦志强", IDS[0]], heading=heading, name="Sheet1").people[0]["event"] is None


def test_known_events_give_the_spelling() -> None:
    book = Book([Sheet("a", True, [HEADING, person(参赛项目="数控 车工")])])
    assert roster_of(book, known_events=["数控车工"]).people[0]["event"] == "数控车工"


def test_a_user_may_correct_by_hand_what_was_found() -> None:
    rows: list[list[Cell]] = [["甲", "乙", "丙"], ["韦志强", IDS[0], "焊工"]]
    mapping = {
        "a": {"header_row": 1, "columns": {"name": "A", "id_number": "B", "event": "C"}},
        "b": {"left_out": True},
    }
    found = roster_of(Book([Sheet("a", True, rows), Sheet("b", True, [HEADING, person()])]), mapping=mapping)
    assert found.problems == []
    assert [(each["name"], each["event"], each["row"]) for each in found.people] == [("韦志强", "焊工", 2)]


@pytest.mark.parametrize(
    "mapping",
    [
        {"名单": {"header_row": "x", "columns": 3}},
        {"名单": []},
        {"名单": {"header_row": -1}},
        {"他": {}},
        {"名单": {"columns": {"name": "ZZZZ", "nothing": "A1"}}},
    ],
)
def test_a_correction_that_makes_no_sense_changes_nothing(mapping: dict[str, Any]) -> None:
    book = Book([Sheet("名单", True, [HEADING, person()])])
    assert roster_of(book, mapping=mapping).people == roster_of(book).people


def test_the_page_can_show_the_table_as_the_user_knows_it() -> None:
    book = Book([Sheet("a", True, [["报名表"], [], HEADING, person(), [], ["注：请填写"]], hidden_rows=frozenset({3}))])
    shown = roster_of(book).sheets[0].shown()
    assert [(row["row"], row["kind"], row["hidden"]) for row in shown] == [
        (1, "heading", False),
        (3, "heading", False),
        (4, "data", True),
        (6, "note", False),
    ]
    assert shown[2]["cells"][0] == "1" and shown[2]["cells"][7] == IDS[0]


def test_another_table_is_read_with_a_column_list_of_its_own() -> None:
    columns = (
        Column("code", "作品号", required=True),
        Column("score", "得分", ("成绩",), normaliser=number),
        Column("remark", "备注", normaliser=text(5)),
    )
    rows: list[list[Cell]] = [
        ["评分汇总"],
        ["作品号", "成绩", "备注"],
        ["W01", 85.35000000000001, ""],
        ["W02", "缺考", "超过五个字"],
        ["", 3.0, ""],
        ["W03", "9", "这里超过了五个字"],
    ]
    table = table_of(Book([Sheet("a", True, rows)]), [columns])
    assert [row.values.get("score") for row in table.rows if row.sound] == ["85.35"]
    assert [(each.cell, each.code) for each in table.problems] == [("B4", "number.format"), ("C6", "text.too_long")]


@pytest.mark.parametrize("cells", [(1, True, 1.0), (True, 1, True), (0.0, False, 0)])
def test_a_ticked_box_is_no_number_beside_whatever_number_stands_in_its_column(cells: tuple[Cell, ...]) -> None:
    columns = (
        Column("code", "加密号", required=True, normaliser=text(20)),
        Column("score", "得分", normaliser=number),
    )
    rows: list[list[Cell]] = [["加密号", "得分"], *([f"A0{number}", cell] for number, cell in enumerate(cells, 1))]
    found = table_of(Book([Sheet("成绩", True, rows)]), [columns])
    assert [row.sound for row in found.rows] == [type(cell) is not bool for cell in cells]
    assert {each.code for each in found.problems} == {"number.format"}
