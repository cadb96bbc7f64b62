"""Panels that change in mid-contest: who leaves, who comes, whose sheet it is then."""

from flask import Flask
from sqlalchemy import select

from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import db
from competitions.judging.models import PanelMember, ScoreSheet
from competitions.judging.queries import judge_names, panel_of
from tests.factories import make_user
from tests.factories_judging import RIGHT, act, deliver, make_hall, new_key, submission
from tests.situations.panels import (
    aside,
    chief,
    confirm,
    hall_of,
    join,
    leave,
    mark_all,
    matrix_page,
    new_judge,
    owners,
    score,
    sees,
    sheet_of,
    sheet_page,
    sign,
    unsettled,
)

LONG = "该裁判输入时看错了一位数字，须更正。"


def sound() -> set[str]:
    """What audit verify finds."""
    db.session.rollback()
    return {finding.code for finding in verify(db.session(), at=clock.now()).findings if finding.is_fault}


def test_who_comes_after_one_who_left_without_a_substitute_takes_his_seat_and_his_sheets(app: Flask) -> None:
    hall = hall_of(app)
    gone, stays = hall.judges
    assert score(hall, gone, "A01").status_code == 201
    assert leave(hall, gone).status_code == 303
    assert owners()["A02"] == sorted([(gone.display_name, "vacant"), (stays.display_name, None)], key=str)
    panel = hall.client("organiser").get(f"/desk/modules/{hall.modules['practice'].id}/panel").get_data(as_text=True)
    assert "一席空着，1 份评分表无人评" in panel
    new = new_judge(hall)
    assert join(hall, new).status_code == 303
    assert sees(hall, new) == ["A02"]
    assert hall.client("organiser").post(f"/desk/stages/{hall.stage.id}/judging/open", {}).status_code == 303
    assert (sees(hall, new), len(owners()["A01"]), len(owners()["A02"])) == (["A02"], 2, 2)
    mark_all(hall, new, stays)
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def test_nobody_takes_the_seat_and_the_rule_allows_one_fewer(app: Flask) -> None:
    hall = hall_of(app, judges=3, least=2)
    gone, *others = hall.judges
    assert leave(hall, gone, note="突发疾病，不再安排").status_code == 303
    mark_all(hall, *others)
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def test_nobody_takes_the_seat_and_the_rule_wants_all_so_signing_and_settling_say_the_same(app: Flask) -> None:
    hall = hall_of(app, judges=2)
    gone, stays = hall.judges
    leave(hall, gone)
    mark_all(hall, stays)
    refused = sign(hall)
    assert refused.status_code == 409
    assert [problem["code"] for problem in refused.get_json()["error"]["problems"]] == ["sign.sheets_missing"]
    assert {"check.sheets_missing", "check.pending"} <= unsettled(hall)
    assert "指派代评" in matrix_page(hall)
    new = new_judge(hall)
    for code in ("A01", "A02"):
        closed = sheet_of(code, gone)
        assert new.display_name in sheet_page(hall, closed.id)
        assert chief(hall, closed.id, "appoint", user=new.id).status_code == 303
    assert sees(hall, new) == ["A01", "A02"]
    mark_all(hall, new)
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def test_a_judge_who_left_comes_back_for_another(app: Flask) -> None:
    hall = hall_of(app)
    first, second = hall.judges
    score(hall, first, "A01")
    new = new_judge(hall)
    assert leave(hall, first, new).status_code == 303
    assert leave(hall, second, first).status_code == 303
    assert owners() == {
        "A01": sorted([(first.display_name, None), (second.display_name, "barred")], key=str),
        "A02": sorted([(new.display_name, None), (first.display_name, None)], key=str),
    }
    assert sees(hall, first) == ["A01", "A02"]  # his own of before, which he may correct, and the new one
    third = new_judge(hall)
    assert chief(hall, sheet_of("A01", second).id, "appoint", user=third.id).status_code == 303
    mark_all(hall, first, new, third)
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def test_nobody_marks_a_code_twice_by_sitting_in_two_seats(app: Flask) -> None:
    hall = hall_of(app)
    before = owners()
    refused = leave(hall, hall.judges[0], hall.judges[1])
    assert refused.status_code == 422 and "已在本模块的裁判组中" in refused.get_data(as_text=True)
    assert owners() == before and sees(hall, hall.judges[0]) == ["A01", "A02"]
    again = {"user": hall.judges[1].id, "duty": "floor", "sitting": ""}
    path = f"/desk/modules/{hall.modules['practice'].id}/panel"
    assert hall.client("organiser").post(path, again).status_code == 422


