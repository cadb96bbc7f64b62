"""Which unions lie below which, as conditions of a query: a scope is a few ranges of paths.

From the row's side (`UnionScope.holds`: EXISTS) where the rows are few already, as the entries of a competition; from the
tree's side (`UnionScope.ids`: IN) where the rows are all there are, as employers and accounts. No condition at all for a scope
that is the whole tree.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from competitions.organisations.models import Union

Column = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


def inside(path: str) -> ColumnElement[bool]:
    """Condition on Union: the union of this path, or below it."""
    return _within(Union.path, path)


def ids_inside(path: str) -> Select[str]:
    """The ids of the union of this path and of all below it."""
    return select(Union.id).where(inside(path))


@dataclass(frozen=True, slots=True)
class UnionScope:
    """Some unions and all that is below them, by their paths; `whole` when that is every union there is."""

    paths: tuple[str, ...]
    whole: bool = False

    def covers(self, union: Union) -> bool:
        """Whether the union, which is at hand, is one of them."""
        return self.whole or any(union.path.startswith(path) for path in self.paths)

    def unions(self) -> ColumnElement[bool]:
        """Condition on Union: it is one of them."""
        return true() if self.whole else or_(false(), *map(inside, self.paths))

    def ids(self) -> Select[str]:
        """Their ids, read from the index on paths."""
        return select(Union.id).where(self.unions())

    def holds(self, column: Column) -> ColumnElement[bool]:
        """The column names one of them; asked of each row by itself."""
        if self.whole:
            return column.is_not(None) if column.nullable else true()
        if not self.paths:
            return false()
        union = aliased(Union)
        ranges = or_(*(_within(union.path, path) for path in self.paths))
        return exists().where(union.id == column, ranges).correlate_except(union)

    def has(self, column: Column) -> ColumnElement[bool]:
        """The column names one of them; for tables of which any row may be asked for."""
        if self.whole:
            return column > "" if column.nullable else true()  # not null, in words that an index can be asked
        return column.in_(self.ids()) if self.paths else false()


def scope_of_unions(session: Session, union_ids: Iterable[str]) -> UnionScope:
    """These unions and everything below them (one question; none without unions)."""
    wanted = set(union_ids)
    if not wanted:
        return UnionScope(())
    rows = session.execute(
        select(Union.id, Union.path, Union.parent_id).where(or_(Union.id.in_(wanted), Union.parent_id.is_(None)))
    ).all()
    tops = sorted(row.path for row in rows if row.id in wanted)
    paths = tuple(path for place, path in enumerate(tops) if not any(path.startswith(top) for top in tops[:place]))
    return UnionScope(paths, bool(paths) and all(row.id in wanted for row in rows if row.parent_id is None))


def _within(column: Any, path: str) -> ColumnElement[bool]:
    """A path ends with "/", after which "0" is the next character; the index on paths is in the order of code points."""
    return and_(column >= path, column < f"{path[:-1]}0")
