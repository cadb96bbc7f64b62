"""Signing in and out: attempts, known devices, sign-in rows. Knows no request; the view sets the cookies.

The password is verified between two short transactions, never inside one (design.md §4.2).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, true, update
from sqlalchemy.orm import Session

from competitions.accounts.limits import count_attempt, forget_attempts, give_back_attempt
from competitions.accounts.models import KnownDevice, SignIn, User
from competitions.accounts.passwords import new_secret, normalised_username, token_hash
from competitions.accounts.queries import actor_of, sign_in_by_token, user_by_name
from competitions.accounts.settings import SIGN_IN_TRIES, SIGN_IN_TRIES_OF_ADDRESS
from competitions.accounts.sign_in.questions import Answer
from competitions.accounts.sign_in.slowing import Slowed, is_slow, slow_down
from competitions.audit.recording import record
from competitions.base.permissions import Actor
from competitions.base.settings import values

WINDOW = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
TOKEN_LENGTH = 43
"""Characters of a token of 256 bits (passwords.new_secret)."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt: the user found (or none), his hash, the counter to clear on success; what is slowed down is not
    verified.
    """

    user_id: str | None
    password_hash: str | None
    counter: str
    device_id: str | None
    browser_token: str | None = None
    slowed: Slowed = Slowed()


@dataclass(frozen=True, slots=True)
class Caller:
    """From where somebody signs in: address, the browser's own token, the answer to the question of a slow address."""

    address: str
    device_token: str | None = None
    answer: Answer = Answer()


@dataclass(frozen=True, slots=True)
class CardGrant:
    """What a judge's card opens: the card and its stage (ids), and until when."""

    card_id: str
    stage_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class OpenedSignIn:
    """A new sign-in: the tokens for the two cookies, and who it is."""

    token: str
    device_token: str | None
    actor: Actor


def reserve_attempt(session: Session, username: str, caller: Caller, at: datetime) -> Attempt:
    """Count the attempt before the password is looked at; commit, then look whether it is refused (too many in 15 minutes
    for an account: setting). A device known for this user has a counter of its own, so that a lock from elsewhere does
    not shut him out. From an address with many wrong tries (setting) an unknown device goes slowly.
    """
    name = normalised_username(username)
    user = user_by_name(session, name)
    return reserve(session, user, user.password_hash if user else None, f"account:{name[:64]}", caller, at)


