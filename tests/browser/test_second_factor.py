"""The second factor in a browser: bound at the first sign-in, asked for at the next, read on desk, tablet and phone."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from competitions.accounts.models import SignIn
from competitions.base import clock
from competitions.base.config import Settings
from competitions.base.database import db
from tests.accounts.phones import bind
from tests.browser.conftest import DESKTOP, PHONE, TABLET
from tests.factories import make_user
from tests.people import PASSWORD


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A real installation, as `make serve` starts it."""
    return replace(settings, profile="standard")


def password(page: Page, username: str) -> None:
    page.goto("/login")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="登录").click()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE])
def test_an_administrator_binds_a_phone_and_signs_in_with_it(
    page_of: Callable[..., Page], axe: Callable[[Page], list[Any]], size: tuple[int, int]
) -> None:
    make_user(("administrator", "system", None), username="root")
    db.session.commit()
    page = page_of(size=size)
    password(page, "root")
    page.wait_for_url("**/login/phone")
    assert axe(page) == [] and fits(page)
    square = page.locator(".phone-code svg").bounding_box()
    assert square is not None and square["width"] >= 180
    secret = page.locator("[data-secret]").inner_text().replace(" ", "")
    page.get_by_label("手机上的 6 位数字").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="完成设置并登录").click()
    expect(page.get_by_role("heading", name="恢复码")).to_be_visible()
    assert axe(page) == [] and fits(page)
    codes = page.locator("[data-recovery-codes] code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="已保存好，继续").click()
    page.wait_for_url("**/desk/")
    page.goto("/desk/second-factor")
    assert axe(page) == [] and fits(page)
    page.context.clear_cookies()
    password(page, "root")
    page.wait_for_url("**/login/code")
    assert axe(page) == [] and fits(page)
    page.get_by_label("动态口令或恢复码").fill(codes[0])
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile("/desk/"))


def test_the_code_is_asked_for_on_the_page_where_the_sign_in_ended(
    page_of: Callable[..., Page], one_database: None
) -> None:
    clerk = make_user(("administrator", "system", None), username="guanli")
    db.session.commit()
    _, codes = bind(clerk)
    page = page_of()
    password(page, "guanli")
    page.get_by_label("动态口令或恢复码").fill(codes[0])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/desk/")
    page.goto("/desk/settings/imports.an_hour")
    page.get_by_label("数值").fill("33")
    db.session.execute(update(SignIn).values(expires_at=clock.now()))
    db.session.commit()
    page.evaluate("window.site.signedOut()")
    page.locator("[data-sign-in-here]").click()
    dialog = page.locator("#sign-in-here")
    dialog.locator("[name=username]").fill("guanli")
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(dialog).to_contain_text("密码正确，请再输入手机上的动态口令")
    dialog.locator("[name=code]").fill(codes[0])
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(dialog).to_contain_text("动态口令不正确，或已经用过")
    dialog.locator("[name=code]").fill(codes[1])
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("数值")).to_have_value("33")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("33 次")
