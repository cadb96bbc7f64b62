"""The worker: takes one job after another, says that it lives, keeps the result. Knows the queue and the kinds, no feature.

Reading and writing the file happen outside the write transaction; the lock is held for the claim, a renewal every few seconds
and the last step, each a few milliseconds.
"""

import logging
import threading
import time
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from competitions.audit.recording import record, transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Refusal
from competitions.base.kept_files import ReadyFile, put, sweep
from competitions.base.permissions import Actor
from competitions.jobs import claiming
from competitions.jobs.kinds import KINDS, Dropped, Result, Work, actor_by_id
from competitions.jobs.queries import is_due
from competitions.jobs.sealing import unsealed

BEAT = 3.0
"""Seconds between two signs of life."""
IDLE = 1.0
"""Seconds between two looks at an empty queue."""
UNREACHABLE = 10.0
"""Seconds until the next look when the database did not answer."""
TIDY_EVERY = timedelta(hours=1)
log = logging.getLogger("competitions.jobs")


def work(worker: str) -> None:
    """Work until the process ends. What this worker had when it ended the last time is given back first."""
    tidied: datetime | None = None
    begun = False
    while True:
        try:
            if not begun:
                begun = _begin(worker)
            at = clock.now()
            if tidied is None or tidied + TIDY_EVERY <= at:
                tidied = _tidy(at)
            if not work_once(worker):
                time.sleep(IDLE)
        except (SQLAlchemyError, OSError):
            log.exception("the queue")
            db.session.remove()
            time.sleep(UNREACHABLE)


def _begin(worker: str) -> bool:
    with transaction(apart=True) as session:
        claiming.give_back(session, clock.now(), worker)
    return True


def _tidy(at: datetime) -> datetime:
    with transaction(apart=True) as session:
        claiming.tidy(session, at)
    sweep(db.session())
    db.session.rollback()
    return at


def work_once(worker: str) -> bool:
    """Do the job that waits longest. False when none waits."""
    due = is_due(db.session(), clock.now())
    db.session.rollback()
    if not due:
        return False
    at = clock.now()
    with transaction(apart=True) as session:
        claiming.give_back(session, at)
        job = claiming.claim(session, worker, at)
        claimed = (job.id, job.kind, job.parameters, job.user_id) if job else None
    if claimed:
        _do(worker, *claimed)
    return claimed is not None


def _do(worker: str, job_id: str, kind: str, parameters: str, user_id: str) -> None:
    """Do one job that is this worker's, and say how it ended."""
    log.info({"job": job_id, "kind": kind, "state": "running"})
    failure = "fault"
    try:
        actor = actor_by_id(db.session(), user_id, clock.now())
        if actor is None:
            with transaction(apart=True) as session:
                claiming.drop(session, job_id, worker, clock.now())
            return
        with Pulse(db.engine, job_id, worker) as pulse:
            work = Work(db.session(), actor, unsealed(parameters, job_id), clock.now(), pulse.tell)
            result = KINDS[kind].make(work)
            db.session.rollback()  # what was read is let go before the file is written
            file = put(result.document, personal=True) if result.document else None
        _finish(worker, job_id, actor, result, file)
        return
    except Dropped:
        log.info({"job": job_id, "state": "dropped"})
        return
    except Refusal as fault:
        failure = "storage" if fault.code == "storage_unavailable" else "refused"
        log.warning({"job": job_id, "kind": kind, "code": fault.code})
    except Exception:  # noqa: BLE001 - whatever a kind stumbles over, the next job is done
        log.exception("job %s (%s)", job_id, kind)
    finally:
        db.session.rollback()
    with transaction(apart=True) as session:
        claiming.fail(session, job_id, worker, failure, clock.now())


def _finish(worker: str, job_id: str, actor: Actor, result: Result, file: ReadyFile | None) -> None:
    """The last short step: the file is the job's, and what was made is recorded."""
    at = clock.now()
    with transaction(apart=True) as session:
        if not claiming.finish(session, job_id, worker, file, at):
            raise Dropped
        if result.action:
            told: dict[str, Any] = result.recorded()
            record(
                session, result.action, result.object_kind, result.object_id, by=actor, at=at, after=told, job=job_id
            )
    log.info({"job": job_id, "state": "done"})


class Pulse:
    """Signs of life of a job that runs, from a thread and a connection of its own: a lease that is renewed every few seconds,
    with the progress. Once the job is not this worker's any more, `tell` raises Dropped.
    """

    def __init__(self, engine: Engine, job_id: str, worker: str) -> None:
        self._engine, self._job_id, self._worker = engine, job_id, worker
        self._percent, self._lost = 0, False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def tell(self, percent: int) -> None:
        """So far it has come. Raises Dropped."""
        self._percent = percent
        if self._lost:
            raise Dropped

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._lost and not self._over.wait(BEAT):
            try:
                with Session(self._engine) as session, transaction(session, apart=True):
                    renewed = claiming.renew(session, self._job_id, self._worker, self._percent, clock.now())
                self._lost = not renewed
            except SQLAlchemyError:  # busy: the lease outlasts some of these
                log.warning({"job": self._job_id, "code": "lease_not_renewed"})
