"""The standings in pages of fifty: search, ties and lines across pages, whole exports that are counted and recorded."""

import hashlib
import json
import re
from io import BytesIO

from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from competitions.accounts.settings import EXPORTS
from competitions.audit.models import AuditEvent
from competitions.base.database import db
from tests.factories import allow
from tests.factories_results import Contest, make_contest, practice_only, prizes
from tests.people import Client
from tests.results.test_standings import queries_of

MANY = 53
TIED_FROM, TIED_TO = 49, 52
"""Places 49 to 52 are equal, so that the tie lies across the first page's end; one second prize ends there too."""


def crowd(app: Flask) -> Contest:
    marks = [str(90 - place) if not TIED_FROM <= place + 1 <= TIED_TO else "20" for place in range(MANY - 1)] + ["1"]
    rules = practice_only(awards=prizes(1, TIED_TO - 1, 0))
    return make_contest(app, rules, [{"practice": [mark]} for mark in marks])


def codes_on(page: str) -> list[str]:
    return re.findall(r'<td class="lead who">([0-9A-Z-]+)</td>', page)


def test_pages_of_fifty_keep_ties_and_lines_and_search_finds_a_code(app: Flask) -> None:
    contest = crowd(app)
    first, second = contest.page("chief_judge"), contest.page("chief_judge", "standings?page=2")
    assert codes_on(first)[:48] == contest.codes[:48] and set(codes_on(first)[48:]) <= set(contest.codes[48:52])
    assert len(codes_on(first)) == 50 and sorted(codes_on(first) + codes_on(second)) == sorted(contest.codes)
    assert "第 1 / 2 页" in first and "并列的选手接下页" in first and "一等奖线" in first and "二等奖线" not in first
    assert "与上一页末尾并列" in second and "二等奖线" in second and "一等奖线" not in second
    assert f"应参赛 {MANY} 人，实际参赛 {MANY} 人（有名次 {MANY} 人）" in first
    wanted = contest.codes[51]
    found = contest.page("chief_judge", f"standings?q={wanted}")
    assert codes_on(found) == [wanted] and ">49<" in found
    assert "没有查到" in contest.page("chief_judge", "standings?q=没有")


def test_a_page_of_many_takes_the_queries_of_a_page_of_few(app: Flask) -> None:
    few = make_contest(app, practice_only(), [{"practice": ["90"]}, {"practice": ["80"]}])
    many = crowd(app)
    for contest in (few, many):
        contest.settle()
        contest.decode()
    taken = [queries_of(c.client("drafting"), f"/desk/stages/{c.stage_id}/standings") for c in (few, many)]
    assert taken[0] == taken[1] <= 30


def test_after_decoding_a_name_or_a_unit_is_found(app: Flask) -> None:
    marks = [{"practice": ["90"]}, {"practice": ["80"]}]
    contest = make_contest(app, practice_only(), marks, names=["韦建国", "覃秀英"], units=["甲机械厂", "乙纺织厂"])
    contest.settle()
    assert "没有查到" in contest.page("chief_judge", "standings?q=韦建国")
    contest.decode()
    for asked in ("覃", "纺织", "乙　厂", "qxy", contest.codes[1]):
        page = contest.page("drafting", f"standings?q={asked}")
        assert "覃秀英" in page and "韦建国" not in page


def test_visitors_find_a_name_by_pinyin_and_without_its_dots_and_marks_alone_find_nobody(app: Flask) -> None:
    marks = [{"practice": ["90"]}, {"practice": ["80"]}]
    contest = make_contest(
        app, practice_only(), marks, names=["艾力·买买提", "覃秀英"], units=["甲（机械）厂", "乙纺织厂"]
    )
    place = f"/results/{contest.publish()}"
    for asked in ("艾力买买提", "艾力•买买提", "ailimai", "甲(机械)", "厂　甲"):
        page = Client(app).get(place, query_string={"q": asked}).get_data(as_text=True)
        assert "<span>艾力·</span><wbr><span>买买提</span>" in page and "覃秀英" not in page, asked
    assert "没有查到" in Client(app).get(f"{place}?q=·").get_data(as_text=True)


def test_the_workbook_is_whole_and_what_was_handed_out_is_recorded(app: Flask) -> None:
    contest = crowd(app)
    answer = contest.client("chief_judge").get(f"/desk/stages/{contest.stage_id}/standings.xlsx?page=2&q=x")
    shown = {row[1] for row in load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True)}
    assert set(contest.codes) <= shown
    db.session.rollback()
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "standings.export")).one()
    said = json.loads(event.payload)
    assert (event.object_id, event.by_id) == (contest.stage_id, contest.people["chief_judge"].id)
    assert said["after"]["file"] == hashlib.sha256(answer.data).hexdigest()
    assert (said["after"]["rows"], said["after"]["teams"], said["after"]["named"]) == (MANY, 0, False)


def test_exports_are_limited_by_the_hour(app: Flask) -> None:
    contest = make_contest(app, practice_only(), [{"practice": ["90"]}])
    allow(EXPORTS, 5)
    chief, path = contest.client("chief_judge"), f"/desk/stages/{contest.stage_id}/standings.xlsx"
    assert [chief.get(path).status_code for _ in range(6)] == [200] * 5 + [429]
    assert contest.client("supervisor").get(path).status_code == 200
    db.session.rollback()
    assert db.session.query(AuditEvent).filter(AuditEvent.action == "standings.export").count() == 6
