"""Builders for coding: approved entries, sittings, and a stage brought to where a test begins."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock, keyring
from competitions.base.database import db, new_id
from competitions.base.permissions import Actor
from competitions.coding import services
from competitions.coding.models import CodeSheet, Sitting
from competitions.coding.queries import contender_ids
from competitions.organisations.models import Union
from competitions.programme.models import Division, Event, Stage
from competitions.registration.models import Entry, EntryMember, Worker
from tests.factories import actor, make_event, make_union, make_user, number

SURNAMES = "韦覃黄陆莫农蒙梁李陈"


def make_entry(event: Event, union: Union | None = None, **values: object) -> Entry:
    """An approved entry of one synthetic worker, with a ticket."""
    count = number()
    union = union or make_union()
    division = db.session.scalars(select(Division).where(Division.event_id == event.id)).first()
    assert division is not None
    entry = Entry(
        **{
            "competition_id": event.competition_id,
            "event_id": event.id,
            "division_id": division.id,
            "state": "approved",
            "reporting_union_id": union.id,
            "review_union_id": union.id,
            "delegation_id": union.id,
            "author_id": "factory",
            "ticket": f"2026{count:06d}",
            "created_at": clock.now(),
            **values,
        }
    )
    worker_id = new_id()
    id_number = f"45000019900101{count % 10000:04d}"
    worker = Worker(
        id=worker_id,
        id_number=keyring.ring().seal(id_number, "worker", "id_number", worker_id),
        id_number_index=keyring.ring().blind_index("id_number", f"{id_number}{count}"),
        created_at=clock.now(),
    )
    db.session.add_all([entry, worker])
    db.session.flush()
    db.session.add(
        EntryMember(
            entry_id=entry.id,
            event_id=event.id,
            worker_id=worker.id,
            name=f"{SURNAMES[count % 10]}师傅{count}",
            employer_name=f"示例机械厂{count % 7}",
        )
    )
    db.session.flush()
    return entry


def make_contest(entries: int = 4, *, levels: int = 1, stations: int = 10) -> Stage:
    """A stage with approved entries and one sitting that begins now; committed."""
    event = make_event(code_levels=levels)
    union = make_union()
    for _ in range(entries):
        make_entry(event, union)
    stage = db.session.scalars(select(Stage).where(Stage.event_id == event.id)).one()
    db.session.add(Sitting(stage_id=stage.id, name="第一场", place="实训楼", starts_at=clock.now(), stations=stations))
    db.session.commit()
    return stage


def make_official(role: str, stage: Stage, **values: object) -> Actor:
    """Somebody with a role over the stage's event, as a value; committed."""
    user = make_user((role, "event", stage.event_id), **values)
    db.session.commit()
    return actor(user)


def sealed(stage: Stage, level: int, coder: Actor, supervisor: Actor) -> CodeSheet:
    """Draw, seal and witness one level; committed."""
    at = clock.now()
    with transaction() as session:
        stage = session.get_one(Stage, stage.id)
        sheet = services.draw_codes(session, stage, level, by=coder, at=at)
        services.seal(session, sheet, by=coder, at=at)
        services.witness_seal(session, sheet, by=supervisor, at=at + timedelta(minutes=1))
    return db.session.get_one(CodeSheet, sheet.id)


def everybody_came(stage_id: str, steward: Actor) -> None:
    """Each contender of the stage is checked in as present; committed."""
    with transaction() as session:
        stage = session.get_one(Stage, stage_id)
        for entry_id in contender_ids(session, stage):
            services.check_in(session, stage, entry_id, "present", by=steward, at=clock.now())


def with_lots(stage: Stage, coder: Actor, seed: str = "246810") -> Stage:
    """All lots drawn by the system; committed."""
    with transaction() as session:
        services.draw_lots(session, session.get_one(Stage, stage.id), seed, by=coder, at=clock.now())
    return db.session.get_one(Stage, stage.id)


def settle(session: Session, stage: Stage) -> None:
    """What results does when the standings are settled by code."""
    session.get_one(Stage, stage.id).settled_at = clock.now()
    session.commit()
