"""The pure modules of the tablet page in a real browser, alone: exact decimals, faults, totals, steps, timer, queue, words.

Every expected number is worked out here with Decimal, never taken from the JavaScript; what the server reads is asked from
the server's own functions.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Route

from competitions.accounts.gate import CSP
from competitions.judging.schemes.aspects import aspect_of
from competitions.judging.schemes.marks import NotANumber, read_value, sheet_total
from competitions.judging.sheets.tablet_views import MODULES
from competitions.scoring.numbers import plain

PURE = ("decimals", "marks", "clock", "queue", "delivery")
Call = Callable[..., list[Any]]
RUN = """async ([name, calls]) => {
    const found = await import("/" + name + ".js");
    const said = (value) => typeof value === "bigint" ? String(value) : value;
    return calls.map(([what, ...given]) => said(found[what](...given)));
}"""


@pytest.fixture(scope="module")
def call(browser: Browser) -> Iterator[Call]:
    """`call("marks", "total", [(aspects, marks), …])`: what a function of a module says to each set of arguments."""
    context = browser.new_context(timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.route("**/*", serve)
    page.goto("http://modules.test/")

    def run(module: str, function: str, table: list[tuple[Any, ...]]) -> list[Any]:
        found: list[Any] = page.evaluate(RUN, [module, [[function, *given] for given in table]])
        return found

    yield run
    context.close()


def serve(route: Route) -> None:
    """An empty page under the site's content security policy, and the pure modules; nothing else."""
    name = Path(urlparse(route.request.url).path).stem
    if name in PURE:
        route.fulfill(body=(MODULES / f"{name}.js").read_text(encoding="utf-8"), content_type="text/javascript")
    else:
        headers = {"Content-Security-Policy": CSP}
        route.fulfill(status=404 if name else 200, body="<!doctype html>", content_type="text/html", headers=headers)


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


def short(number: Decimal) -> str:
    """As short as it goes, without exponents."""
    return f"{number.normalize():f}"


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


