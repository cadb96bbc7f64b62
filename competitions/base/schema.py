"""What the tables of a database are, told line by line, so that two databases of the same kind can be compared: columns,
constraints with the text of their CHECKs, indexes, triggers that are not the log's. Knows no table.

What is wanted comes from the models: made in a database in memory (SQLite) or in temporary tables that are rolled back
(PostgreSQL), and told by the same function. Why so: docs/decisions/0010-schema-digest.md.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import MetaData, create_engine
from sqlalchemy.engine import Connection

from competitions.base import schema_postgresql, schema_sqlite

Description = Mapping[str, frozenset[str]]
"""Table → what is said of it, one line for each column, constraint, index and trigger."""
HARMLESS = "INDEX "
"""Begins the line of an index that is not unique: one more of them changes how fast something is found, not what can be
written.
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A table that is not as the models say: the lines that it lacks, and those that nobody asked for."""

    table: str
    missing: tuple[str, ...]
    surplus: tuple[str, ...]


def described(connection: Connection, tables: Collection[str]) -> Description:
    """What these tables are in the database; tables that others keep beside ours are not looked at."""
    if connection.dialect.name == "sqlite":
        found = schema_sqlite.lines(connection)
    else:
        found = schema_postgresql.lines(connection, schema_postgresql.OURS)
    return {table: frozenset(found.get(table, ())) for table in tables}


def wanted(connection: Connection, models: MetaData) -> Description:
    """What the models make in a database of this kind; leaves nothing behind."""
    if connection.dialect.name != "sqlite":
        return {table: frozenset(lines) for table, lines in schema_postgresql.made_and_told(connection, models).items()}
    engine = create_engine("sqlite://")
    with engine.begin() as fresh:
        models.create_all(fresh)
        return described(fresh, models.tables)


def differences(found: Description, wished: Description) -> list[Difference]:
    """The tables in which the two differ, in the order of their names."""
    told = []
    for table in sorted(wished):
        missing = wished[table] - found[table]
        surplus = {line for line in found[table] - wished[table] if not line.startswith(HARMLESS)}
        if missing or surplus:
            told.append(Difference(table, tuple(sorted(missing)), tuple(sorted(surplus))))
    return told
