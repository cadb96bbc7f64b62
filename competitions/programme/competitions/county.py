"""三人办赛 of a competition: who can be one of the three, its events, what has been decided by two. Questions and one check.

The profile itself is a matter of accounts. Knows no page.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, selectinload

from competitions.accounts.models import ActOfTwo, RoleAssignment, User
from competitions.audit.reach import is_within
from competitions.base.errors import Invalid
from competitions.base.permissions import Scopes
from competitions.base.problems import Problem
from competitions.base.roles import OF_EVENT, of_three
from competitions.programme.models import Competition, Event

MOST = 100
"""People of each kind who are offered, and acts that are shown."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who can be the first, the second and the third of the three."""

    first: list[User]
    second: list[User]
    third: list[User]


def candidates(session: Session, competition: Competition, at: datetime) -> Candidates:
    """The organisers of the competition, those who approve in it, and those who have a role in one of its events."""
    organising, approving = ([role for role in of_three(number) if role not in OF_EVENT] for number in (1, 2))
    events = [event.id for event in competition.events]
    over = or_(RoleAssignment.scope_kind == "system", RoleAssignment.scope_id == competition.id)
    return Candidates(
        _people(session, _holding(at).where(RoleAssignment.role.in_(organising), over)),
        _people(session, _holding(at).where(RoleAssignment.role.in_(approving), over)),
        _people(session, _holding(at).where(RoleAssignment.scope_id.in_(events))),
    )


def _holding(at: datetime) -> Select[str]:
    return select(RoleAssignment.user_id).where(or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to > at))


def _people(session: Session, ids: Select[str]) -> list[User]:
    named = select(User).where(User.active, User.id.in_(ids)).order_by(User.display_name, User.id).limit(MOST)
    return list(session.scalars(named.options(selectinload(User.roles))))


def held_events(competition: Competition) -> list[Event]:
    """Its events that are not called off."""
    return [event for event in competition.events if not event.is_called_off]


def require_no_levels(competition: Competition) -> None:
    """No event has codes that people seal: opening them takes two who are neither organisers nor the chief judge, and
    of three there are none (design.md, promise 5). Raises Invalid that names the events.
    """
    names = "、".join(f"“{event.name}”" for event in held_events(competition) if event.code_levels)
    if names:
        raise Invalid([Problem("invalid.programme.county_event_levels", "", {"events": names})])


def acts_of_two(session: Session, competition: Competition) -> list[ActOfTwo]:
    """What two people have decided, or have to, about the competition and all below it, newest first."""
    scopes = Scopes(competitions=frozenset({competition.id}))
    return list(
        session.scalars(
            select(ActOfTwo)
            .where(is_within(ActOfTwo.object_id, scopes))
            .order_by(ActOfTwo.proposed_at.desc(), ActOfTwo.id)
            .limit(MOST)
        )
    )
