"""Triggers of the append-only tables: against UPDATE, DELETE and (SQLite) `INSERT OR REPLACE`, and TRUNCATE on PostgreSQL.

Installed after every migration and checked at the start (security.md §0.5). A migration alters such a table by
`base.rebuilding` only, which puts its triggers back at once. Knows the tables as they are marked (append_only.py).
"""

from collections.abc import Collection

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from competitions.audit.append_only import TABLES, unique_keys

_REFUSE = " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END "


def install(connection: Connection) -> None:
    """(Re)create the triggers of the append-only tables that are there (not all are while a database is upgraded)."""
    for table in present(connection):
        for statement in _sqlite(table) if connection.dialect.name == "sqlite" else _postgresql(table):
            connection.execute(text(statement))


def present(connection: Connection) -> list[str]:
    """The append-only tables that this database has."""
    there = set(inspect(connection).get_table_names())
    return [table for table in TABLES if table in there]


def missing(connection: Connection, tables: Collection[str] = TABLES) -> list[str]:
    """Names of triggers that should be there and are not, are switched off, or no longer say what they should."""
    there = _sqlite_sound(connection) if connection.dialect.name == "sqlite" else _postgresql_sound(connection)
    kinds = ("update", "delete", "replace") if connection.dialect.name == "sqlite" else ("change", "truncate")
    return [name for table in tables for kind in kinds if (name := f"{table}_no_{kind}") not in there]


def _sqlite_sound(connection: Connection) -> set[str]:
    wanted = {statement for table in TABLES for statement in _sqlite(table)}
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return {name for name, sql in rows if sql in wanted}


def _postgresql_sound(connection: Connection) -> set[str]:
    """tgtype: 27 before update or delete, each row; 34 before truncate; tgqual: no condition that never holds."""
    return {
        row[0]
        for row in connection.execute(
            text(
                "SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgqual IS NULL AND prosrc = :body AND tgtype = CASE tgname "
                "WHEN relname || '_no_change' THEN 27 WHEN relname || '_no_truncate' THEN 34 END"
            ),
            {"body": _REFUSE},
        )
    }


def _sqlite(table: str) -> list[str]:
    keys = unique_keys(TABLES[table])
    taken = " OR ".join("(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in keys)
    abort = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    return [
        f"DROP TRIGGER IF EXISTS {table}_no_update",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {abort}",
        f"DROP TRIGGER IF EXISTS {table}_no_delete",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {abort}",
        f"DROP TRIGGER IF EXISTS {table}_no_replace",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) {abort}",
    ]


def _postgresql(table: str) -> list[str]:
    return [
        f"CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $${_REFUSE}$$",
        f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]
