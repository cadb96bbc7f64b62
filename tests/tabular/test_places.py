"""Files are opened two at a time; a few wait, more are told to come back."""

import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from competitions.tabular import places, reading
from competitions.tabular.places import AT_ONCE, MOST_WAITING, Busy, place_to_read
from competitions.tabular.reading import read_book


def test_four_files_at_once_are_read_two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock, run = 0, 0, threading.Lock(), subprocess.run

    def counted(*arguments: Any, **options: Any) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return run(*arguments, **options)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(reading.subprocess, "run", counted)
    with ThreadPoolExecutor(4) as pool:
        books = list(pool.map(lambda n: read_book(f"姓名,序号\n韦{n},1\n".encode(), "表.csv"), range(4)))
    assert [book.sheets[0].rows[1][0] for book in books] == [f"韦{n}" for n in range(4)]
    assert most == AT_ONCE


@pytest.fixture
def full() -> Iterator[None]:
    """All places taken by others."""
    with place_to_read(), place_to_read():
        yield


def test_one_who_waited_in_vain_is_told_and_leaves_no_place_taken(full: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "WAIT_SECONDS", 0.05)
    for _ in range(MOST_WAITING + 1):
        with pytest.raises(Busy):
            read_book(b"a,b\n1,2\n", "t.csv")


def test_beyond_the_few_who_wait_nobody_waits(full: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "WAIT_SECONDS", 2)
    started = threading.Barrier(MOST_WAITING + 1)

    def waits() -> bool:
        started.wait()
        try:
            with place_to_read():
                return True
        except Busy:
            return False

    with ThreadPoolExecutor(MOST_WAITING) as pool:
        waiting = [pool.submit(waits) for _ in range(MOST_WAITING)]
        started.wait()
        threading.Event().wait(0.2)
        with pytest.raises(Busy):
            places._wait()
        assert not any(one.done() for one in waiting)
        places._reading.release()
        assert [one.result() for one in waiting] == [True] * MOST_WAITING
        places._reading.acquire()
