"""One history for both databases. After every run the append-only triggers are installed anew (batch operations drop
them silently) and checked.
"""

from alembic import context
from flask import current_app

from competitions import tables
from competitions.audit import triggers
from competitions.base import planner
from competitions.base.database import UtcTime, db, write_intent

assert tables.ALL


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Our column types as plain SQL types, so that an old migration does not depend on today's code."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Upgrade or downgrade inside one transaction."""
    token = write_intent.set(True)
    try:
        with db.engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=tables.METADATA,
                compare_type=True,
                render_item=render_item,
                transactional_ddl=True,
            )
            with context.begin_transaction():
                context.run_migrations()
                if connection.dialect.has_table(connection, "audit_event"):
                    triggers.install(connection)
                    if current_app and (gone := triggers.missing(connection)):
                        raise RuntimeError(f"triggers are missing: {', '.join(gone)}")
                    planner.gather(connection)
    finally:
        write_intent.reset(token)


run()
