"""Overtime: what time over the limit costs.

Knows units and tables of steps (contract §2 MODULE). Does not know the score it is taken from.
"""

from fractions import Fraction

from .numbers import ZERO
from .ruleset import Overtime, OvertimeSteps, OvertimeUnits
from .words import Boundary, Partial


def overtime_deduction(rule: Overtime | None, seconds: Fraction | None) -> Fraction:
    """Marks off for `seconds` taken, at most the rule's cap; no rule or no time recorded takes nothing (R12, R13)."""
    if rule is None or seconds is None:
        return ZERO
    counted = seconds if rule.stop_seconds is None else min(seconds, Fraction(rule.stop_seconds))
    excess = counted - rule.limit_seconds
    rate = rule.rate
    taken = _by_steps(rate, excess) if isinstance(rate, OvertimeSteps) else _by_units(rate, excess)
    return taken if rule.cap is None else min(taken, rule.cap)


def _by_units(rate: OvertimeUnits, excess: Fraction) -> Fraction:
    if excess <= 0:
        return ZERO
    units = excess / rate.per_seconds
    whole = -(-units.numerator // units.denominator) if rate.partial is Partial.UP else units.__floor__()
    return whole * rate.deduct


def _by_steps(rate: OvertimeSteps, excess: Fraction) -> Fraction:
    taken = ZERO
    for over_seconds, deduct in rate.steps:
        if over_seconds < excess or (over_seconds == excess and rate.at_boundary is Boundary.HIGHER):
            taken = deduct
    return taken
