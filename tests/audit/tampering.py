"""What somebody does who owns the database: he takes the triggers away, changes what he likes, and makes them anew."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from competitions.audit import triggers
from competitions.audit.covering import cover
from competitions.base.database import db, write_intent


def drop_triggers() -> None:
    """All that guard a table; in the session's transaction."""
    if db.engine.dialect.name == "sqlite":
        asked = "SELECT name, '' FROM sqlite_master WHERE type = 'trigger'"
    else:
        asked = "SELECT tgname, ' ON ' || CAST(tgrelid AS regclass) FROM pg_trigger WHERE NOT tgisinternal"
    for name, on in db.session.execute(text(asked)).all():
        db.session.execute(text(f"DROP TRIGGER {name}{on}"))


def remake_triggers() -> None:
    """As they were."""
    triggers.install(db.session.connection())


@contextmanager
def unguarded() -> Iterator[None]:
    """Columns that are fixed may be changed; in the session's transaction, flushed at the end."""
    triggers.release(db.session.connection())
    yield
    db.session.flush()
    triggers.install(db.session.connection())


def cover_everything() -> None:
    """What tests made by hand counts as having been there before: the log tells of it from now on."""
    db.session.rollback()
    token = write_intent.set(True)
    with db.engine.begin() as connection:
        cover(connection)
    write_intent.reset(token)
