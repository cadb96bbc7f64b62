"""Team standings (团体成绩): the best members of each team, their sum, and the order of the teams.

Knows contract §2 teams and §4. Does not know how members were scored: it takes tallies, places and awards.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, assert_never

from .awards import awards_by_place
from .keys import summed_seconds
from .numbers import ZERO, in_lowest_terms
from .problems import Problem
from .ranking import Contender, Place, places, sort_value, tie_groups, unresolved
from .ruleset import Key, Ruleset, TeamRule, shown
from .tallies import Tally
from .words import AwardBase, Better, KeyBy, Missing, Order, TeamBy, TeamValue


@dataclass(frozen=True, slots=True)
class Member:
    """A ranked entrant in his team; `value` is what he brings in."""

    tally: Tally
    value: Fraction
    rank: int


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its counted members, the best first; `value` is None where it is not ranked."""

    id: str
    members: tuple[Member, ...]
    value: Fraction | None


class TeamStandings:
    """Ranks the teams of one case."""

    def __init__(
        self,
        ruleset: Ruleset,
        rule: TeamRule,
        stage: Sequence[Place],
        tallies: Mapping[str, Tally],
        awards: Mapping[str, str],
    ) -> None:
        self._ruleset, self._rule = ruleset, rule
        self._places = {place.id: place for place in stage}
        self._tallies, self._awards = tallies, awards
        by_total = rule.value is TeamValue.TOTAL
        self._lower = by_total and ruleset.order is Order.ASCENDING
        self._better = Better.LOWER if self._lower else Better.HIGHER

    def document(self, problems: list[Problem]) -> list[dict[str, Any]]:
        """The teams as the standings carry them: ranked ones in order, then the others by id."""
        teams = {id_: self._team(id_, entrants) for id_, entrants in self._entrants_of_teams().items()}
        ranked = [team for team in teams.values() if team.value is not None]
        labels = ["value", *(key.label for key in self._rule.tie_breaks)]
        groups = tie_groups([Contender(team.id, self._keys(team)) for team in ranked], labels)
        problems += unresolved(groups, self._rule.ties, "teams")
        ordered = places(groups, self._rule.ties)
        awards = self._team_awards(ordered, teams, problems)
        rest = sorted(teams.keys() - {place.id for place in ordered})
        return [
            *(self._line(teams[place.id], place, awards.get(place.id)) for place in ordered),
            *(self._line(teams[id_], None, None) for id_ in rest),
        ]

    def _entrants_of_teams(self) -> dict[str, list[Tally]]:
        found: dict[str, list[Tally]] = {}
        for tally in self._tallies.values():
            entrant = tally.entrant
            name = entrant.team if self._rule.by is TeamBy.TEAM else entrant.organisation
            if name is not None:
                found.setdefault(name, []).append(tally)
        return found

    def _team(self, id_: str, tallies: Iterable[Tally]) -> Team:
        members = [self._member(tally) for tally in tallies if tally.entrant.id in self._places]
        members.sort(key=lambda each: (each.value if self._lower else -each.value, each.rank, each.tally.entrant.id))
        best = self._rule.best
        counted = tuple(members if best is None else members[:best])
        incomplete = best is not None and len(counted) < best
        if (incomplete and self._rule.incomplete is Missing.UNRANKED) or (best is None and not counted):
            return Team(id_, counted, None)
        return Team(id_, counted, sum((member.value for member in counted), ZERO))

    def _member(self, tally: Tally) -> Member:
        place = self._places[tally.entrant.id]
        if self._rule.value is TeamValue.TOTAL:
            value = tally.total
        elif self._rule.value is TeamValue.RANK_POINTS:
            value = self._rank_points(place)
        else:
            value = self._award_points(tally)
        return Member(tally, value, place.rank)

    def _rank_points(self, place: Place) -> Fraction:
        """A shared rank shares the mean of the points of the places it takes (sports practice, S56)."""
        points = self._rule.rank_points or {}
        shared = [points.get(number, ZERO) for number in range(place.first, place.last + 1)]
        return sum(shared, ZERO) / len(shared)

    def _award_points(self, tally: Tally) -> Fraction:
        award = self._awards.get(tally.entrant.id)
        if award is not None:
            return (self._rule.award_points or {}).get(award, ZERO)
        return self._rule.pass_points if tally.passed else ZERO

    def _keys(self, team: Team) -> tuple[Fraction | int, ...]:
        found = [*sort_value(team.value, self._better)]
        for key in self._rule.tie_breaks:
            found += sort_value(self._key_value(key, team), key.better or self._better)
        return tuple(found)

    def _key_value(self, key: Key, team: Team) -> Fraction | None:
        """What a tie-break compares for one team; None where it is missing. Raises ValueError for one of entrants."""
        match key.by:
            case KeyBy.MODULE:
                return sum((member.tally.modules[key.module or ""] for member in team.members), ZERO)
            case KeyBy.GROUP:
                return sum((member.tally.groups[key.group or ""] for member in team.members), ZERO)
            case KeyBy.TIME:
                return self._time(key, team)
            case KeyBy.BEST:
                return team.members[0].value if team.members else None
            case KeyBy.ASPECT | KeyBy.DEDUCTIONS:
                raise ValueError("a tie-break of entrants")
            case _:
                assert_never(key.by)

    def _time(self, key: Key, team: Team) -> Fraction | None:
        """Missing with fewer members than count, or with one who has no time."""
        if not team.members or (self._rule.best is not None and len(team.members) < self._rule.best):
            return None
        times = [summed_seconds(member.tally, key.module) for member in team.members]
        known = [time for time in times if time is not None]
        return sum(known, ZERO) if len(known) == len(times) else None

    def _team_awards(self, ordered: list[Place], teams: Mapping[str, Team], problems: list[Problem]) -> dict[str, str]:
        rule = self._rule.awards
        if rule is None:
            return {}

        def may_have(id_: str) -> bool:
            value = teams[id_].value
            if value is None or rule.min_total is None:
                return value is not None
            return value <= rule.min_total if self._lower else value >= rule.min_total

        base = len(ordered) if rule.base is AwardBase.RANKED else len(teams)
        return awards_by_place(rule, base, ordered, may_have, problems, "teams")

    def _line(self, team: Team, place: Place | None, award: str | None) -> dict[str, Any]:
        return {
            "team": team.id,
            "rank": place and place.rank,
            "value": None if team.value is None else self._shown(team.value),
            "members": [member.tally.entrant.id for member in team.members],
            "tied": place is not None and place.tied,
            "decided_by": place and place.decided_by,
            "award": award,
        }

    def _shown(self, value: Fraction) -> str:
        if self._rule.value is TeamValue.TOTAL:
            return shown(value, self._ruleset.total.round)
        return in_lowest_terms(value)
