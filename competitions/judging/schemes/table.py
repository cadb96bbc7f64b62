"""Marking schemes as worksheets: one list of columns for the template, the reading and the export. Knows no database.

A row is an aspect: id, name, kind, maximum, step, per fault, cap, rule, and for judgements what 0, 1, 2 and 3 mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from competitions.base.errors import Invalid
from competitions.judging.schemes.aspects import DEDUCTION, JUDGEMENT, MEASUREMENT
from competitions.judging.schemes.versions import COLUMNS, read_rows
from competitions.judging.schemes.versions import KIND_WORDS as KINDS_AS_TYPED
from competitions.programme.models import Module
from competitions.scoring.numbers import plain
from competitions.tabular import values
from competitions.tabular.columns import Column, Columns
from competitions.tabular.table import Row, Table, TableSheet
from competitions.tabular.values import as_text
from competitions.tabular.writing import Table as Printed
from competitions.tabular.writing import TableColumn, TemplateColumn, signature_line, write_template
from competitions.words.sentences import sentence, worded

KIND_WORDS = {MEASUREMENT: "测量", JUDGEMENT: "评价", DEDUCTION: "扣分"}
LONGEST_GRADE = 200
ALWAYS = ("sequence", "aspect_id", "aspect_name", "aspect_kind", "aspect_max", "aspect_rule")
"""Columns that are printed even when nothing stands in them."""
GRADES = tuple(f"grade_{grade}" for grade in range(4))
_PREFIX = "aspect_"
"""Keeps `name` apart from the field that means a person."""

SCHEME_COLUMNS: Columns = (
    Column("sequence", "序号", ("行号",), derived=True, width=6),
    Column(
        "aspect_id",
        "编号",
        ("评分项编号", "项目编号", "Aspect ID"),
        required=True,
        normaliser=values.text(60),
        as_text=True,
        width=10,
        note="每项一个编号，如 A1",
    ),
    Column(
        "aspect_name",
        "评分项",
        ("评分要点", "考核内容", "考核要点", "评分内容", "项目名称"),
        required=True,
        normaliser=values.text(400),
        width=30,
    ),
    Column(
        "aspect_kind",
        "类型",
        ("评分类型", "评分方式"),
        normaliser=values.text(40),
        choices=tuple(KIND_WORDS.values()),
        width=10,
        note="测量、评价或扣分；留空按测量",
    ),
    Column(
        "aspect_max",
        "配分",
        ("满分", "分值", "最高分"),
        normaliser=values.text(40),
        width=8,
        note="各项配分之和须等于本模块满分",
    ),
    Column(
        "aspect_step", "步长", ("给分步长",), normaliser=values.text(40), width=8, note="只用于测量，如 0.5；可留空"
    ),
    Column("aspect_per", "每次扣分", ("每处扣分", "每次扣"), normaliser=values.text(40), width=10, note="只用于扣分项"),
    Column(
        "aspect_cap",
        "扣分上限",
        ("最多扣分", "扣分限额"),
        normaliser=values.text(40),
        width=10,
        note="只用于扣分项；可留空",
    ),
    Column("aspect_rule", "评分标准", ("评分细则", "扣分细则", "评分说明"), normaliser=values.text(1000), width=36),
    *(
        Column(
            name,
            f"{grade} 分标准",
            (f"{grade}分", f"评价{grade}分标准", f"{grade}档标准"),
            normaliser=values.text(1000),
            width=16,
            note="只用于评价项，四档都写或都不写",
        )
        for grade, name in enumerate(GRADES)
    ),
)
_EXAMPLES = {
    "aspect_id": "A1",
    "aspect_name": "焊缝外观",
    "aspect_kind": "测量",
    "aspect_max": "10",
    "aspect_step": "0.5",
    "aspect_rule": "咬边深度不超过 0.5 mm",
}
Fault = tuple[str, str | None, str]


@dataclass(slots=True)
class SchemeRow:
    """A row of the file in the preview: its texts by field, what is wrong with it by field ("" for the row)."""

    sheet: TableSheet
    row: Row
    texts: Mapping[str, str]
    says: dict[str, list[str]] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """The row's number in the user's file."""
        return self.row.number


@dataclass(slots=True)
class ReadScheme:
    """A file's scheme: its rows, the aspects when all is well, what is wrong with the file itself."""

    rows: list[SchemeRow]
    aspects: list[dict[str, Any]]
    faults: list[Fault]

    @property
    def is_sound(self) -> bool:
        """Whether the aspects can be saved."""
        return bool(self.aspects) and not self.faults and not any(row.says for row in self.rows)

    def all_faults(self) -> list[Fault]:
        """Every fault, by sheet and cell."""
        return [
            *self.faults,
            *(
                (row.sheet.name, row.sheet.cell(row.row, name) or f"A{row.number}", said)
                for row in self.rows
                for name, found in row.says.items()
                for said in found
            ),
        ]


