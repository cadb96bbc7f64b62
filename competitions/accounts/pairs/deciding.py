"""Requests about accounts that wait for a second person, and who that may be (design.md promise 15). Questions only.

For the hall its supervisor or an administrator; for a supervisor, an approver and an administrator another
administrator, or who reviews for a union above. Knows no request.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, selectinload

from competitions.accounts import second_person
from competitions.accounts.factor.lost_phone import is_above, is_supervised, may_ever_decide
from competitions.accounts.giving import administrators_but, is_administrator
from competitions.accounts.models import ActOfTwo, RoleAssignment, User
from competitions.accounts.pairs import lineage
from competitions.accounts.pairs.models import AccountRequest
from competitions.accounts.queries import IN_COMPETITIONS
from competitions.base.errors import NotFound
from competitions.base.permissions import Actor
from competitions.base.roles import DECIDING, OF_HALL, WORDS
from competitions.base.waiting import MOST, Waiting, cut

GIVING = second_person.register_kind("account.give", "授予赛场、审定或管理角色")
RESETTING = second_person.register_kind("account.reset", "重置账号")
_KINDS = (GIVING, RESETTING)
Held = tuple[str, str, str | None]
"""Role, scope kind, scope id."""


@dataclass(frozen=True, slots=True)
class Request:
    """What one person asked for and another decides: its act, its rows in their order, their users by id, who asked."""

    act: ActOfTwo
    rows: list[AccountRequest]
    users: dict[str, User]
    asked_by: str

    @property
    def title(self) -> str:
        """Whom it is about, and what."""
        first = self.rows[0]
        name = self.users[first.user_id].display_name if first.user_id in self.users else "—"
        more = f"等 {len(self.rows)} 人" if len(self.rows) > 1 else ""
        deed = f"授予“{WORDS[first.role]}”" if first.role else "重置账号"
        return f"{name}{more}：{'授予赛场角色' if more and self.is_mixed else deed}"

    @property
    def is_mixed(self) -> bool:
        """Whether its rows are about different roles."""
        return len({row.role for row in self.rows}) > 1


def open_requests(session: Session, user_id: str) -> list[tuple[ActOfTwo, AccountRequest]]:
    """What is asked for on this account and waits for somebody, the oldest first."""
    rows = session.execute(
        select(ActOfTwo, AccountRequest)
        .join(AccountRequest, AccountRequest.batch_id == ActOfTwo.object_id)
        .where(ActOfTwo.kind.in_(_KINDS), ActOfTwo.decided_at.is_(None), AccountRequest.user_id == user_id)
        .order_by(ActOfTwo.proposed_at, ActOfTwo.id)
    )
    return [(act, row) for act, row in rows]


def asked_in(session: Session, scope_id: str) -> list[tuple[str, str, str]]:
    """Role, name and who asked, of all that waits for somebody in this scope, the oldest first."""
    asking = aliased(User)
    rows = session.execute(
        select(AccountRequest.role, User.display_name, asking.display_name)
        .join(ActOfTwo, ActOfTwo.object_id == AccountRequest.batch_id)
        .join(User, User.id == AccountRequest.user_id)
        .join(asking, asking.id == ActOfTwo.proposed_by)
        .where(ActOfTwo.kind == GIVING, ActOfTwo.decided_at.is_(None), AccountRequest.scope_id == scope_id)
        .order_by(ActOfTwo.proposed_at, AccountRequest.position)
    )
    return [(role or "", name, by) for role, name, by in rows]


def batch(session: Session, batch_id: str) -> tuple[ActOfTwo, list[AccountRequest], dict[str, User]]:
    """An act with its rows and their users. Raises NotFound."""
    act = session.scalar(select(ActOfTwo).where(ActOfTwo.kind.in_(_KINDS), ActOfTwo.object_id == batch_id))
    if act is None:
        raise NotFound
    [found] = _loaded(session, [act])
    return found.act, found.rows, found.users


def request_of(session: Session, batch_id: str) -> Request:
    """The same with who asked. Raises NotFound."""
    act, _, _ = batch(session, batch_id)
    return _loaded(session, [act])[0]


def _loaded(session: Session, acts: Sequence[ActOfTwo]) -> list[Request]:
    ids = [act.object_id for act in acts]
    rows: dict[str, list[AccountRequest]] = {each: [] for each in ids}
    ordered = select(AccountRequest).where(AccountRequest.batch_id.in_(ids)).order_by(AccountRequest.position)
    for row in session.scalars(ordered):
        rows[row.batch_id].append(row)
    about = {row.user_id for found in rows.values() for row in found} | {act.proposed_by for act in acts}
    people = select(User).where(User.id.in_(about)).options(selectinload(User.roles), selectinload(User.union))
    users = {user.id: user for user in session.scalars(people)}
    return [
        Request(
            act,
            rows[act.object_id],
            {row.user_id: users[row.user_id] for row in rows[act.object_id] if row.user_id in users},
            users[act.proposed_by].display_name if act.proposed_by in users else "—",
        )
        for act in acts
    ]


def asked_by(session: Session, actor: Actor) -> list[Request]:
    """What the actor asked for and waits, the oldest first."""
    return _loaded(session, _open_acts(session, ActOfTwo.proposed_by == actor.id))


def open_for(session: Session, actor: Actor, at: datetime) -> list[Request]:
    """What waits for this person's decision, the oldest first."""
    if not may_ever_decide(actor):
        return []
    found = _loaded(session, _open_acts(session, ActOfTwo.proposed_by != actor.id))
    return [each for each in found if may_agree(session, actor, each.rows, each.users, at)]


