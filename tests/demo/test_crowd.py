"""A whole installation in small: what bulk writing makes is what the services would have made, and the log knows it."""

import json

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from competitions.accounts.models import User
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import db
from competitions.base.keyring import ring
from competitions.coding.models import CodeRow
from competitions.demo.contests import PLANS
from competitions.demo.crowd.plans import phase_of
from competitions.demo.crowd.sizes import SIZES, Size
from competitions.demo.loading import load
from competitions.demo.story import WORKERS, Story
from competitions.organisations.models import Employer, Union
from competitions.programme.models import Competition, Event, Stage
from competitions.registration.ground import index_of
from competitions.registration.models import Entry, EntryMember, Worker
from competitions.results.models import Publication, Settlement
from competitions.results.publications.verifying import verify_results
from competitions.results.standings.computed import stage_standings
from competitions.tabular.identity import check_uscc, read_id_number
from tests.audit.tampering import unguarded

STORY_EVENTS = sum(len(plan.events) for plan in PLANS)
SMALL = Size(entries=WORKERS + 150, unions=290, employers=340, events=STORY_EVENTS + 24)


@pytest.fixture
def crowd(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The crowd alone, without the story that comes after it; gives what was said on the way."""
    monkeypatch.setattr(Story, "tell", lambda _: None)
    said: list[str] = []
    load(3, SMALL, said.append)
    return said


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_there_are_as_many_units_and_entries_as_the_size_says_when_the_story_is_told_too(crowd: list[str]) -> None:
    assert count(Union) == SMALL.unions and count(Employer) == SMALL.employers
    assert count(Entry) == SMALL.entries - WORKERS and count(Event) == SMALL.events - STORY_EVENTS
    assert "报名 150 条" in crowd[-2]
    paths = {union.id: union.path for union in db.session.scalars(select(Union))}
    for union in db.session.scalars(select(Union).where(Union.parent_id.is_not(None))):
        assert union.path == f"{paths[union.parent_id or '']}{union.id}/"
        assert union.uscc is None or check_uscc(union.uscc) == union.uscc
    assert len(set(db.session.scalars(select(User.password_hash)))) == 1


def test_log_and_results_are_sound_and_results_are_what_the_marks_in_the_database_come_to(crowd: list[str]) -> None:
    report = verify(db.session(), at=clock.now())
    assert [finding.document() for finding in report.findings if finding.is_fault] == []
    results = verify_results(db.session())
    assert results.publications > 5 and results.findings == []
    for settlement in db.session.scalars(select(Settlement)):
        standing = stage_standings(db.session(), db.session.get_one(Stage, settlement.stage_id))[0]
        assert standing.errors() == [] and standing.pending() == []
        assert standing.case == json.loads(settlement.case) and standing.digest == settlement.digest
    table = CodeRow.metadata.tables["code_row"]
    with unguarded():
        db.session.connection().execute(update(table).values(source=func.lower(table.c.id)))
    assert "CODES_CHANGED" in {finding.code for finding in verify(db.session(), at=clock.now()).findings}


def test_workers_are_sealed_and_competitions_stand_in_every_phase(crowd: list[str]) -> None:
    for worker in db.session.scalars(select(Worker)):
        assert worker.id_number
        number = ring().open(worker.id_number, "worker", "id_number", worker.id)
        assert read_id_number(number).number == number and index_of(number) == worker.id_number_index
    member = db.session.scalars(select(EntryMember).limit(1)).one()
    assert ring().open(member.phone, "entry_member", "phone", member.id).startswith("199")
    assert {"archived", "closed", "open"} <= set(db.session.scalars(select(Competition.state)))
    published = set(db.session.scalars(select(Competition.state).join(Event).join(Stage).join(Publication)))
    assert published == {"archived", "closed"}
    entries = set(db.session.scalars(select(Entry.state).join(Competition).where(Competition.state == "open")))
    assert {"draft", "submitted", "endorsed"} <= entries


def test_a_competition_is_in_the_phase_of_its_day() -> None:
    phases = [phase_of(day) for day in (-1000, -30, 5, 15, 40, 70)]
    assert phases == ["archived", "published", "ready", "review", "open", "draft"]


def test_the_region_is_the_real_one() -> None:
    region = SIZES["region"]
    assert region is not None
    assert (region.entries, region.unions, region.employers, region.events) == (78_700, 30_521, 45_600, 5_934)
