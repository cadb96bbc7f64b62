"""三人办赛 is proposed by an organiser, agreed to by the second of the three, ended by an organiser. Never commits.

Callers have loaded the competition within their scope. Knows it by id only, and no event but by the ids that it is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.accounts.models import CountyProfile, RoleAssignment, User
from competitions.accounts.services import give_role
from competitions.accounts.three import county
from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.roles import ADMINISTRATOR, OF_EVENT, of_three

NAMING = second_person.register_kind("county.profile", "三人办赛")


@dataclass(frozen=True, slots=True)
class Device:
    """The browser that the proposer sits at, named as the one that the three share."""

    name: str
    reason: str


def propose_three(
    session: Session, competition_id: str, three: Sequence[User], device: Device | None, *, by: Actor, at: datetime
) -> CountyProfile:
    """The first act: who the three are, in their order, and what they share. Raises Invalid, StateForbids (one
    waits, the proposer is the second himself).
    """
    if county.proposed(session, competition_id):
        raise StateForbids("county_waits")
    _require_three(session, three)
    second_person.require_other(by, three[1].id, code="county_second_is_you")
    profile = CountyProfile(competition_id=competition_id, proposed_by=by.id, proposed_at=at)
    profile.first_id, profile.second_id, profile.third_id = (user.id for user in three)
    if device is not None:
        profile.device_name, profile.device_reason = _named(device)
        profile.device = second_person.device_of(session, by)
    session.add(profile)
    session.flush()
    second_person.propose(session, NAMING, competition_id, _what(profile), reason=profile.device_reason, by=by, at=at)
    record(session, "county.propose", "competition", competition_id, by=by, at=at, after=_traced(profile))
    return profile


def _named(device: Device) -> tuple[str, str]:
    for where, written in (("device_name", device.name), ("device_reason", device.reason)):
        if not written.strip():
            raise Invalid([Problem(f"invalid.county.{where}", where)])
    return device.name.strip(), device.reason.strip()


def _require_three(session: Session, three: Sequence[User]) -> None:
    """Three people who cannot take over the account of the second. Raises Invalid."""
    if len({user.id for user in three}) < 3:
        raise Invalid([Problem("invalid.county.not_three", "third_id")])
    for where, user in zip(("first_id", "second_id", "third_id"), three, strict=True):
        if any(row.role == ADMINISTRATOR for row in user.roles):
            raise Invalid([Problem("invalid.county.administrator", where, {"name": user.display_name})])
    first, second, third = three
    if county.knew_code_of(session, second.id, (first.id, third.id)):
        raise Invalid([Problem("invalid.county.code_known", "second_id", {"name": second.display_name})])


def decide_three(
    session: Session, profile: CountyProfile, agreed: bool, events: Sequence[str], *, by: Actor, at: datetime
) -> None:
    """The second of the three agrees, and each gets his roles in these events (ids); or he refuses.

    Raises StateForbids: nothing waits, somebody else, roles that do not go together; Invalid as proposing does.
    """
    if by.id != profile.second_id:
        raise StateForbids("county_not_second")
    second_person.decide(session, NAMING, profile.competition_id, _what(profile), agreed=agreed, by=by, at=at)
    if agreed:
        _require_three(session, people_of(session, profile))
        _replace(session, profile.competition_id)
    _decided(session, profile, "agreed" if agreed else "refused", by, at)
    if agreed:
        give_three(session, profile, events, by=by, at=at)


def take_back_three(session: Session, profile: CountyProfile, *, by: Actor, at: datetime) -> None:
    """The one who proposed it takes it back. Raises StateForbids: nothing waits, it is another's."""
    if by.id != profile.proposed_by:
        raise StateForbids("county_of_another")
    second_person.end(session, NAMING, profile.competition_id, by=by, at=at)
    _decided(session, profile, "refused", by, at)


def end_three(session: Session, profile: CountyProfile, *, by: Actor, at: datetime) -> None:
    """All exclusions hold again for what is given from now on; roles that were given stay until they are ended."""
    profile.state = "ended"
    session.flush()
    record(session, "county.end", "competition", profile.competition_id, by=by, at=at, before=_traced(profile))


def give_three(session: Session, profile: CountyProfile, events: Sequence[str], *, by: Actor, at: datetime) -> int:
    """Give each of the three what he lacks in these events; how many roles were given. The second has agreed to it, so
    whoever does it may be one of them. Raises StateForbids for one who holds something that excludes it.
    """
    given = 0
    for number, user in enumerate(people_of(session, profile), 1):
        for event_id in events:
            for role in of_three(number):
                if role in OF_EVENT and not _holds(user, role, event_id, at):
                    give_role(session, user, role, "event", event_id, at, None, by=by, at=at)
                    given += 1
    return given


def lacking(
    session: Session, profile: CountyProfile, events: Sequence[str], at: datetime
) -> list[tuple[User, str, str]]:
    """Who of the three lacks which of his roles in which event (id)."""
    return [
        (user, role, event_id)
        for number, user in enumerate(people_of(session, profile), 1)
        for event_id in events
        for role in of_three(number)
        if role in OF_EVENT and not _holds(user, role, event_id, at)
    ]


def people_of(session: Session, profile: CountyProfile) -> list[User]:
    """The three, in their order."""
    users = {user.id: user for user in session.scalars(select(User).where(User.id.in_(profile.people)))}
    return [users[user_id] for user_id in profile.people]


def _holds(user: User, role: str, event_id: str, at: datetime) -> bool:
    def here(row: RoleAssignment) -> bool:
        return (row.role, row.scope_kind, row.scope_id) == (role, "event", event_id)

    return any(here(row) and (row.valid_to is None or row.valid_to > at) for row in user.roles)


def _replace(session: Session, competition_id: str) -> None:
    before = county.in_force(session, competition_id)
    if before is not None:
        before.state = "replaced"
        session.flush()


def _decided(session: Session, profile: CountyProfile, state: str, by: Actor, at: datetime) -> None:
    profile.state, profile.decided_by, profile.decided_at = state, by.id, at
    session.flush()
    action = "county.agree" if state == "agreed" else "county.refuse"
    record(session, action, "competition", profile.competition_id, by=by, at=at, after=_traced(profile))


def _what(profile: CountyProfile) -> dict[str, Any]:
    """What the second agrees to."""
    return {"profile": profile.id, "people": profile.people, "device": [profile.device, profile.device_reason]}


def _traced(profile: CountyProfile) -> dict[str, Any]:
    return {"profile": profile.id, "people": list(profile.people), "device": profile.device is not None}
