"""A judge is recused: he may be replaced, another may be appointed, it may have been a mistake; there is a way out."""

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.judging.models import PanelMember, ScoreSheet
from competitions.judging.panels.models import Recusal
from competitions.judging.panels.recusals import take_back
from competitions.judging.signing.models import ChangeRequest
from tests.factories import actor, make_event, make_user
from tests.factories_judging import Hall, act, deliver, submission
from tests.people import Client
from tests.situations.panels import (
    aside,
    chief,
    hall_of,
    leave,
    mark_all,
    matrix_page,
    new_judge,
    score,
    sees,
    sheet_of,
    sheet_page,
    sign,
    unsettled,
)
from tests.situations.test_panels import sound

REASON = "与选手同一师门"


def recused(app: Flask, judges: int = 3, least: int | None = None) -> Hall:
    """A hall whose first judge may not mark A01."""
    hall = hall_of(app, judges=judges, least=least)
    assert chief(hall, sheet_of("A01", hall.judges[0]).id, "recuse", reason=REASON).status_code == 303
    return hall


def recused_mark_all(hall: Hall, *more: object) -> None:
    """Everybody who owes something marks it."""
    mark_all(hall, *hall.judges, *more)  # type: ignore[arg-type]


@pytest.mark.parametrize("least", [1, 2])
def test_a_recused_judge_is_replaced_and_the_stage_is_signed_and_settled(app: Flask, least: int) -> None:
    hall = recused(app, least=least)
    new = new_judge(hall)
    assert leave(hall, hall.judges[0], new).status_code == 303
    assert sees(hall, new) == ["A02"]  # the recused sheet is closed and goes to nobody
    mark_all(hall, new, *hall.judges[1:])
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def test_where_all_judges_are_wanted_another_is_appointed_by_a_button(app: Flask) -> None:
    hall = recused(app)
    new = new_judge(hall)
    assert leave(hall, hall.judges[0], new).status_code == 303
    mark_all(hall, new, *hall.judges[1:])
    assert sign(hall).status_code == 409 and {"check.sheets_missing"} <= unsettled(hall)
    page = matrix_page(hall)
    closed = sheet_of("A01", hall.judges[0])
    assert "缺 1 名裁判" in page and f"/desk/judging/sheets/{closed.id}/revisions#appoint" in page
    assert new.display_name in sheet_page(hall, closed.id)
    assert chief(hall, closed.id, "appoint", user=new.id).status_code == 303
    assert sees(hall, new) == ["A01", "A02"]
    mark_all(hall, new)
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def test_somebody_is_appointed_for_the_one_code_and_the_recused_judge_stays_for_the_others(app: Flask) -> None:
    hall = recused(app, least=1)
    new = new_judge(hall)
    assert chief(hall, sheet_of("A01", hall.judges[0]).id, "appoint", user=new.id).status_code == 303
    assert sees(hall, new) == ["A01"]
    recused_mark_all(hall, new)
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def test_who_marks_the_code_already_or_is_recused_is_not_appointed(app: Flask) -> None:
    hall = recused(app)
    closed = sheet_of("A01", hall.judges[0]).id
    offered = sheet_page(hall, closed).split('name="user"')
    assert len(offered) == 1  # there is nobody to be offered, and the page says what to do then
    assert "没有可以指派的裁判" in offered[0]
    before = db.session.query(ScoreSheet).count()
    for user in hall.judges:
        assert chief(hall, closed, "appoint", user=user.id).status_code == 303
        db.session.rollback()
        assert db.session.query(ScoreSheet).count() == before
    nobody = chief(hall, closed, "appoint", user="")
    assert nobody.status_code == 303


def test_a_recusal_by_mistake_is_taken_back_and_can_be_said_again(app: Flask) -> None:
    hall = hall_of(app)
    assert score(hall, hall.judges[0], "A01").status_code == 201
    sheet = sheet_of("A01", hall.judges[0]).id
    for _ in range(2):
        assert chief(hall, sheet, "recuse", reason=REASON).status_code == 303
        assert "撤回回避" in sheet_page(hall, sheet)
        assert chief(hall, sheet, "take-back", reason="登记错了人").status_code == 303
        assert decided(hall, "approve").status_code == 303
    found = sheet_of("A01", hall.judges[0])
    assert (found.closed, found.state) == (None, "submitted")
    assert db.session.query(Recusal).filter(Recusal.revoked_at.is_not(None)).count() == 2
    recused_mark_all(hall)
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def decided(hall: Hall, answer: str) -> TestResponse:
    """The supervisor decides on the request that waits."""
    db.session.rollback()
    waiting = db.session.scalars(select(ChangeRequest.id).where(ChangeRequest.state == "waiting")).one()
    return hall.client("supervisor").post(f"/desk/judging/requests/{waiting}/{answer}")


def test_whether_marks_already_seen_count_again_takes_the_supervisor_too(app: Flask) -> None:
    hall = hall_of(app)
    assert score(hall, hall.judges[0], "A01").status_code == 201
    sheet = sheet_of("A01", hall.judges[0]).id
    chief(hall, sheet, "recuse", reason=REASON)
    with pytest.raises(StateForbids) as alone, transaction() as session:
        by = actor(hall.people["chief_judge"])
        take_back(session, session.get_one(ScoreSheet, sheet), "登记错了人", by=by, at=clock.now())
    assert alone.value.code == "state.take_back_takes_two"
    chief(hall, sheet, "take-back", reason="登记错了人")
    assert sheet_of("A01", hall.judges[0]).closed == "recused"
    page = hall.client("supervisor").get("/desk/judging/requests").get_data(as_text=True)
    assert "撤回回避" in page and "原来的评分照常计入" in page
    assert decided(hall, "refuse").status_code == 303
    assert sheet_of("A01", hall.judges[0]).closed == "recused"
    chief(hall, sheet, "take-back", reason="登记错了人")
    assert decided(hall, "approve").status_code == 303
    assert sheet_of("A01", hall.judges[0]).closed is None


