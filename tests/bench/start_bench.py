"""How soon a second start of `make run` answers, in times of what python needs to import Flask and SQLAlchemy.

The first start, which loads the demonstration, is not counted; both figures are the best of some rounds.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
LONGEST = 300


def importing() -> float:
    """Seconds that python needs to start and import Flask and SQLAlchemy."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import flask, sqlalchemy"], check=True)
    return time.perf_counter() - started


def answering(instance: Path) -> float:
    """Seconds from `make run` to the first answer of the front page; the server is stopped again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment.update(INSTANCE_PATH=str(instance), PORT=str(port))
    started = time.perf_counter()
    process = subprocess.Popen(
        ["make", "--no-print-directory", "run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - started > LONGEST:
                raise RuntimeError("make run did not start")
            time.sleep(0.01)
        return time.perf_counter() - started
    finally:
        os.killpg(process.pid, 15)
        process.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def table() -> list[tuple[str, object, object]]:
    """What was measured, the figure, the limit."""
    with tempfile.TemporaryDirectory(prefix="start-bench-") as place:
        first = answering(Path(place))
        pairs = [(answering(Path(place)), importing()) for _ in range(ROUNDS)]
    again, bare = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    return [
        (
            f"second start of make run ÷ import of Flask and SQLAlchemy ({again:.2f} ÷ {bare:.2f} s; first {first:.1f} s)",
            f"{again / bare:.1f}",
            "≤ 6",
        )
    ]
