"""The worker as a process: killed in the middle it gives its job back once, it is started again, it ends with its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text

from competitions.app import _time_outs
from competitions.audit.models import AuditEvent
from competitions.base.config import Settings, from_environment
from competitions.base.database import db
from competitions.jobs.services import ask
from competitions.jobs.supervising import Supervisor
from competitions.serving import start_worker
from tests.factories import make_user
from tests.jobs.asking import asked, asker, seen

ROOT = Path(__file__).resolve().parents[2]


def wait_for(happened: Callable[[], Any], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture
def environment(app: Flask, settings: Settings, tmp_path: Path) -> dict[str, str]:
    """What a process needs to be of this installation."""
    return {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "INSTANCE_PATH": str(settings.instance_path),
        "SECRET_KEY": settings.secret_key,
        "KEYRING_FILE": str(settings.keyring_file),
        "AUDIT_KEY_FILE": str(settings.audit_key_file),
        "WAITS_IN": str(tmp_path),
    }


@contextmanager
def worker(environment: dict[str, str], name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of this name, killed in the end."""
    command = [sys.executable, "-m", "tests.jobs.launcher", "--name", name]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def is_alive(pid: int) -> bool:
    """Whether there is such a process that has not ended (one that nobody waited for has)."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_a_worker_killed_in_the_middle_gives_its_job_back_once_and_then_it_has_failed(
    environment: dict[str, str],
) -> None:
    job_id = asked(asker())
    for tries in (1, 2):
        with worker(environment, "one") as process:
            wait_for(lambda now=tries: (seen(job_id).state, seen(job_id).tries) == ("running", now))
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        assert seen(job_id).state == "running"
    with worker(environment, "one"):
        wait_for(lambda: seen(job_id).state == "failed")
    assert seen(job_id).failure == "crashed"
    assert db.session.scalars(select(AuditEvent).where(AuditEvent.action == "job.fail")).one().object_id == job_id


def test_a_job_that_was_given_back_is_done_by_the_next_worker(environment: dict[str, str], tmp_path: Path) -> None:
    job_id = asked(asker())
    with worker(environment, "one") as process:
        wait_for(lambda: seen(job_id).state == "running")
        process.kill()
        process.wait()
    (tmp_path / "go").touch()
    with worker(environment, "one"):
        wait_for(lambda: seen(job_id).state == "done")
    assert (seen(job_id).tries, seen(job_id).filename) == (2, "名单.xlsx")


def test_the_supervisor_starts_a_worker_again_that_was_killed(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    job_id = asked(asker())
    supervisor = Supervisor("tests.jobs.launcher", environment=environment).start()
    try:
        wait_for(lambda: seen(job_id).state == "running")
        first = supervisor.child
        assert first is not None
        first.kill()
        (tmp_path / "go").touch()
        wait_for(lambda: seen(job_id).state == "done")
        assert seen(job_id).tries == 2
        second = supervisor.child
    finally:
        supervisor.stop()
    assert second is not None and second is not first and second.poll() is not None


PARENT = """
import signal, time
from competitions.jobs.supervising import Supervisor
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background has it ignored
supervisor = Supervisor("competitions.working").start()
while supervisor.child is None:
    time.sleep(0.05)
print(supervisor.child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_worker_ends_with_its_parent_however_that_ends(environment: dict[str, str], how: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert is_alive(child)
    parent.send_signal(how)
    parent.wait()
    try:
        wait_for(lambda: not is_alive(child), 30)
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def test_the_server_has_a_worker_unless_told_otherwise(settings: Settings, tmp_path: Path) -> None:
    assert from_environment({"INSTANCE_PATH": str(tmp_path)}).jobs
    without = from_environment({"INSTANCE_PATH": str(tmp_path), "JOBS": "0"})
    assert not without.jobs and start_worker(replace(settings, jobs=False), None) is None


def test_a_real_server_does_a_job(environment: dict[str, str]) -> None:
    from competitions.audit.recording import transaction
    from competitions.base import clock
    from competitions.base.migrating import head_revision
    from competitions.organisations.unit_lists import UNIONS
    from tests.demo.test_serving import free_port
    from tests.factories import actor

    user = make_user(("administrator", "system", None))
    db.session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    db.session.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head_revision()})
    db.session.commit()
    by = actor(user)
    with transaction() as session:
        job_id = ask(session, UNIONS, {}, "工会名录", by=by, at=clock.now())
    server = subprocess.Popen(
        [sys.executable, "-m", "competitions.serving"],
        cwd=ROOT,
        env={**environment, "PORT": str(free_port())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: seen(job_id).state == "done", 90)
    finally:
        server.kill()
        server.wait()
        db.session.rollback()
        db.session.execute(text("DROP TABLE alembic_version"))
        db.session.commit()
    assert (seen(job_id).filename or "").startswith("工会名录")


def test_postgresql_breaks_off_what_a_page_waits_for_and_nothing_that_the_worker_does(
    settings: Settings, database_kind: str
) -> None:
    if database_kind != "postgres":
        pytest.skip("SQLite has no such limit")

    def limits(limited: bool) -> tuple[str, str]:
        options = _time_outs(replace(settings, limits_statements=limited))
        engine = create_engine(settings.database_url, connect_args={"options": options})
        with engine.connect() as connection:
            shown = [connection.scalar(text(f"SHOW {name}")) for name in ("statement_timeout", "lock_timeout")]
        engine.dispose()
        return str(shown[0]), str(shown[1])

    assert limits(True) == ("10s", "3s") and limits(False) == ("0", "3s")
