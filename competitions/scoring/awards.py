"""Awards: which place earns which award, and what a tie across a boundary gets.

Knows counts, shares, fractions and boundary ties (contract §2 awards). Does not know who stands on a place, or whether
an award is withheld from him.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from .numbers import ZERO, round_half_up
from .problems import Problem, Severity
from .ranking import Place
from .ruleset import Award, AwardRule
from .words import AwardTies, ShareRounding

Run = tuple[str, int]  # award, its last place


def share_of(base: int, percent: Fraction, rounding: ShareRounding) -> int:
    """A percentage of a number as a number of places."""
    exact = base * percent / 100
    if rounding is ShareRounding.FLOOR:
        return exact.__floor__()
    if rounding is ShareRounding.CEIL:
        return exact.__ceil__()
    return round_half_up(exact)


def award_runs(rule: AwardRule, base: int) -> Iterator[Run]:
    """Each award with its last place, before ties are looked at."""
    end, percent_so_far = 0, ZERO
    for award in rule.awards:
        if award.percent is not None:
            percent_so_far += award.percent
        end = max(end, _end(rule, award, base, end, percent_so_far))
        yield award.id, end


def _end(rule: AwardRule, award: Award, base: int, before: int, percent_so_far: Fraction) -> int:
    if award.count is not None:
        return before + award.count
    if award.rank_to_fraction is not None:
        return (base * award.rank_to_fraction).__floor__()
    if rule.rounding is ShareRounding.CUMULATIVE:
        return share_of(base, percent_so_far, ShareRounding.HALF_UP)
    return before + share_of(base, award.percent or ZERO, rule.rounding)


def awards_by_place(
    rule: AwardRule,
    base: int,
    places: Sequence[Place],
    may_have: Callable[[str], bool],
    problems: list[Problem],
    whose: str,
) -> dict[str, str]:
    """Who gets which award. `base` is what shares are taken of; an award withheld by `may_have` moves nobody up."""
    if rule.min_field is not None and base < rule.min_field:
        params = {"base": base, "min_field": rule.min_field, "of": whose}
        problems.append(Problem("awards.field_too_small", params, Severity.WARNING))
        return {}
    runs = list(award_runs(rule, base))
    if rule.ties is AwardTies.INCLUDE_KEEP:
        given = _keeping_lengths(rule, runs, places)
    else:
        exclude = rule.ties is AwardTies.EXCLUDE
        given = {each.id: _first_reaching(runs, each.last if exclude else each.first) for each in places}
    return {id_: award for id_, award in given.items() if award is not None and may_have(id_)}


def _first_reaching(runs: list[Run], place: int) -> str | None:
    return next((award for award, end in runs if end >= place), None)


def _keeping_lengths(rule: AwardRule, runs: list[Run], places: Sequence[Place]) -> dict[str, str | None]:
    """Each award keeps its length after a tie has made the one before longer; a fraction keeps its last place."""
    given: dict[str, str | None] = {}
    waiting = deque(places)
    reached = before = 0
    for award, (id_, end) in zip(rule.awards, runs, strict=True):
        last = end if award.rank_to_fraction is not None else reached + end - before
        while waiting and waiting[0].first <= last:
            place = waiting.popleft()
            given[place.id] = id_
            last = max(last, place.last)
        reached, before = max(reached, last), end
    return given
