"""The judge's tablet when a sheet has gone to another: what was typed stays, is kept for the chief judge, and is told so."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from competitions.base.database import db
from competitions.judging.models import Quarantine
from tests.browser.conftest import TABLET
from tests.browser.steps_tablet import fill, open_sheet, state
from tests.factories_judging import make_hall
from tests.situations.panels import leave, new_judge

pytestmark = pytest.mark.usefixtures("one_database")


def online(page: Page) -> None:
    """The network is there again."""
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")


@pytest.mark.parametrize("is_submitted", [True, False], ids=["submitted", "typed"])
def test_what_was_typed_offline_for_a_sheet_of_another_is_kept_and_told(
    app: Flask, page_of: Callable[..., Page], is_submitted: bool
) -> None:
    hall = make_hall(app, judges=1)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    page.context.set_offline(True)
    fill(page)
    if is_submitted:
        page.click("#sheet-submit")
        expect(state(page, "kept")).to_contain_text("未送达")
    assert leave(hall, hall.judges[0], new_judge(hall)).status_code == 303
    online(page)
    if not is_submitted:
        page.reload()
        expect(page.locator("#tablet")).to_contain_text("现在不在本人名下")
        expect(page.locator('[data-mark="A1"]')).to_have_value("35.5")
        page.click("#sheet-submit")
    expect(page.locator("#tablet .notice-danger")).to_contain_text("交裁判长处理")
    expect(page.locator('[data-mark="A1"]')).to_have_value("35.5")
    db.session.rollback()
    assert ["35.5" in late.body for late in db.session.query(Quarantine)] == [True]
    page.get_by_role("button", name="知道了").click()
    expect(page.locator(".sheet-list a")).to_have_count(0)