def test_time_counts_like_marks_to_the_last_place(call: Call) -> None:
    now, run = 1_800_000_000_000, [0, 1, 999, 1000, 59_999, 3_600_500, -5000]
    table = [
        ({"started": now - ms, "seconds": seconds}, now) for ms in run for seconds in (None, 0, 17, "12.34", "0.1")
    ]
    wanted = [short(Decimal(clock["seconds"] or 0) + max(0, now - clock["started"]) // 1000) for clock, _ in table]
    stopped = call("clock", "stopped", table)
    assert [clock["seconds"] for clock in stopped] == wanted and {clock["started"] for clock in stopped} == {None}
    assert call("clock", "stopped", [({"started": None, "seconds": "12.34"}, now)]) == [
        {"started": None, "seconds": "12.34"}
    ]


def test_limit_warning_and_overtime_are_said(call: Call) -> None:
    half_an_hour: dict[str, Any] = {"limit_seconds": 1800, "stop_seconds": 2100}
    table = [
        (None, {}, "", ""),
        ("75", {}, "用时 1:15", ""),
        ("12.34", {}, "用时 0:12.34", ""),
        (None, half_an_hour, "0:00 / 30:00", ""),
        ("1499", half_an_hour, "24:59 / 30:00", ""),
        ("1500", half_an_hour, "25:00 / 30:00，还剩 5:00", "is-near"),
        ("1800", half_an_hour, "30:00 / 30:00，还剩 0:00", "is-near"),
        ("1800.01", half_an_hour, "30:00.01 / 30:00，已超时 0:00.01", "is-over"),
        ("2100", half_an_hour, "35:00 / 30:00，已超时 5:00，已到终止时间", "is-over"),
    ]
    said = call("clock", "said", [({"started": None, "seconds": line[0]}, line[1], 0) for line in table])
    assert said == [{"text": line[2], "tone": line[3]} for line in table]
    running = {"started": 1000, "seconds": None}
    assert call("clock", "said", [(running, {}, 1500)]) == [{"text": "用时 0:00", "tone": ""}]
    clocks = [({"started": None, "seconds": None},), (running,), ({"started": None, "seconds": "5"},)]
    assert call("clock", "next", clocks) == ["开始计时", "停止计时", "继续计时"]


def test_a_time_put_right_is_minutes_and_seconds(call: Call) -> None:
    table = [
        ("26", "0", "1560"),
        ("", "5", "5"),
        (" ３１ ", "20", "1880"),
        ("14400", "59", "864059"),
        ("1", "60", None),
        ("14401", "0", None),
        ("1.5", "0", None),
        ("-1", "0", None),
        ("x", "0", None),
    ]
    wanted = [line[2] and {"started": None, "seconds": line[2]} for line in table]
    assert call("clock", "corrected", [line[:2] for line in table]) == wanted
    assert call("clock", "parts", [({"started": None, "seconds": "1880.5"}, 0)]) == [{"minutes": "31", "seconds": "20"}]


def item(key: str, sequence: int, state: str = "waiting", attempts: int = 0, **more: Any) -> dict[str, Any]:
    """One of judge j's submissions for sheet s."""
    return {
        "key": key,
        "user": "j",
        "sheet": "s",
        "sequence": sequence,
        "state": state,
        "attempts": attempts,
        "body": {"base_revision": 0},
        **more,
    }


def test_a_new_submission_replaces_what_was_never_sent_and_goes_after_what_may_have_arrived(call: Call) -> None:
    sent, later = item("sent", 1, attempts=1), item("later", 2, attempts=2, after="sent")
    table = [
        ([], {"replaced": []}),
        ([item("new", 1)], {"replaced": ["new"]}),
        ([sent], {"after": "sent", "replaced": []}),
        ([sent, item("new", 2, after="sent")], {"after": "sent", "replaced": ["new"]}),
        ([later, sent], {"after": "later", "replaced": []}),
        ([item("no", 1, "refused", 1), item("two", 2, "conflict", 1)], {"replaced": ["two", "no"]}),
        ([item("late", 1, "late", 1)], {"replaced": []}),
        ([{**sent, "sheet": "t"}, {**sent, "user": "k"}], {"replaced": []}),
    ]
    placed = call("queue", "place", [(items, "j", "s") for items, _ in table])
    found = [{name: value for name, value in place.items() if value is not None} for place in placed]
    assert found == [line[1] for line in table]


def test_items_are_sent_in_the_order_of_their_numbers_whatever_the_clock_says(call: Call) -> None:
    items = [
        item("c", 3, after="a"),
        item("x", 9, "conflict"),
        item("b", 2),
        item("a", 1),
        {**item("k", 0), "user": "k"},
    ]
    assert [[each["key"] for each in found] for found in call("queue", "turns", [(items, "j")])] == [["a", "b", "c"]]
    assert [found["key"] for found in call("queue", "newest", [(items, "j", "s")])] == ["x"]
    assert call("queue", "isReady", [(each,) for each in items] + [(None,)]) == [False, False, True, True, True, False]
    assert [len(found) for found in call("queue", "unsent", [([*items, item("l", 4, "late")],)])] == [5]


def test_an_answer_frees_what_waits_for_it_and_nothing_else(call: Call) -> None:
    waiting, other = item("second", 2, after="first"), item("third", 3, after="elsewhere")
    items = [item("first", 1, attempts=1), waiting, other]
    free = {name: value for name, value in waiting.items() if name != "after"}
    assert call("queue", "afterDelivery", [(items, "first", 7)]) == [[{**free, "body": {"base_revision": 7}}]]
    assert call("queue", "afterRefusal", [(items, "first")]) == [[free]]


def test_what_was_typed_upon_a_delivered_submission_is_based_on_the_revision_that_came_of_it(call: Call) -> None:
    table = [
        ({"base": 0, "on": "k"}, {"key": "k", "revision": 3}, {"base": 3, "on": None}),
        ({"base": 0, "on": "k"}, {"key": "m", "revision": 3}, {"base": 0, "on": "k"}),
        ({"base": 2, "on": None}, {"key": "k", "revision": 3}, {"base": 2, "on": None}),
        ({"base": 2}, None, {"base": 2, "on": None}),
    ]
    assert call("queue", "based", [line[:2] for line in table]) == [line[2] for line in table]


def test_only_a_receipt_counts_as_delivered(call: Call) -> None:
    sheet = {"state": "submitted", "receipt": "0123456789ab", "complete": True, "judges_sign": False}
    waits, draft = item("a", 1), {"marks": {}}
    signed = {**sheet, "judges_sign": True, "signature": {"at": "2026-05-20T01:05:00+00:00", "digest": "feedbeef0000"}}
    table = [
        ((sheet, None, None), ["① 已存本机", "② 已送达 #01234567", "③ 已签字"], ["is-done", "is-done", None]),
        (({**sheet, "receipt": None}, None, None), ["① 已存本机", "② 已送达", "③ 已签字"], [None, None, None]),
        ((sheet, waits, None), ["① 已存本机，未送达", "② 已送达", "③ 已签字"], ["is-now", None, None]),
        ((sheet, None, draft), ["① 已存本机，未提交", "② 已送达", "③ 已签字"], ["is-now", None, None]),
        (
            (sheet, {**waits, "state": "late"}, None),
            ["① 已存本机，须处理", "② 已送达", "③ 已签字"],
            ["is-late", None, None],
        ),
        (
            (signed, None, None),
            ["① 已存本机", "② 已送达 #01234567", "③ 本人已签字 09:05 摘要 feedbeef"],
            ["is-done"] * 3,
        ),
        ((signed, None, draft), ["① 已存本机，未提交", "② 已送达", "③ 待本人签字"], ["is-now", None, None]),
    ]
    found = call("delivery", "steps", [line[0] for line in table])
    assert [[step["text"] for step in steps] for steps in found] == [line[1] for line in table]
    assert [[step["tone"] for step in steps] for steps in found] == [line[2] for line in table]


def test_a_clock_that_is_wrong_is_said_and_one_that_is_near_is_not(call: Call) -> None:
    said = call("delivery", "skewWords", [(0,), (-120,), (600,), (-7200,)])
    assert said[:2] == ["", ""] and "快 10 分钟" in said[2] and "慢 2 小时" in said[3]
