"""How long an export takes, compared with openpyxl writing the same values without any look."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from time import process_time

from openpyxl import Workbook

from competitions.tabular.writing import Table, TableColumn, write_workbook

ROWS = 10_000
COLUMNS = [
    TableColumn(field, field, kind)  # type: ignore[arg-type]
    for field, kind in [
        ("place", "integer"),
        ("name", "text"),
        ("id_number", "text"),
        ("phone", "text"),
        ("theory", "number"),
        ("practice", "number"),
        ("day", "date"),
        ("employer", "text"),
        ("delegation", "text"),
        ("event", "text"),
        ("level", "text"),
        ("years", "integer"),
        ("remark", "text"),
        ("total", "number"),
        ("sex", "text"),
        ("nation", "text"),
    ]
]


def values(number: int) -> list[object]:
    """One row of synthetic values."""
    return [
        number,
        f"姓名{number}",
        "450102199001011008",
        "13800000000",
        Decimal("95.35"),
        Decimal("88.5"),
        date(2026, 5, 1),
        "柳州示例重工有限责任公司",
        "柳州市",
        "焊工",
        "三级/高级工",
        number % 30,
        "替补",
        Decimal("93.445"),
        "男",
        "壮族",
    ]


def bare(rows: list[list[object]]) -> None:
    """openpyxl in its streaming mode, no looks."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in rows:
        sheet.append(row)
    workbook.save(BytesIO())


def seconds(work: object) -> float:
    """The best processor time of two runs."""
    times = []
    for _ in range(2):
        start = process_time()
        work()  # type: ignore[operator]
        times.append(process_time() - start)
    return min(times)


def table() -> list[tuple[str, float, float]]:
    """(name, figure, limit) for each measure."""
    rows = [values(number) for number in range(ROWS)]
    fields = [column.field for column in COLUMNS]
    named = [dict(zip(fields, row, strict=True)) for row in rows]
    ours = seconds(lambda: write_workbook([Table("导出", COLUMNS, named)], title="导出"))
    return [("export of 10,000 rows / bare openpyxl", round(ours / seconds(lambda: bare(rows)), 2), 1.3)]


if __name__ == "__main__":
    for measure in table():
        print(*measure, sep="\t")
