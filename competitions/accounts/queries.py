"""Questions about users, roles and sign-ins. Knows no request."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select, union_all
from sqlalchemy.orm import Session, joinedload, selectinload

from competitions.accounts.models import RoleAssignment, SignIn, User
from competitions.accounts.scope_names import described, offered
from competitions.accounts.settings import IDLE_MINUTES, IDLE_MINUTES_OF_HALL
from competitions.audit.queries import register_names
from competitions.base.errors import NotFound
from competitions.base.permissions import Actor, Assignment
from competitions.base.roles import BY_CARD, OF_HALL, Reach, permissions_of, position_of, reach_of
from competitions.jobs.kinds import register_actors
from competitions.organisations.models import Union
from competitions.organisations.subtree import scope_of_unions

IN_COMPETITIONS = ("competition", "event")
"""Kinds of scope that lie in a competition."""


def actor_of(user: User, at: datetime, sign_in: SignIn | None = None) -> Actor:
    """The user as a value, with the assignments that hold at that moment; by a judge's card those of a judge only."""
    card = (sign_in.card_id, sign_in.card_stage_id) if sign_in else (None, None)
    roles = ((row.role, row.scope_kind, row.scope_id, row.valid_from, row.valid_to) for row in user.roles)
    return Actor(
        user.id,
        user.username,
        user.display_name,
        sign_in.id if sign_in else None,
        user.union_id,
        _holding(roles, at, card[0]),
        sign_in.device_id if sign_in else None,
        *card,
    )


def _holding(roles: Iterable[Sequence[Any]], at: datetime, card_id: str | None) -> tuple[Assignment, ...]:
    """Those of (role, scope kind, scope id, from, to) that hold, in the order of the table of roles."""
    return tuple(
        assignment
        for role, kind, scope_id, start, end in sorted(roles, key=lambda row: position_of(row[0]))
        if card_id is None or role in BY_CARD
        if (assignment := Assignment(role, kind, scope_id, start, end, permissions_of(role))).holds_at(at)
    )


_OPEN_SIGN_IN = (
    select(
        SignIn.id,
        SignIn.seen_at,
        SignIn.device_id,
        SignIn.card_id,
        SignIn.card_stage_id,
        User.id,
        User.username,
        User.display_name,
        User.union_id,
        RoleAssignment.role,
        RoleAssignment.scope_kind,
        RoleAssignment.scope_id,
        RoleAssignment.valid_from,
        RoleAssignment.valid_to,
        IDLE_MINUTES.stored().label("usual"),
        IDLE_MINUTES_OF_HALL.stored().label("of_hall"),
    )
    .join(SignIn.user)
    .outerjoin(RoleAssignment, RoleAssignment.user_id == User.id)
    .where(
        SignIn.token_hash == bindparam("token"),
        SignIn.revoked_at.is_(None),
        SignIn.expires_at > bindparam("at"),
        User.active.is_(True),
    )
    .order_by(RoleAssignment.id)
)
"""Everything about the caller in one question, as plain values: every request of a signed-in person asks it."""


def sign_in_by_token(session: Session, token_hash: str, at: datetime) -> tuple[Actor, datetime] | None:
    """The actor of the open sign-in with that token, and when it was last seen; None when unknown, revoked, expired,
    idle or the user inactive.
    """
    rows = session.execute(_OPEN_SIGN_IN, {"token": token_hash, "at": at}).all()
    if not rows:
        return None
    sign_in_id, seen_at, device_id, card_id, card_stage_id, user_id, username, name, union_id = rows[0][:9]
    held = _holding((row[9:14] for row in rows if row[9] is not None), at, card_id)
    actor = Actor(user_id, username, name, sign_in_id, union_id, held, device_id, card_id, card_stage_id)
    usual, of_hall = rows[0].usual, rows[0].of_hall
    minutes = IDLE_MINUTES_OF_HALL.read(of_hall) if OF_HALL.intersection(actor.roles) else IDLE_MINUTES.read(usual)
    return (actor, seen_at) if seen_at + timedelta(minutes=minutes) > at else None


def user_by_name(session: Session, username: str) -> User | None:
    """The user with that normalised name."""
    return session.scalar(select(User).where(User.username == username).options(selectinload(User.roles)))


