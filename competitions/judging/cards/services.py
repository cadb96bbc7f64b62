"""Judges' cards: who may have one and when it works, issuing, revoking, signing in with one. Knows no request.

A card is two things that travel apart: the card (number in print, secret in the QR code) and the slip with the PIN.
Either alone opens nothing. What is printed is returned once and never kept (design.md §4.11, §6).
"""

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from competitions.accounts.models import SignIn, User
from competitions.accounts.passwords import hashed, token_hash
from competitions.accounts.sign_in.signing_in import Attempt, Caller, CardGrant, close_sign_ins_by_card, reserve
from competitions.audit.recording import record
from competitions.base import keyring
from competitions.base.database import new_id
from competitions.base.errors import NotFound, StateForbids
from competitions.base.permissions import Actor, Permission
from competitions.coding.models import Sitting
from competitions.judging.cards.models import JudgeCard
from competitions.judging.models import PanelMember
from competitions.judging.queries import JUDGING_DUTIES
from competitions.programme.models import Module, Stage
from competitions.programme.queries import stages_in_scope

BEFORE = timedelta(minutes=60)
"""How long before his first sitting a card works: judges are called in for the briefing about an hour ahead."""
AFTER = timedelta(hours=12)
"""How long after the start of his last sitting: a sitting has no end in the data; marking and signing are done within
the working day, and a password sign-in lasts as long (signing_in.ABSOLUTE).
"""
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of card numbers: without the letters and figures that are mistaken for each other."""


@dataclass(frozen=True, slots=True)
class CardSecrets:
    """A card to be: what is printed (number, secret, PIN) and the slow hash, worked out outside the transaction."""

    card_id: str
    number: str
    secret: str
    pin: str
    pin_hash: str


@dataclass(slots=True)
class SeatedJudge:
    """A judge of a stage: the modules that he marks and his sittings by time."""

    user: User
    modules: list[str] = field(default_factory=list)
    sittings: list[Sitting] = field(default_factory=list)

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """From when until when his card works; None while he has no sitting."""
        if not self.sittings:
            return None
        return self.sittings[0].starts_at - BEFORE, self.sittings[-1].starts_at + AFTER


@dataclass(frozen=True, slots=True)
class CardLine:
    """A line of the list: a judge, the card that works for him, when it was last used."""

    judge: SeatedJudge
    card: JudgeCard | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class CardAttempt:
    """A counted attempt with a card: `card_id` None when there is no card that works now."""

    attempt: Attempt
    card_id: str | None


def seated_judges(session: Session, stage_id: str, user_id: str | None = None) -> dict[str, SeatedJudge]:
    """User id → judge with modules and sittings, for those on a panel of the stage now (or the one named), in the order
    of the panels.
    """
    statement = (
        select(PanelMember)
        .join(PanelMember.module)
        .where(Module.stage_id == stage_id, PanelMember.duty.in_(JUDGING_DUTIES), PanelMember.left_at.is_(None))
    )
    if user_id is not None:
        statement = statement.where(PanelMember.user_id == user_id)
    members = session.scalars(
        statement.options(joinedload(PanelMember.user), joinedload(PanelMember.module)).order_by(
            Module.position, PanelMember.position, PanelMember.id
        )
    ).all()
    sittings = session.scalars(
        select(Sitting).where(Sitting.stage_id == stage_id).order_by(Sitting.starts_at, Sitting.position, Sitting.id)
    ).all()
    found: dict[str, SeatedJudge] = {}
    for member in members:
        judge = found.setdefault(member.user_id, SeatedJudge(member.user))
        judge.modules += [member.module.name] if member.module.name not in judge.modules else []
        judge.sittings = [sitting for sitting in sittings if sitting in judge.sittings or _sits(member, sitting)]
    return found


def _sits(member: PanelMember, sitting: Sitting) -> bool:
    return member.sitting_id in (None, sitting.id) and sitting.module_id in (None, member.module_id)


def card_lines(session: Session, stage_id: str) -> list[CardLine]:
    """The judges of a stage with their cards; a card that still works for somebody who has left is listed too."""
    judges = seated_judges(session, stage_id)
    cards = {
        card.user_id: card
        for card in session.scalars(
            select(JudgeCard)
            .where(JudgeCard.stage_id == stage_id, JudgeCard.revoked_at.is_(None))
            .options(joinedload(JudgeCard.user))
        )
    }
    judges |= {user_id: SeatedJudge(card.user) for user_id, card in cards.items() if user_id not in judges}
    seen: dict[str | None, datetime] = {
        card_id: at
        for card_id, at in session.execute(
            select(SignIn.card_id, func.max(SignIn.seen_at))
            .where(SignIn.card_id.in_([card.id for card in cards.values()]))
            .group_by(SignIn.card_id)
        )
    }
    return [
        CardLine(judge, card := cards.get(user_id), seen.get(card.id) if card else None)
        for user_id, judge in judges.items()
    ]


def fresh_secrets() -> CardSecrets:
    """A new card's random parts. Slow on purpose (argon2): call it outside a write transaction."""
    card_id, pin = new_id(), f"{secrets.randbelow(10**6):06}"
    number = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(2))
    return CardSecrets(card_id, number, secrets.token_urlsafe(16), pin, hashed(pin_text(card_id, pin)))


