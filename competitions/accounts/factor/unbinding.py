"""Unbinding a lost phone: one asks for it, another agrees. Verbs; lost_phone says who may. Knows no request."""

from datetime import datetime

from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.accounts.factor import second_factor
from competitions.accounts.factor.lost_phone import KIND, is_only_administrator, may_decide
from competitions.accounts.giving import roles_out_of_reach
from competitions.accounts.models import ActOfTwo, SecondFactor, User
from competitions.accounts.queries import actor_of
from competitions.accounts.sign_in.signing_in import close_all_sign_ins
from competitions.audit.recording import record
from competitions.base.errors import NotFound, StateForbids
from competitions.base.permissions import SYSTEM, Actor
from competitions.base.reasons import reason_of
from competitions.base.roles import WORDS


def ask(session: Session, user: User, reason: str | None, *, by: Actor, at: datetime) -> ActOfTwo:
    """Propose to unbind the user's phone. Raises Invalid (no reason), StateForbids (one's own, roles out of reach, no phone,
    asked for already).
    """
    written = reason_of(reason, "factor.remove")
    second_person.require_other(by, user.id, code="own_account")
    others = roles_out_of_reach(session, by, user)
    if others:
        raise StateForbids("account_not_yours", roles="、".join(WORDS[role] for role in others))
    factor = _factor(session, user)
    if second_person.open_act(session, KIND, user.id) is not None:
        raise StateForbids("lost_phone_asked")
    act = second_person.propose(session, KIND, user.id, _what(factor), reason=written, by=by, at=at)
    record(session, "factor.lost_asked", "user", user.id, by=by, at=at, reason=written)
    return act


def agree(session: Session, user: User, *, by: Actor, at: datetime) -> None:
    """Unbind the phone; the user's sign-ins end, and where a role needs a second factor he binds another phone next.

    Raises StateForbids (nothing asked for, asked by oneself, another phone meanwhile), NotFound (not to be decided by him).
    """
    _require_deciding(session, user, by, at)
    act = second_person.decide(session, KIND, user.id, _what(_factor(session, user)), by=by, at=at)
    second_factor.remove(session, user.id, by=by, at=at, reason=act.reason)
    close_all_sign_ins(session, user.id, by=by, at=at)


def refuse(session: Session, user: User, *, by: Actor, at: datetime) -> None:
    """The second person does not agree, or the first one takes it back. Raises StateForbids, NotFound."""
    act = second_person.open_act(session, KIND, user.id)
    if act is None or act.proposed_by != by.id:
        _require_deciding(session, user, by, at)
    second_person.end(session, KIND, user.id, by=by, at=at)
    record(session, "factor.lost_refused", "user", user.id, by=by, at=at)


def unbind_only_administrator(session: Session, user: User, *, at: datetime) -> None:
    """The way of whoever runs the server, for the administrator who has nobody beside him. Raises StateForbids."""
    if not is_only_administrator(session, actor_of(user, at), at):
        raise StateForbids("lost_phone_two")
    _factor(session, user)
    second_factor.remove(session, user.id, by=SYSTEM, at=at, reason="lost")
    close_all_sign_ins(session, user.id, by=SYSTEM, at=at)


def _require_deciding(session: Session, user: User, by: Actor, at: datetime) -> None:
    if not may_decide(session, by, user, at):
        raise NotFound


def _factor(session: Session, user: User) -> SecondFactor:
    factor = second_factor.factor_of(session, user.id)
    if factor is None:
        raise StateForbids("factor_missing")
    return factor


def _what(factor: SecondFactor) -> dict[str, str]:
    return {"user": factor.user_id, "factor": factor.id}
