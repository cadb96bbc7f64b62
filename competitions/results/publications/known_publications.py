"""What a process knows of publications: whether they are public, asked anew twice a second, and their parsed snapshots.

A snapshot never changes, and takes longer to parse than a page to make. Knows no request.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from competitions.results.publications.kept import Kept
from competitions.results.publications.public_page import Snapshot, parsed
from competitions.results.publications.public_standing import PublicStanding

FRESH = 450_000_000
"""Nanoseconds; with what public_answers gives without asking less than a second."""
MOST_PLACINGS = 60_000


@dataclass(slots=True)
class Known:
    """A publication: its standing, when it was asked for, and, once a page was made of it, its snapshot."""

    standing: PublicStanding
    asked_at: int
    snapshot: Snapshot | None = None

    @property
    def size(self) -> int:
        """In placings."""
        return 100 + (self.snapshot.placings if self.snapshot else 0)


class KnownPublications:
    """The publications that somebody has asked for, the least used forgotten first."""

    def __init__(self) -> None:
        self._kept: Kept[Known] = Kept(MOST_PLACINGS, lambda known: known.size)
        self._parsing = Lock()

    def standing(self, publication_id: str, ask: Callable[[], PublicStanding | None]) -> PublicStanding | None:
        """What everybody may know of it; `ask` is called when the last answer is too old, or there is none."""
        known = self._kept.get(publication_id)
        if known is not None and time.monotonic_ns() - known.asked_at <= FRESH:
            return known.standing
        asked_at, standing = time.monotonic_ns(), ask()
        if standing is not None:
            self._kept.put(publication_id, Known(standing, asked_at, known.snapshot if known else None))
        return standing

    def snapshot(self, standing: PublicStanding, load: Callable[[], str]) -> Snapshot:
        """What it says; parsed once even when many ask at the same time."""
        with self._parsing:
            known = self._kept.get(standing.id)
            if known is not None and known.snapshot is not None:
                return known.snapshot
            found = parsed(load())
            if known is not None:
                self._kept.put(standing.id, Known(known.standing, known.asked_at, found))
            return found
