"""Pausing the garbage collector while a large case is scored.

Scoring makes no reference cycles, but so many objects that the collector walks through the whole document again and
again: a sixth of the time at 10,000 entrants, and the part that grows faster than the case. Knows nothing of scoring.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """No collection inside. Whoever found the collector running sets it going again, so threads cannot leave it off."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
