"""The rules of a roster, on cells: merged cells, leftovers, people; every error by its cell."""

import datetime as dt

import pytest

from competitions.tabular.problems import WARNINGS
from competitions.tabular.reading import Book, Cell, Sheet
from competitions.tabular.roster import roster_of
from competitions.tabular.sentences import SENTENCES
from tests.tabular.rosters import CODES, HEADING, IDS, errors, person, roster, warnings


def test_a_sound_row_is_a_person() -> None:
    found = roster(person())
    assert found.problems == []
    assert found.people == [
        {
            "sheet": "名单",
            "row": 2,
            "name": "韦志强",
            "sex": "男",
            "birth_date": "1990-03-07",
            "id_number": IDS[0],
            "phone": "13800138000",
            "event": "焊工",
            "organisation": "柳州钢铁股份有限公司",
            "delegation": "柳州市",
            "level": "三级/高级工",
        }
    ]


@pytest.mark.parametrize(
    ("changes", "cell", "code"),
    [
        ({"姓名": ""}, "E2", "required.missing"),
        ({"身份证号": ""}, "H2", "required.missing"),
        ({"身份证号": 450103199003074515.0}, "H2", "id_number.truncated"),
        ({"身份证号": "4501031990030745"}, "H2", "id_number.format"),
        ({"身份证号": "450103900307451"}, "H2", "id_number.format"),
        ({"身份证号": "450103199003074516"}, "H2", "id_number.checksum"),
        ({"身份证号": "450103199013074512"}, "H2", "id_number.birth_date"),
        ({"姓名": "张三、李四"}, "E2", "name.format"),
        ({"参赛项目": "焊工/钳工"}, "D2", "event.multiple"),
        ({"手机": "0771-5501234"}, "J2", "phone.format"),
        ({"性别": "女"}, "F2", "sex.mismatch"),
        ({"出生年月": "1991-03-07"}, "G2", "birth.mismatch"),
        ({"出生年月": "1990年4月"}, "G2", "birth.mismatch"),
        ({"出生年月": "很久以前"}, "G2", "date.format"),
        ({"单位名称": "长" * 201}, "C2", "text.too_long"),
        ({"手机": "#N/A"}, "J2", "cell.error"),
    ],
)
def test_an_error_is_named_by_its_cell_and_keeps_the_row_out(changes: dict[str, Cell], cell: str, code: str) -> None:
    found = roster(person(**changes), person(姓名="黄秀英", 性别="女", 出生年月="1985.12", 身份证号=IDS[1]))
    assert errors(found) == [(cell, code)]
    assert [each["name"] for each in found.people] == ["黄秀英"]
    assert found.problems[0].message.startswith("第 2 行“")


@pytest.mark.parametrize(
    ("changes", "cell", "code", "kept"),
    [
        ({"姓名": "韦志强（替补）"}, "E2", "name.remark", {"name": "韦志强", "note": "替补"}),
        ({"姓名": "韦志强（替补）", "备注": "自带焊枪"}, "E2", "name.remark", {"note": "替补；自带焊枪"}),
        ({"职业技能等级": "工程师"}, "I2", "level.unknown", {"level": None}),
    ],
)
def test_a_warning_keeps_the_row_in(changes: dict[str, Cell], cell: str, code: str, kept: dict[str, str]) -> None:
    found = roster(person(**changes))
    assert (errors(found), warnings(found)) == ([], [(cell, code)])
    assert {name: found.people[0].get(name) for name in kept} == kept


def test_blank_sex_and_birth_date_come_from_the_id_number() -> None:
    found = roster(person(性别="", 出生年月=""))
    assert (found.people[0]["sex"], found.people[0]["birth_date"], found.problems) == ("男", "1990-03-07", [])


@pytest.mark.parametrize(
    "typed", ["1990", "1990.3", "199003", 1990.03, "1990年03月07日", dt.date(1990, 3, 7), "90.3.7"]
)
def test_a_birth_date_is_completed_from_the_id_number(typed: Cell) -> None:
    found = roster(person(出生年月=typed))
    assert (found.people[0]["birth_date"], found.problems) == ("1990-03-07", [])


def test_a_month_that_excel_made_the_first_of_the_month_is_no_mismatch() -> None:
    assert roster(person(出生年月=dt.date(1990, 3, 1))).problems == []
    strict = [*HEADING[:6], "出生日期", *HEADING[7:]]
    assert errors(roster(person(出生年月=dt.date(1990, 3, 1)), heading=strict)) == [("G2", "birth.mismatch")]


def test_the_same_id_number_again_is_an_error_of_the_later_row_on_another_sheet_too() -> None:
    book = Book([Sheet("焊工", True, [HEADING, person()]), Sheet("钳工", True, [HEADING, person(参赛项目="钳工")])])
    found = roster_of(book)
    assert [(each.sheet, each.cell, each.code) for each in found.problems] == [("钳工", "H2", "duplicate.in_file")]
    assert "第 2 行（焊工）" in found.problems[0].message
    assert [each["sheet"] for each in found.people] == ["焊工"]


