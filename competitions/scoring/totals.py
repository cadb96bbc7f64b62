"""Groups and totals: weighted sums of module scores, adjusted, held and rounded.

Knows contract §2 GROUP and Total. Does not know where module scores come from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from .numbers import ZERO
from .ruleset import Group, Module, Ruleset, round_if
from .words import Order

Scores = Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class TotalSteps:
    """The arithmetic of a total; all in marks."""

    sum: Fraction
    bonus: Fraction
    deductions: Fraction  # as recorded
    taken: Fraction  # under their cap
    held: Fraction  # at the floor, not yet rounded
    total: Fraction


def weighted(part: Module | Group, score: Fraction) -> Fraction:
    """Weight × score, rounded first where the part has `weighted_round` (理论折算, 实操折算)."""
    return round_if(part.weight * score, part.weighted_round)


def group_sum(group: Group, modules: Mapping[str, Module], scores: Scores) -> Fraction:
    """Σ weight × score of the group's modules, before the group's rounding."""
    return sum((weighted(modules[id_], scores[id_]) for id_ in group.modules), ZERO)


def group_scores(ruleset: Ruleset, modules: Mapping[str, Module], scores: Scores) -> dict[str, Fraction]:
    """The groups whose modules are all scored."""
    return {
        group.id: round_if(group_sum(group, modules, scores), group.round)
        for group in ruleset.groups
        if all(id_ in scores for id_ in group.modules)
    }


def parts_of_total(ruleset: Ruleset) -> list[Module | Group]:
    """What the total is the sum of: the modules in no group, and the groups."""
    grouped = {id_ for group in ruleset.groups for id_ in group.modules}
    return [*(module for module in ruleset.modules if module.id not in grouped), *ruleset.groups]


def total_steps(ruleset: Ruleset, weighted_sum: Fraction, bonus: Fraction, deductions: Fraction) -> TotalSteps:
    """From the weighted sum to the rounded total, on which ranks and ties are decided."""
    rule = ruleset.total
    taken = deductions if rule.deduction_cap is None else min(deductions, rule.deduction_cap)
    if ruleset.order is Order.ASCENDING:
        held = weighted_sum - bonus + taken
    else:
        held = max(weighted_sum + bonus - taken, rule.floor)
    return TotalSteps(weighted_sum, bonus, deductions, taken, held, rule.round.of(held))
