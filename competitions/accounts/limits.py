"""Atomic counters of attempts: rows in the database, shared by all processes. Knows no request."""

from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from competitions.accounts.models import AttemptCount
from competitions.base.errors import TooMany


def count_attempt(session: Session, key: str, at: datetime, window: timedelta, *, by: int = 1) -> int:
    """Add one (or `by`) to the counter of `key` in its window and return the new count (one statement, so never raced)."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = AttemptCount.since > at - window
    statement = insert(AttemptCount).values(key=key, since=at, attempts=by)
    statement = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "attempts": case((fresh, AttemptCount.attempts + by), else_=by),
            "since": case((fresh, AttemptCount.since), else_=at),
        },
    )
    return int(session.execute(statement.returning(AttemptCount.attempts)).scalar_one())


def limit(session: Session, key: str, at: datetime, window: timedelta, most: int) -> None:
    """Count an attempt. Raises TooMany beyond `most` in the window."""
    if count_attempt(session, key, at, window) > most:
        raise TooMany(int(window.total_seconds()))


def attempts_of(session: Session, key: str, at: datetime, window: timedelta) -> int:
    """What the counter of `key` says in its window."""
    fresh = (AttemptCount.key == key, AttemptCount.since > at - window)
    return session.scalar(select(AttemptCount.attempts).where(*fresh)) or 0


def forget_attempts(session: Session, key: str) -> None:
    """Start the counter of `key` anew (after a success)."""
    session.execute(delete(AttemptCount).where(AttemptCount.key == key))


def give_back_attempt(session: Session, key: str) -> None:
    """Take one from the counter of `key`: an attempt that succeeded is not one of those that are limited."""
    session.execute(
        update(AttemptCount)
        .where(AttemptCount.key == key, AttemptCount.attempts > 0)
        .values(attempts=AttemptCount.attempts - 1)
    )
