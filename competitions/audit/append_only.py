"""Tables to which rows are only added: each is marked beside its model, and its triggers follow (triggers.py).

Knows no table by name. The marks are there wherever the models are: in the application, in migrations and in tests.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import Table, UniqueConstraint

from competitions.base.database import Base

Model = TypeVar("Model", bound=type[Base])
_tables: dict[str, Table] = {}
TABLES: Mapping[str, Table] = MappingProxyType(_tables)
"""The tables by name."""


def append_only(model: Model) -> Model:
    """Mark a model: nobody changes or deletes its rows. Raises ValueError when its table is marked already."""
    table = model.metadata.tables[model.__tablename__]
    if table.name in _tables:
        raise ValueError(f"{table.name} is append-only already")
    _tables[table.name] = table
    return model


def unique_keys(table: Table) -> list[tuple[str, ...]]:
    """The columns of its primary key and of each unique constraint or index: SQLite's REPLACE deletes silently over any
    of them.
    """
    unique = {tuple(each.columns.keys()) for each in table.constraints if isinstance(each, UniqueConstraint)}
    unique |= {tuple(each.columns.keys()) for each in table.indexes if each.unique}
    return [tuple(table.primary_key.columns.keys()), *sorted(unique)]
