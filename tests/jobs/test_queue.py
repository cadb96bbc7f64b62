"""The queue: one job for one question, one worker for one job, given back once, then failed, gone after a day."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.base.kept_files import KeptFile, put, sweep
from competitions.base.media import Document
from competitions.jobs import claiming
from competitions.jobs.claiming import LEASE, LONGEST_WAIT
from competitions.jobs.models import Job
from competitions.jobs.queries import is_due
from competitions.jobs.services import KEPT, cancel
from tests.factories import actor
from tests.jobs.asking import CONTENT, asked, asker, in_threads, kind, seen

FILE = Document("名单.xlsx", "application/pdf", CONTENT)


def claimed(worker: str, after: timedelta = timedelta(0)) -> str | None:
    with transaction() as session:
        job = claiming.claim(session, worker, clock.now() + after)
        return job.id if job else None


def given_back(worker: str | None = None, after: timedelta = timedelta(0)) -> list[str]:
    with transaction() as session:
        return claiming.give_back(session, clock.now() + after, worker)


def finished(job_id: str, worker: str) -> bool:
    file = put(FILE, personal=True)
    with transaction() as session:
        return claiming.finish(session, job_id, worker, file, clock.now())


def renewed(job_id: str, worker: str, percent: int = 10, after: timedelta = timedelta(0)) -> bool:
    with transaction() as session:
        return claiming.renew(session, job_id, worker, percent, clock.now() + after)


def test_what_is_asked_twice_while_it_is_done_is_one_job(app: Flask) -> None:
    user, other = asker(), asker()
    first = asked(user, q="韦")
    assert asked(user, q="韦") == first
    assert len({first, asked(user, q="覃"), asked(other, q="韦"), asked(user, kind(name="tests.other"), q="韦")}) == 4
    claimed("one")
    assert asked(user, q="韦") == first
    finished(first, "one")
    assert asked(user, q="韦") != first


def test_the_same_question_at_the_same_moment_is_one_job(app: Flask) -> None:
    by = actor(asker())
    engine, ids = db.engine, set[str]()

    def press(_: int) -> None:
        from competitions.jobs.services import ask

        with Session(engine) as own, transaction(own) as session:
            ids.add(ask(session, kind(), {"q": "韦"}, "报名名单", by=by, at=clock.now()))

    in_threads(6, press)
    db.session.rollback()
    assert len(ids) == 1 and db.session.scalar(select(func.count(Job.id))) == 1


def test_what_was_searched_for_lies_sealed(app: Flask) -> None:
    job = seen(asked(asker(), q="韦建国"))
    assert "韦建国" not in job.parameters and job.digest != seen(asked(asker(), q="韦建军")).digest
    payloads = db.session.scalars(select(AuditEvent.payload).where(AuditEvent.action == "job.ask")).all()
    assert len(payloads) == 2 and not any("韦" in payload for payload in payloads)


def test_workers_at_the_same_moment_never_have_the_same_job(app: Flask) -> None:
    user, workers = asker(), 4
    wanted = {asked(user, number=str(number)) for number in range(12)}
    engine, taken = db.engine, list[str]()

    def take(which: int) -> None:
        misses = 0
        while misses < 3:
            with Session(engine) as own, transaction(own) as session:
                job = claiming.claim(session, f"worker-{which}", clock.now())
                found = job.id if job else None
            misses += found is None
            taken.extend([found] if found else [])

    in_threads(workers, take)
    assert len(taken) == len(wanted) and set(taken) == wanted
    assert {job.tries for job in db.session.scalars(select(Job))} == {1}


def test_the_oldest_is_done_first(app: Flask) -> None:
    now, user = clock.now(), asker()
    later = asked(user, at=now, which="later")
    earlier = asked(user, at=now - timedelta(minutes=1), which="earlier")
    assert [claimed("one"), claimed("two"), claimed("three")] == [earlier, later, None]


def test_a_job_whose_worker_says_nothing_is_given_back_once_and_then_has_failed(app: Flask) -> None:
    job_id = asked(asker())
    assert claimed("one") == job_id
    assert given_back() == [] and not is_due(db.session(), clock.now())
    assert given_back(after=LEASE) == [job_id]
    assert (seen(job_id).state, seen(job_id).failure, seen(job_id).worker) == ("waiting", None, None)
    assert claimed("two") == job_id and seen(job_id).tries == 2
    assert given_back(after=LEASE) == [job_id]
    ended = seen(job_id)
    assert (ended.state, ended.failure) == ("failed", "crashed") and ended.expires_at is not None
    assert claimed("three") is None
    told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "job.fail")).one()
    assert told.object_id == job_id and json.loads(told.payload)["reason"] == "crashed"


def test_a_worker_that_says_it_lives_keeps_its_job(app: Flask) -> None:
    job_id = asked(asker())
    claimed("one")
    assert renewed(job_id, "one", 40, after=LEASE) and seen(job_id).progress == 40
    assert given_back(after=LEASE * 1.5) == [] and given_back(after=LEASE * 2) == [job_id]


def test_a_worker_that_begins_anew_gives_back_what_it_had(app: Flask) -> None:
    job_id, user = asked(asker()), asker()
    other = asked(user)
    assert (claimed("one"), claimed("two")) == (job_id, other)
    assert given_back("one") == [job_id] and seen(other).state == "running"


def test_a_worker_that_lost_its_job_can_neither_renew_nor_finish_it(app: Flask) -> None:
    job_id = asked(asker())
    claimed("slow")
    given_back(after=LEASE)
    claimed("quick")
    assert not renewed(job_id, "slow") and not finished(job_id, "slow")
    assert seen(job_id).state == "running" and db.session.scalar(select(func.count(KeptFile.id))) == 0
    assert finished(job_id, "quick") and seen(job_id).state == "done"


@pytest.mark.parametrize("running", [False, True])
def test_a_cancelled_job_is_not_done(app: Flask, running: bool) -> None:
    user = asker()
    job_id = asked(user)
    if running:
        claimed("one")
    by = actor(user)
    with transaction() as session:
        cancel(session, seen(job_id), by=by, at=clock.now())
    assert claimed("two") is None and not renewed(job_id, "one") and not finished(job_id, "one")
    assert seen(job_id).state == "cancelled" and given_back(after=LEASE) == []
    with pytest.raises(StateForbids), transaction() as session:
        cancel(session, session.get_one(Job, job_id), by=by, at=clock.now())


def test_after_a_day_the_job_and_its_file_are_gone(app: Flask) -> None:
    done, waits = asked(asker()), asked(asker(), at=clock.now() + timedelta(seconds=1))
    claimed("one")
    finished(done, "one")
    kept = db.session.scalars(select(KeptFile)).one()
    assert (kept.owner_kind, kept.owner_id, kept.sealed, kept.keep_for) == ("job", done, True, "job")
    with transaction() as session:
        claiming.tidy(session, clock.now() + KEPT - timedelta(minutes=1))
    assert seen(done).state == "done" and sweep(db.session()) == []
    with transaction() as session:
        claiming.tidy(session, clock.now() + max(KEPT, LONGEST_WAIT) + timedelta(minutes=1))
    db.session.rollback()
    assert db.session.get(Job, done) is None and db.session.scalar(select(func.count(KeptFile.id))) == 0
    assert seen(waits).state == "cancelled"
