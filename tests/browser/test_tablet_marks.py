"""The tablet's arithmetic in a real browser: exact decimals, faults, totals, steps, slips.

Every expected number is worked out here with Decimal, never taken from the JavaScript; what the server reads is asked from
the server's own functions.
"""

import re
import unicodedata
from decimal import Decimal
from random import Random

import pytest

from competitions.judging.schemes.aspects import aspect_of
from competitions.judging.schemes.marks import NotANumber, read_value, sheet_total
from competitions.scoring.numbers import plain
from tests.browser.pure_modules import Call, short

TEXTS = (
    "0",
    "8.5",
    "08.50",
    "100",
    "0.1",
    "0.000001",
    "999999999.999999",
    "８．５",
    " 8.5 ",
    "　12　",
    "12.340000",
    "",
    " ",
    "-1",
    "-0",
    "+1",
    "1e3",
    "1.",
    ".5",
    "1,5",
    "8。5",
    "1234567890",
    "0.0000001",
    "NaN",
    "Infinity",
    "0x10",
    "٣",
    "1 2",
    "①",
    "８５％",
    "null",
    "1n",
)
MILLIONTHS = Decimal(10) ** 6


def worked_out(text: str) -> Decimal | None:
    """A text as a decimal of at most nine digits and six places, or none."""
    tidy = unicodedata.normalize("NFKC", text).strip()
    return Decimal(tidy) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", tidy) else None


def test_a_decimal_is_read_as_whole_millionths_or_not_at_all(call: Call) -> None:
    wanted = [None if number is None else short(number * MILLIONTHS) for number in map(worked_out, TEXTS)]
    assert call("decimals", "exact", [(text,) for text in TEXTS]) == wanted
    assert wanted.count(None) == 20 and wanted[0] == "0" and wanted[6] == "999999999999999"


def server_reads(text: str) -> Decimal | None:
    """What the server makes of it: none for a blank, for what is no number, and for what is below zero."""
    try:
        number = read_value(text)
    except NotANumber:
        return None
    return None if number is None or number < 0 else Decimal(number.numerator) / Decimal(number.denominator)


def test_the_tablet_reads_what_the_server_reads() -> None:
    assert [worked_out(text) for text in TEXTS] == [server_reads(text) for text in TEXTS]


def random_sheet(random: Random) -> tuple[list[dict[str, str]], dict[str, str | None]]:
    """Aspects of all kinds, and marks with up to six places that fit them; some are blank."""
    aspects: list[dict[str, str]] = []
    marks: dict[str, str | None] = {}
    for number in range(random.randint(2, 12)):
        kind = random.choice(["measurement", "measurement", "deduction", "judgement"])
        aspect = {"id": f"A{number}", "name": f"项 {number}", "kind": kind, "max": str(random.randint(5, 60))}
        if kind == "deduction":
            aspect |= {"per": random.choice(["0.1", "0.3", "1", "2.5"])} | random.choice([{}, {"cap": "3.3"}])
        aspects.append(aspect)
        places = random.randint(0, 6)
        measured = Decimal(random.randint(0, int(aspect["max"]) * 10**places)).scaleb(-places)
        given = {
            "measurement": f"{measured:f}",
            "judgement": str(random.randint(0, 3)),
            "deduction": str(random.randint(0, 30)),
        }[kind]
        marks[aspect["id"]] = random.choice([given, given, given, None])
    return aspects, marks


def worth(aspect: dict[str, str], mark: str) -> Decimal:
    """A measured mark as it is; a deduction takes `per` a fault, `cap` at most, and leaves nothing below zero."""
    if aspect["kind"] == "measurement":
        return Decimal(mark)
    taken = Decimal(mark) * Decimal(aspect["per"])
    return max(Decimal(0), Decimal(aspect["max"]) - min(taken, Decimal(aspect.get("cap", "Infinity"))))


def test_a_total_is_exact_to_the_last_place_where_floats_are_not(call: Call) -> None:
    random = Random(8)
    sheets = [random_sheet(random) for _ in range(500)]
    counted = [
        [(aspect, mark) for aspect in aspects if aspect["kind"] != "judgement" and (mark := marks[aspect["id"]])]
        for aspects, marks in sheets
    ]
    wanted = [short(sum((worth(*each) for each in lines), Decimal(0))) for lines in counted]
    floats = [repr(sum(float(worth(*each)) for each in lines)) for lines in counted]
    assert sum(Decimal(float_) != Decimal(exact) for float_, exact in zip(floats, wanted, strict=True)) > 100
    assert call("marks", "total", sheets) == wanted
    for (aspects, marks), total in zip(sheets, wanted, strict=True):
        known = [aspect_of(aspect) for aspect in aspects]
        given = {name: value for name, mark in marks.items() if (value := read_value(mark)) is not None}
        assert plain(sheet_total(given, known)) == total, "the server adds up the same"


