"""Single cells: what people type and what it means. Expected values from domain.md §2.2 and §9, GB 11643, GB 32100."""

import csv
import datetime as dt
from pathlib import Path

import pytest

from competitions.tabular import values
from competitions.tabular.dates import read_date
from competitions.tabular.events import event, event_of_sheet
from competitions.tabular.identity import BadId, area_codes, check_uscc, read_id_number
from competitions.tabular.reading import Cell

VALID_IDS = {
    "11010519491231002X": ("女", "1949-12-31"),
    "450103199003074515": ("男", "1990-03-07"),
    "450202198512203025": ("女", "1985-12-20"),
    "450103199506152335": ("男", "1995-06-15"),
    "451281198811090047": ("女", "1988-11-09"),
    "45010320051001001X": ("男", "2005-10-01"),
}


@pytest.mark.parametrize(("number", "said"), VALID_IDS.items())
def test_an_id_number_says_sex_and_birth_date(number: str, said: tuple[str, str]) -> None:
    found = read_id_number(number)
    assert (found.sex, found.birth_date.isoformat()) == said


@pytest.mark.parametrize(
    "typed",
    [
        "45010320051001001x",
        " 450103 20051001 001X ",
        "４５０１０３２００５１００１００１Ｘ",
        "'45010320051001001X",
        "450103-20051001-001X",
        "450103\u200b20051001001X\u00a0",
        "\ufeff45010320051001001X",
    ],
)
def test_an_id_number_is_read_through_spaces_full_width_digits_and_invisible_characters(typed: str) -> None:
    assert read_id_number(typed).number == "45010320051001001X"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("450103199013074512", "id_number.birth_date"),  # month 13
        ("450103199002304517", "id_number.birth_date"),  # 30 February
        ("450103199003074514", "id_number.checksum"),
        ("450103199003704515", "id_number.birth_date"),
        ("450103199003074000", "id_number.truncated"),  # the pattern that Excel leaves
        ("4.50103E+17", "id_number.truncated"),
        ("450103900307451", "id_number.format"),  # 15 digits, as before 1999
        ("45010319900307451", "id_number.format"),
        ("4501031990030745150", "id_number.format"),
        ("45010319900307451A", "id_number.format"),
        ("٤٥٠١٠٣١٩٩٠٠٣٠٧٤٥١٥", "id_number.format"),  # isdigit() is true of these
        ("450103********4515", "id_number.format"),
        ("见附件", "id_number.format"),
    ],
)
def test_a_wrong_id_number_is_named(typed: str, code: str) -> None:
    with pytest.raises(BadId) as bad:
        read_id_number(typed)
    assert bad.value.code == code


def test_somebody_born_tomorrow_is_refused() -> None:
    assert read_id_number("45010320051001001X", today=dt.date(2005, 10, 1)).sex == "男"
    with pytest.raises(BadId) as bad:
        read_id_number("45010320051001001X", today=dt.date(2005, 9, 30))
    assert bad.value.code == "id_number.birth_date"


@pytest.mark.parametrize("number", [450103199003074515.0, 450103199003074515, 1e15])
def test_an_id_number_that_is_a_number_has_lost_digits(number: float) -> None:
    value, fault = values.id_number(number)
    assert value is None and fault is not None and fault.code == "id_number.truncated"


def test_an_old_id_number_comes_with_advice() -> None:
    for cell in ("450103900307451", 450103900307451.0):
        fault = values.id_number(cell)[1]
        assert fault is not None and (fault.code, fault.params["reason"]) == ("id_number.format", "old")


def test_an_abolished_area_is_a_warning_and_the_number_is_kept() -> None:
    number = "45250119700101001"
    number += "10X98765432"[
        sum(int(a) * b for a, b in zip(number, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    ]
    assert values.id_number(number)[0] == number
    fault = values.id_number(number)[1]
    assert fault is not None and fault.code == "id_number.area"
    assert "450103" in area_codes() and "450181" in area_codes()


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("张 三", "张三"),
        ("唐　桂香", "唐桂香"),
        ("韦\n志强", "韦志强"),
        ("王\u200b五", "王五"),
        ("  李伟\u00a0", "李伟"),
        ("阿卜杜热合曼•买买提", "阿卜杜热合曼·买买提"),
        ("阿卜杜热合曼．买买提", "阿卜杜热合曼·买买提"),
        ("阿卜杜热合曼 · 买买提", "阿卜杜热合曼·买买提"),
        ("买买提.艾力", "买买提·艾力"),
        ("𠮷野", "𠮷野"),
        ("㛃婳翀", "㛃婳翀"),
        ("欧阳 建国", "欧阳建国"),
        ("欧阳建国", "欧阳建国"),
        ("John Smith", "John Smith"),
    ],
)
def test_a_name_is_made_plain(typed: str, name: str) -> None:
    assert values.name(typed) == (name, None)


