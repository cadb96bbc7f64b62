"""Whole sheets that the panel rules leave out (去掉的最高、最低分), for a matrix of entrants and judges.

Knows the order of the steps for one entrant. Decides nothing by itself: `panels` says which of equal extremes goes.
"""

from .case import Case
from .records import RecordChecks
from .ruleset_faults import faults_of
from .tallies import Tallying


def dropped_sheets(case: Case) -> dict[tuple[str, str], set[str]]:
    """(entrant, module) → the judges whose sheets do not count; only where the panel is full and somebody's is dropped.

    Empty under a ruleset with faults, and for modules that are combined aspect by aspect.
    """
    if faults_of(case.ruleset):
        return {}
    tallying = Tallying(case, RecordChecks(case, []).records(), [])
    panels = {tally.module.id: tally.panel for tally in tallying.modules}
    return {
        (entrant.id, module): dropped
        for entrant in case.entrants
        for module, result in tallying.results(entrant).items()
        if result.steps is not None and result.columns is not None
        if (dropped := panels[module].dropped(result.columns))
    }