def test_merged_unit_cells_are_filled_down_and_blank_ones_are_not() -> None:
    rows = [
        person(),
        person(姓名="黄秀英", 性别="女", 出生年月="", 身份证号=IDS[1], 单位名称="", 参赛项目="", 代表队=""),
        person(姓名="李建国", 出生年月="", 身份证号=IDS[2], 单位名称="", 参赛项目="", 代表队=""),
    ]
    found = roster(*rows, merged=[(1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 2, 3)])
    assert [(each["delegation"], each["organisation"], each["event"]) for each in found.people] == [
        ("柳州市", "柳州钢铁股份有限公司", "焊工"),
        ("柳州市", "柳州钢铁股份有限公司", "焊工"),
        (None, None, None),
    ]


def test_a_merged_person_cell_is_an_error_at_the_merged_cell_and_none_of_its_rows_is_taken() -> None:
    rows = [
        person(),
        person(姓名="", 出生年月="", 身份证号=IDS[2]),
        person(姓名="黄秀英", 性别="女", 出生年月="", 身份证号=IDS[1]),
    ]
    found = roster(*rows, merged=[(1, 4, 2, 4)])
    assert errors(found) == [("E2", "cell.merged")]
    assert found.problems[0].params["range"] == "E2:E3"
    assert [each["row"] for each in found.people] == [4]


def test_a_phone_over_several_people_is_a_merged_person_cell() -> None:
    found = roster(person(), person(姓名="李建国", 出生年月="", 身份证号=IDS[2], 手机=""), merged=[(1, 9, 2, 9)])
    assert errors(found) == [("J2", "cell.merged")] and found.people == []


def test_merged_numbers_and_remarks_are_harmless() -> None:
    found = roster(
        person(),
        person(姓名="李建国", 出生年月="", 身份证号=IDS[2], 序号="", 备注=""),
        merged=[(1, 0, 2, 0), (1, 10, 2, 10)],
    )
    assert errors(found) == [] and len(found.people) == 2


def test_formulas_and_error_values_are_named_but_not_in_counting_columns() -> None:
    found = roster(
        person(身份证号=""),
        person(姓名="黄秀英", 性别="女", 出生年月="", 身份证号=IDS[1], 手机=""),
        formulas=frozenset({(1, 0), (1, 7), (2, 0)}),
        errors=frozenset({(2, 9)}),
    )
    assert errors(found) == [("H2", "cell.formula"), ("J3", "cell.error")]


def test_a_formula_in_a_merged_unit_is_said_once_and_none_of_its_people_is_taken() -> None:
    found = roster(
        person(),
        person(姓名="李建国", 出生年月="", 身份证号=IDS[2], 单位名称=""),
        formulas=frozenset({(1, 2)}),
        merged=[(1, 2, 2, 2)],
    )
    assert errors(found) == [("C2", "cell.formula")] and found.people == []


def test_a_row_whose_cells_are_formulas_without_values_is_not_blank() -> None:
    found = roster([""], formulas=frozenset({(1, 4), (1, 7)}))
    assert errors(found) == [("E2", "cell.formula"), ("H2", "cell.formula")]


def test_a_struck_row_is_a_warning_and_marked() -> None:
    found = roster(person(), struck=frozenset({(1, 4), (1, 7)}))
    assert warnings(found) == [("E2", "row.struck")] and found.people[0]["struck"] is True
    assert roster(person(), struck=frozenset({(1, 4)})).problems == []


def test_hidden_rows_are_read_and_hidden_sheets_are_left_out() -> None:
    found = roster_of(
        Book([Sheet("旧", False, []), Sheet("名单", True, [HEADING, person()], hidden_rows=frozenset({1}))])
    )
    assert [(each.sheet, each.code, each.severity) for each in found.problems] == [("旧", "sheet.hidden", "warning")]
    assert len(found.people) == 1 and found.sheets[0].rows[0].hidden


@pytest.mark.parametrize(
    "row",
    [
        ["合计", "", "", "", "15人"],
        ["领队：张××   联系电话：138"],
        ["注：1.请于5月10日前报送"],
        ["2.身份证号请设为文本格式。"],
        ["负责人签字："],
        ["填表人：李××", "", "", "", "", "审核人："],
        ["", "", "", "", "合计：15人"],
        [16.0],
        [17.0, "柳州市", "柳州钢铁股份有限公司", "焊工"],
        ["", "", "", "", "", "", "", "2026年5月8日"],
        ["小计", "", "", "", 3.0],
        ["单位（盖章）"],
    ],
)
def test_footers_sums_and_empty_numbered_rows_are_nobody(row: list[Cell]) -> None:
    found = roster(person(), row)
    assert (len(found.people), found.problems) == (1, [])


@pytest.mark.parametrize(
    "changes", [{"序号": "例"}, {"姓名": "例：张三"}, {"姓名": "张三（示例）"}, {"序号": "示例"}, {"备注": "示例"}]
)
def test_an_example_row_is_left_out_with_a_warning(changes: dict[str, Cell]) -> None:
    found = roster(person(**changes), person())
    assert warnings(found) == [("E2", "row.example")] and [each["row"] for each in found.people] == [3]


def test_a_heading_repeated_by_a_page_break_is_nobody() -> None:
    found = roster(person(), HEADING, person(姓名="李建国", 出生年月="", 身份证号=IDS[2]))
    assert (len(found.people), found.problems) == (2, [])


def test_every_code_of_the_contract_has_a_sentence() -> None:
    assert set(CODES.split()) <= set(SENTENCES)
    told = {"sheet.hidden", "row.example", "id_number.area", "name.remark", "row.struck", "level.unknown"}
    assert {*told, "text.mended"} == WARNINGS
