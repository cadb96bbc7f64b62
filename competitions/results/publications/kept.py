"""Values that a process keeps, bounded by their size, the least used thrown out first. Knows nothing of what they are.

Nothing kept here is needed by another process (design.md §4.12).
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Values under keys; safe between threads. `room`: the most that their sizes may come to."""

    def __init__(self, room: int, size_of: Callable[[Value], int]) -> None:
        self._room, self._size_of, self._used = room, size_of, 0
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        """The value, if it is there."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value; one larger than the room is not kept."""
        size = self._size_of(value)
        with self._lock:
            if key in self._values:
                self._used -= self._size_of(self._values.pop(key))
            if size > self._room:
                return
            self._values[key] = value
            self._used += size
            while self._used > self._room:
                self._used -= self._size_of(self._values.popitem(last=False)[1])
