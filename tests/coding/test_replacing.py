"""替补 by the organiser after the final cut-off: checked like any entry, approved by another, with the drawn place."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.coding import services
from competitions.coding.models import Lot, Sitting
from competitions.programme.models import Stage
from competitions.registration.models import Entry, EntryHistory
from competitions.registration.review import approve
from competitions.registration.submitting import submit_entries
from tests.factories import actor, make_employer, make_user
from tests.factories_coding import make_official, sealed, with_lots
from tests.factories_registration import Region, make_entry, make_person, make_region, signed_in


@pytest.fixture
def place(app: Flask) -> tuple[Region, str]:
    """A region whose cut-offs are over, and the id of an approved entry with a lot."""
    region = make_region()
    entry = make_entry(region)
    submit_entries(db.session(), [entry], consent_version=1, by=actor(region.reporter), at=clock.now())
    entry.state, entry.organiser_reviews = "endorsed", True
    approve(db.session(), [entry], by=actor(region.organiser), at=clock.now())
    stage_id = region.event.stages[0].id
    db.session.add(Sitting(stage_id=stage_id, name="第一场", starts_at=clock.now(), stations=3))
    for name in ("report_until", "review_until", "final_until"):
        setattr(region.competition, name, clock.now() - timedelta(days=1))
    db.session.commit()
    with_lots(db.session.get_one(Stage, stage_id), make_official("coder", db.session.get_one(Stage, stage_id)))
    return region, entry.id


def typed(region: Region, **changes: str) -> dict[str, str]:
    return {
        **{name: value for name, value in make_person().items() if name != "level"},
        "organisation": region.employer.name,
        "version": "1",
        "reason": "因伤不能参赛",
        "told": "1",
        **changes,
    }


def stage_of(region: Region) -> Stage:
    db.session.rollback()
    return db.session.scalars(select(Stage).where(Stage.event_id == region.event.id)).one()


def test_the_organiser_replaces_after_the_cut_off_and_the_place_goes_over(
    app: Flask, place: tuple[Region, str]
) -> None:
    region, old_id = place
    assert signed_in(app, region.reporter).post(f"/desk/entries/{old_id}/replacement", typed(region)).status_code == 409
    organiser = signed_in(app, region.organiser)
    shown = organiser.get(f"/desk/entries/{old_id}").get_data(as_text=True)
    assert f"/desk/entries/{old_id}/organiser-replacement" in shown
    answer = organiser.post(f"/desk/entries/{old_id}/organiser-replacement", typed(region))
    assert answer.status_code == 303
    db.session.rollback()
    new_id = answer.location.rsplit("/", 1)[1]
    old, new = db.session.get_one(Entry, old_id), db.session.get_one(Entry, new_id)
    assert (old.state, new.state, new.organiser_reviews) == ("replaced", "submitted", True)
    lot = db.session.scalars(select(Lot)).one()
    assert lot.entry_id == new_id and new.replaces_id == old_id
    assert f"/desk/entries/{new_id}" in organiser.get(f"/desk/entries/{old_id}").get_data(as_text=True)
    told = {
        row.entry_id: row.reason
        for row in db.session.scalars(
            select(EntryHistory).where(EntryHistory.to_state.in_(("replaced", "submitted")), EntryHistory.reason != "")
        )
    }
    assert told[old_id] == "因伤不能参赛" and f"接替准考证号 {old.ticket}：因伤不能参赛" in told[new_id]


def test_whoever_replaced_does_not_approve_the_new_one_himself(app: Flask, place: tuple[Region, str]) -> None:
    region, old_id = place
    another = make_user(("organiser_approving", "competition", region.competition.id))
    db.session.commit()
    organiser = signed_in(app, region.organiser)
    new_id = organiser.post(f"/desk/entries/{old_id}/organiser-replacement", typed(region)).location.rsplit("/", 1)[1]
    base = f"/desk/competitions/{region.competition.id}/entries/approve"
    own = organiser.get(f"/desk/entries/{new_id}").get_data(as_text=True)
    assert base not in own and "由组委会的另一人审核通过" in own
    assert base in signed_in(app, another).get(f"/desk/entries/{new_id}").get_data(as_text=True)
    assert organiser.post(base, {"ids": new_id}).status_code == 409
    assert signed_in(app, another).post(base, {"ids": new_id}).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Entry, new_id).state == "approved"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"reason": ""}, "请写明原因"),
        ({"told": ""}, "单独同意"),
        ({"id_number": "450103199003070000"}, "身份证号"),
        ({"organisation": "别处的公司"}, "不在您的管理范围内"),
    ],
)
def test_the_substitute_is_checked_like_anybody(
    app: Flask, place: tuple[Region, str], changes: dict[str, str], says: str
) -> None:
    region, old_id = place
    make_employer(region.other_city, name="别处的公司")
    db.session.commit()
    answer = signed_in(app, region.organiser).post(
        f"/desk/entries/{old_id}/organiser-replacement", typed(region, **changes)
    )
    assert answer.status_code == 422 and says in answer.get_data(as_text=True)
    db.session.rollback()
    assert [each.state for each in db.session.scalars(select(Entry))] == ["approved"]


def test_nobody_is_replaced_after_check_in_or_sealing(app: Flask, place: tuple[Region, str]) -> None:
    region, old_id = place
    address, organiser = f"/desk/entries/{old_id}/organiser-replacement", signed_in(app, region.organiser)
    stage = stage_of(region)
    sealed(stage, 1, make_official("coder", stage), make_official("supervisor", stage))
    assert "加密号已经封存" in organiser.get(address).get_data(as_text=True)
    answer = organiser.post(address, typed(region))
    assert answer.status_code == 409 and "加密号已经封存" in answer.get_data(as_text=True)
    steward = make_official("steward", stage_of(region))
    with transaction() as session:
        services.check_in(session, session.get_one(Stage, stage.id), old_id, "present", by=steward, at=clock.now())
    answer = organiser.post(address, typed(region))
    assert answer.status_code == 409 and "已经检录" in answer.get_data(as_text=True)


def test_somebody_elses_entry_looks_like_a_missing_one(app: Flask, place: tuple[Region, str]) -> None:
    region, old_id = place
    stranger = make_user(("organiser_drafting", "competition", make_region().competition.id))
    db.session.commit()
    address = f"/desk/entries/{old_id}/organiser-replacement"
    assert signed_in(app, stranger).get(address).status_code == 404
    assert signed_in(app, stranger).post(address, typed(region)).status_code == 404
    assert signed_in(app, region.reporter).get(address).status_code == 403
