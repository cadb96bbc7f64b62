"""The tablet's clock while the hall stands still: it says so, leaves the stop out, also when it hears of it later."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.judging.signing.case_parts import CaseParts
from competitions.judging.timing.models import TimeChange
from competitions.judging.timing.services import Wanted, enter_change, resume
from competitions.programme.models import Module
from tests.browser.conftest import PHONE, TABLET
from tests.browser.pure_modules import Call
from tests.browser.steps_tablet import ask_modules, delivered, fill, mark, open_sheet, revisions, submit
from tests.factories import actor
from tests.factories_judging import RIGHT, Hall, make_hall

NOW = 1_800_000_000


def test_a_stop_is_left_out_as_far_as_the_clock_ran(call: Call) -> None:
    random = Random(9)
    table, wanted = [], []
    for _ in range(300):
        moments = sorted(random.sample(range(0, 90), 4))
        stops = [[NOW + moments[0], NOW + moments[1]], [NOW + moments[2], random.choice([NOW + moments[3], None])]]
        cuts = sorted(random.sample(range(0, 100), 3))
        runs = random.choice([[], [[NOW + cuts[0], NOW + cuts[1]]]])
        started = NOW + cuts[2] if random.random() < 0.7 else None
        clock_ = {"started": started and started * 1000, "seconds": str(sum(b - a for a, b in runs)), "runs": runs}
        now, ahead = NOW + 100, random.choice([0, 30])
        table.append((clock_, {"stops": stops, "written": 5}, (now + ahead) * 1000, 0 if started is None else ahead))
        # a tablet that is ahead started its clock by its own time
        if started is not None:
            clock_["started"] = (started + ahead) * 1000
        else:
            table[-1] = (clock_, {"stops": stops, "written": 5}, now * 1000, 0)
        ran = {second for a, b in runs for second in range(a, b)} | set(range(started or now, now))
        stood = {second for a, b in stops for second in range(a or 0, now if b is None else b)}
        overlap = [second for a, b in runs for second in range(a, b) if second in stood]
        overlap += [second for second in range(started or now, now) if second in stood]
        wanted.append(5 + len(overlap))
        assert len(overlap) >= len(ran & stood)
    assert call("clock", "standing", table) == wanted


def test_the_clock_says_that_the_hall_stands_still_and_what_was_left_out(call: Call) -> None:
    def hall(*stops: list[int | None], **more: Any) -> dict[str, Any]:
        return {"clock": {"stops": list(stops), "written": 0}, **more}

    running = {"started": NOW * 1000, "seconds": None, "runs": None}
    by_hand = {"started": None, "seconds": "3000", "runs": None}
    table = [
        (running, hall([NOW + 60, None]), NOW + 100, "暂停中，用时 1:00（已扣停表 0:40）", "is-stopped"),
        (running, hall([NOW + 60, NOW + 90]), NOW + 100, "用时 1:10（已扣停表 0:30）", ""),
        (by_hand, hall([NOW + 60, NOW + 90]), NOW + 100, "用时 49:30（已扣停表 0:30）", ""),
        (
            by_hand,
            hall([NOW, NOW + 600], limit_seconds=2700),
            NOW + 900,
            "40:00 / 45:00（已扣停表 10:00），还剩 5:00",
            "is-near",
        ),
        ({**by_hand, "started": None, "seconds": None}, hall([NOW, NOW + 600]), NOW + 900, "", ""),
    ]
    said = call("clock", "said", [(line[0], line[1], line[2] * 1000, 0) for line in table])
    assert said == [{"text": line[3], "tone": line[4]} for line in table]
    [stopped] = call("clock", "stopped", [(running, (NOW + 100) * 1000, 30)])
    assert stopped == {"started": None, "seconds": "100", "runs": [[NOW - 30, NOW + 70]]}, "in the server's time"


def stop(hall: Hall, *, ago: int, lasted: int | None) -> TimeChange:
    """The chief judge stops the practice for everybody: so many seconds ago, for so many seconds (none: it lasts)."""
    db.session.rollback()
    chief, at = actor(hall.people["chief_judge"]), clock.now()
    begins = at - timedelta(seconds=ago)
    ends = None if lasted is None else begins + timedelta(seconds=lasted)
    with transaction() as session:
        module = session.get_one(Module, hall.modules["practice"].id)
        wanted = Wanted("stop", sitting=hall.sittings[0], reason="全场停电", begins=begins, ends=ends)
        return enter_change(session, module, wanted, by=chief, at=at)


def hears(page: Page) -> None:
    """The tablet asks the server, as it does every minute."""
    ask_modules(page, "refresh", "(refresh) => refresh.refresh()")


def case_seconds(hall: Hall) -> Any:
    db.session.rollback()
    parts = CaseParts(db.session(), hall.stage.id, states=("submitted",))
    return [line["seconds"] for line in parts.times(hall.division.id)]


def test_the_clock_stands_while_the_hall_does_and_what_was_typed_stays(
    app: Flask, page_of: Callable[..., Page], axe: Callable[[Page], list[Any]]
) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=PHONE)
    page.clock.install()
    open_sheet(page)
    fill(page)
    page.click("#sheet-timer")
    page.clock.fast_forward(600_000)
    begun = stop(hall, ago=300, lasted=None)
    hears(page)
    expect(page.locator("#sheet-time")).to_contain_text("暂停中")
    expect(page.locator("#sheet-told")).to_contain_text("起暂停")
    expect(mark(page, "A1")).to_have_value(RIGHT["A1"])
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with transaction() as session:
        change = session.get_one(TimeChange, begun.id)
        ends = change.begins_at + timedelta(seconds=200)
        resume(session, change, ends, by=actor(hall.people["chief_judge"]), at=clock.now())
    hears(page)
    expect(page.locator("#sheet-time")).to_contain_text("已扣停表 3:20")
    submit(page)
    delivered(page)
    [revision] = revisions()
    assert revision.runs is not None and 600 <= int(revision.seconds or 0) <= 660
    assert case_seconds(hall) == [int(revision.seconds or 0) - 200]


def test_a_stop_that_the_tablet_hears_of_later_is_left_out_by_its_times(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    page.clock.install()
    open_sheet(page)
    fill(page)
    page.click("#sheet-timer")
    page.context.set_offline(True)
    page.clock.fast_forward(600_000)
    stop(hall, ago=300, lasted=120)
    expect(page.locator("#sheet-time")).not_to_contain_text("停表")
    page.context.set_offline(False)
    hears(page)
    expect(page.locator("#sheet-time")).to_contain_text("已扣停表 2:00")
    page.reload()
    expect(page.locator("#sheet-time")).to_contain_text("已扣停表 2:00")
    submit(page)
    delivered(page)
    [revision] = revisions()
    assert case_seconds(hall) == [int(revision.seconds or 0) - 120]
