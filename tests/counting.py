"""Counting the statements that a page sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from competitions.base.database import db
from tests.people import Client


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent while the block runs."""
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def queries_of(client: Client, path: str) -> list[str]:
    """What the page at `path`, which must be there, asks the database."""
    db.session.rollback()
    with statements() as sent:
        assert client.get(path).status_code == 200, path
    return sent
