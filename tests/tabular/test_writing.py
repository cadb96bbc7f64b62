"""Tables, CSV and file names as they leave the system; openpyxl reads them back."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from competitions.tabular.writing import (
    Table,
    TableColumn,
    content_disposition,
    signature_line,
    write_csv,
    write_workbook,
)

COLUMNS = [
    TableColumn("place", "名次", "integer"),
    TableColumn("name", "姓名"),
    TableColumn("id_number", "身份证号"),
    TableColumn("total", "总成绩", "number", places=2),
    TableColumn("day", "日期", "date"),
]
ROW = {
    "place": 1,
    "name": "韦示例",
    "id_number": "45010219900101100X",
    "total": Decimal("95.35"),
    "day": date(2026, 5, 8),
}
DANGEROUS = ["=1+1", "+86", "-x", "@SUM(A1)", "＝1", "\t=1", "{=1}", '=HYPERLINK("http://example.test")']


def sheet_of(columns: list[TableColumn], rows: list[dict[str, Any]], **more: Any) -> Any:
    """The sheet, read back."""
    data = write_workbook([Table("成绩", columns, rows, **more)], title="成绩")
    return load_workbook(BytesIO(data)).worksheets[0]


def value_cells(kind: Any, *values: object, places: int | None = None) -> list[Any]:
    """The cells of one column of this kind."""
    sheet = sheet_of([TableColumn("v", "值", kind, places=places)], [{"v": value} for value in values])
    return [sheet.cell(3 + index, 1) for index in range(len(values))]


@pytest.mark.parametrize("kind", ["text", "number", "integer", "date"])
def test_text_never_becomes_a_formula(kind: str) -> None:
    for text, cell in zip(DANGEROUS, value_cells(kind, *DANGEROUS), strict=True):
        assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


def test_titles_and_headings_never_become_formulas() -> None:
    table = Table("=1+1", [TableColumn("a", "=2")], [], subtitle_lines=["@x"], footer_lines=["+1"], annex="-x")
    data = write_workbook([table], title="=1+1")
    sheet = load_workbook(BytesIO(data)).worksheets[0]
    assert [sheet.cell(row, 1).value for row in range(1, 6)] == ["-x", "=1+1", "@x", "=2", "+1"]
    assert all(sheet.cell(row, 1).data_type == "s" for row in range(1, 6))
    assert b"<f>" not in ZipFile(BytesIO(data)).read("xl/worksheets/sheet1.xml")


def test_a_negative_number_stays_a_number() -> None:
    whole, mark = value_cells("integer", -5, 0)
    assert (whole.value, whole.data_type, mark.value) == (-5, "n", 0)


def test_a_decimal_keeps_its_digits_in_the_file_and_its_places_on_the_paper() -> None:
    cells = value_cells("number", Decimal("95.35"), Decimal("88.125"), Decimal("90"), Decimal("-0.5"), places=2)
    assert [cell.value for cell in cells] == [95.35, 88.125, 90, -0.5]
    assert [cell.number_format for cell in cells] == ["0.00", "0.000", "0.00", "0.00"]
    data = write_workbook([Table("t", COLUMNS, [ROW])], title="t")
    assert b"<v>95.35</v>" in ZipFile(BytesIO(data)).read("xl/worksheets/sheet1.xml")
    assert value_cells("number", Decimal("9.50"))[0].number_format == "0.00"


def test_a_number_too_long_for_a_spreadsheet_is_written_as_text() -> None:
    long, not_finite = value_cells("number", 450102199001011008, Decimal("NaN"))
    assert (long.value, not_finite.value) == ("450102199001011008", "NaN")


@pytest.mark.parametrize("value", [0.1, Fraction(1, 3)])
def test_a_float_or_a_fraction_is_refused_because_it_would_have_to_be_rounded(value: object) -> None:
    with pytest.raises(TypeError):
        value_cells("number", value)


def test_ids_and_phones_are_text_cells() -> None:
    for cell in value_cells("text", "450102199001011008", "13800000000", "007", 7):
        assert (cell.data_type, cell.number_format) == ("s", "@")


def test_absent_zero_and_blank_look_different() -> None:
    absent, zero, blank = value_cells("number", "缺考", Decimal(0), None)
    assert (absent.value, zero.value, blank.value) == ("缺考", 0, None)
    assert blank.border.left.style == "thin"


def test_dates_are_dates_and_times_are_shown_in_beijing_time() -> None:
    day, time = value_cells("date", date(2026, 5, 8), datetime(2026, 5, 8, 16, 30, tzinfo=UTC))
    assert (day.value, day.number_format) == (datetime(2026, 5, 8), "yyyy-mm-dd")
    assert time.value == datetime(2026, 5, 9, 0, 30)
    assert value_cells("text", True, False)[0].value == "是"


def test_characters_that_a_workbook_cannot_hold_are_removed_and_others_survive() -> None:
    cells = value_cells("text", "韦\x00\x0b示\ud800例\uffff", "𠮷䶮", 'a<b>&"c"\r\n二行', "  两端  ", "x" * 40_000)
    assert [cell.value for cell in cells[:4]] == ["韦示例", "𠮷䶮", 'a<b>&"c"\n二行', "  两端  "]
    assert len(cells[4].value) == 32_767


def test_a_table_is_ready_for_printing() -> None:
    sheet = sheet_of(COLUMNS, [ROW] * 3, subtitle_lines=["填报单位"], footer_lines=[signature_line()], autofilter=True)
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert (sheet.print_title_rows, sheet.freeze_panes, sheet.auto_filter.ref) == ("$3:$3", "A4", "A3:E6")
    assert sheet.oddFooter.center.text == "第 &P 页  共 &N 页"
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:E1", "A2:E2", "A7:E7"}
    assert sheet["A7"].value.startswith("统分人：") and sheet.dimensions == "A1:E7"


def test_a_long_text_makes_its_row_higher() -> None:
    sheet = sheet_of([TableColumn("v", "备注", width=20)], [{"v": "字" * 30}, {"v": "字"}])
    assert sheet.row_dimensions[3].height > 40
    assert sheet.row_dimensions[4].height is None


def test_sheet_names_are_made_acceptable_and_different() -> None:
    titles = ["焊工[决赛]/甲:乙*丙?丁", "长" * 40, "长" * 40]
    tables = [Table(title, COLUMNS, []) for title in titles]
    names = load_workbook(BytesIO(write_workbook(tables, title="t"))).sheetnames
    assert names == ["焊工_决赛__甲_乙_丙_丁", "长" * 31, "长" * 28 + "(2)"]


def test_the_file_names_the_system_and_no_person_and_no_time() -> None:
    data = write_workbook([Table("t", COLUMNS, [ROW])], title="成绩")
    properties = load_workbook(BytesIO(data)).properties
    assert properties.creator == properties.lastModifiedBy == "职工技能竞赛系统"
    assert properties.title == "成绩"
    assert properties.created == properties.modified == datetime(2000, 1, 1)
    assert {member.date_time for member in ZipFile(BytesIO(data)).infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert data == write_workbook([Table("t", COLUMNS, [ROW])], title="成绩")


def test_the_reference_of_an_export_is_printed_on_each_page() -> None:
    data = write_workbook([Table("t", COLUMNS, [])], title="t", reference="EX&7")
    assert "&amp;L编号：EX&amp;&amp;7&amp;C第" in ZipFile(BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()


def csv_rows(data: bytes) -> list[list[str]]:
    """The file as a spreadsheet program reads it."""
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))


def test_csv_text_that_looks_like_a_formula_gets_an_apostrophe_and_numbers_do_not() -> None:
    texts = ["=1", " +86", "－x", "@a", "\tx", "'=1", '韦,示"例', "a-b"]
    rows = [{"name": text, "total": Decimal("-5")} for text in texts]
    columns = [TableColumn("name", "姓名"), TableColumn("total", "扣分", "number", places=1)]
    written = csv_rows(write_csv(columns, rows))
    assert [row[0] for row in written[1:]] == ["'=1", "' +86", "'－x", "'@a", "'\tx", "''=1", '韦,示"例', "a-b"]
    assert {row[1] for row in written[1:]} == {"-5.0"}
    assert [row[0].removeprefix("'") for row in written[1:]] == texts


def test_csv_values_of_all_kinds() -> None:
    written = csv_rows(write_csv(COLUMNS, [ROW, {"name": None, "total": "缺考", "place": "=1"}]))
    assert written == [
        ["名次", "姓名", "身份证号", "总成绩", "日期"],
        ["1", "韦示例", "45010219900101100X", "95.35", "2026-05-08"],
        ["'=1", "", "", "缺考", ""],
    ]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("成绩.xlsx", "attachment; filename=\"download.xlsx\"; filename*=UTF-8''%E6%88%90%E7%BB%A9.xlsx"),
        ("2026 焊工.csv", "attachment; filename=\"2026.csv\"; filename*=UTF-8''2026%20%E7%84%8A%E5%B7%A5.csv"),
        ('a\r\nb"c/../d.pdf', "attachment; filename=\"a__b_c_.._d.pdf\"; filename*=UTF-8''a__b_c_.._d.pdf"),
        ("", "attachment; filename=\"download\"; filename*=UTF-8''download"),
    ],
)
def test_a_download_has_its_chinese_name_and_an_ascii_one(name: str, header: str) -> None:
    assert content_disposition(name) == header
