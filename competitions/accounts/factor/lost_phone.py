"""A phone that is lost, with its recovery codes: two people unbind it, neither of them its owner (design.md §4.15).

One who manages the account asks for it, another one agrees: for those who work in a competition its supervisor or an
administrator; for a supervisor, an approver and everybody else an administrator, or who reviews for a union above.
Knows no request.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.accounts.giving import is_administrator, other_administrators, overlap
from competitions.accounts.models import ActOfTwo, User
from competitions.accounts.queries import actor_of
from competitions.base.permissions import Actor, Permission
from competitions.base.roles import DECIDING, Reach, reach_of
from competitions.base.waiting import MOST, Waiting, cut
from competitions.organisations.models import Union

KIND = second_person.register_kind("factor.remove", "解除动态口令（手机丢失）")
IN_COMPETITIONS = ("competition", "event")


@dataclass(frozen=True, slots=True)
class LostPhone:
    """What was asked for and waits for the second person."""

    act: ActOfTwo
    user: User
    asked_by: str


def is_only_administrator(session: Session, actor: Actor, at: datetime) -> bool:
    """Whether the actor administers an installation that has no other administrator."""
    return is_administrator(actor) and not other_administrators(session, actor.id, at)


def asked_for(session: Session, user: User) -> LostPhone | None:
    """What was asked for on this account and waits for somebody."""
    act = second_person.open_act(session, KIND, user.id)
    names = {each.id: each.display_name for each in _users(session, [act.proposed_by])} if act else {}
    return LostPhone(act, user, names.get(act.proposed_by, "")) if act else None


def open_for(session: Session, actor: Actor, at: datetime) -> list[LostPhone]:
    """What waits for this person's decision, the oldest first."""
    rows = session.execute(
        select(ActOfTwo, User)
        .join(User, User.id == ActOfTwo.object_id)
        .where(ActOfTwo.kind == KIND, ActOfTwo.decided_at.is_(None), ActOfTwo.proposed_by != actor.id)
        .order_by(ActOfTwo.proposed_at, ActOfTwo.id)
    ).all()
    mine = [(act, user) for act, user in rows if may_decide(session, actor, user, at)]
    names = {user.id: user.display_name for user in _users(session, (act.proposed_by for act, _ in mine))}
    return [LostPhone(act, user, names.get(act.proposed_by, "")) for act, user in mine]


def is_waiting_for(session: Session, actor: Actor, lost: LostPhone, at: datetime) -> bool:
    """Whether it is this person who may decide on it."""
    return lost.act.proposed_by != actor.id and may_decide(session, actor, lost.user, at)


def waiting(session: Session, actor: Actor, at: datetime) -> list[Waiting]:
    """Lost phones that wait for this person."""
    found = open_for(session, actor, at) if may_ever_decide(actor) else []
    return cut(
        [
            Waiting(f"“{each.user.display_name}”手机丢失，申请解除动态口令", "accounts.lost_phones")
            for each in found[: MOST + 1]
        ]
    )


def may_decide(session: Session, actor: Actor, user: User, at: datetime) -> bool:
    """Whether the actor may be the second person for this account."""
    if actor.id == user.id or actor.card_id is not None:
        return False
    if is_administrator(actor) or is_above(session, actor, user):
        return True
    held = actor_of(user, at).assignments
    if any(each.role in DECIDING or each.scope_kind not in IN_COMPETITIONS for each in held):
        return False
    return bool(held) and all(is_supervised(session, actor, each.scope_kind, each.scope_id or "") for each in held)


def is_supervised(session: Session, actor: Actor, scope_kind: str, scope_id: str) -> bool:
    """Whether the actor supervises this event or competition, or something in it."""
    return any(
        overlap(session, (mine.scope_kind, mine.scope_id or ""), (scope_kind, scope_id))
        for mine in actor.assignments
        if Permission.APPROVE_REQUESTS in mine.permissions
    )


def is_above(session: Session, actor: Actor, user: User) -> bool:
    """Whether the actor reviews for a union strictly above the user's own."""
    path = session.scalar(select(Union.path).where(Union.id == user.union_id)) or ""
    tops = {each.scope_id for each in actor.assignments if reach_of(each.role) is Reach.BELOW}
    return any(f"/{top}/" in path and top != user.union_id for top in tops)


def may_ever_decide(actor: Actor) -> bool:
    """Whether somebody's account may ever wait for the actor, whoever it is."""
    return any(
        reach_of(each.role) in (Reach.EVERYWHERE, Reach.BELOW) or Permission.APPROVE_REQUESTS in each.permissions
        for each in actor.assignments
    )


def _users(session: Session, ids: Iterable[str]) -> list[User]:
    return list(session.scalars(select(User).where(User.id.in_(set(ids)))))
