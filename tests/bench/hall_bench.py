"""200 judges who save every five seconds: alone, beside three clerks who confirm rosters of 300 rows, beside the clerks and
somebody who exports a list; SQLite with one process, PostgreSQL with two.

A clerk reads his next preview for a second before he confirms it. The judges must not feel it: p99 beside at most three
times p99 alone, and nobody refused. At full speed a save is compared with a bare handler that commits one row with
synchronous=FULL on the same server; the median of five pairs.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from flask import Flask

from competitions.base.database import db
from tests.bench import judging_bench
from tests.bench.judging_bench import CLIENTS, Hive, Saver, _get, _kept_open, _paced, _rate, _signed_in, _wait_for, made
from tests.bench.rosters import roster_of
from tests.chaos.harness import Caller
from tests.factories_registration import Region, make_region, signed_in
from tests.postgres import cluster
from tests.registration.uploading import upload

CLERKS, ROSTERS, ROWS, PAUSE = 3, 10, 300, 1.0
PAIRS = 5
Line = tuple[str, str, str]
COMMITS_A_ROW = """
import os, sqlite3, threading
from flask import Flask
from competitions.serving import serve
app, here, path = Flask("bare"), threading.local(), os.environ["ROWS"]
def opened():
    if not hasattr(here, "connection"):
        here.connection = sqlite3.connect(path, isolation_level=None)
        here.connection.execute("PRAGMA journal_mode=WAL")
        here.connection.execute("PRAGMA synchronous=FULL")
        here.connection.execute("PRAGMA busy_timeout=5000")
        here.connection.execute("CREATE TABLE IF NOT EXISTS kept (said TEXT)")
    return here.connection
@app.get("/")
def page():
    connection = opened()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO kept VALUES ('saved')")
    connection.execute("COMMIT")
    return "ok"
