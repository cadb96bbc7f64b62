"""Marks: which ones may be used, and what each is worth on its aspect.

Knows aspects, ranges, steps and judges (contract §1, §2 ASPECT). Does not combine judges.
A mark's worth is a whole number of units, `scale` units to one mark, so that adding needs no fractions; each distinct
text is converted once. An entrant whose marks are all good takes the short way through `_in_order`.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from .case import Case
from .mark_table import MarkColumns
from .numbers import NUMBER_LIMIT_CHARACTERS, ZERO, decimals_of, exact, is_decimal
from .problems import Problem, place
from .ruleset import Aspect, Module
from .words import AspectKind, Order

Column = dict[str, int]  # judge → worth in units; a judgement's 0 to 3 as it is
Columns = dict[str | None, Column]  # aspect (None in a module without aspects) → column


class UnusableMark(Exception):
    """The value of a mark cannot be used; the argument is the code of the problem."""


class Worths(dict[str | int, int]):
    """The worth of every value met on one aspect, worked out at its first use. Raises UnusableMark for a bad value."""

    def __init__(self, module: Module, aspect: Aspect | None, order: Order, scale: int) -> None:
        super().__init__()
        self._module, self._aspect, self._order, self._scale = module, aspect, order, scale

    def __missing__(self, value: str | int) -> int:
        number = exact(value)
        if number is None:
            raise UnusableMark("mark.range" if is_decimal(value) else "mark.not_a_number")
        is_judgement = self._aspect is not None and self._aspect.kind is AspectKind.JUDGEMENT
        worth = int(self._worth(number) * (1 if is_judgement else self._scale))
        self[value] = worth
        return worth

    def _worth(self, number: Fraction) -> Fraction:
        aspect = self._aspect
        if aspect is None:
            highest = None if self._order is Order.ASCENDING else self._module.full_marks
            return _within(number, highest)
        if aspect.kind is AspectKind.DEDUCTION:
            return deduction_worth(aspect, _whole(_within(number, None)))
        if aspect.kind is AspectKind.JUDGEMENT:
            return _whole(_within(number, Fraction(3)))
        _within(number, aspect.maximum)
        if aspect.step is not None and (number / aspect.step).denominator != 1:
            raise UnusableMark("mark.step")
        return number


def _within(number: Fraction, highest: Fraction | None) -> Fraction:
    if number < 0 or (highest is not None and number > highest):
        raise UnusableMark("mark.range")
    return number


def _whole(number: Fraction) -> Fraction:
    if number.denominator != 1:
        raise UnusableMark("mark.range")
    return number


def deduction_worth(aspect: Aspect, faults: Fraction) -> Fraction:
    """max − faults × per, at most `cap` taken, never under 0 (每项分数扣完为止, R12)."""
    taken = faults * (aspect.per or ZERO)
    if aspect.cap is not None:
        taken = min(taken, aspect.cap)
    return max(ZERO, aspect.maximum - taken)


def scale_of(case: Case) -> int:
    """Units to one mark, so that every mark and every worth is a whole number of them."""
    places = [len(value.partition(".")[2]) for value in case.marks.values if type(value) is str and _is_short(value)]
    for module in case.ruleset.modules:
        for aspect in module.aspects or ():
            places += [decimals_of(number) for number in (aspect.maximum, aspect.per, aspect.cap) if number is not None]
    return int(10 ** max(places, default=0))


def _is_short(value: str) -> bool:
    return len(value) <= NUMBER_LIMIT_CHARACTERS and is_decimal(value)


class MarkReader:
    """The marks of one module, entrant by entrant; problems go to `problems` and their entrants to `spoiled`."""

    def __init__(self, case: Case, module: Module, scale: int, problems: list[Problem], spoiled: set[str]) -> None:
        aspects: Iterable[Aspect | None] = module.aspects or (None,)
        self._module = module.id
        self._worths: dict[str | None, Worths] = {
            None if aspect is None else aspect.id: Worths(module, aspect, case.ruleset.order, scale)
            for aspect in aspects
        }
        self._repeats = case.marks.repeats
        self._repeated = {entrant for entrant, module_id, _, _ in case.marks.repeats if module_id == module.id}
        self._problems = problems
        self._spoiled = spoiled

    def columns(self, entrant: str, given: MarkColumns, recused: set[str]) -> Columns:
        """The usable marks of one entrant, by aspect and judge."""
        if entrant not in self._repeated and not recused:
            try:
                return self._in_order(given)
            except (KeyError, UnusableMark):
                pass
        return self._one_by_one(entrant, given, recused)

    def _in_order(self, given: MarkColumns) -> Columns:
        """The columns of an entrant without problems. Raises KeyError or UnusableMark when there is one."""
        columns: Columns = {}
        for aspect, values in given.items():
            worths = self._worths[aspect]
            columns[aspect] = {judge: worths[value] for judge, value in values.items()}
        if len(columns) < len(self._worths):
            return {aspect: columns.get(aspect, {}) for aspect in self._worths}
        return columns

    def _one_by_one(self, entrant: str, given: MarkColumns, recused: set[str]) -> Columns:
        """The slow way, for an entrant with a problem: each mark is judged by itself."""
        columns: Columns = {aspect: {} for aspect in self._worths}
        for aspect, judge, value in _each_of(given):
            repeats = self._repeats.get((entrant, self._module, aspect, judge), 0)
            code = self._unusable(aspect, judge, value, recused, repeats)
            if code is None:
                columns[aspect][judge] = self._worths[aspect][value]
                continue
            times = repeats if code == "mark.duplicate" else repeats + 1
            self._problems += [Problem(code, place(entrant, self._module, aspect, judge))] * times
            self._spoiled.add(entrant)
        return columns

    def _unusable(
        self, aspect: str | None, judge: str, value: str | int, recused: set[str], repeats: int
    ) -> str | None:
        """The one problem of a mark; its value is looked at last, and not at all where several are given."""
        if aspect not in self._worths:
            return "mark.unknown_aspect"
        if judge in recused:
            return "mark.recused"
        if repeats:
            return "mark.duplicate"
        try:
            self._worths[aspect][value]
        except UnusableMark as reason:
            return str(reason)
        return None


def _each_of(given: MarkColumns) -> Iterator[tuple[str | None, str, str | int]]:
    return ((aspect, judge, value) for aspect, column in given.items() for judge, value in column.items())


def stray_marks(case: Case, problems: list[Problem], spoiled: set[str]) -> None:
    """Marks of entrants and modules that are not in the case."""
    entrants = {entrant.id for entrant in case.entrants}
    modules = {module.id for module in case.ruleset.modules}
    for entrant, by_module in case.marks.table.items():
        known = entrant in entrants
        for module in by_module.keys() - modules if known else by_module:
            code = "mark.unknown_module" if known else "mark.unknown_entrant"
            for aspect, judge, _ in _each_of(by_module[module]):
                times = 1 + case.marks.repeats.get((entrant, module, aspect, judge), 0)
                problems += [Problem(code, place(entrant, module, aspect, judge))] * times
            if known:
                spoiled.add(entrant)
