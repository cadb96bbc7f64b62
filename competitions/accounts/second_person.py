"""Every act that takes two people: one proposes exactly this, another decides on exactly that (design.md §8).

A feature names its kinds with `register_kind`; its services call `propose` and `decide` in the transaction of the act.
Knows no feature's objects: an act is about an id and a digest of what was proposed. Never commits.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts.models import ActOfTwo, KnownDevice, User
from competitions.accounts.pairs import lineage, shared
from competitions.audit.chain import digest
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor

KINDS: dict[str, str] = {}
"""Kind of act → its words."""


def register_kind(kind: str, words: str) -> str:
    """Make a kind of act known; gives the kind back. Raises ValueError for a kind that has other words."""
    if KINDS.setdefault(kind, words) != words:
        raise ValueError(f"{kind} is registered twice")
    return kind


def propose(
    session: Session, kind: str, object_id: str, what: Any, *, reason: str = "", by: Actor, at: datetime
) -> ActOfTwo:
    """The first person's part: `what` (JSON-able, no personal values in clear) is what the second decides on.

    Raises KeyError for a kind that is not registered; the database refuses a second open act of the kind on the object.
    """
    KINDS[kind]
    act = ActOfTwo(
        kind=kind,
        object_id=object_id,
        digest=digest(what),
        reason=reason,
        proposed_by=by.id,
        proposed_sign_in=by.sign_in_id,
        proposed_device=device_of(session, by),
        proposed_at=at,
    )
    session.add(act)
    session.flush()
    return act


def decide(
    session: Session, kind: str, object_id: str, what: Any, *, agreed: bool = True, by: Actor, at: datetime
) -> ActOfTwo:
    """The second person's part: agrees, or refuses, to what was proposed.

    Raises StateForbids: nothing is proposed, the same person (or one behind whom he could be), the same device, or `what`
    is no longer what was proposed.
    """
    act = _open_act(session, kind, object_id)
    require_other(by, act.proposed_by)
    if agreed:
        _require_two(session, act, by)
    if agreed and act.digest is not None and act.digest != digest(what):
        raise StateForbids("act_changed")
    _end(session, act, "agreed" if agreed else "refused", by, at)
    return act


def end(session: Session, kind: str, object_id: str, *, by: Actor, at: datetime) -> ActOfTwo:
    """A proposal that does not come about: refused by another person, taken back by the one who made it.

    Raises StateForbids when nothing is proposed.
    """
    act = _open_act(session, kind, object_id)
    _end(session, act, "taken_back" if act.proposed_by == by.id else "refused", by, at)
    return act


def require_other(by: Actor, *others: str | None, code: str = "second_person") -> None:
    """The actor is none of these people (ids). Raises StateForbids with the code."""
    if by.id in others:
        raise StateForbids(code)


def require_apart(session: Session, by: Actor, *others: str | None, code: str = "second_person") -> None:
    """The actor is none of these people (ids), had no part in the code of their accounts, nor they in his.

    Raises StateForbids.
    """
    require_other(by, *others, code=code)
    if lineage.in_one_hand(session, by.id, (each for each in others if each)):
        raise StateForbids("account_in_hand")


def open_act(session: Session, kind: str, object_id: str) -> ActOfTwo | None:
    """The act of this kind that waits for its second person, if any."""
    return session.scalar(
        select(ActOfTwo).where(ActOfTwo.kind == kind, ActOfTwo.object_id == object_id, ActOfTwo.decided_at.is_(None))
    )


def device_of(session: Session, actor: Actor) -> str | None:
    """The browser that the actor signed in with: the same for two accounts in one browser, if it keeps its token."""
    device = session.get(KnownDevice, actor.device_id) if actor.device_id else None
    return device.token_hash if device else actor.device_id


def names_in(session: Session, acts: Iterable[ActOfTwo]) -> dict[str, str]:
    """User id → name of everybody who began or decided one of these acts."""
    ids = {person for act in acts for person in (act.proposed_by, act.decided_by) if person}
    return {user.id: user.display_name for user in session.scalars(select(User).where(User.id.in_(ids)))}


def _open_act(session: Session, kind: str, object_id: str) -> ActOfTwo:
    found = open_act(session, kind, object_id)
    if found is None:
        raise StateForbids("act_missing")
    session.refresh(found, with_for_update=True)
    if found.decided_at is not None:
        raise StateForbids("act_missing")
    return found


def _require_two(session: Session, act: ActOfTwo, by: Actor) -> None:
    """Two accounts behind which there can be two people, at two devices (unless the hall has said that it has one)."""
    if not lineage.are_apart(session, by.id, act.proposed_by):
        raise StateForbids("account_in_hand")
    device = device_of(session, by)
    if device and device == act.proposed_device and not shared.may_share(session, act, device):
        raise StateForbids("second_device")


def _end(session: Session, act: ActOfTwo, answer: str, by: Actor, at: datetime) -> None:
    act.answer, act.decided_by, act.decided_at = answer, by.id, at
    act.decided_sign_in, act.decided_device = by.sign_in_id, device_of(session, by)
    session.flush()
