"""What is recorded beside marks: times, adjustments, recusals and module statuses, checked against the case.

Knows which entries may be used (contract §1, §4) and whom a bad one leaves pending. Does not know what they cost.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from .case import Adjustment, AdjustmentKind, Case, ModuleState, ModuleStatus, TimeTaken
from .numbers import ZERO
from .problems import Problem, place
from .words import Order

Entry = TypeVar("Entry", TimeTaken, ModuleStatus)
ModuleSums = dict[str | None, Fraction]


@dataclass(slots=True)
class Records:
    """The usable entries: seconds, sums of bonuses and deductions (module None: the total), recused judges, states."""

    seconds: dict[str, dict[str, Fraction]] = field(default_factory=dict)
    bonuses: dict[str, ModuleSums] = field(default_factory=dict)
    deductions: dict[str, ModuleSums] = field(default_factory=dict)
    recused: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    states: dict[tuple[str, str], ModuleState] = field(default_factory=dict)
    spoiled: set[str] = field(default_factory=set)  # with a bad entry or mark: pending where they would be ranked


class RecordChecks:
    """Sorts the entries of a case into usable ones and problems."""

    def __init__(self, case: Case, problems: list[Problem]) -> None:
        self._case = case
        self._problems = problems
        self._entrants = {entrant.id for entrant in case.entrants}
        self._modules = {module.id for module in case.ruleset.modules}
        self._records = Records()

    def records(self) -> Records:
        """Everything that may be used; the rest has become problems."""
        self._take_times()
        for adjustment in self._case.adjustments:
            self._take_adjustment(adjustment)
        self._take_recusals()
        self._take_states()
        return self._records

    def _spoil(self, code: str, entrant: str, module: str | None) -> None:
        self._problems.append(Problem(code, place(entrant, module)))
        self._records.spoiled.add(entrant)

    def _is_known(self, kind: str, entrant: str, module: str | None) -> bool:
        if entrant not in self._entrants:
            self._problems.append(Problem(f"{kind}.unknown_entrant", place(entrant, module)))
        elif module is not None and module not in self._modules:
            self._spoil(f"{kind}.unknown_module", entrant, module)
        else:
            return True
        return False

    def _take_times(self) -> None:
        known = [time for time in self._case.times if self._is_known("time", time.entrant, time.module)]
        for (entrant, module), times in _by_module(known).items():
            for _ in times[1:]:
                self._spoil("time.duplicate", entrant, module)
            if len(times) == 1 and times[0].seconds < 0:
                self._spoil("time.range", entrant, module)
            elif len(times) == 1:
                self._records.seconds.setdefault(entrant, {})[module] = times[0].seconds

    def _take_adjustment(self, adjustment: Adjustment) -> None:
        entrant, module = adjustment.entrant, adjustment.module
        if not self._is_known("adjustment", entrant, module):
            return
        if adjustment.value <= 0:
            self._spoil("adjustment.range", entrant, module)
            return
        is_bonus = adjustment.kind is AdjustmentKind.BONUS
        sums = (self._records.bonuses if is_bonus else self._records.deductions).setdefault(entrant, {})
        sums[module] = sums.get(module, ZERO) + adjustment.value

    def _take_recusals(self) -> None:
        for recusal in self._case.recusals:
            entrant, module = recusal.entrant, recusal.module
            if entrant in self._entrants and module in self._modules:
                self._records.recused.setdefault((entrant, module), set()).add(recusal.judge)
            else:
                self._problems.append(Problem("recused.unknown", place(entrant, module, judge=recusal.judge)))

    def _take_states(self) -> None:
        known = []
        ascending = self._case.ruleset.order is Order.ASCENDING
        for status in self._case.module_statuses:
            void_by_time = ascending and status.state is ModuleState.VOID
            if status.entrant in self._entrants and status.module in self._modules and not void_by_time:
                known.append(status)
            else:
                self._problems.append(Problem("module_status.unknown", place(status.entrant, status.module)))
        for (entrant, module), statuses in _by_module(known).items():
            for _ in statuses[1:]:
                self._problems.append(Problem("module_status.duplicate", place(entrant, module)))
            if len(statuses) == 1:
                self._records.states[entrant, module] = statuses[0].state


def _by_module(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        found.setdefault((entry.entrant, entry.module), []).append(entry)
    return found
