"""The tablet page is drawn again while a judge types: after every cause, at the worst moments, the field in use is the same
element, has the cursor and every keystroke; and nothing that was delivered elsewhere is overwritten unseen.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import select

from competitions.accounts.models import SignIn
from competitions.base import clock
from competitions.base.database import db
from tests.browser.conftest import TABLET
from tests.browser.patience import until
from tests.browser.steps_tablet import (
    ask_modules,
    delivered,
    fill,
    kept,
    mark,
    open_sheet,
    revisions,
    state,
    submit,
)
from tests.factories_judging import RIGHT, Hall, confirm_all, deliver, make_hall, submission

pytestmark = pytest.mark.usefixtures("one_database")

CAUSES = {
    "the list was fetched": ("refresh", "(refresh) => refresh.refresh()"),
    "a look at the outbox": ("outbox", "(outbox) => outbox.flush()"),
    "another tab": (
        "outbox",
        """async () => {
        new BroadcastChannel("judge").postMessage("change");
        await new Promise((heard) => document.addEventListener("judge:change", heard, { once: true }));
    }""",
    ),
    "the address": ("page", "() => window.dispatchEvent(new Event('hashchange'))"),
    "the network is back": ("page", "() => window.dispatchEvent(new Event('online'))"),
    "the network went": ("page", "() => window.dispatchEvent(new Event('offline'))"),
    "the page is shown again": (
        "page",
        """() => {
        window.dispatchEvent(new Event("pageshow"));
        document.dispatchEvent(new Event("visibilitychange"));
    }""",
    ),
}
"""What makes the page draw itself again: module, and function of it."""
HOLD = """(name) => new Promise((held) => {
    const asked = indexedDB.open("judging");
    asked.onsuccess = () => {
        const store = asked.result.transaction([name], "readwrite").objectStore(name);
        window.storeIsBusy = true;
        const again = () => { store.get("").onsuccess = () => {
            held();
            if (window.storeIsBusy) again(); else asked.result.close();
        }; };
        again();
    };
})"""
"""A transaction that is kept going: whoever wants the store waits."""


@contextmanager
def busy_store(page: Page, name: str) -> Iterator[None]:
    """A slow tablet: whatever reads or writes this store meanwhile waits."""
    page.evaluate(HOLD, name)
    yield
    page.evaluate("window.storeIsBusy = false")


def redraw(page: Page, cause: str = "the address") -> None:
    """Something makes the page draw itself again; what is kept by now is drawn."""
    ask_modules(page, *CAUSES[cause])
    ask_modules(page, "drawing", "(drawing) => drawing.draw()")


def refreshed(page: Page) -> None:
    """What the server has is fetched and drawn."""
    redraw(page, "the list was fetched")


def elsewhere(hall: Hall, code: str = "A01", base: int = 0, **marks: str) -> None:
    """The judge delivers a sheet from another tablet."""
    content = submission({**RIGHT, **marks}, base=base)
    assert deliver(hall.client(hall.judges[0]), hall.sheet(code).id, content).status_code == 201


@contextmanager
def in_use(field: Locator) -> Iterator[None]:
    """The field that is typed in: at the end it is the same element and still has the cursor."""
    field.focus()
    expect(field).to_be_focused()
    field.evaluate("element => { window.used = element; }")
    yield
    expect(field).to_be_focused()
    assert field.evaluate("element => element === window.used"), "the field was replaced"


def judge(app: Flask, page_of: Callable[..., Page], **facts: object) -> tuple[Hall, Page]:
    """A judge at an open sheet, and the hall he is in."""
    hall = make_hall(app, judges=1, **facts)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    return hall, page


def test_no_cause_of_a_redraw_takes_a_keystroke(app: Flask, page_of: Callable[..., Page]) -> None:
    _, page = judge(app, page_of)
    with in_use(mark(page, "A1")):
        for number, cause in enumerate(CAUSES):
            page.keyboard.press("." if number == 2 else "1")
            redraw(page, cause)
    expect(mark(page, "A1")).to_have_value("11.1111")
    page.get_by_text("写明理由（可不填）").first.click()
    with in_use(page.locator('[data-note="A1"]')):
        for words in ("咬边 ", "0.6 mm\n", " 见照片"):
            page.keyboard.insert_text(words)
            refreshed(page)
    expect(page.locator('[data-note="A1"]')).to_have_value("咬边 0.6 mm\n 见照片")
    page.get_by_text("改正用时").click()
    with in_use(page.locator("#time-minutes")):
        page.keyboard.press("Control+A")
        page.keyboard.press("2")
        redraw(page)
        page.keyboard.press("6")
        redraw(page)
    expect(page.locator("#time-minutes")).to_have_value("26")


def test_a_word_that_is_being_composed_goes_on_after_a_redraw(app: Flask, page_of: Callable[..., Page]) -> None:
    _, page = judge(app, page_of)
    note = page.locator('[data-note="A1"]')
    page.get_by_text("写明理由（可不填）").first.click()
    keyboard = page.context.new_cdp_session(page)
    with in_use(note):
        for letters in ("y", "ya", "yaob"):
            keyboard.send(
                "Input.imeSetComposition", {"text": letters, "selectionStart": 0, "selectionEnd": len(letters)}
            )
            refreshed(page)
        keyboard.send("Input.insertText", {"text": "咬边"})
        redraw(page)
    expect(note).to_have_value("咬边")


def test_a_mark_that_is_being_chosen_by_the_arrows_stays_chosen(app: Flask, page_of: Callable[..., Page]) -> None:
    _, page = judge(app, page_of)
    grades = page.locator('[data-mark="A3"]')
    grades.first.check()
    for grade in (1, 2):
        page.keyboard.press("ArrowRight")
        with in_use(grades.nth(grade)):
            refreshed(page)
        expect(grades.nth(grade)).to_be_checked()


def test_what_is_typed_while_the_store_is_busy_is_neither_drawn_over_nor_lost(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    hall, page = judge(app, page_of, codes=("A01", "A02", "A03"))
    for code, store in zip(hall.codes, ("drafts", "sheets", "outbox"), strict=True):
        open_sheet(page, code)
        elsewhere(hall, code)
        with busy_store(page, store):
            with in_use(mark(page, "A1")):
                for key in "12":
                    page.keyboard.press(key)
                    page.evaluate("window.dispatchEvent(new Event('hashchange'))")
            with in_use(mark(page, "A2")):
                page.keyboard.press("3")
                page.evaluate("document.dispatchEvent(new CustomEvent('judge:change'))")
                page.keyboard.press("Backspace")
                page.keyboard.press("4")
        redraw(page)
        for name, value in {"A1": "12", "A2": "4"}.items():
            expect(mark(page, name)).to_have_value(value)
    assert [draft["marks"] for draft in kept(page, "drafts")] == [{"A1": "12", "A2": "4", "A3": None}] * 3


def test_what_is_typed_between_submitting_and_its_write_goes_upon_the_submission(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    _, page = judge(app, page_of)
    for code, store, first, second in (("A01", "drafts", "31", "36"), ("A02", "sheets", "32", "37")):
        open_sheet(page, code)
        fill(page, {**RIGHT, "A1": first})
        expect(state(page, "kept")).to_contain_text("未提交")
        before = len(revisions())
        with busy_store(page, store):
            submit(page)
            mark(page, "A1").press("Control+A")
            page.keyboard.type(second)
        until(page, lambda before=before: len(revisions()) > before, "the submission was delivered")
        redraw(page)
        expect(mark(page, "A1")).to_have_value(second)
        expect(state(page, "kept")).to_contain_text("未提交")
        submit(page)
        delivered(page)
    assert [json.loads(each.marks)["A1"] for each in revisions()] == ["31", "36", "32", "37"]


def test_what_is_typed_while_the_list_is_read_is_kept(app: Flask, page_of: Callable[..., Page]) -> None:
    _, page = judge(app, page_of)
    with busy_store(page, "outbox"):
        page.get_by_role("link", name="列表").click()
        mark(page, "A1").press_sequentially("12.5")
    page.locator(".sheet-list a", has_text="A01").click()
    expect(mark(page, "A1")).to_have_value("12.5")


def test_a_delivery_from_elsewhere_waits_until_the_field_that_it_changes_is_left(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    hall, page = judge(app, page_of)
    with in_use(mark(page, "A1")):
        elsewhere(hall, A1="11")
        refreshed(page)
        expect(mark(page, "A1")).to_have_value("")
    page.locator("h1").click()
    expect(mark(page, "A1")).to_have_value("11")
    expect(mark(page, "A2")).to_have_value("1")


def test_a_mark_typed_over_a_delivery_from_elsewhere_is_asked_about(app: Flask, page_of: Callable[..., Page]) -> None:
    hall, page = judge(app, page_of)
    with in_use(mark(page, "A1")):
        elsewhere(hall, A1="11")
        refreshed(page)
        page.keyboard.type("35.5")
        redraw(page)
    fill(page)
    submit(page)
    expect(page.locator(".notice-warning")).to_contain_text("在别处已送达第 1 版")
    assert [json.loads(each.marks)["A1"] for each in revisions()] == ["11"]


def test_a_delivery_from_elsewhere_that_leaves_the_field_in_use_as_it_is_is_drawn_around_it(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    hall, page = judge(app, page_of)
    fill(page)
    submit(page)
    delivered(page)
    with in_use(mark(page, "A1")):
        elsewhere(hall, base=1, A2="0")
        refreshed(page)
        expect(mark(page, "A2")).to_have_value("0")
        page.keyboard.press("End")
        page.keyboard.type("0")
    submit(page)
    until(page, lambda: len(revisions()) == 3, "the third revision came")
    assert json.loads(revisions()[2].marks) == {"A1": "35.5", "A2": "0", "A3": "2"}


def test_a_field_in_use_keeps_its_text_when_another_tab_types_into_it(app: Flask, page_of: Callable[..., Page]) -> None:
    _, page = judge(app, page_of)
    other = page.context.new_page()
    open_sheet(other)
    with in_use(mark(page, "A1")):
        page.keyboard.type("1")
        expect(mark(other, "A1")).to_have_value("1")
        mark(other, "A1").fill("13")
        mark(other, "A2").fill("2")
        expect(mark(page, "A2")).to_have_value("2")
        expect(mark(page, "A1")).to_have_value("1")
    page.locator("h1").click()
    expect(mark(page, "A1")).to_have_value("13")


def test_a_sheet_that_is_confirmed_meanwhile_is_locked_when_the_field_is_left(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    hall, page = judge(app, page_of)
    with in_use(mark(page, "A1")):
        confirm_all(hall)
        refreshed(page)
        expect(mark(page, "A1")).to_be_editable()
    page.locator("h1").click()
    expect(mark(page, "A1")).not_to_be_editable()
    expect(mark(page, "A1")).to_have_value(RIGHT["A1"])


def test_the_question_who_is_there_takes_no_keystroke(app: Flask, page_of: Callable[..., Page]) -> None:
    _, page = judge(app, page_of)
    dialog = page.locator("#tablet-sign-in")
    with in_use(mark(page, "A1")):
        page.keyboard.press("1")
        db.session.rollback()
        for row in db.session.scalars(select(SignIn)):
            row.revoked_at = clock.now()
        db.session.commit()
        refreshed(page)
        expect(page.locator("#tablet-note")).to_contain_text("登录已失效：可以继续评分")
        page.keyboard.press("2")
        expect(dialog).to_be_hidden()
    expect(mark(page, "A1")).to_have_value("12")
    page.get_by_role("button", name="重新登录").click()
    expect(dialog).to_be_visible()


def test_a_tablet_that_cannot_keep_what_is_typed_says_so_and_tries_again(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    _, page = judge(app, page_of)
    page.evaluate("""() => {
        const put = IDBObjectStore.prototype.put;
        window.storeIsFull = true;
        IDBObjectStore.prototype.put = function (...given) {
            if (window.storeIsFull && this.name === "drafts") throw new DOMException("full", "QuotaExceededError");
            return put.apply(this, given);
        };
    }""")
    with in_use(mark(page, "A1")):
        page.keyboard.type("12.5")
        redraw(page)
        expect(page.locator("#tablet-note")).to_contain_text("没有存到本机")
    page.get_by_role("link", name="列表").click()
    redraw(page)
    expect(mark(page, "A1")).to_have_value("12.5")
    page.evaluate("window.storeIsFull = false")
    redraw(page)
    expect(page.locator("#tablet-note")).to_be_hidden()
    page.evaluate("window.storeIsFull = true")
    page.locator(".sheet-list a", has_text="A01").click()
    expect(mark(page, "A1")).to_have_value("12.5")
    fill(page)
    expect(page.locator("#tablet-note")).to_contain_text("没有存到本机")
    submit(page)
    delivered(page)
    page.evaluate("window.storeIsFull = false")
    redraw(page)
    assert kept(page, "drafts") == [] and [json.loads(each.marks) for each in revisions()] == [RIGHT]


def test_a_button_that_is_being_pressed_stays_under_the_finger(app: Flask, page_of: Callable[..., Page]) -> None:
    hall, page = judge(app, page_of)
    fill(page)
    press_slowly(page, page.locator("#sheet-submit"), lambda: redraw(page))
    delivered(page)
    page.get_by_role("link", name="列表").click()
    other = page.locator(".sheet-list a", has_text="A02")
    deliver(hall.client(hall.judges[0]), hall.sheet("A02").id)
    press_slowly(page, other, lambda: refreshed(page))
    expect(page.locator(".sheet-head .sheet-code")).to_have_text("A02")


def press_slowly(page: Page, button: Locator, meanwhile: Callable[[], None]) -> None:
    """Something happens between pressing and letting go."""
    button.hover()
    page.mouse.down()
    meanwhile()
    page.mouse.up()


def test_a_refresh_that_comes_late_leaves_the_cursor_where_it_is(app: Flask, page_of: Callable[..., Page]) -> None:
    hall, page = judge(app, page_of)
    elsewhere(hall, A1="11")
    held: list[Route] = []
    page.route("**/api/sheets", lambda route: held.append(route))
    page.reload()
    until(page, lambda: held, "the list was asked for")
    with in_use(mark(page, "A1")):
        page.keyboard.type("1")
        with page.expect_response("**/api/sheets/*"):
            held[0].continue_()
        redraw(page)
        page.keyboard.type("2")
        redraw(page)
    expect(mark(page, "A1")).to_have_value("12")