serve(app, "127.0.0.1", int(os.environ["PORT"]))
"""


class Roster:
    """A roster that was uploaded beforehand, by a reporter whom nobody sees sign in."""

    def __init__(self, app: Flask, region: Region, first: int, rows: int = ROWS) -> None:
        reporter, self.competition = region.reporter.id, region.competition.id
        client = signed_in(app, region.reporter)
        self.place = upload(
            client, region.competition, region.enterprise, roster_of(region.employer.name, rows, first=first)
        )
        db.session.rollback()
        self.token = _signed_in(reporter)
        db.session.commit()

    def caller(self, port: int) -> Caller:
        """Its reporter."""
        caller = Caller(port, "")
        caller.cookies["sid"] = self.token
        caller.token = caller.request("GET", "/api/session")[1]["csrf"]
        return caller

    def confirm(self, port: int) -> int:
        """Read the preview, wait as a person does, confirm; the status."""
        caller = self.caller(port)
        digest = re.search(r'name="digest" value="([0-9a-f]+)"', caller.request("GET", self.place)[1])
        time.sleep(PAUSE)
        fields = urllib.parse.urlencode({"digest": digest.group(1) if digest else ""}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": caller.token}
        return caller.request("POST", f"{self.place}/confirm", fields, kind)[0]


class Desk:
    """The clerks beside the hall: their rosters, and a list of a thousand entries that somebody exports."""

    def __init__(self, hive: Hive) -> None:
        with hive.app.app_context():
            db.session.rollback()
            regions = [make_region() for _ in range(CLERKS * ROSTERS + 1)]
            db.session.commit()
            self.rosters = [Roster(hive.app, region, place * ROWS) for place, region in enumerate(regions[:-1])]
            self.listed = Roster(hive.app, regions[-1], len(self.rosters) * ROWS, 1_000)
            db.session.remove()
            db.engine.dispose()
        self.ports = [process.port for process in hive.processes]
        self.statuses: list[int] = []

    def fill_list(self) -> None:
        """The thousand entries are there."""
        assert self.listed.confirm(self.ports[0]) == 303

    def clerk(self, number: int, until: float) -> None:
        """Confirm one roster after the other."""
        port = self.ports[number % len(self.ports)]
        while self.rosters and time.perf_counter() < until:
            self.statuses.append(self.rosters.pop().confirm(port))

    def exporter(self, until: float) -> None:
        """Export the list again and again."""
        caller = self.listed.caller(self.ports[-1])
        while time.perf_counter() < until:
            self.statuses.append(caller.request("GET", f"/desk/competitions/{self.listed.competition}/entries.xlsx")[0])
            time.sleep(PAUSE)

    def beside(self, savers: list[Saver], *, export: bool) -> list[float]:
        """How long saves take while the desk works."""
        until = time.perf_counter() + judging_bench.ROUNDS * judging_bench.PACE
        work = [threading.Thread(target=self.clerk, args=(number, until)) for number in range(CLERKS)]
        work += [threading.Thread(target=self.exporter, args=(until,))] * export
        for thread in work:
            thread.start()
        took = _paced(savers)
        for thread in work:
            thread.join()
        return took


def beside(hive: Hive, words: str) -> list[Line]:
    """p99 of the saves beside the desk ÷ p99 alone, and who was refused (a save that is refused ends the bench)."""
    desk = Desk(hive)
    with hive:
        desk.fill_list()
        alone = _paced(hive.savers)
        lines = []
        for said, export in (("3 clerks", False), ("3 clerks and an export", True)):
            took, done = desk.beside(hive.savers, export=export), len(desk.statuses)
            ratio = f"p50 {_ms(took, 0.5)}, p99 {_ms(took, 0.99)} ÷ {_ms(alone, 0.99)} ms"
            figure = f"{_at(took, 0.99) / _at(alone, 0.99):.1f}"
            lines.append((f"saves beside {said} ({done} acts): {ratio}, {words}", figure, "≤ 3"))
        refused = sum(status not in (200, 303) for status in desk.statuses)
        lines.append((f"clerks refused, {words}", str(refused), "≤ 0"))
    return lines


def _at(took: list[float], share: float) -> float:
    return took[int(len(took) * share)]


def _ms(took: list[float], share: float) -> str:
    return f"{_at(took, share) * 1000:.0f}"


@contextmanager
def committing() -> Iterator[int]:
    """The port of a bare handler that commits one row."""
    with tempfile.TemporaryDirectory() as place, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        env = {**os.environ, "PORT": str(port), "ROWS": f"{place}/rows.sqlite"}
        process = subprocess.Popen([sys.executable, "-c", COMMITS_A_ROW], env=env, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield port
        finally:
            process.kill()
            process.wait()


def pairs(hive: Hive) -> Line:
    """Saves at full speed ÷ commits of a bare handler at full speed, the median of some pairs."""
    found = []
    with hive, committing() as port:
        for _ in range(PAIRS):
            bare = _rate([partial(_get, _kept_open(port)) for _ in range(CLIENTS)])
            saves = hive.full_speed(CLIENTS)
            found.append((saves / bare, saves, bare))
    ratio, saves, bare = median(found)
    return f"saves/s ÷ bare commits/s ({saves:.0f} ÷ {bare:.0f}), SQLite, median of {PAIRS}", f"{ratio:.2f}", "≥ 0.7"


def table() -> list[Line]:
    """What was measured, the figure, the limit."""
    with tempfile.TemporaryDirectory(prefix="hall-bench-") as name:
        place = Path(name)
        lines = beside(Hive(place / "hall", f"sqlite:///{place / 'hall.sqlite'}", 1), "SQLite")
        lines.append(pairs(Hive(place / "pairs", f"sqlite:///{place / 'pairs.sqlite'}", 1)))
        with cluster(place, durable=True) as address:
            lines += beside(Hive(place / "two", made(address, "two"), 2), "PostgreSQL, 2 processes")
    return lines
