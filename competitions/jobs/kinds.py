"""Kinds of jobs: features register what they can do and who an asker is. Knows no feature, no queue and no request.

What a kind makes is the same whether a page makes it at once or the worker makes it later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from competitions.base.media import MEDIA_TYPES, Document
from competitions.base.permissions import Actor

Parameters = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """What was made: a document, or nothing but what is recorded. `action`, `object_kind`, `object_id` and `facts` are for
    the record (without an action there is none); of a document the record has the SHA-256 too.
    """

    document: Document | None = None
    action: str | None = None
    object_kind: str = ""
    object_id: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def recorded(self) -> dict[str, Any]:
        """What the record says of it."""
        return {**({"file": self.document.sha256} if self.document else {}), **self.facts}


def workbook(filename: str, content: bytes) -> Document:
    """A workbook that we wrote, to be handed out."""
    return Document(filename, MEDIA_TYPES["xlsx"], content)


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be made, for whom, and with which session it is read. `tell` takes the progress in percent."""

    session: Session
    actor: Actor
    parameters: Parameters
    at: datetime
    tell: Callable[[int], None] = lambda _percent: None

    def done(self, number: int, of: int, *, most: int = 100) -> None:
        """So many of so many are done; together they are `most` percent of the work. May raise Dropped."""
        self.tell(min(most, number * most // max(of, 1)))


class Dropped(Exception):
    """Nobody waits for this job any more, or another worker has it: stop."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that may take long: `rows` says how large it is and raises NotFound, Denied or StateForbids when it is not the
    actor's; `make` makes it. `place` is the endpoint where the outcome stands when it is no document.
    """

    name: str
    rows: Callable[[Session, Actor, Parameters], int]
    make: Callable[[Work], Result]
    place: str | None = None


_registered: dict[str, Kind] = {}
KINDS: Mapping[str, Kind] = MappingProxyType(_registered)
"""Name → kind. Its module must be imported by the feature's views, so that it is there in every process."""
_actors: list[Callable[[Session, str, datetime], Actor | None]] = []


def register(kind: Kind) -> Kind:
    """Add a kind. Raises ValueError for a name that is taken."""
    if _registered.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"two kinds of jobs are called {kind.name}")
    return kind


def register_actors(of: Callable[[Session, str, datetime], Actor | None]) -> None:
    """Accounts say who an id is at a moment, with the roles that hold then; None for nobody (any more)."""
    _actors[:] = [of]


def actor_by_id(session: Session, user_id: str, at: datetime) -> Actor | None:
    """Who asked, with what he may do at that moment."""
    return _actors[0](session, user_id, at)
