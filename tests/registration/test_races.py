"""Many at once: one person by twenty units, more people than places. True on both databases."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context

from flask import Flask
from sqlalchemy import func, select

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid
from competitions.base.permissions import SYSTEM
from competitions.organisations.models import Union
from competitions.programme.models import Competition, Event
from competitions.registration.models import Entry, EntryMember, Worker
from competitions.registration.services import create_entry
from tests.factories import make_employer, make_event, make_union
from tests.factories_registration import make_id_number, make_person, make_region


def entering(app: Flask, union_id: str, event_id: str, person: dict[str, str]) -> Callable[[], str]:
    """One registration in an application context of its own; what came of it."""

    def enter() -> str:
        with app.app_context():
            try:
                with transaction() as session:
                    event = session.get_one(Event, event_id)
                    create_entry(
                        session,
                        session.get_one(Competition, event.competition_id),
                        event,
                        event.divisions[0],
                        session.get_one(Union, union_id),
                        person,
                        by=SYSTEM,
                        at=clock.now(),
                    )
                return "ok"
            except Invalid as fault:
                return str(fault.problems[0]["code"])
            finally:
                db.session.remove()

    return lambda: Context().run(enter)


def all_at_once(acts: list[Callable[[], str]]) -> Counter[str]:
    """What came of all of them."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(future.result() for future in [pool.submit(act) for act in acts])


def test_of_twenty_units_that_enter_one_person_at_once_one_succeeds(app: Flask) -> None:
    region = make_region()
    events = [region.event.id, make_event(region.competition, name="电工").id]
    person = make_person(id_number=make_id_number(1))
    acts = []
    for count in range(20):
        union = make_union(region.city)
        employer = make_employer(union)
        acts.append(entering(app, union.id, events[count % 2], {**person, "employer_id": employer.id}))
    db.session.commit()
    assert all_at_once(acts) == {"ok": 1, "duplicate.registered": 19}
    assert db.session.scalar(select(func.count(Worker.id))) == 1
    assert db.session.scalar(select(func.count(EntryMember.id))) == 1


def test_a_quota_of_three_holds_when_twelve_are_entered_at_once(app: Flask) -> None:
    region = make_region()
    region.event.quota_per_union = 3
    acts = [
        entering(app, region.enterprise.id, region.event.id, make_person(employer_id=region.employer.id))
        for _ in range(12)
    ]
    db.session.commit()
    assert all_at_once(acts) == {"ok": 3, "quota.exceeded": 9}
    assert db.session.scalar(select(func.count(Entry.id))) == 3
