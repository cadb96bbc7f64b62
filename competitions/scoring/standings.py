"""Standings (成绩名次表): the whole calculation, in the order of the contract.

Knows the order of the steps and the form of the output (contract §3). The steps themselves are in the other files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .advancement import advancing
from .awards import awards_by_place
from .case import Case, Entrant, EntrantStatus
from .collector import paused_collector
from .honours import honours_of
from .keys import contender, labels
from .problems import Problem, in_order
from .ranking import Place, places, tie_groups, unresolved, with_rulings
from .records import RecordChecks
from .ruleset import Group, Module, Ruleset, shown
from .ruleset_faults import faults_of
from .standard import standard_scores
from .tallies import PlacingStatus, Tally, Tallying
from .teams import TeamStandings
from .words import AwardBase

STATUS_ORDER = {status: index for index, status in enumerate(PlacingStatus)}


@paused_collector()
def standings(case: Case) -> dict[str, Any]:
    """The output document: placings, teams and problems. A fault of the ruleset leaves only problems."""
    ruleset = case.ruleset
    problems = faults_of(ruleset)
    if problems:
        return {"placings": [], "teams": [], "problems": in_order(problems)}
    records = RecordChecks(case, problems).records()
    tallying = Tallying(case, records, problems)
    tallies = {entrant.id: tallying.tally(entrant) for entrant in case.entrants}
    ordered = _ranked(case, tallies, problems)
    awards = _awards(case, ordered, tallies, problems)
    honours = honours_of(ruleset, ordered, tallies, awards, problems)
    going = advancing(ruleset, ordered, tallies)
    totals = {place.id: tallies[place.id].total for place in ordered}
    outcome = Outcome(ruleset, awards, honours, going, standard_scores(ruleset.standard_score, totals))
    teams = _teams(ruleset, ordered, tallies, awards, problems)
    return {"placings": outcome.placings(ordered, tallies), "teams": teams, "problems": in_order(problems)}


def _ranked(case: Case, tallies: Mapping[str, Tally], problems: list[Problem]) -> list[Place]:
    """Totals, tie-breaks, rulings, ranks."""
    ruleset = case.ruleset
    contenders = [contender(ruleset, tally) for tally in tallies.values() if tally.status is PlacingStatus.RANKED]
    groups = with_rulings(tie_groups(contenders, labels(ruleset)), case.rulings, problems)
    problems += unresolved(groups, ruleset.ties, "entrants")
    return places(groups, ruleset.ties)


def _awards(
    case: Case, ordered: Sequence[Place], tallies: Mapping[str, Tally], problems: list[Problem]
) -> dict[str, str]:
    ruleset, rule = case.ruleset, case.ruleset.awards
    if rule is None:
        return {}

    def may_have(id_: str) -> bool:
        tally = tallies[id_]
        return bool(tally.passed or not rule.must_pass) and ruleset.reached(tally.total, rule.min_total)

    base = _award_base(rule.base, case.entrants, len(ordered))
    return awards_by_place(rule, base, ordered, may_have, problems, "entrants")


def _award_base(base: AwardBase, entrants: Sequence[Entrant], ranked: int) -> int:
    if base is AwardBase.RANKED:
        return ranked
    if base is AwardBase.ENTERED:
        return len(entrants)
    return sum(entrant.status is EntrantStatus.COMPETED for entrant in entrants)


def _teams(
    ruleset: Ruleset,
    ordered: Sequence[Place],
    tallies: Mapping[str, Tally],
    awards: Mapping[str, str],
    problems: list[Problem],
) -> list[dict[str, Any]]:
    if ruleset.teams is None:
        return []
    return TeamStandings(ruleset, ruleset.teams, ordered, tallies, awards).document(problems)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the ranked earn, and how placings are written."""

    ruleset: Ruleset
    awards: Mapping[str, str]
    honours: Mapping[str, list[str]]
    going: set[str]
    standard: Mapping[str, int]

    def placings(self, ordered: Sequence[Place], tallies: Mapping[str, Tally]) -> list[dict[str, Any]]:
        """The ranked in order, then the others by status and id."""
        ranked = {place.id for place in ordered}
        others = [tally for id_, tally in tallies.items() if id_ not in ranked]
        others.sort(key=lambda tally: (STATUS_ORDER[tally.status], tally.entrant.id))
        lines = [self._placing(tallies[place.id], place) for place in ordered]
        return lines + [self._placing(tally, None) for tally in others]

    def _placing(self, tally: Tally, place: Place | None) -> dict[str, Any]:
        id_ = tally.entrant.id
        return {
            "entrant": id_,
            "status": tally.status.value,
            "rank": place and place.rank,
            "total": None if place is None else shown(tally.total, self.ruleset.total.round),
            "modules": _scores(self.ruleset.modules, tally.modules),
            "groups": _scores(self.ruleset.groups, tally.groups),
            "passed": tally.passed,
            "tied": place is not None and place.tied,
            "decided_by": place and place.decided_by,
            "award": self.awards.get(id_),
            "honours": self.honours.get(id_, []),
            "advances": id_ in self.going,
            "standard_score": self.standard.get(id_),
        }


def _scores(parts: Sequence[Module | Group], scores: Mapping[str, Fraction]) -> dict[str, str]:
    return {part.id: shown(scores[part.id], part.round) for part in parts if part.id in scores}
