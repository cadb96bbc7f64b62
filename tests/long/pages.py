"""Every page of the demonstration in each role at three sizes, in a real Chromium.

A page must answer, must not scroll sideways and must show axe nothing serious. Follows links of the desk, a few of each
route; writes screenshots where ARTIFACTS points.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from competitions.base.config import from_environment
from tests.browser.conftest import ARGUMENTS, AXE, Server

SIZES = {"desktop": (1366, 768), "tablet": (820, 1180), "phone": (390, 844)}
OF_A_ROUTE = 2
"""Pages of one shape of address that are looked at, for each role."""
IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
LEFT_OUT = (".xlsx", ".json", ".pdf", ".ics", "/logout", "/attachments/", "/scans/")


def main() -> int:
    """0 when every page of every role is sound."""
    with tempfile.TemporaryDirectory(prefix="competitions-pages-") as place:
        environment = {**os.environ, "INSTANCE_PATH": place, "DATABASE_URL": ""}
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "load", "--seed", "1", "--json"]
        people = json.loads(subprocess.check_output(command, env=environment))["users"]
        server = Server(from_environment(environment))
        server.start()
        try:
            with sync_playwright() as started:
                browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
                faults = [fault for person in _one_of_each(people) for fault in _walk(browser, server.url, person)]
        finally:
            server.stop()
    print("\n".join(faults) or "every page is sound")
    return 1 if faults else 0


def _one_of_each(people: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """A visitor, and one person for each set of roles."""
    found = {tuple(person["roles"]): person for person in reversed(people) if person["roles"]}
    return [None, *found.values()]


def _walk(browser: Browser, url: str, person: dict[str, Any] | None) -> Iterator[str]:
    context = browser.new_context(base_url=url, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(60_000)
    page = context.new_page()
    start = "/"
    if person:
        page.goto("/login")
        page.fill("#username", person["username"])
        page.fill("#password", person["password"])
        page.click("form button[type=submit]")
        start = "/desk/"
    who = "、".join(person["roles"]) if person else "visitor"
    seen: Counter[str] = Counter()
    queue = [start]
    for path in queue:
        yield from (f"{who} {fault}" for fault in _look(page, path, who))
        for link in page.eval_on_selector_all("a[href^='/']", "all => all.map(a => a.getAttribute('href'))"):
            shape = IDENTIFIER.sub("#", link.split("?")[0].split("#")[0])
            if link in queue or "?" in link or any(part in link for part in LEFT_OUT) or seen[shape] >= OF_A_ROUTE:
                continue
            seen[shape] += 1
            queue.append(link)
    print(f"{who}: {len(queue)} pages", flush=True)
    context.close()


def _look(page: Page, path: str, who: str) -> Iterator[str]:
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        if name == "desktop":
            answer = page.goto(path)
            if answer is None or answer.status >= 400:
                yield f"{path} answers {answer.status if answer else 'nothing'}"
                return
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 1:
            yield f"{path} scrolls sideways by {wide} px at {width}"
        if folder := os.environ.get("ARTIFACTS"):
            file = IDENTIFIER.sub("_", path.strip("/").replace("/", ".")) or "front"
            page.screenshot(path=Path(folder) / f"{who[:20]}-{file[:80]}-{name}.png")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations.map(v => [v.id, v.impact])")
    yield from (f"{path} axe: {rule}" for rule, impact in found if impact in ("serious", "critical"))


if __name__ == "__main__":
    sys.exit(main())
