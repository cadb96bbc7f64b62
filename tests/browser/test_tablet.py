"""The judge's tablet page in Chromium: the network goes off and on, nothing typed is lost, nothing is sent twice or
as another.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from competitions.accounts.models import SignIn, User
from competitions.base import clock
from competitions.base.database import db
from tests.browser.conftest import PHONE, TABLET
from tests.browser.patience import until
from tests.browser.steps_tablet import (
    delivered,
    fill,
    kept,
    open_list,
    open_sheet,
    revisions,
    shell_is_kept,
    sign_in_as,
    state,
    submit,
)
from tests.factories_judging import RIGHT, Hall, act, confirm_all, deliver, make_hall, submission
from tests.people import PASSWORD

SIZES = pytest.mark.parametrize("size", [TABLET, PHONE], ids=["820", "390"])


@SIZES
def test_a_judge_marks_a_sheet_and_sees_the_receipt(
    app: Flask, page_of: Callable[..., Page], axe: Callable[[Page], list[Any]], size: tuple[int, int]
) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=size)
    open_sheet(page)
    fill(page)
    expect(page.locator(".sheet-total b")).to_have_text("50.5")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    submit(page)
    delivered(page)
    saved = revisions()
    assert len(saved) == 1 and json.loads(saved[0].marks) == RIGHT and saved[0].complete
    assert saved[0].id[:8] in (state(page, "delivered").text_content() or "")


@SIZES
def test_marks_given_without_network_survive_a_reload_and_are_delivered_once(
    app: Flask, page_of: Callable[..., Page], size: tuple[int, int]
) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=size)
    open_sheet(page)
    shell_is_kept(page)
    page.context.set_offline(True)
    fill(page)
    submit(page)
    expect(state(page, "kept")).to_contain_text("未送达")
    page.reload()
    expect(state(page, "kept")).to_contain_text("未送达")
    expect(page.locator('[data-mark="A1"]')).to_have_value("35.5")
    assert revisions() == []
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    delivered(page)
    assert len(revisions()) == 1


def test_what_is_typed_and_not_submitted_survives_a_reload(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    page.fill('[data-mark="A1"]', "12.5")
    expect(state(page, "kept")).to_contain_text("未提交")
    page.reload()
    expect(page.locator('[data-mark="A1"]')).to_have_value("12.5")


def test_an_answer_lost_on_the_way_is_asked_for_again_with_the_same_key(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    keys: list[str] = []

    def lose_the_first(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            return route.continue_()
        route.fetch()
        return route.abort()

    page.route("**/revisions", lose_the_first)
    fill(page)
    submit(page)
    delivered(page)
    assert len(keys) == 2 and keys[0] == keys[1] and len(revisions()) == 1


def answer(tries: list[Route], body: str, kind: str, route: Route) -> None:
    tries.append(route)
    route.fulfill(status=200, body=body, content_type=kind)


def test_a_captive_portals_page_is_no_receipt(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    for body, kind in (("<html>请登录无线网络</html>", "text/html"), ("{}", "application/json")):
        tries: list[Route] = []
        page.unroute_all()
        page.route("**/revisions", partial(answer, tries, body, kind))
        fill(page)
        submit(page)
        until(page, lambda tries=tries: len(tries) > 1, "what is no receipt was understood and it was tried again")
        expect(state(page, "kept")).to_contain_text("未送达")
        assert "#" not in (state(page, "delivered").text_content() or "")
    assert revisions() == []


def test_an_expired_sign_in_is_renewed_in_place_and_nothing_is_lost(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    judge = hall.judges[0].username
    page = page_of(judge, size=TABLET)
    open_sheet(page)
    fill(page)
    db.session.rollback()
    for row in db.session.scalars(select(SignIn)):
        row.revoked_at = clock.now()
    db.session.commit()
    submit(page)
    dialog = page.locator("#tablet-sign-in")
    expect(dialog).to_be_visible()
    dialog.locator("[name=username]").fill(judge)
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.get_by_role("button", name="登录").click()
    delivered(page)
    assert [json.loads(each.marks) for each in revisions()] == [RIGHT]


def test_nothing_of_one_judge_is_sent_as_another(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=2)
    first, second = hall.judges[0].username, hall.judges[1].username
    page = page_of(first, size=TABLET)
    open_sheet(page)
    page.route("**/revisions", lambda route: route.abort())
    fill(page)
    submit(page)
    expect(state(page, "kept")).to_contain_text("未送达")
    sign_in_as(page, second)
    page.unroute_all()
    open_list(page)
    expect(page.locator("#tablet-note")).to_contain_text("另一位裁判的 1 份未送达")
    page.locator(".sheet-list a", has_text="A01").click()
    expect(page.locator('[data-mark="A1"]')).to_have_value("")
    assert revisions() == []
    sign_in_as(page, first)
    open_list(page)
    expect(page.locator(".sheet-list a", has_text="A01")).to_contain_text("已送达")
    db.session.rollback()
    assert [each.author_id for each in revisions()] == [hall.judges[0].id]


def test_two_tabs_send_each_submission_once(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    other = page.context.new_page()
    open_list(other)
    page.context.set_offline(True)
    fill(page)
    submit(page)
    expect(state(page, "kept")).to_contain_text("未送达")
    page.context.set_offline(False)
    for tab in (page, other):
        tab.evaluate("window.dispatchEvent(new Event('online'))")
    delivered(page)
    expect(other.locator(".sheet-list a", has_text="A01")).to_contain_text("已送达")
    assert len(revisions()) == 1


def test_a_conflict_shows_both_versions_and_the_judge_chooses(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id, submission({**RIGHT, "A1": "11"}))
    fill(page)
    submit(page)
    box = page.locator(".notice-warning")
    expect(box).to_contain_text("在别处已送达第 1 版")
    expect(box).to_contain_text("11")
    expect(box).to_contain_text("35.5")
    box.get_by_role("button", name="以本机的为准").click()
    delivered(page)
    assert [json.loads(each.marks)["A1"] for each in revisions()] == ["11", "35.5"]


def test_blanks_are_said_and_are_not_zero(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    page.fill('[data-mark="A1"]', "10")
    submit(page)
    expect(page.locator("#tablet-tell")).to_contain_text("还有 2 项空白")
    page.locator("#tablet-tell [value=yes]").click()
    delivered(page)
    saved = revisions()[0]
    assert not saved.complete and json.loads(saved.marks) == {"A1": "10"}


def test_the_same_marks_for_another_code_are_asked_about(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    fill(page)
    submit(page)
    delivered(page)
    page.get_by_role("link", name="下一位").click()
    expect(page.locator(".sheet-head .sheet-code")).to_have_text("A02")
    fill(page)
    submit(page)
    expect(page.locator("#tablet-tell")).to_contain_text("与本人给 A01 的完全相同")


def test_the_tablet_keeps_no_name_and_is_wiped_after_signing(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    stored = json.dumps([kept(page, name) for name in ("outbox", "drafts", "sheets", "meta")], ensure_ascii=False)
    names = db.session.scalars(select(User.display_name)).all() + db.session.scalars(select(User.username)).all()
    assert "A01" in stored and not [name for name in names if name in stored]
    confirm_all(hall)
    sign(hall)
    open_list(page)
    expect(page.locator(".sheet-list a", has_text="A01")).to_contain_text("已签字")
    assert [sheet["document"]["marks"] for sheet in kept(page, "sheets")] == [{}]


def sign(hall: Hall) -> None:
    assert act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201


def test_the_plain_form_leads_to_the_tablet_page_where_scripts_run(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    page.goto(f"/desk/judging/sheets/{hall.sheet('A01').id}")
    page.wait_for_url("**/judge/#*")
    expect(page.locator(".sheet-head .sheet-code")).to_have_text("A01")
