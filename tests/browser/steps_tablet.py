"""What a judge does on the tablet page, what he sees, and how the page's own modules are asked.

Knows the hall of factories_judging (aspects A1 and A2 measured, A3 judged).
"""

from typing import Any

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from competitions.base.database import db
from competitions.judging.models import ScoreRevision
from tests.browser.patience import until
from tests.factories_judging import RIGHT
from tests.people import PASSWORD


def open_list(page: Page) -> None:
    """The judge's list of sheets."""
    page.goto("/judge/")


def open_sheet(page: Page, code: str = "A01") -> None:
    """A sheet, from the list."""
    open_list(page)
    page.locator(".sheet-list a", has_text=code).click()
    expect(page.locator(".sheet-head .sheet-code")).to_have_text(code)


def mark(page: Page, aspect: str) -> Locator:
    """The field of an aspect."""
    return page.locator(f'[data-mark="{aspect}"]')


def fill(page: Page, marks: dict[str, str] = RIGHT) -> None:
    """Type or choose every mark."""
    mark(page, "A1").fill(marks["A1"])
    mark(page, "A2").fill(marks["A2"])
    page.locator(".judgement label").nth(int(marks["A3"])).click()


def submit(page: Page) -> None:
    """Press 提交."""
    page.click("#sheet-submit")


def state(page: Page, name: str) -> Locator:
    """One of the three steps of delivery: kept, delivered, signed."""
    return page.locator(f'[data-state="{name}"]')


def delivered(page: Page) -> None:
    """Wait until the page shows the receipt."""
    expect(state(page, "delivered")).to_contain_text("② 已送达 #")


def revisions() -> list[ScoreRevision]:
    """What the server has, in order."""
    db.session.rollback()
    return list(db.session.scalars(select(ScoreRevision).order_by(ScoreRevision.at)))


def shell_is_kept(page: Page) -> None:
    """Wait until the service worker serves the page."""
    until(page, lambda: page.evaluate("navigator.serviceWorker.controller !== null"), "the service worker took over")


def ask_modules(page: Page, names: str, script: str, argument: Any = None) -> Any:
    """Call a JavaScript function with modules of the page (the very ones that it runs) and an argument; its result.

    `names`: the modules, e.g. "store, server"; they are the function's first parameters.
    """
    return page.evaluate(
        f"""async (argument) => {{
        const entry = document.querySelector("script[type=module]").src;
        const load = (name) => import(new URL(name.trim() + ".js", entry));
        return ({script})(...await Promise.all("{names}".split(",").map(load)), argument);
    }}""",
        argument,
    )


def kept(page: Page, name: str) -> list[dict[str, Any]]:
    """Everything in one of the stores: outbox, drafts, sheets, meta."""
    found: list[dict[str, Any]] = ask_modules(page, "store", "(store, name) => store.all(name)", name)
    return found


def sign_in_as(page: Page, username: str) -> None:
    """Somebody else signs in on the same tablet."""
    ask_modules(page, "server", "(server, [name, password]) => server.signIn(name, password)", [username, PASSWORD])
