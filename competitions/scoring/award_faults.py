"""Faults of awards, honours and advancement: counts and shares out of range, unknown awards.

Knows what contract §2 and §4 ask of them. Does not know modules or marks.
"""

from collections.abc import Iterator
from fractions import Fraction

from .problems import Problem
from .ruleset import Advance, AwardRule, Honour, Ruleset
from .words import AwardBase

ALL_PERCENT = 100


def award_faults(rule: AwardRule, where: str, *, for_teams: bool) -> Iterator[Problem]:
    """Faults of one list of awards; for teams the base `competed` and `must_pass` have no meaning."""
    if for_teams and rule.base is AwardBase.COMPETED:
        yield Problem("ruleset.awards", {"where": f"{where}.base"})
    if for_teams and rule.must_pass:
        yield Problem("ruleset.awards", {"where": f"{where}.must_pass"})
    if rule.min_field is not None and rule.min_field < 0:
        yield Problem("ruleset.awards", {"where": f"{where}.min_field"})
    for index, award in enumerate(rule.awards):
        in_range = _is_count(award.count) and _is_percent(award.percent) and _is_share(award.rank_to_fraction)
        if not in_range:
            yield Problem("ruleset.awards", {"where": f"{where}.list[{index}]", "award": award.id})


def honour_faults(ruleset: Ruleset) -> Iterator[Problem]:
    """Faults of the honours; they may name awards of this ruleset only."""
    known = {award.id for award in ruleset.awards.awards} if ruleset.awards else set()
    for index, honour in enumerate(ruleset.honours):
        where = f"honours[{index}]"
        if not _is_honour_in_range(honour):
            yield Problem("ruleset.honours", {"where": where, "honour": honour.id})
        for award in honour.awards or ():
            if award not in known:
                params = {"where": f"{where}.awards", "honour": honour.id, "award": award}
                yield Problem("ruleset.unknown_award", params)


def _is_honour_in_range(honour: Honour) -> bool:
    ranks_fit = honour.rank_from >= 1 and (honour.rank_to is None or honour.rank_to >= honour.rank_from)
    return ranks_fit and _is_share(honour.rank_to_fraction) and _is_count(honour.min_field)


def advance_faults(rule: Advance | None) -> Iterator[Problem]:
    """Faults of the advancement rule."""
    if rule is None:
        return
    for name, sound in (
        ("count", _is_count(rule.count)),
        ("percent", _is_percent(rule.percent)),
        ("per_organisation_max", rule.per_organisation_max is None or rule.per_organisation_max >= 1),
    ):
        if not sound:
            yield Problem("ruleset.advance", {"where": f"advance.{name}"})


def _is_count(count: int | None) -> bool:
    return count is None or count >= 0


def _is_percent(percent: Fraction | None) -> bool:
    return percent is None or 0 <= percent <= ALL_PERCENT


def _is_share(share: Fraction | None) -> bool:
    return share is None or 0 < share <= 1
