"""Competitions: making, changing, publishing, extending; who sees what."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.programme.locking import require_before
from competitions.programme.models import Competition, DeadlineExtension
from tests.factories import make_competition, make_event, make_union
from tests.factories_programme import beijing_typed, competition_typed, make_notice, organiser, signed_in
from tests.people import Client


def stored(competition_id: str) -> Competition:
    db.session.rollback()
    return db.session.get_one(Competition, competition_id)


def test_an_organiser_makes_a_competition_as_a_draft_with_its_bodies_in_order(app: Flask) -> None:
    programme = make_notice().programme
    make_union(name="广西总工会")
    client = organiser(app)
    answer = client.post(
        "/desk/competitions/new",
        competition_typed(
            programme,
            name="新赛事",
            report_until="2027-01-20T17:30",
            review_until="2027-01-25T17:30",
            final_until="2027-01-31T12:00",
            held_from="2027-03-10",
            held_to="2027-03-12",
            event_word="工种",
        ),
    )
    assert answer.status_code == 303 and "请接着添加工种，再发布通知。" in client.get(answer.location).get_data(
        as_text=True
    )
    made = stored(answer.location.rsplit("/", 1)[-1])
    assert (made.name, made.state, made.event_word) == ("新赛事", "draft", "工种")
    assert [(body.role, body.name) for body in made.bodies] == [
        ("host", "广西总工会"),
        ("host", "广西人社厅"),
        ("organiser", "南宁市总工会"),
    ]
    assert made.bodies[0].union_id is not None and made.bodies[1].union_id is None
    assert made.report_until.isoformat() == "2027-01-20T09:30:00+00:00"


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "请填写赛事名称。"),
        ("report_until", "明天", "请填写到分钟的北京时间"),
        ("review_until", "2020-01-01T00:00", "审核截止早于报名截止"),
        ("held_to", "2026-12-01", "结束日期早于开始日期"),
        ("contact_phone", "abc", "请填写电话号码"),
        ("events_per_person", "0", "请填写 1 到 99 的整数。"),
        ("host", "甲\n甲", "第 2 行“甲”重复"),
        ("level_code", "nothing", "竞赛级别"),
        ("report_until", "0001-01-01T00:00", "北京时间"),
        ("events_per_person", "99999999999999999999", "请填写整数"),
        ("area_code", "45", "区划代码为 6 位数字"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_saved(app: Flask, field: str, value: str, says: str) -> None:
    programme = make_notice().programme
    client = organiser(app)
    answer = client.post("/desk/competitions/new", competition_typed(programme, **{field: value}))
    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)
    assert len(db.session.scalars(select(Competition)).all()) == 1


def test_a_name_that_is_taken_is_refused_at_its_field(app: Flask) -> None:
    competition = make_notice(name="已有赛事")
    client = organiser(app)
    answer = client.post("/desk/competitions/new", competition_typed(competition.programme, name="已有赛事"))
    assert answer.status_code == 422
    assert "这个名称已经有了" in answer.get_data(as_text=True)


def test_the_second_of_two_editors_sees_both_versions_and_overwrites_nothing(app: Flask) -> None:
    competition = make_notice(name="原来的名称")
    competition_id, programme = competition.id, competition.programme
    typed = competition_typed(programme, name="第一人的名称")
    client = organiser(app)
    assert client.post(f"/desk/competitions/{competition_id}/edit", typed).status_code == 303
    answer = client.post(f"/desk/competitions/{competition_id}/edit", {**typed, "name": "第二人的名称"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "第一人的名称" in page and "第二人的名称" in page
    assert stored(competition_id).name == "第一人的名称"
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version and version[1] == "2"
    again = client.post(
        f"/desk/competitions/{competition_id}/edit", {**typed, "name": "第二人的名称", "version": version[1]}
    )
    assert again.status_code == 303 and stored(competition_id).name == "第二人的名称"


def test_a_notice_is_published_when_it_is_complete_and_then_everybody_reads_it(app: Flask, visitor: Client) -> None:
    competition = make_notice()
    competition_id = competition.id
    client = organiser(app)
    refused = client.post(f"/desk/competitions/{competition_id}/publish")
    assert refused.status_code == 409
    assert "主办单位、竞赛项目" in refused.get_data(as_text=True)
    assert visitor.get(f"/competitions/{competition_id}").status_code == 404
    make_event(stored(competition_id))
    db.session.commit()
    typed = competition_typed(stored(competition_id).programme, name="可以发布的赛事")
    assert client.post(f"/desk/competitions/{competition_id}/edit", typed).status_code == 303
    published = client.post(f"/desk/competitions/{competition_id}/publish")
    assert published.status_code == 303, published.get_data(as_text=True)
    page = visitor.get(f"/competitions/{competition_id}").get_data(as_text=True)
    for words in (
        "可以发布的赛事",
        "桂工发〔2026〕12号",
        "广西总工会、广西人社厅",
        "0771-5550000",
        "焊工",
        "在岗职工。",
    ):
        assert words in page


def test_published_cut_offs_are_not_moved_by_editing(app: Flask) -> None:
    competition = make_notice(state="open")
    before, competition_id = competition.report_until, competition.id
    client = organiser(app)
    typed = competition_typed(competition.programme, report_until="2030-01-01T00:00")
    assert client.post(f"/desk/competitions/{competition_id}/edit", typed).status_code == 303
    assert stored(competition_id).report_until == before


def test_an_extension_for_one_union_reaches_the_unions_below_it_and_no_other(app: Flask) -> None:
    city = make_union(make_union(), name="南宁市总工会", kind="federation")
    below, other = make_union(make_union(city)), make_union()
    until = datetime(2026, 11, 20, 9, 0, tzinfo=clock.UTC)
    competition = make_competition(report_until=until, contact="李老师", contact_phone="0771-5550000")
    ids = competition.id, below.id, other.id
    client = organiser(app)
    later = clock.now() + timedelta(days=3)
    answer = client.post(
        f"/desk/competitions/{competition.id}/extensions",
        {"deadline": "report", "union": "南宁市总工会", "until": beijing_typed(later), "reason": "台风停工"},
    )
    assert answer.status_code == 303
    competition, below, other = (
        stored(ids[0]),
        db.session.get_one(type(below), ids[1]),
        db.session.get_one(type(other), ids[2]),
    )
    require_before(db.session(), competition, "report", below, later.replace(second=0, microsecond=0))
    with pytest.raises(StateForbids) as refused:
        require_before(db.session(), competition, "report", other, until + timedelta(minutes=1))
    assert refused.value.status == 409
    assert refused.value.params == {"until": "2026年11月20日 17:00", "contact": "李老师", "phone": "0771-5550000"}
    with pytest.raises(StateForbids):
        require_before(db.session(), competition, "report", below, later + timedelta(minutes=1))
    require_before(db.session(), competition, "report", other, until)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"until": "2026-01-01T00:00"}, "新的截止时间须晚于"),
        ({"union": "没有的工会"}, "没有找到这个工会"),
        ({"reason": " "}, "请填写理由"),
    ],
)
def test_an_extension_must_be_later_known_and_reasoned(app: Flask, changes: dict[str, str], says: str) -> None:
    competition = make_competition()
    client = organiser(app)
    answer = client.post(
        f"/desk/competitions/{competition.id}/extensions",
        {"deadline": "report", "union": "", "until": "2030-01-01T00:00", "reason": "补报", **changes},
    )
    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)
    assert not db.session.scalars(select(DeadlineExtension)).all()


def test_a_union_sees_published_competitions_only_and_edits_none(app: Flask) -> None:
    union = make_union()
    draft, shown = make_notice(name="未公开的赛事"), make_competition(name="已公开的赛事")
    ids = draft.id, shown.id
    client = signed_in(app, ("reporter", "union", union.id), union=union)
    page = client.get("/desk/competitions").get_data(as_text=True)
    assert "已公开的赛事" in page and "未公开的赛事" not in page
    assert client.get(f"/desk/competitions/{ids[0]}").status_code == 404
    assert client.get(f"/desk/competitions/{ids[1]}").status_code == 200
    assert client.get(f"/desk/competitions/{ids[1]}/edit").status_code == 403


def test_an_organiser_of_one_competition_neither_sees_nor_makes_others(app: Flask) -> None:
    own, other = make_notice(), make_notice()
    ids = own.id, other.id
    client = organiser(app, own)
    assert client.get(f"/desk/competitions/{ids[0]}/edit").status_code == 200
    assert client.get(f"/desk/competitions/{ids[1]}/edit").status_code == 404
    assert client.post(f"/desk/competitions/{ids[1]}/publish").status_code == 404
    assert client.get("/desk/competitions/new").status_code == 403


def test_the_list_leaves_as_a_workbook(app: Flask) -> None:
    make_competition(name="要导出的赛事")
    answer = organiser(app).get("/desk/competitions/export.xlsx?q=要导出")
    assert answer.status_code == 200 and answer.data[:2] == b"PK"
