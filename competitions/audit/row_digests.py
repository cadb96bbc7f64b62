"""What rows say, as keyed digests for the log: which rows an act writes, and how each of them stands after it.

Every statement on a compared table (compared.py) within `recording.transaction` is seen, whoever sends it; statements
written as plain text are not, and nobody in the house sends such. Knows no feature.
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from typing import Any
from zlib import crc32

from sqlalchemy import BindParameter, Delete, Engine, Insert, Select, Update, bindparam, event, select
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression

from competitions.audit.chain import row_key
from competitions.audit.compared import COMPARED, Compared
from competitions.base.clock import microseconds

GONE = "-"
"""Stands in place of a digest when the row was deleted."""
WHOLE = 24
"""Hex digits of the digest of a row; two follow for each of its columns, by which one sees which of them differs."""
AT_ONCE = 5000
Touched = dict[str, set[str]]
Digests = dict[str, dict[str, str]]
"""Table and shape ("entry.1f2e3d") → key of the row → its digest."""
_touched: ContextVar[Touched | None] = ContextVar("touched_rows", default=None)


@contextmanager
def watching() -> Iterator[Touched]:
    """While it lasts, statements of this thread on compared tables are noted: table → keys of their rows."""
    touched: Touched = {}
    token = _touched.set(touched)
    try:
        yield touched
    finally:
        _touched.reset(token)


def digests_of(connection: Connection, touched: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str, str]]:
    """Table and shape, key of the row in the log, digest: how these rows stand now. Read back, not taken from memory."""
    for name in sorted(touched):
        table = COMPARED[name]
        every = sorted(touched[name])
        for start in range(0, len(every), AT_ONCE):
            keys = every[start : start + AT_ONCE]
            found = {str(row[0]): row for row in connection.execute(rows_by_key(table), {"keys": keys})}
            for key in keys:
                row = found.get(key)
                yield f"{name}.{table.shape}", logged_key(table, key), GONE if row is None else digest(table, row)


@cache
def rows_by_key(table: Compared) -> Select[Any]:
    """The key and the compared columns of the rows with the keys `:keys`."""
    return all_rows(table).where(table.key.in_(bindparam("keys", expanding=True)))


def all_rows(table: Compared, columns: Sequence[str] | None = None) -> Select[Any]:
    """The key, then the columns that are compared (or those named)."""
    return select(table.key, *(table.table.c[name] for name in columns or table.columns))


def logged_key(table: Compared, key: str) -> str:
    """The row's key as the log has it."""
    return _mac([table.table.name, key]).hex()[:WHOLE] if table.blind else key


def digest(table: Compared, row: Row[Any]) -> str:
    """Of a row of `all_rows`: the whole, then a hint for each column."""
    name, key = table.table.name, str(row[0])
    values = _plain_all(row[1:])
    pad = _pad(row_key(), name)
    hints = bytes(_hint(value) ^ pad[place % len(pad)] for place, value in enumerate(values))
    return _mac([name, key, values]).hex()[:WHOLE] + hints.hex()


def whole(name: str, key: str, values: Sequence[Any]) -> str:
    """The digest of the row alone; `values` as they were read."""
    return _mac([name, key, _plain_all(values)]).hex()[:WHOLE]


def differing(table: Compared, row: Row[Any], logged: str, columns: Sequence[str]) -> list[str]:
    """The columns of the row that are not as the logged digest, which is over `columns`, has them. One in 256 changes of a
    column looks the same; the digest of the whole does not.
    """
    here = row._mapping
    pad, hints = _pad(row_key(), table.table.name), bytes.fromhex(logged[WHOLE:])
    return [
        column
        for place, column in enumerate(columns)
        if column in here and _hint(_plain(here[column])) ^ pad[place % len(pad)] != hints[place]
    ]


def _hint(value: Any) -> int:
    """Tells values apart, most of the time; nobody reads it without the pad of its table."""
    return crc32((value if isinstance(value, str) else _encode(value)).encode()) & 255


@cache
def _pad(key: bytes, name: str) -> bytes:
    return hmac.digest(key, f"hints of {name}".encode(), "sha256")


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
"""As `chain.canonical`, without making an encoder for every value."""


def _mac(said: Any) -> bytes:
    return hmac.digest(row_key(), _encode(said).encode(), "sha256")


def _plain_all(values: Iterable[Any]) -> list[Any]:
    return [_plain(value) if isinstance(value, date) else value for value in values]


def _plain(value: Any) -> Any:
    """The same on both databases, and after a round trip through an archive."""
    if isinstance(value, datetime):
        return microseconds(value)
    return value.isoformat() if isinstance(value, date) else value


@event.listens_for(Engine, "before_execute")
def _note(connection: Connection, statement: Any, many: Any, one: Any, _options: Any) -> None:
    touched = _touched.get()
    if touched is None or not getattr(statement, "is_dml", False):
        return
    table = COMPARED.get(statement.table.name)
    if table is None:
        return
    given: Sequence[Mapping[str, Any]] = many or [one]
    if isinstance(statement, Insert):
        keys: Iterable[Any] = _inserted(table, statement, given)
    elif isinstance(statement, Update) and _assigned(table, statement, given) <= table.free:
        return
    else:
        keys = _found(connection, table, statement, given)
    if written := set(map(str, keys)):
        touched.setdefault(table.table.name, set()).update(written)


def _inserted(table: Compared, statement: Insert, given: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The keys of new rows. Raises RuntimeError when the statement leaves them to the database."""
    key = table.key
    rows: list[Mapping[Any, Any]] = list(given)
    if statement._multi_values:
        rows = [row for values in statement._multi_values for row in values]  # type: ignore[misc]
    elif statement._values:
        rows = [dict(statement._values)]
    keys = [row.get(key.name, row.get(key)) for row in rows]
    if any(each is None for each in keys):
        raise RuntimeError(f"rows of {table.table.name} are inserted without their key")
    return [each.value if isinstance(each, BindParameter) else each for each in keys]


def _assigned(table: Compared, statement: Update, given: Sequence[Mapping[str, Any]]) -> set[str]:
    """The columns that an update writes (and the names of its parameters, which are no columns)."""
    if statement._values:
        return {column if isinstance(column, str) else column.name for column in statement._values}
    return set(given[0]) - {f"{table.table.name}_{table.key.name}"}


def _found(
    connection: Connection, table: Compared, statement: Update | Delete, given: Sequence[Mapping[str, Any]]
) -> Iterator[Any]:
    """The keys of the rows that an update or delete is about, told by its condition or asked for."""
    by = next((each.right for each in statement._where_criteria if _is_of_key(table, each)), None)
    if isinstance(by, BindParameter):
        yield from (values.get(by.key, by.effective_value) for values in given)
        return
    asked = select(table.key).where(*statement._where_criteria)
    for values in given:
        yield from connection.execute(asked, values).scalars()


def _is_of_key(table: Compared, condition: Any) -> bool:
    return (
        isinstance(condition, BinaryExpression)
        and condition.operator is operators.eq
        and getattr(condition.left, "name", None) == table.key.name
        and getattr(getattr(condition.left, "table", None), "name", None) == table.table.name
    )
