"""Accounts by two people: one asks for a role or a reset, another agrees, each is shown half of the one-time code.

Verbs; `deciding` says who may agree. Callers have loaded the user within their scope. Never commits, knows no request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from competitions.accounts import second_person, services
from competitions.accounts.giving import may_give, roles_out_of_reach
from competitions.accounts.models import ActivationCode, ActOfTwo, User
from competitions.accounts.pairs import deciding
from competitions.accounts.pairs.models import AccountRequest
from competitions.accounts.passwords import new_half
from competitions.accounts.queries import actor_by_id
from competitions.accounts.sign_in.activation import half_digest, issue_second_half
from competitions.audit.recording import record
from competitions.base.database import new_id
from competitions.base.errors import NotFound, Refusal, StateForbids
from competitions.base.permissions import Actor
from competitions.base.roles import WORDS


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: its act, and the first half of the code, which is shown once (empty: he has a password)."""

    batch_id: str
    half: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """A person for whom it was agreed: the second half of the code, shown once (empty: he has a password)."""

    user: User
    half: str


def ask_for_role(
    session: Session,
    user: User,
    role: str,
    scope: tuple[str, str | None],
    validity: tuple[datetime | None, datetime | None] = (None, None),
    *,
    made: bool = False,
    by: Actor,
    at: datetime,
) -> Asked:
    """Ask that the user be given a role. Raises what giving it raises, StateForbids when it is asked for already."""
    start = services.require_giving(session, user, role, scope, validity, by=by, at=at)
    services.require_fitting(session, user, role, *scope, start)
    waiting = [each for _, each in deciding.open_requests(session, user.id)]
    if any((each.role, each.scope_kind, each.scope_id) == (role, *scope) for each in waiting):
        raise StateForbids("account_asked")
    half = new_half() if _needs_code(session, user, waiting, at) else ""
    row = AccountRequest(role=role, scope_kind=scope[0], scope_id=scope[1], made=made)
    row.valid_from, row.valid_to = validity
    return _ask(session, deciding.GIVING, user, row, half, by, at)


def ask_for_reset(session: Session, user: User, *, by: Actor, at: datetime) -> Asked:
    """Ask that the account be reset; until somebody agrees the password holds. Raises StateForbids."""
    services.require_mine(session, user, by)
    if any(each.role is None for _, each in deciding.open_requests(session, user.id)):
        raise StateForbids("account_asked")
    return _ask(session, deciding.RESETTING, user, AccountRequest(made=False), new_half(), by, at)


def _ask(session: Session, kind: str, user: User, row: AccountRequest, half: str, by: Actor, at: datetime) -> Asked:
    row.batch_id, row.position, row.user_id = new_id(), 1, user.id
    row.half_digest = half_digest(user.id, 1, half) if half else None
    session.add(row)
    session.flush()
    second_person.propose(session, kind, row.batch_id, what([row]), by=by, at=at)
    record(session, "account.asked", "user", user.id, by=by, at=at, after=told(row))
    return Asked(row.batch_id, half)


def _needs_code(session: Session, user: User, waiting: Sequence[AccountRequest], at: datetime) -> bool:
    """Whether the person can sign in neither now nor by a code that he has or will have."""
    if user.password_hash is not None or not user.active or any(each.half_digest for each in waiting):
        return False
    live = (ActivationCode.user_id == user.id, ActivationCode.used_at.is_(None), ActivationCode.expires_at > at)
    return not session.scalar(select(exists().where(*live)))


def what(rows: Sequence[AccountRequest]) -> list[Any]:
    """What the second person agrees to."""
    return [
        [each.user_id, each.role, each.scope_kind, each.scope_id, _iso(each.valid_from), _iso(each.valid_to)]
        + [each.half_digest]
        for each in sorted(rows, key=lambda each: each.position)
    ]


def told(row: AccountRequest) -> dict[str, Any]:
    """What the record says of a request."""
    return {"role": row.role, "scope": [row.scope_kind, row.scope_id]} if row.role else {"reset": True}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def agree(session: Session, batch_id: str, *, by: Actor, at: datetime) -> list[Agreed]:
    """It is done, for all of them or none; gives the second halves.

    Raises NotFound (not to be decided by him), StateForbids (one's own, not two people, one device; or it can no longer be
    done: who asked may do so no more, a role that excludes it meanwhile).
    """
    act, rows, users = _loaded(session, batch_id)
    second_person.require_other(by, act.proposed_by)
    if not deciding.may_agree(session, by, rows, users, at):
        raise NotFound
    second_person.decide(session, act.kind, batch_id, what(rows), by=by, at=at)
    asker = actor_by_id(session, act.proposed_by, at)
    if asker is None:
        raise StateForbids("account_asker")
    return [Agreed(users[row.user_id], _done(session, row, users[row.user_id], asker, by, at)) for row in rows]


def _done(session: Session, row: AccountRequest, user: User, asker: Actor, by: Actor, at: datetime) -> str:
    if row.role is None:
        if roles_out_of_reach(session, asker, user):
            raise StateForbids("account_asker")
        services.end_password(session, user, by=by, at=at)
    else:
        _give(session, row, row.role, user, asker, by, at)
    if row.half_digest is None:
        return ""
    return issue_second_half(session, user, row.half_digest, proposed_by=asker.id, by=by, at=at)


def _give(session: Session, row: AccountRequest, role: str, user: User, asker: Actor, by: Actor, at: datetime) -> None:
    kind = row.scope_kind or ""
    if not may_give(session, asker, role, kind, row.scope_id):
        raise StateForbids("account_asker")
    if row.valid_to is not None and row.valid_to <= at:
        raise StateForbids("account_late", role=WORDS[role])
    start = max(row.valid_from, at) if row.valid_from else at
    try:
        services.give_role(session, user, role, kind, row.scope_id, start, row.valid_to, by=by, at=at)
    except Refusal as fault:
        raise StateForbids("account_unfit", name=user.display_name, role=WORDS[role]) from fault


def end(session: Session, batch_id: str, *, by: Actor, at: datetime) -> None:
    """Nobody agrees: refused by one who could, or taken back by the one who asked. Accounts made for it go.

    Raises NotFound (neither of them), StateForbids.
    """
    act, rows, users = _loaded(session, batch_id)
    if act.proposed_by != by.id and not deciding.may_agree(session, by, rows, users, at):
        raise NotFound
    second_person.end(session, act.kind, batch_id, by=by, at=at)
    for row in rows:
        user = users[row.user_id]
        record(session, "account.not_agreed", "user", user.id, by=by, at=at, before=told(row))
        if row.made and not user.roles and user.password_hash is None and not _was_asked_again(session, user):
            session.delete(user)
    session.flush()


def _was_asked_again(session: Session, user: User) -> bool:
    coded = select(exists().where(ActivationCode.user_id == user.id))
    return bool(deciding.open_requests(session, user.id) or session.scalar(coded))


def _loaded(session: Session, batch_id: str) -> tuple[ActOfTwo, list[AccountRequest], dict[str, User]]:
    """Raises NotFound, StateForbids when it is decided already."""
    act, rows, users = deciding.batch(session, batch_id)
    if act.decided_at is not None:
        raise StateForbids("act_missing")
    return act, rows, users
