"""Stops and extra time as worksheet and grid type them from paper: seconds for a code, beside what is entered already.

What is there is never changed from a paper: another figure than the hall's is a fault that the chief judge resolves.
Knows no request and changes nothing.
"""

from collections.abc import Mapping

from competitions.judging.timing.reckoning import CodeTime
from competitions.judging.timing.services import LONGEST

STOPPED, GRANTED = "stopped", "granted"
KINDS = {STOPPED: "stop", GRANTED: "grant"}
"""Column → kind of change."""
Fault = tuple[str, str, dict[str, object]]
"""Column, code of the sentence, its parameters."""


class PaperTimes:
    """What the rows of a file, or of a grid, type of each code's time: several judges' rows of one code must say the same."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], int] = {}
        self._added: set[tuple[str, str]] = set()

    def of(self, code: str, values: Mapping[str, str | None], there: CodeTime) -> tuple[dict[str, int], list[Fault]]:
        """Kind → seconds that the row adds (once for a code), and what is wrong with its cells."""
        found: dict[str, int] = {}
        faults: list[Fault] = []
        entered = there.of(None)
        for column, kind in KINDS.items():
            typed = values.get(column)
            if typed is None:
                continue
            now = entered.stopped if kind == "stop" else entered.granted
            if not typed.isdecimal() or int(typed) > LONGEST:
                faults.append((column, "worksheet.time_seconds", {}))
            elif self._said.setdefault((code, kind), int(typed)) != int(typed):
                faults.append((column, "worksheet.time_differs", {"first": self._said[code, kind]}))
            elif now not in (0, int(typed)):
                faults.append((column, "worksheet.time_there", {"there": now}))
            elif now != int(typed) and (code, kind) not in self._added:
                self._added.add((code, kind))
                found[kind] = int(typed)
        return found, faults
