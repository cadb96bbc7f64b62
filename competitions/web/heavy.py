"""One heavy request at a time in a process. Knows no feature.

Python computes one thing at a time in a process. Three rosters, a worksheet and an export at once would each go slower and
leave a judge's save, who needs five milliseconds of it, the sixth part; one after the other they are done as soon, and the
judge has half. Nothing rests on it: who waits too long goes on all the same.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

View = TypeVar("View", bound=Callable[..., Any])
PATIENCE = 20
"""Seconds after which a request no longer waits for its turn."""
SWITCH, USUAL = 0.0005, 0.005
"""Seconds after which a thread that computes lets another one go on, beside heavy work and otherwise (Python's own). A save
asks the database a dozen times and waits for its turn after each answer, behind whoever computes; where nobody does heavy
work, changing turns so often only costs.
"""
_turn = threading.RLock()


def heavy(view: View) -> View:
    """A view that plans, reads or writes hundreds of rows: it waits until no other such view is at work."""

    @wraps(view)
    def in_turn(*given: Any, **named: Any) -> Any:
        with _alone():
            return view(*given, **named)

    return cast(View, in_turn)


@contextmanager
def _alone() -> Iterator[None]:
    alone = _turn.acquire(timeout=PATIENCE)
    sys.setswitchinterval(SWITCH)
    try:
        yield
    finally:
        if alone:
            sys.setswitchinterval(USUAL)
            _turn.release()
