"""Tallies: the aggregated marks of each entrant, and whether he can be ranked.

Knows the order of the steps for one entrant, absences and void modules (contract §1, §2). Does not compare entrants.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from .case import Case, Entrant, EntrantStatus, ModuleState
from .mark_table import MarkColumns
from .marks import Columns, MarkReader, scale_of, stray_marks
from .modules import ModulePanel, ModuleSteps, module_steps, zero_steps
from .numbers import ZERO
from .panels import judges_expected
from .problems import Problem, place
from .records import Records
from .ruleset import Module, Ruleset
from .totals import TotalSteps, group_scores, parts_of_total, total_steps, weighted
from .words import KeyBy, Missing


class PlacingStatus(StrEnum):
    """How an entrant stands, in the order of the standings."""

    RANKED = "ranked"
    PENDING = "pending"
    ABSENT = "absent"
    WITHDRAWN = "withdrawn"
    DISQUALIFIED = "disqualified"


@dataclass(frozen=True, slots=True)
class Tally:
    """One entrant's aggregated marks; `total` and `passed` mean something only where he is ranked."""

    entrant: Entrant
    status: PlacingStatus
    modules: dict[str, Fraction]
    groups: dict[str, Fraction]
    aspects: dict[tuple[str, str], Fraction]  # (module, aspect), those that a tie-break names
    seconds: dict[str, Fraction]
    deductions: Fraction
    total: Fraction
    passed: bool | None


@dataclass(frozen=True, slots=True)
class ModuleResult:
    """What one module gave one entrant; `steps` is None while it cannot be scored."""

    steps: ModuleSteps | None
    columns: Columns | None
    absent: bool = False


class ModuleTally:
    """Scores one module, entrant by entrant."""

    def __init__(self, case: Case, module: Module, scale: int, records: Records, problems: list[Problem]) -> None:
        ruleset = case.ruleset
        self.module = module
        self.panel = ModulePanel(module, scale)
        self.reader = MarkReader(case, module, scale, problems, records.spoiled)
        self._order, self._absent = ruleset.order, ruleset.absent
        self._records, self._problems = records, problems

    def result(self, entrant: Entrant, given: MarkColumns) -> ModuleResult:
        """The module score of an entrant from the marks he was given."""
        module, records = self.module, self._records
        state = records.states.get((entrant.id, module.id))
        if state is ModuleState.VOID:
            return ModuleResult(zero_steps(), None)
        if state is ModuleState.ABSENT or (entrant.status is EntrantStatus.ABSENT and not given):
            counts_zero = self._absent is Missing.ZERO
            return ModuleResult(zero_steps() if counts_zero else None, None, absent=state is ModuleState.ABSENT)
        recused = records.recused.get((entrant.id, module.id), set())
        columns = self.reader.columns(entrant.id, given, recused)
        panel = self._panel_score(entrant.id, columns, len(recused))
        if panel is None:
            return ModuleResult(None, columns)
        bonus = records.bonuses.get(entrant.id, {}).get(module.id, ZERO)
        deductions = records.deductions.get(entrant.id, {}).get(module.id, ZERO)
        seconds = records.seconds.get(entrant.id, {}).get(module.id)
        return ModuleResult(module_steps(module, self._order, panel, bonus, deductions, seconds), columns)

    def _panel_score(self, entrant: str, columns: Columns, recused: int) -> Fraction | None:
        expected = judges_expected(self.module.panel, recused)
        if expected is None:
            return None

        def report(code: str, aspect: str | None) -> None:
            self._problems.append(Problem(code, place(entrant, self.module.id, aspect)))

        return self.panel.score(columns, expected, report)


class Tallying:
    """Makes the tally of every entrant of a case."""

    def __init__(self, case: Case, records: Records, problems: list[Problem]) -> None:
        self._case, self._ruleset, self._records = case, case.ruleset, records
        scale = scale_of(case)
        self.scale = scale
        self.modules = [ModuleTally(case, module, scale, records, problems) for module in case.ruleset.modules]
        self._by_id = {module.id: module for module in case.ruleset.modules}
        self.parts = parts_of_total(case.ruleset)
        named = [key for key in case.ruleset.tie_breaks if key.by is KeyBy.ASPECT]
        self._aspect_keys = [(key.module or "", key.aspect or "") for key in named]
        stray_marks(case, problems, records.spoiled)

    def results(self, entrant: Entrant) -> dict[str, ModuleResult]:
        """Every module of one entrant."""
        given = self._case.marks.table.get(entrant.id, {})
        return {each.module.id: each.result(entrant, given.get(each.module.id, {})) for each in self.modules}

    def tally(self, entrant: Entrant) -> Tally:
        """The sums of one entrant."""
        results, records = self.results(entrant), self._records
        scores = {id_: result.steps.score for id_, result in results.items() if result.steps is not None}
        groups = self.groups(scores)
        status = self._status(entrant, results.values())
        ranked = status is PlacingStatus.RANKED
        return Tally(
            entrant=entrant,
            status=status,
            modules=scores,
            groups=groups,
            aspects=self._aspect_values(results) if ranked else {},
            seconds=records.seconds.get(entrant.id, {}),
            deductions=sum(records.deductions.get(entrant.id, {}).values(), ZERO),
            total=self.total_steps(entrant.id, scores, groups).total if ranked else ZERO,
            passed=has_passed(self._ruleset, scores, groups) if ranked else None,
        )

    def groups(self, scores: dict[str, Fraction]) -> dict[str, Fraction]:
        """The groups whose modules are all scored."""
        return group_scores(self._ruleset, self._by_id, scores)

    def _status(self, entrant: Entrant, results: Iterable[ModuleResult]) -> PlacingStatus:
        if entrant.status in (EntrantStatus.WITHDRAWN, EntrantStatus.DISQUALIFIED):
            return PlacingStatus(entrant.status.value)
        absent = entrant.status is EntrantStatus.ABSENT or any(result.absent for result in results)
        if absent and self._ruleset.absent is Missing.UNRANKED:
            return PlacingStatus.ABSENT
        if entrant.id in self._records.spoiled or any(result.steps is None for result in results):
            return PlacingStatus.PENDING
        return PlacingStatus.RANKED

    def total_steps(self, entrant: str, scores: dict[str, Fraction], groups: dict[str, Fraction]) -> TotalSteps:
        """The arithmetic of a total from scores that are all there."""
        parts = self.parts
        products = (weighted(part, (scores if isinstance(part, Module) else groups)[part.id]) for part in parts)
        bonus = self._records.bonuses.get(entrant, {}).get(None, ZERO)
        deductions = self._records.deductions.get(entrant, {}).get(None, ZERO)
        return total_steps(self._ruleset, sum(products, ZERO), bonus, deductions)

    def _aspect_values(self, results: dict[str, ModuleResult]) -> dict[tuple[str, str], Fraction]:
        panels = {each.module.id: each.panel for each in self.modules}
        return {
            (module, aspect): panels[module].aspect_value(columns, aspect)
            for module, aspect in self._aspect_keys
            if (columns := results[module].columns) is not None
        }


def has_passed(ruleset: Ruleset, modules: dict[str, Fraction], groups: dict[str, Fraction]) -> bool:
    """Whether every module and group with a pass mark has reached it."""
    passed_modules = all(ruleset.reached(modules[module.id], module.pass_mark) for module in ruleset.modules)
    return passed_modules and all(ruleset.reached(groups[group.id], group.pass_mark) for group in ruleset.groups)
