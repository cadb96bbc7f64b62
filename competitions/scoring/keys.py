"""Keys: the values by which entrants are compared, the total first and then the tie-breaks.

Knows where a tie-break finds its value in a tally (contract §2 KEY). Does not compare.
"""

from fractions import Fraction
from typing import assert_never

from .numbers import ZERO
from .ranking import Contender, sort_value
from .ruleset import Key, Ruleset
from .tallies import Tally
from .words import KeyBy, Order


def contender(ruleset: Ruleset, tally: Tally) -> Contender:
    """A ranked entrant with his sort keys. Totals are compared in whole units of their rounding, which sort fast."""
    units = int(tally.total * 10**ruleset.total.round.places)
    keys: list[Fraction | int] = [0, units if ruleset.order is Order.ASCENDING else -units]
    for key in ruleset.tie_breaks:
        keys += sort_value(key_value(key, tally), key.better or ruleset.better)
    return Contender(tally.entrant.id, tuple(keys))


def labels(ruleset: Ruleset) -> list[str]:
    """What `decided_by` calls each key."""
    return ["total", *(key.label for key in ruleset.tie_breaks)]


def key_value(key: Key, tally: Tally) -> Fraction | None:
    """What a tie-break compares for one entrant; None where it is missing. Raises ValueError for one of teams."""
    match key.by:
        case KeyBy.MODULE:
            return tally.modules.get(key.module or "")
        case KeyBy.GROUP:
            return tally.groups.get(key.group or "")
        case KeyBy.ASPECT:
            return tally.aspects.get((key.module or "", key.aspect or ""))
        case KeyBy.TIME:
            return summed_seconds(tally, key.module)
        case KeyBy.DEDUCTIONS:
            return tally.deductions
        case KeyBy.BEST:
            raise ValueError("a tie-break of teams")
        case _:
            assert_never(key.by)


def summed_seconds(tally: Tally, module: str | None) -> Fraction | None:
    """The time of one module, or the sum of all recorded; None where there is none (contract §4)."""
    if module is not None:
        return tally.seconds.get(module)
    return sum(tally.seconds.values(), ZERO) if tally.seconds else None
