"""Twelve months after archiving, ID numbers and phones are gone, as the consent text promises; what was published stays."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.base.permissions import SYSTEM
from competitions.coding.papers import last_four
from competitions.programme.models import Competition
from competitions.registration.ground import index_of
from competitions.registration.member_values import DELETED
from competitions.registration.models import Entry, EntryMember, RosterUpload, Worker
from competitions.registration.purging import kept_since, planned, purge
from competitions.registration.workers import workers_for
from competitions.uploads.models import Upload
from tests.factories import make_event
from tests.factories_registration import (
    Region,
    make_entry,
    make_id_number,
    make_person,
    make_region,
    make_roster,
    roster_row,
    signed_in,
)
from tests.factories_results import make_contest, practice_only
from tests.people import Client
from tests.registration.test_races import entering
from tests.registration.uploading import upload
from tests.registration.whole_person import FIRST, all_values, kept_fields, stored

DETAILS = {"email": "someone@example.org", "landline": "0771-5551234", "ethnicity": "壮族"}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """It is a year and a day later for everybody."""
    moment = clock.now() + timedelta(days=367)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


def run(app: Flask, *options: str) -> dict[str, Any]:
    db.session.remove()
    done = app.test_cli_runner().invoke(args=["registration", "purge", "--json", *options])
    db.session.remove()
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.output)
    return found


def archive(competition: Competition, at: datetime) -> None:
    competition.state, competition.archived_at = "archived", at
    db.session.commit()


def worker_of(id_number: str) -> Worker | None:
    return db.session.scalar(select(Worker).where(Worker.id_number_index == index_of(id_number)))


def archived_region(id_number: str, at: datetime) -> tuple[Region, str]:
    """A region whose competition was archived then, with one entry of this person; the entry's id."""
    region = make_region()
    entry = make_entry(region, id_number=id_number, **DETAILS)
    archive(region.competition, at)
    return region, entry.id


def test_a_year_is_twelve_months_of_the_calendar_of_beijing() -> None:
    assert kept_since(datetime(2027, 3, 1, 4, 0, tzinfo=UTC)) == datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
    assert kept_since(datetime(2028, 2, 28, 17, 0, tzinfo=UTC)) == datetime(2027, 2, 27, 17, 0, tzinfo=UTC)


def test_what_was_promised_is_deleted_and_the_names_stay(app: Flask) -> None:
    number, archived = make_id_number(), clock.now()
    region, entry_id = archived_region(number, archived)
    name, later = db.session.scalars(select(EntryMember.name)).one(), archived + timedelta(days=367)
    with transaction() as session:
        assert planned(session, archived + timedelta(days=364)).competitions == ()
        assert purge(session, by=SYSTEM, at=archived + timedelta(days=364)).workers == 0
    assert worker_of(number) is not None
    with transaction() as session:
        found = purge(session, by=SYSTEM, at=later)
    assert (found.workers, [each.members for each in found.competitions]) == (1, [1])
    db.session.expire_all()
    member = db.session.scalars(select(EntryMember).where(EntryMember.entry_id == entry_id)).one()
    assert (member.phone, member.birth_date, member.details, member.draft) == ("", None, {}, "")
    assert (member.name, member.employer_name, member.level) == (name, region.employer.name, "三级/高级工")
    assert member.worker is not None
    assert (member.worker.id_number, member.worker.id_number_index, worker_of(number)) == (None, None, None)


def test_of_every_field_of_a_person_only_what_stays_is_left(app: Flask) -> None:
    region, archived = make_region(), clock.now()
    values = all_values(region, FIRST)
    make_entry(region, **{**values, "birth_date": ""})
    archive(region.competition, archived)
    assert stored() == values
    with transaction() as session:
        purge(session, by=SYSTEM, at=archived + timedelta(days=367))
    left = {each.name: values[each.name] if each.stays else "" for each in kept_fields()}
    assert stored() == {**left, "id_number": DELETED, "phone": DELETED}


