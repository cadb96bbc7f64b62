"""One's own jobs: which there are, what waits to be seen, whether there is something for a worker. Knows no kind."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from competitions.base.errors import NotFound, StateForbids
from competitions.base.kept_files import KeptFile
from competitions.base.permissions import Actor
from competitions.base.waiting import MOST, Waiting, cut
from competitions.jobs.models import Job

LISTED = 50
UNATTENDED = timedelta(minutes=2)
"""A job that waits so long while nothing runs: there is no worker."""


def own(actor: Actor, at: datetime) -> Select[Job]:
    """The actor's jobs that are not over yet and not older than their time."""
    return select(Job).where(Job.user_id == actor.id, or_(Job.expires_at.is_(None), Job.expires_at > at))


def own_jobs(session: Session, actor: Actor, at: datetime) -> Sequence[Job]:
    """The newest of them first."""
    return session.scalars(own(actor, at).order_by(Job.asked_at.desc(), Job.id).limit(LISTED)).all()


def own_job(session: Session, actor: Actor, job_id: str, at: datetime) -> Job:
    """One of the actor's own jobs. Raises NotFound; somebody else's looks like none."""
    found = session.scalar(own(actor, at).where(Job.id == job_id))
    if found is None:
        raise NotFound
    return found


def file_of(session: Session, job: Job) -> KeptFile:
    """The file that a job made. Raises StateForbids when there is none (any more)."""
    of_job = KeptFile.owner_kind == "job", KeptFile.owner_id == job.id
    found = session.scalar(select(KeptFile).where(*of_job)) if job.filename else None
    if found is None:
        raise StateForbids("job_without_file")
    return found


def ahead_of(session: Session, job: Job) -> int:
    """How many come before a job that waits."""
    earlier = or_(Job.asked_at < job.asked_at, and_(Job.asked_at == job.asked_at, Job.id < job.id))
    before = or_(Job.state == "running", and_(Job.state == "waiting", earlier))
    return session.scalar(select(func.count(Job.id)).where(before)) or 0


def is_unattended(session: Session, job: Job, at: datetime) -> bool:
    """Whether a job has waited for long and nothing is being done at all."""
    if job.state != "waiting" or job.asked_at + UNATTENDED > at:
        return False
    return session.scalar(select(Job.id).where(Job.state == "running").limit(1)) is None


def is_due(session: Session, at: datetime) -> bool:
    """Whether a worker finds something: a job that waits, or one whose worker is gone."""
    gone = and_(Job.state == "running", Job.lease_until <= at)
    return session.scalar(select(Job.id).where(or_(Job.state == "waiting", gone)).limit(1)) is not None


def waiting(session: Session, actor: Actor, at: datetime) -> list[Waiting]:
    """What the person asked for and has not seen the end of."""
    ended = own(actor, at).where(Job.state.in_(("done", "failed")), Job.seen_at.is_(None))
    found = session.scalars(ended.order_by(Job.expires_at, Job.id).limit(MOST + 1)).all()
    return cut([Waiting(_sentence(job), "jobs.job", {"job_id": job.id}, until=job.expires_at) for job in found])


def _sentence(job: Job) -> str:
    if job.state == "failed":
        return f"“{job.title}”没有做成，请查看原因。"
    if job.filename:
        return f"“{job.title}”已做好，请下载。"
    return f"“{job.title}”已完成，请查看结果。"
