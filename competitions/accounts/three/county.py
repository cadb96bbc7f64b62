"""三人办赛: whether three named people run a competition, and what follows from it. Questions; changes nothing.

What the profile lifts is a matter of `base/roles` (which of the three holds which roles). Knows competitions by id only.
"""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts.models import ActivationCode, ActOfTwo, CountyProfile
from competitions.accounts.scope_names import described
from competitions.audit.reach import is_within
from competitions.base.permissions import Actor, Scopes
from competitions.base.roles import DECIDING, lifted


def in_force(session: Session, competition_id: str) -> CountyProfile | None:
    """The profile that holds for a competition, if one does."""
    return session.scalar(
        select(CountyProfile).where(CountyProfile.competition_id == competition_id, CountyProfile.state == "agreed")
    )


def proposed(session: Session, competition_id: str) -> CountyProfile | None:
    """The profile that waits for the second of its three people."""
    return session.scalar(
        select(CountyProfile).where(CountyProfile.competition_id == competition_id, CountyProfile.state == "proposed")
    )


def may_hold_both(session: Session, competition_id: str | None, user_id: str, one: str, other: str) -> bool:
    """Whether the profile lets this person hold two roles that exclude each other elsewhere."""
    number = lifted(one, other)
    if not number or competition_id is None:
        return False
    profile = in_force(session, competition_id)
    return profile is not None and profile.people[number - 1] == user_id


def may_sign_own(session: Session, competition_id: str, user_id: str) -> bool:
    """Whether he signs sheets that he marked himself: the chief judge of three, who may be the only judge. Somebody else
    has confirmed each of them.
    """
    profile = in_force(session, competition_id)
    return profile is not None and profile.third_id == user_id


def is_second(session: Session, user_id: str) -> bool:
    """Whether acts of two wait for this person as the second of three: his account is out of the others' reach."""
    return _names(session, CountyProfile.second_id == user_id)


def is_one_of_three(session: Session, user_id: str) -> bool:
    """Whether a profile in force names the person."""
    columns = (CountyProfile.first_id, CountyProfile.second_id, CountyProfile.third_id)
    return any(_names(session, column == user_id) for column in columns)


def _names(session: Session, condition: object) -> bool:
    where = (CountyProfile.state == "agreed", condition)
    return session.scalar(select(CountyProfile.id).where(*where).limit(1)) is not None  # type: ignore[arg-type]


def needs_second(session: Session, competition_id: str | None, role: str, by: Actor) -> bool:
    """Whether one of the three would give a role that decides on what he himself begins."""
    if role not in DECIDING or competition_id is None:
        return False
    profile = in_force(session, competition_id)
    return profile is not None and by.id in profile.people


def knew_code_of(session: Session, user_id: str, others: Collection[str]) -> bool:
    """Whether one of the others issued the person's newest one-time code, and so could have used it himself."""
    newest = select(ActivationCode.issued_by).where(ActivationCode.user_id == user_id)
    return session.scalar(newest.order_by(ActivationCode.expires_at.desc()).limit(1)) in others


def named_devices(session: Session, scopes: Scopes) -> list[CountyProfile]:
    """The profiles that have named a device in these competitions (or those of these events), whether or not they hold."""
    named = select(CountyProfile).where(
        CountyProfile.device.is_not(None), CountyProfile.state.in_(("agreed", "replaced", "ended"))
    )
    if not scopes.system:
        over = {each.competition_id for each in described(session, scopes.events).values()}
        named = named.where(CountyProfile.competition_id.in_(scopes.competitions | over))
    return list(session.scalars(named.order_by(CountyProfile.proposed_at.desc())))


def explained(session: Session, acts: Sequence[ActOfTwo], named: Iterable[CountyProfile]) -> dict[str, CountyProfile]:
    """Id of an act → the profile of its competition that had named the device at which both people sat."""
    found: dict[str, CountyProfile] = {}
    for profile in named:
        here = Scopes(competitions=frozenset({profile.competition_id}))
        at_it = [
            act.id
            for act in acts
            if act.decided_at
            and profile.proposed_at <= act.decided_at
            and profile.device == act.proposed_device == act.decided_device
        ]
        inside = select(ActOfTwo.id).where(ActOfTwo.id.in_(at_it), is_within(ActOfTwo.object_id, here))
        found |= dict.fromkeys(session.scalars(inside) if at_it else (), profile)
    return found
