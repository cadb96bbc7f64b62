"""SQLite's write-ahead log does not grow without end where readings overlap without a gap."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from competitions.base import write_ahead_log
from competitions.base.write_ahead_log import keep_short, shorten

SMALL = 100_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """A database in which somebody writes rows of a kilobyte."""
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE kept (said TEXT)")
        yield path, writer


def size(path: Path) -> int:
    return Path(f"{path}-wal").stat().st_size


def write_beside_readers(path: Path, writer: sqlite3.Connection, times: int) -> None:
    """A reader begins before the one before him ends, all the time; at the end nobody reads an older state."""
    readers = [sqlite3.connect(path, isolation_level=None) for _ in range(2)]
    for number in range(times):
        reader, other = readers[number % 2], readers[1 - number % 2]
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM kept").fetchone()
        if other.in_transaction:
            other.execute("COMMIT")
        writer.execute("INSERT INTO kept VALUES (?)", ("x" * 1000,))
    for reader in readers:
        reader.close()


def test_it_is_cut_back_beyond_its_limit_and_nothing_is_lost(database: tuple[Path, sqlite3.Connection]) -> None:
    path, writer = database
    write_beside_readers(path, writer, 200)
    assert size(path) > SMALL
    assert not shorten(path, long=size(path))
    assert shorten(path, long=SMALL) and size(path) == 0
    assert writer.execute("SELECT count(*) FROM kept").fetchone() == (200,)


def test_who_reads_an_older_state_postpones_it_and_is_not_disturbed(database: tuple[Path, sqlite3.Connection]) -> None:
    path, writer = database
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        write_beside_readers(path, writer, 200)
        assert not shorten(path, long=SMALL)
        assert reader.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        reader.execute("COMMIT")
    assert shorten(path, long=SMALL)


def test_a_server_looks_after_it_by_itself(
    database: tuple[Path, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, writer = database
    monkeypatch.setattr(write_ahead_log, "EVERY", 0.01)
    monkeypatch.setattr(write_ahead_log, "LONG", SMALL)
    seen: list[Path] = []
    monkeypatch.setattr(write_ahead_log, "shorten", lambda found: seen.append(found))
    assert keep_short("postgresql://nobody@/none") is None
    thread = keep_short(f"sqlite:///{path}")
    assert thread is not None and thread.daemon
    while not seen:
        thread.join(0.01)
    assert seen[0] == path and thread.is_alive()