def test_a_dry_run_says_the_same_and_changes_nothing_and_a_second_run_finds_nothing(
    app: Flask, later: datetime
) -> None:
    number = make_id_number()
    region, _ = archived_region(number, later - timedelta(days=367))
    db.session.execute(Worker.__table__.update().values(created_at=later - timedelta(days=367)))  # type: ignore[attr-defined]
    db.session.commit()
    competition = {
        "id": region.competition.id,
        "name": region.competition.name,
        "members": 1,
        "archived_at": region.competition.archived_at.isoformat() if region.competition.archived_at else "",
    }
    dry = run(app, "--dry-run")
    assert dry["dry_run"] and dry["workers"] == 1 and dry["competitions"] == [competition]
    assert worker_of(number) is not None
    assert run(app) == {**dry, "dry_run": False}
    head = db.session.scalars(select(AuditEvent.seq).order_by(AuditEvent.seq.desc())).first()
    again = run(app)
    assert (again["competitions"], again["workers"], again["uploads"]) == ([], 0, 0)
    assert db.session.scalars(select(AuditEvent.seq).order_by(AuditEvent.seq.desc())).first() == head
    assert "没有到期" in app.test_cli_runner().invoke(args=["registration", "purge"]).output


def test_it_is_recorded_by_counts_and_ids_without_anything_of_a_person(app: Flask) -> None:
    number = make_id_number()
    region, _ = archived_region(number, clock.now())
    name, worker = db.session.scalars(select(EntryMember.name)).one(), worker_of(number)
    assert worker is not None
    with transaction() as session:
        purge(session, by=SYSTEM, at=clock.now() + timedelta(days=367))
    records = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "personal_data.purge")).all()
    said = {each.object_kind: json.loads(each.payload)["after"] for each in records}
    assert said == {"competition": {"count": 1}, "worker": {"count": 1, "ids": [worker.id]}}
    assert {each.object_id for each in records} == {region.competition.id, None}
    assert not any(secret in each.payload for each in records for secret in (name, number, index_of(number)))


def test_somebody_who_is_in_another_competition_too_keeps_the_number_there_only(app: Flask) -> None:
    number, at = make_id_number(), clock.now()
    region, old_entry = archived_region(number, at)
    other = make_region()
    new_entry = make_entry(other, id_number=number).id
    organiser = region.organiser
    db.session.commit()
    with transaction() as session:
        found = purge(session, by=SYSTEM, at=at + timedelta(days=367))
    assert (len(found.competitions), found.workers) == (1, 0)
    masked = f"{number[:3]}***********{number[-4:]}"
    old = signed_in(app, organiser).get(f"/desk/entries/{old_entry}").get_data(as_text=True)
    assert masked not in old and "已删除" in old
    assert masked in signed_in(app, other.organiser).get(f"/desk/entries/{new_entry}").get_data(as_text=True)
    db.session.rollback()
    archive(other.competition, at + timedelta(days=10))
    with transaction() as session:
        assert purge(session, by=SYSTEM, at=at + timedelta(days=370)).workers == 0
        assert purge(session, by=SYSTEM, at=at + timedelta(days=380)).workers == 1


def test_pages_papers_and_workbooks_of_the_purged_say_that_it_was_deleted(app: Flask) -> None:
    region, entry_id = archived_region(make_id_number(), clock.now())
    competition_id = region.competition.id
    client = signed_in(app, region.reporter)
    address = f"/desk/entries/{entry_id}"
    assert "查看完整" in client.get(address).get_data(as_text=True)
    with transaction() as session:
        purge(session, by=SYSTEM, at=clock.now() + timedelta(days=367))
    shown = client.get(address).get_data(as_text=True)
    assert shown.count("已删除") == 2 and "查看完整" not in shown and DETAILS["ethnicity"] not in shown
    member_id = db.session.scalars(select(EntryMember.id).where(EntryMember.entry_id == entry_id)).one()
    assert client.post(f"{address}/members/{member_id}/full", {"purpose": "identity"}).status_code == 200
    for page in (
        f"{address}/form",
        f"/desk/competitions/{competition_id}/summary",
        f"/desk/competitions/{competition_id}/entries",
    ):
        answer = client.get(page)
        assert answer.status_code == 200, page
    assert "已删除" in client.get(f"/desk/competitions/{competition_id}/summary").get_data(as_text=True)


def test_the_same_person_entered_again_later_is_somebody_new(app: Flask) -> None:
    number = make_id_number()
    archived_region(number, clock.now())
    before = worker_of(number)
    assert before is not None
    old_id = before.id
    with transaction() as session:
        purge(session, by=SYSTEM, at=clock.now() + timedelta(days=367))
    with transaction() as session:
        made = workers_for(session, [number], clock.now())[number].id
    assert made != old_id
    region = make_region()
    assert make_entry(region, id_number=number).members[0].worker_id == made


