"""Saving sheets through the real HTTP stack, compared with a bare Flask page on the same server and settings.

At full speed with a few judges; then at one save per judge every few seconds with 200 open connections; on both
databases, and with eight processes that append to one chain.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, text

from competitions.accounts.models import SignIn
from competitions.accounts.passwords import new_secret, token_hash
from competitions.app import create_app
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.config import Settings
from competitions.base.database import db
from tests.chaos.harness import Caller, Process
from tests.conftest import make_schema
from tests.factories_judging import Hall, make_hall, new_key
from tests.postgres import cluster

ASPECTS = [{"id": f"A{number}", "name": f"评分项{number}", "kind": "measurement", "max": "5"} for number in range(20)]
CLIENTS, SECONDS = 8, 5.0
JUDGES, PACE, ROUNDS = 200, 5.0, 2
BARE = """
import os
from flask import Flask
from competitions.serving import serve
app = Flask("bare")
@app.get("/")
def page():
    return "ok"
serve(app, "127.0.0.1", int(os.environ["PORT"]))
"""


def bare_rate() -> float:
    """Requests per second of a Flask page that does nothing, with as many connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-c", BARE], env={**os.environ, "PORT": str(port)}, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        return _rate([partial(_get, _kept_open(port)) for _ in range(CLIENTS)])
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            return _get(_kept_open(port))
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the bare page did not start")


def _kept_open(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=20)


def _get(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/")
    connection.getresponse().read()


def _rate(works: list[Any]) -> float:
    """How often per second the works, each in a thread, get done together."""
    counts = [0] * len(works)
    until = time.perf_counter() + SECONDS

    def go(place: int) -> None:
        while time.perf_counter() < until:
            works[place]()
            counts[place] += 1

    threads = [threading.Thread(target=go, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


class Saver:
    """A judge with one open connection who saves his sheets again and again."""

    def __init__(self, port: int, token: str) -> None:
        self.caller = Caller(port, "")
        self.caller.cookies["sid"] = token
        self.caller.token = self.caller.request("GET", "/api/session")[1]["csrf"]
        self.sheet = self.caller.request("GET", "/api/sheets")[1]["sheets"][0]["id"]
        self.revision = 0
        self.connection = _kept_open(port)
        self.took: list[float] = []

    def save(self) -> None:
        """One submission of twenty aspects. Raises AssertionError when it is not accepted."""

        body = {
            "base_revision": self.revision,
            "complete": True,
            "marks": {each["id"]: str(self.revision % 5) for each in ASPECTS},
        }
        cookies = "; ".join(f"{name}={value}" for name, value in self.caller.cookies.items())
        started = time.perf_counter()
        self.connection.request(
            "POST",
            f"/api/sheets/{self.sheet}/revisions",
            json.dumps(body),
            {
                "Content-Type": "application/json",
                "Idempotency-Key": new_key(),
                "X-CSRF-Token": self.caller.token,
                "Cookie": cookies,
            },
        )
        answer = self.connection.getresponse()
        text = answer.read()
        self.took.append(time.perf_counter() - started)
        assert answer.status == 201, text
        self.revision += 1


def _hall(app: Flask, judges: int) -> Hall:
    """As many judges, one code: each has one sheet (the full marks of twenty aspects of 5 are 100)."""
    return make_hall(app, judges=judges, codes=("A01",), aspects=ASPECTS)


def _signed_in(user_id: str) -> str:
    """An open sign-in without the form: two hundred from one address would be held up by its limit."""
    token, at = new_secret(), clock.now()
    db.session.add(
        SignIn(
            user_id=user_id,
            token_hash=token_hash(token),
            created_at=at,
            seen_at=at,
            expires_at=at + timedelta(hours=12),
        )
    )
    return token


def _paced(savers: list[Saver]) -> list[float]:
    """Each judge saves once every PACE seconds; returns how long each save took."""

    def go(saver: Saver, delay: float) -> None:
        for number in range(ROUNDS):
            time.sleep(max(0.0, started + delay + number * PACE - time.perf_counter()))
            saver.save()

    for saver in savers:
        saver.took.clear()
    started = time.perf_counter() + 0.5
    threads = [
        threading.Thread(target=go, args=(saver, PACE * place / len(savers))) for place, saver in enumerate(savers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(took for saver in savers for took in saver.took)


class Hive:
    """A hall of judges in a fresh database, served by some processes; used as a context manager."""

    def __init__(self, place: Path, url: str, processes: int) -> None:
        make_schema(url)
        place.mkdir(exist_ok=True)
        self.settings = Settings(
            instance_path=place,
            database_url=url,
            secret_key="b" * 64,
            keyring_file=place / "keyring.json",
            audit_key_file=place / "audit.key",
            testing=True,
        )
        self.app = create_app(self.settings)
        with self.app.app_context():
            hall = _hall(self.app, JUDGES)
            self.tokens = [_signed_in(judge.id) for judge in hall.judges]
            db.session.commit()
            db.session.remove()
            db.engine.dispose()
        self.processes = [Process(self.settings) for _ in range(processes)]

    def __enter__(self) -> "Hive":
        for process in self.processes:
            process.start()
        ports = [process.port for process in self.processes]
        self.savers = [Saver(ports[place % len(ports)], token) for place, token in enumerate(self.tokens)]
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()

    def full_speed(self, judges: int) -> float:
        """Accepted saves per second of so many judges who do not pause."""
        return _rate([saver.save for saver in self.savers[:judges]])

    def findings(self) -> int:
        """What `flask audit verify` finds; a fork is a finding."""
        with self.app.app_context():
            found = verify(db.session(), at=clock.now()).findings
            db.session.remove()
            db.engine.dispose()
        return sum(each.is_fault for each in found)


def measured(hive: Hive, bare: float, words: str) -> list[tuple[str, object, object]]:
    """Full speed, then every judge at his pace."""
    saves, took = hive.full_speed(CLIENTS), _paced(hive.savers)
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    return [
        (
            f"saves of 20 aspects/s ÷ bare Flask requests/s ({saves:.0f} ÷ {bare:.0f}), {words}",
            f"{saves / bare:.3f}",
            "≥ 0.05",
        ),
        (
            f"{len(hive.savers)} judges, a save each {PACE:.0f} s, p99 ÷ p50 ({p99 * 1000:.0f} ÷ {p50 * 1000:.0f} ms), {words}",
            f"{p99 / p50:.1f}",
            "≤ 20",
        ),
    ]


def table() -> list[tuple[str, object, object]]:
    """What was measured, the figure, the limit."""
    bare, lines = bare_rate(), []
    with tempfile.TemporaryDirectory(prefix="judging-bench-") as name:
        place = Path(name)
        with Hive(place / "sqlite", f"sqlite:///{place / 'bench.sqlite'}", 1) as hive:
            lines += measured(hive, bare, "SQLite")
        with cluster(place, durable=True) as address:
            with Hive(place / "two", made(address, "two"), 2) as hive:
                lines += measured(hive, bare, "PostgreSQL, 2 processes")
            with Hive(place / "eight", made(address, "eight"), 8) as hive:
                saves = hive.full_speed(40)
                lines.append(
                    (
                        f"findings of the audit after 8 processes on PostgreSQL ({saves:.0f} saves/s)",
                        hive.findings(),
                        "≤ 0",
                    )
                )
    return lines


def made(address: str, name: str) -> str:
    """The address of a new, empty database."""
    engine = create_engine(address.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return address.format(name=name)
