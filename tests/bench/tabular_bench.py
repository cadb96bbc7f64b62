"""How long a roster of ten thousand rows takes to check, in times of calamine's bare read of the same file.

Two rosters: one as the template gives it, and one with a formula in every row (序号 as =ROW()-2), which costs the pass
over the XML. What the parts cost is printed in bare reads too; only the sums and the memory have limits.
"""

import datetime as dt
import io
import random
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter

from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from competitions.tabular import reading
from competitions.tabular.roster import read_roster, roster_of

ROWS = 10_000
MOST_ROWS = 19_990
TIMES = 5
RATIO = "≤ 7"
MEMORY = "≤ 400"
UNLIMITED = "≤ 1000"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_HEADING = (
    "序号",
    "代表队",
    "单位名称",
    "参赛项目",
    "姓名",
    "性别",
    "民族",
    "出生年月",
    "身份证号",
    "文化程度",
    "职业技能等级",
    "本工种工龄",
    "手机",
    "备注",
)


def roster_file(rows: int, *, formulas: bool) -> bytes:
    """An .xlsx of synthetic people."""
    dice = random.Random(5)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("报名汇总表")
    sheet.append(["报名汇总表"])
    sheet.append(_HEADING)
    for number in range(rows):
        born = dt.date(1965, 1, 1) + dt.timedelta(days=number)
        digits = f"450103{born:%Y%m%d}{dice.randrange(1000):03d}"
        digits += "10X98765432"[sum(int(digit) * by for digit, by in zip(digits, _WEIGHTS, strict=True)) % 11]
        name = "".join(dice.choice(part) for part in ("王李张刘陈", "伟芳娜敏静", "伟芳娜敏静"))
        sheet.append(
            [
                "=ROW()-2" if formulas else number + 1,
                "柳州市",
                f"广西{number % 300}机械股份有限公司",
                dice.choice(("焊工", "电工", "钳工")),
                name,
                "男" if int(digits[16]) % 2 else "女",
                "壮族",
                f"{born:%Y年%m月}",
                digits,
                "大专",
                "高级工",
                number % 30,
                f"138{dice.randrange(10**8):08d}",
                "",
            ]
        )
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def bare(data: bytes) -> None:
    """calamine by itself: every cell of every sheet as Python values, in this process."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def seconds(*works: Callable[[], object]) -> list[float]:
    """The best of several runs of each, taken in turns so that a busy moment hits all alike."""
    best = [float("inf")] * len(works)
    for _ in range(TIMES):
        for number, work in enumerate(works):
            began = perf_counter()
            work()
            best[number] = min(best[number], perf_counter() - began)
    return best


def child_megabytes(data: bytes) -> float:
    """Peak memory of the child that reads this file (the only child of a process made for it)."""
    script = (
        "import resource, sys; from competitions.tabular.reading import read_book; "
        "read_book(sys.stdin.buffer.read(), 'a.xlsx'); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    done = subprocess.run([sys.executable, "-c", script], input=data, capture_output=True, check=True)
    return float(done.stdout)


def table() -> list[tuple[str, str, str]]:
    """(what, figure, limit), for `make bench`."""
    measured: list[tuple[str, str, str]] = []
    for kind, formulas in (("plain", False), ("a formula in every row", True)):
        data = roster_file(ROWS, formulas=formulas)
        book = reading.read_book(data, "a.xlsx")
        blank = b"a,b"
        alone, whole, cells, rules, start = seconds(
            lambda data=data: bare(data),
            lambda data=data: read_roster(data, "a.xlsx"),
            lambda data=data: reading.read_book(data, "a.xlsx"),
            lambda book=book: roster_of(book),
            lambda blank=blank: reading.read_book(blank, "a.csv"),
        )  # type: ignore[misc]
        measured += [
            (f"roster of 10,000 rows, {kind}: checked, in bare reads of {alone:.2f} s", f"{whole / alone:.1f}", RATIO),
            ("  of this: child started", f"{start / alone:.1f}", UNLIMITED),
            ("  of this: cells read in the child and handed over", f"{(cells - start) / alone:.1f}", UNLIMITED),
            ("  of this: headings, values, rules", f"{rules / alone:.1f}", UNLIMITED),
        ]
    largest = child_megabytes(roster_file(MOST_ROWS, formulas=True))
    measured.append(("memory of the child, 20,000 rows with formulas, MB", f"{largest:.0f}", MEMORY))
    return measured
