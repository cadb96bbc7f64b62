"""Panels: own units, replacement in mid-sitting, recusal."""

from flask import Flask
from sqlalchemy import select

from competitions.base import clock
from competitions.base.database import db
from competitions.judging.models import PanelMember
from competitions.organisations.models import Employer
from competitions.registration.models import Entry, EntryMember
from tests.factories import make_employer, make_union, make_user
from tests.factories_judging import Hall, act, deliver, make_hall


def make_entry_of(hall: Hall, name: str = "韦某某甲") -> tuple[Employer, str]:
    """An approved entry in the hall's event; returns its employer and its member's name."""
    union = make_union()
    employer = make_employer(union)
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
