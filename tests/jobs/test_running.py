"""What a worker makes of a job: a file and its record, or a failure in words; it stops when nobody waits."""

import json
import logging
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import User
from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound, Refusal
from competitions.base.kept_files import KeptFile
from competitions.jobs import kinds, running
from competitions.jobs.kinds import Result, Work
from competitions.jobs.running import Pulse
from competitions.jobs.services import cancel
from tests.factories import actor
from tests.jobs.asking import CONTENT, asked, asker, kind, seen, worked


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make a kind known for one test."""

    def know(make: Any = None) -> kinds.Kind:
        made = kind(make)
        monkeypatch.setitem(kinds._registered, made.name, made)
        return made

    return know


def test_a_job_makes_a_file_that_is_sealed_and_recorded_with_its_digest(app: Flask, known: Any) -> None:
    user = asker()
    job_id = asked(user, known())
    assert worked() and not worked()
    job = seen(job_id)
    assert (job.state, job.progress, job.filename) == ("done", 100, "名单.xlsx")
    kept = db.session.scalars(select(KeptFile)).one()
    assert kept.sealed and kept.content(job.sha256 or "") == CONTENT and kept.keep_until == job.expires_at
    told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "entries.export")).one()
    assert told.by_id == user.id and json.loads(told.payload)["after"] == {"file": job.sha256, "rows": 3}


def test_a_job_is_done_as_its_asker_with_the_roles_of_that_moment(app: Flask, known: Any) -> None:
    actors = []

    def make(work: Work) -> Result:
        actors.append((work.actor, dict(work.parameters)))
        return Result()

    user = asker()
    asked(user, known(make), q="韦建国")
    worked()
    assert actors == [(actor(user), {"q": "韦建国"})]


@pytest.mark.parametrize(
    ("fault", "failure"),
    [(NotFound(), "refused"), (Refusal("storage_unavailable"), "storage"), (ZeroDivisionError(), "fault")],
)
def test_a_job_that_cannot_be_done_says_why_and_the_next_one_is_done(
    app: Flask, known: Any, fault: Exception, failure: str, caplog: pytest.LogCaptureFixture
) -> None:
    def make(work: Work) -> Result:
        if work.parameters["which"] == "bad":
            raise fault
        return Result()

    user = asker()
    bad, good = (asked(user, known(make), which=which) for which in ("bad", "good"))
    with caplog.at_level(logging.CRITICAL):
        assert worked() and worked()
    assert (seen(bad).state, seen(bad).failure, seen(good).state) == ("failed", failure, "done")


def test_nothing_is_done_for_somebody_whose_account_was_closed(app: Flask, known: Any) -> None:
    user = asker()
    job_id = asked(user, known())
    with transaction() as session:
        session.get_one(User, user.id).active = False
    worked()
    assert seen(job_id).state == "cancelled" and db.session.scalars(select(KeptFile)).all() == []


def test_a_job_that_is_cancelled_in_the_middle_stops_and_keeps_nothing(
    app: Flask, known: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BEAT", 0.02)
    user = asker()
    by, steps = actor(user), []

    def make(work: Work) -> Result:
        with transaction(work.session) as session:
            cancel(session, seen(job_id), by=by, at=clock.now())
        for percent in range(100_000):  # far longer than a beat
            steps.append(percent)
            threading.Event().wait(0.001)
            work.tell(percent % 100)
        return Result()

    job_id = asked(user, known(make))
    worked()
    assert seen(job_id).state == "cancelled" and 0 < len(steps) < 100_000
    assert db.session.scalars(select(KeptFile)).all() == []


def test_a_worker_says_that_it_lives_while_it_works(app: Flask, known: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BEAT", 0.02)
    found = []

    def make(work: Work) -> Result:
        first = seen(job_id).lease_until
        work.session.rollback()
        work.tell(40)
        for _ in range(1000):
            job = seen(job_id)
            if job.progress == 40:
                found.append((job.lease_until or clock.now()) > (first or clock.now()))
                break
            db.session.rollback()
            threading.Event().wait(0.01)
        return Result()

    job_id = asked(asker(), known(make))
    worked()
    assert found == [True] and seen(job_id).state == "done"


def test_the_pulse_ends_with_the_work(app: Flask) -> None:
    with Pulse(db.engine, "none", "one") as pulse:
        thread = pulse._thread
    assert not thread.is_alive()
