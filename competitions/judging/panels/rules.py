"""The rules of who owes a sheet: the one table of what may become of it, and how many judges a code needs. Knows no row.

A sheet belongs to a seat of the panel and a code. Alive it has one judge, who owes it or has marked it; closed it has a
reason. Signing and settling count by the same two functions below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OWED = frozenset({"empty", "draft"})
OPEN = frozenset({"empty", "draft", "submitted", "confirmed"})
WORDS = {
    "recused": "回避",
    "vacant": "空缺",
    "barred": "接替人不能评",
    "spare": "不再需要",
}
"""Why a sheet is closed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One allowed change: in which states of the sheet, from which reasons of being closed (None: alive), to which."""

    words: str
    states: frozenset[str]
    closed: frozenset[str | None]
    then: str | None


_ALIVE: frozenset[str | None] = frozenset({None})
_EMPTY_SEAT: frozenset[str | None] = frozenset({"vacant", "barred"})
CHANGES: dict[str, Change] = {
    "passed": Change("转交", OWED | {"submitted"}, _ALIVE, None),
    "recused": Change("回避", OPEN, _ALIVE, "recused"),
    "vacated": Change("空缺", OWED, _ALIVE, "vacant"),
    "barred": Change("接替人不能评", OWED, _ALIVE, "barred"),
    "spared": Change("不再需要", frozenset({"empty"}), _ALIVE, "spare"),
    "opened": Change("接替", OWED, _EMPTY_SEAT, None),
    "restored": Change("撤回回避", OPEN, frozenset({"recused"}), None),
    "appointed": Change("指派代评", OWED, frozenset({None, "vacant", "barred"}), None),
    "taken": Change("采纳另存的评分", OPEN | {"signed"}, frozenset({None, "vacant", "barred"}), None),
}
"""Kind of change → what it is allowed on. A signed sheet changes hands only when what came late is taken, a sheet of a
judge who is recused comes to life only when that is taken back.
"""


def allows(kind: str, state: str, closed: str | None) -> bool:
    """Whether a sheet of this state, closed for this reason (None: alive), may change so."""
    change = CHANGES[kind]
    return state in change.states and closed in change.closed


def excused(panel: Mapping[str, Any], alive: int, empty_seats: int) -> int:
    """How many judges fewer a code has to have: the seats whose sheets are all closed, as far as the panel is short."""
    return min(empty_seats, max(0, int(panel["judges"]) - alive))


def expected(panel: Mapping[str, Any], fewer: int) -> int:
    """How many judges must mark a code of which so many are excused (scoring.md, panel): the least number that is set,
    and at least one mark more than are dropped.
    """
    judges, dropped = int(panel["judges"]), int(panel.get("drop_highest", 0)) + int(panel.get("drop_lowest", 0))
    return max(judges - fewer, int(panel.get("min_judges") or judges), dropped + 1)
