"""替补 by the organiser, after the final cut-off: the substitute takes over what the hall has given to the place.

The number of an entry stays with it, what was drawn for the place goes to the substitute (domain.md §11 no. 11); once
somebody is checked in, or his code is sealed, it is too late. Never commits.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from competitions.coding.binding import bind
from competitions.coding.models import CheckIn, CodeRow, CodeSheet, Lot
from competitions.programme.models import Stage
from competitions.registration.models import Entry
from competitions.registration.submitting import replace_entry


def replace_in_hall(
    session: Session,
    entry: Entry,
    person: Mapping[str, Any],
    reason: str,
    *,
    consent_version: int,
    by: Actor,
    at: datetime,
) -> Entry:
    """The organiser puts somebody else in the place of an entry; another organiser approves it. The lots go over.

    Raises StateForbids when the entry was checked in or its code is sealed, and what `replace_entry` raises.
    """
    require_before_hall(session, entry)
    following = replace_entry(
        session, entry, person, reason, consent_version=consent_version, by=by, at=at, as_organiser=True
    )
    lots = session.scalars(select(Lot).where(Lot.entry_id == entry.id)).all()
    for lot in lots:
        lot.entry_id = following.id
    session.flush()
    if lots:
        bind(session, [following.id], at)
        record(
            session,
            "lots.take_over",
            "entry",
            following.id,
            by=by,
            at=at,
            before={"entry": entry.id},
            after={"stages": sorted(lot.stage_id for lot in lots)},
        )
    return following


def require_before_hall(session: Session, entry: Entry) -> None:
    """Raises StateForbids when the entry was checked in, or its code is sealed, in any stage of its event."""
    # the stages are held as sealing and check-in hold them, so that neither happens meanwhile
    stages = session.scalars(
        select(Stage.id).where(Stage.event_id == entry.event_id).order_by(Stage.id).with_for_update()
    ).all()
    if session.scalar(select(CheckIn.id).where(CheckIn.stage_id.in_(stages), CheckIn.entry_id == entry.id).limit(1)):
        raise StateForbids("entry_checked_in")
    if session.scalar(
        select(CodeRow.id)
        .join(CodeSheet, CodeSheet.id == CodeRow.sheet_id)
        .where(CodeSheet.stage_id.in_(stages), CodeRow.source == entry.id, CodeSheet.sealed_at.is_not(None))
        .limit(1)
    ):
        raise StateForbids("entry_coded")
