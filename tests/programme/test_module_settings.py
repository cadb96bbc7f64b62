"""评分设置: typed, ranged, told to both editors, locked by the first check-in, read by judging, copied with the event."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.audit.models import AuditEvent
from competitions.base import clock
from competitions.base.database import db
from competitions.programme.models import Event, Module
from competitions.programme.modules.judging_settings import JudgingSettings, Recheck
from tests.factories import make_competition, make_event
from tests.factories_judging import Hall, act, confirm_all, make_hall
from tests.factories_programme import make_notice, organiser
from tests.people import Client


def typed(**changes: Any) -> dict[str, Any]:
    """The form of a practice module as it stands at first; check boxes that are not ticked are not sent."""
    return {
        "version": "1",
        "recheck_top": "30",
        "recheck_sample": "15",
        "recheck_limit": "5",
        "conflicts": "warn",
        "late_minutes": "",
        **changes,
    }


def practice(event: Event) -> Module:
    return next(module for module in event.stages[0].modules if module.kind == "practice")


def settings_of(module_id: str) -> JudgingSettings:
    db.session.rollback()
    return JudgingSettings.of(db.session.get_one(Module, module_id))


@pytest.fixture
def drafting(app: Flask) -> tuple[Client, str]:
    """An organiser and the id of a practice module of an event that has not begun."""
    event = make_event(make_notice(), name="焊工")
    module_id = practice(event).id
    return organiser(app), f"/desk/modules/{module_id}/settings"


def module_of(address: str) -> str:
    return address.split("/")[3]


def test_what_is_typed_is_kept_as_typed_values_and_the_log_tells_before_and_after(drafting: tuple[Client, str]) -> None:
    client, address = drafting
    answer = client.post(
        address,
        typed(
            double_entry="y",
            judges_sign="y",
            recheck="y",
            recheck_top="20",
            recheck_sample="10",
            recheck_limit="0",
            conflicts="forbid",
            late_minutes="5",
        ),
    )
    assert answer.status_code == 303
    module_id = module_of(address)
    assert settings_of(module_id) == JudgingSettings("code", True, True, Recheck(20, 10, 0), True, 5)
    told = json.loads(
        db.session.scalars(select(AuditEvent.payload).where(AuditEvent.action == "module.settings")).one()
    )
    assert told["before"]["late_minutes"] is None and told["before"]["recheck"] is None
    assert told["after"]["late_minutes"] == 5 and told["after"]["recheck"] == {"top": 20, "sample": 10, "limit": 0}


@pytest.mark.parametrize(
    "changes",
    [
        {"recheck_top": "101"},
        {"recheck_limit": "-1"},
        {"recheck_sample": "一半"},
        {"late_minutes": "121"},
        {"conflicts": "perhaps"},
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(drafting: tuple[Client, str], changes: dict[str, str]) -> None:
    client, address = drafting
    answer = client.post(address, typed(recheck="y", **changes))
    assert answer.status_code == 422 and "aria-invalid" in answer.get_data(as_text=True)
    assert settings_of(module_of(address)) == JudgingSettings()


def test_the_second_of_two_editors_sees_both_versions(drafting: tuple[Client, str]) -> None:
    client, address = drafting
    assert client.post(address, typed(late_minutes="5")).status_code == 303
    answer = client.post(address, typed(late_minutes="20", conflicts="forbid"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "刚被别人修改过" in page and ">5<" in page and ">20<" in page
    assert "<td>不得编入，也不得评分</td>" in page
    assert settings_of(module_of(address)).late_minutes == 5
    assert client.post(address, typed(late_minutes="20", version="2")).status_code == 303


def test_from_the_first_check_in_they_are_only_read(drafting: tuple[Client, str]) -> None:
    client, address = drafting
    db.session.rollback()
    db.session.get_one(Module, module_of(address)).stage.locked_at = clock.now()
    db.session.commit()
    answer = client.post(address, typed(double_entry="y"))
    assert answer.status_code == 409 and "评分设置已锁定" in answer.get_data(as_text=True)
    assert not settings_of(module_of(address)).double_entry
    page = client.get(address).get_data(as_text=True)
    assert "只能查看" in page and 'name="double_entry"' not in page


def test_a_theory_module_says_how_its_papers_are_named_and_knows_no_judges(app: Flask) -> None:
    event = make_event(make_notice())
    theory = next(module for module in event.stages[0].modules if module.kind == "theory")
    client, address, module_id = organiser(app), f"/desk/modules/{theory.id}/settings", theory.id
    page = client.get(address).get_data(as_text=True)
    assert "准考证号" in page and "裁判本人签字" not in page
    assert client.post(address, typed(identify_by="ticket", double_entry="y", judges_sign="y")).status_code == 303
    assert settings_of(module_id) == JudgingSettings("ticket", double_entry=True)


def test_somebody_elses_module_looks_like_a_missing_one(app: Flask) -> None:
    module_id, other = practice(make_event(make_notice())).id, make_competition()
    client = organiser(app, other)
    assert client.get(f"/desk/modules/{module_id}/settings").status_code == 404
    assert client.post(f"/desk/modules/{module_id}/settings", typed()).status_code == 404


def test_what_another_feature_keeps_beside_them_stays(drafting: tuple[Client, str]) -> None:
    client, address = drafting
    db.session.rollback()
    db.session.get_one(Module, module_of(address)).settings = {"carried": "初赛"}
    db.session.commit()
    assert client.post(address, typed(judges_sign="y")).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Module, module_of(address)).settings["carried"] == "初赛"


def test_a_copied_event_is_judged_like_the_old_one(app: Flask) -> None:
    old = make_event(make_competition(), name="焊工")
    practice(old).settings = JudgingSettings(judges_sign=True, recheck=Recheck(40, 20, 5), late_minutes=20).kept()
    source_id, competition_id = old.id, make_notice().id
    answer = organiser(app).post(f"/desk/competitions/{competition_id}/events/copy", {"source_id": source_id})
    assert answer.status_code == 303
    db.session.rollback()
    copied = db.session.scalars(select(Event).where(Event.competition_id == competition_id)).one()
    assert JudgingSettings.of(practice(copied)) == JudgingSettings(
        judges_sign=True, recheck=Recheck(40, 20, 5), late_minutes=20
    )


def test_what_the_page_sets_is_what_the_hall_does(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",), open_sheets=False)
    module_id = hall.modules["practice"].id
    organised = hall.client("organiser")
    address = f"/desk/modules/{module_id}/settings"
    assert organised.post(address, typed(judges_sign="y", recheck="y")).status_code == 303
    assert organised.post(f"/desk/stages/{hall.stage.id}/judging/open").status_code == 303
    assert organised.post(address, typed(version="2")).status_code == 409
    confirm_all(hall)
    assert refused(hall, module_id) == ["sign.judge_unsigned"]
    act(hall.client(hall.judges[0]), f"/api/sheets/{hall.sheet('A01').id}/sign", {"revision": 1})
    assert refused(hall, module_id) == ["sign.recheck_waiting"]


def refused(hall: Hall, module_id: str) -> list[str]:
    answer = act(hall.client("chief_judge"), f"/api/modules/{module_id}/sign").get_json()
    return [problem["code"] for problem in answer["error"]["problems"]]
