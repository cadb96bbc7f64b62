"""Jobs for tests: kinds that exist in tests only, somebody who asks, what became of a job."""

import threading
from collections.abc import Callable
from datetime import datetime

from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.media import Document
from competitions.jobs.kinds import Kind, Result, Work
from competitions.jobs.models import Job
from competitions.jobs.running import work_once
from competitions.jobs.services import ask
from tests.factories import actor, make_user

CONTENT = b"PK\x03\x04 a workbook"


def kind(make: Callable[[Work], Result] | None = None, name: str = "tests.list", place: str | None = None) -> Kind:
    """A kind that makes a small file, or whatever `make` makes."""
    return Kind(name, lambda *_: 3, make or file_made, place=place)


def file_made(_work: Work) -> Result:
    """A file, recorded as one that was handed out."""
    return Result(Document("名单.xlsx", "application/pdf", CONTENT), "entries.export", "competition", "c1", {"rows": 3})


def asker() -> User:
    """Somebody with an account, committed."""
    user = make_user()
    db.session.commit()
    return user


def asked(user: User, of: Kind | None = None, at: datetime | None = None, **parameters: str) -> str:
    """The id of a job that the user asks for."""
    by = actor(user)
    with transaction() as session:
        return ask(session, of or kind(), parameters, "报名名单", by=by, at=at or clock.now())


def seen(job_id: str) -> Job:
    """The job as it is in the database now."""
    db.session.rollback()
    return db.session.get_one(Job, job_id)


def worked() -> bool:
    """A worker came by once. False when it found nothing to do."""
    db.session.rollback()
    return work_once("one")


def in_threads(number: int, act: Callable[[int], None]) -> None:
    """Do it in so many threads at the same moment. Raises what one of them raised."""
    barrier, faults = threading.Barrier(number), list[BaseException]()

    def run(which: int) -> None:
        try:
            barrier.wait()
            act(which)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(which,)) for which in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
