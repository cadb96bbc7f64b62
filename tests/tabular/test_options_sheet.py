"""The hidden sheet of options in our own template is nobody's: silent; any other hidden sheet is named."""

from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from competitions.tabular.roster import read_roster
from competitions.tabular.template_mark import LISTS_SHEET, OPTIONS_MARK
from competitions.tabular.writing import TemplateColumn, write_template

COLUMNS = [
    TemplateColumn("姓名", required=True, example="张三"),
    TemplateColumn("身份证号", required=True, length=18),
    TemplateColumn("竞赛项目", required=True, options=["焊工", "电工"]),
]


def saved(workbook: Workbook) -> bytes:
    place = BytesIO()
    workbook.save(place)
    return place.getvalue()


def told(data: bytes) -> list[tuple[str | None, str]]:
    return [(each.sheet, each.code) for each in read_roster(data, "名单.xlsx").problems if each.code != "row.example"]


def test_our_template_comes_back_without_a_word_about_its_options() -> None:
    data = write_template("报名汇总表", [], COLUMNS)
    assert told(data) == []
    workbook = load_workbook(BytesIO(data))
    workbook[LISTS_SHEET].sheet_state = "hidden"  # what LibreOffice makes of it when it saves
    workbook.create_sheet("去年").sheet_state = "hidden"
    assert told(saved(workbook)) == [("去年", "sheet.hidden")]


@pytest.mark.parametrize("row", [["姓名", "身份证号"], [], [None] * 200 + [OPTIONS_MARK]])
def test_a_hidden_sheet_of_that_name_without_the_mark_is_named_like_any_other(row: list[str | None]) -> None:
    workbook = load_workbook(BytesIO(write_template("报名汇总表", [], COLUMNS)))
    del workbook[LISTS_SHEET]
    sheet = workbook.create_sheet(LISTS_SHEET)
    sheet.sheet_state = "hidden"
    sheet.append(row)
    assert told(saved(workbook)) == [(LISTS_SHEET, "sheet.hidden")]
