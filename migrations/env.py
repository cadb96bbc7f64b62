"""One history for both databases, run in one transaction. After every run the triggers are installed anew and
checked, and so is every reference; at the newest revision the tables must be those of the models, and the log covers
them. Meanwhile columns that are fixed otherwise may be filled; append-only tables are guarded all the time.
"""

from alembic import context
from sqlalchemy.engine import Connection

from competitions import tables
from competitions.audit import covering, triggers
from competitions.base import planner
from competitions.base.database import UtcTime, db, write_intent
from competitions.base.migrating import require_schema
from competitions.base.rebuilding import require_references, unchecked_references

assert tables.ALL


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Our column types as plain SQL types, so that an old migration does not depend on today's code."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Upgrade or downgrade inside one transaction: the application's database, or the one that the caller names."""
    token = write_intent.set(True)
    try:
        engine = context.config.attributes.get("engine") or db.engine
        with engine.connect() as connection, unchecked_references(connection):
            context.configure(
                connection=connection,
                target_metadata=tables.METADATA,
                compare_type=True,
                render_item=render_item,
                transactional_ddl=True,
            )
            with context.begin_transaction():
                be_patient(connection)
                triggers.release(connection)
                context.run_migrations()
                check(connection)
    finally:
        write_intent.reset(token)


def be_patient(connection: Connection) -> None:
    """PostgreSQL: a page may take ten seconds, a migration of a filled table as long as it needs."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def check(connection: Connection) -> None:
    """Raises when something is not as it should be; then nothing of the run stays."""
    require_references(connection)
    if connection.dialect.has_table(connection, "audit_event"):
        triggers.install(connection)
        if gone := triggers.missing(connection, triggers.present(connection)):
            raise RuntimeError(f"triggers are missing: {', '.join(gone)}")
        planner.gather(connection)
    ran = context.get_context()
    moved = "destination_rev" in ran.opts  # an upgrade or downgrade, not `db migrate`, which writes what differs
    if moved and ran.get_current_revision() == context.get_head_revision():
        require_schema(connection)
        covering.cover(connection)
    elif moved and connection.dialect.has_table(connection, "audit_event"):
        covering.end(connection)


run()
