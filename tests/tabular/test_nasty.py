"""Files that break readers: each gives cells or a clear problem within the limits, and this process survives."""

import io
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from openpyxl import Workbook

from competitions.tabular import limits, reading
from competitions.tabular.problems import Unreadable
from competitions.tabular.reading import read_book
from competitions.tabular.roster_check import check
from tests.tabular import fuzz, hostile
from tests.tabular.mutations import mutated

NASTY = Path(__file__).parents[1] / "data" / "nasty"
OWN = Path(__file__).parent / "data"
INDEX = json.loads((NASTY / "_index.json").read_text(encoding="utf-8"))

CELLS = {
    "calamine__date_1904.xlsx": ("A1", "2021-01-01"),
    "calamine__date_1904.xls": ("A1", "2021-01-01"),
    "calamine__date_iso.xlsx": ("A1", "2021-01-01"),
    "calamine__date.xlsb": ("A1", "2021-01-01"),
    "calamine__inlineStr_cdata.xlsx": ("A1", "Hello CDATA"),
    "calamine__rph.xlsx": ("A1", "課きく\u3000毛こ"),
    "calamine__header-row.xlsx": ("C3", "Note 1"),
    "calamine__nonstandard-xml-ns-prefix.xlsx": ("B1", "b"),
    "poi__chinese-provinces.xls": ("B2", "安徽省"),
    "poi__TwoSheetsOneHidden.xlsx": ("A1", "Sheet2A1"),
    "xlrd__ragged.xls": ("B2", "e"),
    "test_files__1904.biff5": ("B1", "1904-01-02"),
    "calamine__biff5_write.xls": ("A3", "foo"),
    "calamine__number_rows_repeated.ods": ("B2", "D"),
}
CODES = {
    "calamine__pass_protected.xlsx": "file.encrypted",
    "calamine__pass_protected.ods": "file.encrypted",
    "poi__password.xls": "file.encrypted",
    "poi__poc-xmlbomb.xlsx": "file.unreadable",
    "poi__poc-shared-strings.xlsx": "file.unreadable",
    "calamine__OOM_alloc3.xls": "file.unreadable",
    "calamine__too_small.xls": "file.unreadable",
    "poi__xlsx-corrupted.xlsx": "file.unreadable",
    "poi__duplicate-filename.xlsx": "file.unreadable",
    "poi__testEXCEL_3.xls": "file.unreadable",
    "test_files__1904.xml": "file.unreadable",
    "calamine__issue_594_dos.ods": "file.unreadable",
}


@pytest.mark.parametrize("name", [each["file"] for each in INDEX])
def test_a_nasty_file_gives_cells_or_a_clear_problem(name: str) -> None:
    data = (NASTY / name).read_bytes()
    said, seconds = fuzz.outcome(name, data)
    assert seconds < limits.CHILD_SECONDS
    assert said == CODES[name] if name in CODES else not said.startswith("file.") or name not in CELLS


@pytest.mark.parametrize("name", CELLS)
def test_a_nasty_file_keeps_its_cells_where_they_are(name: str) -> None:
    address, expected = CELLS[name]
    book = read_book((NASTY / name).read_bytes(), name)
    rows = next(sheet for sheet in book.sheets if sheet.visible).rows
    found = rows[int(address[1:]) - 1][ord(address[0]) - 65]
    assert (found if isinstance(found, str) else str(found)) == expected


@pytest.mark.parametrize("name", hostile.files())
def test_a_hostile_file_is_refused_and_the_process_survives(name: str) -> None:
    data, code = hostile.files()[name]
    began = time.monotonic()
    document, status = check(data, name)
    assert status == 2 and document["problems"][0]["code"].startswith(code), document
    assert time.monotonic() - began < limits.CHILD_SECONDS


def test_a_hundred_damaged_files_do_no_harm() -> None:
    with ThreadPoolExecutor(fuzz.WORKERS) as pool:
        outcomes = [each.result()[0] for each in [pool.submit(fuzz.outcome, *file) for file in mutated(7, 100)]]
    assert len(outcomes) == 100 and "exit 0" in outcomes and "file.unreadable" in outcomes


