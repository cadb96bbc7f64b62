"""The queue, as a worker sees it: claim, renew, end, give back. Each is one UPDATE that asks for the state it changes, so that
two workers never have the same job. Knows no kind.
"""

from datetime import datetime, timedelta

from sqlalchemy import Update, case, delete, or_, select, update
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.kept_files import KeptFile, ReadyFile, end, link
from competitions.jobs.models import OPEN, Job
from competitions.jobs.services import KEPT

LEASE = timedelta(seconds=60)
"""How long a worker has a job without saying that it lives."""
MOST_TRIES = 2
"""Begun once more after a crash, and then no more."""
LONGEST_WAIT = timedelta(hours=24)
"""Nobody waits for a job longer than this."""


def claim(session: Session, worker: str, at: datetime) -> Job | None:
    """The job that waits longest is this worker's from now on; None when none waits."""
    waits = select(Job.id).where(Job.state == "waiting").order_by(Job.asked_at, Job.id).limit(1)
    oldest = waits.with_for_update(skip_locked=True).scalar_subquery()
    return session.scalar(
        update(Job)
        .where(Job.id == oldest, Job.state == "waiting")
        .values(state="running", worker=worker, lease_until=at + LEASE, tries=Job.tries + 1, progress=0)
        .returning(Job)
    )


def renew(session: Session, job_id: str, worker: str, percent: int, at: datetime) -> bool:
    """The worker lives and has come so far. False when the job is not its own any more (cancelled, given to another)."""
    renewed = _of(job_id, worker).values(lease_until=at + LEASE, progress=percent).returning(Job.id)
    return session.scalar(renewed) is not None


def finish(session: Session, job_id: str, worker: str, file: ReadyFile | None, at: datetime) -> bool:
    """The job is done, its file kept for a day. False when it is not the worker's own any more: then nothing is kept."""
    until = at + KEPT
    name, sha256 = (file.filename[-200:], file.sha256) if file else (None, None)
    done = {"state": "done", "progress": 100, "lease_until": None, "ended_at": at, "expires_at": until}
    if session.scalar(_of(job_id, worker).values(**done, filename=name, sha256=sha256).returning(Job.id)) is None:
        return False
    if file:
        link(session, file, ("job", job_id), "job", at=at, until=until)
    return True


def fail(session: Session, job_id: str, worker: str, failure: str, at: datetime) -> None:
    """The job could not be done; nothing happens when it is not the worker's own any more."""
    failed = {"state": "failed", "failure": failure, "lease_until": None, "ended_at": at, "expires_at": at + KEPT}
    if session.scalar(_of(job_id, worker).values(**failed).returning(Job.id)):
        record(session, "job.fail", "job", job_id, by=None, at=at, reason=failure)


def drop(session: Session, job_id: str, worker: str, at: datetime) -> None:
    """Nobody waits for it: its asker has no account any more."""
    session.execute(_of(job_id, worker).values(state="cancelled", ended_at=at, expires_at=at + KEPT))


def give_back(session: Session, at: datetime, worker: str | None = None) -> list[str]:
    """Jobs whose worker is gone (its lease is over, or it is `worker`, which begins anew) wait once more; those that were
    begun twice have failed. Returns their ids.
    """
    gone = or_(Job.lease_until <= at, Job.worker == worker) if worker else Job.lease_until <= at
    again = Job.tries < MOST_TRIES
    given = session.execute(
        update(Job)
        .where(Job.state == "running", gone)
        .values(
            state=case((again, "waiting"), else_="failed"),
            failure=case((again, None), else_="crashed"),
            ended_at=case((again, None), else_=at),
            expires_at=case((again, None), else_=at + KEPT),
            worker=None,
            lease_until=None,
        )
        .returning(Job.id, Job.state)
    ).all()
    for job_id, state in given:
        if state == "failed":
            record(session, "job.fail", "job", job_id, by=None, at=at, reason="crashed")
    return [job_id for job_id, _ in given]


def tidy(session: Session, at: datetime) -> None:
    """Ended jobs go after their day, with their files; what has waited for a day is not done any more."""
    waited = Job.state == "waiting", Job.asked_at <= at - LONGEST_WAIT
    session.execute(update(Job).where(*waited).values(state="cancelled", ended_at=at, expires_at=at + KEPT))
    over = select(Job.id).where(Job.expires_at <= at, Job.state.not_in(OPEN))
    session.execute(delete(KeptFile).where(KeptFile.owner_kind == "job", KeptFile.owner_id.in_(over)))
    session.execute(delete(Job).where(Job.expires_at <= at, Job.state.not_in(OPEN)))
    end(session, at)


def _of(job_id: str, worker: str) -> Update:
    return update(Job).where(Job.id == job_id, Job.worker == worker, Job.state == "running")
