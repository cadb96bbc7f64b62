"""The people of an event: who holds which role in it, who is still missing, giving a role. Knows no page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from competitions.accounts.models import RoleAssignment, User
from competitions.accounts.pairs import deciding
from competitions.accounts.pairs.requests import Asked, ask_for_role
from competitions.accounts.passwords import normalised_username
from competitions.accounts.queries import user_by_name
from competitions.base.errors import Invalid
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.roles import NEEDED, WORDS, position_of
from competitions.programme.events.services import require_live
from competitions.programme.models import Event


@dataclass(frozen=True, slots=True)
class Held:
    """One assignment as the page shows it; `here` when it is given for this event and can be ended on its page."""

    assignment: RoleAssignment
    here: bool
    over: bool


def is_over(event: Event) -> ColumnElement[bool]:
    """Condition on RoleAssignment: given for this event or for its competition."""
    return or_(
        and_(RoleAssignment.scope_kind == "event", RoleAssignment.scope_id == event.id),
        and_(RoleAssignment.scope_kind == "competition", RoleAssignment.scope_id == event.competition_id),
    )


def people_of(session: Session, event: Event, at: datetime) -> list[Held]:
    """Everybody with a role over this event, by role and name; ended ones too."""
    rows = session.scalars(
        select(RoleAssignment)
        .join(RoleAssignment.user)
        .where(is_over(event))
        .options(selectinload(RoleAssignment.user).selectinload(User.union))
    )
    held = [Held(row, row.scope_kind == "event", bool(row.valid_to and row.valid_to <= at)) for row in rows]
    return sorted(
        held,
        key=lambda each: (
            each.over,
            position_of(each.assignment.role),
            each.assignment.user.display_name,
            each.assignment.id,
        ),
    )


def gaps(people: list[Held]) -> list[str]:
    """Words of the needed roles that nobody of these holds any more."""
    held = {each.assignment.role for each in people if not each.over}
    return [WORDS[role] for role in NEEDED if role not in held]


def ask_for(
    session: Session,
    event: Event,
    username: str,
    role: str,
    valid_from: datetime | None,
    valid_to: datetime | None,
    *,
    by: Actor,
    at: datetime,
) -> Asked:
    """Ask that a person be given a role in this event; another has to agree. Raises Invalid when there is no such user, and
    what `ask_for_role` raises (the role is held already; StateForbids when it does not go together with one held over the
    same event, or when the competition is over).
    """
    require_live(event.competition)
    user = user_by_name(session, normalised_username(username))
    if user is None or not user.active:
        raise Invalid([Problem("invalid.programme.user_unknown", "username")])
    return ask_for_role(session, user, role, ("event", event.id), (valid_from, valid_to), by=by, at=at)


def asked_for(session: Session, event: Event) -> list[tuple[str, str, str]]:
    """Role, name and who asked, of what waits for a second person in this event."""
    return deciding.asked_in(session, event.id)
