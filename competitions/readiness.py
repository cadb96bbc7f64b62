"""Can this installation write, is its schema the newest, are its tables, triggers and files as they should be? Knows no
feature.
"""

import logging

from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from competitions.audit import triggers
from competitions.base import clock, file_store, installation, kept_files
from competitions.base.database import db, write_intent
from competitions.base.migrating import head_revision, schema_differences

log = logging.getLogger("competitions")


def faults(engine: Engine | None = None) -> list[str]:
    """Codes of what keeps the installation from working; empty when it is ready. `engine`: another database than its own.

    `schema_old`: the database must be upgraded (and what comes after it cannot be judged). `schema_differs`: it is at the
    newest revision, but its tables are not those of the models; the log says which. `ring_differs`: another key ring than
    the one that sealed what is kept.
    """
    engine = engine or db.engine
    found: list[str] = []
    token = write_intent.set(True)
    try:
        with engine.begin() as connection:
            if MigrationContext.configure(connection).get_current_revision() != head_revision():
                return ["schema_old"]
            if differing := schema_differences(connection):
                found.append("schema_differs")
                log.error({"schema_differs": [each.table for each in differing], "first": str(differing[0])})
            if triggers.missing(connection):
                found.append("triggers_missing")
            installation.touch(connection, clock.now())
            if not installation.ring_fits(connection):
                found.append("ring_differs")
        found += _file_faults(engine)
    except SQLAlchemyError:
        found.append("database")
    finally:
        write_intent.reset(token)
    return found


def _file_faults(engine: Engine) -> list[str]:
    """`files_unwritable`: the folder of kept files takes nothing; `files_missing`: what was kept last is not in it (a disk
    that is not mounted). Every single file is for `flask audit verify`.
    """
    if not file_store.store().is_writable():
        return ["files_unwritable"]
    with Session(engine) as session:
        return [] if kept_files.newest_is_there(session) else ["files_missing"]
