"""Standard scores: totals of different events on one scale.

Knows centre + spread × (total − median) ÷ population standard deviation (contract §2 standard_score); ours, inspired by
the WorldSkills scale and not its formula. The square root is never taken: floors of roots are found in whole numbers.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import isqrt, lcm

from .numbers import ZERO, round_half_up
from .ruleset import StandardScore

HALF = Fraction(1, 2)


def standard_scores(rule: StandardScore | None, totals: Mapping[str, Fraction]) -> dict[str, int]:
    """The score of each ranked entrant from the rounded totals; nobody's in too small a field."""
    if rule is None or not totals or len(totals) < rule.min_field:
        return {}
    middle, variance = _median(list(totals.values())), _variance(list(totals.values()))
    found: dict[Fraction, int] = {}
    for total in totals.values():
        if total not in found:
            found[total] = _score(rule, total - middle, variance)
    return {id_: found[total] for id_, total in totals.items()}


def _score(rule: StandardScore, distance: Fraction, variance: Fraction) -> int:
    if variance == 0:
        return round_half_up(rule.centre)
    square = (rule.spread * distance) ** 2 / variance
    above = rule.spread * distance >= 0
    if floor_with_root(rule.centre, square, above) >= 0:
        return floor_with_root(rule.centre + HALF, square, above)
    return -floor_with_root(HALF - rule.centre, square, not above)


def floor_with_root(number: Fraction, square: Fraction, plus: bool) -> int:
    """⌊number + √square⌋, or ⌊number − √square⌋, exactly."""
    unit = lcm(number.denominator, square.denominator)
    whole, radicand = int(number * unit), int(square * unit * unit)
    root = isqrt(radicand)
    if not plus:
        root = -root if root * root == radicand else -root - 1
    return (whole + root) // unit


def _median(totals: list[Fraction]) -> Fraction:
    ordered = sorted(totals)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _variance(totals: list[Fraction]) -> Fraction:
    mean = sum(totals, ZERO) / len(totals)
    return sum(((total - mean) ** 2 for total in totals), ZERO) / len(totals)
