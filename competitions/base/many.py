"""Many rows in one statement: rows that are made before the write transaction are inserted in it. Knows no table.

The unit of work of a session takes a tenth of a millisecond and more for each row while everybody else waits for the
lock; one executemany takes a tenth of that.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session, class_mapper

from competitions.base.database import Base
from competitions.base.searching import Searched


def add_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows of a table, all with the same columns, by one statement."""
    if rows:
        session.connection().execute(insert(model.metadata.tables[model.__tablename__]), rows)


def values_of(row: Base) -> dict[str, Any]:
    """The row of an object that never belonged to a session; a column's default where it has no value."""
    if isinstance(row, Searched):
        row.search_text = row.search_text_of(row.__dict__)
    given = row.__dict__
    return {
        column: given[name] if name in given else default() if callable(default) else default
        for column, name, default in _columns(type(row))
    }


@cache
def _columns(model: type[Base]) -> list[tuple[str, str, Any]]:
    """Column, attribute, default of each column of a model."""
    mapper = class_mapper(model)
    return [
        (column.key, mapper.get_property_by_column(column).key, _default(column))
        for column in mapper.local_table.columns
    ]


def _default(column: Any) -> Any:
    """The default as it is, or as a function without arguments."""
    if column.default is None:
        return None
    return (lambda: column.default.arg(None)) if column.default.is_callable else column.default.arg
