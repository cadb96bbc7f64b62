"""Triggers of the append-only tables: against UPDATE, DELETE and (SQLite) `INSERT OR REPLACE`, and TRUNCATE on PostgreSQL;
and of tables with fixed columns: against an UPDATE of those, and `INSERT OR REPLACE`.

Installed after every migration and checked at the start (security.md §0.5). A migration alters an append-only table by
`base.rebuilding` only, which puts its triggers back at once. Knows the tables as they are marked (append_only.py,
fixed_columns.py).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from competitions.audit.append_only import TABLES, unique_keys
from competitions.audit.fixed_columns import FIXED

_REFUSALS = {
    "refuse_change": " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END ",
    "refuse_exchange": " BEGIN RAISE EXCEPTION '% has fixed columns', TG_TABLE_NAME; END ",
}
"""PostgreSQL: function → its body."""
_SOUND = """
    SELECT tgname, relname, proname, prosrc, tgtype,
           ARRAY(SELECT CAST(attname AS text) FROM pg_attribute WHERE attrelid = tgrelid AND attnum = ANY(tgattr))
    FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgqual IS NULL
"""
"""PostgreSQL: the triggers that are not switched off and have no condition that never holds."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger that should be there: on which table, the statement that makes it; on PostgreSQL also what the catalogue
    says of it (function, kind of the trigger, columns).
    """

    name: str
    table: str
    statement: str
    said: tuple[str, int, frozenset[str]] = ("", 0, frozenset())


def install(connection: Connection) -> None:
    """(Re)create the triggers of the tables that are there (not all are while a database is upgraded)."""
    if connection.dialect.name != "sqlite":
        for name, body in _REFUSALS.items():
            connection.execute(
                text(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
            )
    columns = {table: _columns(connection, table) for table in present(connection)}
    for trigger in _wanted(connection, columns):
        _drop(connection, trigger)
        connection.execute(text(trigger.statement))


def release(connection: Connection) -> None:
    """Take away the triggers of fixed columns, so that a migration may fill them; `install` puts them back."""
    columns = {table: _columns(connection, table) for table in present(connection)}
    for trigger in _wanted(connection, columns):
        if trigger.table in FIXED:
            _drop(connection, trigger)


def present(connection: Connection) -> list[str]:
    """The guarded tables that this database has."""
    there = set(inspect(connection).get_table_names())
    return [table for table in guarded() if table in there]


def guarded() -> list[str]:
    """The tables that have triggers: append-only ones, then those with fixed columns."""
    return [*TABLES, *FIXED]


def missing(connection: Connection, tables: Collection[str] | None = None) -> list[str]:
    """Names of triggers that should be there and are not, are switched off, or no longer say what they should. `tables`:
    only of these, and only over the columns that they have (while a database is upgraded).
    """
    sound = _sqlite_sound(connection) if connection.dialect.name == "sqlite" else _postgresql_sound(connection)
    if tables is None:
        wanted = _wanted(connection, dict.fromkeys(guarded()))
    else:
        wanted = _wanted(connection, {table: _columns(connection, table) for table in tables})
    return [trigger.name for trigger in wanted if not sound(trigger)]


Sound = Callable[[Trigger], bool]


def _sqlite_sound(connection: Connection) -> Sound:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    there = {name: sql for name, sql in rows}
    return lambda trigger: there.get(trigger.name) == trigger.statement


def _postgresql_sound(connection: Connection) -> Sound:
    there = {
        (name, table): (function, kind, frozenset(columns))
        for name, table, function, body, kind, columns in connection.execute(text(_SOUND))
        if body == _REFUSALS.get(function)
    }
    return lambda trigger: there.get((trigger.name, trigger.table)) == trigger.said


def _wanted(connection: Connection, tables: Mapping[str, Collection[str] | None]) -> Iterable[Trigger]:
    """The triggers of these tables; of fixed columns only those among the columns given (None: all)."""
    on_sqlite = connection.dialect.name == "sqlite"
    for table, columns in tables.items():
        if table in TABLES:
            yield from _sqlite(table) if on_sqlite else _postgresql(table)
        if table in FIXED:
            fixed = [column for column in FIXED[table] if columns is None or column in columns]
            yield from _sqlite_fixed(table, fixed) if on_sqlite else _postgresql_fixed(table, fixed)


def _columns(connection: Connection, table: str) -> set[str] | None:
    if table not in FIXED or not connection.dialect.has_table(connection, table):
        return None
    return {column["name"] for column in inspect(connection).get_columns(table)}


def _drop(connection: Connection, trigger: Trigger) -> None:
    on = "" if connection.dialect.name == "sqlite" else f" ON {trigger.table}"
    connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger.name}{on}"))


def _sqlite(table: str) -> Iterable[Trigger]:
    keys = unique_keys(TABLES[table])
    taken = " OR ".join("(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in keys)
    then = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    yield _made(table, "update", f"BEFORE UPDATE ON {table} {then}")
    yield _made(table, "delete", f"BEFORE DELETE ON {table} {then}")
    exists = f"EXISTS (SELECT 1 FROM {table} WHERE {taken})"
    yield _made(table, "replace", f"BEFORE INSERT ON {table} WHEN {exists} {then}")


def _sqlite_fixed(table: str, columns: Collection[str]) -> Iterable[Trigger]:
    key = FIXED[table][0]
    then = f"BEGIN SELECT RAISE(ABORT, '{table} has fixed columns'); END"
    yield _made(table, "exchange", f"BEFORE UPDATE OF {_listed(columns)} ON {table} {then}")
    exists = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
    yield _made(table, "replace", f"BEFORE INSERT ON {table} WHEN {exists} {then}")


def _postgresql(table: str) -> Iterable[Trigger]:
    """Kinds: 27 before update or delete, each row; 34 before truncate."""
    then = "EXECUTE FUNCTION refuse_change()"
    change = f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {then}"
    yield _made(table, "change", change, ("refuse_change", 27, frozenset()))
    truncate = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {then}"
    yield _made(table, "truncate", truncate, ("refuse_change", 34, frozenset()))


def _postgresql_fixed(table: str, columns: Collection[str]) -> Iterable[Trigger]:
    """Kind 19: before update, each row."""
    what = f"BEFORE UPDATE OF {_listed(columns)} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_exchange()"
    yield _made(table, "exchange", what, ("refuse_exchange", 19, frozenset(columns)))


def _made(table: str, kind: str, what: str, said: tuple[str, int, frozenset[str]] = ("", 0, frozenset())) -> Trigger:
    name = f"{table}_no_{kind}"
    return Trigger(name, table, f"CREATE TRIGGER {name} {what}", said)


def _listed(columns: Collection[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