@pytest.mark.parametrize(
    ("typed", "name", "remark"),
    [
        ("韦光荣（替补）", "韦光荣", "替补"),
        ("赵六(领队兼选手)", "赵六", "领队兼选手"),
        ("李 伟 替补", "李伟", "替补"),
        ("李伟-替补", "李伟", "替补"),
    ],
)
def test_a_remark_beside_a_name_is_kept_apart(typed: str, name: str, remark: str) -> None:
    value, fault = values.name(typed)
    assert value == name and fault is not None and (fault.code, fault.params["remark"]) == ("name.remark", remark)


@pytest.mark.parametrize(
    "typed", ["张三、李四", "张三/李四", "张三 李四", "15人", "张伟1", "合计", "待定", "李", "张？", 12.0, "□伟"]
)
def test_what_is_no_name_is_said(typed: Cell) -> None:
    value, fault = values.name(typed)
    assert value is None and fault is not None and fault.code == "name.format"


@pytest.mark.parametrize(
    "cell",
    [
        "1990.03.07",
        "1990-3-7",
        "1990年3月7日",
        "19900307",
        "1990/03/07",
        dt.date(1990, 3, 7),
        dt.datetime(1990, 3, 7),
        32939,
        32939.0,
        "1990-03-07 00:00:00",
        "１９９０．３．７",
        19900307.0,
        "1990年03月07号",
    ],
)
def test_a_day_is_read_in_every_spelling(cell: Cell) -> None:
    assert values.date(cell) == ("1990-03-07", None)


@pytest.mark.parametrize(
    "cell", ["1990.03", "1990年3月", "199003", 199003.0, "1990-3", 1990.03, "90.3", "90年3月", "Mar-90"]
)
def test_a_month_is_read_in_every_spelling(cell: Cell) -> None:
    assert values.date(cell) == ("1990-03", None)


def test_a_number_that_was_a_month_may_be_january_or_october() -> None:
    assert {date.month for date in read_date(1990.1)} == {1, 10}


@pytest.mark.parametrize(
    "cell", ["1990-02-30", "1990年13月", "不详", "2190-01-01", float("nan"), float("inf"), True, "1990-"]
)
def test_what_is_no_date_is_said(cell: Cell) -> None:
    value, fault = values.date(cell)
    assert value is None and fault is not None and fault.code == "date.format"


@pytest.mark.parametrize(
    "cell",
    [
        "13800138000",
        13800138000.0,
        13800138000,
        "138-0013-8000",
        "+86 138 0013 8000",
        "8613800138000",
        "１３８００１３８０００",
        "138 0013 8000\u200b",
        "'13800138000",
        "008613800138000",
    ],
)
def test_a_mobile_number_is_made_plain(cell: Cell) -> None:
    assert values.phone(cell) == ("13800138000", None)


@pytest.mark.parametrize(
    "cell",
    [
        "0771-5501234",
        "1380013800",
        "138001380001",
        "12800138000",
        "1.38E+10",
        "13800138000/13900139000",
        "13800138000、0771-5501234",
        "无",
    ],
)
def test_what_is_not_one_mobile_number_is_said(cell: Cell) -> None:
    fault = values.phone(cell)[1]
    assert fault is not None and fault.code == "phone.format"


@pytest.mark.parametrize(
    ("cell", "level"),
    [
        ("高级工", "三级/高级工"),
        ("三级/高级工", "三级/高级工"),
        ("三级", "三级/高级工"),
        ("国家职业资格三级", "三级/高级工"),
        ("高级", "三级/高级工"),
        ("高级工（三级）", "三级/高级工"),
        ("3级", "三级/高级工"),
        ("Ⅲ级", "三级/高级工"),
        ("技师", "二级/技师"),
        ("高级技师", "一级/高级技师"),
        ("高级技师/一级", "一级/高级技师"),
        ("初级工", "五级/初级工"),
        ("中级", "四级/中级工"),
        ("特级技师", "特级技师"),
        ("首席技师", "首席技师"),
        ("无", None),
        ("/", None),
        ("", None),
    ],
)
def test_a_level_gets_its_full_form(cell: str, level: str | None) -> None:
    assert values.level(cell) == (level, None)