def read_scheme(table: Table, full: Fraction | None) -> ReadScheme:
    """The scheme of a table, checked by the rules of the grid; every fault by cell.

    `full`: what the aspects' maxima must sum to (None: whatever they do).
    """
    inside = {id(found) for row in table.rows for found in row.problems}
    faults: list[Fault] = [
        (found.sheet or "", found.cell, found.message)
        for found in table.problems
        if found.severity == "error" and id(found) not in inside
    ]
    rows = [_scheme_row(sheet, row) for sheet in table.sheets for row in sheet.rows if row.kind == "data"]
    if not rows and not faults:
        faults.append(("", None, sentence("scheme.no_rows")))
    aspects: list[dict[str, Any]] = []
    try:
        aspects = read_rows([{name: row.texts[f"{_PREFIX}{name}"] for name in COLUMNS} for row in rows])
    except Invalid as fault:
        faults += _placed(rows, fault)
    for row in rows:
        _check_grades(row)
    for row, aspect in zip(rows, aspects, strict=False):
        if aspect["kind"] == JUDGEMENT and all(row.texts[name] for name in GRADES):
            aspect["grades"] = [row.texts[name] for name in GRADES]
    total = sum((Fraction(aspect["max"]) for aspect in aspects), Fraction(0))
    if aspects and full is not None and total != full:
        faults.append((rows[0].sheet.name, None, sentence("scheme.sum", total=plain(total), full=plain(full))))
    return ReadScheme(rows, aspects, faults)


def _scheme_row(sheet: TableSheet, row: Row) -> SchemeRow:
    texts = {
        column.field: row.values.get(column.field) or as_text(sheet.raw(row, column.field))
        for column in SCHEME_COLUMNS
        if not column.derived
    }
    found = SchemeRow(sheet, row, texts)
    for problem in row.problems:
        if problem.severity == "error":
            name = next((name for name in texts if problem.cell and sheet.cell(row, name) == problem.cell), "")
            found.says.setdefault(name, []).append(problem.message)
    return found


def _placed(rows: Sequence[SchemeRow], fault: Invalid) -> list[Fault]:
    """The grid's problems at their rows and cells; those of the whole scheme are returned."""
    whole: list[Fault] = []
    for problem in fault.problems:
        number, _, column = (problem.where or "0.").partition(".")
        if int(number) == 0:
            whole.append((rows[0].sheet.name if rows else "", None, worded(problem)))
            continue
        row = rows[int(number) - 1]
        if row.says.get(f"{_PREFIX}{column}"):
            continue
        said = sentence(problem.code, **{**problem.params, "row": row.number})
        row.says.setdefault(f"{_PREFIX}{column}", []).append(said)
    return whole


def _check_grades(row: SchemeRow) -> None:
    """What 0, 1, 2 and 3 mean: for judgements only, all four or none, not too long."""
    given = [name for name in GRADES if row.texts[name]]
    kind = KINDS_AS_TYPED.get(row.texts["aspect_kind"].lower(), "") if row.texts["aspect_kind"] else MEASUREMENT
    wrong = {name: "scheme.grades_long" for name in given if len(row.texts[name]) > LONGEST_GRADE}
    if given and kind == JUDGEMENT:
        wrong |= {name: "scheme.grades_some" for name in GRADES if name not in given}
    elif given and kind:
        wrong[given[0]] = "scheme.grades_kind"
    for name, code in wrong.items():
        row.says.setdefault(name, []).append(sentence(code, row=row.number, limit=LONGEST_GRADE))


def scheme_template(module: Module, full: str | None) -> bytes:
    """The worksheet to be filled in."""
    tips = [
        "一行一个评分项；类型写测量（给分）、评价（各裁判评 0–3 级）或扣分（按次数扣）。",
        f"各项配分之和须等于本模块满分 {full}。" if full else "本模块按用时排名，不核对配分之和。",
        "灰色的示例行不会导入。上传后先预览，确认后保存为新的一版。",
    ]
    columns = [
        TemplateColumn(
            column.label,
            advice=column.note,
            example=_EXAMPLES.get(column.field, ""),
            options=column.choices,
            required=column.required,
            width=column.width,
        )
        for column in SCHEME_COLUMNS
    ]
    return write_template(f"{module.name} 评分细则", tips, columns, sheet_name="评分细则", rows=150)


def scheme_printed(module: Module, number: int, aspects: Sequence[Mapping[str, Any]]) -> Printed:
    """A version of the scheme as a table that can be printed and signed, and read in again."""
    numbers = {"aspect_max", "aspect_step", "aspect_per", "aspect_cap"}
    rows = [_printed_row(place, aspect) for place, aspect in enumerate(aspects, 1)]
    columns = [
        TableColumn(
            column.field,
            column.label,
            "integer" if column.field == "sequence" else ("number" if column.field in numbers else "text"),
            width=column.width - 2 if column.width > 20 else None,
        )
        for column in SCHEME_COLUMNS
        if column.field in ALWAYS or any(row.get(column.field) for row in rows)
    ]
    total = sum((Decimal(aspect["max"]) for aspect in aspects), Decimal(0))
    return Printed(
        f"{module.stage.event.name}{module.name}评分细则",
        columns,
        rows,
        [f"{module.stage.name}　第 {number} 版"],
        [f"合计：配分 {total:f}", signature_line(("编制", "裁判长", "监督员"))],
        sheet_name="评分细则",
    )


def _printed_row(place: int, aspect: Mapping[str, Any]) -> dict[str, object]:
    shown: dict[str, object] = {f"{_PREFIX}{name}": aspect.get(name, "") for name in ("id", "name", "rule")}
    shown |= {
        f"{_PREFIX}{name}": Decimal(aspect[name]) if aspect.get(name) not in (None, "") else None
        for name in ("max", "step", "per", "cap")
    }
    grades = dict(zip(GRADES, aspect.get("grades", ()), strict=False))
    return {"sequence": place, "aspect_kind": KIND_WORDS[aspect["kind"]], **shown, **grades}
