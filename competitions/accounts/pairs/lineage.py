"""Whose hands an account has gone through: who was shown the one-time code, or half of it, from which its password comes.

Only the newest code counts, because it ended what was there before; a password that the holder changes since ends nothing,
for whoever was shown the code could have used it and changed the password himself. Questions; changes nothing.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts.models import ActivationCode
from competitions.base.permissions import SYSTEM


def issuers_of(session: Session, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """User id → who issued his newest code: one who was shown all of it, or two who were shown a half each. The house
    itself (the command line, the demonstration) is nobody.
    """
    rows = session.execute(
        select(ActivationCode.user_id, ActivationCode.issued_by, ActivationCode.agreed_by)
        .where(ActivationCode.user_id.in_(set(ids)))
        .order_by(ActivationCode.expires_at)
    )
    return {
        user_id: tuple(each for each in (issued, agreed) if each and each != SYSTEM.id)
        for user_id, issued, agreed in rows
    }


def in_one_hand(session: Session, user_id: str, others: Iterable[str]) -> bool:
    """Whether this person had a part in the code of one of the others, or one of them in his."""
    ids = set(others)
    issuers = issuers_of(session, {user_id, *ids})
    return bool(ids.intersection(issuers.get(user_id, ()))) or any(user_id in issuers.get(each, ()) for each in ids)


def are_apart(session: Session, one: str, other: str) -> bool:
    """Whether two accounts can be two people: neither had a part in the other's code, and no third person was shown the
    whole code of both, in however many steps.
    """
    return not in_one_hand(session, one, [other]) and root_of(session, one) != root_of(session, other)


def root_of(session: Session, user_id: str) -> str:
    """Who could be behind the account alone: whoever was shown its whole code, or who was shown that one's, and so on."""
    seen = {user_id}
    while len(issuers := issuers_of(session, (user_id,)).get(user_id, ())) == 1 and issuers[0] not in seen:
        [user_id] = issuers
        seen.add(user_id)
    return user_id
