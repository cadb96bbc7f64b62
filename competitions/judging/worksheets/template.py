"""The worksheet of marks to be filled in, with what is there already; how far each judge is. Knows no request."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from competitions.judging.queries import DONE
from competitions.judging.sheets.blind import revision_document
from competitions.judging.timing.paper_entries import GRANTED, STOPPED
from competitions.judging.worksheets.columns import (
    BASE,
    JUDGE,
    MARK,
    NAME,
    SECONDS,
    Layout,
    prefilled_columns,
    worksheet_columns,
)
from competitions.judging.worksheets.plan import SheetLine
from competitions.programme.models import Module
from competitions.tabular.prefilled_writing import PrefilledTable, write_prefilled
from competitions.tabular.writing import signature_line

TIPS = (
    "灰色的格不要改动；只填给分，也可以从别的表格复制粘贴。空白表示还没有评，不等于 0。",
    "填好后在下载的页面上传，先看预览，全部无误才会写入；已复核、已签字的不能再改。",
)


def worksheet_template(module: Module, layout: Layout, lines: Sequence[SheetLine], *, blank: bool = False) -> bytes:
    """A sheet for each judge and division, a row for each score sheet.

    `blank`: without any mark (double entry: the second reading is made without seeing the first).
    """
    groups: dict[tuple[str, str], list[SheetLine]] = {}
    for line in lines:
        groups.setdefault((line.judge if layout.with_judge else "", line.sheet.division_id), []).append(line)
    divided = len({division for _, division in groups}) > 1
    tables = [
        _table(
            module,
            layout,
            group,
            [part for part in (judge, group[0].sheet.division.name if divided else "") if part],
            blank,
        )
        for (judge, _), group in groups.items()
    ]
    return write_prefilled(tables or [_table(module, layout, [], [], blank)], title=f"{module.name}评分录入表")


def _table(module: Module, layout: Layout, group: Sequence[SheetLine], named: list[str], blank: bool) -> PrefilledTable:
    title = f"{module.stage.event.name}{module.stage.name}{module.name}评分录入表"
    return PrefilledTable(
        " ".join(named) or module.name,
        f"{title}（{'，'.join(named)}）" if named else title,
        TIPS,
        prefilled_columns(layout),
        [_cells(number, line, layout, blank) for number, line in enumerate(group, 1)],
        [signature_line(("裁判员", "统分人", "复核人"))],
    )


def _cells(number: int, line: SheetLine, layout: Layout, blank: bool) -> list[str | int | Decimal | None]:
    content = revision_document(None if blank else line.revision)
    facts: dict[str, str | int | Decimal | None] = {
        "sequence": number,
        NAME: line.name,
        JUDGE: line.judge,
        BASE: line.sheet.head,
        SECONDS: None if content["seconds"] is None else Decimal(content["seconds"]),
    }
    entered = line.time.of(None)
    facts |= {STOPPED: entered.stopped or None, GRANTED: entered.granted or None}
    facts |= {f"{MARK}{name}": Decimal(value) for name, value in content["marks"].items()}
    return [facts.get(column.field) for column in worksheet_columns(layout)]


def progress_of(lines: Sequence[SheetLine], again: Collection[str] | None = None) -> dict[str, dict[str, int]]:
    """Judge → how many of his sheets there are, are delivered, are confirmed or signed; with `again`, the ids of the
    sheets that were read twice, `given` counts these (and what needs none any more).
    """
    found: dict[str, dict[str, int]] = {}
    for line in lines:
        counts = found.setdefault(line.judge, {"all": 0, "given": 0, "fixed": 0})
        counts["all"] += 1
        read = (
            line.sheet.state not in ("empty", "draft")
            if again is None
            else (line.sheet.id in again or line.sheet.state in DONE)
        )
        counts["given"] += read
        counts["fixed"] += line.sheet.state in DONE
    return found
