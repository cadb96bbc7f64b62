"""The database object, its column types and the way both databases are set up. Knows no table.

SQLite runs WAL, synchronous=FULL and foreign keys; a transaction that means to write begins IMMEDIATE
(design.md §4.2). PostgreSQL gets short time-outs so that a lock turns into "busy" and not into a hung page.
"""

import uuid
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CheckConstraint, DateTime, Engine, MetaData, String, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

write_intent: ContextVar[bool] = ContextVar("write_intent", default=False)
"""True while the next transaction is meant to write (set by audit.recording.transaction)."""


def new_id() -> str:
    """A random UUID as text: the form of every id in the house."""
    return str(uuid.uuid4())


class Base(DeclarativeBase):
    """Base of all tables. `id` is made in the constructor, so that objects can refer to each other before a flush."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    def __init__(self, **values: Any) -> None:
        if "id" not in values and "id" in type(self).__mapper__.columns and type(self).uuid_key:
            values["id"] = new_id()
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no {name}")
            setattr(self, name, value)

    uuid_key = True


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases (SQLite keeps it naive)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware in, UTC out; a naive time is a fault of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Always aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text_by_code_point(length: int) -> String:
    """A text whose index is in the order of lists (ordering.py), whatever language the database server speaks."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def one_of(column: str, codes: Any, *, name: str | None = None) -> CheckConstraint:
    """A named CHECK that `column` holds one of `codes` (enumerations are text)."""
    listed = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} IN ({listed})", name=name or f"{column}_known")


def id_column() -> Mapped[str]:
    """A UUID primary key."""
    return mapped_column(String(36), primary_key=True)


MISSING = ("no such table", "no such column", "has no column named")
"""What SQLite says of a table or column that only a newer schema has."""
REFUSED = {
    "42P01": "schema_old",
    "42703": "schema_old",
    "25006": "database_readonly",
    "42501": "database_readonly",
    "53100": "storage_unavailable",
    "58030": "storage_unavailable",
}
"""SQLSTATE of PostgreSQL → error code: undefined table or column; a transaction that may only read, a role without the
privilege; a full disk, a disk that fails.
"""
DOWN = ("08", "57P")
"""Beginnings of the SQLSTATE of a server that is not to be reached, is stopping or is starting."""
LOG_FILE = f"journal_size_limit={16 * 1024 * 1024}"
"""SQLite: what is left of the file of a long write-ahead log once it is begun anew (write_ahead_log.py sees to that)."""
db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": True})


@event.listens_for(Engine, "connect")
def _set_up_connection(connection: Any, _record: Any) -> None:
    """Durable, strict and impatient: the settings that the promises rest on."""
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", LOG_FILE):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """SQLite: a writer takes its lock before its first query, a reader takes a snapshot."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write_intent.get() else "BEGIN")


def database_code(fault: DBAPIError) -> str | None:
    """Why the database refused a statement, as an error code for the page; None: a fault of ours."""
    said, state = str(fault.orig).lower(), getattr(fault.orig, "sqlstate", None)
    if any(words in said for words in MISSING):
        return "schema_old"
    if state in REFUSED:
        return REFUSED[state]
    if not isinstance(fault, OperationalError):
        return None
    if "readonly database" in said:
        return "database_readonly"
    if "full" in said or "disk" in said:
        return "storage_unavailable"
    if (state or "").startswith(DOWN) or _lost(fault, state):
        return "database_down"
    return "busy"


def _lost(fault: OperationalError, state: str | None) -> bool:
    """PostgreSQL: no answer at all, so no state either (refused connection, a server that went away)."""
    return state is None and type(fault.orig).__module__.startswith("psycopg")
