"""The tablet page is redrawn while a judge types (a slow refresh, a slow store): nothing typed goes, the cursor stays."""

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import TABLET
from tests.factories_judging import make_hall


def open_sheet(page: Page) -> None:
    page.goto("/judge/")
    page.locator(".sheet-list a", has_text="A01").click()
    expect(page.locator(".sheet-head .sheet-code")).to_have_text("A01")


def test_a_mark_typed_while_the_sheet_is_read_from_the_store_stays(app: Flask, page_of: Callable[..., Page]) -> None:
    page = page_of(make_hall(app, judges=1).judges[0].username, size=TABLET)
    open_sheet(page)
    page.fill('[data-mark="A1"]', "12.5")
    expect(page.locator('[data-state="kept"]')).to_contain_text("未提交")
    page.evaluate("""() => {
        const read = judgeStore.get;
        judgeStore.get = async (name, key) => {
            const found = await read(name, key);
            if (name === "drafts") await new Promise((done) => setTimeout(done, 400));
            return found;
        };
        window.dispatchEvent(new Event("hashchange"));
        setTimeout(() => {
            const field = document.querySelector('[data-mark="A2"]');
            field.value = "3";
            field.dispatchEvent(new Event("input", { bubbles: true }));
        }, 200);
    }""")
    page.wait_for_timeout(1500)
    expect(page.locator('[data-mark="A1"]')).to_have_value("12.5")
    expect(page.locator('[data-mark="A2"]')).to_have_value("3")


def test_a_refresh_that_comes_late_leaves_the_cursor_where_it_is(app: Flask, page_of: Callable[..., Page]) -> None:
    page = page_of(make_hall(app, judges=1).judges[0].username, size=TABLET)
    open_sheet(page)
    page.evaluate("""async () => {
        for (const kept of await judgeStore.all("sheets"))
            await judgeStore.put("sheets", judgeStore.id(kept.user, kept.sheet),
                { ...kept, document: { ...kept.document, version: "older", revision: -1 } });
    }""")
    held = []
    page.route("**/api/sheets", lambda route: held.append(route))
    with page.expect_request("**/api/sheets"):
        page.reload()
    field = page.locator('[data-mark="A1"]')
    field.press_sequentially("1")
    with page.expect_response("**/api/sheets/*"):
        held[0].continue_()
    page.wait_for_timeout(500)
    page.keyboard.type("2")
    expect(field).to_be_focused()
    expect(field).to_have_value("12")
