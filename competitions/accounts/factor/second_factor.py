"""The second factor of an account: codes made by a phone (RFC 6238), and recovery codes for when it is not at hand.

The secret lies sealed with the key ring, recovery codes as keyed digests; a code or recovery code works once. Knows who
needs a second factor; knows no request.
"""

import hmac
import json
import secrets
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from competitions.accounts.giving import competition_of
from competitions.accounts.limits import count_attempt, forget_attempts
from competitions.accounts.models import RecoveryCode, SecondFactor, User
from competitions.accounts.queries import actor_of
from competitions.accounts.settings import SECOND_FACTOR, SIGN_IN_TRIES
from competitions.accounts.three import county
from competitions.audit.recording import record
from competitions.base import keyring
from competitions.base.errors import Invalid
from competitions.base.permissions import Actor, Assignment
from competitions.base.problems import Problem
from competitions.base.roles import USUALLY_WITH_FACTOR, WITH_FACTOR
from competitions.base.settings import DEMONSTRATION, Setting

ISSUER = "职工技能竞赛"
SECONDS = 30
DRIFT = 1
"""Time steps by which a phone's clock may be early or late."""
RECOVERY_CODES = 10
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
WINDOW = timedelta(minutes=15)
OFFER_LIFE = timedelta(minutes=15)
"""How long a page with a new QR code may be used."""


class Asked(StrEnum):
    """What is asked of somebody beside his password."""

    NOTHING = "nothing"
    CODE = "code"
    ENROLMENT = "enrolment"


def needing(session: Session, profile: str) -> frozenset[str]:
    """Roles that need a second factor in this installation; none in a demonstration. With the profile "open" a choice of
    the administrator counts, not the default.
    """
    if session.get(Setting, DEMONSTRATION) is not None:
        return frozenset()
    if profile == "dengbao3":
        return WITH_FACTOR
    stored = session.scalar(select(Setting.value).where(Setting.name == SECOND_FACTOR.name))
    level = 0 if stored is None and profile == "open" else SECOND_FACTOR.read(stored)
    return (frozenset[str](), USUALLY_WITH_FACTOR, WITH_FACTOR)[level]


def asked_of(session: Session, user: User, profile: str, at: datetime) -> Asked:
    """What is asked of this user when he signs in: a code when he has a phone, else a phone when one of his roles needs it."""
    if factor_of(session, user.id) is not None:
        return Asked.CODE
    return Asked.ENROLMENT if needing_of(session, actor_of(user, at), profile) else Asked.NOTHING


def needing_of(session: Session, actor: Actor, profile: str) -> list[str]:
    """Which of the actor's roles need a second factor here. What one of three people does in the competition that they run
    needs none, except where everybody's does (dengbao3).
    """
    strict, roles = profile == "dengbao3", needing(session, profile)
    held = [each for each in actor.assignments if each.role in roles]
    return list(dict.fromkeys(each.role for each in held if strict or not _is_of_three(session, actor, each)))


def _is_of_three(session: Session, actor: Actor, held: Assignment) -> bool:
    if held.scope_id is None or held.scope_kind not in ("competition", "event"):
        return False
    competition_id = competition_of(session, held.scope_kind, held.scope_id)
    found = county.in_force(session, competition_id) if competition_id else None
    return found is not None and actor.id in found.people


def factor_of(session: Session, user_id: str) -> SecondFactor | None:
    """The user's second factor, if he has one."""
    return session.scalar(select(SecondFactor).where(SecondFactor.user_id == user_id))


def codes_left(session: Session, factor: SecondFactor) -> int:
    """How many recovery codes have not been used."""
    unused = (RecoveryCode.factor_id == factor.id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count(RecoveryCode.id)).where(*unused)) or 0


def offer(user_id: str, at: datetime) -> str:
    """A new secret for this user's phone, sealed for the page that shows it; the database knows nothing of it yet."""
    until = int((at + OFFER_LIFE).timestamp())
    document = json.dumps({"secret": pyotp.random_base32(), "until": until})
    return keyring.ring().seal(document, "second_factor", "offer", user_id)


def offered(sealed: str, user_id: str, at: datetime) -> str | None:
    """The secret of an offer made to this user; None for anything else, and when the time is over."""
    try:
        document = json.loads(keyring.ring().open(sealed, "second_factor", "offer", user_id))
    except ValueError:
        return None
    return str(document["secret"]) if document["until"] > at.timestamp() else None


