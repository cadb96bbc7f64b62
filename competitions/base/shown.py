"""What the person saw who acts on many: each row by its id and its version, short enough to be carried by a form.

An act on "all of these" checks inside its transaction that they are still the rows that were shown; what came, changed
or went since is named. Knows no sentence, no feature and no request.
"""

import binascii
import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from competitions.base.errors import StateForbids
from competitions.base.problems import Problem

_ID, _VERSION = 6, 3
"""Bytes of the digests by which a row and its version are known again."""
CHANGED = "state.shown_changed"
"""The code of the refusal when the rows are not those that were shown."""
NAMED = 10
"""How many rows of a kind are named."""
Version = int | str
Names = Callable[[Sequence[str]], Sequence[str]]
"""From ids to names, in the same order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids that were not shown, that are another version now, and how many of those shown are no longer there."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    gone: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


class Shown:
    """The rows of a page or of a whole filter, as a form carries them."""

    def __init__(self, marks: Mapping[bytes, bytes]) -> None:
        self._marks = marks

    @classmethod
    def of(cls, rows: Iterable[tuple[str, Version]]) -> "Shown":
        """From ids with their versions."""
        return cls({_digest(key, _ID): _digest(str(version), _VERSION) for key, version in rows})

    @classmethod
    def read(cls, text: str) -> "Shown":
        """From `text()`; what is no such text has shown nothing."""
        try:
            found = urlsafe_b64decode(text)
        except (binascii.Error, ValueError):
            found = b""
        step = _ID + _VERSION
        parts = [found[at : at + step] for at in range(0, len(found) - step + 1, step)]
        return cls({part[:_ID]: part[_ID:] for part in parts})

    def text(self) -> str:
        """Twelve characters for a row."""
        return urlsafe_b64encode(b"".join(key + version for key, version in self._marks.items())).decode()

    def has(self, key: str) -> bool:
        """Whether the row was shown, in whatever version."""
        return _digest(key, _ID) in self._marks

    def is_as_shown(self, key: str, version: Version) -> bool:
        """Whether the row was shown in this version."""
        return self._marks.get(_digest(key, _ID)) == _digest(str(version), _VERSION)

    def difference(self, now: Mapping[str, Version]) -> Difference:
        """What is otherwise now."""
        added = [key for key in now if not self.has(key)]
        changed = [key for key, version in now.items() if self.has(key) and not self.is_as_shown(key, version)]
        return Difference(added, changed, len(self._marks) - (len(now) - len(added)))


def require_as_shown(
    shown: Shown, now: Mapping[str, Version], names: Names, *, others: Callable[[], Sequence[str]] = list
) -> None:
    """Raises StateForbids with what came, what changed and what went, when these are not the rows that were shown.
    `others`: ids among which those that went are looked for.
    """
    found = shown.difference(now)
    if not found:
        return
    went = [key for key in others() if key not in now and shown.has(key)] if found.gone else []
    kinds = (("added", len(found.added), found.added), ("changed", len(found.changed), found.changed))
    raise StateForbids(
        CHANGED.removeprefix("state."),
        problems=[
            Problem(f"shown.{kind}", params={"count": count, "names": _named(names, keys)})
            for kind, count, keys in (*kinds, ("gone", found.gone, went))
            if count
        ],
    )


def _named(names: Names, keys: Sequence[str]) -> str:
    said = "、".join(names(keys[:NAMED])) if keys else ""
    return said + ("等" if len(keys) > NAMED else "")


def _digest(text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=size).digest()
