"""The tablet's timer, the order of its outbox and its words of delivery, in a real browser.

Times are worked out here with Decimal, never taken from the JavaScript.
"""

from decimal import Decimal
from typing import Any

from tests.browser.pure_modules import Call, short


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
    wanted = [line[2] and {"started": None, "seconds": line[2], "runs": None} for line in table]
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
