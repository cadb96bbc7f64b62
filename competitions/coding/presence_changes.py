"""Another presence for somebody whose sheets are signed takes two: the steward proposes, the supervisor decides.

Never commits.
"""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from competitions.accounts import second_person
from competitions.audit.recording import record
from competitions.base.errors import Invalid, NotFound, StateForbids
from competitions.base.permissions import Actor, Permission
from competitions.base.reasons import reason_of
from competitions.coding.checking_in import PRESENCES, change_presence, is_signed_for
from competitions.coding.models import PresenceChange
from competitions.coding.progress import presence_changes
from competitions.coding.queries import lock
from competitions.programme.models import Event, Stage
from competitions.programme.queries import stages_in_scope

CHANGING = second_person.register_kind("presence.change", "签字后更改到场情况")


def propose_presence(
    session: Session, stage: Stage, entry_id: str, presence: str, reason: str, *, by: Actor, at: datetime
) -> PresenceChange:
    """The steward's part. Raises Invalid (value, reason), StateForbids (nothing is signed: he can do it alone; one waits)."""
    lock(session, stage)
    if presence not in PRESENCES:
        raise Invalid(code="invalid.presence")
    if stage.settled_at is not None:
        raise StateForbids("settled")
    if not is_signed_for(session, stage, entry_id):
        raise StateForbids("presence_unsigned")
    open_one = select(PresenceChange.id).where(
        PresenceChange.stage_id == stage.id, PresenceChange.entry_id == entry_id, PresenceChange.decided_at.is_(None)
    )
    if session.scalar(open_one.limit(1)):
        raise StateForbids("requested_already")
    words = reason_of(reason, "presence.change")
    change = PresenceChange(stage_id=stage.id, entry_id=entry_id, presence=presence, reason=words, by=by.id, at=at)
    session.add(change)
    session.flush()
    second_person.propose(session, CHANGING, change.id, _asked(change), reason=words, by=by, at=at)
    record(session, "presence.propose", "entry", entry_id, by=by, at=at, after=presence, stage=stage.id, reason=words)
    return change


def decide_presence(session: Session, change: PresenceChange, agreed: bool, *, by: Actor, at: datetime) -> None:
    """The supervisor's part; agreed, it holds at once. Raises StateForbids."""
    lock(session, change.stage)
    second_person.decide(session, CHANGING, change.id, _asked(change), agreed=agreed, by=by, at=at)
    change.decided_at = at
    if agreed:
        change_presence(session, change.stage, change.entry_id, change.presence, by=by, at=at)
    action = "presence.agree" if agreed else "presence.refuse"
    record(session, action, "entry", change.entry_id, by=by, at=at, after=change.presence, stage=change.stage_id)


def waiting_changes(actor: Actor) -> Select[PresenceChange]:
    """What waits for this supervisor, never what he proposed himself."""
    return (
        presence_changes(actor)
        .options(joinedload(PresenceChange.stage).joinedload(Stage.event).joinedload(Event.competition))
        .order_by(PresenceChange.at, PresenceChange.id)
    )


def change_in_scope(session: Session, actor: Actor, change_id: str) -> PresenceChange:
    """One of the changes that wait for this supervisor. Raises NotFound."""
    stages = stages_in_scope(actor, Permission.WITNESS).with_only_columns(Stage.id)
    found = session.scalar(
        select(PresenceChange).where(PresenceChange.id == change_id, PresenceChange.stage_id.in_(stages))
    )
    if found is None:
        raise NotFound
    return found


def _asked(change: PresenceChange) -> dict[str, str]:
    return {"stage": change.stage_id, "entry": change.entry_id, "presence": change.presence}
