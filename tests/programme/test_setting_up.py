"""Programmes, editable data, the phase line and what waits for whom."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from competitions.base import clock
from competitions.base.database import db
from competitions.base.permissions import SYSTEM
from competitions.programme.competitions.phases import current_label, phases
from competitions.programme.models import CompetitionLevel, Occupation, Programme, Ruleset
from competitions.programme.queries import occupation_called
from competitions.programme.reference.services import load_reference
from competitions.programme.rulesets.presets import PRESETS
from competitions.programme.waiting import waiting
from tests.factories import actor, make_competition, make_event, make_union, make_user
from tests.factories_programme import make_notice, make_ruleset, organiser, signed_in


def test_programmes_nest_and_none_lies_below_itself(app: Flask) -> None:
    client = organiser(app)
    assert client.post("/desk/programmes/new", {"name": "上层", "version": "1"}).status_code == 303
    above = db.session.scalars(select(Programme)).one().id
    client.post("/desk/programmes/new", {"name": "下层", "parent_id": above, "version": "1"})
    assert "上层 › 下层" in client.get("/desk/programmes").get_data(as_text=True)
    db.session.rollback()
    below = db.session.scalars(select(Programme).where(Programme.name == "下层")).one().id
    db.session.rollback()
    answer = client.post(f"/desk/programmes/{above}", {"name": "上层", "parent_id": below, "version": "1"})
    assert answer.status_code == 422 and "上级不能是它自己或它下面的" in answer.get_data(as_text=True)
    assert client.post("/desk/programmes/new", {"name": "上层", "version": "1"}).status_code == 422


def test_a_stale_programme_is_not_overwritten(app: Flask) -> None:
    client = organiser(app)
    client.post("/desk/programmes/new", {"name": "甲", "version": "1"})
    programme_id = db.session.scalars(select(Programme)).one().id
    assert client.post(f"/desk/programmes/{programme_id}", {"name": "乙", "version": "1"}).status_code == 303
    assert client.post(f"/desk/programmes/{programme_id}", {"name": "丙", "version": "1"}).status_code == 409


def test_standard_data_are_loaded_once_and_what_was_edited_stays(app: Flask) -> None:
    admin = signed_in(app, ("administrator", "system", None))
    assert admin.post("/desk/reference/load").status_code == 303
    welder = db.session.get_one(Occupation, "6-18-02-04")
    assert (welder.name, "电焊工" in welder.aliases.splitlines()) == ("焊工", True)
    db.session.rollback()
    typed = {"code": "6-18-02-04", "name": "焊工（改）", "aliases": "电焊工\n氩弧焊工"}
    assert admin.post("/desk/occupations/6-18-02-04", typed).status_code == 303
    admin.post("/desk/reference/load")
    db.session.rollback()
    assert db.session.get_one(Occupation, "6-18-02-04").name == "焊工（改）"
    found = occupation_called(db.session(), "氩弧焊工")
    assert found is not None and found.code == "6-18-02-04"
    assert {"自治区级一类", "市级二类", "园区级", "跨省区"} <= set(db.session.scalars(select(CompetitionLevel.name)))


def test_a_level_is_added_renamed_and_removed_unless_it_is_used(app: Flask) -> None:
    make_competition()
    admin = signed_in(app, ("administrator", "system", None))
    assert admin.post("/desk/levels/new", {"code": "town", "name": "乡镇级", "position": "3"}).status_code == 303
    assert (
        admin.post("/desk/levels/town", {"code": "other", "name": "乡镇（街道）级", "position": "3"}).status_code == 303
    )
    assert db.session.get_one(CompetitionLevel, "town").name == "乡镇（街道）级"
    db.session.rollback()
    assert admin.post("/desk/levels/new", {"code": "town", "name": "另一个", "position": "3"}).status_code == 422
    assert admin.post("/desk/occupations/new", {"code": "6-18", "name": "甲", "aliases": ""}).status_code == 422
    assert admin.post("/desk/levels/town/remove").status_code == 303
    assert admin.post("/desk/levels/region1/remove").status_code == 409
    assert admin.get("/desk/levels/nothing").status_code == 404
    assert organiser(app).get("/desk/levels").status_code == 403


def test_the_phase_line_says_what_is_done_and_what_blocks(app: Flask) -> None:
    competition = make_notice()
    at = clock.now()
    line = phases(db.session(), competition, at)
    assert len(line) == 17 and line[0].state == "current" and "还没有赛项" in (line[0].blocked or "")
    event = make_event(competition, name="焊工")
    db.session.expire_all()
    assert phases(db.session(), competition, at)[0].blocked == "“焊工”决赛还没有计分规则。"
    make_ruleset(event.stages[0], PRESETS["practice_only"].document)
    assert phases(db.session(), competition, at)[0].state == "done"
    assert phases(db.session(), competition, at)[1].blocked == "发布前还缺：主办单位。"
    competition.state = "open"
    assert current_label(phases(db.session(), competition, at)) == "报名"
    assert current_label(phases(db.session(), competition, at + timedelta(days=15))) == "资格审查"


def test_what_waits_for_an_organiser_and_for_the_one_who_approves(app: Flask) -> None:
    bare, ruled = make_notice(name="空赛事"), make_competition(name="有规则的赛事")
    make_event(make_competition(name="缺规则的赛事"))
    stage = make_event(ruled, name="焊工").stages[0]
    make_ruleset(stage, PRESETS["practice_only"].document)
    drafting, approving = (
        make_user(("organiser_drafting", "system", None)),
        make_user(("organiser_approving", "system", None)),
    )
    make_ruleset(stage, PRESETS["practice_only"].document, number=2, state="proposed", created_by=drafting.id)
    db.session.flush()
    said = {item.sentence for item in waiting(db.session(), actor(drafting), clock.now())}
    assert said == {"“空赛事”还没有设置赛项", "“缺规则的赛事”有 1 个阶段还没有计分规则"}
    (item,) = waiting(db.session(), actor(approving), clock.now())
    assert item.sentence == "“焊工”决赛的计分规则修改等待审定" and item.endpoint == "programme.ruleset_version"
    assert item.arguments == {"ruleset_id": db.session.scalars(select(Ruleset.id).where(Ruleset.number == 2)).one()}
    assert waiting(db.session(), actor(make_user(("reporter", "union", make_union().id))), clock.now()) == []
    assert waiting(db.session(), actor(make_user(("organiser_drafting", "competition", bare.id))), clock.now())


def test_the_command_loads_the_standard_data(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["programme", "load-reference"])
    assert answer.exit_code == 0 and answer.output.strip() == "新增 59 条级别和职业"
    assert load_reference(db.session(), by=SYSTEM, at=clock.now()) == 0
