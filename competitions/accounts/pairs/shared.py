"""The one device of a hall: which act may be begun and ended at it, naming it, ending that. Knows no page.

The profile of three who run a county contest names one too (accounts/three/county).
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from competitions.accounts.models import ActOfTwo, CountyProfile
from competitions.accounts.pairs.models import SharedDevice
from competitions.audit.reach import is_within
from competitions.audit.recording import record
from competitions.base.errors import Invalid, NotFound, StateForbids
from competitions.base.permissions import Actor, Permission, Scopes
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of


def may_share(session: Session, act: ActOfTwo, device: str) -> bool:
    """Whether the hall in which this act belongs has said that two people sit at this device."""
    return any(_lies_in(session, act, scopes) for scopes in _scopes_of(session, act, device))


def _scopes_of(session: Session, act: ActOfTwo, device: str) -> Iterator[Scopes]:
    """Where this browser is named: by a supervisor, or by three people (or in the very list that they agree to now)."""
    named = select(SharedDevice).where(SharedDevice.device == device, SharedDevice.ended_at.is_(None))
    for each in session.scalars(named):
        yield _scope(each)
    being_named = (CountyProfile.state == "proposed") & (CountyProfile.competition_id == act.object_id)
    holding = or_(CountyProfile.state == "agreed", being_named)
    for profile in session.scalars(select(CountyProfile).where(CountyProfile.device == device, holding)):
        yield Scopes(competitions=frozenset({profile.competition_id}))


def _lies_in(session: Session, act: ActOfTwo, scopes: Scopes) -> bool:
    inside = select(ActOfTwo.id).where(ActOfTwo.id == act.id, is_within(ActOfTwo.object_id, scopes))
    return session.scalar(inside) is not None


def _scope(each: SharedDevice) -> Scopes:
    ids = frozenset({each.scope_id})
    return Scopes(competitions=ids) if each.scope_kind == "competition" else Scopes(events=ids)


def halls_of(actor: Actor) -> dict[str, str]:
    """Scope id → kind: the halls that the actor supervises, for which he may name a device."""
    scopes = actor.scopes(Permission.APPROVE_REQUESTS)
    return dict.fromkeys(scopes.competitions, "competition") | dict.fromkeys(scopes.events, "event")


def named_in(session: Session, actor: Actor) -> list[SharedDevice]:
    """Devices that are named in the actor's halls, the newest first."""
    return list(
        session.scalars(
            select(SharedDevice)
            .where(SharedDevice.scope_id.in_(halls_of(actor)), SharedDevice.ended_at.is_(None))
            .order_by(SharedDevice.named_at.desc(), SharedDevice.id)
        )
    )


def name_device(
    session: Session, scope_id: str, device: str | None, name: str, reason: str, *, by: Actor, at: datetime
) -> SharedDevice:
    """The supervisor says that his hall has this one device, and why. Raises NotFound (no hall of his), Invalid, StateForbids
    (the browser keeps no token).
    """
    kind = halls_of(by).get(scope_id)
    if kind is None:
        raise NotFound
    if not name.strip():
        raise Invalid([Problem("invalid.shared_device.name", "name")])
    words = reason_of(reason, "device.share")
    if device is None:
        raise StateForbids("shared_device_unknown")
    made = SharedDevice(scope_kind=kind, scope_id=scope_id, device=device, named_by=by.id, named_at=at)
    made.name, made.reason = name.strip()[:40], words
    session.add(made)
    session.flush()
    record(session, "device.share", kind, scope_id, by=by, at=at, reason=made.reason, after={"name": made.name})
    return made


def end_sharing(session: Session, device_id: str, *, by: Actor, at: datetime) -> None:
    """From now on two people sit at two devices again. Raises NotFound."""
    found = session.get(SharedDevice, device_id)
    if found is None or found.ended_at is not None or found.scope_id not in halls_of(by):
        raise NotFound
    found.ended_by, found.ended_at = by.id, at
    session.flush()
    record(session, "device.end", found.scope_kind, found.scope_id, by=by, at=at, before={"name": found.name})
