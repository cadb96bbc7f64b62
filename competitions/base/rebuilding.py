"""Altering tables in a migration without losing a row of them. Knows no table.

PostgreSQL alters a table where it stands. SQLite can add a column and little more: there the table is made anew, its
rows are copied and the old one is dropped, with foreign keys and triggers off. Either way what nobody meant to change
is compared, value by value, before and after.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal
from warnings import catch_warnings, filterwarnings

from alembic import op
from alembic.operations.base import BatchOperations
from click import ClickException
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SAWarning

AT_ONCE = 2000
"""Rows that are read at a time."""
NOT_CARRIED = "Skipped unsupported reflection of expression-based index"
"""What SQLAlchemy says of an index over something computed, which it leaves out."""


class RowsChanged(ClickException):
    """A migration would change or lose what it did not say. On the command line it is a sentence and exit status 1."""

    def __init__(self, what: str) -> None:
        super().__init__(f"升级已停止，没有作任何改动：{what}。请保留数据库原样，联系维护人员。")


@contextmanager
def altered(
    table: str, *, unlike: Collection[str] = (), renamed: Mapping[str, str] | None = None
) -> Iterator[BatchOperations]:
    """Alter `table` by the operations of the value: `with altered("stage") as stage: stage.add_column(…)`.

    Every column that was there must be there afterwards with the same values in as many rows, unless it is among the
    `renamed` (old name → new) or `unlike` (dropped, or filled anew on purpose). A CHECK on a dropped column is dropped
    by name first. Only inside a migration (migrations/env.py switches SQLite's foreign keys off and checks them).

    Raises RowsChanged; the whole upgrade is then rolled back.
    """
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    if on_sqlite and connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        raise RuntimeError("foreign keys are on: a table is rebuilt in a migration only")
    key = inspect(connection).get_pk_constraint(table)["constrained_columns"]
    before, triggers = _fingerprint(connection, table, key), _triggers(connection, table)
    computed = _computed_indexes(connection, table) if on_sqlite else []
    anew: Literal["always", "never"] = "always" if on_sqlite else "never"
    with catch_warnings():
        filterwarnings("ignore", NOT_CARRIED, SAWarning)  # `computed` carries them
        with op.batch_alter_table(table, recreate=anew, reflect_kwargs={"resolve_fks": False}) as batch:
            yield batch
    names = renamed or {}
    for statement in [*computed, *triggers] if on_sqlite else ():
        connection.exec_driver_sql(statement)
    if _triggers(connection, table) != triggers:
        raise RowsChanged(f"表 {table} 的触发器与升级前不同")
    after = _fingerprint(connection, table, [names.get(column, column) for column in key])
    wrong = [
        column for column in before if column not in unlike and before[column] != after.get(names.get(column, column))
    ]
    if wrong:
        raise RowsChanged(f"表 {table} 的行数或 {'、'.join(wrong)} 列的值与升级前不同")


@contextmanager
def unchecked_references(connection: Connection) -> Iterator[None]:
    """SQLite: foreign keys off until the migrations are committed (inside a transaction the switch does nothing, and
    dropping a table that others refer to would count every reference as broken).
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def require_references(connection: Connection) -> None:
    """Raises RowsChanged when a row refers to one that is not there; PostgreSQL never stopped checking."""
    if connection.dialect.name == "sqlite":
        broken = {f"{row[0]} → {row[2]}" for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
        if broken:
            raise RowsChanged(f"有记录指向不存在的记录（{'、'.join(sorted(broken))}）")


def _fingerprint(connection: Connection, table: str, key: list[str]) -> dict[str, str]:
    """Column → number of rows and digest of its values, in the order of the key."""
    quote = connection.dialect.identifier_preparer.quote
    columns = [column["name"] for column in inspect(connection).get_columns(table)]
    form = "quote({})" if connection.dialect.name == "sqlite" else "CAST({} AS TEXT)"
    asked = ", ".join(form.format(quote(column)) for column in columns)
    order = ", ".join(quote(column) for column in key)
    rows = connection.execute(
        text(f"SELECT {asked} FROM {quote(table)} ORDER BY {order}"), execution_options={"yield_per": AT_ONCE}
    )
    hashes, count = [hashlib.sha256() for _ in columns], 0
    for row in rows:
        count += 1
        for each, value in zip(hashes, row, strict=True):
            said = b"" if value is None else value.encode()
            each.update(b"%d %d " % (value is None, len(said)) + said)
    return {column: f"{count} {each.hexdigest()}" for column, each in zip(columns, hashes, strict=True)}


def _computed_indexes(connection: Connection, table: str) -> list[str]:
    """SQLite: the statements of the table's indexes over something computed, which Alembic does not carry over."""
    question = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL"
    stored = {name: sql for name, sql in connection.execute(text(question), {"table": table})}
    with catch_warnings():
        filterwarnings("ignore", NOT_CARRIED, SAWarning)
        carried = {index["name"] for index in inspect(connection).get_indexes(table)}
    return [sql for name, sql in sorted(stored.items()) if name not in carried]


def _triggers(connection: Connection, table: str) -> list[str]:
    """The statements of the table's triggers, by name."""
    question = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table ORDER BY name"
    if connection.dialect.name != "sqlite":
        question = """SELECT pg_get_triggerdef(pg_trigger.oid) || CAST(tgenabled AS text) FROM pg_trigger
                      WHERE NOT tgisinternal AND tgrelid = to_regclass(quote_ident(:table)) ORDER BY tgname"""
    return list(connection.execute(text(question), {"table": table}).scalars())
