"""Events: divisions and stages by name, quota, occupations by alias, copying, removing, people."""

from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import RoleAssignment
from competitions.base import clock
from competitions.base.database import db
from competitions.base.permissions import SYSTEM
from competitions.programme.models import Competition, Event, Module, Ruleset, Stage
from competitions.programme.reference.services import load_reference
from competitions.programme.rulesets.presets import PRESETS
from tests.by_two import agreed
from tests.factories import make_competition, make_event, make_user
from tests.factories_programme import event_typed, make_notice, make_ruleset, organiser, signed_in


def the_event(name: str) -> Event:
    db.session.rollback()
    return db.session.scalars(select(Event).where(Event.name == name)).one()


def test_an_event_has_divisions_and_stages_in_order_and_finds_its_occupation_by_alias(app: Flask) -> None:
    load_reference(db.session(), by=SYSTEM, at=clock.now())
    competition_id = make_notice().id
    client = organiser(app)
    answer = client.post(
        f"/desk/competitions/{competition_id}/events/new",
        event_typed(
            **{"name": "电焊工", "divisions-1-name": "学生组", "stages-0-name": "初赛", "stages-1-name": "决赛"}
        ),
    )
    assert answer.status_code == 303
    event = the_event("电焊工")
    assert [each.name for each in event.divisions] == ["职工组", "学生组"]
    assert [each.name for each in event.stages] == ["初赛", "决赛"]
    assert (event.occupation_code, event.quota_per_union, event.team_size) == ("6-18-02-04", 3, 1)


def test_an_event_without_a_division_or_with_one_twice_is_refused(app: Flask) -> None:
    competition_id = make_notice().id
    client = organiser(app)
    address = f"/desk/competitions/{competition_id}/events/new"
    for changes, says in (
        ({"divisions-0-name": ""}, "至少保留一个组别"),
        ({"stages-1-name": "决赛"}, "名称有重复"),
        ({"team_size": "0"}, "请填写 1 到 50 的整数"),
        ({"name": "名" * 61}, "名称不超过 60 个字"),
    ):
        answer = client.post(address, event_typed(**changes))
        assert answer.status_code == 422 and says in answer.get_data(as_text=True)
    assert not db.session.scalars(select(Event)).all()


def test_two_events_of_one_name_are_refused_within_a_competition(app: Flask) -> None:
    competition = make_notice()
    make_event(competition, name="焊工")
    competition_id = competition.id
    answer = organiser(app).post(f"/desk/competitions/{competition_id}/events/new", event_typed())
    assert answer.status_code == 422 and "这个名称已经有了" in answer.get_data(as_text=True)


def test_a_division_is_renamed_in_place_and_a_stale_edit_is_shown(app: Flask) -> None:
    event = make_event(make_notice(), name="焊工")
    division, stage = event.divisions[0].id, event.stages[0].id
    client, event_id = organiser(app), event.id
    typed = event_typed(**{"divisions-0-id": division, "divisions-0-name": "教师组", "stages-0-id": stage})
    assert client.post(f"/desk/events/{event_id}/edit", typed).status_code == 303
    changed = the_event("焊工")
    assert [(each.id, each.name) for each in changed.divisions] == [(division, "教师组")]
    answer = client.post(f"/desk/events/{event_id}/edit", {**typed, "quota_per_union": "9"})
    assert answer.status_code == 409
    assert "刚被别人修改过" in answer.get_data(as_text=True)
    assert the_event("焊工").quota_per_union == 3


def test_a_locked_stage_is_not_taken_out(app: Flask) -> None:
    event = make_event(make_competition(), name="焊工")
    event.stages[0].locked_at = clock.now()
    client, event_id, division = organiser(app), event.id, event.divisions[0].id
    answer = client.post(
        f"/desk/events/{event_id}/edit", event_typed(**{"divisions-0-id": division, "stages-0-name": "复赛"})
    )
    assert answer.status_code == 409
    assert [each.name for each in the_event("焊工").stages] == ["决赛"]