def test_a_roster_that_nobody_confirmed_does_not_keep_its_people(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    upload(
        signed_in(app, region.reporter),
        region.competition,
        region.enterprise,
        make_roster([roster_row(region.employer.name)]),
    )
    db.session.rollback()
    with transaction() as session:
        assert purge(session, by=SYSTEM, at=clock.now() + timedelta(hours=23)).uploads == 0
        assert purge(session, by=SYSTEM, at=clock.now() + timedelta(hours=25)).uploads == 1
    assert db.session.scalars(select(Upload)).all() == []
    assert db.session.scalars(select(RosterUpload.state)).all() == ["staged"]


def test_results_and_the_chain_stay_sound_and_everything_else_of_it_stays_closed(app: Flask) -> None:
    contest = make_contest(
        app, practice_only(), [{"practice": ["90"]}, {"practice": ["80"]}], names=["韦建国", "覃秀英"]
    )
    number = contest.publish()
    competition_id = contest.stage.event.competition_id
    assert len(last_four(db.session.get_one(Entry, contest.entries[0]))) == 4
    page = f"/results/{number}"
    before = Client(app).get(page).get_data(as_text=True)
    assert contest.client("approving").post(f"/desk/competitions/{competition_id}/archive").status_code == 303
    db.session.remove()
    with transaction() as session:
        found = purge(session, by=SYSTEM, at=clock.now() + timedelta(days=367))
    assert (found.workers, [each.members for each in found.competitions]) == (2, [2])
    db.session.remove()
    runner = app.test_cli_runner()
    assert runner.invoke(args=["results", "verify"]).exit_code == 0
    verified = runner.invoke(args=["audit", "verify", "--json"])
    assert verified.exit_code == 0, verified.output
    assert Client(app).get(page).get_data(as_text=True) == before and "韦建国" in before
    member = db.session.scalars(select(EntryMember)).first()
    assert member is not None and last_four(member.entry) == ""
    member.phone = "anything"
    with pytest.raises(StateForbids, match="competition_archived"):
        db.session.flush()
    db.session.rollback()


def test_somebody_who_was_typed_in_less_than_a_year_ago_stays_although_he_is_in_no_competition(app: Flask) -> None:
    number, at = make_id_number(), clock.now()
    with transaction() as session:
        workers_for(session, [number], at)
    with transaction() as session:
        assert purge(session, by=SYSTEM, at=at + timedelta(days=364)).workers == 0
    assert worker_of(number) is not None
    with transaction() as session:
        assert planned(session, at + timedelta(days=366)).workers == 1
        assert purge(session, by=SYSTEM, at=at + timedelta(days=366)).workers == 1
    assert worker_of(number) is None


def test_whoever_is_being_entered_at_this_moment_stays(app: Flask) -> None:
    number, at = make_id_number(), clock.now()
    archived_region(number, at)
    region = make_region()
    db.session.commit()

    def purged() -> int:
        with app.app_context():
            try:
                with transaction() as session:
                    return purge(session, by=SYSTEM, at=at + timedelta(days=367)).workers
            finally:
                db.session.remove()

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            workers_for(session, [number], clock.now())
            waiting = pool.submit(Context().run, purged)
            time.sleep(0.3)  # it has found the worker in no other competition, and waits for us
            make_entry(region, id_number=number)
        assert waiting.result() == 0
    assert worker_of(number) is not None


def test_whoever_is_entered_while_he_is_deleted_is_entered_anew(app: Flask) -> None:
    number, at = make_id_number(), clock.now()
    archived_region(number, at)
    region = make_region()
    person = {**make_person(id_number=number), "employer_id": region.employer.id}
    enter = entering(app, region.enterprise.id, region.event.id, person)
    db.session.commit()
    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            assert purge(session, by=SYSTEM, at=at + timedelta(days=367)).workers == 1
            waiting = pool.submit(enter)
            time.sleep(0.3)
        assert waiting.result() == "ok"
    assert worker_of(number) is not None


def test_a_competition_that_goes_on_loses_nobody(app: Flask) -> None:
    region = make_region()
    make_event(region.competition, name="钳工")
    person = make_person()
    make_entry(region, **person)
    db.session.commit()
    with transaction() as session:
        found = purge(session, by=SYSTEM, at=clock.now() + timedelta(days=3000))
    assert (found.competitions, found.workers) == ((), 0)
    assert worker_of(person["id_number"]) is not None
