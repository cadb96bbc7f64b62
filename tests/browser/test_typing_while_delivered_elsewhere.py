"""A sheet is delivered, confirmed or typed in elsewhere while a judge types here: the field in use stays as it is, the rest
is drawn around it, and nothing newer is overwritten unseen.
"""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from tests.browser.patience import until
from tests.browser.steps_tablet import delivered, fill, mark, open_sheet, revisions, submit
from tests.browser.steps_typing import elsewhere, in_use, judge, redraw, refreshed
from tests.factories_judging import RIGHT, act

pytestmark = pytest.mark.usefixtures("one_database")


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
    fill(page)
    submit(page)
    delivered(page)
    with in_use(mark(page, "A1")):
        act(hall.client("checker"), f"/api/sheets/{hall.sheet('A01').id}/confirm")
        refreshed(page)
        expect(page.locator(".sheet-where")).to_contain_text("已复核")
        expect(mark(page, "A1")).to_be_editable()
    page.locator("h1").click()
    expect(mark(page, "A1")).not_to_be_editable()
    expect(mark(page, "A1")).to_have_value(RIGHT["A1"])


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
