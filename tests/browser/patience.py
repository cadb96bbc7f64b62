"""How long a browser test waits before it gives up: longer on a slow or busy machine. The one place that knows time-outs.

Tests wait for conditions; a time-out only says when to stop hoping, so a long one costs nothing where all is well.
`TEST_PATIENCE=3` makes every wait three times as long; without it the machine is measured before each test.
"""

import os
import time
from collections.abc import Callable
from typing import NoReturn

import pytest
from playwright.sync_api import Page

WAIT = 20.0
"""Seconds until a condition is given up on a machine that is quick and idle."""
WORK, WORK_TAKES = 1_000_000, 0.02
"""A fixed piece of work, and the seconds that it takes on such a machine."""
MOST = 6.0


def factor() -> float:
    """How many times longer than on a quick and idle machine everything may take, now."""
    given = os.environ.get("TEST_PATIENCE")
    if given:
        return float(given)
    began = time.perf_counter()
    sum(range(WORK))
    slowness = (time.perf_counter() - began) / WORK_TAKES
    crowd = os.getloadavg()[0] / (os.cpu_count() or 1)
    return min(MOST, max(1.0, slowness) * max(1.0, crowd))


def seconds(on_an_idle_machine: float = WAIT) -> float:
    """A time-out in seconds for this machine as it is now."""
    return on_an_idle_machine * factor()


def milliseconds(on_an_idle_machine: float = WAIT) -> float:
    """The same, as playwright counts."""
    return 1000 * seconds(on_an_idle_machine)


def until(page: Page, condition: Callable[[], object], what: str) -> None:
    """Wait until the condition holds, while the page's events and routes are handled; AssertionError with `what` when it
    does not. For what `expect` cannot see: the database, requests that a route has caught, the page's own objects
    (`wait_for_function` would need eval, which the content security policy forbids).
    """
    wait(condition, what, rest=lambda: page.wait_for_timeout(50))


def wait(condition: Callable[[], object], what: str, rest: Callable[[], object] = lambda: time.sleep(0.05)) -> None:
    """The same without a page; `rest` passes a moment between two looks."""
    last = time.monotonic() + seconds()
    while not condition():
        if time.monotonic() > last:
            give_up(what)
        rest()


def give_up(what: str) -> NoReturn:
    """The condition did not come about; the load of the machine is told, because it may be the reason."""
    pytest.fail(f"gave up waiting: {what} (patience {factor():.1f}, load {os.getloadavg()[0]:.1f})")
