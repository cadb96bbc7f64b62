"""The page of settings in a real browser: read and changed on a desk and on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from competitions.base.database import db
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import make_user


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_administrator_changes_a_setting(
    page_of: Callable[..., Page], axe: Callable[[Page], list[Any]], size: tuple[int, int]
) -> None:
    make_user(("administrator", "system", None), username="root")
    db.session.commit()
    page = page_of("root", size=size)
    page.goto("/desk/settings")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator(".table-wrap").evaluate("wrap => wrap.scrollWidth <= wrap.clientWidth")
    page.get_by_role("link", name="修改“每小时可上传名单的次数”").click()
    assert axe(page) == []
    page.get_by_label("数值").fill("500")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("5 到 200")
    page.get_by_label("数值").fill("30")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("30 次")
