"""Who may give which role where, and who may manage whose account (security.md §2). Knows no request.

The administrator gives system roles, organisers and the union roles; a reviewer gives reporters in his subtree and
reviewers strictly below; an organiser who drafts gives the roles inside his competitions.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from competitions.accounts.models import RoleAssignment, User
from competitions.accounts.scope_names import described
from competitions.accounts.three.county import may_hold_both
from competitions.base.permissions import SYSTEM, Actor, Assignment
from competitions.base.roles import ADMINISTRATOR, GIVABLE, Reach, exclude, gives, position_of, reach_of
from competitions.organisations.models import Union


def givable_roles(actor: Actor) -> list[str]:
    """Roles that the actor gives somewhere, in the order of the table; none that may do nothing."""
    return [role for role in GIVABLE if any(gives(held, role) for held in actor.roles)]


def may_give(session: Session, actor: Actor, role: str, scope_kind: str, scope_id: str | None) -> bool:
    """Whether the actor may give (and end) this role in this scope."""
    if actor is SYSTEM:
        return True
    return any(
        gives(held.role, role) and _reaches(session, held, role, scope_kind, scope_id) for held in actor.assignments
    )


def _reaches(session: Session, held: Assignment, role: str, scope_kind: str, scope_id: str | None) -> bool:
    reach = reach_of(held.role)
    if reach is Reach.EVERYWHERE:
        return True
    if reach is Reach.BELOW:
        strictly = role == held.role
        return scope_kind == "union" and _lies_below(session, scope_id, held.scope_id, strictly)
    if scope_kind not in ("competition", "event") or scope_id is None:
        return False
    return held.scope_kind == "system" or held.scope_id == competition_of(session, scope_kind, scope_id)


def _lies_below(session: Session, union_id: str | None, top_id: str | None, strictly: bool) -> bool:
    path = session.scalar(select(Union.path).where(Union.id == union_id)) or ""
    return f"/{top_id}/" in path and not (strictly and union_id == top_id)


def competition_of(session: Session, scope_kind: str, scope_id: str) -> str | None:
    """The id of the competition that a competition or event scope lies in; None when nobody can tell."""
    if scope_kind == "competition":
        return scope_id
    scope = described(session, [scope_id]).get(scope_id)
    return scope.competition_id if scope else None


def is_administrator(actor: Actor) -> bool:
    """Whether the actor administers accounts of the whole system."""
    return any(held.role == ADMINISTRATOR for held in actor.assignments)


def other_administrators(session: Session, user_id: str, at: datetime) -> bool:
    """Whether somebody beside this user administers the system."""
    return session.scalar(administrators_but(user_id, at).limit(1)) is not None


def administrators_but(user_id: str, at: datetime) -> Select[str]:
    """Assignments by which others than this user administer the system now."""
    return (
        select(RoleAssignment.id)
        .join(User)
        .where(
            RoleAssignment.scope_kind == "system",
            RoleAssignment.role == ADMINISTRATOR,
            User.active,
            User.id != user_id,
            or_(RoleAssignment.valid_from.is_(None), RoleAssignment.valid_from <= at),
            or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to > at),
        )
    )


def roles_out_of_reach(session: Session, actor: Actor, user: User) -> list[str]:
    """Roles of the user that keep the actor from resetting or closing the account: a role that he could not give, or
    whoever gives a role could take over an account that can do more than his own.
    """
    if actor is SYSTEM or is_administrator(actor):
        return []
    return sorted(
        {row.role for row in user.roles if not may_give(session, actor, row.role, row.scope_kind, row.scope_id)},
        key=position_of,
    )


def exclusive_with(session: Session, user: User, role: str, scope_kind: str, scope_id: str | None) -> str | None:
    """A role of the user that may not go together with this one over the same event, if there is one.

    A role that has been in force counts although it is over: who held the codes in the morning knows them in the
    afternoon. One that ended before it began does not. Of three who run a county contest each may hold his own.
    """
    if scope_kind not in ("competition", "event") or scope_id is None:
        return None
    here = (scope_kind, scope_id)
    held = {
        row.role
        for row in user.roles
        if row.scope_kind in ("competition", "event")
        and _was_in_force(row)
        and exclude(role, row.role)
        and overlap(session, here, (row.scope_kind, row.scope_id or ""))
    }
    found = sorted(held, key=position_of)
    return next((each for each in found if not _may_hold_both(session, user, here, role, each)), None)


def _may_hold_both(session: Session, user: User, scope: tuple[str, str], one: str, other: str) -> bool:
    return may_hold_both(session, competition_of(session, *scope), user.id, one, other)


def _was_in_force(row: RoleAssignment) -> bool:
    return row.valid_to is None or row.valid_from is None or row.valid_from < row.valid_to


def overlap(session: Session, one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two scopes have an event in common: the same one, or an event and its competition."""
    if one == other:
        return True
    if one[0] == other[0]:
        return False
    competitions: Iterable[str | None] = (competition_of(session, *one), competition_of(session, *other))
    first, second = competitions
    return first is not None and first == second
