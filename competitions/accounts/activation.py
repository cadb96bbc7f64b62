"""One-time activation codes: issued by the next union up or an administrator, used once. Knows no request."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from competitions.accounts.limits import count_attempt
from competitions.accounts.models import ActivationCode, User
from competitions.accounts.passwords import new_activation_code, normalised_username, token_hash
from competitions.accounts.queries import actor_of
from competitions.accounts.signing_in import Caller, close_all_sign_ins
from competitions.accounts.slowing import Slowed, slow_down
from competitions.audit.recording import record
from competitions.base.errors import Invalid
from competitions.base.permissions import Actor

LIFE = timedelta(hours=24)
WINDOW = timedelta(hours=1)
PER_NAME = 10
PER_ADDRESS = 50


def issue_code(session: Session, user: User, *, by: Actor, at: datetime) -> str:
    """A new one-time code for the user; earlier unused ones stop working. Returns the code, which is not kept."""
    session.execute(
        update(ActivationCode)
        .where(ActivationCode.user_id == user.id, ActivationCode.used_at.is_(None))
        .values(expires_at=at)
    )
    code = new_activation_code()
    session.add(ActivationCode(user_id=user.id, code_hash=token_hash(code), expires_at=at + LIFE, issued_by=by.id))
    record(session, "account.code_issued", "user", user.id, by=by, at=at)
    return code


def reserve_activation(session: Session, username: str, caller: Caller, *, at: datetime) -> Slowed:
    """Count an attempt, in a transaction of its own before the code is looked at, and say what it has to do first: there
    were too many for the name, or the address is slow.
    """
    from_address = count_attempt(session, address_key(caller.address), at, WINDOW)
    slowed = slow_down(session, caller.address, caller.answer, at) if from_address > PER_ADDRESS else Slowed()
    if slowed:
        return slowed
    tries = count_attempt(session, f"activation:{normalised_username(username)[:64]}", at, WINDOW)
    if tries == PER_NAME + 1:
        record(session, "account.activation_locked", "user", None, by=None, at=at)
    return Slowed(wait=WINDOW.seconds if tries > PER_NAME else 0)


def address_key(address: str) -> str:
    """Under what the attempts of an address are counted."""
    return f"activation:address:{address}"


def record_failed_activation(session: Session, *, at: datetime) -> None:
    """Note a failed activation (no name: it may be a password typed in the wrong field)."""
    record(session, "account.activation_failed", "user", None, by=None, at=at)


def activate(session: Session, username: str, code: str, password_hash: str, address: str, *, at: datetime) -> None:
    """Set the password of the user who holds the code and end his other sign-ins.

    Raises Invalid (same words for a wrong name, a wrong, used or old code).
    """
    name = normalised_username(username)
    row = session.scalar(
        select(ActivationCode)
        .join(User, User.id == ActivationCode.user_id)
        .where(
            ActivationCode.code_hash == token_hash(code.strip().upper()),
            User.username == name,
            User.active,
            ActivationCode.used_at.is_(None),
            ActivationCode.expires_at > at,
        )
        .with_for_update(of=ActivationCode)
    )
    if row is None:
        raise Invalid(code="invalid.activation")
    row.used_at = at
    user = session.get_one(User, row.user_id)
    user.password_hash = password_hash
    actor = actor_of(user, at)
    close_all_sign_ins(session, user.id, by=actor, at=at)
    record(session, "account.activated", "user", user.id, by=actor, at=at, address=address)
