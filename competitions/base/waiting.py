"""A thing that waits for somebody (待办): the value that every feature's `waiting(session, actor, at)` returns."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Waiting:
    """`sentence` in plain words, `count` of things, where it is done (`endpoint` + `arguments`), until when, if ever."""

    sentence: str
    endpoint: str
    arguments: dict[str, Any] = field(default_factory=dict)
    count: int = 1
    until: datetime | None = None
