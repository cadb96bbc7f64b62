"""Explanations (怎么算出来的): the arithmetic of one entrant, from marks over judges and panels to the total.

Knows how each step is shown: as strings, exact decimals where they end, fractions where they do not. Does not calculate
anything by itself: every number comes from the pieces that make the standings.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .case import Case, Entrant
from .marks import Columns
from .modules import ModuleSteps
from .numbers import plain
from .panels import dropped_judges
from .problems import Problem
from .records import RecordChecks, Records
from .ruleset import Aspect, Group, Module, shown
from .standings import standings
from .tallies import ModuleResult, ModuleTally, Tallying
from .totals import Scores, group_sum, weighted
from .words import AspectKind, CombineAt


def explain(case: Case, entrant_id: str) -> dict[str, Any]:
    """The arithmetic of one entrant, for a page; numbers are strings.

    `placing` is his line of the standings (None where a fault of the ruleset leaves none), then come `modules`,
    `groups`, `total` (None where he is not ranked) and the `problems` that name him. A `dropped` flag is true where the
    panel rule leaves a mark or a sheet out. Raises KeyError for an entrant who is not in the case.
    """
    entrant = {each.id: each for each in case.entrants}[entrant_id]
    result = standings(case)
    own = [problem for problem in result["problems"] if problem["params"].get("entrant") == entrant_id]
    placing = next((line for line in result["placings"] if line["entrant"] == entrant_id), None)
    if placing is None:
        return {"placing": None, "modules": [], "groups": [], "total": None, "problems": result["problems"]}
    return {"placing": placing, **Explanation(case, entrant).document(placing["rank"] is not None), "problems": own}


class Explanation:
    """Retraces the sums of one entrant."""

    def __init__(self, case: Case, entrant: Entrant) -> None:
        unheard: list[Problem] = []
        self._ruleset, self._entrant = case.ruleset, entrant
        self._records: Records = RecordChecks(case, unheard).records()
        self._tallying = Tallying(case, self._records, unheard)
        self._given = case.marks.table.get(entrant.id, {})
        self._results = self._tallying.results(entrant)
        self._scores = {id_: each.steps.score for id_, each in self._results.items() if each.steps is not None}

    def document(self, is_ranked: bool) -> dict[str, Any]:
        """Modules, groups and, of a ranked entrant, the total."""
        modules = [self._module(each, self._results[each.module.id]) for each in self._tallying.modules]
        by_id = {module.id: module for module in self._ruleset.modules}
        whole = [group for group in self._ruleset.groups if all(id_ in self._scores for id_ in group.modules)]
        groups = [_group(group, by_id, self._scores) for group in whole]
        return {"modules": modules, "groups": groups, "total": self._total() if is_ranked else None}

    def _module(self, tally: ModuleTally, result: ModuleResult) -> dict[str, Any]:
        module = tally.module
        state = self._records.states.get((self._entrant.id, module.id))
        return {
            "id": module.id,
            "name": module.name,
            "full_marks": plain(module.full_marks),
            "state": state.value if state else ("pending" if result.steps is None else "scored"),
            "combine": module.panel.combine.value,
            "combine_at": module.combine_at.value,
            "aspects": self._aspects(tally, result),
            "sheets": self._sheets(tally, result),
            "recused": sorted(self._records.recused.get((self._entrant.id, module.id), ())),
            "seconds": self._seconds(module.id),
            "steps": None if result.steps is None else _steps(module, result.steps),
        }

    def _seconds(self, module: str) -> str | None:
        seconds = self._records.seconds.get(self._entrant.id, {}).get(module)
        return None if seconds is None else plain(seconds)

    def _aspects(self, tally: ModuleTally, result: ModuleResult) -> list[dict[str, Any]]:
        """Each aspect with its usable marks; a module without aspects shows as one, with id None."""
        if result.columns is None:
            return []
        aspects: Sequence[Aspect | None] = tally.module.aspects or (None,)
        return [self._aspect(tally, aspect, result.columns, result.steps is not None) for aspect in aspects]

    def _aspect(self, tally: ModuleTally, aspect: Aspect | None, columns: Columns, is_full: bool) -> dict[str, Any]:
        id_ = None if aspect is None else aspect.id
        is_judgement = aspect is not None and aspect.kind is AspectKind.JUDGEMENT
        drops = not is_judgement and (aspect is None or tally.module.combine_at is CombineAt.ASPECT)
        column = columns[id_]
        out = dropped_judges(column, tally.module.panel) if drops and is_full else set()
        scale = 1 if is_judgement else self._tallying.scale
        given = self._given.get(tally.module.id, {}).get(id_, {})
        return {
            "id": id_,
            "kind": aspect and aspect.kind.value,
            "max": None if aspect is None else plain(aspect.maximum),
            "marks": [
                {
                    "judge": judge,
                    "value": str(given[judge]),
                    "worth": plain(Fraction(column[judge], scale)),
                    "dropped": judge in out,
                }
                for judge in sorted(column)
            ],
            "combined": plain(tally.panel.aspect_value(columns, id_)) if is_full and (drops or is_judgement) else None,
        }

    def _sheets(self, tally: ModuleTally, result: ModuleResult) -> list[dict[str, Any]]:
        """Each judge's sheet total where the panel rule combines sheets, else nothing."""
        module = tally.module
        if module.aspects is None or module.combine_at is not CombineAt.SHEET:
            return []
        if result.columns is None or result.steps is None:
            return []
        totals, out = tally.panel.sheet_totals(result.columns), tally.panel.dropped(result.columns)
        return [
            {"judge": judge, "total": plain(Fraction(totals[judge], self._tallying.scale)), "dropped": judge in out}
            for judge in sorted(totals)
        ]

    def _total(self) -> dict[str, Any]:
        groups = self._tallying.groups(self._scores)
        steps = self._tallying.total_steps(self._entrant.id, self._scores, groups)
        return {
            "parts": self._parts(groups),
            "sum": plain(steps.sum),
            "bonus": plain(steps.bonus),
            "deductions": plain(steps.deductions),
            "taken": plain(steps.taken),
            "floor": plain(self._ruleset.total.floor),
            "exact": plain(steps.held),
            "total": shown(steps.total, self._ruleset.total.round),
        }

    def _parts(self, groups: Scores) -> list[dict[str, Any]]:
        return [
            _part(part, (self._scores if isinstance(part, Module) else groups)[part.id])
            for part in self._tallying.parts
        ]


def _steps(module: Module, steps: ModuleSteps) -> dict[str, str]:
    return {
        "panel": plain(steps.panel),
        "bonus": plain(steps.bonus),
        "overtime": plain(steps.overtime),
        "deductions": plain(steps.deductions),
        "taken": plain(steps.taken),
        "exact": plain(steps.held),
        "score": shown(steps.score, module.round),
    }


def _group(group: Group, modules: Mapping[str, Module], scores: Scores) -> dict[str, Any]:
    total = group_sum(group, modules, scores)
    score = total if group.round is None else group.round.of(total)
    return {
        "id": group.id,
        "name": group.name,
        "parts": [_part(modules[id_], scores[id_]) for id_ in group.modules],
        "exact": plain(total),
        "score": shown(score, group.round),
    }


def _part(part: Module | Group, score: Fraction) -> dict[str, Any]:
    """One product of a weighted sum."""
    return {
        "id": part.id,
        "name": part.name,
        "score": shown(score, part.round),
        "weight": plain(part.weight),
        "exact": plain(part.weight * score),
        "product": plain(weighted(part, score)),
    }
