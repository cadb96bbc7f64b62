"""Panels: how the judges' values become one, and when they cannot.

Knows drops, means, medians and judgement spreads (contract §2 MODULE, ASPECT). Does not know bonuses or rounding.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from .ruleset import Panel
from .words import Combine

LARGEST_SPREAD = 1


def judges_expected(panel: Panel, recused: int) -> int | None:
    """How many judges mark an entrant with so many recused; None when that is under the least number."""
    expected = panel.judges - recused
    return expected if expected >= max(panel.min_judges, 1) else None


def can_drop(panel: Panel, judges: int) -> bool:
    """Whether a mark remains after the drops."""
    return judges > panel.drop_highest + panel.drop_lowest


def combine(values: Sequence[int], panel: Panel, scale: int) -> Fraction:
    """One value from the judges', in marks; `values` are in units of 1/scale.

    Of equal extremes only as many as named are dropped.
    """
    kept = sorted(values)[panel.drop_lowest : len(values) - panel.drop_highest]
    if panel.combine is Combine.SUM:
        return Fraction(sum(kept), scale)
    if panel.combine is Combine.MEAN:
        return Fraction(sum(kept), len(kept) * scale)
    middle = len(kept) // 2
    if len(kept) % 2:
        return Fraction(kept[middle], scale)
    return Fraction(kept[middle - 1] + kept[middle], 2 * scale)


def dropped_judges(values: Mapping[str, int], panel: Panel) -> set[str]:
    """Whose values the panel rule leaves out; of equal ones those later by id are taken for the extreme."""
    by_value = sorted(values, key=lambda judge: (values[judge], judge))
    return {*by_value[: panel.drop_lowest], *by_value[len(by_value) - panel.drop_highest :]}


def judgement(values: Sequence[int], maximum: Fraction) -> Fraction:
    """(sum ÷ (3 × judges)) × max, over all judges (contract §2 ASPECT)."""
    return Fraction(sum(values), 3 * len(values)) * maximum


def is_spread(values: Sequence[int]) -> bool:
    """Whether judgements lie more than 1 apart, so that the judges must confer again."""
    return bool(values) and max(values) - min(values) > LARGEST_SPREAD
