"""How large the demonstration may be made: what a whole installation holds, the small demonstration included."""

from dataclasses import dataclass, replace
from typing import Literal

Scale = Literal["small", "city", "region"]


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each there are in the end. `enters`: the share of enterprise unions that have ever sent people.
    `largest`: the share of all entries that stand in one great competition, open for registration.
    """

    entries: int
    unions: int
    employers: int
    events: int
    enters: float = 0.4
    largest: float = 0.1

    def without(self, *, entries: int, events: int) -> "Size":
        """What remains to be made when something else makes so many."""
        return replace(self, entries=self.entries - entries, events=self.events - events)


SIZES: dict[Scale, Size | None] = {
    "small": None,
    "city": Size(entries=7_800, unions=3_050, employers=4_560, events=594),
    "region": Size(entries=78_700, unions=30_521, employers=45_600, events=5_934),
}
"""Scale → size; the small one is the demonstration alone. The region's are those of one real region (design.md §1)."""
