"""The columns of a worksheet of marks: one list for the template, the reading, the preview and the export.

A row is one score sheet: its ticket or its code (never both), the judge where the file holds several, a column for each
aspect, the time taken, stopped and granted, and hidden the revision that the row was based on. Knows aspects, no database.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from competitions.judging.schemes.aspects import DEDUCTION, JUDGEMENT, ONE_SCORE, SheetAspect
from competitions.judging.timing.paper_entries import GRANTED, STOPPED
from competitions.scoring.numbers import plain
from competitions.tabular import limits, values
from competitions.tabular.columns import Column, Columns
from competitions.tabular.prefilled_writing import PrefilledColumn
from competitions.tabular.reading import Cell
from competitions.tabular.values import Checked

NAME, JUDGE, SECONDS, BASE, MARK = "row_name", "judge", "seconds", "base", "mark."
TIMES_NOTE = "按纸面登记填写，没有的留空；由裁判长签认后计入"
LONGEST_HEADING = 33
"""The reader takes texts over 40 characters for no heading."""
MOST_ASPECTS = limits.COLUMNS - 10
"""Wider worksheets could not be read back."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a worksheet of a module looks like: named by ticket or by code, with judges, with the time taken, with what was
    stopped and granted of it.
    """

    aspects: tuple[SheetAspect, ...]
    by_ticket: bool = False
    with_judge: bool = False
    timed: bool = False
    stops: bool = False

    @property
    def named(self) -> str:
        """How a row is named."""
        return "准考证号" if self.by_ticket else "加密号"


def field_of(aspect: SheetAspect) -> str:
    """The field of an aspect's column (the prefix keeps it apart from fields that mean people)."""
    return f"{MARK}{aspect.id}"


def name_of(cell: Cell) -> Checked:
    """A ticket, a code or a judge's short name in one form: half-width capitals without spaces."""
    value, fault = values.text(20)(cell)
    return (unicodedata.normalize("NFKC", value).replace(" ", "").upper() if value else None), fault


def worksheet_columns(layout: Layout) -> Columns:
    """The columns of a worksheet of this layout, in their order."""
    named = (
        ("准考证号", ("准考证", "考号", "准考证号码", "考生号"))
        if layout.by_ticket
        else ("加密号", ("编号", "作品号", "参赛编号", "密号", "加密编号"))
    )
    columns = [
        Column("sequence", "序号", ("行号",), derived=True, width=6),
        Column(NAME, named[0], named[1], required=True, normaliser=name_of, as_text=True, width=16),
    ]
    if layout.with_judge:
        columns.append(Column(JUDGE, "裁判", ("裁判员", "裁判编号"), normaliser=name_of, as_text=True, width=8))
    names, headings = _telling_names(layout.aspects), _headings(layout.aspects)
    columns += [
        Column(
            field_of(aspect),
            headings[aspect.id],
            names[aspect.id],
            normaliser=values.number,
            width=14,
            note=advice(aspect),
        )
        for aspect in layout.aspects
    ]
    if layout.timed:
        columns.append(
            Column(
                SECONDS,
                "用时（秒）",
                ("用时", "时间（秒）"),
                normaliser=values.number,
                width=10,
                note="从开始到结束，含停表的时间；不计时的留空",
            )
        )
    if layout.stops:
        columns += [
            Column(STOPPED, "停表（秒）", ("停表", "暂停（秒）"), normaliser=values.number, width=10, note=TIMES_NOTE),
            Column(GRANTED, "补时（秒）", ("补时",), normaliser=values.number, width=10, note=TIMES_NOTE),
        ]
    return (*columns, Column(BASE, "版次（勿改）", ("版次",), normaliser=values.number, width=8))


def heading(aspect: SheetAspect) -> str:
    """What stands over an aspect's column: id, name (a long one is cut), and in brackets what may be written."""
    name = named(aspect)
    said = f"（{range_of(aspect)}）" if range_of(aspect) else ""
    if len(name) + len(said) > LONGEST_HEADING:
        said = said if len(said) + len(aspect.id) < LONGEST_HEADING else ""
        name = f"{name[: max(len(aspect.id), LONGEST_HEADING - len(said) - 1)]}…"
    return f"{name}\n{said}" if said else name


def named(aspect: SheetAspect) -> str:
    """Id and name of an aspect; the one aspect of a module without a scheme has no id to be shown."""
    return aspect.name if aspect.id == ONE_SCORE else f"{aspect.id} {aspect.name}"


def range_of(aspect: SheetAspect) -> str:
    """What may be written for an aspect, in short."""
    if aspect.kind == JUDGEMENT:
        return "0–3"
    if aspect.kind == DEDUCTION:
        return f"扣分次数，每次 {plain(aspect.per or Fraction(0))}"
    return "" if aspect.max is None else plain(aspect.max)


def advice(aspect: SheetAspect) -> str:
    """What to write into an aspect's column, in a sentence."""
    if aspect.kind == JUDGEMENT:
        return "填 0、1、2 或 3"
    if aspect.kind == DEDUCTION:
        return "填扣分次数，没有扣分填 0"
    step = f"，须为 {plain(aspect.step)} 的整数倍" if aspect.step else ""
    return (f"0 到 {plain(aspect.max)}{step}" if aspect.max is not None else f"填数字{step}") + "；空白表示还没有评"


def prefilled_columns(layout: Layout) -> list[PrefilledColumn]:
    """The same columns for the template: names given and locked, the revision hidden, ranges advised."""
    aspects = {field_of(aspect): aspect for aspect in layout.aspects}
    return [_prefilled(column, aspects) for column in worksheet_columns(layout)]


def _prefilled(column: Column, aspects: Mapping[str, SheetAspect]) -> PrefilledColumn:
    if column.field in ("sequence", BASE):
        return PrefilledColumn(column.label, "integer", given=True, hidden=column.field == BASE, width=column.width)
    if column.field in (NAME, JUDGE):
        return PrefilledColumn(column.label, "text", given=True, width=column.width)
    aspect = aspects.get(column.field)
    if aspect is None:
        return PrefilledColumn(column.label, advice=column.note, width=column.width)
    highest = None if aspect.highest is None else Decimal(plain(aspect.highest))
    whole = aspect.kind in (JUDGEMENT, DEDUCTION)
    return PrefilledColumn(
        column.label, "integer" if whole else "number", highest=highest, advice=column.note, width=column.width
    )


def _headings(aspects: Sequence[SheetAspect]) -> dict[str, str]:
    """Aspect id → its heading; where two read alike but for their marks (1.1 and 11), with the place before it."""
    found = {aspect.id: heading(aspect) for aspect in aspects}
    alike = Counter(_bare(text) for text in found.values())
    return {
        name: text if alike[_bare(text)] == 1 else f"第{place}项 {text}"
        for place, (name, text) in enumerate(found.items(), 1)
    }


def _telling_names(aspects: Sequence[SheetAspect]) -> dict[str, tuple[str, ...]]:
    """Aspect id → other headings for its column that no other aspect could mean."""
    wanted = {aspect.id: (f"{aspect.id} {aspect.name}", aspect.id, aspect.name) for aspect in aspects}
    counts = Counter(bare for names in wanted.values() for bare in {_bare(name) for name in names})
    return {
        aspect_id: tuple(name for name in names if counts[_bare(name)] == 1)
        + (("成绩", "分数", "理论成绩", "总分") if aspect_id == ONE_SCORE else ())
        for aspect_id, names in wanted.items()
    }


def _bare(text: str) -> str:
    """A heading as the reader compares it: letters and digits only."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).lower() if each.isalnum())
