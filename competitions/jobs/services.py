"""What the asker does: ask for a job, cancel it, see its end, fetch its file. The worker's side is in claiming.py."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.database import new_id
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from competitions.jobs.kinds import Kind
from competitions.jobs.models import OPEN, Job
from competitions.jobs.sealing import digest, sealed

KEPT = timedelta(hours=24)
"""How long an ended job stays, and its file."""


def ask(session: Session, kind: Kind, parameters: Mapping[str, str], title: str, *, by: Actor, at: datetime) -> str:
    """Ask for a job; the same thing that is being done for the person already is that job. Returns its id."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    job_id, told = new_id(), digest(parameters)
    values = {
        "id": job_id,
        "kind": kind.name,
        "title": title[:200],
        "parameters": sealed(parameters, job_id),
        "digest": told,
        "user_id": by.id,
        "state": "waiting",
        "progress": 0,
        "tries": 0,
        "asked_at": at,
    }
    if session.scalar(insert(Job).values(**values).on_conflict_do_nothing().returning(Job.id)) is None:
        same = Job.user_id == by.id, Job.kind == kind.name, Job.digest == told, Job.state.in_(OPEN)
        return session.scalars(select(Job.id).where(*same)).one()
    record(session, "job.ask", "job", job_id, by=by, at=at, kind=kind.name)
    return job_id


def cancel(session: Session, job: Job, *, by: Actor, at: datetime) -> None:
    """Nobody waits for it any more: it is not begun, and whoever is at it stops. Raises StateForbids when it has ended."""
    ended = session.scalar(
        update(Job)
        .where(Job.id == job.id, Job.state.in_(OPEN))
        .values(state="cancelled", ended_at=at, expires_at=at + KEPT, seen_at=at)
        .returning(Job.id)
    )
    if ended is None:
        raise StateForbids("job_ended")
    record(session, "job.cancel", "job", job.id, by=by, at=at)


def see(session: Session, job: Job, *, at: datetime) -> None:
    """The asker saw how it ended: it is no longer among what waits for him."""
    session.execute(update(Job).where(Job.id == job.id, Job.seen_at.is_(None)).values(seen_at=at))


def fetch(session: Session, job: Job, *, by: Actor, at: datetime) -> None:
    """The asker fetches the file, which is recorded each time."""
    see(session, job, at=at)
    record(session, "job.fetch", "job", job.id, by=by, at=at, after={"file": job.sha256})
