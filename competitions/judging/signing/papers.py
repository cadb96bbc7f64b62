"""Papers of a module as tables: 评分表 for a code and judge, 成绩汇总表 by code. By code only; knows no request.

Source: domain.md §2.4 (评分表, signatures under printed tables).
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from competitions.base.clock import beijing_text
from competitions.coding.models import CodedPlace
from competitions.judging.models import ScoreRevision, ScoreSheet
from competitions.judging.panels.rules import WORDS as CLOSED_WORDS
from competitions.judging.schemes.aspects import DEDUCTION, JUDGEMENT, SheetAspect
from competitions.judging.schemes.marks import given_runs, given_seconds
from competitions.judging.sheets.judgement import DELIVERED
from competitions.judging.signing.matrix import Cell, Matrix, Row
from competitions.judging.signing.models import ModuleSignature
from competitions.judging.signing.services import paper_code
from competitions.judging.timing.reckoning import CodeTime, SheetTime
from competitions.judging.worksheets.plan import SheetLine
from competitions.programme.models import Division, Module
from competitions.scoring.numbers import plain
from competitions.tabular.writing import Table, TableColumn, signature_line
from competitions.words.codes import MODULE_STATUSES, PRESENCE

MOST_PAPERS = 300
"""Sheets of one workbook; more would take a minute to open."""
GRADES = ("未达到", "达到", "较好", "优秀")
BLANK = "＿＿＿＿"
_DATES = f"日期：{BLANK}{BLANK}　开始：{BLANK}　结束：{BLANK}"
_SCORE_COLUMNS = (
    TableColumn("number", "序号", "integer", width=6),
    TableColumn("item", "评分项", width=20),
    TableColumn("rule", "评分标准", width=28),
    TableColumn("max", "配分", "number", width=8),
    TableColumn("found", "检测结果", width=13),
    TableColumn("score", "得分", "number", width=9),
    TableColumn("note", "备注", width=10),
)

_TIME_COLUMNS = (
    TableColumn("taken", "用时（秒）", "number", width=10),
    TableColumn("stopped", "停表（秒）", "number", width=10),
    TableColumn("granted", "补时（秒）", "number", width=10),
    TableColumn("counted", "计时（秒）", "number", width=10),
)


def score_paper(
    module: Module,
    aspects: Sequence[SheetAspect],
    line: SheetLine,
    *,
    by_ticket: bool = False,
    with_marks: bool = False,
    time: CodeTime | None = None,
) -> Table:
    """评分表 of one code (or ticket) and judge on A4: to be filled in by hand, or with the delivered marks to be signed.

    `time`: what the chief judge has signed as stopped and granted. Beside a ticket stands neither sitting nor station:
    judges see both beside the code (design.md §4.5).
    """
    sheet, revision = line.sheet, line.revision
    given = revision if with_marks and revision is not None and sheet.state in DELIVERED else None
    marks = {name: Fraction(value) for name, value in json.loads(given.marks).items()} if given else {}
    notes = json.loads(given.notes) if given else {}
    rows = [
        _score_row(number, aspect, marks.get(aspect.id), notes.get(aspect.id, ""))
        for number, aspect in enumerate(aspects, 1)
    ]
    named = "准考证号" if by_ticket else "加密号"
    where = "　".join(
        part
        for part in (
            f"{named}：{line.name}",
            sheet.division.name,
            "" if by_ticket else _sitting(sheet, time),
            f"工位：{sheet.station}" if sheet.station and not by_ticket else "",
            f"裁判：{line.judge}" if line.judge else "",
        )
        if part
    )
    total = f"合计得分：{given.total if given else BLANK}"
    if any(aspect.kind == JUDGEMENT for aspect in aspects):
        total += "（不含评价项；评价项由系统按各裁判的等级合并）"
    traced = [f"第 {given.number} 版，{beijing_text(given.at)} 送达，摘要 {given.digest}"] if given else []
    return Table(
        f"{module.stage.event.name}{module.name}评分表",
        _SCORE_COLUMNS,
        rows,
        [where, _DATES, _times_line(given, time or CodeTime())],
        [total, *traced, signature_line(("裁判员", "裁判长"))],
        orientation="portrait",
        sheet_name=" ".join(part for part in (line.name, line.judge) if part),
    )


def _sitting(sheet: ScoreSheet, time: CodeTime | None) -> str:
    """The sitting that the code is in now: its own, or the one that it was moved to."""
    moved = time.moved_to.to_sitting if time is not None and time.moved_to is not None else None
    sitting = moved or sheet.sitting
    return sitting.name if sitting else ""


def _times_line(given: ScoreRevision | None, time: CodeTime) -> str:
    """用时、停表、补时、计时; blanks to be filled in by hand where nothing is known."""
    seconds = None if given is None else given_seconds(given.seconds)
    if seconds is None and not time.changes:
        return f"用时：{BLANK}　停表：{BLANK}　补时：{BLANK}　计时：{BLANK}"
    reckoned = time.of(seconds, None if given is None else given_runs(given.runs))
    taken, counted = (BLANK if value is None else f"{value} 秒" for value in (seconds, reckoned.counted))
    return f"用时：{taken}　停表：{reckoned.stopped} 秒　补时：{reckoned.granted} 秒　计时：{counted}"


def _score_row(number: int, aspect: SheetAspect, value: Fraction | None, note: str) -> dict[str, object]:
    found: str = {DEDUCTION: "扣分　　　次", JUDGEMENT: "□0　□1\n□2　□3"}.get(aspect.kind, "")
    score: Decimal | str | None = "—" if aspect.kind == JUDGEMENT else None
    if value is not None:
        found = {DEDUCTION: f"扣分 {plain(value)} 次", JUDGEMENT: f"等级 {plain(value)}"}.get(aspect.kind, "")
        score = "—" if aspect.kind == JUDGEMENT else Decimal(plain(aspect.worth(value)))
    return {
        "number": number,
        "item": f"{aspect.id} {aspect.name}" if aspect.id != "score" else aspect.name,
        "rule": _rule(aspect),
        "max": None if aspect.max is None else Decimal(plain(aspect.max)),
        "found": found,
        "score": score,
        "note": note,
    }


def _rule(aspect: SheetAspect) -> str:
    lines = [aspect.rule] if aspect.rule else []
    if aspect.kind == DEDUCTION:
        capped = f"，最多扣 {plain(aspect.cap)}" if aspect.cap is not None else ""
        lines.append(f"每次扣 {plain(aspect.per or Fraction(0))}{capped}，扣完为止")
    if aspect.kind == JUDGEMENT:
        lines += [f"{grade} {words}" for grade, words in enumerate(aspect.grades or GRADES)]
    if aspect.step:
        lines.append(f"按 {plain(aspect.step)} 分一档给分")
    return "\n".join(lines)


def module_summary(module: Module, division: Division, matrix: Matrix, signature: ModuleSignature) -> Table:
    """成绩汇总表 of a signed module of a division: codes × judges with what the panel gives, digest and audit head."""
    judges = [(f"j{place}", column.short) for place, column in enumerate(matrix.judges)]
    columns = [
        TableColumn("number", "序号", "integer", width=6),
        TableColumn("code", "加密号"),
        TableColumn("place", "场次　工位"),
        *(TableColumn(name, short, "number") for name, short in judges),
        TableColumn("result", "模块得分", "number", places=2),
        *(_TIME_COLUMNS if matrix.is_timed else ()),
        TableColumn("note", "备注", width=16),
    ]
    rows = [
        {
            "number": number,
            "code": row.code,
            "place": _place(row.place),
            **{name: _cell(cell) for (name, _), cell in zip(judges, row.cells, strict=True)},
            "result": None if row.status else _decimal(row.result),
            "note": _remark(row),
            **_times_cells(row.time),
        }
        for number, row in enumerate(matrix.rows, 1)
    ]
    said = f"{module.stage.name}　{division.name}　第 {signature.opening} 次签字　{beijing_text(signature.at)}"
    dropped = any(cell.dropped for row in matrix.rows for cell in row.cells)
    return Table(
        f"{module.stage.event.name}{module.name}成绩汇总表",
        columns,
        rows,
        [said, f"确认码：{paper_code(signature)}"],
        [
            *(["计时 = 用时 − 停表 − 补时，均为秒。"] if matrix.is_timed else []),
            *(["括号内为按规则去掉的最高、最低分。"] if dropped else []),
            f"签字摘要：{signature.digest}",
            f"审计链头：{signature.audit_head}",
            signature_line(),
        ],
        sheet_name=division.name,
    )


def _remark(row: Row) -> str:
    if row.status:
        return PRESENCE[row.status]
    status = [MODULE_STATUSES[row.module_status]] if row.module_status else []
    return "；".join([*status, *row.times_told])


def _times_cells(time: SheetTime) -> dict[str, Decimal | None]:
    stopped, granted = Decimal(time.stopped), Decimal(time.granted)
    return {"taken": _seconds(time.taken), "stopped": stopped, "granted": granted, "counted": _seconds(time.counted)}


def _seconds(value: int | str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _place(place: CodedPlace) -> str:
    sitting, station = place.sitting, place.station
    return "　".join(part for part in (sitting.name if sitting else "", f"{station} 号" if station else "") if part)


def _cell(cell: Cell) -> Decimal | str | None:
    if cell.closed:
        return CLOSED_WORDS[cell.closed]
    if cell.total is None:
        return "—"
    return f"（{cell.total}）" if cell.dropped else Decimal(cell.total)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
