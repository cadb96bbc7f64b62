"""Starting the demonstration: a start that is killed leaves nothing half done, and the terminal stays readable."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.demo.test_loading import ROOT, flask


def free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def started(instance: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """`make run` on this instance folder, killed in the end; what it says lies in `out` and `err`."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with (instance / "out").open("w") as out, (instance / "err").open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "competitions.serving", "--demo"],
            cwd=ROOT,
            text=True,
            stdout=out,
            stderr=err,
            env={**environment, "INSTANCE_PATH": str(instance), "PORT": str(port)},
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 180
    while not happened():
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.1)


def test_a_first_start_that_is_killed_is_followed_by_a_whole_demonstration(tmp_path: Path) -> None:
    port, fresh = free_port(), tmp_path / "demo.sqlite.new-wal"
    with started(tmp_path, port) as process:
        wait_for(lambda: fresh.exists() and fresh.stat().st_size > 1_000_000, process)
    assert not (tmp_path / "demo.sqlite").exists()
    with started(tmp_path, port) as process:
        wait_for(lambda: "密码都是" in (tmp_path / "out").read_text("utf-8"), process)
        wait_for(lambda: answers(port), process)
        assert f"登录      http://127.0.0.1:{port}/login" in (tmp_path / "out").read_text("utf-8")
    assert (tmp_path / "err").read_text("utf-8") == ""
    log = (tmp_path / "server.log").read_text("utf-8")
    assert "alembic" in log and '"/login"' in log
    with closing(sqlite3.connect(tmp_path / "demo.sqlite")) as database:
        assert database.execute("SELECT value FROM setting WHERE name = 'demonstration'").fetchall() == [("seed 1",)]
        assert database.execute("SELECT count(*) FROM worker").fetchone() == (400,)
    assert not list(tmp_path.glob("demo.sqlite.new*"))


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=5) as page:
            return bool(page.status == 200)
    except OSError:
        return False


def test_a_demonstration_that_was_broken_off_is_not_served(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "INSTANCE_PATH": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'half.sqlite'}",
    }
    upgraded = flask(environment, "db", "upgrade")
    assert upgraded.returncode == 0 and upgraded.stderr == ""
    with closing(sqlite3.connect(tmp_path / "half.sqlite")) as database:
        database.execute("INSERT INTO setting (name, value) VALUES ('demonstration', 'loading')")
        database.execute(
            "INSERT INTO user_account (id, username, display_name, search_text, active, created_at, version) "
            "VALUES ('u', 'admin', '某某', 'admin', 1, '2026-01-01 00:00:00', 1)"
        )
        database.commit()
    served = subprocess.run(
        [sys.executable, "-m", "competitions.serving", "--demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert served.returncode == 1 and "没有装完" in served.stderr and len(served.stderr.splitlines()) == 1
