"""A record waits in the session that was handed to the service, and is chained by the transaction of that session."""

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.audit.models import AuditEvent
from competitions.audit.recording import record, transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.programme.locking import lock_stage
from competitions.programme.models import Stage
from tests.factories import actor, make_event, make_user


def recorded() -> list[str]:
    """The actions in the chain."""
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


def test_what_a_service_does_in_a_second_session_is_not_recorded_by_the_first(app: Flask) -> None:
    stage_id, by = make_event().stages[0].id, actor(make_user())
    db.session.commit()
    before = recorded()
    with transaction(), Session(db.engine) as second:
        record(db.session(), "test.own", "thing", None, by=by, at=clock.now())
        lock_stage(second, second.get_one(Stage, stage_id), by=by, at=clock.now())
        second.rollback()
    assert recorded() == [*before, "test.own"]


def test_a_transaction_of_a_second_session_chains_what_its_services_recorded(app: Flask) -> None:
    stage_id, by = make_event().stages[0].id, actor(make_user())
    db.session.commit()
    before = recorded()
    with Session(db.engine) as second, transaction(second) as session:
        assert session is second
        lock_stage(session, session.get_one(Stage, stage_id), by=by, at=clock.now())
    assert recorded() == [*before, "stage.lock"]
    assert db.session.scalar(select(func.count()).select_from(Stage).where(Stage.locked_at.is_not(None))) == 1
