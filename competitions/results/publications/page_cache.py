"""What the process keeps of public pages: parsed snapshots and rendered bytes, bounded; public or not is asked anew at
most once a second.

A snapshot never changes, so it may be kept as long as there is room; whether it is public is asked anew all the time.
Nothing here is needed by another process (design.md §4.12). Knows bytes and snapshots, no request.
"""

import gzip
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any

FRESH_NANOSECONDS, LONGEST_NANOSECONDS = 500_000_000, 700_000_000  # a withdrawn publication is gone within a second
MOST_BYTES = 24_000_000
MOST_PLACINGS = 60_000
MOST_STANDINGS = 2_000
MOST_FRAMES = 50
SMALLEST_GZIP = 1_000


@dataclass(frozen=True, slots=True)
class Body:
    """A rendered answer as it is sent: its bytes, whether they are packed (gzip), its tag."""

    content: bytes
    packed: bool
    etag: str


class Snapshot:
    """A parsed snapshot; what is searched in it is made ready by the first search."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.placings = sum(len(division["placings"]) for division in document["divisions"])
        self._searched: list[list[str]] = []

    def searched(self, division: int) -> list[str]:
        """The lower-case text of each placing of a division: name, unit, delegation."""
        if not self._searched:
            self._searched = [
                [
                    "\n".join((line["name"], line["organisation"], line["delegation"])).casefold()
                    for line in part["placings"]
                ]
                for part in self.document["divisions"]
            ]
        return self._searched[division]


def made_body(content: bytes, *, pack: bool) -> Body:
    """The body with its tag (SHA-256 of the content), packed where that is asked for and worth it."""
    etag = hashlib.sha256(content).hexdigest()[:32]
    if not pack or len(content) < SMALLEST_GZIP:
        return Body(content, False, etag)
    return Body(gzip.compress(content, 5, mtime=0), True, f"{etag}-gz")


class Kept:
    """Values under keys, the least used thrown out when their sizes exceed the room; safe between threads."""

    def __init__(self, room: int, size_of: Callable[[Any], int]) -> None:
        self._room, self._size_of, self._used = room, size_of, 0
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        """The value, or None."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def put(self, key: Hashable, value: Any) -> None:
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


class PageCache:
    """All that is kept: what is known of each publication's state, parsed snapshots, rendered bodies."""

    def __init__(self) -> None:
        self._standings = Kept(MOST_STANDINGS, lambda _: 1)
        self._snapshots = Kept(MOST_PLACINGS, lambda snapshot: snapshot.placings + 100)
        self._frames = Kept(MOST_FRAMES, lambda _: 1)
        self._bodies = Kept(MOST_BYTES, lambda body: len(body.content) + 500)
        self._parsing, self._rendering, self._writing, self._asking = Lock(), Lock(), Lock(), Lock()

    def standing(self, publication_id: str, ask: Callable[[], Any]) -> Any:
        """What `ask` says of a publication, asked anew when the last answer is too old; while one asks, the others make do
        with the last answer a little longer.
        """
        held = self._standings.get(publication_id)
        age = LONGEST_NANOSECONDS if held is None else time.monotonic_ns() - held[0]
        if age < FRESH_NANOSECONDS:
            return held[1]
        alone = self._asking.acquire(blocking=False)
        try:
            if not alone and age < LONGEST_NANOSECONDS:
                return held[1]
            asked_at, answer = time.monotonic_ns(), ask()
            if answer is not None:
                self._standings.put(publication_id, (asked_at, answer))
            return answer
        finally:
            if alone:
                self._asking.release()

    def snapshot(self, digest: str, load: Callable[[], str]) -> Snapshot:
        """The parsed snapshot with this digest; parsed once even when many ask at the same time."""
        found: Snapshot | None = self._snapshots.get(digest)
        if found is None:
            with self._parsing:
                found = self._snapshots.get(digest)
                if found is None:
                    found = Snapshot(json.loads(load()))
                    self._snapshots.put(digest, found)
        return found

    def body(self, key: Hashable, make: Callable[[], Body]) -> Body:
        """The rendered body under this key; made when it is not there, one at a time.

        Rendering fills a processor anyhow; together the first readers would only compile the same templates eight times.
        """
        return self._once(self._rendering, key, make)

    def frame(self, key: Hashable, make: Callable[[], str]) -> str:
        """What stands around the lines on all pages of a division; rendered while a body is made."""
        found: str | None = self._frames.get(key)
        if found is None:
            found = make()
            self._frames.put(key, found)
        return found

    def file(self, key: Hashable, make: Callable[[], Body]) -> Body:
        """Like `body`, for a file that takes seconds to write and must not keep pages waiting."""
        return self._once(self._writing, key, make)

    def _once(self, lock: Lock, key: Hashable, make: Callable[[], Body]) -> Body:
        found: Body | None = self._bodies.get(key)
        if found is None:
            with lock:
                found = self._bodies.get(key)
                if found is None:
                    found = make()
                    self._bodies.put(key, found)
        return found
