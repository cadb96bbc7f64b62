"""The worker as a child process: started beside the server, started again when it ends, gone when the server is gone. Knows
processes, neither jobs nor the database.

The child reads an empty pipe whose other end only the parent has: however the parent ends, the pipe does too.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from competitions.base.database import new_id

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before a worker that ended is started again: the longer, the more often it ended soon after its start."""
SOON = 60.0
GRACE = 5.0
log = logging.getLogger("competitions.jobs")


class Supervisor:
    """Keeps one child process alive until `stop`."""

    def __init__(
        self, module: str, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = new_id()
        self._command = [sys.executable, "-m", module, "--child", "--name", self.name, *arguments]
        self._environment = {**os.environ, **(environment or {})}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker-keeper", daemon=True)
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> "Supervisor":
        """Start the child, and go on."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the child."""
        self._stopping.set()
        if self.child is not None:
            _end(self.child)
        self._thread.join(GRACE)

    def _run(self) -> None:
        pause = SHORTEST_PAUSE
        while not self._stopping.is_set():
            begun = time.monotonic()
            status = self._run_child()
            if self._stopping.is_set():
                return
            pause = SHORTEST_PAUSE if time.monotonic() - begun > SOON else min(2 * pause, LONGEST_PAUSE)
            log.error({"worker": "ended", "status": status, "again_in": pause})
            self._stopping.wait(pause)

    def _run_child(self) -> int | None:
        """One life of the child: its exit status, None when it could not even begin."""
        try:
            self.child = subprocess.Popen(self._command, stdin=subprocess.PIPE, env=self._environment)
        except OSError:  # no memory, no process: perhaps later
            return None
        if self._stopping.is_set():  # stopped at this very moment
            _end(self.child)
        return self.child.wait()


def _end(child: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError):
        if child.stdin:
            child.stdin.close()
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        child.kill()


def end_with_parent() -> None:
    """In the child: end as soon as the parent is gone."""
    threading.Thread(target=_wait_for_end, name="parent", daemon=True).start()


def _wait_for_end() -> None:
    with suppress(OSError, ValueError):
        while os.read(0, 1024):
            pass
    os._exit(0)
