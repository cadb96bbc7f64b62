"""Sittings: when and where a stage is done, with how many stations. Knows no code. Never commits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import Invalid, Stale, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.coding.models import Lot, Sitting
from competitions.programme.models import Stage

FACTS = ("name", "place", "starts_at", "stations", "module_id")
"""What is typed of a sitting."""


def add_sitting(session: Session, stage: Stage, values: Mapping[str, Any], *, by: Actor, at: datetime) -> Sitting:
    """A new sitting at the end of the list. Raises Invalid when its name is taken in this stage."""
    count = session.scalar(select(func.count()).select_from(Sitting).where(Sitting.stage_id == stage.id)) or 0
    sitting = Sitting(stage_id=stage.id, position=count, **values)
    session.add(sitting)
    _flush(session)
    record(session, "sitting.add", "sitting", sitting.id, by=by, at=at, after={**_traced(sitting), "stage": stage.id})
    return sitting


def change_sitting(
    session: Session, sitting: Sitting, values: Mapping[str, Any], version: int, *, by: Actor, at: datetime
) -> None:
    """Change a sitting. Raises Stale when another editor was faster, Invalid when the name is taken or a station in use
    would be gone.
    """
    session.refresh(sitting, with_for_update=True)
    if sitting.version != version:
        raise Stale({**{name: getattr(sitting, name) for name in FACTS}, "version": sitting.version})
    highest = session.scalar(select(func.max(Lot.station)).where(Lot.sitting_id == sitting.id)) or 0
    if values["stations"] < highest:
        raise Invalid([Problem("invalid.sitting.stations_used", "stations", {"station": highest})])
    before = _traced(sitting)
    for name, value in values.items():
        setattr(sitting, name, value)
    sitting.version += 1
    _flush(session)
    record(session, "sitting.change", "sitting", sitting.id, by=by, at=at, before=before, after=_traced(sitting))


def remove_sitting(session: Session, sitting: Sitting, *, by: Actor, at: datetime) -> None:
    """Take a sitting away. Raises StateForbids when lots were drawn to it."""
    if session.scalar(select(Lot.id).where(Lot.sitting_id == sitting.id).limit(1)):
        raise StateForbids("sitting_in_use")
    record(session, "sitting.remove", "sitting", sitting.id, by=by, at=at, before=_traced(sitting))
    session.delete(sitting)
    session.flush()


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as fault:
        raise Invalid([Problem("invalid.sitting.name_taken", "name")]) from fault


def _traced(sitting: Sitting) -> dict[str, Any]:
    return {
        "name": sitting.name,
        "place": sitting.place,
        "starts_at": sitting.starts_at.isoformat(),
        "stations": sitting.stations,
        "module": sitting.module_id,
    }
