"""A tablet whose storage is full (Chromium's own limit for the origin): the page says so in words, nothing that was typed is
lost, and what was kept before is delivered all the same.
"""

import os
from collections.abc import Callable
from contextlib import suppress

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

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
    shell_is_kept,
    state,
    submit,
)
from tests.factories_judging import make_hall

pytestmark = pytest.mark.usefixtures("one_database")


def leave(page: Page, size: int | None) -> None:
    """So many bytes are all that the origin may keep; None: as before. Chromium goes by what it asked for up to half a minute
    ago, so a little is written again and again until it is refused.
    """
    session = page.context.new_cdp_session(page)
    limit = {"quotaSize": size} if size else {}
    session.send("Storage.overrideQuotaForOrigin", {"origin": page.evaluate("location.origin"), **limit})
    if size:
        fails = "store => store.put('meta', 'probe', 1).then(() => false, fault => fault.name === 'QuotaExceededError')"
        for _ in range(4):  # each as long as a page may take
            with suppress(pytest.fail.Exception):
                return until(page, lambda: ask_modules(page, "store", fails), "the tablet was full")
        pytest.fail("Chromium still lets the page write")
    return None


def test_a_full_tablet_says_so_loses_nothing_typed_and_delivers_what_it_kept_before(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    hall = make_hall(app, judges=1, codes=("A01", "A02"))
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page, "A02")
    open_sheet(page)
    shell_is_kept(page)
    page.context.set_offline(True)
    fill(page)
    submit(page)
    expect(state(page, "kept")).to_contain_text("未送达")
    page.get_by_role("link", name="列表").click()
    page.locator(".sheet-list a", has_text="A02").click()
    leave(page, 1)
    fill(page)
    page.locator("#sheet-submit").focus()
    expect(page.locator("#tablet-note")).to_contain_text("本机存储空间已满")
    expect(page.locator("#tablet-note")).not_to_contain_text("已存在本机")
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/full.png", full_page=True)
    submit(page)
    expect(page.locator("dialog[open]")).to_contain_text("没有存到本机，也没有送达")
    page.locator("dialog[open] button:visible").click()
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until(page, lambda: len(revisions()) == 1, "what was kept before was delivered")
    expect(mark(page, "A1")).to_have_value("35.5")
    assert kept(page, "drafts") == []
    leave(page, None)
    submit(page)
    delivered(page)
    until(page, lambda: kept(page, "outbox") == [], "the receipts were kept")
    expect(page.locator("#tablet-note")).to_be_hidden()
    assert len({each.sheet_id for each in revisions()}) == len(revisions()) == 2
