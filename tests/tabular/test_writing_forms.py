"""Forms, roster templates and the user's own file with its faults marked; openpyxl and LibreOffice read them back."""

import subprocess
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from competitions.tabular.roster import read_roster
from competitions.tabular.writing import (
    EXAMPLE_MARK,
    CannotAnnotate,
    Form,
    FormBlock,
    FormField,
    Table,
    TableColumn,
    TemplateColumn,
    annotate_workbook,
    rows_to_xlsx,
    signature_line,
    write_form,
    write_template,
    write_workbook,
)

FORM = Form(
    "参赛选手报名表",
    [
        [FormField("姓名", "=1+1"), FormField("性别", "女"), FormField("民族", "壮族")],
        [FormField("身份证号", "45010219900101100X", share=2), FormField("手机", "13800000000")],
        [FormField("工作单位", "柳州示例重工有限责任公司"), FormField("从业年限", 12)],
        FormBlock("本人简历", "2010年起\n焊工"),
        FormBlock("单位意见", signing_line="（盖章）　　年　月　日"),
    ],
    photo="照片",
    photo_rows=3,
)
COLUMNS = [
    TemplateColumn("序号", example="1"),
    TemplateColumn("姓名", "与身份证一致。", "韦示例", required=True),
    TemplateColumn("身份证号", "18 位。", "45010219900101100X", required=True, length=18),
    TemplateColumn("参赛项目", options=[f"名称很长的竞赛项目第{number}项" for number in range(60)]),
]


def first_sheet(data: bytes) -> Any:
    """The first sheet, read back."""
    return load_workbook(BytesIO(data)).worksheets[0]


