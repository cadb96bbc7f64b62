"""Two people who change a sitting at once: the second sees both versions and decides."""

from flask import Flask

from competitions.base import clock
from competitions.base.database import db
from competitions.coding.models import Sitting
from tests.factories import make_event
from tests.factories_programme import organiser


def test_the_second_of_two_editors_of_a_sitting_sees_both_versions(app: Flask) -> None:
    event = make_event()
    stage_id = event.stages[0].id
    sitting = Sitting(stage_id=stage_id, name="第一场", starts_at=clock.now(), stations=10, place="一号车间")
    db.session.add(sitting)
    db.session.flush()
    sitting_id, competition = sitting.id, event.competition
    first, second = organiser(app, competition), organiser(app, competition)
    address = f"/desk/stages/{stage_id}/sittings/{sitting_id}"
    typed = {
        "version": "1",
        "name": "第一场",
        "starts_at": "2027-01-05T09:00",
        "stations": "12",
        "place": "一号车间",
        "module_id": "",
    }
    assert 'name="version"' in second.get(address).get_data(as_text=True)
    assert first.post(address, typed).status_code == 303
    answer = second.post(address, {**typed, "stations": "8", "place": "二号车间"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "刚被别人修改过" in page
    assert ">12<" in page and ">8<" in page and "一号车间" in page and 'value="2"' in page
    db.session.rollback()
    assert db.session.get_one(Sitting, sitting_id).stations == 12
    assert second.post(address, {**typed, "version": "2", "stations": "8"}).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Sitting, sitting_id).stations == 8