def pin_text(card_id: str, pin: str) -> str:
    """What is hashed for a PIN: six digits are soon tried out, so a key outside the database goes in (keyring.py)."""
    digits = "".join(unicodedata.normalize("NFKC", pin).split())
    return keyring.ring().blind_index("judge_card_pin", f"{card_id}|{digits}")


def issue_cards(session: Session, stage: Stage, fresh: Mapping[str, CardSecrets], *, by: Actor, at: datetime) -> None:
    """New cards for the judges of the stage with these user ids; their older ones stop working at once.

    Raises StateForbids for somebody who is not on a panel of the stage, has no sitting, or none that is not long over.
    """
    session.refresh(stage, with_for_update=True)  # two organisers issuing at once: one after the other
    judges = seated_judges(session, stage.id)
    older = {
        card.user_id: card
        for card in session.scalars(
            select(JudgeCard).where(
                JudgeCard.stage_id == stage.id, JudgeCard.user_id.in_(list(fresh)), JudgeCard.revoked_at.is_(None)
            )
        )
    }
    for user_id, made in fresh.items():
        judge = judges.get(user_id)
        if judge is None or judge.window is None:
            raise StateForbids("card_not_seated", name=session.get_one(User, user_id).display_name)
        if judge.window[1] <= at:
            raise StateForbids("card_too_late", name=judge.user.display_name)
        if user_id in older:
            revoke_card(session, older[user_id], by=by, at=at)
        session.add(
            JudgeCard(
                id=made.card_id,
                stage_id=stage.id,
                user_id=user_id,
                number=made.number,
                secret_hash=token_hash(made.secret),
                pin_hash=made.pin_hash,
                issued_by=by.id,
                issued_at=at,
            )
        )
        record(
            session, "card.issue", "judge_card", made.card_id, by=by, at=at, after={"stage": stage.id, "user": user_id}
        )
    session.flush()


def revoke_card(session: Session, card: JudgeCard, *, by: Actor, at: datetime) -> None:
    """Stop a card; sign-ins that it opened end with their next request. Raises StateForbids when it was stopped before."""
    session.refresh(card, with_for_update=True)  # in turn with a sign-in that is being opened by it
    if card.revoked_at is not None:
        raise StateForbids("card_revoked")
    card.revoked_at, card.revoked_by = at, by.id
    session.flush()
    close_sign_ins_by_card(session, card.id, at=at)
    record(session, "card.revoke", "judge_card", card.id, by=by, at=at, after={"user": card.user_id})


def card_in_scope(session: Session, actor: Actor, card_id: str, *permissions: Permission) -> JudgeCard:
    """A card of a stage in scope. Raises NotFound."""
    stages = stages_in_scope(actor, *permissions).with_only_columns(Stage.id)
    card = session.scalar(select(JudgeCard).where(JudgeCard.id == card_id, JudgeCard.stage_id.in_(stages)))
    if card is None:
        raise NotFound
    return card


def reserve_card_attempt(session: Session, number: str, secret: str, caller: Caller, at: datetime) -> CardAttempt:
    """Count an attempt with a card (named by the QR code's secret, else by its number) before its PIN is looked at.

    As strict as with passwords, and for a card that does not exist the same as for one that does.
    """
    shown = token_hash(secret) if secret.strip() else plain_number(number)
    named = JudgeCard.secret_hash == shown if secret.strip() else JudgeCard.number == shown
    card = session.scalar(select(JudgeCard).where(named).options(joinedload(JudgeCard.user)))
    key = f"card:{card.id}" if card else f"card:{token_hash(shown)[:32]}"
    if card is None or grant_of(session, card, at) is None:
        return CardAttempt(reserve(session, None, None, key, caller, at), None)
    return CardAttempt(reserve(session, card.user, card.pin_hash, key, caller, at), card.id)


def grant_of(session: Session, card: JudgeCard, at: datetime) -> CardGrant | None:
    """What a card opens at this moment; None when it is revoked, or its judge has left the panel, or it is not the time."""
    judge = seated_judges(session, card.stage_id, card.user_id).get(card.user_id)
    window = judge.window if judge else None
    if card.revoked_at is not None or window is None or not window[0] <= at < window[1]:
        return None
    return CardGrant(card.id, card.stage_id, window[1])


def grant_again(session: Session, card_id: str, at: datetime) -> CardGrant | None:
    """The same when the sign-in is written: a card revoked while its PIN was being verified opens nothing."""
    card = session.scalar(select(JudgeCard).where(JudgeCard.id == card_id).with_for_update())
    return grant_of(session, card, at) if card else None


def plain_number(number: str) -> str:
    """A typed card number as it is printed: capital letters, in two groups."""
    kept = "".join(c for c in unicodedata.normalize("NFKC", number).upper() if c.isalnum())
    return f"{kept[:4]}-{kept[4:]}"
