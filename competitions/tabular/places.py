"""How many files are opened at the same time in this process: two, with a few more waiting a moment. Knows no format.

Each is a process of its own with up to a gigabyte (security.md §4.1: at most two parallel imports). Only a few may wait,
because a waiting thread of the server answers nobody else.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2
MOST_WAITING = 3
WAIT_SECONDS = 8.0
RETRY_SECONDS = 10

_reading = threading.BoundedSemaphore(AT_ONCE)
_waiting = threading.BoundedSemaphore(MOST_WAITING)


class Busy(Exception):
    """Other files are being read; ask again after `RETRY_SECONDS`. Not the file's fault."""


@contextmanager
def place_to_read() -> Iterator[None]:
    """One of the places, held while a child process works. Raises Busy when none becomes free in time."""
    if not _reading.acquire(blocking=False):
        _wait()
    try:
        yield
    finally:
        _reading.release()


def _wait() -> None:
    if not _waiting.acquire(blocking=False):
        raise Busy
    try:
        if not _reading.acquire(timeout=WAIT_SECONDS):
            raise Busy
    finally:
        _waiting.release()
