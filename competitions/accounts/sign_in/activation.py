"""One-time activation codes: issued by the next union up or an administrator, used once. Knows no request."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from competitions.accounts.limits import count_attempt
from competitions.accounts.models import ActivationCode, User
from competitions.accounts.passwords import HALF, new_activation_code, new_half, normalised_username, token_hash
from competitions.accounts.queries import actor_of
from competitions.accounts.sign_in.signing_in import Caller, close_all_sign_ins
from competitions.accounts.sign_in.slowing import Slowed, slow_down
from competitions.audit.recording import record
from competitions.base import keyring
from competitions.base.errors import Invalid
from competitions.base.permissions import Actor

LIFE = timedelta(hours=24)
WINDOW = timedelta(hours=1)
PER_NAME = 10
PER_ADDRESS = 50


def issue_code(session: Session, user: User, *, by: Actor, at: datetime) -> str:
    """A new one-time code for the user; earlier unused ones stop working. Returns the code, which is not kept."""
    _end_codes(session, user, at)
    code = new_activation_code()
    session.add(ActivationCode(user_id=user.id, code_hash=token_hash(code), expires_at=at + LIFE, issued_by=by.id))
    record(session, "account.code_issued", "user", user.id, by=by, at=at)
    return code


def issue_second_half(
    session: Session, user: User, first_digest: str, *, proposed_by: str, by: Actor, at: datetime
) -> str:
    """The code of which another person was shown the first half (its digest) works from now on, for as long as any.

    Returns the second half, which is not kept; neither of the two has seen the other's.
    """
    _end_codes(session, user, at)
    half = new_half()
    code_hash = _joined(first_digest, half_digest(user.id, 2, half))
    code = ActivationCode(user_id=user.id, code_hash=code_hash, expires_at=at + LIFE, issued_by=proposed_by)
    code.agreed_by = by.id
    session.add(code)
    record(session, "account.code_issued", "user", user.id, by=by, at=at)
    return half


def half_digest(user_id: str, place: int, half: str) -> str:
    """How a half of a code is kept: keyed, for 20 bits would be guessed from a copy of the database."""
    return keyring.ring().keyed_digest("activation_half", f"{user_id}|{place}|{half}")


def _joined(first: str, second: str) -> str:
    return token_hash(first + second)


def _hashes_of(user_id: str, typed: str) -> list[str]:
    """As what a typed code may be kept: whole, or two halves of two people."""
    code = typed.strip().upper()
    plain = "".join(each for each in code if each.isalnum())
    if len(plain) != 2 * HALF:
        return [token_hash(code)]
    return [_joined(half_digest(user_id, 1, plain[:HALF]), half_digest(user_id, 2, plain[HALF:]))]


def _end_codes(session: Session, user: User, at: datetime) -> None:
    session.execute(
        update(ActivationCode)
        .where(ActivationCode.user_id == user.id, ActivationCode.used_at.is_(None), ActivationCode.expires_at > at)
        .values(expires_at=at)
    )


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
    found = session.scalar(select(User.id).where(User.username == normalised_username(username), User.active))
    row = session.scalar(
        select(ActivationCode)
        .where(
            ActivationCode.code_hash.in_(_hashes_of(found or "", code)),
            ActivationCode.user_id == found,
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