def test_last_years_event_is_copied_with_modules_and_rules_but_without_people(app: Flask) -> None:
    old = make_event(make_competition(), name="焊工", quota_per_union=5, team_size=2)
    make_ruleset(old.stages[0], PRESETS["five_judges"].document, number=3, preset="five_judges")
    make_user(("judge", "event", old.id))
    competition_id = make_notice(name="今年的赛事").id
    client, old_id = organiser(app), old.id
    answer = client.post(f"/desk/competitions/{competition_id}/events/copy", {"source_id": old_id, "name": ""})
    assert answer.status_code == 303
    db.session.rollback()
    new = db.session.scalars(select(Event).where(Event.competition_id == competition_id)).one()
    assert (new.name, new.quota_per_union, new.team_size) == ("焊工", 5, 2)
    stage = db.session.scalars(select(Stage).where(Stage.event_id == new.id)).one()
    assert {module.key for module in stage.modules} == {"theory", "practice"}
    ruleset = db.session.scalars(select(Ruleset).where(Ruleset.stage_id == stage.id)).one()
    assert (ruleset.number, ruleset.preset) == (1, "five_judges")
    assert not db.session.scalars(select(RoleAssignment).where(RoleAssignment.scope_id == new.id)).all()


def test_a_copy_under_another_name_says_which_occupation_it_still_has(app: Flask) -> None:
    load_reference(db.session(), by=SYSTEM, at=clock.now())
    old = make_event(make_competition(), name="焊工", occupation_code="6-18-02-04")
    competition_id, old_id, client = make_notice().id, old.id, organiser(app)
    answer = client.post(f"/desk/competitions/{competition_id}/events/copy", {"source_id": old_id, "name": "电工"})
    page = client.get(answer.location).get_data(as_text=True)
    assert "现为“焊工”，与“电工”是否相符" in page and "请核对" in page and "日期" in page


def test_an_event_of_a_draft_is_removed_whole_and_an_announced_one_stays(app: Flask) -> None:
    event, announced = make_event(make_notice()), make_event(make_competition())
    make_ruleset(event.stages[0], PRESETS["practice_only"].document)
    client, ids = organiser(app), (event.id, announced.id)
    assert client.post(f"/desk/events/{ids[0]}/remove").status_code == 303
    assert client.post(f"/desk/events/{ids[1]}/remove").status_code == 409
    db.session.rollback()
    assert [row.id for row in db.session.scalars(select(Event))] == [ids[1]]
    assert len(db.session.scalars(select(Module)).all()) == 2


def test_people_are_given_roles_and_those_that_exclude_each_other_are_refused(app: Flask) -> None:
    event = make_event()
    judge = make_user(display_name="裁判陈")
    administrator = signed_in(app, ("administrator", "system", None))
    client, event_id, username = organiser(app), event.id, judge.username
    address = f"/desk/events/{event_id}/people"
    assert client.post(address, {"username": username, "role": "judge"}).status_code == 303
    assert agreed(administrator) == []
    assert client.post(address, {"username": username, "role": "coder"}).status_code == 409
    assert "没有这个可用的账号" in client.post(address, {"username": "nobody", "role": "judge"}).get_data(as_text=True)
    page = client.get(address).get_data(as_text=True)
    assert "裁判陈" in page and "还没有指派：裁判长、复核员、加密裁判、检录裁判、监督员" in page
    db.session.rollback()
    given = db.session.scalars(select(RoleAssignment).where(RoleAssignment.scope_id == event_id)).one()
    assert (given.role, given.scope_kind) == ("judge", "event")
    assert client.post(f"{address}/{given.id}/end").status_code == 303


def test_a_role_of_another_event_cannot_be_ended_from_here(app: Flask) -> None:
    event, other = make_event(), make_event()
    make_user(("judge", "event", other.id))
    assignment_id = db.session.scalars(select(RoleAssignment)).one().id
    client, event_id = organiser(app), event.id
    assert client.post(f"/desk/events/{event_id}/people/{assignment_id}/end").status_code == 404


def test_an_event_of_another_competition_looks_like_missing(app: Flask) -> None:
    event, own = make_event(), make_notice()
    client, event_id = organiser(app, own), event.id
    for path in ("", "/edit", "/people"):
        assert client.get(f"/desk/events/{event_id}{path}").status_code == 404
    assert client.post(f"/desk/events/{event_id}/remove").status_code == 404
    reporter = signed_in(app, ("reporter", "union", None))
    assert reporter.get(f"/desk/events/{event_id}").status_code == 403
    assert db.session.scalars(select(Competition)).all()