def phone_address(secret: str, username: str) -> str:
    """What the QR code says to the phone."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def reserve_code(session: Session, user_id: str, device_id: str | None, at: datetime) -> bool:
    """Count an attempt, in a transaction of its own before the code is looked at; False when there were too many. A known
    device counts for itself, as with passwords.
    """
    tries, most = count_attempt(session, _counter(user_id, device_id), at, WINDOW), SIGN_IN_TRIES.value(session)
    if tries == most + 1:
        record(session, "sign_in.code_locked", "user", user_id, by=None, at=at, minutes=WINDOW.seconds // 60)
    return tries <= most


def record_failed_code(session: Session, user_id: str, *, at: datetime) -> None:
    """Note a code that was wrong or used."""
    record(session, "sign_in.code_failed", "user", user_id, by=None, at=at)


def _counter(user_id: str, device_id: str | None) -> str:
    return f"sign_in:code:device:{device_id}" if device_id else f"sign_in:code:account:{user_id}"


def enrol(session: Session, user: User, secret: str, typed: str, *, by: Actor, at: datetime) -> list[str]:
    """Bind the phone that shows this code; another phone and its recovery codes stop working. Returns the new recovery
    codes, which are not kept. Raises Invalid when the code is not the phone's.
    """
    step = _step_of(secret, typed, at)
    if step is None:
        raise _fault("factor_code")
    before = factor_of(session, user.id)
    if before is not None:
        session.delete(before)
        session.flush()
    factor = SecondFactor(user_id=user.id, secret="", last_step=step, created_at=at)
    factor.secret = keyring.ring().seal(secret, "second_factor", "secret", factor.id)
    session.add(factor)
    session.flush()
    record(session, "factor.replace" if before else "factor.enrol", "user", user.id, by=by, at=at)
    return _new_codes(session, factor)


def accept(
    session: Session, user_id: str, typed: str, device_id: str | None = None, *, by: Actor, at: datetime
) -> None:
    """Take a code of the phone or a recovery code, once. Raises Invalid: neither, or used before."""
    factor = factor_of(session, user_id)
    if factor is None:
        raise _fault("factor_code")
    plain = _plain(typed)
    if len(plain) == 6 and plain.isdecimal():
        _accept_code(session, factor, plain, at)
    else:
        _accept_recovery(session, factor, plain, by, at)
    forget_attempts(session, _counter(user_id, device_id))


def _accept_code(session: Session, factor: SecondFactor, code: str, at: datetime) -> None:
    secret = keyring.ring().open(factor.secret, "second_factor", "secret", factor.id)
    step = _step_of(secret, code, at)
    if step is None:
        raise _fault("factor_code")
    free = (SecondFactor.id == factor.id, SecondFactor.last_step < step)
    taken = session.execute(update(SecondFactor).where(*free).values(last_step=step).returning(SecondFactor.id))
    if taken.scalar() is None:  # used before, or sent twice at once
        raise _fault("factor_used")


def _accept_recovery(session: Session, factor: SecondFactor, code: str, by: Actor, at: datetime) -> None:
    unused = (
        RecoveryCode.factor_id == factor.id,
        RecoveryCode.digest == _digest(factor.id, code),
        RecoveryCode.used_at.is_(None),
    )
    taken = session.execute(update(RecoveryCode).where(*unused).values(used_at=at).returning(RecoveryCode.id))
    if taken.scalar() is None:
        raise _fault("factor_code")
    record(
        session,
        "factor.recovery_used",
        "user",
        factor.user_id,
        by=by,
        at=at,
        after={"left": codes_left(session, factor)},
    )


def renew_codes(session: Session, user_id: str, *, by: Actor, at: datetime) -> list[str]:
    """New recovery codes; the old ones stop working. Raises Invalid for somebody without a phone."""
    factor = factor_of(session, user_id)
    if factor is None:
        raise _fault("factor_code")
    record(session, "factor.codes_renewed", "user", user_id, by=by, at=at)
    return _new_codes(session, factor)


def remove(session: Session, user_id: str, *, by: Actor, at: datetime, reason: str = "") -> None:
    """Unbind the phone; its codes and recovery codes stop working."""
    factor = factor_of(session, user_id)
    if factor is not None:
        session.delete(factor)
        session.flush()
        record(session, "factor.remove", "user", user_id, by=by, at=at, reason=reason or None)


def _new_codes(session: Session, factor: SecondFactor) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.factor_id == factor.id))
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(factor_id=factor.id, digest=_digest(factor.id, _plain(code))) for code in codes)
    session.flush()
    return codes


def _new_code() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(2))


def _digest(factor_id: str, code: str) -> str:
    return keyring.ring().keyed_digest("recovery_code", f"{factor_id}|{code}")


def _plain(typed: str) -> str:
    """As it is compared: without blanks and hyphens, in capital letters."""
    return "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c.isalnum())


def _step_of(secret: str, typed: str, at: datetime) -> int | None:
    """The time step whose code this is; None when it is none of those that may be shown now."""
    now, generator, plain = int(at.timestamp()) // SECONDS, pyotp.HOTP(secret), _plain(typed).encode()
    near = range(now - DRIFT, now + DRIFT + 1)
    return next((step for step in near if hmac.compare_digest(generator.at(step).encode(), plain)), None)


def _fault(code: str) -> Invalid:
    return Invalid([Problem(f"invalid.{code}", "code")], code=f"invalid.{code}")
