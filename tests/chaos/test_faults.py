"""Faults, proved: what was acknowledged is there exactly once after each of them, and the harness sees when it is not.

Two short rounds here; `CHAOS_ROUNDS=100` makes it the long form.
"""

import os
import random
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.base.config import Settings
from competitions.base.database import db
from competitions.judging.models import Quarantine, ScoreRevision, ScoreSheet
from tests.chaos.harness import Caller, Judge, Process, examine, run_judges
from tests.factories_judging import Hall, make_hall, new_key, submission
from tests.postgres import PG_BIN

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "2"))
SECONDS = 2.0


@pytest.fixture
def process(app: Flask, settings: Settings) -> Iterator[Process]:
    running = Process(settings)
    yield running
    running.kill()


def seated(hall: Hall, process: Process, ledgers: Path, cut: float = 0.0) -> list[Judge]:
    return [
        Judge(process.port, judge.username, ledgers / f"{number}-{new_key()}", cut)
        for number, judge in enumerate(hall.judges)
    ]


def ledgers_in(place: Path) -> list[Path]:
    return sorted(place.glob("*-*"))


def test_nothing_acknowledged_is_lost_or_doubled_by_kill_9(app: Flask, process: Process, tmp_path: Path) -> None:
    hall = make_hall(app, judges=4)
    process.start()
    judges = seated(hall, process, tmp_path)

    def power_cut() -> None:
        for _ in range(ROUNDS):
            process.kill()
            process.start()
            time.sleep(random.uniform(0.2, 0.8))

    run_judges(judges, SECONDS, power_cut)
    outcome = examine(ledgers_in(tmp_path))
    print(f"{ROUNDS} kills: {outcome.figures()}")
    assert outcome.kept, outcome
    assert outcome.acknowledged > 10


def test_connections_cut_before_and_after_delivery_lose_and_double_nothing(
    app: Flask, process: Process, tmp_path: Path
) -> None:
    hall = make_hall(app, judges=3)
    process.start()
    run_judges(seated(hall, process, tmp_path, cut=0.4), SECONDS)
    outcome = examine(ledgers_in(tmp_path))
    assert outcome.kept and outcome.acknowledged > 5, outcome


def test_a_death_between_commit_and_reply_gives_the_same_receipt_afterwards(
    app: Flask, process: Process, tmp_path: Path
) -> None:
    hall = make_hall(app, judges=1)
    process.start("die_before_reply")

    def revive() -> None:
        assert process.running is not None
        process.running.wait(30)
        process.start()

    run_judges(seated(hall, process, tmp_path), SECONDS, revive)
    outcome = examine(ledgers_in(tmp_path))
    assert outcome.kept and outcome.acknowledged > 5, outcome


