"""The judge's tablet where things cross: reading while delivering, typing while sending, two tabs, a second submission
behind a first; and what it says of time, clock and signing.
"""

import json
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import APIResponse, Page, Route, expect
from sqlalchemy import select

from competitions.base import clock
from competitions.base.database import db
from competitions.judging.models import JudgeSignature, TabletReport
from competitions.programme.models import Ruleset
from tests.browser.conftest import TABLET
from tests.browser.patience import until
from tests.browser.steps_tablet import (
    ask_modules,
    delivered,
    fill,
    open_list,
    open_sheet,
    revisions,
    shell_is_kept,
    state,
    submit,
)
from tests.factories_judging import RIGHT, Hall, deliver, make_hall, submission

pytestmark = pytest.mark.usefixtures("one_database")


def given() -> list[str]:
    """What was delivered for A1, in order."""
    return [json.loads(each.marks)["A1"] for each in revisions()]


def forget_versions(page: Page) -> None:
    """As if every sheet had changed since it was fetched."""
    ask_modules(
        page,
        "store",
        """async (store) => {
        for (const kept of await store.all("sheets")) {
            const document = { ...kept.document, version: null };
            await store.put("sheets", store.id(kept.user, kept.sheet), { ...kept, document });
        }
    }""",
    )


def caught(page: Page, held: list[Any]) -> None:
    """Wait until a route has put a request here."""
    until(page, lambda: held, "the request came")


def reported(page: Page, pending: int) -> None:
    """Wait until the tablet has told the server that so many items are unsent."""

    def told() -> list[int]:
        db.session.rollback()
        return [each.pending for each in db.session.scalars(select(TabletReport))]

    until(page, lambda: told() == [pending], f"the tablet reported {pending} unsent")


