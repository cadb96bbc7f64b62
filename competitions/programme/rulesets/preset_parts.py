"""Pieces of which ready-made rulesets are put together: modules, awards, honours, teams. Knows no pattern."""

from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
TWO = {"places": 2, "mode": "half_up"}
PRACTICE_FIRST = {"by": "module", "id": "practice"}
THEORY_NEXT = {"by": "module", "id": "theory"}
TIME_NEXT = {"by": "time", "module": "practice"}


@dataclass(frozen=True, slots=True)
class Preset:
    """A ruleset to start from: its code, its name, where it comes from, the document."""

    code: str
    name: str
    source: str
    document: Document


def module(
    key: str,
    name: str,
    weight: str = "1",
    full: str = "100",
    *,
    judges: int = 1,
    drop: int = 0,
    pass_mark: str | None = None,
    **more: Any,
) -> Document:
    """A module without aspects, marked by `judges`, `drop` of the best and of the worst marks left out."""
    panel = {"combine": "mean", "drop_highest": drop, "drop_lowest": drop, "judges": judges}
    return {
        "id": key,
        "name": name,
        "full_marks": full,
        "weight": weight,
        "panel": panel,
        "combine_at": "sheet",
        "deduction_cap": None,
        "bonus_cap": None,
        "round": TWO,
        "pass_mark": pass_mark,
        **more,
    }


def ruleset(
    modules: list[Document], tie_breaks: list[Document], *, total: Document | None = None, **more: Any
) -> Document:
    """A ruleset with the usual rest: larger is better, shared ranks, absent unranked, two places."""
    return {
        "modules": modules,
        "total": {"round": TWO, "deduction_cap": None, "floor": "0", **(total or {})},
        "order": "descending",
        "tie_breaks": tie_breaks,
        "ties": "shared",
        "absent": "unranked",
        **more,
    }


def theory_practice(
    theory: str, practice: str, *, pass_mark: str | None = None, practice_more: Document | None = None, **more: Any
) -> Document:
    """Two modules by weight; equal totals by practice, unless other tie-breaks are given."""
    modules = [
        module("theory", "理论", theory, pass_mark=pass_mark),
        module("practice", "实操", practice, pass_mark=pass_mark, **(practice_more or {})),
    ]
    return ruleset(modules, more.pop("tie_breaks", [PRACTICE_FIRST]), **more)


def awards(
    *places: tuple[str, str, Any], base: str = "ranked", ties: str = "include", rounding: str = "half_up", **more: Any
) -> Document:
    """Awards in order: (id, name, number of places | "20%" | "1/2")."""
    rows = []
    for key, name, amount in places:
        kind = "count" if isinstance(amount, int) else "percent" if amount.endswith("%") else "rank_to_fraction"
        rows.append({"id": key, "name": name, kind: amount.rstrip("%") if isinstance(amount, str) else amount})
    return {
        "base": base,
        "ties": ties,
        "rounding": rounding,
        "list": rows,
        "min_total": None,
        "must_pass": False,
        "min_field": None,
        **more,
    }


def prizes(first: Any, second: Any, third: Any, *others: tuple[str, str, Any], **more: Any) -> Document:
    """First, second and third prize."""
    return awards(("first", "一等奖", first), ("second", "二等奖", second), ("third", "三等奖", third), *others, **more)


def medals(**more: Any) -> Document:
    """Gold, silver, bronze, and a merit award down to half of the field."""
    return awards(("gold", "金牌", 1), ("silver", "银牌", 1), ("bronze", "铜牌", 1), ("merit", "优胜奖", "1/2"), **more)


def honour(key: str, name: str, last: int, first: int = 1, **more: Any) -> Document:
    """What the ranks from `first` to `last` earn besides."""
    return {"id": key, "name": name, **({"rank_from": first} if first != 1 else {}), "rank_to": last, **more}


def team_sum(best: int = 3, **more: Any) -> Document:
    """Delegations by the sum of their best members' totals; missing members count nothing."""
    return {
        "by": "team",
        "value": "total",
        "best": best,
        "incomplete": "zero",
        "ties": "shared",
        "tie_breaks": [],
        **more,
    }
