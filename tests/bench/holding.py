"""How long write transactions hold the database's write lock: from BEGIN IMMEDIATE (on PostgreSQL: from the lock of the
audit chain, the only one that everybody needs) to the end of COMMIT. Knows no act.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from competitions.base.database import write_intent

Note = Callable[[float], None]
"""Told how many seconds a transaction held the lock."""
CLOCK = time.perf_counter
_SINCE = "held_since"


def listen(note: Note) -> Callable[[], None]:
    """Call `note` after every write transaction of this process; gives the function that stops it."""

    def begun(connection: Connection) -> None:
        if connection.dialect.name == "sqlite" and write_intent.get():
            connection.info[_SINCE] = CLOCK()

    def sent(connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        if "pg_advisory_xact_lock" in statement:
            connection.info.setdefault(_SINCE, CLOCK())

    def ended(session: Session) -> None:
        for held in session.info.pop(_SINCE, ()):
            note(CLOCK() - held)

    def ending(session: Session) -> None:
        connection = session.connection()
        if (since := connection.info.pop(_SINCE, None)) is not None:
            session.info[_SINCE] = [since]

    event.listen(Engine, "begin", begun)
    event.listen(Engine, "after_cursor_execute", sent)
    event.listen(Session, "before_commit", ending)
    event.listen(Session, "after_commit", ended)

    def stop() -> None:
        event.remove(Engine, "begin", begun)
        event.remove(Engine, "after_cursor_execute", sent)
        event.remove(Session, "before_commit", ending)
        event.remove(Session, "after_commit", ended)

    return stop


@contextmanager
def holds() -> Iterator[list[float]]:
    """How long each write transaction of the block held the lock, in seconds."""
    found: list[float] = []
    stop = listen(found.append)
    try:
        yield found
    finally:
        stop()
