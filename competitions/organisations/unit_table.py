"""The worksheets of unions and employers: one list of columns for template, import and export. Knows no database."""

from collections.abc import Mapping, Sequence
from typing import Any

from competitions.organisations.models import Employer, Union
from competitions.tabular import values
from competitions.tabular.columns import YES_NO, Column, Columns
from competitions.tabular.table import Table, read_table
from competitions.tabular.writing import TableColumn, TemplateColumn, write_template
from competitions.words.codes import WORDS

_SEQUENCE = Column("sequence", "序号", ("编号",), derived=True, width=6)
UNION_COLUMNS: Columns = (
    _SEQUENCE,
    Column("unit_name", "工会名称", ("工会全称", "名称"), required=True, normaliser=values.title(120), width=30),
    Column(
        "parent",
        "上级工会",
        ("上级工会名称", "主管工会"),
        required=True,
        normaliser=values.text(120),
        width=26,
        note="写上级工会的全称；可以是本表上面刚列出的工会",
    ),
    Column(
        "kind",
        "工会类型",
        ("类型",),
        required=True,
        normaliser=values.choice(list(WORDS["union_kind"].values())),
        choices=tuple(WORDS["union_kind"].values()),
        width=16,
    ),
    Column("short_name", "简称", (), normaliser=values.text(60), width=14),
    Column("area_code", "区划代码", ("行政区划代码",), normaliser=values.text(6), as_text=True, width=12),
    Column(
        "uscc",
        "统一社会信用代码",
        ("工会统一社会信用代码", "信用代码"),
        normaliser=values.uscc,
        as_text=True,
        width=22,
        note="工会自己的代码，以 81 开头",
    ),
    Column("contact", "联系人", (), normaliser=values.text(60), width=12),
    Column("contact_phone", "联系电话", ("电话",), normaliser=values.text(40), as_text=True, width=16),
)
EMPLOYER_COLUMNS: Columns = (
    _SEQUENCE,
    Column(
        "unit_name", "单位名称", ("单位全称", "企业名称", "名称"), required=True, normaliser=values.title(120), width=30
    ),
    Column("uscc", "统一社会信用代码", ("社会信用代码", "信用代码"), normaliser=values.uscc, as_text=True, width=22),
    Column(
        "union",
        "所属工会",
        ("工会", "所在工会"),
        normaliser=values.text(120),
        width=26,
        note="写工会全称；还没有建会的留空",
    ),
    Column(
        "ownership",
        "单位性质",
        ("经济类型", "所有制"),
        normaliser=values.choice(list(WORDS["ownership"].values())),
        choices=tuple(WORDS["ownership"].values()),
        width=16,
    ),
    Column(
        "industry",
        "行业",
        ("行业门类", "所属行业"),
        normaliser=values.choice(list(WORDS["industry"].values())),
        choices=tuple(WORDS["industry"].values()),
        width=20,
    ),
    Column(
        "size",
        "规模",
        ("企业规模",),
        normaliser=values.choice(list(WORDS["unit_size"].values())),
        choices=tuple(WORDS["unit_size"].values()),
        width=8,
    ),
    Column("park", "所在园区", ("园区",), normaliser=values.text(60), width=16),
    Column("new_employment", "新就业形态", ("是否新就业形态",), normaliser=values.yes_no, choices=YES_NO, width=10),
    Column("area_code", "区划代码", ("行政区划代码",), normaliser=values.text(6), as_text=True, width=12),
)
MOST_ROWS = 2000
"""Rows of one file: each is checked and recorded by itself within one transaction."""
_EXAMPLES = {
    "unit_name": "某某有限公司工会委员会",
    "parent": "南宁市青秀区总工会",
    "kind": "企业工会",
    "area_code": "450103",
    "contact": "王老师",
    "contact_phone": "0771-5550000",
    "union": "某某有限公司工会委员会",
    "ownership": "民营（非公）",
    "industry": "制造业",
    "size": "中型",
    "new_employment": "否",
}


def read_units(data: bytes, filename: str, columns: Columns) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of a file as {"row", "values", "faults"} (faults are sentences), and what is wrong with the file itself."""
    table = read_table(data, filename, columns)
    return staged_form(table), file_faults(table)


def staged_form(table: Table) -> list[dict[str, Any]]:
    """The data rows of a table as JSON values, each with the sentences of its problems."""
    return [
        {
            "row": row.number,
            "values": row.values,
            "faults": [found.message for found in row.problems if found.severity == "error"],
        }
        for row in table.rows
    ]


def file_faults(table: Table) -> list[str]:
    """Sentences about the file as a whole: unreadable, no heading, a column missing, no rows, too many rows."""
    inside = {id(found) for row in table.rows for found in row.problems}
    said = [found.message for found in table.problems if found.severity == "error" and id(found) not in inside]
    if not said and not table.rows:
        said.append("表格里没有可导入的行。请在表头下面逐行填写后重新上传。")
    if len(table.rows) > MOST_ROWS:
        said.append(f"表格有 {len(table.rows)} 行，一次最多导入 {MOST_ROWS} 行。请拆成几个文件后上传。")
    return said


def unit_template(title: str, columns: Columns) -> bytes:
    """The .xlsx to be filled in."""
    tips = [
        "带 * 的列必须填写，其余可以留空。",
        "名称已在系统中的行按本表更新，留空的格不改动原有内容。",
        "灰色的示例行不会导入。",
    ]
    return write_template(title, tips, [_template_column(column) for column in columns], sheet_name="导入表")


def _template_column(column: Column) -> TemplateColumn:
    return TemplateColumn(
        column.label,
        advice=column.note,
        example=_EXAMPLES.get(column.field, ""),
        options=column.choices,
        required=column.required,
        width=column.width,
    )


def export_columns(columns: Columns) -> list[TableColumn]:
    """The same columns for an export."""
    return [
        TableColumn(column.field, column.label, "integer" if column.field == "sequence" else "text")
        for column in columns
    ]


def union_rows(unions: Sequence[Union]) -> list[Mapping[str, object]]:
    """Unions as rows of the union worksheet (parents must be loaded)."""
    return [
        {
            "sequence": number,
            "unit_name": union.name,
            "parent": union.parent.name if union.parent else "",
            "kind": WORDS["union_kind"][union.kind],
            "short_name": union.short_name,
            "area_code": union.area_code,
            "uscc": union.uscc,
            "contact": union.contact,
            "contact_phone": union.contact_phone,
        }
        for number, union in enumerate(unions, 1)
    ]


def employer_rows(employers: Sequence[Employer]) -> list[Mapping[str, object]]:
    """Employers as rows of the employer worksheet (unions must be loaded)."""
    return [
        {
            "sequence": number,
            "unit_name": each.name,
            "uscc": each.uscc,
            "union": each.union.name if each.union else "",
            "ownership": WORDS["ownership"][each.ownership],
            "industry": WORDS["industry"].get(each.industry[:1], ""),
            "size": WORDS["unit_size"][each.size],
            "park": each.park,
            "new_employment": each.new_employment,
            "area_code": each.area_code,
        }
        for number, each in enumerate(employers, 1)
    ]
