"""An act on many says of each row why it cannot be, not only of the first. Knows no act, no sentence and no request."""

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol, TypeVar

from competitions.base.errors import Refusal, StateForbids
from competitions.base.problems import Problem


class Row(Protocol):
    """Anything known by an id."""

    @property
    def id(self) -> str:
        """The key."""


R = TypeVar("R", bound=Row)


class RowsRefused(StateForbids):
    """Some rows of an act on many are refused; `problems` say why, each with the id of its row as its place."""


def require_each(rows: Sequence[R], *checks: Callable[[R], object]) -> None:
    """Put every row to the checks, each raising a Refusal; a row's first one counts.

    Raises RowsRefused with all rows that were refused; of a single row what its check raised.
    """
    problems = []
    for row in rows:
        try:
            for check in checks:
                check(row)
        except Refusal as fault:
            if len(rows) == 1 or fault.status not in (409, 422):
                raise
            problems.append(Problem(fault.code, row.id, fault.params))
    if problems:
        raise RowsRefused("rows_refused", problems=problems, count=len(problems), total=len(rows))


def once_for(key: Callable[[R], Hashable], check: Callable[[R], object]) -> Callable[[R], None]:
    """A check whose outcome is the same for all rows with the same key, made once for each of these."""
    outcomes: dict[Hashable, Refusal | None] = {}

    def made(row: R) -> None:
        if key(row) not in outcomes:
            try:
                check(row)
                outcomes[key(row)] = None
            except Refusal as fault:
                outcomes[key(row)] = fault
        if (known := outcomes[key(row)]) is not None:
            raise known.with_traceback(None)

    return made
