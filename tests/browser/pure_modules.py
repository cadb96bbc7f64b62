"""The pure modules of the tablet page alone, in an empty page of a real browser: no server, no database, no tablet page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from playwright.sync_api import Browser, Route

from competitions.accounts.gate import CSP
from competitions.judging.sheets.tablet_views import MODULES

PURE = ("decimals", "marks", "clock", "queue", "delivery")
Call = Callable[..., list[Any]]
"""`call("marks", "total", [(aspects, marks), …])`: what a function of a module says to each set of arguments."""
RUN = """async ([name, calls]) => {
    const found = await import("/" + name + ".js");
    const said = (value) => typeof value === "bigint" ? String(value) : value;
    return calls.map(([what, ...given]) => said(found[what](...given)));
}"""


@contextmanager
def opened(browser: Browser) -> Iterator[Call]:
    """The modules, to be called."""
    context = browser.new_context(timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.route("**/*", _serve)
    page.goto("http://modules.test/")

    def call(module: str, function: str, table: list[tuple[Any, ...]]) -> list[Any]:
        found: list[Any] = page.evaluate(RUN, [module, [[function, *given] for given in table]])
        return found

    yield call
    context.close()


def _serve(route: Route) -> None:
    """An empty page under the site's content security policy, and the pure modules; nothing else."""
    name = Path(urlparse(route.request.url).path).stem
    if name in PURE:
        route.fulfill(body=(MODULES / f"{name}.js").read_text(encoding="utf-8"), content_type="text/javascript")
    else:
        headers = {"Content-Security-Policy": CSP}
        route.fulfill(status=404 if name else 200, body="<!doctype html>", content_type="text/html", headers=headers)


def short(number: Decimal) -> str:
    """A number as the modules write it: as short as it goes, without exponents."""
    return f"{number.normalize():f}"