def test_a_judge_whose_account_is_closed_is_replaced(app: Flask) -> None:
    hall = hall_of(app)
    score(hall, hall.judges[0], "A01")
    db.session.rollback()
    administrator = make_user(("administrator", "system", None))
    db.session.commit()
    client = hall.client(administrator)
    assert client.post(f"/desk/users/{hall.judges[0].id}/deactivate", {}).status_code == 303
    new = new_judge(hall)
    assert leave(hall, hall.judges[0], new).status_code == 303
    assert sees(hall, new) == ["A02"]


def test_a_reopened_sheet_of_one_who_left_is_marked_by_who_took_his_seat(app: Flask) -> None:
    hall = hall_of(app, judges=1, codes=("A01",))
    gone = hall.judges[0]
    mark_all(hall, gone)
    new = new_judge(hall)
    assert leave(hall, gone, new).status_code == 303
    assert sees(hall, new) == []
    sheet = sheet_of("A01", gone)
    asked = act(hall.client("chief_judge"), f"/api/sheets/{sheet.id}/reopen", {"reason": LONG})
    assert asked.status_code == 202
    assert act(hall.client("supervisor"), f"/api/requests/{asked.get_json()['request']}/approve").status_code == 201
    assert sees(hall, new) == ["A01"]
    assert score(hall, new, "A01", "81", base=1).status_code == 201
    confirm(hall)
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def test_a_sheet_is_not_reopened_for_nobody_and_the_refusal_says_the_way_out(app: Flask) -> None:
    hall = hall_of(app, judges=1, codes=("A01",))
    gone = hall.judges[0]
    mark_all(hall, gone)
    leave(hall, gone)
    path = f"/api/sheets/{sheet_of('A01', gone).id}/reopen"
    refused = act(hall.client("chief_judge"), path, {"reason": LONG})
    assert refused.status_code == 409 and "编入接替人" in refused.get_json()["error"]["message"]
    join(hall, new_judge(hall))
    assert act(hall.client("chief_judge"), path, {"reason": LONG}).status_code == 202


def test_marks_typed_offline_by_one_who_is_replaced_are_kept_for_the_chief_judge(app: Flask) -> None:
    hall = hall_of(app)
    gone, stays = hall.judges
    sheet, client, key = sheet_of("A01", gone).id, hall.client(gone), new_key()
    new = new_judge(hall)
    leave(hall, gone, new)
    for _ in range(2):  # the tablet tries again
        refused = deliver(client, sheet, submission({"score": "91"}), key)
        error = refused.get_json()["error"]
        assert (refused.status_code, error["quarantined"]) == (409, True)
        assert "已不由当前账号评分" in error["message"] and "交裁判长处理" in error["message"]
    assert [late.sheet_id for late in aside()] == [sheet]
    assert client.get(f"/api/sheets/{sheet}").status_code == 404
    assert deliver(hall.client(stays), sheet, submission({"score": "1"})).status_code == 404
    assert len(aside()) == 1
    late = aside()[0].id
    shown = hall.client("chief_judge").get(f"/desk/judging/late/{late}").get_data(as_text=True)
    assert gone.display_name in shown and "已不由他评" in shown and "91" in shown
    mark_all(hall, new, stays)
    assert sign(hall).status_code == 409
    taken = hall.client("chief_judge").post(
        f"/desk/judging/late/{late}/take", {"reason": "原裁判评完后才离开，应采纳。"}
    )
    assert taken.status_code == 303
    request = hall.client("supervisor").get("/desk/judging/requests").get_data(as_text=True)
    address = request.split("/desk/judging/requests/")[1].split("/")[0]
    assert hall.client("supervisor").post(f"/desk/judging/requests/{address}/approve", {}).status_code == 303
    assert sheet_of("A01", gone).id == sheet and sheet_of("A01", gone).state == "submitted"
    confirm(hall)
    assert sign(hall).status_code == 201 and not unsettled(hall) and not sound()


