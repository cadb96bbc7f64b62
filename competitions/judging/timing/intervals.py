"""Stretches of time in whole seconds: what two sets of them cover together, and what they have in common. Pure.

A stretch is (from, to) in seconds since the epoch; one that ends where it begins, or before, covers nothing.
"""

from collections.abc import Iterable

Stretch = tuple[int, int]


def union(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same seconds as stretches in order that neither overlap nor touch: what overlaps counts once."""
    found: list[Stretch] = []
    for begins, ends in sorted(stretch for stretch in stretches if stretch[0] < stretch[1]):
        if found and begins <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], ends)
        else:
            found.append((begins, ends))
    return found


def common(one: Iterable[Stretch], other: Iterable[Stretch]) -> list[Stretch]:
    """The seconds that are in both, in order."""
    others = union(other)
    return [
        (max(begins, from_), min(ends, to))
        for begins, ends in union(one)
        for from_, to in others
        if max(begins, from_) < min(ends, to)
    ]


def length(stretches: Iterable[Stretch]) -> int:
    """How many seconds they cover together."""
    return sum(ends - begins for begins, ends in union(stretches))
