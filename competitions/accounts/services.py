"""Changes of accounts and roles. Knows no request; callers have loaded the user within their scope."""

import re
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from competitions.accounts.giving import (
    administrators_but,
    competition_of,
    exclusive_with,
    is_administrator,
    may_give,
    roles_out_of_reach,
)
from competitions.accounts.models import RoleAssignment, SignIn, User
from competitions.accounts.passwords import normalised_username
from competitions.accounts.sign_in.activation import issue_code
from competitions.accounts.sign_in.signing_in import close_all_sign_ins
from competitions.accounts.three.county import is_one_of_three, is_second, needs_second
from competitions.audit.recording import record
from competitions.base.errors import Invalid, Stale, StateForbids
from competitions.base.permissions import SYSTEM, Actor
from competitions.base.problems import Problem
from competitions.base.roles import ADMINISTRATOR, BY_TWO, CODES, GIVABLE, WORDS, position_of, scopes_of
from competitions.organisations.models import Union
from competitions.words.codes import SCOPE_KINDS

USERNAME = re.compile(r"[\w.@-]{3,64}")
SEEN_LATE = timedelta(minutes=2)
"""A sign-in notes when it was last seen once a minute only."""


def create_user(
    session: Session, *, username: str, display_name: str, union: Union | None, by: Actor, at: datetime
) -> User:
    """A new account without a password; give it a role and a code next. Raises Invalid (name taken or not allowed)."""
    name = normalised_username(username)
    if not USERNAME.fullmatch(name):
        raise Invalid([_problem("username_format", "username")])
    if session.scalar(select(User.id).where(User.username == name)):
        raise Invalid([_problem("username_taken", "username")])
    user = User(
        username=name,
        display_name=display_name,
        union_id=union.id if union else None,
        created_by=by.id,
        created_at=at,
        active=True,
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError as fault:
        raise Invalid([_problem("username_taken", "username")]) from fault
    record(session, "account.create", "user", user.id, by=by, at=at, after={"union": user.union_id})
    return user


def edit_user(
    session: Session, user: User, display_name: str, union: Union | None, version: int, *, by: Actor, at: datetime
) -> None:
    """Change the name shown and the union. Raises Stale with what is there now, StateForbids."""
    if user.version != version:
        raise Stale(current={"display_name": user.display_name, "union_name": user.union.name if user.union else ""})
    require_mine(session, user, by)
    before = user.union_id
    user.display_name, user.union_id = display_name, union.id if union else None
    user.version += 1
    session.flush()
    record(
        session, "account.edit", "user", user.id, by=by, at=at, before={"union": before}, after={"union": user.union_id}
    )


def assign_role(
    session: Session,
    user: User,
    role: str,
    scope_kind: str,
    scope_id: str | None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    *,
    by: Actor,
    at: datetime,
) -> RoleAssignment:
    """Give a role in a scope; it works from the user's next request on.

    Raises what `require_giving` and `give_role` raise, and StateForbids for a role that two people give
    (accounts/pairs/requests), unless the house itself gives it.
    """
    start = require_giving(session, user, role, (scope_kind, scope_id), (valid_from, valid_to), by=by, at=at)
    if role in BY_TWO and by is not SYSTEM:
        raise StateForbids("role_by_two", role=WORDS[role])
    return give_role(session, user, role, scope_kind, scope_id, start, valid_to, by=by, at=at)


def require_giving(
    session: Session,
    user: User,
    role: str,
    scope: tuple[str, str | None],
    validity: tuple[datetime | None, datetime | None],
    *,
    by: Actor,
    at: datetime,
) -> datetime:
    """The actor may give this role there, from the moment that is returned.

    Raises Invalid (a role that may do nothing, not this scope, not this giver, wrong validity), StateForbids (to oneself, or
    by one of three who would name another second).
    """
    (scope_kind, scope_id), (valid_from, valid_to) = scope, validity
    if by.id == user.id:
        raise StateForbids("role_to_self")
    if role in CODES and role not in GIVABLE:
        raise Invalid([_problem("role_idle", "role", role=WORDS[role])])
    if scope_kind not in scopes_of(role) or (scope_kind == "system") != (scope_id is None):
        kinds = "、".join(SCOPE_KINDS[kind] for kind in scopes_of(role))
        raise Invalid([_problem("role_scope", "role", role=WORDS.get(role, role), kinds=kinds)])
    start = valid_from or at
    if valid_to is not None and (valid_to <= start or valid_to <= at):
        raise Invalid([_problem("validity", "valid_to")])
    session.scalars(select(User.id).where(User.id == user.id).with_for_update()).one()
    session.refresh(user, ["roles"])
    if not may_give(session, by, role, scope_kind, scope_id):
        raise Invalid([_problem("role_not_yours", "role", role=WORDS[role])])
    if needs_second(session, _competition(session, scope_kind, scope_id), role, by):
        raise StateForbids("county_second_role", role=WORDS[role])
    return start


def give_role(
    session: Session,
    user: User,
    role: str,
    scope_kind: str,
    scope_id: str | None,
    start: datetime,
    valid_to: datetime | None,
    *,
    by: Actor,
    at: datetime,
) -> RoleAssignment:
    """The role is his, if it goes with what he holds; the caller has seen to it that `by` may give it.

    Raises Invalid (held already), StateForbids (together with a role that excludes it).
    """
    require_fitting(session, user, role, scope_kind, scope_id, start)
    assignment = RoleAssignment(
        user_id=user.id,
        role=role,
        scope_kind=scope_kind,
        scope_id=scope_id,
        valid_from=start,
        valid_to=valid_to,
        given_by=by.id,
    )
    session.add(assignment)
    session.flush()
    session.refresh(user, ["roles"])
    record(session, "role.give", "user", user.id, by=by, at=at, after={"role": role, "scope": [scope_kind, scope_id]})
    return assignment


def _competition(session: Session, scope_kind: str, scope_id: str | None) -> str | None:
    inside = scope_kind in ("competition", "event") and scope_id is not None
    return competition_of(session, scope_kind, scope_id) if inside and scope_id else None


def require_fitting(
    session: Session, user: User, role: str, scope_kind: str, scope_id: str | None, start: datetime
) -> None:
    """The role goes with what the user holds already. Raises Invalid (held already), StateForbids (excluded)."""
    if any(
        (row.role, row.scope_kind, row.scope_id) == (role, scope_kind, scope_id)
        and (row.valid_to is None or row.valid_to > start)
        for row in user.roles
    ):
        raise Invalid([_problem("role_held", "role", role=WORDS[role])])
    if role == ADMINISTRATOR and is_one_of_three(session, user.id):
        raise StateForbids("county_administrator")
    held = exclusive_with(session, user, role, scope_kind, scope_id)
    if held is not None:
        raise StateForbids("roles_exclusive", held=WORDS[held], wanted=WORDS[role])


def end_role(session: Session, assignment: RoleAssignment, *, by: Actor, at: datetime) -> None:
    """End a role at once; it no longer works from the user's next request on.

    One that was never used (he has not been signed in while he held it) is taken away altogether, so that a slip of the
    finger does not exclude anybody. Raises StateForbids (over already, own, not this giver's, the last administrator).
    """
    user = assignment.user
    if by.id == user.id:
        raise StateForbids("role_to_self")
    if assignment.valid_to is not None and assignment.valid_to <= at:
        raise StateForbids("role_ended")
    if not may_give(session, by, assignment.role, assignment.scope_kind, assignment.scope_id):
        raise StateForbids("account_not_yours", roles=WORDS[assignment.role])
    if assignment.role == ADMINISTRATOR:
        _require_another_administrator(session, user, at)
    record(
        session,
        "role.end",
        "user",
        user.id,
        by=by,
        at=at,
        before={"role": assignment.role, "scope": [assignment.scope_kind, assignment.scope_id]},
    )
    if _was_used(session, assignment):
        assignment.valid_to = at
    else:
        user.roles.remove(assignment)
    session.flush()


def reset_account(session: Session, user: User, *, by: Actor, at: datetime) -> str:
    """A new one-time code; the old password and all sign-ins end. Also opens a deactivated account again.

    Returns the code, which is not kept. Raises StateForbids (own account, roles out of reach, an account that two people
    reset unless the house itself does).
    """
    require_mine(session, user, by)
    if by is not SYSTEM and (roles := held_by_two(user, at)):
        raise StateForbids("reset_by_two", roles="、".join(WORDS[role] for role in roles))
    end_password(session, user, by=by, at=at)
    return issue_code(session, user, by=by, at=at)


def end_password(session: Session, user: User, *, by: Actor, at: datetime) -> None:
    """The password and all sign-ins are over, a deactivated account is open again; a code comes next."""
    user.password_hash, user.active = None, True
    close_all_sign_ins(session, user.id, by=by, at=at)
    record(session, "account.reset", "user", user.id, by=by, at=at)


def held_by_two(user: User, at: datetime) -> list[str]:
    """Roles of the user, in force or to come, for which two people reset his account."""
    held = {row.role for row in user.roles if row.valid_to is None or row.valid_to > at}
    return sorted(held & BY_TWO, key=position_of)


def deactivate(session: Session, user: User, *, by: Actor, at: datetime) -> None:
    """Close the account: no signing in, all sign-ins end, the password is gone. Raises StateForbids."""
    require_mine(session, user, by)
    if any(row.role == ADMINISTRATOR for row in user.roles):
        _require_another_administrator(session, user, at)
    user.active, user.password_hash = False, None
    close_all_sign_ins(session, user.id, by=by, at=at)
    record(session, "account.deactivate", "user", user.id, by=by, at=at)


def change_password(session: Session, user: User, password_hash: str, *, by: Actor, at: datetime) -> None:
    """Set one's own new password; one's other sign-ins end, the one at hand stays."""
    user.password_hash = password_hash
    close_all_sign_ins(session, user.id, by=by, at=at, but=by.sign_in_id)
    record(session, "account.password_changed", "user", user.id, by=by, at=at)


def require_mine(session: Session, user: User, by: Actor) -> None:
    """Not one's own account, and none with a role that the actor could not have given."""
    if by.id == user.id:
        raise StateForbids("own_account")
    if by is not SYSTEM and not is_administrator(by) and is_second(session, user.id):
        raise StateForbids("county_second_account")
    others = roles_out_of_reach(session, by, user)
    if others:
        raise StateForbids("account_not_yours", roles="、".join(WORDS[role] for role in others))


def _require_another_administrator(session: Session, user: User, at: datetime) -> None:
    """Locks the administrators' rows, so that two of them cannot remove each other at once."""
    if not session.scalars(administrators_but(user.id, at).with_for_update()).all():
        raise StateForbids("last_administrator")


def _was_used(session: Session, assignment: RoleAssignment) -> bool:
    if assignment.valid_from is None:
        return True
    seen = session.scalar(select(func.max(SignIn.seen_at)).where(SignIn.user_id == assignment.user_id))
    return seen is not None and seen + SEEN_LATE >= assignment.valid_from


def create_administrator(session: Session, username: str, *, at: datetime) -> str:
    """An administrator of the whole system with a one-time code, made at the command line. Raises Invalid."""
    user = create_user(session, username=username, display_name=username.strip(), union=None, by=SYSTEM, at=at)
    assign_role(session, user, ADMINISTRATOR, "system", None, by=SYSTEM, at=at)
    return issue_code(session, user, by=SYSTEM, at=at)


def _problem(code: str, where: str, **params: str) -> Problem:
    return Problem(f"invalid.account.{code}", where, params)
