"""One public page of a publication: which division, which lines, what columns. Knows a snapshot only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from competitions.results.publications.page_cache import Snapshot
from competitions.results.standings.page import readable

PER_PAGE = 100
LONGEST_SEARCH = 40
MOST_ON_PODIUM = 6


PublicRow = tuple[int, str, str, str, list[tuple[str, str]], str | None, str, str, bool]
"""Rank, name, unit, delegation, scores with the names of their columns, total, award, honours, whether it advances.

A tuple of texts escaped already: a page of 100 lines is rendered anew for everybody who comes first, and a template that
neither looks names up nor escapes takes a third of the time.
"""


@dataclass(frozen=True, slots=True)
class PublicPage:
    """What the page shows: the chosen division, its columns (id, name), the lines of this page, how many there are."""

    division: Mapping[str, Any]
    number: int
    columns: list[tuple[str, str]]
    rows: Sequence[PublicRow]
    podium: Sequence[Mapping[str, Any]]
    total: int
    page: int
    pages: int
    has_awards: bool
    has_honours: bool


def public_page(snapshot: Snapshot, division: int, page: int, search: str) -> PublicPage:
    """The page asked for; numbers beyond the end give the last one."""
    divisions = snapshot.document["divisions"]
    chosen = min(max(0, division), len(divisions) - 1)
    placings = divisions[chosen]["placings"]
    found = placings
    if search:
        texts = snapshot.searched(chosen)
        found = [placing for placing, text in zip(placings, texts, strict=True) if search in text]
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(max(1, page), pages)
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    first = [placing for placing in placings[: MOST_ON_PODIUM + 1] if placing["rank"] <= 3]
    podium = first if number == 1 and not search and len(first) <= MOST_ON_PODIUM and len(placings) > 3 else []
    parts = columns(divisions[chosen])
    return PublicPage(
        divisions[chosen],
        chosen,
        parts,
        [_row(placing, parts) for placing in shown],
        podium,
        len(found),
        number,
        pages,
        any(placing["award"] for placing in placings[:PER_PAGE]),
        any(placing.get("honours") for placing in placings[:PER_PAGE]),
    )


def _row(placing: Mapping[str, Any], parts: Sequence[tuple[str, str]]) -> PublicRow:
    return (
        placing["rank"],
        escape(placing["name"]),
        escape(placing["organisation"]),
        escape(placing["delegation"]),
        [(escape(name), score(placing, id_) or "—") for id_, name in parts],
        placing.get("total"),
        escape(placing["award"] or ""),
        escape("、".join(placing.get("honours", ()))),
        placing.get("advances", False),
    )


def columns(division: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Ids and names of the modules and groups whose scores are shown; none when the notice keeps the marks back."""
    if not any("total" in placing for placing in division["placings"][:1]):
        return []
    return [(part["id"], part["name"]) for part in [*division["modules"], *division["groups"]]]


def score(placing: Mapping[str, Any], part: str) -> str | None:
    """The score of a module or group in a line, as people read it."""
    return readable(placing["modules"].get(part) or placing["groups"].get(part))


def asked(text: str) -> str:
    """What is searched for, in the form of the texts that are searched."""
    return text.strip()[:LONGEST_SEARCH].casefold()
