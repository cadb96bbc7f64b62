"""The calendar of the demonstration: moments counted from the day it is loaded, on a Beijing clock."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from competitions.base.clock import beijing, from_beijing


@dataclass(frozen=True, slots=True)
class Days:
    """`now` is the moment of loading (UTC, aware)."""

    now: datetime

    def at(self, days: int, hour: int = 9, minute: int = 0) -> datetime:
        """That many days from today at this time in Beijing; never later than now for days that are past or today."""
        day = beijing(self.now).date() + timedelta(days=days)
        moment = from_beijing(datetime.combine(day, time(hour, minute)))
        return min(moment, self.now) if days <= 0 else moment

    def before(self, **ago: float) -> datetime:
        """So long ago, e.g. before(hours=2)."""
        return self.now - timedelta(**ago)