def test_the_tablet_of_one_who_was_replaced_is_waited_for_when_the_module_is_signed(app: Flask) -> None:
    hall = hall_of(app)
    gone, stays = hall.judges
    report = {"device": "7d2c1c2e-3c58-4a8e-9c0e-0d3a4a1b2c3d", "pending": 2, "sequence": 2}
    assert hall.client(gone).post("/api/tablet", json=report).status_code == 200
    new = new_judge(hall)
    leave(hall, gone, new)
    mark_all(hall, new, stays)
    refused = sign(hall)
    assert refused.status_code == 409 and "还有未送达的评分" in refused.get_json()["error"]["message"]


def test_a_form_for_a_sheet_that_went_to_another_is_kept_and_the_judge_is_told(app: Flask) -> None:
    hall = hall_of(app)
    gone = hall.judges[0]
    sheet, client = sheet_of("A01", gone).id, hall.client(gone)
    leave(hall, gone, new_judge(hall))
    sent = {"key": new_key(), "base_revision": "0", "mark.score": "77", "complete": "1"}
    answer = client.post(f"/desk/judging/sheets/{sheet}", sent)
    assert answer.status_code == 303
    assert "交裁判长处理" in client.get(answer.headers["Location"]).get_data(as_text=True)
    assert '"77"' in aside()[0].body


def test_a_new_judgement_is_asked_of_who_sits_there_now(app: Flask) -> None:
    hall = make_hall(app, judges=2, codes=("A01",))
    gone, stays = hall.judges
    for judge, grade in ((gone, "0"), (stays, "3")):
        sheet = sheet_of("A01", judge).id
        assert deliver(hall.client(judge), sheet, submission({**RIGHT, "A3": grade})).status_code == 201
    new = new_judge(hall)
    leave(hall, gone, new)
    path = f"/desk/modules/{hall.modules['practice'].id}/call-again"
    assert hall.client("chief_judge").post(path, {"code": "A01", "aspect": "A3"}).status_code == 303
    sheet = sheet_of("A01", new).id
    assert hall.client(new).get(f"/api/sheets/{sheet}").get_json()["reevaluate"][0]["aspect"] == "A3"
    for judge in (new, stays):
        body = submission({**RIGHT, "A3": "2"}, base=1)
        assert deliver(hall.client(judge), sheet_of("A01", judge).id, body).status_code == 201
    confirm(hall)
    assert sign(hall).status_code == 201 and not sound()


def test_the_names_of_the_judges_stay_when_others_come_and_go(app: Flask) -> None:
    hall = hall_of(app, judges=3)
    module = hall.modules["practice"].id
    before = judge_names(panel_of(db.session(), module))
    new = new_judge(hall)
    leave(hall, hall.judges[0], new)
    db.session.rollback()
    after = judge_names(panel_of(db.session(), module))
    assert {user: after[user] for user in before} == before
    assert after[new.id] == "J4"


def test_sheets_left_behind_by_an_older_version_get_an_owner_or_a_reason_when_judging_is_opened_again(
    app: Flask,
) -> None:
    hall = hall_of(app)
    gone, stays = hall.judges
    db.session.rollback()
    member = db.session.scalars(select(PanelMember).where(PanelMember.user_id == gone.id)).one()
    member.left_at = clock.now()  # as version 1 let a judge go: his sheets stayed his
    db.session.commit()
    assert "裁判已离开" in matrix_page(hall)
    new = new_judge(hall)
    assert join(hall, new).status_code == 303
    assert sees(hall, new) == ["A01", "A02"]
    mark_all(hall, new, stays)
    assert sign(hall).status_code == 201 and not unsettled(hall)
    assert db.session.query(ScoreSheet).count() == 4
