"""Rosters made of cells, for the tests of the rules: no file, no child process. Synthetic people only."""

from typing import Any

from competitions.tabular.reading import Book, Cell, Sheet
from competitions.tabular.roster import Roster, roster_of

HEADING: list[Cell] = [
    "序号",
    "代表队",
    "单位名称",
    "参赛项目",
    "姓名",
    "性别",
    "出生年月",
    "身份证号",
    "职业技能等级",
    "手机",
    "备注",
]
CODES = """file.unreadable file.encrypted file.too_large file.too_many_rows header.not_found column.missing
    sheet.hidden row.example required.missing id_number.truncated id_number.format id_number.checksum
    id_number.birth_date id_number.area name.format name.remark event.multiple row.struck phone.format sex.mismatch
    birth.mismatch duplicate.in_file cell.formula cell.error cell.merged date.format level.unknown text.too_long"""
IDS = ["450103199003074515", "450202198512203025", "450103199506152335", "451281198811090047", "45010320051001001X"]


def person(**changes: Cell) -> list[Cell]:
    """A sound row; changes by heading."""
    row: dict[str, Cell] = dict(
        zip(
            map(str, HEADING),
            [
                1.0,
                "柳州市",
                "柳州钢铁股份有限公司",
                "焊工",
                "韦志强",
                "男",
                "1990-03-07",
                IDS[0],
                "高级工",
                "13800138000",
                "",
            ],
            strict=True,
        )
    )
    return list((row | changes).values())


def roster(*rows: list[Cell], name: str = "名单", heading: list[Cell] | None = None, **facts: Any) -> Roster:
    """The roster of one sheet with the heading in row 1."""
    return roster_of(Book([Sheet(name, True, [HEADING if heading is None else heading, *rows], **facts)]))


def errors(found: Roster) -> list[tuple[str | None, str]]:
    return [(each.cell, each.code) for each in found.problems if each.severity == "error"]


def warnings(found: Roster) -> list[tuple[str | None, str]]:
    return [(each.cell, each.code) for each in found.problems if each.severity == "warning"]
