"""The order of a list, and the place of a row in it: what comes after a row, or before it, is a condition on its keys, so
that the ten-thousandth page costs what the first one costs. Knows statements, no request and no feature.

The order is the same on both databases, whatever language the database server was set up for: text by code point, rows
without a value first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, false, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

Sortable = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Key:
    """What rows are compared by. `nullable`: some rows have no value; they count as the smallest."""

    value: ColumnElement[Any]
    descending: bool
    nullable: bool

    def clause(self, backwards: bool) -> ColumnElement[Any]:
        """For ORDER BY."""
        down = self.descending != backwards
        order = self.value.desc() if down else self.value.asc()
        if not self.nullable:
            return order
        return order.nulls_last() if down else order.nulls_first()

    def equals(self, given: Any) -> ColumnElement[bool]:
        """The row has this value."""
        same: ColumnElement[bool] = self.value.is_(None) if given is None else self.value == given
        return same

    def beyond(self, given: Any, backwards: bool) -> ColumnElement[bool]:
        """The row comes after one with this value, whatever the other keys say."""
        down = self.descending != backwards
        if given is None:
            return false() if down else self.value.is_not(None)
        further: ColumnElement[bool] = self.value < given if down else self.value > given
        return or_(further, self.value.is_(None)) if down and self.nullable else further

    def not_before(self, given: Any, backwards: bool) -> ColumnElement[bool]:
        """The row comes after one with this value or has the same: what an index begins its search with."""
        if self.nullable or given is None:
            return or_(self.beyond(given, backwards), self.equals(given))
        here: ColumnElement[bool] = self.value <= given if self.descending != backwards else self.value >= given
        return here


@dataclass(frozen=True, slots=True)
class Order:
    """Keys from the first to the last; the last one is unique, so that no two rows share a place."""

    keys: tuple[Key, ...]

    def of(self, statement: Select[Any], *, backwards: bool = False) -> Select[Any]:
        """The statement in this order, or from its end."""
        return statement.order_by(None).order_by(*(key.clause(backwards) for key in self.keys))

    def place(self, session: Session, statement: Select[Any], unique: Any) -> Sequence[Any] | None:
        """The keys of the row of the statement that has this unique value; None when there is no such row (any more)."""
        values = [key.value.label(f"key_{number}") for number, key in enumerate(self.keys)]
        wanted = statement.with_only_columns(*values, maintain_column_froms=True).order_by(None)
        return session.execute(wanted.where(self.keys[-1].value == unique).limit(1)).first()

    def after(self, place: Sequence[Any], *, backwards: bool = False) -> ColumnElement[bool]:
        """Condition: the row comes after this place, or before it."""
        steps = []
        for number, key in enumerate(self.keys):
            same = [each.equals(value) for each, value in zip(self.keys[:number], place, strict=False)]
            steps.append(and_(*same, key.beyond(place[number], backwards)))
        return and_(self.keys[0].not_before(place[0], backwards), or_(*steps))


def order_by(sorts: Mapping[str, Sortable], sort: str, unique: Sortable, then: Sequence[Sortable] = ()) -> Order:
    """By the column that `sort` names ("-" before it: descending); ties are broken by the columns of `then` and at last
    by the unique one.
    """
    first = _key(sorts[sort.lstrip("-")], descending=sort.startswith("-"))
    return Order((first, *(_key(each) for each in then), Key(_expression(unique), False, False)))


def ordered(
    statement: Select[Any], sorts: Mapping[str, Sortable], sort: str, unique: Sortable, then: Sequence[Sortable] = ()
) -> Select[Any]:
    """The whole statement in that order, for a file."""
    return order_by(sorts, sort, unique, then).of(statement)


def _key(column: Sortable, *, descending: bool = False) -> Key:
    """Text by code point, anything else as it is."""
    value = ByCodePoint(column) if isinstance(column.type, String) else _expression(column)
    return Key(value, descending, bool(getattr(_expression(column), "nullable", False)))


class ByCodePoint(FunctionElement[str]):
    """A text to sort by, compared by code point: SQLite does so by itself, PostgreSQL is told."""

    name = "by_code_point"
    inherit_cache = True
    type = String()


@compiles(ByCodePoint)
def _as_it_is(element: ByCodePoint, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(ByCodePoint, "postgresql")
def _collated(element: ByCodePoint, compiler: SQLCompiler, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)}) COLLATE "C"'


def _expression(column: Sortable) -> ColumnElement[Any]:
    return column.expression if isinstance(column, InstrumentedAttribute) else column
