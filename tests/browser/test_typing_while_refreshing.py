"""The tablet page is drawn again while a judge types: after every cause, at the worst moments, the field in use is the same
element, has the cursor and every keystroke.
"""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from competitions.accounts.models import SignIn
from competitions.base import clock
from competitions.base.database import db
from tests.browser.patience import until
from tests.browser.steps_tablet import delivered, fill, kept, mark, open_sheet, revisions, state, submit
from tests.browser.steps_typing import CAUSES, busy_store, elsewhere, in_use, judge, redraw, refreshed
from tests.factories_judging import RIGHT, deliver

pytestmark = pytest.mark.usefixtures("one_database")


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
