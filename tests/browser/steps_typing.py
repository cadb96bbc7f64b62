"""Making the tablet page draw itself again at the worst moments, and seeing that the field in use is left alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import TABLET
from tests.browser.steps_tablet import ask_modules, open_sheet
from tests.factories_judging import RIGHT, Hall, deliver, make_hall, submission

CAUSES = {
    "the list was fetched": ("refresh", "(refresh) => refresh.refresh()"),
    "a look at the outbox": ("outbox", "(outbox) => outbox.flush()"),
    "another tab": (
        "outbox",
        """async () => {
        new BroadcastChannel("judge").postMessage("change");
        await new Promise((heard) => document.addEventListener("judge:change", heard, { once: true }));
    }""",
    ),
    "the address": ("page", "() => window.dispatchEvent(new Event('hashchange'))"),
    "the network is back": ("page", "() => window.dispatchEvent(new Event('online'))"),
    "the network went": ("page", "() => window.dispatchEvent(new Event('offline'))"),
    "the page is shown again": (
        "page",
        """() => {
        window.dispatchEvent(new Event("pageshow"));
        document.dispatchEvent(new Event("visibilitychange"));
    }""",
    ),
}
"""What makes the page draw itself again: module, and function of it."""
HOLD = """(name) => new Promise((held) => {
    const asked = indexedDB.open("judging");
    asked.onsuccess = () => {
        const store = asked.result.transaction([name], "readwrite").objectStore(name);
        window.storeIsBusy = true;
        const again = () => { store.get("").onsuccess = () => {
            held();
            if (window.storeIsBusy) again(); else asked.result.close();
        }; };
        again();
    };
})"""
"""A transaction that is kept going: whoever wants the store waits."""


@contextmanager
def busy_store(page: Page, name: str) -> Iterator[None]:
    """A slow tablet: whatever reads or writes this store meanwhile waits."""
    page.evaluate(HOLD, name)
    yield
    page.evaluate("window.storeIsBusy = false")


def redraw(page: Page, cause: str = "the address") -> None:
    """Something makes the page draw itself again; what is kept by now is drawn."""
    ask_modules(page, *CAUSES[cause])
    ask_modules(page, "drawing", "(drawing) => drawing.draw()")


def refreshed(page: Page) -> None:
    """What the server has is fetched and drawn."""
    redraw(page, "the list was fetched")


def elsewhere(hall: Hall, code: str = "A01", base: int = 0, **marks: str) -> None:
    """The judge delivers a sheet from another tablet."""
    content = submission({**RIGHT, **marks}, base=base)
    assert deliver(hall.client(hall.judges[0]), hall.sheet(code).id, content).status_code == 201


@contextmanager
def in_use(field: Locator) -> Iterator[None]:
    """The field that is typed in: at the end it is the same element and still has the cursor."""
    field.focus()
    expect(field).to_be_focused()
    field.evaluate("element => { window.used = element; }")
    yield
    expect(field).to_be_focused()
    assert field.evaluate("element => element === window.used"), "the field was replaced"


def judge(app: Flask, page_of: Callable[..., Page], **facts: object) -> tuple[Hall, Page]:
    """A judge at an open sheet, and the hall he is in."""
    hall = make_hall(app, judges=1, **facts)
    page = page_of(hall.judges[0].username, size=TABLET)
    open_sheet(page)
    return hall, page
