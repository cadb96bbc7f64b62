"""Questions about corrections of entries. Knows no request."""

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from competitions.accounts.models import ActOfTwo
from competitions.base.errors import NotFound
from competitions.base.permissions import Actor, Permission
from competitions.organisations.models import PLACE, Union
from competitions.programme.models import Competition
from competitions.registration.corrections.models import KIND, EntryCorrection, EntryCorrectionDecision
from competitions.registration.models import Entry
from competitions.registration.queries import entry_scope

MOST_DELEGATIONS = 500


def corrections_of(session: Session, entry_id: str) -> list[EntryCorrection]:
    """Every correction of an entry, oldest first, with what became of it."""
    return list(
        session.scalars(
            select(EntryCorrection)
            .where(EntryCorrection.entry_id == entry_id)
            .options(joinedload(EntryCorrection.decision))
            .order_by(EntryCorrection.number)
        )
    )


def correction_of(session: Session, entry: Entry, correction_id: str) -> EntryCorrection:
    """A correction of this entry. Raises NotFound."""
    found = session.get(EntryCorrection, correction_id)
    if found is None or found.entry_id != entry.id:
        raise NotFound
    return found


def open_corrections() -> Select[EntryCorrection]:
    """Corrections on which nobody has decided, with their entries; asked from the few acts that are open."""
    decided = select(EntryCorrectionDecision.id).where(EntryCorrectionDecision.correction_id == EntryCorrection.id)
    return (
        select(EntryCorrection)
        .join(ActOfTwo, ActOfTwo.object_id == EntryCorrection.entry_id)
        .join(EntryCorrection.entry)
        .options(contains_eager(EntryCorrection.entry))
        .where(ActOfTwo.kind == KIND, ActOfTwo.decided_at.is_(None), ~decided.exists())
    )


def corrections_to_decide(session: Session, actor: Actor, limit: int) -> list[EntryCorrection]:
    """What waits for this actor as the second person, oldest first; never what he has proposed himself."""
    return list(
        session.scalars(
            open_corrections()
            .join(Entry.competition)
            .options(contains_eager(EntryCorrection.entry, Entry.competition))
            .options(joinedload(EntryCorrection.entry, Entry.event))
            .where(
                Competition.state != "archived",
                EntryCorrection.by != actor.id,
                entry_scope(session, actor, Permission.APPROVE_ENTRY_CORRECTION),
            )
            .order_by(EntryCorrection.at, EntryCorrection.id)
            .limit(limit)
        )
    )


def delegations_for(session: Session, entry: Entry) -> list[Union]:
    """The sides that the entry may count for: what sends a delegation, what lies directly below its root, and its own."""
    root = entry.delegation.path.split("/")[1]
    return list(
        session.scalars(
            select(Union)
            .where(or_(Union.delegation, Union.parent_id == root, Union.id == entry.delegation_id))
            .order_by(PLACE, Union.name)
            .limit(MOST_DELEGATIONS)
        )
    )
