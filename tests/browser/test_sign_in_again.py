"""A sign-in that ends while a form is open, in a browser: what was typed comes back into the very form."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from competitions.accounts.models import SignIn
from competitions.base import clock
from competitions.base.database import db
from competitions.organisations.models import Union
from tests.factories import make_union, make_user
from tests.people import PASSWORD


def end_sign_ins() -> None:
    db.session.rollback()
    db.session.execute(update(SignIn).values(seen_at=clock.now() - timedelta(hours=2)))
    db.session.commit()


def test_what_was_typed_comes_back_into_its_form_after_signing_in_again(page_of: Callable[..., Page]) -> None:
    root = make_union()
    make_user(("administrator", "system", None), username="guanli")
    db.session.commit()
    root_id = root.id
    page = page_of("guanli")
    page.goto(f"/desk/unions/new?parent={root_id}")
    page.fill("[name=name]", "柳江机械厂工会")
    page.select_option("[name=kind]", "enterprise")
    end_sign_ins()
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_text("刚才填写的内容还没有保存")).to_be_visible()
    page.fill("#username", "guanli")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="登录并继续").click()
    page.wait_for_url("**/desk/unions/new**")
    expect(page.locator("[name=name]")).to_have_value("柳江机械厂工会")
    expect(page.get_by_text("已放回表单，还没有保存")).to_be_visible()
    db.session.rollback()
    assert db.session.scalar(select(Union.id).where(Union.name == "柳江机械厂工会")) is None
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda address: "new" not in address)
    db.session.rollback()
    assert db.session.scalar(select(Union.id).where(Union.name == "柳江机械厂工会")) is not None
