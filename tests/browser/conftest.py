"""A real server (waitress, in a process of its own) and a real Chromium for the browser tests.

`server` serves the test's fresh database; `page_of(username)` opens a browser context signed in as that person;
`axe(page)` gives what axe-core finds serious.
"""

import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from competitions.base.config import Settings
from tests.browser import patience, pure_modules
from tests.people import PASSWORD

AXE = Path(__file__).resolve().parents[1] / "data" / "axe.min.js"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
DESKTOP, TABLET, PHONE = (1366, 850), (820, 1180), (390, 844)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker("browser")


@pytest.fixture(autouse=True)
def patient() -> None:
    """What is expected of a page may take as long as the machine needs now."""
    expect.set_options(timeout=patience.milliseconds())


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, once a session."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium."""
    opened = playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=ARGUMENTS, timeout=patience.milliseconds(30)
    )
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def call(browser: Browser) -> Iterator[pure_modules.Call]:
    """The tablet's pure modules, to be called without a tablet page."""
    with pure_modules.opened(browser) as caller:
        yield caller


@pytest.fixture
def one_database(request: pytest.FixtureRequest) -> None:
    """For what happens in the browser whatever the database is: on the first one only, the suite is long."""
    kind = getattr(request.node, "callspec", None)
    first = request.config.getoption("--databases").split(",")[0]
    if kind is not None and kind.params.get("database_kind", first) != first:
        pytest.skip("the same in the browser whatever the database")


class Server:
    """The application in a process of its own; it can be stopped and started again (same port, same database)."""

    def __init__(self, settings: Settings) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "INSTANCE_PATH": str(settings.instance_path),
            "SECRET_KEY": settings.secret_key,
            "KEYRING_FILE": str(settings.keyring_file),
            "AUDIT_KEY_FILE": str(settings.audit_key_file),
            "PORT": str(self.port),
            "PROFILE": settings.profile,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        code = (
            "from competitions.app import create_app; from competitions.serving import serve; import os; "
            "serve(create_app(), '127.0.0.1', int(os.environ['PORT']))"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            env=self.environment,
            cwd=Path(__file__).resolve().parents[2],
            stderr=subprocess.DEVNULL,
        )
        patience.wait(self.answers, "the server started")

    def answers(self) -> bool:
        """Whether it answers by now; it must not have ended by itself."""
        assert self.process is not None and self.process.poll() is None, "the server ended at once"
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=patience.seconds(2)):
                return True
        except OSError:
            return False

    def stop(self) -> None:
        """Kill it, as a power cut would."""
        if self.process:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def server(app: Flask, settings: Settings) -> Iterator[Server]:
    """A running server on the test's database. Commit what the test prepares before a page is opened."""
    running = Server(settings)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def page_of(server: Server, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page signed in as `username` (or as a visitor without one), each in a browser context of its own."""
    contexts: list[BrowserContext] = []

    def open_page(username: str | None = None, password: str = PASSWORD, size: tuple[int, int] = DESKTOP) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            base_url=server.url,
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(patience.milliseconds())
        contexts.append(context)
        page = context.new_page()
        if username:
            page.goto("/login")
            page.fill("#username", username)
            page.fill("#password", password)
            page.click("form button[type=submit]")
            expect(page).to_have_url(re.compile("/desk/"))
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def axe() -> Callable[[Page], list[dict[str, Any]]]:
    """What axe-core finds serious or critical on a page."""

    def run(page: Page) -> list[dict[str, Any]]:
        source = AXE.read_text(encoding="utf-8")
        page.evaluate(source)
        found = page.evaluate(
            "async () => (await axe.run()).violations.map(v => ({id: v.id, impact: v.impact, "
            "nodes: v.nodes.map(n => n.html).slice(0, 3)}))"
        )
        return [violation for violation in found if violation["impact"] in ("serious", "critical")]

    return run
