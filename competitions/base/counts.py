"""Counting with an upper bound: a page says "超过 10000" rather than go through a million rows. Knows no request."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.orm import Session

MOST = 10_000
"""Beyond this nobody needs the exact number, and nobody is made to wait for it."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows; with `more` there are more than it says."""

    number: int
    more: bool = False

    def __bool__(self) -> bool:
        return self.number > 0

    def __str__(self) -> str:
        return f"超过 {self.number}" if self.more else str(self.number)


def count_of(session: Session, statement: Select[Any], most: int = MOST) -> Count:
    """How many rows the statement gives, counted no further than `most`."""
    ones: Select[Any] = statement.with_only_columns(literal_column("1"), maintain_column_froms=True).order_by(None)
    found = session.scalar(select(func.count()).select_from(ones.limit(most + 1).subquery())) or 0
    return Count(min(found, most), found > most)