@pytest.mark.parametrize("name", ["unions.xlsx", "unions.xls", "unions.ods"])
def test_formulas_errors_struck_and_hidden_rows_and_merged_cells_are_seen_in_every_format(name: str) -> None:
    document, status = check((OWN / name).read_bytes(), name)
    assert status == 1
    assert [(each["cell"], each["code"]) for each in document["problems"] if each["code"] != "id_number.area"] == [
        (None, "sheet.hidden"),
        ("D5", "row.struck"),
        ("E6", "cell.formula"),
        ("G7", "cell.error"),
        ("F8", "id_number.truncated"),
    ]
    assert [(each["row"], each["organisation"], each["delegation"], each["event"]) for each in document["people"]] == [
        (row, "柳州钢铁股份有限公司", "柳州市", "焊工") for row in (3, 4, 5)
    ]
    book = read_book((OWN / name).read_bytes(), name)
    assert 3 in book.sheets[0].hidden_rows


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"  \r\n ", "empty"),
        (b"%PDF-1.7 x", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"Rar!\x1a\x07", "archive"),
        (b"<html><table>", "web"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook>", "web"),
        (b"a,b\n\xff\xff\x81", "encoding"),
    ],
)
def test_what_is_no_table_is_said_with_advice(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read_book(data, "名单.csv")
    assert unreadable.value.problem.params["reason"] == reason


def test_styled_blank_cells_far_away_do_no_harm() -> None:
    data = hostile.with_sheet(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c><c r="XFD1" s="0"/></row>'
        '<row r="1048576"><c r="A1048576" s="0"/></row>'
    )
    assert read_book(data, "a.xlsx").sheets[0].rows == [["姓名"]]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("姓名,身份证号\n𠮷野,'45010320051001001X\n", "gb18030"),
        ("姓名;身份证号\n𠮷野;45010320051001001X\n", "utf-8"),
        ('姓名\t身份证号\n𠮷野\t="45010320051001001X"\n', "utf-16"),
        ("标题，无逗号\n姓名,身份证号\n𠮷野,\t45010320051001001X", "utf-8-sig"),
    ],
)
def test_a_text_table_is_read_in_its_encoding_and_delimiter(text: str, encoding: str) -> None:
    document, status = check(text.encode(encoding), "名单.csv")
    assert [(each["name"], each["id_number"]) for each in document["people"]] == [("𠮷野", "45010320051001001X")], (
        document
    )
    assert status == 0


def test_an_old_system_that_calls_text_xls_is_understood() -> None:
    document, _ = check("姓名\t身份证号\n韦志强\t450103199003074515\n".encode("gb18030"), "导出.xls")
    assert document["people"][0]["name"] == "韦志强"


def test_cells_without_addresses_are_placed_by_their_order() -> None:
    rows = (
        '<row><c t="inlineStr"><is><t>姓名</t></is></c><c t="inlineStr"><is><t>身份证号</t></is></c></row>'
        '<row><c t="inlineStr"><is><t>韦志强</t></is></c><c t="str"><f>A1</f><v>450103199003074515</v></c></row>'
    )
    document, _ = check(hostile.with_sheet(rows), "a.xlsx")
    assert [(each["cell"], each["code"]) for each in document["problems"]] == [("B2", "cell.formula")]


def test_a_child_that_dies_is_an_unreadable_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dying = tmp_path / "child.py"
    for body in ("import os; os.abort()", "import sys; sys.exit(3)", "print('no json')", ""):
        dying.write_text(body)
        monkeypatch.setattr(reading, "_CHILD", dying)
        with pytest.raises(Unreadable) as unreadable:
            read_book(b"a,b", "a.csv")
        assert unreadable.value.problem.code == "file.unreadable"


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hanging = tmp_path / "child.py"
    hanging.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(reading, "_CHILD", hanging)
    monkeypatch.setattr(limits, "CHILD_SECONDS", 0.3)
    began = time.monotonic()
    with pytest.raises(Unreadable):
        read_book(b"a,b", "a.csv")
    assert time.monotonic() - began < 5


def test_the_child_knows_no_secret_of_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    telling = tmp_path / "child.py"
    telling.write_text("import os, json; print(json.dumps({'sheets': [], 'seen': list(os.environ)}))")
    monkeypatch.setattr(reading, "_CHILD", telling)
    assert "SECRET_KEY" not in reading._ask_child(b"a", "text", True)["seen"]


def test_a_macro_workbook_is_read_without_its_macros() -> None:
    assert [sheet.rows for sheet in read_book((NASTY / "calamine__vba.xlsm").read_bytes(), "a.xlsm").sheets] == [
        [],
        [],
        [],
    ]


def test_the_command_prints_the_document_and_exits_by_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from competitions.tabular.__main__ import main

    book = Workbook()
    book.active.append(["姓名", "身份证号"])
    book.active.append(["韦志强", "450103199003074515"])
    stream = io.BytesIO()
    book.save(stream)
    path = tmp_path / "焊工.xlsx"
    path.write_bytes(stream.getvalue())
    assert main([str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["people"][0]["name"] == "韦志强"
    assert main([str(tmp_path / "missing.xlsx")]) == 2
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "file.unreadable"