def test_an_immediate_restart_of_postgresql_loses_and_doubles_nothing(
    app: Flask, process: Process, settings: Settings, workplace: Path, tmp_path: Path
) -> None:
    if settings.is_sqlite:
        pytest.skip("SQLite has no server")
    hall = make_hall(app, judges=3)
    process.start()
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    def restart() -> None:
        subprocess.run(
            [
                *as_user,
                PG_BIN / "pg_ctl",
                "-D",
                workplace / "pg" / "data",
                "-m",
                "immediate",
                "-w",
                "-l",
                workplace / "pg" / "log",
                "restart",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    run_judges(seated(hall, process, tmp_path), SECONDS, restart)
    outcome = examine(ledgers_in(tmp_path))
    assert outcome.kept and outcome.acknowledged > 5, outcome


def test_the_harness_sees_a_build_without_keys_double_marks(app: Flask, process: Process, tmp_path: Path) -> None:
    hall = make_hall(app, judges=3)
    process.start("no_keys")
    run_judges(seated(hall, process, tmp_path, cut=0.5), SECONDS)
    assert examine(ledgers_in(tmp_path)).doubled


def test_the_harness_sees_a_build_that_answers_before_the_commit_lose_marks(
    app: Flask, process: Process, tmp_path: Path
) -> None:
    hall = make_hall(app, judges=2, codes=tuple(f"A{number:02}" for number in range(60)))
    process.start("early_answer")
    judges = seated(hall, process, tmp_path)
    for judge in judges:
        judge.start()
    time.sleep(SECONDS)
    process.kill()
    for judge in judges:
        judge.stopping.set()
    time.sleep(0.2)
    assert examine(ledgers_in(tmp_path)).lost


def test_fifty_deliveries_of_one_key_at_once_make_one_revision_and_one_receipt(
    app: Flask, process: Process, tmp_path: Path
) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    process.start()
    caller = Caller(process.port, hall.judges[0].username)
    caller.sign_in()
    path, key, answers = f"/api/sheets/{hall.sheet('A01').id}/revisions", new_key(), []

    def send() -> None:
        answers.append(caller.post(path, submission(), key))

    threads = [threading.Thread(target=send) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _ in answers} <= {200, 201} and [status for status, _ in answers].count(201) == 1
    assert len({str(answer) for _, answer in answers}) == 1
    db.session.rollback()
    assert len(db.session.scalars(select(ScoreRevision)).all()) == 1


def test_two_devices_from_the_same_revision_one_is_taken_and_one_is_told(app: Flask, process: Process) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    process.start()
    devices = [Caller(process.port, hall.judges[0].username) for _ in range(2)]
    for device in devices:
        device.sign_in()
    path, answers = f"/api/sheets/{hall.sheet('A01').id}/revisions", []
    threads = [
        threading.Thread(target=lambda d=device: answers.append(d.post(path, submission(), new_key())))
        for device in devices
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [201, 409]


def test_marks_that_race_a_signature_are_in_it_or_kept_aside(app: Flask, process: Process) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    process.start()
    judge, checker, chief = (
        Caller(process.port, name)
        for name in (hall.judges[0].username, hall.people["checker"].username, hall.people["chief_judge"].username)
    )
    for caller in (judge, checker, chief):
        caller.sign_in()
    sheet, module = hall.sheet("A01").id, hall.modules["practice"].id
    assert judge.post(f"/api/sheets/{sheet}/revisions", submission(), new_key())[0] == 201
    answers: dict[str, list[Any]] = {"mark": [], "sign": []}

    def mark() -> None:
        for number in range(1, 12):
            status, answer = judge.post(f"/api/sheets/{sheet}/revisions", submission(base=number), new_key())
            answers["mark"].append((status, answer.get("error", {}).get("code")))

    def sign() -> None:
        checker.post(f"/api/sheets/{sheet}/confirm", {}, new_key())
        answers["sign"].append(chief.post(f"/api/modules/{module}/sign", {}, new_key())[0])

    threads = [threading.Thread(target=mark), threading.Thread(target=sign)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    row = db.session.scalars(select(ScoreSheet)).one()
    taken = sum(status == 201 for status, _ in answers["mark"]) + 1
    aside = sum(code == "sheet_locked" for _, code in answers["mark"])
    assert {status for status, _ in answers["mark"]} <= {201, 409}
    assert row.head == taken == len(db.session.scalars(select(ScoreRevision)).all())
    assert len(db.session.scalars(select(Quarantine)).all()) == aside
    assert (row.state == "signed") == (answers["sign"] == [201])


def test_a_locked_database_answers_busy_and_takes_the_same_key_later(
    app: Flask, process: Process, settings: Settings
) -> None:
    if not settings.is_sqlite:
        pytest.skip("a lock on the whole database is SQLite's")
    hall = make_hall(app, judges=1, codes=("A01",))
    process.start()
    caller = Caller(process.port, hall.judges[0].username)
    caller.sign_in()
    path, key = f"/api/sheets/{hall.sheet('A01').id}/revisions", new_key()
    db.session.remove()
    other = sqlite3.connect(settings.database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    status, answer = caller.post(path, submission(), key)
    other.execute("ROLLBACK")
    other.close()
    assert status == 503 and answer["error"]["code"] == "busy"
    assert caller.post(path, submission(), key)[0] == 201


def test_a_full_disk_answers_unavailable_and_nothing_half_is_stored(
    app: Flask, process: Process, settings: Settings
) -> None:
    if not settings.is_sqlite:
        pytest.skip("the file limit stands in for a full disk under SQLite")
    hall = make_hall(app, judges=1, codes=("A01",))
    process.start()
    caller = Caller(process.port, hall.judges[0].username)
    caller.sign_in()
    path = f"/api/sheets/{hall.sheet('A01').id}/revisions"
    db.session.remove()
    assert process.running is not None
    limit = ["prlimit", "--pid", str(process.running.pid)]
    subprocess.run([*limit, "--fsize=4096:unlimited"], check=True)
    key = new_key()
    status, answer = caller.post(path, submission(), key)
    subprocess.run([*limit, "--fsize=unlimited:unlimited"], check=True)
    assert status == 503 and answer["error"]["code"] == "storage_unavailable", answer
    db.session.rollback()
    assert db.session.scalars(select(ScoreRevision)).all() == []
    db.session.remove()
    assert caller.post(path, submission(), key)[0] == 201


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_sqlite_syncs_before_the_answer_is_sent(
    app: Flask, process: Process, settings: Settings, tmp_path: Path
) -> None:
    if not settings.is_sqlite:
        pytest.skip("PostgreSQL syncs in its own processes")
    hall = make_hall(app, judges=1, codes=("A01",))
    trace = tmp_path / "trace"
    process.start(
        before=["strace", "-f", "-qq", "-e", "trace=fdatasync,fsync,sendto,send,write", "-s", "64", "-o", str(trace)]
    )
    caller = Caller(process.port, hall.judges[0].username)
    caller.sign_in()
    start = trace.stat().st_size
    assert caller.post(f"/api/sheets/{hall.sheet('A01').id}/revisions", submission(), new_key())[0] == 201
    time.sleep(0.3)
    lines = trace.read_text(errors="replace")[start:].splitlines()
    answered = next(number for number, line in enumerate(lines) if "201 CREATED" in line)
    assert any("fdatasync(" in line or "fsync(" in line for line in lines[:answered])
