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
from competitions.judging.models import ScoreRevision
from tests.browser.conftest import PHONE, TABLET
from tests.factories_judging import RIGHT, Hall, confirm_all, make_hall
from tests.people import PASSWORD

SIZES = pytest.mark.parametrize("size", [TABLET, PHONE], ids=["820", "390"])


def revisions() -> list[ScoreRevision]:
    db.session.rollback()
    return list(db.session.scalars(select(ScoreRevision).order_by(ScoreRevision.at)))


def open_sheet(page: Page, code: str = "A01") -> None:
    page.goto("/judge/")
    page.locator(".sheet-list a", has_text=code).click()
    expect(page.locator(".sheet-head .sheet-code")).to_have_text(code)


def fill(page: Page, marks: dict[str, str] = RIGHT) -> None:
    page.fill('[data-mark="A1"]', marks["A1"])
    page.fill('[data-mark="A2"]', marks["A2"])
    page.locator(".judgement label").nth(int(marks["A3"])).click()


def state(page: Page, name: str) -> Any:
    return page.locator(f'[data-state="{name}"]')


def delivered(page: Page) -> None:
    expect(state(page, "delivered")).to_contain_text("② 已送达 #")


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
    page.click("#sheet-submit")
    delivered(page)
    saved = revisions()
    assert len(saved) == 1 and json.loads(saved[0].marks) == RIGHT and saved[0].complete
    assert saved[0].id[:8] in (state(page, "delivered").text_content() or "")


def shell_is_kept(page: Page) -> None:
    """Wait for the service worker (wait_for_function needs eval, which the content security policy forbids)."""
    for _ in range(150):  # wait_for_function would need eval, which the content security policy forbids
        if page.evaluate("navigator.serviceWorker.controller !== null"):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the service worker did not take over")


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
    page.click("#sheet-submit")
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
    page.click("#sheet-submit")
    delivered(page)
    assert len(keys) == 2 and keys[0] == keys[1] and len(revisions()) == 1


def answer(body: str, kind: str, route: Route) -> None:
    route.fulfill(status=200, body=body, content_type=kind)


def test_a_captive_portals_page_is_no_receipt(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    for body, kind in (("<html>请登录无线网络</html>", "text/html"), ("{}", "application/json")):
        page.unroute_all()
        page.route("**/revisions", partial(answer, body, kind))
        fill(page)
        page.click("#sheet-submit")
        expect(state(page, "kept")).to_contain_text("①")
        page.wait_for_timeout(400)
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
    page.click("#sheet-submit")
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
    page.click("#sheet-submit")
    expect(state(page, "kept")).to_contain_text("未送达")
    sign_in_as(page, second)
    page.unroute_all()
    page.goto("/judge/")
    expect(page.locator("#tablet-note")).to_contain_text("另一位裁判的 1 份未送达")
    page.locator(".sheet-list a", has_text="A01").click()
    expect(page.locator('[data-mark="A1"]')).to_have_value("")
    assert revisions() == []
    sign_in_as(page, first)
    page.goto("/judge/")
    expect(page.locator(".sheet-list a", has_text="A01")).to_contain_text("已送达")
    db.session.rollback()
    assert [each.author_id for each in revisions()] == [hall.judges[0].id]


def sign_in_as(page: Page, username: str) -> None:
    page.evaluate(
        """async ([name, password]) => {
        await judgeOutbox.signIn(name, password); }""",
        [username, PASSWORD],
    )


def test_two_tabs_send_each_submission_once(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    other = page.context.new_page()
    other.goto("/judge/")
    page.context.set_offline(True)
    fill(page)
    page.click("#sheet-submit")
    expect(state(page, "kept")).to_contain_text("未送达")
    page.context.set_offline(False)
    for tab in (page, other):
        tab.evaluate("window.dispatchEvent(new Event('online'))")
    delivered(page)
    expect(other.locator(".sheet-list a", has_text="A01")).to_contain_text("已送达")
    assert len(revisions()) == 1


def test_a_conflict_shows_both_versions_and_the_judge_chooses(app: Flask, page_of: Callable[..., Page]) -> None:
    from tests.factories_judging import deliver, submission

    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id, submission({**RIGHT, "A1": "11"}))
    fill(page)
    page.click("#sheet-submit")
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
    page.click("#sheet-submit")
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
    page.click("#sheet-submit")
    delivered(page)
    page.get_by_role("link", name="下一位").click()
    expect(page.locator(".sheet-head .sheet-code")).to_have_text("A02")
    fill(page)
    page.click("#sheet-submit")
    expect(page.locator("#tablet-tell")).to_contain_text("与本人给 A01 的完全相同")


def test_the_tablet_keeps_no_name_and_is_wiped_after_signing(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    kept = json.dumps(
        page.evaluate("""async () => Object.fromEntries(await Promise.all(
        ['outbox', 'drafts', 'sheets', 'meta'].map(async (n) => [n, await judgeStore.all(n)])))"""),
        ensure_ascii=False,
    )
    names = db.session.scalars(select(User.display_name)).all() + db.session.scalars(select(User.username)).all()
    assert "A01" in kept and not [name for name in names if name in kept]
    confirm_all(hall)
    sign(hall)
    page.goto("/judge/")
    expect(page.locator(".sheet-list a", has_text="A01")).to_contain_text("已签字")
    stored = page.evaluate("async () => (await judgeStore.all('sheets')).map((s) => s.document.marks)")
    assert stored == [{}]


def sign(hall: Hall) -> None:
    from tests.factories_judging import act

    assert act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201


def test_the_plain_form_leads_to_the_tablet_page_where_scripts_run(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    page.goto(f"/desk/judging/sheets/{hall.sheet('A01').id}")
    page.wait_for_url("**/judge/#*")
    expect(page.locator(".sheet-head .sheet-code")).to_have_text("A01")