def actor_by_id(session: Session, user_id: str, at: datetime) -> Actor | None:
    """The user with that id as a value, with the assignments that hold at that moment; None when there is none or the account
    is closed.
    """
    found = session.scalar(
        select(User).where(User.id == user_id, User.active.is_(True)).options(selectinload(User.roles))
    )
    return actor_of(found, at) if found else None


register_actors(actor_by_id)


def display_names(session: Session, ids: Iterable[str | None]) -> dict[str | None, str]:
    """User id → name, for those who stand in a record (who proposed, who approved)."""
    wanted = {each for each in ids if each}
    return {id_: name for id_, name in session.execute(select(User.id, User.display_name).where(User.id.in_(wanted)))}


register_names(display_names)


def users_in_scope(session: Session, actor: Actor) -> Select[User]:
    """Accounts that the actor administers: all for an administrator; for a reviewer those of unions in his subtree; for
    an organiser those with roles in his competitions; and those that he made himself. Each kind is found by its own
    index.
    """
    kinds: list[Select[str]] = [select(User.id).where(User.created_by == actor.id)]
    for held in actor.assignments:
        reach = reach_of(held.role)
        if reach is Reach.EVERYWHERE:
            return select(User)
        if reach is Reach.INSIDE and held.scope_kind == "system":
            kinds.append(_holders())
    if competitions := _reached(actor, Reach.INSIDE, "competition"):
        ids = [scope.id for scope in offered(session, actor) if scope.competition_id in competitions]
        kinds.append(_holders(RoleAssignment.scope_id.in_([*competitions, *ids])))
    if unions := _reached(actor, Reach.BELOW, "union"):
        kinds.append(select(User.id).where(scope_of_unions(session, unions).has(User.union_id)))
    return select(User).where(User.id.in_(union_all(*kinds)))


def _holders(*conditions: ColumnElement[bool]) -> Select[str]:
    """Ids of those with a role in a competition."""
    inside = RoleAssignment.scope_kind.in_(IN_COMPETITIONS)
    return select(RoleAssignment.user_id).where(inside, *conditions)


def _reached(actor: Actor, reach: Reach, kind: str) -> set[str]:
    """Scopes of that kind in which the actor has a role that reaches so far."""
    roles = [role for role in actor.roles if reach_of(role) is reach]
    return {scope_id for role in roles for scope_id in actor.role_scopes(role, kind)}


def user_in_scope(session: Session, actor: Actor, user_id: str) -> User:
    """The user with his roles. Raises NotFound when missing or out of scope."""
    found = session.scalar(
        users_in_scope(session, actor)
        .where(User.id == user_id)
        .options(selectinload(User.roles), joinedload(User.union))
    )
    if found is None:
        raise NotFound
    return found


def role_of(user: User, assignment_id: str) -> RoleAssignment:
    """One of the user's assignments. Raises NotFound."""
    for row in user.roles:
        if row.id == assignment_id:
            return row
    raise NotFound


def open_sign_ins(session: Session, user_id: str, at: datetime) -> list[SignIn]:
    """Sign-ins of a user that are neither ended nor run out, the newest first."""
    return list(
        session.scalars(
            select(SignIn)
            .where(SignIn.user_id == user_id, SignIn.revoked_at.is_(None), SignIn.expires_at > at)
            .order_by(SignIn.seen_at.desc())
        )
    )


def open_sign_in_of(session: Session, user_id: str, sign_in_id: str) -> SignIn:
    """One of the user's sign-ins that has not been ended. Raises NotFound."""
    found = session.scalar(
        select(SignIn).where(SignIn.id == sign_in_id, SignIn.user_id == user_id, SignIn.revoked_at.is_(None))
    )
    if found is None:
        raise NotFound
    return found


def scope_names(session: Session, rows: Iterable[RoleAssignment]) -> dict[str, str]:
    """Id of a scope → its name, for all of these assignments in two queries; what nobody knows is left out."""
    unions = {row.scope_id for row in rows if row.scope_kind == "union" and row.scope_id}
    others = {row.scope_id for row in rows if row.scope_kind in ("competition", "event") and row.scope_id}
    names = {
        union_id: name for union_id, name in session.execute(select(Union.id, Union.name).where(Union.id.in_(unions)))
    }
    return {**names, **{scope_id: scope.name for scope_id, scope in described(session, others).items()}}
