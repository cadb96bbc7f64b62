"""Names of competitions and events, for roles that are given in them. Knows that they exist; who keeps them tells here.

`accounts` lies below `programme`, so `programme` installs a source (`install`) when the application is made.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from competitions.base.permissions import Actor


@dataclass(frozen=True, slots=True)
class NamedScope:
    """A competition or an event as a scope: `kind` is "competition" or "event", `competition_id` the one it lies in."""

    kind: str
    id: str
    name: str
    competition_id: str


class ScopeSource(Protocol):
    """What `programme` answers."""

    def described(self, session: Session, ids: Collection[str]) -> Iterable[NamedScope]:
        """The competitions and events with these ids; unknown ones are left out."""

    def offered(self, session: Session, actor: Actor) -> list[NamedScope]:
        """Competitions and events in which the actor gives roles (Permission.EDIT_COMPETITION), newest first."""


_installed: list[ScopeSource] = []


def install(source: ScopeSource) -> None:
    """Make `source` the one of this process."""
    _installed[:] = [source]


def described(session: Session, ids: Collection[str]) -> dict[str, NamedScope]:
    """Id → competition or event; nothing when no source is installed."""
    return {scope.id: scope for scope in _installed[0].described(session, ids)} if _installed and ids else {}


def offered(session: Session, actor: Actor) -> list[NamedScope]:
    """Competitions and events in which the actor gives roles."""
    return _installed[0].offered(session, actor) if _installed else []
