"""Module scores: from the usable marks of one entrant to the rounded score of one module.

Knows the five steps of contract §2 "From marks to a module score". Does not know which marks are usable, nor weights.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from .marks import Columns
from .numbers import ZERO
from .overtime import overtime_deduction
from .panels import can_drop, combine, dropped_judges, is_spread, judgement
from .ruleset import Module, round_if
from .words import AspectKind, CombineAt, Order

Report = Callable[[str, str | None], None]  # code of a problem, aspect


@dataclass(frozen=True, slots=True)
class ModuleSteps:
    """The arithmetic of a module score after the panel; all in marks."""

    panel: Fraction
    bonus: Fraction  # as counted, under its cap
    overtime: Fraction
    deductions: Fraction  # without overtime, as recorded
    taken: Fraction  # overtime and deductions, under their cap
    held: Fraction  # within 0 and full marks, not yet rounded
    score: Fraction


class ModulePanel:
    """Combines the judges of one module."""

    def __init__(self, module: Module, scale: int) -> None:
        self._module, self._rule, self._scale = module, module.panel, scale
        self._judgements: dict[str | None, Fraction] = {
            aspect.id: aspect.maximum for aspect in module.aspects or () if aspect.kind is AspectKind.JUDGEMENT
        }

    def score(self, columns: Columns, expected: int, report: Report) -> Fraction | None:
        """The combined marks, of `expected` judges; None while the entrant is pending."""
        if self._module.combine_at is CombineAt.SHEET:
            return self._by_sheet(columns, expected, report)
        return self._by_aspect(columns, expected, report)

    def aspect_value(self, columns: Columns, aspect: str | None) -> Fraction:
        """What one aspect is worth, combined over a full panel."""
        values = list(columns[aspect].values())
        if aspect in self._judgements:
            return judgement(values, self._judgements[aspect])
        return combine(values, self._rule, self._scale)

    def sheet_totals(self, columns: Columns) -> dict[str, int]:
        """Each judge's sum over the aspects that are not judgements, in units; of a full panel."""
        plain = [column for aspect, column in columns.items() if aspect not in self._judgements]
        return {judge: sum([column[judge] for column in plain]) for judge in plain[0]} if plain else {}

    def dropped(self, columns: Columns) -> set[str]:
        """Whose sheets the rule leaves out of a full panel; nobody's where it combines aspect by aspect."""
        if self._module.aspects is not None and self._module.combine_at is not CombineAt.SHEET:
            return set()
        return dropped_judges(self.sheet_totals(columns), self._rule)

    def _by_sheet(self, columns: Columns, expected: int, report: Report) -> Fraction | None:
        judges = set().union(*columns.values())
        if len(judges) > expected:
            report("panel.too_many", None)
            return None
        spread = self._report_spreads(columns, report)
        if spread or any(len(column) != expected for column in columns.values()):
            return None
        totals = self.sheet_totals(columns)
        if totals and not can_drop(self._rule, expected):
            return None
        panel = combine(list(totals.values()), self._rule, self._scale) if totals else ZERO
        return panel + self._judgement_sum(columns)

    def _by_aspect(self, columns: Columns, expected: int, report: Report) -> Fraction | None:
        full = {aspect: column for aspect, column in columns.items() if len(column) <= expected}
        for aspect in columns.keys() - full.keys():
            report("panel.too_many", aspect)
        spread = self._report_spreads(full, report)
        if spread or len(full) < len(columns) or any(len(column) != expected for column in columns.values()):
            return None
        plain = [column for aspect, column in columns.items() if aspect not in self._judgements]
        if plain and not can_drop(self._rule, expected):
            return None
        combined = [combine(list(column.values()), self._rule, self._scale) for column in plain]
        return sum(combined, ZERO) + self._judgement_sum(columns)

    def _report_spreads(self, columns: Columns, report: Report) -> bool:
        spread = [a for a in self._judgements if a in columns and is_spread(list(columns[a].values()))]
        for aspect in spread:
            report("judgement.spread", aspect)
        return bool(spread)

    def _judgement_sum(self, columns: Columns) -> Fraction:
        return sum((judgement(list(columns[a].values()), top) for a, top in self._judgements.items()), ZERO)


def module_steps(
    module: Module, order: Order, panel: Fraction, bonus: Fraction, deductions: Fraction, seconds: Fraction | None
) -> ModuleSteps:
    """Steps 3 to 5: bonuses, overtime and deductions under their caps, the hold, the rounding."""
    counted = bonus if module.bonus_cap is None else min(bonus, module.bonus_cap)
    overtime = overtime_deduction(module.overtime, seconds)
    taken = overtime + deductions
    if module.deduction_cap is not None:
        taken = min(taken, module.deduction_cap)
    if order is Order.ASCENDING:
        held = max(ZERO, panel - counted + taken)
    else:
        held = min(max(ZERO, panel + counted - taken), module.full_marks)
    return ModuleSteps(panel, counted, overtime, deductions, taken, held, round_if(held, module.round))


def zero_steps() -> ModuleSteps:
    """A module that counts 0 by its status: no marks, no bonus."""
    return ModuleSteps(ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO)
