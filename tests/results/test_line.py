"""From confirmed marks to a published table, through the real services; numbers worked out by hand (domain.md §3.3)."""

import time
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.coding.models import CodedPlace
from competitions.judging.models import ScoreSheet
from competitions.programme.models import Stage
from competitions.results.models import Publication
from competitions.results.publications.services import (
    approve_publication,
    ask_withdrawal,
    decide_withdrawal,
    draft_publication,
    settle,
)
from competitions.results.standings.computed import stage_standings
from tests.factories_results import Contest, blocking_codes, make_contest, practice_only, thirty_seventy
from tests.people import Client

V1 = [
    {"theory": ["86.5"], "practice": ["91.25"]},
    {"theory": ["71.5"], "practice": ["90.05"]},
    {"theory": ["60"], "practice": ["60.25"]},
]
V1_TOTALS = ["89.83", "84.49", "60.18"]


def lines(contest: Contest) -> dict[str, dict]:
    return {line["entrant"]: line for line in stage_standings(db.session(), contest.stage)[0].document["placings"]}


def test_weighted_totals_are_those_worked_out_by_hand(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), V1)
    found = lines(contest)
    assert [found[code]["total"] for code in contest.codes] == V1_TOTALS
    assert [found[code]["award"] for code in contest.codes] == ["first", "second", "third"]


def test_five_judges_trimmed_give_the_mean_of_the_middle_three(app: Flask) -> None:
    marks = [{"practice": ["88", "92", "85", "90", "87"]}, {"practice": ["90", "90", "85", "85", "88"]}]
    contest = make_contest(app, practice_only(judges=5, drop=1), marks)
    assert [lines(contest)[code]["total"] for code in contest.codes] == ["88.33", "87.67"]


def test_a_mark_that_nobody_confirmed_leaves_its_entrant_pending_and_never_zero(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), [*V1[:2], {"theory": ["60"]}], signed=False)
    line = lines(contest)[contest.codes[2]]
    assert (line["status"], line["rank"], line["total"]) == ("pending", None, None)
    assert "未定" in contest.page("chief_judge")


def test_nothing_is_settled_while_something_is_missing_and_the_list_says_what(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), [*V1[:2], {"theory": ["60"]}], signed=False)
    with pytest.raises(StateForbids) as refused:
        contest.settle()
    assert blocking_codes(refused.value) == {"check.module_unsigned", "check.pending", "check.sheets_missing"}
    answer = contest.client("chief_judge").post(f"/desk/stages/{contest.stage_id}/settle")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "还没有签字" in page and contest.codes[2] in page
    assert contest.stage.settled_at is None


def test_settled_standings_are_decoded_drafted_and_approved_by_different_people(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), V1, names=["张三", "李四", "王五"], units=["甲厂", "乙厂", "丙厂"])
    assert contest.client("chief_judge").post(f"/desk/stages/{contest.stage_id}/settle").status_code == 303
    drafting = contest.client("drafting")
    blocked = drafting.get(f"/desk/stages/{contest.stage_id}/publish").get_data(as_text=True)
    assert "还没有解密" in blocked and "生成拟稿" not in blocked
    contest.decode()
    made = drafting.post(f"/desk/stages/{contest.stage_id}/publish", {"notice": "现将成绩公布如下。"})
    publication = made.headers["Location"].rsplit("/", 1)[1]
    assert made.status_code == 303 and Client(app).get(f"/results/{publication}").status_code == 404
    approving = contest.client("approving")
    assert "张三" in approving.get(f"/desk/publications/{publication}").get_data(as_text=True)
    assert approving.post(f"/desk/publications/{publication}/approve").status_code == 303
    page = Client(app).get(f"/results/{publication}").get_data(as_text=True)
    for words in ("成绩公布", "第 1 号公布", "张三", "甲厂", *V1_TOTALS, "一等奖", "拟授"):
        assert words in page
    assert "公示" not in page


def test_the_author_of_a_draft_cannot_approve_it_in_whatever_role(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), V1)
    contest.settle()
    contest.decode()
    drafted = contest.draft()
    with pytest.raises(StateForbids, match="second_person"), transaction() as session:
        approve_publication(
            session, session.get_one(Publication, drafted), by=contest.actor("drafting"), at=clock.now()
        )
    assert contest.client("drafting").post(f"/desk/publications/{drafted}/approve").status_code == 403
    assert db.session.get_one(Publication, drafted).state == "draft"


def changed_behind_the_draft(contest: Contest, what: str) -> None:
    """What was in order when it was drafted no longer is."""
    db.session.rollback()
    if what == "unsigned":
        sheet = db.session.scalars(select(ScoreSheet).where(ScoreSheet.code == contest.codes[0]).limit(1)).one()
        sheet.state = "confirmed"
    else:
        place = db.session.scalars(select(CodedPlace).where(CodedPlace.code == contest.codes[2])).one()
        place.presence = "absent"
    db.session.commit()


