"""A thing that waits for somebody (待办): the value that every feature's `waiting(session, actor, at)` returns.

Nobody does two hundred things at once: of each kind a desk lists the `MOST` that are due first, and no question goes
further than that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

MOST = 20
"""Things of one kind that are listed; a question asks for one more, to know whether there are more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """`sentence` in plain words, `count` of things, where it is done (`endpoint` + `arguments`), until when, if ever.
    `more`: the last of its kind that is listed, but not the last there is.
    """

    sentence: str
    endpoint: str
    arguments: dict[str, Any] = field(default_factory=dict)
    count: int = 1
    until: datetime | None = None
    more: bool = False


def cut(found: Sequence[Waiting]) -> list[Waiting]:
    """The first of one kind, in the order given."""
    listed = list(found[:MOST])
    if len(found) > MOST:
        listed[-1] = replace(listed[-1], more=True)
    return listed
