"""A whole database as one SQLite file, and such a file as a whole database again, whichever of the two kinds it is.

Rows are carried as the columns' types read and write them; JSON goes as the very text that is stored. Both sides are
counted and digested, so that a copy that is not the same is found. Reads every table through tables.METADATA, knows none.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Column,
    Engine,
    Insert,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    create_engine,
    insert,
    inspect,
    select,
    text,
    type_coerce,
)
from sqlalchemy.engine import Connection
from sqlalchemy.schema import AddConstraint, CreateTable

from competitions.audit import triggers
from competitions.base.database import write_intent
from competitions.tables import METADATA

AT_ONCE = 1000
"""Rows that are carried at a time."""
_VERSION = "alembic_version"
Measure = tuple[int, str]
"""Rows of a table, and a digest of them in whatever order they come."""


class NotTheSame(Exception):
    """A copy does not hold what was read."""


def copied(engine: Engine, file: Path) -> None:
    """The whole database, as it is at one moment, in a new SQLite file. Nobody who writes has to wait for it.

    Raises NotTheSame, SQLAlchemyError, sqlite3.Error, OSError.
    """
    if engine.dialect.name == "sqlite":
        _backed_up(Path(str(engine.url.database)), file)
    else:
        _filled(engine, file)
    settle(file)


def settle(file: Path) -> None:
    """The database is this one file: no log of SQLite beside it belongs to it any more."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def faults(file: Path) -> list[str]:
    """What SQLite finds wrong in the file: damaged pages, rows that refer to rows that are not there."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        try:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check(10)") if row[0] != "ok"]
            return said or [f"{row[0]} → {row[2]}" for row in connection.execute("PRAGMA foreign_key_check")][:10]
        except sqlite3.DatabaseError as fault:
            return [str(fault)]


def counts(file: Path) -> dict[str, int]:
    """Table → rows, of the tables that are in the file."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = sorted(name for name in names if not name.startswith("sqlite_") and name != _VERSION)
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}


def revision_of(connection: Connection) -> str | None:
    """The revision of the schema; None where there is none."""
    return MigrationContext.configure(connection).get_current_revision()


def is_empty(engine: Engine) -> bool:
    """Whether the database has no table at all."""
    with engine.connect() as connection:
        return not inspect(connection).get_table_names()


def file_engine(file: Path) -> Engine:
    """An engine on a SQLite file; `settle` it when the engine is disposed of."""
    return create_engine(f"sqlite:///{file}")


def fill(engine: Engine, file: Path) -> None:
    """An empty PostgreSQL database becomes what is in the file, all or nothing. The file is at our revision.

    Raises NotTheSame, SQLAlchemyError.
    """
    source = file_engine(file)
    try:
        with source.connect() as reading, engine.begin() as writing:
            writing.exec_driver_sql("SET LOCAL statement_timeout = 0")
            _make_tables(writing)
            carried = _carry(reading, writing)
            _add_references(writing)
            triggers.install(writing)
            _write_revision(writing, revision_of(reading))
            if (there := measured(writing)) != carried:
                raise NotTheSame(", ".join(sorted(name for name in carried if carried[name] != there[name])))
    finally:
        source.dispose()
        settle(file)


def measured(connection: Connection) -> dict[str, Measure]:
    """Table → how many rows, and their digest; the same on both databases."""
    return {table.name: _measure(_rows(connection, table)) for table in METADATA.sorted_tables}


def _backed_up(database: Path, file: Path) -> None:
    with closing(sqlite3.connect(database, timeout=30)) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)  # in one step: a snapshot, whatever is written meanwhile


def _filled(engine: Engine, file: Path) -> None:
    """PostgreSQL: one transaction that sees one moment, may only read and is under no limit of time."""
    target = file_engine(file)
    token = write_intent.set(True)
    try:
        with engine.connect() as plain, target.begin() as writing:
            reading = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                reading.exec_driver_sql(f"SET LOCAL {limit} = 0")
            METADATA.create_all(writing)
            writing.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # a row may come before the one that it refers to
            carried = _carry(reading, writing)
            triggers.install(writing)
            _write_revision(writing, revision_of(reading))
            if measured(writing) != carried:
                raise NotTheSame
    finally:
        write_intent.reset(token)
        target.dispose()


def _carry(reading: Connection, writing: Connection) -> dict[str, Measure]:
    """Every row of every table; what was read of each."""
    return {table.name: _measure(_written(writing, table, _rows(reading, table))) for table in METADATA.sorted_tables}


def _rows(connection: Connection, table: Table) -> Iterator[Mapping[str, Any]]:
    streamed = connection.execution_options(stream_results=True, yield_per=AT_ONCE)
    for row in streamed.execute(_reading(table, connection.dialect.name)).mappings():
        yield dict(row)


def _written(connection: Connection, table: Table, rows: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The rows, written on their way."""
    statement, held = _writing(table, connection.dialect.name), list[dict[str, Any]]()
    for row in rows:
        held.append({f"to_{name}": value for name, value in row.items()})
        if len(held) == AT_ONCE:
            connection.execute(statement, held)
            held.clear()
        yield row
    if held:
        connection.execute(statement, held)


def _reading(table: Table, dialect: str) -> Select[Any]:
    as_text = type_coerce if dialect == "sqlite" else cast
    columns = [as_text(each, Text).label(each.name) if _is_json(each) else each for each in table.columns]
    return select(*columns)


def _writing(table: Table, dialect: str) -> Insert:
    def value(column: Column[Any]) -> Any:
        given = bindparam(f"to_{column.name}", type_=Text() if _is_json(column) else column.type)
        return cast(given, column.type) if _is_json(column) and dialect == "postgresql" else given

    return insert(table).values({column.name: value(column) for column in table.columns})


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON)


def _measure(rows: Iterator[Mapping[str, Any]]) -> Measure:
    count, sum_ = 0, 0
    for row in rows:
        said = json.dumps(row, default=str, ensure_ascii=False, sort_keys=True)
        count, sum_ = count + 1, sum_ + int.from_bytes(hashlib.sha256(said.encode()).digest(), "big") & (1 << 256) - 1
    return count, f"{sum_:064x}"


def _make_tables(connection: Connection) -> None:
    """Without references between them: rows come in whatever order."""
    for table in METADATA.sorted_tables:
        connection.execute(CreateTable(table, include_foreign_key_constraints=[]))
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            index.create(connection)


def _add_references(connection: Connection) -> None:
    for table in METADATA.sorted_tables:
        for reference in sorted(table.foreign_key_constraints, key=lambda each: str(each.name)):
            connection.execute(AddConstraint(reference, isolate_from_table=False))


def _write_revision(connection: Connection, revision: str | None) -> None:
    name = "version_num"
    connection.execute(
        text(f"CREATE TABLE {_VERSION} ({name} VARCHAR(32) NOT NULL, CONSTRAINT {_VERSION}_pkc PRIMARY KEY ({name}))")
    )
    if revision:
        connection.execute(text(f"INSERT INTO {_VERSION} VALUES (:revision)"), {"revision": revision})
