"""Ranking: contenders in order, the key that separates each from the one above, ties, rulings and places.

Knows sort keys, shared and dense ranks and rulings (contract §2 KEY, §1 rulings). Does not know whether contenders
are entrants or teams, nor what their keys mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .case import Ruling
from .problems import Problem
from .words import Better, Ties

MISSING = (1, Fraction(0))  # after every value, whichever way `better` points


@dataclass(frozen=True, slots=True)
class Contender:
    """Someone to be ranked; `keys` is flat: missing or not, value, missing or not, value, …; the smallest is first."""

    id: str
    keys: tuple[Fraction | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a contender stands; `first` and `last` are the places that his tie takes, `rank` is what is shown."""

    id: str
    rank: int
    first: int
    last: int
    tied: bool
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class TieGroup:
    """Contenders that nothing separates, by id, and the key that separates them from those above."""

    ids: tuple[str, ...]
    decided_by: str | None


def sort_value(value: Fraction | None, better: Better) -> tuple[Fraction | int, Fraction]:
    """Two entries of a contender's keys: a missing value is the worst (contract §2 KEY)."""
    if value is None:
        return MISSING
    return 0, value if better is Better.LOWER else -value


def tie_groups(contenders: Sequence[Contender], labels: Sequence[str]) -> list[TieGroup]:
    """The contenders in order, those with equal keys together; `labels` name the keys."""
    groups: list[TieGroup] = []
    above: Contender | None = None
    together: list[str] = []
    decided_by: str | None = None
    for each in sorted(contenders, key=lambda contender: (contender.keys, contender.id)):
        if above is None or each.keys != above.keys:
            if together:
                groups.append(TieGroup(tuple(together), decided_by))
            together, decided_by = [], None if above is None else labels[_first_difference(above, each) // 2]
        together.append(each.id)
        above = each
    if together:
        groups.append(TieGroup(tuple(together), decided_by))
    return groups


def _first_difference(one: Contender, other: Contender) -> int:
    return next(index for index, pair in enumerate(zip(one.keys, other.keys, strict=True)) if pair[0] != pair[1])


def with_rulings(groups: list[TieGroup], rulings: Sequence[Ruling], problems: list[Problem]) -> list[TieGroup]:
    """The groups with ties resolved by people. A ruling names all of one tie, each once, and is the only one on it."""
    ties = {frozenset(group.ids): group for group in groups if len(group.ids) > 1}
    usable: dict[frozenset[str], list[Ruling]] = {}
    for ruling in rulings:
        named = frozenset(ruling.order)
        if named in ties and len(ruling.order) == len(named):
            usable.setdefault(named, []).append(ruling)
        else:
            problems.append(_not_tied(ruling))
    for several in [several for several in usable.values() if len(several) > 1]:
        problems += [_not_tied(ruling) for ruling in several]
    resolved: list[TieGroup] = []
    for group in groups:
        on_it = usable.get(frozenset(group.ids), [])
        resolved += _in_ruled_order(group, on_it[0]) if len(on_it) == 1 else [group]
    return resolved


def _not_tied(ruling: Ruling) -> Problem:
    return Problem("ruling.not_tied", {"entrants": list(ruling.order)})


def _in_ruled_order(group: TieGroup, ruling: Ruling) -> list[TieGroup]:
    first, *others = ruling.order
    return [TieGroup((first,), group.decided_by), *(TieGroup((id_,), "ruling") for id_ in others)]


def places(groups: Sequence[TieGroup], ties: Ties) -> list[Place]:
    """Ranks 1,2,2,4 or, dense, 1,2,2,3; the places behind them count everybody."""
    found: list[Place] = []
    for dense, group in enumerate(groups, start=1):
        first = len(found) + 1
        last = len(found) + len(group.ids)
        rank = dense if ties is Ties.DENSE else first
        tied = len(group.ids) > 1
        for index, id_ in enumerate(group.ids):
            found.append(Place(id_, rank, first, last, tied, None if index else group.decided_by))
    return found


def unresolved(groups: Sequence[TieGroup], ties: Ties, noun: str) -> list[Problem]:
    """With ties forbidden, one problem for each tie left; `noun` is entrants or teams."""
    if ties is not Ties.FORBIDDEN:
        return []
    return [Problem("ties.unresolved", {noun: list(group.ids)}) for group in groups if len(group.ids) > 1]