def reserve(
    session: Session,
    user: User | None,
    secret_hash: str | None,
    key: str,
    caller: Caller,
    at: datetime,
) -> Attempt:
    """Count an attempt under `key` for a user whose secret (password, PIN of a card) has this hash, as reserve_attempt."""
    device = _known_device(session, user, caller.device_token)
    counter = f"sign_in:device:{device.id}" if device else f"sign_in:{key}"
    limits = values(session, (SIGN_IN_TRIES, SIGN_IN_TRIES_OF_ADDRESS))
    slowed = _slowed(session, caller, limits[SIGN_IN_TRIES_OF_ADDRESS.name], device, at)
    if slowed:  # counts for the address only: whoever is asked first has lost none of his tries
        return Attempt(None, None, counter, None, caller.device_token, slowed)
    tries, most = count_attempt(session, counter, at, WINDOW), limits[SIGN_IN_TRIES.name]
    user_id = user.id if user else None
    if tries == most + 1:  # told once, when the lock falls
        record(session, "sign_in.locked", "user", user_id, by=None, at=at, minutes=WINDOW.seconds // 60)
    alive = user is not None and user.active
    return Attempt(
        user_id if alive else None,
        secret_hash if alive else None,
        counter,
        device.id if device else None,
        caller.device_token,
        Slowed(wait=WINDOW.seconds if tries > most else 0),
    )


def _slowed(session: Session, caller: Caller, most: int, device: KnownDevice | None, at: datetime) -> Slowed:
    """Count an attempt of the address, and say what it asks of an unknown device."""
    tries = count_attempt(session, address_key(caller.address), at, WINDOW)
    if tries == most + 1:
        record(session, "sign_in.slowed", "user", None, by=None, at=at, minutes=WINDOW.seconds // 60)
    return slow_down(session, caller.address, caller.answer, at) if tries > most and device is None else Slowed()


def address_key(address: str) -> str:
    """Under what the attempts of an address are counted."""
    return f"sign_in:address:{address}"


def asks_question(session: Session, address: str, at: datetime) -> bool:
    """Whether somebody with an unknown device from this address is asked a question."""
    return is_slow(session, address_key(address), SIGN_IN_TRIES_OF_ADDRESS.value(session), at, WINDOW)


def record_failure(session: Session, attempt: Attempt, *, at: datetime) -> None:
    """Note a failed sign-in (no name: it may be a password typed in the wrong field)."""
    record(session, "sign_in.failed", "user", attempt.user_id, by=None, at=at)


def open_sign_in(
    session: Session, attempt: Attempt, address: str, agent: str, at: datetime, card: CardGrant | None = None
) -> OpenedSignIn:
    """A new sign-in row for the verified attempt, limited by the judge's card if it was one; remembers the device and
    clears the counter.
    """
    user = session.get_one(User, attempt.user_id)
    forget_attempts(session, attempt.counter)
    give_back_attempt(session, address_key(address))  # a whole hall of judges may share one address
    device_token, device_id = None, attempt.device_id
    if device_id is None:
        device_token = _kept_token(attempt.browser_token) or new_secret()
        device = KnownDevice(user_id=user.id, token_hash=token_hash(device_token), first_at=at)
        session.add(device)
        device_id = device.id
    token = new_secret()
    sign_in = SignIn(
        user_id=user.id,
        token_hash=token_hash(token),
        created_at=at,
        seen_at=at,
        address=address,
        expires_at=card.until if card else at + ABSOLUTE,
        agent=agent[:200],
        device_id=device_id,
        card_id=card.card_id if card else None,
        card_stage_id=card.stage_id if card else None,
    )
    session.add(sign_in)
    session.flush()
    actor = actor_of(user, at, sign_in)
    record(session, "sign_in.opened", "user", user.id, by=actor, at=at, sign_in=sign_in.id, card=sign_in.card_id)
    return OpenedSignIn(token, device_token, actor)


def close_sign_in(session: Session, sign_in_id: str, *, by: Actor, at: datetime) -> None:
    """Revoke one sign-in (signing out, or ending a session from the list)."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id, SignIn.revoked_at.is_(None)).values(revoked_at=at))
    record(session, "sign_in.closed", "sign_in", sign_in_id, by=by, at=at)


def close_all_sign_ins(session: Session, user_id: str, *, by: Actor, at: datetime, but: str | None = None) -> None:
    """Revoke every open sign-in of a user (password or state changed), `but` one that he is using."""
    others = true() if but is None else SignIn.id != but
    session.execute(
        update(SignIn).where(SignIn.user_id == user_id, SignIn.revoked_at.is_(None), others).values(revoked_at=at)
    )
    record(session, "sign_in.closed_all", "user", user_id, by=by, at=at)


def close_sign_in_left_open(session: Session, token: str | None, *, at: datetime) -> None:
    """Revoke the sign-in that the browser still has when the next person signs in on it: judges hand a tablet on."""
    found = sign_in_by_token(session, token_hash(token), at) if token else None
    if found is not None and found[0].sign_in_id:
        close_sign_in(session, found[0].sign_in_id, by=found[0], at=at)


def close_sign_ins_by_card(session: Session, card_id: str, *, at: datetime) -> None:
    """Revoke every open sign-in by a judge's card; the caller records why."""
    session.execute(update(SignIn).where(SignIn.card_id == card_id, SignIn.revoked_at.is_(None)).values(revoked_at=at))


def _kept_token(browser_token: str | None) -> str | None:
    """The token that the browser already has from another person's sign-in: two accounts in one browser are one device
    (security.md §2), which is how two acts of "two people" from one tablet are seen.
    """
    return browser_token if browser_token and len(browser_token) == TOKEN_LENGTH else None


def _known_device(session: Session, user: User | None, device_token: str | None) -> KnownDevice | None:
    if user is None or not device_token:
        return None
    return session.scalar(
        select(KnownDevice).where(KnownDevice.user_id == user.id, KnownDevice.token_hash == token_hash(device_token))
    )
