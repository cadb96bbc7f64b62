"""What the database's planner knows of its tables, gathered where much has changed at once: after migrations, after bulk
loading, at the start. Knows no table.
"""

import logging

from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from competitions.base.database import db, write_intent

log = logging.getLogger("competitions.database")
ROWS_LOOKED_AT = 1000
"""Of each index of SQLite: enough for its planner, and a moment's work on a table of any size."""


def gather(connection: Connection) -> None:
    """In the transaction that the connection is in."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA analysis_limit={ROWS_LOOKED_AT}")
    connection.exec_driver_sql("ANALYZE")


def gather_now() -> None:
    """In a transaction of its own. A database that somebody else is writing to is left as it is: plans are then made
    without fresh numbers, which is no fault.
    """
    token = write_intent.set(True)
    try:
        with db.engine.begin() as connection:
            gather(connection)
    except OperationalError as fault:
        log.info("planner statistics not gathered: %s", type(fault.orig).__name__)
    finally:
        write_intent.reset(token)
