"""The public page of a publication with 10,000 placings under 16 connections, in requests of a bare Flask page.

Both are served by waitress with the house's settings, each in a process of its own; the client is a loop over sockets
without threads, so that it costs little beside them. No packing is asked for: the whole page goes over the wire.
"""

import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from competitions.audit.chain import canonical
from competitions.base.config import Settings

PLACINGS, PAGES, LINKS = 10_000, 100, 16
SECONDS, ROUNDS = 3, 3
WARM, FIRST, TAIL, MEMORY, GONE = "≥ 0.4", "≥ 0.06", "≤ 5", "≤ 250", "≤ 1"
SERVE = (
    "import logging, os; from {module} import {name} as made; from competitions.serving import serve; "
    "logging.disable(logging.WARNING); serve(made(), '127.0.0.1', int(os.environ['PORT']))"
)


def bare_app() -> object:
    """A Flask application with one small page."""
    from flask import Flask

    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "<!doctype html><title>bare</title><p>A page.")
    return app


class Served:
    """An application in a process of its own."""

    def __init__(self, module: str, name: str, place: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {
            **os.environ,
            "PORT": str(self.port),
            "INSTANCE_PATH": str(place),
            "DATABASE_URL": f"sqlite:///{place / 'bench.sqlite'}",
        }
        self.process = subprocess.Popen([sys.executable, "-c", SERVE.format(module=module, name=name)], env=environment)
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def megabytes(self) -> float:
        """Resident memory of the process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024

    def load(self, paths: Sequence[str], *, seconds: float | None = None) -> tuple[float, list[float]]:
        """Requests a second and the time of each, over LINKS connections: every path once, or again and again."""
        return Load(self.port, paths).run(seconds)


class Load:
    """Many connections, one request under way on each."""

    def __init__(self, port: int, paths: Sequence[str]) -> None:
        self.port, self.paths, self.next = port, paths, 0
        self.times: list[float] = []

    def run(self, seconds: float | None) -> tuple[float, list[float]]:
        """Until every path was asked for once (None) or the time is over."""
        chosen = selectors.DefaultSelector()
        started = time.perf_counter()
        until = started + seconds if seconds else None
        open_links = 0
        for _ in range(min(LINKS, len(self.paths)) if until is None else LINKS):
            link = socket.create_connection(("127.0.0.1", self.port))
            chosen.register(link, selectors.EVENT_READ, [b"", 0, 0.0])
            self._send(link, chosen.get_key(link).data)
            open_links += 1
        while open_links:
            for key, _ in chosen.select():
                link, state = key.fileobj, key.data
                if not self._received(link, state):
                    continue
                more = time.perf_counter() < until if until else self.next < len(self.paths)
                if more:
                    self._send(link, state)
                else:
                    chosen.unregister(link)
                    link.close()
                    open_links -= 1
        return len(self.times) / (time.perf_counter() - started), sorted(self.times)

    def _send(self, link: socket.socket, state: list) -> None:
        path = self.paths[self.next % len(self.paths)]
        self.next += 1
        state[:] = [b"", 0, time.perf_counter()]
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    def _received(self, link: socket.socket, state: list) -> bool:
        """Whether the answer is all there. Raises RuntimeError unless it is 200."""
        piece = link.recv(1 << 18)
        if state[1] == 0:
            state[0] += piece
            head, found, rest = state[0].partition(b"\r\n\r\n")
            if not found:
                return False
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode("latin-1"))
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            state[1] = int(length.split(b":")[1]) - len(rest)
            state[0] = b""
        else:
            state[1] -= len(piece)
        if state[1] > 0:
            return False
        self.times.append(time.perf_counter() - state[2])
        return True


def public_text(publication: str) -> str:
    """A publication of the size in question, all people synthetic."""
    placings = [
        {
            "rank": number,
            "name": f"选手{number:05d}",
            "organisation": f"示例第{number % 997}机械制造有限公司",
            "delegation": f"示例市{number % 14}",
            "award": "优胜奖" if number < 5000 else None,
            "honours": [],
            "tied": False,
            "advances": False,
            "total": f"{100 - number // 100}.{number % 100:02d}",
            "modules": {"theory": "88.50", "practice": "91.25"},
            "groups": {},
        }
        for number in range(1, PLACINGS + 1)
    ]
    modules = [{"id": "theory", "name": "理论"}, {"id": "practice", "name": "实操"}]
    return canonical(
        {
            "publication": publication,
            "number": 1,
            "competition": "示例职工技能大赛",
            "competition_id": "c",
            "document_number": "",
            "event": "焊工",
            "stage": "决赛",
            "held": "",
            "marks_public": True,
            "notice": "现将成绩公布如下。",
            "objections": {"contact": "", "phone": ""},
            "divisions": [
                {
                    "name": "职工组",
                    "advances": False,
                    "modules": modules,
                    "groups": [],
                    "rules": [],
                    "turnout": {
                        "unit": "人",
                        "listed": PLACINGS,
                        "competed": PLACINGS,
                        "ranked": PLACINGS,
                        "pending": 0,
                        "disqualified": 0,
                        "absent": 0,
                        "withdrawn": 0,
                    },
                    "placings": placings,
                    "teams_by": "team",
                    "teams": [],
                }
            ],
        }
    )


def published(place: Path) -> str:
    """A database with one large publication; its id."""
    from competitions.app import create_app
    from competitions.base import clock
    from competitions.base.database import db
    from competitions.results.models import Publication, PublicationSnapshot
    from tests.conftest import make_schema
    from tests.factories import make_event

    address = f"sqlite:///{place / 'bench.sqlite'}"
    make_schema(address)
    app = create_app(Settings(place, address, "b" * 64, place / "keyring.json", place / "audit.key"))
    with app.app_context():
        stage = make_event().stages[0]
        publication = Publication(
            stage_id=stage.id,
            number=1,
            state="published",
            drafted_by="a",
            approved_by="b",
            drafted_at=clock.now(),
            published_at=clock.now(),
        )
        db.session.add(publication)
        db.session.flush()
        db.session.add(
            PublicationSnapshot(
                publication_id=publication.id,
                public=public_text(publication.id),
                cases="{}",
                identities={},
                digest="0" * 64,
                at=clock.now(),
            )
        )
        db.session.commit()
        found = publication.id
        db.engine.dispose()
    return found


def withdrawn_after(place: Path, port: int, publication: str) -> float:
    """Seconds from the withdrawal until the page no longer shows anybody."""
    import sqlite3

    with sqlite3.connect(place / "bench.sqlite") as connection:
        connection.execute("UPDATE publication SET state = 'withdrawn'")
    started = time.perf_counter()
    while time.perf_counter() - started < 5:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/results/{publication}") as answer:
            if "选手00001".encode() not in answer.read():
                break
        time.sleep(0.01)
    return time.perf_counter() - started


def round_of(place: Path, publication: str, plain: float) -> tuple[float, float, float, float, float]:
    """One round with a fresh server: first views and kept pages in times of `plain`, p99 / p50, megabytes, seconds until a
    withdrawn publication is gone (the database is put back afterwards).
    """
    import sqlite3

    pages = [f"/results/{publication}?page={number}" for number in range(1, PAGES + 1)]
    with Served("competitions.app", "create_app", place) as ours:
        address = f"http://127.0.0.1:{ours.port}/results/"
        urllib.request.urlopen(address).read()
        first = ours.load(pages)[0]
        warm, times = ours.load(pages, seconds=SECONDS)
        for ending in (".json", ".xlsx"):
            urllib.request.urlopen(f"{address}{publication}{ending}").read()
        memory = ours.megabytes()
        gone = withdrawn_after(place, ours.port, publication)
    with sqlite3.connect(place / "bench.sqlite") as connection:
        connection.execute("UPDATE publication SET state = 'published'")
    return first / plain, warm / plain, times[len(times) * 99 // 100] / times[len(times) // 2], memory, gone


def table() -> list[tuple[str, str, str]]:
    """(name, figure, limit) for each measure: the best of ROUNDS, the worst for memory and for being gone."""
    with tempfile.TemporaryDirectory(prefix="competitions-bench-") as folder:
        place = Path(folder)
        publication = published(place)
        with Served("tests.bench.results_bench", "bare_app", place) as bare:
            plain = max(bare.load(["/"], seconds=SECONDS)[0] for _ in range(ROUNDS))
        first, warm, tail, memory, gone = zip(
            *(round_of(place, publication, plain) for _ in range(ROUNDS)), strict=True
        )
    return [
        (f"public results, pages kept / bare Flask page ({plain:.0f} a second)", f"{max(warm):.2f}", WARM),
        ("public results, first view of each page / bare Flask page", f"{max(first):.3f}", FIRST),
        ("public results, p99 / p50 under load", f"{min(tail):.1f}", TAIL),
        ("memory of the server after pages, JSON and workbook", f"{max(memory):.0f} MB", MEMORY),
        ("withdrawn publication is gone after", f"{max(gone):.2f} s", GONE),
    ]


if __name__ == "__main__":
    for measure in table():
        print(*measure, sep="\t")