def test_the_supervisor_is_told_who_recused_took_back_and_appointed_and_when(app: Flask) -> None:
    hall = recused(app)
    closed, new = sheet_of("A01", hall.judges[0]).id, new_judge(hall)
    chief(hall, closed, "appoint", user=new.id)
    chief(hall, closed, "take-back", reason="登记错了人")
    name = hall.people["chief_judge"].display_name
    supervisor = hall.client("supervisor")
    desk = supervisor.get("/desk/").get_data(as_text=True)
    assert "最近一天有 3 条回避、代评记录" in desk and f"{name} 撤回回避 A01" in desk
    page = supervisor.get("/desk/judging/seats").get_data(as_text=True)
    for words in ("回避", "撤回回避", "指派代评", "登记错了人", REASON, name, new.display_name):
        assert words in page
    assert hall.client("chief_judge").get("/desk/judging/seats").status_code == 403


def test_a_supervisor_of_another_event_is_told_nothing(app: Flask) -> None:
    recused(app)
    db.session.rollback()
    other = make_user(("supervisor", "event", make_event().id))
    db.session.commit()
    client = Client(app)
    client.sign_in(other.username)
    assert "回避、代评记录" not in client.get("/desk/").get_data(as_text=True)
    assert "没有回避或代评" in client.get("/desk/judging/seats").get_data(as_text=True)


def test_taking_back_ends_the_substitute_who_has_not_marked_and_is_refused_once_he_has(app: Flask) -> None:
    hall = recused(app)
    closed, new = sheet_of("A01", hall.judges[0]).id, new_judge(hall)
    chief(hall, closed, "appoint", user=new.id)
    assert chief(hall, closed, "take-back", reason="登记错了人").status_code == 303
    assert sees(hall, new) == [] and sees(hall, hall.judges[0]) == ["A01", "A02"]
    assert chief(hall, closed, "recuse", reason=REASON).status_code == 303
    other = new_judge(hall)
    chief(hall, closed, "appoint", user=other.id)
    assert score(hall, other, "A01").status_code == 201
    refused = chief(hall, closed, "take-back", reason="登记错了人")
    assert refused.status_code == 409 and "已由代评的裁判评分" in refused.get_data(as_text=True)
    assert "撤回的理由" not in sheet_page(hall, closed)
    recused_mark_all(hall)
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def test_taken_back_after_the_judge_left_the_sheet_is_his_who_sits_there(app: Flask) -> None:
    hall = recused(app)
    closed, new = sheet_of("A01", hall.judges[0]).id, new_judge(hall)
    leave(hall, hall.judges[0], new)
    assert chief(hall, closed, "take-back", reason="登记错了人").status_code == 303
    assert sees(hall, new) == ["A01", "A02"]
    mark_all(hall, new, *hall.judges[1:])
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def test_what_a_recused_judge_delivers_in_spite_of_it_is_kept_aside_and_never_counts(app: Flask) -> None:
    hall = recused(app, least=1)
    sheet = sheet_of("A01", hall.judges[0]).id
    refused = deliver(hall.client(hall.judges[0]), sheet, submission({"score": "99"}))
    assert refused.status_code == 409 and refused.get_json()["error"]["quarantined"]
    assert "回避" in refused.get_json()["error"]["message"]
    late = aside()[0].id
    page = hall.client("chief_judge").get(f"/desk/judging/late/{late}").get_data(as_text=True)
    assert "不能采纳" in page and "申请采纳" not in page
    taken = hall.client("chief_judge").post(f"/desk/judging/late/{late}/take", {"reason": "请采纳这份评分，谢谢。"})
    assert taken.status_code == 409
    mark_all(hall, *hall.judges[1:])
    hall_judge = hall.judges[0]
    mark_all(hall, hall_judge)
    assert sign(hall).status_code == 409  # the chief judge says what becomes of it first
    hall.client("chief_judge").post(f"/desk/judging/late/{late}/dismiss", {"reason": "已按回避处理，不予采纳。"})
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def test_nothing_changes_hands_once_the_code_is_signed(app: Flask) -> None:
    hall = recused(app, least=1)
    closed, new = sheet_of("A01", hall.judges[0]).id, new_judge(hall)
    recused_mark_all(hall)
    assert sign(hall).status_code == 201
    assert chief(hall, closed, "appoint", user=new.id).status_code == 409
    assert chief(hall, closed, "take-back", reason="登记错了人").status_code == 409
    assert chief(hall, sheet_of("A01", hall.judges[1]).id, "recuse", reason=REASON).status_code == 409
    leave(hall, hall.judges[0], new)
    assert sees(hall, new) == [] and not unsettled(hall) and not sound()


def test_a_recused_sheet_waits_for_no_checker_and_prints_no_blank(app: Flask) -> None:
    hall = hall_of(app, judges=2, least=1)
    score(hall, hall.judges[0], "A01")
    chief(hall, sheet_of("A01", hall.judges[0]).id, "recuse", reason=REASON)
    checker = hall.client("checker")
    assert "份评分表等待复核" not in checker.get("/desk/").get_data(as_text=True)
    refused = act(checker, f"/api/sheets/{sheet_of('A01', hall.judges[0]).id}/confirm")
    assert refused.status_code == 409
    assert db.session.query(PanelMember).count() == 2