def pages_of(data: bytes, folder: Path) -> tuple[int, str]:
    """Pages and text of the file as LibreOffice prints it."""
    (folder / "file.xlsx").write_bytes(data)
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder),
            str(folder / "file.xlsx"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    text = subprocess.run(["pdftotext", "-layout", str(folder / "file.pdf"), "-"], check=True, capture_output=True)
    return text.stdout.count(b"\f"), text.stdout.decode()


def test_a_form_has_labels_values_and_room_for_photo_and_stamp() -> None:
    sheet = first_sheet(write_form([FORM], title="报名表"))
    texts = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    assert texts == [
        "参赛选手报名表",
        "姓名",
        "=1+1",
        "性别",
        "女",
        "民族",
        "壮族",
        "照片",
        "身份证号",
        "45010219900101100X",
        "手机",
        "13800000000",
        "工作单位",
        "柳州示例重工有限责任公司",
        "从业年限",
        "12",
        "本人简历",
        "2010年起\n焊工",
        "单位意见",
        "（盖章）　　年　月　日",
    ]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("portrait", 1)


def test_each_contestant_gets_a_page() -> None:
    names = load_workbook(BytesIO(write_form([FORM, FORM], title="报名表"))).sheetnames
    assert names == ["参赛选手报名表", "参赛选手报名表(2)"]


def test_a_template_keeps_ids_as_text_and_locks_only_what_is_above_the_rows() -> None:
    sheet = first_sheet(write_template("报名汇总表", ["提示"], COLUMNS, rows=20))
    assert [sheet.cell(3, column).value for column in range(1, 5)] == ["序号", "姓名", "身份证号", "参赛项目"]
    assert {sheet.cell(row, 3).number_format for row in (5, 24)} == {"@"}
    assert sheet.column_dimensions["C"].number_format == "@"
    assert sheet.protection.sheet and sheet.protection.password is None
    assert sheet["B3"].protection.locked and not sheet["B5"].protection.locked and not sheet["B24"].protection.locked
    assert "必填" in sheet["B3"].comment.text and "与身份证一致" in sheet["B3"].comment.text
    assert (sheet["A4"].value, sheet["B4"].value) == ("例1", EXAMPLE_MARK + "韦示例")


def test_the_reader_leaves_the_example_of_a_template_out() -> None:
    columns = [
        TemplateColumn(label, example=example)
        for label, example in [
            ("序号", "1"),
            ("代表队", "柳州市"),
            ("单位名称", "柳州示例重工有限责任公司"),
            ("参赛项目", "焊工"),
            ("姓名", "韦示例"),
            ("身份证号", "45010219900101100X"),
            ("手机", "13800000000"),
        ]
    ]
    for offered in (columns, columns[1:]):  # with and without 序号
        assert read_roster(write_template("报名汇总表", ["提示"], offered), "a.xlsx").people == []


def test_drop_down_lists_of_any_length_stand_on_a_hidden_sheet() -> None:
    workbook = load_workbook(BytesIO(write_template("报名汇总表", [], COLUMNS, rows=20)))
    rules = {rule.type: rule for rule in workbook.worksheets[0].data_validations.dataValidation}
    assert rules["list"].formula1 == "'选项'!$D$2:$D$61" and str(rules["list"].sqref) == "D5:D24"
    assert rules["textLength"].formula1 == "18"
    assert (workbook["选项"].sheet_state, workbook["选项"]["D61"].value) == ("veryHidden", "名称很长的竞赛项目第59项")


def roster() -> bytes:
    """A user's file: merged title, headings in row 2, a formula, a hidden row."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "焊工"
    for row in [["报名表"], ["姓名", "身份证号"], ["韦示例", "45"], ["黄样本", "=1+1"], ["李测试", "46"]]:
        sheet.append(row)
    sheet.merge_cells("A1:B1")
    sheet.row_dimensions[5].hidden = True
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def test_a_faulty_file_comes_back_with_its_faults_marked() -> None:
    faults = [
        ("焊工", "B3", "第 3 行身份证号应为 18 位。"),
        ("焊工", "B5", "=第 5 行"),
        ("焊工", "A5", "重名。"),
        ("焊工", None, "整表"),
    ]
    sheet = first_sheet(annotate_workbook(roster(), faults, heading_rows={"焊工": 2}))
    assert [sheet.cell(row, 3).value for row in range(1, 6)] == [
        None,
        "错误原因\n整表",
        "第 3 行身份证号应为 18 位。",
        None,
        "=第 5 行\n重名。",
    ]
    assert sheet["C5"].data_type == "s" and not sheet.row_dimensions[5].hidden
    assert sheet["B3"].fill.start_color.rgb == "00FFC7CE" and "18 位" in sheet["B3"].comment.text
    assert sheet["A3"].value == "韦示例" and sheet["A3"].comment is None and sheet["B4"].value == "=1+1"


def test_a_file_that_is_no_workbook_is_told_in_a_sentence() -> None:
    for data in (b"", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" + bytes(600), roster()[:-300]):
        with pytest.raises(CannotAnnotate, match="无法在原文件上标注"):
            annotate_workbook(data, [("焊工", "B3", "错")])


def test_a_file_that_would_eat_the_memory_dies_alone() -> None:
    stream = BytesIO()
    with ZipFile(BytesIO(roster())) as source, ZipFile(stream, "w", ZIP_DEFLATED) as target:
        for member in source.infolist():
            data = source.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                data = data.replace(b'ref="A1:B1"', b'ref="A1:XFD1048576"')  # openpyxl makes a cell for each of them
            target.writestr(member.filename, data)
    with pytest.raises(CannotAnnotate):
        annotate_workbook(stream.getvalue(), [("焊工", "A1", "错")], memory_bytes=200_000_000)
    assert annotate_workbook(roster(), [("焊工", "A1", "错")], memory_bytes=200_000_000)


def test_raw_rows_of_another_format_become_a_workbook_with_the_same_places() -> None:
    data = rows_to_xlsx({"表1": [["报名表"], [], ["韦示例", "=1+1", 12.5, "450102199001011008", ""]]})
    sheet = first_sheet(annotate_workbook(data, [("表1", "B3", "错")]))
    assert [cell.value for cell in sheet[3]] == ["韦示例", "=1+1", 12.5, "450102199001011008", "错"]
    assert sheet["B3"].data_type == "s"


def test_libreoffice_prints_a_table_over_pages_with_headings_and_signatures(tmp_path: Path) -> None:
    columns = [
        TableColumn("n", "名次", "integer"),
        TableColumn("name", "姓名"),
        TableColumn("mark", "总成绩", "number", places=2),
    ]
    rows = [{"n": number, "name": "=1+1", "mark": Decimal("95.35")} for number in range(1, 61)]
    table = Table("个人成绩汇总表", columns, rows, footer_lines=[signature_line()])
    pages, text = pages_of(write_workbook([table], title="成绩"), tmp_path)
    assert pages > 1 and text.count("总成绩") == pages
    assert text.count("=1+1") == 60 and text.count("95.35") == 60
    assert "第2页" in text.replace(" ", "") and text.count("统分人") == 1


def test_libreoffice_prints_a_form_on_one_page(tmp_path: Path) -> None:
    pages, text = pages_of(write_form([FORM], title="报名表"), tmp_path)
    assert pages == 1 and "（盖章）" in text and "=1+1" in text


def test_libreoffice_opens_a_template_and_a_marked_file(tmp_path: Path) -> None:
    template = write_template("报名汇总表", ["提示"], COLUMNS, rows=20)
    marked = annotate_workbook(template, [("报名表", "B6", "缺少姓名。")], heading_rows={"报名表": 3})
    pages, text = pages_of(marked, tmp_path)
    assert pages >= 1 and "缺少姓名。" in text and "错误原因" in text
