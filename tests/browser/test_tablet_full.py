"""A tablet whose storage is full (Chromium's own limit for the origin): the page says so in words, nothing that was typed is
lost, and what was kept before is delivered all the same.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import TABLET
from tests.browser.patience import until
from tests.browser.steps_tablet import (
    delivered,
    fill,
    kept,
    mark,
    open_list,
    open_sheet,
    revisions,
    shell_is_kept,
    state,
    submit,
)
from tests.factories_judging import make_hall

pytestmark = pytest.mark.usefixtures("one_database")


def leave(page: Page, size: int | None) -> None:
    """So many bytes are all that the origin may keep; None: as before."""
    origin = page.evaluate("location.origin")
    session = page.context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin} | ({"quotaSize": size} if size else {}))


def test_a_full_tablet_says_so_and_what_was_typed_is_kept_as_soon_as_there_is_space(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    leave(page, 1)
    fill(page)
    expect(page.locator("#tablet-note")).to_contain_text("本机存储空间已满")
    submit(page)
    expect(page.locator("dialog[open]")).to_contain_text("没有存到本机，也没有送达")
    page.locator("dialog[open] button").first.click()
    expect(mark(page, "A1")).to_have_value("35.5")
    assert revisions() == [] and kept(page, "drafts") == []
    leave(page, None)
    submit(page)
    delivered(page)
    expect(page.locator("#tablet-note")).to_be_hidden()
    assert len(revisions()) == 1


def test_what_was_kept_before_the_tablet_was_full_is_delivered_once_all_the_same(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    shell_is_kept(page)
    page.context.set_offline(True)
    fill(page)
    submit(page)
    expect(state(page, "kept")).to_contain_text("未送达")
    leave(page, 1)
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until(page, lambda: len(revisions()) == 1, "what waited was delivered")
    open_list(page)
    leave(page, None)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until(page, lambda: kept(page, "outbox") == [], "the receipt was kept")
    assert len(revisions()) == 1
