"""Can this installation write, is its schema the newest, are its triggers there? Knows no feature."""

from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from competitions.audit import triggers
from competitions.extensions import db, write_intent
from competitions.migrating import head_revision

MISSING = ("no such table", "no such column", "has no column named")
"""What SQLite says of a table or column that only a newer schema has."""
MISSING_STATES = ("42P01", "42703")
"""The same of PostgreSQL: undefined table, undefined column (SQLSTATE)."""


def faults(app: Flask) -> list[str]:
    """Codes of what keeps the installation from working; empty when it is ready.

    `schema_old`: the database must be upgraded (and what comes after it cannot be judged).
    """
    found: list[str] = []
    token = write_intent.set(True)
    try:
        with db.engine.begin() as connection:
            if MigrationContext.configure(connection).get_current_revision() != head_revision():
                return ["schema_old"]
            if triggers.missing(connection):
                found.append("triggers_missing")
            connection.execute(text("UPDATE setting SET value = value WHERE name = 'readiness'"))
    except SQLAlchemyError:
        found.append("database")
    finally:
        write_intent.reset(token)
    return found


def database_code(fault: DBAPIError) -> str | None:
    """Why the database refused a statement, as an error code for the page; None: a fault of ours."""
    said = str(fault.orig).lower()
    if any(words in said for words in MISSING) or getattr(fault.orig, "sqlstate", None) in MISSING_STATES:
        return "schema_old"
    if not isinstance(fault, OperationalError):
        return None
    return "storage_unavailable" if "full" in said or "disk" in said else "busy"
