"""A worker whose parent was killed does not go on answering."""

import subprocess
import sys
from pathlib import Path

from competitions.base.orphans import end_with_parent

ROOT = Path(__file__).resolve().parents[2]


def test_a_worker_ends_when_its_parent_is_gone() -> None:
    asked = [sys.executable, "-m", "tests.house.orphan"]
    done = subprocess.run(
        asked, cwd=ROOT, capture_output=True, text=True, timeout=30
    )  # until the worker's end of the pipe
    assert int(done.stdout) > 0


def test_a_process_that_nobody_started_so_goes_on() -> None:
    assert end_with_parent() is None
