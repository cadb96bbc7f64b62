"""Competitions and events as scopes of roles: what `accounts`, which lies below, asks for their names."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from competitions.accounts.giving import is_administrator
from competitions.accounts.scope_names import NamedScope
from competitions.base.permissions import Actor, Permission
from competitions.programme.models import Competition, Event
from competitions.programme.queries import competitions_in_scope


class CompetitionScopes:
    """The source that is installed when the pages are loaded (accounts.scope_names)."""

    def described(self, session: Session, ids: Collection[str]) -> list[NamedScope]:
        """The competitions and events with these ids."""
        competitions = session.scalars(select(Competition).where(Competition.id.in_(ids)))
        events = session.scalars(select(Event).where(Event.id.in_(ids)).options(selectinload(Event.competition)))
        return [*map(_competition, competitions), *map(_event, events)]

    def offered(self, session: Session, actor: Actor) -> list[NamedScope]:
        """Live competitions in which the actor gives roles, newest first, each followed by its events; an administrator, who
        names supervisors, is offered all.
        """
        mine = competitions_in_scope(actor, Permission.EDIT_COMPETITION)
        competitions = session.scalars(
            (select(Competition) if is_administrator(actor) else mine)
            .where(Competition.state != "archived")
            .options(selectinload(Competition.events).selectinload(Event.competition))
            .order_by(Competition.created_at.desc(), Competition.id)
        )
        return [
            scope
            for competition in competitions
            for scope in (_competition(competition), *map(_event, competition.events))
        ]


def _competition(competition: Competition) -> NamedScope:
    return NamedScope("competition", competition.id, competition.name, competition.id)


def _event(event: Event) -> NamedScope:
    return NamedScope("event", event.id, f"{event.competition.name} › {event.name}", event.competition_id)
