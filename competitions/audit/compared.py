"""Tables whose rows `flask audit verify` compares with the log: each is marked beside its model, as are the others, which
say why they are not.

Every column is compared but those that the mark leaves free, and what a row is searched by, which follows the others.
Knows no table by name.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import Column, Table

from competitions.base.database import Base
from competitions.base.searching import Searched

Model = TypeVar("Model", bound=type[Base])


@dataclass(frozen=True)
class Compared:
    """A table that is compared: its `word`; the columns left `free`; the column that is `shown` when a row is named.

    `may_go`: its rows are deleted when their time is over, which nobody records. `blind`: not even the ids of its rows may
    stand in a record, beside the ids of what they belong to.
    """

    table: Table
    word: str
    free: frozenset[str]
    shown: str
    may_go: bool
    blind: bool

    @cached_property
    def key(self) -> Column[str]:
        """The column of its key."""
        [key] = self.table.primary_key.columns
        return key

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that are compared, in their order; the key is told beside them."""
        names = (column.name for column in self.table.columns if not column.primary_key)
        return tuple(name for name in names if name not in self.free)

    @cached_property
    def shape(self) -> str:
        """Says in a record which columns it is over: a later version of the table has others."""
        return sha256(",".join(self.columns).encode()).hexdigest()[:6]


_compared: dict[str, Compared] = {}
COMPARED: Mapping[str, Compared] = MappingProxyType(_compared)
"""The compared tables by name."""
_others: dict[str, str] = {}
NOT_COMPARED: Mapping[str, str] = MappingProxyType(_others)
"""The other tables by name, each with the reason."""


def compared(
    word: str, *, free: Collection[str] = (), shown: str = "", may_go: bool = False, blind: bool = False
) -> Callable[[Model], Model]:
    """Mark a model: whoever changes its rows past the house is found. Raises ValueError for a column that is not there."""

    def mark(model: Model) -> Model:
        table = _unmarked(model)
        if unknown := {*free, *([shown] if shown else [])} - set(table.columns.keys()):
            raise ValueError(f"{table.name} has no {', '.join(sorted(unknown))}")
        derived = ["search_text"] if issubclass(model, Searched) else []
        _compared[table.name] = Compared(table, word, frozenset([*free, *derived]), shown, may_go, blind)
        return model

    return mark


def not_compared(reason: str) -> Callable[[Model], Model]:
    """Mark a model: its rows are not compared, because nothing rests on them."""

    def mark(model: Model) -> Model:
        _others[_unmarked(model).name] = reason
        return model

    return mark


def _unmarked(model: type[Base]) -> Table:
    table = model.metadata.tables[model.__tablename__]
    if table.name in _compared or table.name in _others:
        raise ValueError(f"{table.name} is marked already")
    return table
