"""What the changes of time come to for one code, and what a sheet's time is then: taken, stopped, granted, counted.

Reads changes as they are given; knows no database. Intervals are whole seconds, the time taken is exact as it was typed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from competitions.judging.timing.intervals import Stretch, common, length, union
from competitions.judging.timing.models import TimeChange
from competitions.scoring.numbers import plain


@dataclass(frozen=True, slots=True)
class SheetTime:
    """The time of a sheet: `counted` = taken − stopped − granted, not under 0 (none where no time was taken)."""

    taken: int | str | None = None
    stopped: int = 0
    granted: int = 0

    @property
    def counted(self) -> int | str | None:
        """What the ranking is told."""
        if self.taken is None:
            return None
        left = max(Fraction(0), Fraction(self.taken) - self.stopped - self.granted)
        return int(left) if left.denominator == 1 else plain(left)

    @property
    def is_changed(self) -> bool:
        """Whether anything was stopped or granted."""
        return bool(self.stopped or self.granted)


@dataclass(frozen=True, slots=True)
class CodeTime:
    """What holds for a code in a module. `stops`: in order, without overlap; `lasting`: since when one still lasts;
    `written`: seconds stopped that a paper tells without saying when; `changes`: all that was reckoned, in order.
    """

    stops: tuple[Stretch, ...] = ()
    lasting: int | None = None
    written: int = 0
    granted: int = 0
    moved_to: TimeChange | None = None
    changes: tuple[TimeChange, ...] = ()

    def of(self, taken: int | str | None, runs: Sequence[Stretch] | None = None) -> SheetTime:
        """The time of a sheet: a stop counts as far as the clock ran during it; all of it where nobody knows when the
        clock ran (typed by hand, or from paper: from the beginning to the end, the stops among it).
        """
        stopped = length(self.stops if runs is None else common(self.stops, runs))
        return SheetTime(taken, stopped + self.written, self.granted)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code is: its division and the sitting that it was drawn to."""

    code: str
    division_id: str
    sitting_id: str | None


def applies(change: TimeChange, code: str, sitting_id: str | None) -> bool:
    """Whether a change is of this code, or of everybody in the sitting it is in."""
    if change.code is not None:
        return change.code == code
    return change.sitting_id is None or sitting_id is None or change.sitting_id == sitting_id


def sitting_of(changes: Iterable[TimeChange], place: Place) -> str | None:
    """The sitting that a code is in now: the one it was moved to last, else its own."""
    moves = [each for each in changes if each.kind == "moved" and each.code == place.code]
    return moves[-1].to_sitting_id if moves else place.sitting_id


def code_time(changes: Sequence[TimeChange], place: Place, limit: int | None) -> CodeTime:
    """What changes in the order of their times come to for a code; `limit`: the ruleset's, in seconds.

    Whoever begins anew (moved to another sitting, 重赛) leaves the stops of before behind.
    """
    sitting = sitting_of(changes, place)
    mine = [each for each in changes if applies(each, place.code, sitting)]
    anew = max((each.begins_at for each in mine if each.kind in ("moved", "rerun")), default=None)
    stops = [each for each in mine if each.kind == "stop" and (anew is None or each.begins_at >= anew)]
    lasting = [_second(each.begins_at) for each in stops if each.is_lasting]
    granted = sum(each.seconds or 0 for each in mine if each.kind == "grant")
    return CodeTime(
        tuple(union((_second(each.begins_at), _second(each.ends_at)) for each in stops if each.ends_at is not None)),
        min(lasting, default=None),
        sum(each.seconds or 0 for each in stops),
        granted + sum(_longer(each, limit) for each in mine if each.kind == "limit"),
        next((each for each in reversed(mine) if each.kind == "moved"), None),
        tuple(mine),
    )


def _longer(change: TimeChange, limit: int | None) -> int:
    """By how much a code's own limit is longer than the ruleset's."""
    return max(0, (change.seconds or 0) - limit) if limit is not None else 0


def _second(moment: datetime) -> int:
    return int(moment.timestamp())
