"""The pages that everybody sees first, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from competitions.base.database import db
from tests.browser.conftest import DESKTOP, PHONE, TABLET
from tests.factories import make_user


@pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE])
def test_the_sign_in_page_is_accessible_and_leads_to_the_desk(
    page_of: Callable[..., Page], axe: Callable[[Page], list[Any]], size: tuple[int, int]
) -> None:
    make_user(username="zhang")
    db.session.commit()
    page = page_of(size=size)
    page.goto("/login")
    assert axe(page) == []
    page.fill("#username", "zhang")
    page.fill("#password", "Wrong-Password-1")
    page.click("form button[type=submit]")
    expect(page.locator("form")).to_contain_text("用户名或密码不正确")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
