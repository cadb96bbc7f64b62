"""What is certain and what is still open: the best and the worst place anybody can still take while marks are missing.

Every missing module is taken at nothing and at its full marks; what is recorded today stays. Knows codes only.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from competitions import scoring
from competitions.results.standings.computed import DivisionStandings
from competitions.scoring.records import RecordChecks
from competitions.scoring.tallies import Tallying


@dataclass(frozen=True, slots=True)
class Reach:
    """The best and the worst place still possible; certain when they are the same."""

    best: int
    worst: int

    @property
    def is_certain(self) -> bool:
        """Whether nothing that is still missing can change the place."""
        return self.best == self.worst


def reach_of(standing: DivisionStandings) -> dict[str, Reach]:
    """Code → what places are still possible, for everybody ranked or pending.

    Empty when nothing is pending, and where bounds mean nothing: the smallest total wins (no upper limit of a mark), or
    places are numbered densely.
    """
    lines, ruleset = standing.document["placings"], standing.case["ruleset"]
    pending = [line for line in lines if line["status"] == "pending"]
    if not pending or ruleset["order"] == "ascending" or ruleset["ties"] == "dense":
        return {}
    bounds = _bounds(standing, pending)
    lows, highs = sorted(low for low, _ in bounds.values()), sorted(high for _, high in bounds.values())
    ranked = [(line["entrant"], line["rank"], Fraction(line["total"])) for line in lines if line["rank"] is not None]
    found = {
        code: Reach(rank + len(lows) - bisect_right(lows, total), rank + len(highs) - bisect_left(highs, total))
        for code, rank, total in ranked
    }
    totals = sorted(total for _, _, total in ranked)
    for code, (low, high) in bounds.items():
        surely_above = len(totals) - bisect_right(totals, high) + len(lows) - bisect_right(lows, high)
        maybe_above = len(totals) - bisect_left(totals, low) + len(highs) - bisect_left(highs, low) - 1
        found[code] = Reach(1 + surely_above, 1 + maybe_above)
    return found


def _bounds(standing: DivisionStandings, pending: list[dict[str, Any]]) -> dict[str, tuple[Fraction, Fraction]]:
    """Code → the lowest and the highest total that the missing marks leave possible."""
    case = scoring.case_from_document(standing.case)
    tallying = Tallying(case, RecordChecks(case, []).records(), [])
    doubtful = {problem.params.get("entrant") for problem in standing.errors()}
    found = {}
    for line in pending:
        known = {} if line["entrant"] in doubtful else {id_: Fraction(score) for id_, score in line["modules"].items()}
        totals = []
        for missing in (lambda _module: Fraction(0), lambda module: module.full_marks):
            scores = {module.id: known.get(module.id, missing(module)) for module in case.ruleset.modules}
            totals.append(tallying.total_steps(line["entrant"], scores, tallying.groups(scores)).total)
        found[line["entrant"]] = (totals[0], totals[1])
    return found
