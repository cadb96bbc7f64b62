"""Deleting what the consent text promises to delete: ID numbers, phones and whatever else of a person the published
result does not need, twelve months after a competition was archived (consent.py; security.md §1, 44). Verbs; no request.

Names, units, levels and everything published stay. The statements go past the flush: what is archived stays closed to
every other change (programme/archive_guard.py), and nobody but the command calls this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Update, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.clock import beijing
from competitions.base.permissions import Actor
from competitions.programme.models import Competition
from competitions.registration.ground import chunks
from competitions.registration.member_values import emptied
from competitions.registration.models import Entry, EntryMember, Worker
from competitions.uploads.queries import expired
from competitions.uploads.services import expire


@dataclass(frozen=True, slots=True)
class PurgedCompetition:
    """A competition kept long enough, and how many members of its entries still had (have) personal data."""

    id: str
    name: str
    archived_at: datetime
    members: int


@dataclass(frozen=True, slots=True)
class Purge:
    """What goes, or went: members by competition, people across competitions, uploads past their 24 hours."""

    until: datetime
    competitions: tuple[PurgedCompetition, ...]
    workers: int
    uploads: int

    def document(self) -> dict[str, Any]:
        """As the command prints it: ids, names of competitions and counts, nothing of a person."""
        return {
            "archived_until": self.until.isoformat(),
            "workers": self.workers,
            "uploads": self.uploads,
            "competitions": [
                {"id": each.id, "name": each.name, "archived_at": each.archived_at.isoformat(), "members": each.members}
                for each in self.competitions
            ],
        }


def kept_since(at: datetime) -> datetime:
    """The same moment a year (twelve months) ago by the Beijing calendar: what was archived until then is deleted."""
    local = beijing(at)
    if (local.month, local.day) == (2, 29):
        local = local.replace(day=28)
    return local.replace(year=local.year - 1)


def planned(session: Session, at: datetime) -> Purge:
    """What `purge` would delete now; changes nothing."""
    until = kept_since(at)
    return Purge(
        until,
        tuple(_due_competitions(session, until)),
        session.scalar(select(func.count(Worker.id)).where(_needed_nowhere(until))) or 0,
        expired(session, at),
    )


def purge(session: Session, *, by: Actor, at: datetime) -> Purge:
    """Empty what is due and record it: a record for each competition, one for each batch of people. A second run finds
    nothing and records nothing.
    """
    until = kept_since(at)
    emptied = []
    for found in _due_competitions(session, until):
        members = _empty_members(session, found.id, at)
        if members:
            record(session, "personal_data.purge", "competition", found.id, by=by, at=at, after={"count": members})
            emptied.append(PurgedCompetition(found.id, found.name, found.archived_at, members))
    workers = _empty_workers(session, until, by=by, at=at)
    uploads = expire(session, at)
    if uploads:
        record(session, "personal_data.purge", "upload", None, by=by, at=at, after={"count": uploads})
    return Purge(until, tuple(emptied), workers, uploads)


def _due(until: datetime) -> ColumnElement[bool]:
    return and_(Competition.state == "archived", Competition.archived_at <= until)


def _due_competitions(session: Session, until: datetime) -> Sequence[PurgedCompetition]:
    rows = session.execute(
        select(Competition.id, Competition.name, Competition.archived_at, func.count(EntryMember.id))
        .join(Entry, Entry.competition_id == Competition.id)
        .join(EntryMember, EntryMember.entry_id == Entry.id)
        .where(_due(until), EntryMember.purged_at.is_(None))
        .group_by(Competition.id, Competition.name, Competition.archived_at)
        .order_by(Competition.archived_at, Competition.id)
    )
    return [PurgedCompetition(key, name, archived_at or until, members) for key, name, archived_at, members in rows]


def _empty_members(session: Session, competition_id: str, at: datetime) -> int:
    entries = select(Entry.id).where(Entry.competition_id == competition_id)
    return _changed(
        session,
        update(EntryMember)
        .where(EntryMember.entry_id.in_(entries), EntryMember.purged_at.is_(None))
        .values(**emptied(), purged_at=at),
    )


def _needed_nowhere(until: datetime) -> ColumnElement[bool]:
    """Condition on Worker: still readable, known longer than that, and in no entry of a competition that is not due."""
    elsewhere = exists().where(
        EntryMember.worker_id == Worker.id,
        Entry.id == EntryMember.entry_id,
        Competition.id == Entry.competition_id,
        or_(Competition.state != "archived", Competition.archived_at.is_(None), Competition.archived_at > until),
    )
    return and_(Worker.id_number_index.is_not(None), Worker.created_at <= until, ~elsewhere)


def _empty_workers(session: Session, until: datetime, *, by: Actor, at: datetime) -> int:
    """Held first, in the order in which entering holds them, and judged anew when held: somebody who is entered into
    another competition at this very moment stays.
    """
    held = session.scalars(
        select(Worker.id).where(_needed_nowhere(until)).order_by(Worker.id_number_index).with_for_update()
    ).all()
    emptied = 0
    for part in chunks(held):
        ids = session.scalars(
            select(Worker.id).where(Worker.id.in_(part), _needed_nowhere(until)).order_by(Worker.id)
        ).all()
        if ids:
            _changed(session, update(Worker).where(Worker.id.in_(ids)).values(id_number=None, id_number_index=None))
            record(
                session,
                "personal_data.purge",
                "worker",
                None,
                by=by,
                at=at,
                after={"count": len(ids), "ids": list(ids)},
            )
        emptied += len(ids)
    return emptied


def _changed(session: Session, statement: Update) -> int:
    return cast(CursorResult[Any], session.execute(statement.execution_options(synchronize_session=False))).rowcount