@pytest.mark.parametrize(
    ("what", "says"),
    [("unsigned", {"check.module_unsigned"}), ("presence", {"check.settlement_differs"})],
)
def test_what_is_approved_is_checked_again(app: Flask, what: str, says: set[str]) -> None:
    contest = make_contest(app, thirty_seventy(), V1)
    contest.settle()
    contest.decode()
    drafted = contest.draft()
    changed_behind_the_draft(contest, what)
    with pytest.raises(StateForbids) as refused, transaction() as session:
        approve_publication(
            session, session.get_one(Publication, drafted), by=contest.actor("approving"), at=clock.now()
        )
    assert blocking_codes(refused.value) == says
    assert contest.client("approving").post(f"/desk/publications/{drafted}/approve").status_code == 409
    assert Client(app).get(f"/results/{drafted}").status_code == 404
    db.session.rollback()
    assert db.session.get_one(Publication, drafted).state == "draft"


def test_whoever_asked_for_a_withdrawal_does_not_agree_to_it(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), V1)
    published = contest.publish()
    with transaction() as session:
        publication = session.get_one(Publication, published)
        ask_withdrawal(session, publication, "姓名有误", by=contest.actor("drafting"), at=clock.now())
    for agreed in (True, False):
        with pytest.raises(StateForbids, match="second_person"), transaction() as session:
            publication = session.get_one(Publication, published)
            decide_withdrawal(session, publication, agreed, by=contest.actor("drafting"), at=clock.now())
    assert db.session.get_one(Publication, published).state == "published"


def test_a_draft_waits_until_it_is_decided_and_a_refused_one_makes_room(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), V1)
    contest.settle()
    contest.decode()
    drafted = contest.draft()
    with pytest.raises(StateForbids, match="draft_exists"):
        contest.draft()
    approving = contest.client("approving")
    assert approving.post(f"/desk/publications/{drafted}/refuse", {"reason": ""}).status_code == 422
    assert approving.post(f"/desk/publications/{drafted}/refuse", {"reason": "单位名称有误"}).status_code == 303
    assert approving.post(f"/desk/publications/{drafted}/approve").status_code == 409
    assert Client(app).get(f"/results/{drafted}").status_code == 404
    assert contest.publish() != drafted


def test_a_later_publication_replaces_the_earlier_one_which_keeps_its_page(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), V1, names=["张三", "李四", "王五"])
    first = contest.publish()
    second = contest.publish()
    page = Client(app).get(f"/results/{first}").get_data(as_text=True)
    assert "已由第 2 号公布代替" in page and f"/results/{second}" in page and "张三" not in page
    assert Client(app).get(f"/results/{first}.json").status_code == 410
    assert Client(app).get(f"/results/{first}.xlsx").status_code == 410
    assert Client(app).get(f"/results/{second}").status_code == 200


def test_withdrawing_takes_a_reason_and_a_second_person(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), V1, names=["张三", "李四", "王五"])
    published = contest.publish()
    drafting, approving = contest.client("drafting"), contest.client("approving")
    assert approving.post(f"/desk/publications/{published}/withdrawal/agree").status_code == 409
    assert drafting.post(f"/desk/publications/{published}/withdrawal", {"reason": " "}).status_code == 422
    assert drafting.post(f"/desk/publications/{published}/withdrawal", {"reason": "姓名有误"}).status_code == 303
    assert "张三" in Client(app).get(f"/results/{published}").get_data(as_text=True)
    assert approving.post(f"/desk/publications/{published}/withdrawal/agree").status_code == 303
    time.sleep(1)
    page = Client(app).get(f"/results/{published}").get_data(as_text=True)
    assert "这份公布已撤回" in page and "张三" not in page


def test_a_stage_is_settled_once(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), V1)
    contest.settle()
    with pytest.raises(StateForbids, match="settled"), transaction() as session:
        settle(session, session.get_one(Stage, contest.stage_id), by=contest.actor("chief_judge"), at=clock.now())
    with pytest.raises(StateForbids) as refused, transaction() as session:
        draft_publication(
            session, session.get_one(Stage, contest.stage_id), "", by=contest.actor("drafting"), at=clock.now()
        )
    assert blocking_codes(refused.value) == {"check.undecoded"}


def test_totals_in_the_summary_workbook_are_exact_numbers(app: Flask) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    contest = make_contest(app, thirty_seventy(), V1)
    answer = contest.client("chief_judge").get(f"/desk/stages/{contest.stage_id}/standings.xlsx")
    sheet = load_workbook(BytesIO(answer.data)).active
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    heading = next(row for row in values if "总成绩" in row)
    assert "姓名" not in heading
    found = {row[heading.index("参赛编号")]: row[heading.index("总成绩")] for row in values if row[1] in contest.codes}
    assert {code: Decimal(str(total)) for code, total in found.items()} == dict(
        zip(contest.codes, map(Decimal, V1_TOTALS), strict=True)
    )