def test_a_sheet_read_before_a_delivery_does_not_overwrite_it(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    forget_versions(page)
    held: list[tuple[Route, APIResponse]] = []
    page.route(f"**/api/sheets/{hall.sheet('A01').id}", lambda route: held.append((route, route.fetch())))
    page.reload()
    expect(page.locator('[data-mark="A1"]')).to_be_editable()
    caught(page, held)
    fill(page)
    submit(page)
    delivered(page)
    route, stale = held[0]
    assert stale.json()["revision"] == 0
    with page.expect_response(f"**/api/sheets/{hall.sheet('A02').id}"):
        route.fulfill(response=stale)
    page.get_by_role("link", name="列表").click()
    expect(page.locator(".sheet-list a", has_text="A01")).to_contain_text("已送达")
    page.locator(".sheet-list a", has_text="A01").click()
    page.fill('[data-mark="A1"]', "36")
    submit(page)
    delivered(page)
    assert given() == ["35.5", "36"]


def test_only_what_changed_is_fetched_again(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1, codes=("A01", "A02", "A03"))
    page = page_of(hall.judges[0].username, size=TABLET)
    open_list(page)
    expect(page.locator(".sheet-list a")).to_have_count(3)
    deliver(hall.client(hall.judges[0]), hall.sheet("A02").id)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/sheets/" in request.url else None)
    page.reload()
    expect(page.locator(".sheet-list a", has_text="A02")).to_contain_text("已送达")
    assert [url.rsplit("/", 1)[1] for url in asked] == [hall.sheet("A02").id]


def test_what_is_typed_while_a_submission_is_on_its_way_goes_upon_it(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    held: list[Route] = []
    page.route("**/revisions", lambda route: route.continue_() if held else held.append(route))
    fill(page)
    submit(page)
    caught(page, held)
    page.fill('[data-mark="A1"]', "36")
    expect(state(page, "kept")).to_contain_text("未送达")
    with page.expect_response("**/revisions"):
        held[0].continue_()
    expect(state(page, "kept")).to_contain_text("未提交")
    page.fill('[data-mark="A1"]', "36.5")
    submit(page)
    delivered(page)
    assert page.locator(".notice-warning").count() == 0
    assert given() == ["35.5", "36.5"]


def test_a_second_submission_is_not_stuck_behind_a_refused_one_and_the_tablet_reports_it(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    page.route("**/revisions", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        fill(page)
        submit(page)
    expect(state(page, "kept")).to_contain_text("未送达")
    page.fill('[data-mark="A1"]', "36")
    submit(page)
    expect(state(page, "kept")).to_contain_text("未送达")
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id, submission({**RIGHT, "A1": "11"}))
    page.unroute_all()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(".notice-warning")).to_contain_text("在别处已送达第 1 版")
    reported(page, 1)
    page.fill('[data-mark="A1"]', "37")
    expect(state(page, "kept")).to_contain_text("须处理")
    page.get_by_role("button", name="以本机的为准").click()
    delivered(page)
    assert given() == ["11", "37"]
    reported(page, 0)


def test_keeping_what_was_delivered_shows_it_even_when_the_network_is_gone(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id, submission({**RIGHT, "A1": "11"}))
    fill(page)
    submit(page)
    expect(page.locator(".notice-warning")).to_contain_text("在别处已送达第 1 版")
    page.context.set_offline(True)
    page.get_by_role("button", name="保留已送达的").click()
    expect(page.locator('[data-mark="A1"]')).to_have_value("11")
    delivered(page)
    page.context.set_offline(False)
    page.fill('[data-mark="A1"]', "12")
    submit(page)
    delivered(page)
    assert given() == ["11", "12"]


def test_what_is_typed_in_one_tab_is_there_in_the_other(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    other = page.context.new_page()
    open_sheet(other)
    page.fill('[data-mark="A1"]', "12.5")
    expect(other.locator('[data-mark="A1"]')).to_have_value("12.5")
    other.fill('[data-mark="A2"]', "1")
    expect(page.locator('[data-mark="A2"]')).to_have_value("1")
    assert page.locator('[data-mark="A1"]').input_value() == "12.5"


def test_the_judge_signs_his_delivered_sheet_on_the_tablet(
    app: Flask, page_of: Callable[..., Page], axe: Callable[[Page], list[Any]]
) -> None:
    hall = make_hall(app, judges=1, codes=("A01",), settings={"judges_sign": True})
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    expect(state(page, "signed")).to_contain_text("③ 待本人签字")
    assert page.locator("#sheet-sign").count() == 0
    fill(page)
    submit(page)
    page.click("#sheet-sign")
    expect(page.locator("#tablet-tell")).to_contain_text("签字后如再修改，须重新签字")
    assert axe(page) == []
    page.locator("#tablet-tell [value=no]").click()
    db.session.rollback()
    assert db.session.scalars(select(JudgeSignature)).all() == []
    page.click("#sheet-sign")
    page.locator("#tablet-tell [value=yes]").click()
    expect(state(page, "signed")).to_contain_text("③ 本人已签字")
    db.session.rollback()
    signature = db.session.scalars(select(JudgeSignature)).one()
    assert f"摘要 {signature.digest[:8]}" in (state(page, "signed").text_content() or "")
    page.fill('[data-mark="A1"]', "36")
    expect(state(page, "signed")).to_contain_text("③ 待本人签字")


def limited(hall: Hall, seconds: int) -> None:
    """Give the module a time limit."""
    ruleset = db.session.scalars(select(Ruleset).where(Ruleset.stage_id == hall.stage.id)).one()
    document = json.loads(ruleset.document)
    document["modules"][0]["overtime"] = {"limit_seconds": seconds, "per_seconds": 60, "deduct": "1", "partial": "up"}
    ruleset.document = json.dumps(document)
    db.session.commit()


def put_time(page: Page, minutes: str, seconds: str) -> None:
    """Put the time right by hand."""
    if not page.locator("#time-minutes").is_visible():
        page.get_by_text("改正用时").click()
    page.fill("#time-minutes", minutes)
    page.fill("#time-seconds", seconds)
    page.click("#time-set")


def test_the_timer_knows_the_limit_outlives_a_reload_and_can_be_put_right(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    limited(hall, 1800)
    page = page_of(hall.judges[0].username, size=TABLET)
    page.route("**/api/**", ten_minutes_behind)
    open_sheet(page)
    expect(page.locator("#tablet-note")).to_contain_text("时间比服务器快 10 分钟")
    shown, button = page.locator("#sheet-time"), page.locator("#sheet-timer")
    expect(shown).to_have_text("0:00 / 30:00")
    button.click()
    expect(state(page, "kept")).to_contain_text("未提交")
    page.reload()
    expect(button).to_have_text("停止计时")
    expect(shown).to_contain_text("0:02 / 30:00")
    put_time(page, "26", "0")
    expect(shown).to_have_text("26:00 / 30:00，还剩 4:00")
    expect(shown).to_have_class("is-near")
    put_time(page, "31", "75")
    expect(page.locator(".sheet-time .aspect-says")).to_contain_text("秒不超过 59")
    put_time(page, "31", "20")
    expect(shown).to_have_text("31:20 / 30:00，已超时 1:20")
    expect(shown).to_have_class("is-over")
    fill(page)
    submit(page)
    delivered(page)
    assert revisions()[0].seconds == "1880"


def ten_minutes_behind(route: Route) -> None:
    """The server's clock is ten minutes behind this tablet's."""
    answer = route.fetch()
    then = clock.now().timestamp() - 600
    route.fulfill(response=answer, headers={**answer.headers, "date": formatdate(then, usegmt=True)})


def test_who_is_no_judge_is_told_where_to_go(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    page = page_of(hall.people["checker"].username, size=TABLET)
    open_list(page)
    expect(page.locator("#tablet")).to_contain_text("当前登录的账号不是裁判")
    assert page.locator('a[href="/desk/judging/sheets"]').count() == 0


def test_a_restarted_server_gets_what_was_marked_meanwhile(
    app: Flask, page_of: Callable[..., Page], server: Any
) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    shell_is_kept(page)
    server.stop()
    fill(page)
    submit(page)
    expect(state(page, "kept")).to_contain_text("未送达")
    page.reload()
    expect(state(page, "kept")).to_contain_text("未送达")
    server.start()
    page.click("#tablet-send")
    delivered(page)
    assert given() == ["35.5"]


def test_a_captive_portal_that_answers_everything_is_said(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    page.route(
        "**/api/**",
        lambda route: route.fulfill(status=200, body="<html>请登录无线网络</html>", content_type="text/html"),
    )
    fill(page)
    submit(page)
    expect(page.locator("#tablet-note")).to_contain_text("连不上服务器")
    expect(state(page, "kept")).to_contain_text("未送达")
    page.unroute_all()
    page.click("#tablet-send")
    delivered(page)
    expect(page.locator("#tablet-note")).to_be_hidden()
