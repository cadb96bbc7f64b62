"""Honours: what a rank or an award earns besides (状元, 技术能手, 晋升); proposals, others approve them.

Knows contract §2 honours. Does not know how ranks and awards came about.
"""

from collections.abc import Mapping, Sequence

from .problems import Problem, Severity
from .ranking import Place
from .ruleset import Honour, Ruleset
from .tallies import Tally


def honours_of(
    ruleset: Ruleset,
    places: Sequence[Place],
    tallies: Mapping[str, Tally],
    awards: Mapping[str, str],
    problems: list[Problem],
) -> dict[str, list[str]]:
    """The honours of each ranked entrant, in the order of the ruleset."""
    found: dict[str, list[str]] = {place.id: [] for place in places}
    for honour in ruleset.honours:
        if honour.min_field is not None and len(places) < honour.min_field:
            params = {"honour": honour.id, "ranked": len(places), "min_field": honour.min_field}
            problems.append(Problem("honours.field_too_small", params, Severity.WARNING))
            continue
        for place in places:
            tally = tallies[place.id]
            allowed = (tally.passed or not honour.must_pass) and ruleset.reached(tally.total, honour.min_total)
            if allowed and _earns(honour, place.rank, awards.get(place.id), len(places)):
                found[place.id].append(honour.id)
    return found


def _earns(honour: Honour, rank: int, award: str | None, ranked: int) -> bool:
    """By the rank as shown (a shared rank has it for all), or by the award."""
    if rank < honour.rank_from:
        return False
    if honour.awards is not None:
        return award in honour.awards
    if honour.rank_to is not None:
        return rank <= honour.rank_to
    return honour.rank_to_fraction is not None and rank <= (ranked * honour.rank_to_fraction).__floor__()
