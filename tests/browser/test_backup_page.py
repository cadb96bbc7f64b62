"""The page of archives in a real browser: one is made and checked, on a desk, a tablet and a phone."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from competitions.base.config import Settings
from competitions.base.database import db
from tests.backup.places import prepare
from tests.browser.conftest import DESKTOP, PHONE, TABLET, Server
from tests.factories import make_user

pytestmark = pytest.mark.usefixtures("one_database")


@pytest.fixture
def configured(app: Flask, settings: Settings, tmp_path: Path, server: Server) -> None:
    """The server knows where archives go and what they are encrypted with."""
    place = prepare(app, settings, tmp_path)
    make_user(("administrator", "system", None), username="root")
    db.session.commit()
    server.stop()
    given = place.settings
    server.environment |= {
        "BACKUP_PATH": str(given.backup_folder),
        "BACKUP_PASSPHRASE_FILE": str(given.backup_pass_file),
    }
    server.start()


@pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE])
def test_the_administrator_makes_an_archive_and_checks_it(
    configured: None, page_of: Callable[..., Page], axe: Callable[[Page], list[Any]], size: tuple[int, int]
) -> None:
    page = page_of("root", size=size)
    page.goto("/desk/backups")
    expect(page.get_by_role("alert")).to_contain_text("还没有做过备份")
    shot(page, f"before-{size[0]}")
    page.get_by_role("button", name="现在备份").click()
    line = page.locator("tbody tr")
    expect(line).to_contain_text("2 个文件")
    line.get_by_role("button", name="核对").click()
    expect(line).to_contain_text("已打开核对")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator(".table-wrap").evaluate("wrap => wrap.scrollWidth <= wrap.clientWidth")
    shot(page, f"after-{size[0]}")


def shot(page: Page, name: str) -> None:
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)