MEASURED = {"id": "A1", "name": "外观", "kind": "measurement", "max": "40", "step": "0.1"}
COUNTED = {"id": "B1", "name": "缺陷", "kind": "deduction", "max": "20", "per": "2"}
TIMED = {"id": "C1", "name": "用时", "kind": "measurement"}
NUMBER, COUNT = "请填写数字，例如 8.5", "请填写扣分次数（0 或正整数）"


def test_what_is_wrong_with_a_mark_is_said(call: Call) -> None:
    tenths = [f"{Decimal(n) / 10:f}" for n in range(0, 401)]
    assert call("marks", "fault", [(MEASURED, text) for text in tenths]) == [""] * 401, "0.3 is three times 0.1"
    table = [
        (MEASURED, "", ""),
        (MEASURED, "　", ""),
        (MEASURED, "40.1", "应在 0 到 40 之间"),
        (MEASURED, "abc", NUMBER),
        (MEASURED, "-1", NUMBER),
        (MEASURED, "0.35", "应是 0.1 的整数倍"),
        (MEASURED, "８．５", ""),
        (COUNTED, "3", ""),
        (COUNTED, "1.5", COUNT),
        (COUNTED, "x", COUNT),
        (COUNTED, "99", ""),
        (TIMED, "999999.5", ""),
    ]
    assert call("marks", "fault", [line[:2] for line in table]) == [line[2] for line in table]


@pytest.mark.parametrize("direction", [1, -1])
def test_a_press_of_the_stepper_goes_one_exact_step_and_stays_inside(call: Call, direction: int) -> None:
    aspects = [
        (MEASURED, Decimal("0.1"), Decimal(40)),
        (COUNTED, Decimal(1), None),
        (TIMED, Decimal(1), None),
        ({**MEASURED, "step": "0.25"}, Decimal("0.25"), Decimal(40)),
        ({"id": "D", "kind": "measurement", "max": "20"}, Decimal("0.5"), Decimal(20)),
        ({"id": "E", "kind": "measurement", "max": "20.5"}, Decimal(1), Decimal("20.5")),
    ]
    texts = ["", "0", "0.1", "0.2", "0.7", "2.3", "19.9", "39.95", "40"]
    table = [(aspect, step, most, text) for aspect, step, most in aspects for text in texts]
    wanted = []
    for _, step, most, text in table:
        moved = max(Decimal(0), Decimal(text or 0) + direction * step)
        wanted.append(short(moved if most is None else min(moved, most)))
    assert call("marks", "stepped", [(aspect, text, direction) for aspect, _, _, text in table]) == wanted


def test_the_same_mark_is_known_however_it_is_written(call: Call) -> None:
    table = [
        ("8.5", "8.50", True),
        ("８.５", "8.5", True),
        ("8.5", "8.6", False),
        ("", None, True),
        ("0", "", False),
        ("x", "x ", True),
        ("x", "y", False),
        (None, None, True),
    ]
    assert call("marks", "isSame", [line[:2] for line in table]) == [line[2] for line in table]


def test_a_slip_of_the_decimal_point_is_seen_from_the_judges_own_marks_only(call: Call) -> None:
    table = [
        ("3.55", ["35", "36", "34.5"], ["外观"]),
        ("35", ["3.5", "3.6"], ["外观"]),
        ("30", ["35", "36", "34.5"], []),
        ("3.55", ["35"], []),
        (None, ["35", "36"], []),
        ("0", ["35", "36"], []),
    ]
    asked = [([MEASURED], {"A1": typed}, [{"A1": other} for other in others]) for typed, others, _ in table]
    assert call("marks", "slips", asked) == [line[2] for line in table]


def test_a_twin_is_another_code_with_the_same_mark_on_every_aspect(call: Call) -> None:
    both = [MEASURED, COUNTED]
    table = [
        (both, {"A1": "8.5", "B1": "1"}, {"A1": "8.50", "B1": "1"}, True),
        (both, {"A1": "8.5", "B1": "1"}, {"A1": "8.5", "B1": "2"}, False),
        (both, {"A1": None, "B1": "1"}, {"A1": None, "B1": "1"}, False),
        ([MEASURED], {"A1": "1"}, {"A1": "1"}, False),
    ]
    assert call("marks", "isTwin", [line[:3] for line in table]) == [line[3] for line in table]
