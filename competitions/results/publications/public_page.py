"""One public page of a publication: which division, which lines, what stands around them. Knows a snapshot only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from competitions.base.searching import contains, found_by, parts_of
from competitions.results.publications.public_lines import PublicLines, columns
from competitions.scoring.collector import paused_collector

PER_PAGE = 100
MOST_ON_PODIUM = 6


class Snapshot:
    """A parsed snapshot; what is searched in it is made ready by the first search."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.placings = sum(len(division["placings"]) for division in document["divisions"])
        self._searched: list[list[str]] = []

    def searched(self, division: int) -> list[str]:
        """What each placing of a division is found by: name, unit, delegation."""
        if not self._searched:
            self._searched = [
                [found_by((line["organisation"], line["delegation"]), [line["name"]]) for line in part["placings"]]
                for part in self.document["divisions"]
            ]
        return self._searched[division]


def parsed(text: str) -> Snapshot:
    """The snapshot with this text; so many objects that the collector would take as long as the parser."""
    with paused_collector():
        return Snapshot(json.loads(text))


@dataclass(frozen=True, slots=True)
class PublicPage:
    """What the page shows: the chosen division, the lines of this page, how many there are."""

    division: Mapping[str, Any]
    number: int
    lines: PublicLines
    podium: Sequence[Mapping[str, Any]]
    total: int
    page: int
    pages: int


def public_page(snapshot: Snapshot, division: int, page: int, search: str) -> PublicPage:
    """The page asked for; numbers beyond the end give the last one."""
    divisions = snapshot.document["divisions"]
    chosen = min(max(0, division), len(divisions) - 1)
    placings = divisions[chosen]["placings"]
    found = placings
    if search:
        texts, parts = snapshot.searched(chosen), parts_of(search)
        found = [placing for placing, text in zip(placings, texts, strict=True) if parts and contains(text, parts)]
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(max(1, page), pages)
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    first = [placing for placing in placings[: MOST_ON_PODIUM + 1] if placing["rank"] <= 3]
    podium = first if number == 1 and not search and len(first) <= MOST_ON_PODIUM and len(placings) > 3 else []
    return PublicPage(
        divisions[chosen],
        chosen,
        PublicLines(
            shown,
            columns(divisions[chosen]),
            awards=any(placing["award"] for placing in placings[:PER_PAGE]),
            honours=any(placing.get("honours") for placing in placings[:PER_PAGE]),
            advances=divisions[chosen]["advances"],
        ),
        podium,
        len(found),
        number,
        pages,
    )
