"""Columns that are written once: each is marked beside its model, and a trigger follows (triggers.py).

The other columns of these tables change as things go on. Knows no table by name.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

from competitions.base.database import Base

Model = TypeVar("Model", bound=type[Base])
_columns: dict[str, tuple[str, ...]] = {}
FIXED: Mapping[str, tuple[str, ...]] = MappingProxyType(_columns)
"""Table → its columns that nobody changes, its key the first."""


def fixed(*columns: str) -> Callable[[Model], Model]:
    """Mark a model: nobody changes its key or these columns. Raises ValueError when it is marked already, or has no such
    column.
    """

    def mark(model: Model) -> Model:
        table = model.metadata.tables[model.__tablename__]
        if table.name in _columns:
            raise ValueError(f"the columns of {table.name} are fixed already")
        if unknown := set(columns) - set(table.columns.keys()):
            raise ValueError(f"{table.name} has no {', '.join(sorted(unknown))}")
        _columns[table.name] = (*table.primary_key.columns.keys(), *columns)
        return model

    return mark