@pytest.mark.parametrize("cell", ["工程师", "高级工程师", "助理工程师", "见附件", "三级/技师", "高级经济师"])
def test_what_is_no_level_is_said(cell: str) -> None:
    value, fault = values.level(cell)
    assert value is None and fault is not None and fault.code == "level.unknown"


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (85.35000000000001, "85.35"),
        (85.3536, "85.3536"),
        (85.35361, "85.35361"),
        (0.0001, "0.0001"),
        (85.3536127, "85.3536127"),
        (85.0, "85"),
        ("９．５", "9.5"),
        ("8.50", "8.5"),
        (0.1 + 0.2, "0.3"),
        (0, "0"),
        ("-1.5", "-1.5"),
        (100, "100"),
    ],
)
def test_a_number_is_exact(cell: Cell, number: str) -> None:
    assert values.number(cell) == (number, None)


@pytest.mark.parametrize("cell", ["9,5", "1e3", True, float("nan"), float("inf"), "优", dt.date(2026, 1, 1), "8.5分"])
def test_what_is_no_number_is_said(cell: Cell) -> None:
    fault = values.number(cell)[1]
    assert fault is not None and fault.code == "number.format"


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("91350100M000100Y43", "91350100M000100Y43"),
        ("91350100m000100y43", "91350100M000100Y43"),
        ("91350100 M000100Y43", "91350100M000100Y43"),
        ("81450200MC0000001Q", "81450200MC0000001Q"),
        ("91450100MA5K0000X5", "91450100MA5K0000X5"),
        ("91350100M000100Y4Z", None),
        ("91350100M000100Y44", None),
        ("9135O100M000100Y43", None),
        ("", None),
    ],
)
def test_a_unified_social_credit_code_is_checked(code: str, plain: str | None) -> None:
    assert check_uscc(code) == plain


@pytest.mark.parametrize(
    ("cell", "count"), [("焊工/钳工", 2), ("焊工、电工、钳工", 3), ("焊工\n钳工", 2), ("焊工 钳工", 2)]
)
def test_two_events_in_a_cell_are_said(cell: str, count: int) -> None:
    fault = event()(cell)[1]
    assert fault is not None and (fault.code, fault.params["count"]) == ("event.multiple", count)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("焊工（手工电弧焊/氩弧焊）", "焊工（手工电弧焊/氩弧焊）"),
        ("网络与信息安全管理员", "网络与信息安全管理员"),
        ("数控\n车工", "数控车工"),
        ("钳工 ", "钳工"),
        ("变电/配电运行值班员", "变电/配电运行值班员"),
    ],
)
def test_one_event_stays_one(cell: str, value: str) -> None:
    assert event(["变电/配电运行值班员"])(cell) == (value, None)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("焊工", "焊工"),
        ("1.焊工", "焊工"),
        ("焊工报名表", "焊工"),
        ("茶艺师（12人）", "茶艺师"),
        ("网约配送员", "网约配送员"),
        ("Sheet1", None),
        ("报名汇总表", None),
        ("附件2", None),
        ("柳州市总工会", None),
        ("职工", None),
        ("裁判员", None),
        ("说明", None),
        ("农民工", None),
    ],
)
def test_a_sheet_may_be_named_after_an_event(name: str, found: str | None) -> None:
    assert event_of_sheet(name) == found


def test_a_sheet_named_after_a_known_event_gives_its_spelling() -> None:
    assert event_of_sheet("叉车组", ["叉车", "起重装卸机械操作工"]) == "叉车"


@pytest.mark.parametrize(
    ("cell", "sex"), [("男", "男"), ("M", "男"), ("女性", "女"), (2.0, "女"), ("１", "男"), ("", None)]
)
def test_sex_is_read_as_typed(cell: Cell, sex: str | None) -> None:
    assert values.sex(cell) == (sex, None)


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("√", "是"), ("✓", "是"), ("Y", "是"), (1.0, "是"), ("否", "否"), (True, "是"), ("", None), ("/", None)],
)
def test_yes_and_no_are_read_as_ticked(cell: Cell, answer: str | None) -> None:
    assert values.yes_no(cell) == (answer, None)


def test_the_area_codes_are_those_of_the_divisions() -> None:
    divisions = Path(__file__).parents[2] / "competitions" / "organisations" / "divisions.csv"
    with divisions.open(encoding="utf-8-sig", newline="") as lines:
        listed = {line["code"] for line in csv.DictReader(lines)}
    taiwan_hong_kong_macao = {"710000", "810000", "820000", "830000"}  # residence permits have the form of ID numbers
    assert area_codes() == listed | taiwan_hong_kong_macao
