"""SQLite's write-ahead log stays short, also while a hall delivers without a pause. Knows no table and no request.

SQLite copies the log into the database by itself after each thousand pages, and begins it anew only at a moment in which
nobody reads an older state. Where readings overlap without a gap that moment does not come, and the log grows as long as
they do. A thread of the server looks at it every second, outside any request: beyond LONG it is copied (nobody waits),
then begun anew, for which writers wait PATIENCE at most. A reading that takes longer than that postpones it.
"""

import logging
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

LONG = 16 * 1024 * 1024
"""Bytes; what a log beyond it is cut back to nothing."""
EVERY = 1.0
PATIENCE = 0.1
"""Seconds that beginning anew may wait for readers; writers stand still meanwhile."""
log = logging.getLogger("competitions.database")


def keep_short(database_url: str) -> threading.Thread | None:
    """Start looking after the log of a SQLite file until the process ends; None for any other database."""
    name = make_url(database_url).database if database_url.startswith("sqlite") else None
    if not name or name == ":memory:":
        return None
    thread = threading.Thread(target=_look_after, args=(Path(name),), name="write-ahead-log", daemon=True)
    thread.start()
    return thread


def _look_after(database: Path) -> None:
    while True:
        time.sleep(EVERY)
        try:
            shorten(database)
        except (OSError, sqlite3.Error) as fault:  # a full disk is told by the requests that meet it
            log.info("write-ahead log not shortened: %s", type(fault).__name__)


def shorten(database: Path, long: int = LONG) -> bool:
    """Cut the log back if it is longer than that; whether it was. Raises OSError, sqlite3.Error."""
    log_file = Path(f"{database}-wal")
    if not log_file.exists() or log_file.stat().st_size <= long:
        return False
    with closing(sqlite3.connect(database, timeout=PATIENCE, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
