"""Advancement: who goes on to the next stage.

Knows numbers, shares, limits per organisation and ties across a limit (contract §2 advance, §4). Does not rank.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

from .awards import share_of
from .numbers import ZERO
from .ranking import Place
from .ruleset import Advance, Ruleset
from .tallies import Tally
from .words import AdvanceTies


def advancing(ruleset: Ruleset, places: Sequence[Place], tallies: Mapping[str, Tally]) -> set[str]:
    """The ids of those who go on; nobody without a rule."""
    rule = ruleset.advance
    if rule is None:
        return set()
    wanted = rule.count if rule.count is not None else share_of(len(places), rule.percent or ZERO, rule.rounding)
    limits = OrganisationLimits(rule)
    going: set[str] = set()
    for _, tied in groupby(places, key=lambda place: place.first):
        fit = [tallies[place.id] for place in tied if _is_fit(ruleset, rule, tallies[place.id])]
        allowed = limits.allow(fit)
        room = wanted - len(going)
        if len(allowed) > room and (room <= 0 or rule.ties is AdvanceTies.EXCLUDE):
            break
        going.update(tally.entrant.id for tally in allowed)
        if len(going) >= wanted:
            break
    return going


def _is_fit(ruleset: Ruleset, rule: Advance, tally: Tally) -> bool:
    return bool(tally.passed or not rule.must_pass) and ruleset.reached(tally.total, rule.min_total)


class OrganisationLimits:
    """Counts how many of each organisation go on."""

    def __init__(self, rule: Advance) -> None:
        self._most = rule.per_organisation_max
        self._exclude = rule.ties is AdvanceTies.EXCLUDE
        self._going: dict[str, int] = {}

    def allow(self, tied: list[Tally]) -> list[Tally]:
        """Those of one tie whose organisation still has room; a tie across the limit goes, or stays out, together."""
        if self._most is None:
            return tied
        out = {name for name in {tally.entrant.organisation for tally in tied} if name and not self._enter(name, tied)}
        return [tally for tally in tied if tally.entrant.organisation not in out]

    def _enter(self, name: str, tied: list[Tally]) -> bool:
        assert self._most is not None
        number = sum(tally.entrant.organisation == name for tally in tied)
        room = self._most - self._going.get(name, 0)
        if room <= 0 or (number > room and self._exclude):
            self._going[name] = self._most  # whom an excluded tie leaves out, those behind it do not replace
            return False
        self._going[name] = self._most - room + number
        return True
