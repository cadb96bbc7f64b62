"""Panels: own units, replacement in mid-sitting, recusal."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import User
from competitions.base import clock
from competitions.base.database import db
from competitions.coding.models import Sitting
from competitions.judging.models import PanelMember
from competitions.organisations.models import Employer
from competitions.registration.models import Entry, EntryMember
from tests.factories import make_employer, make_union, make_user
from tests.factories_judging import Hall, act, deliver, make_hall


def make_entry_of(hall: Hall, name: str = "韦某某甲", employer: Employer | None = None) -> tuple[Employer, str]:
    """An approved entry in the hall's event, reported by a union of its own; returns its employer and its member's name."""
    union = make_union()
    employer = employer or make_employer(union)
    entry = Entry(
        competition_id=hall.event.competition_id,
        event_id=hall.event.id,
        division_id=hall.division.id,
        state="approved",
        reporting_union_id=union.id,
        review_union_id=union.id,
        delegation_id=union.id,
        author_id="factory",
        created_at=clock.now(),
    )
    entry.members = [
        EntryMember(event_id=hall.event.id, name=name, employer_id=employer.id, employer_name=employer.name)
    ]
    db.session.add(entry)
    db.session.flush()
    return employer, name


def test_a_substitute_takes_what_is_not_delivered_and_delivered_sheets_stay(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    first = hall.client(hall.judges[0])
    deliver(first, hall.sheet("A01").id)
    db.session.rollback()
    substitute = make_user(("judge", "event", hall.event.id))
    db.session.commit()
    member = db.session.scalars(select(PanelMember)).one()
    organiser = hall.client("organiser")
    assert organiser.post(f"/desk/judging/members/{member.id}/leave", {"substitute": substitute.id}).status_code == 303
    assert [line["code"] for line in hall.client(substitute).get("/api/sheets").get_json()["sheets"]] == ["A02"]
    assert first.get("/api/sheets").get_json()["sheets"] == []
    assert hall.sheet("A01").state == "submitted"


def test_a_recused_judge_marks_no_more_and_one_fewer_is_expected(app: Flask) -> None:
    hall = make_hall(app, judges=2, codes=("A01",))
    sheet = hall.sheet("A01", judge=1)
    chief = hall.client("chief_judge")
    assert chief.post(f"/desk/judging/sheets/{sheet.id}/recuse", {"reason": "与选手同一师门"}).status_code == 303
    refused = deliver(hall.client(hall.judges[1]), sheet.id)
    assert refused.status_code == 409 and "回避" in refused.get_json()["error"]["message"]


def test_a_module_that_forbids_own_units_refuses_assignment_and_marks(app: Flask) -> None:
    hall = make_hall(app, judges=1, settings={"conflicts": "forbid"})
    employer, _ = make_entry_of(hall)
    hall.judges[0].employer_id = employer.id
    db.session.commit()
    refused = deliver(hall.client(hall.judges[0]), hall.sheet("A01").id)
    assert refused.status_code == 409 and "须回避" in refused.get_json()["error"]["message"]
    db.session.rollback()
    other = make_user(("judge", "event", hall.event.id), employer_id=employer.id)
    db.session.commit()
    page = hall.client("organiser").post(
        f"/desk/modules/{hall.modules['practice'].id}/panel", {"user": other.id, "duty": "marking", "sitting": ""}
    )
    assert page.status_code == 422 and "规定须回避" in page.get_data(as_text=True)


@pytest.mark.parametrize("shared", ["the employer", "the employer's union", "the reporting union"])
def test_a_judge_has_his_own_unit_in_the_event_by_employer_by_its_union_and_by_the_reporting_union(
    app: Flask, shared: str
) -> None:
    hall = make_hall(app, judges=1, settings={"conflicts": "forbid"})
    employer, _ = make_entry_of(hall, employer=make_employer(make_union()))
    entry = db.session.scalars(select(Entry)).one()
    assert entry.reporting_union_id != employer.union_id
    unit = {
        "the employer": {"employer_id": employer.id},
        "the employer's union": {"union_id": employer.union_id},
        "the reporting union": {"union_id": entry.reporting_union_id},
    }[shared]
    person = make_user(("judge", "event", hall.event.id), **unit)
    stranger = make_user(("judge", "event", hall.event.id), union_id=make_union().id, employer_id=make_employer().id)
    db.session.commit()
    assert seat(hall, person) == (422, "规定须回避") and seat(hall, stranger)[0] == 303


def seat(hall: Hall, person: User, duty: str = "marking", sitting: str = "") -> tuple[int, str]:
    """What the organiser is answered who puts a person on the panel: status, and the words about own units if any."""
    page = hall.client("organiser").post(
        f"/desk/modules/{hall.modules['practice'].id}/panel", {"user": person.id, "duty": duty, "sitting": sitting}
    )
    return page.status_code, "规定须回避" if "规定须回避" in page.get_data(as_text=True) else ""


def test_nobody_both_marks_and_types_in_or_sits_twice_where_he_would_mark_a_code_twice(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    both = make_user(("judge", "event", hall.event.id), ("tabulator", "event", hall.event.id))
    db.session.commit()
    assert [seat(hall, both, duty)[0] for duty in ("marking", "marking", "tabulator", "floor")] == [303, 422, 422, 422]


def test_whoever_marks_in_one_sitting_marks_in_another_too_but_never_types_in(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    later = Sitting(stage_id=hall.stage.id, name="第二场", starts_at=clock.now() + timedelta(hours=3), stations=2)
    both = make_user(("judge", "event", hall.event.id), ("tabulator", "event", hall.event.id))
    db.session.add(later)
    db.session.commit()
    first, second = hall.sittings[0].id, later.id
    assert seat(hall, both, "marking", first)[0] == 303
    assert seat(hall, both, "floor", first)[0] == 422
    assert seat(hall, both, "tabulator", second)[0] == 422
    assert seat(hall, both, "marking", second)[0] == 303


def test_an_entry_that_is_out_of_the_event_is_nobodys_conflict(app: Flask) -> None:
    hall = make_hall(app, judges=1, settings={"conflicts": "forbid"})
    employer, _ = make_entry_of(hall)
    db.session.scalars(select(Entry)).one().state = "withdrawn"
    person = make_user(("judge", "event", hall.event.id), employer_id=employer.id)
    db.session.commit()
    assert seat(hall, person)[0] == 303


def test_nobody_is_seated_by_a_role_that_he_holds_for_the_whole_competition_or_no_longer(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    at = clock.now()
    everywhere = make_user(("judge", "competition", hall.event.competition_id))
    ended = make_user(("judge", "event", hall.event.id))
    ended.roles[0].valid_to = at - timedelta(minutes=1)
    coming = make_user(("judge", "event", hall.event.id))
    coming.roles[0].valid_from = at + timedelta(days=1)
    db.session.commit()
    assert [seat(hall, person)[0] for person in (everywhere, ended, coming)] == [422, 422, 303]


def test_a_signed_module_is_not_reached_by_recusal(app: Flask) -> None:
    from tests.factories_judging import confirm_all

    hall = make_hall(app, judges=1, codes=("A01",))
    confirm_all(hall)
    chief = hall.client("chief_judge")
    assert act(chief, f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201
    assert (
        chief.post(f"/desk/judging/sheets/{hall.sheet('A01').id}/recuse", {"reason": "与选手同一师门"}).status_code
        == 409
    )