def _open_acts(session: Session, *conditions: object) -> list[ActOfTwo]:
    return list(
        session.scalars(
            select(ActOfTwo)
            .where(ActOfTwo.kind.in_(_KINDS), ActOfTwo.decided_at.is_(None), *conditions)  # type: ignore[arg-type]
            .order_by(ActOfTwo.proposed_at, ActOfTwo.id)
        )
    )


def waiting(session: Session, actor: Actor, at: datetime) -> list[Waiting]:
    """Requests about accounts that this person can agree to."""
    found = open_for(session, actor, at)
    return cut([Waiting(f"{each.title}，等待同意", "accounts.requests") for each in found[: MOST + 1]])


def may_agree(
    session: Session, actor: Actor, rows: Sequence[AccountRequest], users: Mapping[str, User], at: datetime
) -> bool:
    """Whether the actor may be the second person for all of these."""
    if actor.card_id is not None or any(row.user_id not in users for row in rows):
        return False
    return all(_may_agree(session, actor, row, users[row.user_id], at) for row in rows)


def _may_agree(session: Session, actor: Actor, row: AccountRequest, user: User, at: datetime) -> bool:
    if actor.id == user.id:
        return False
    if is_administrator(actor):
        return True
    held = _concerned(row, user, at)
    if any(role not in OF_HALL or role in DECIDING or kind not in IN_COMPETITIONS for role, kind, _ in held):
        return is_above(session, actor, user)
    return all(is_supervised(session, actor, kind, scope_id or "") for _, kind, scope_id in held)


def _concerned(row: AccountRequest, user: User, at: datetime) -> list[Held]:
    """The role that is asked for; for a reset all that whoever has the code could do, now or later."""
    if row.role is not None and row.half_digest is None:
        return [(row.role, row.scope_kind or "", row.scope_id)]
    held: list[Held] = [
        (each.role, each.scope_kind, each.scope_id)
        for each in user.roles
        if each.valid_to is None or each.valid_to > at
    ]
    return [*held, (row.role, row.scope_kind or "", row.scope_id)] if row.role else held


def deciders(rows: Iterable[AccountRequest], users: Mapping[str, User], at: datetime) -> str:
    """Who may agree, in words."""
    held = [each for row in rows if row.user_id in users for each in _concerned(row, users[row.user_id], at)]
    if all(role in OF_HALL - DECIDING and kind in IN_COMPETITIONS for role, kind, _ in held):
        return "该赛事的监督员，或一位系统管理员"
    return "另一位系统管理员，或上级工会的审核人"


def an_administrator_is_apart(session: Session, actor: Actor, at: datetime) -> bool:
    """Whether an administrator can be the second person for what this one asks for."""
    ids = session.scalars(select(RoleAssignment.user_id).where(RoleAssignment.id.in_(administrators_but(actor.id, at))))
    return any(lineage.are_apart(session, actor.id, each) for each in ids)
