"""Confirming, signing, reopening, late deliveries, double entry, judging again, re-checking; and what results get of
it.
"""

from typing import Any

from flask import Flask
from sqlalchemy import select

from competitions.base import clock
from competitions.base.database import db
from competitions.coding.models import CodedPlace
from competitions.judging.models import Incident, Quarantine, Reevaluation, ScoreRevision, ScoreSheet
from competitions.judging.panels.services import open_judging
from competitions.judging.signing.models import ChangeRequest, ModuleSignature
from competitions.programme.models import Module
from tests.factories import actor
from tests.factories_judging import RIGHT, Hall, act, confirm_all, deliver, make_hall, new_key, submission
from tests.judging import case_parts

REASON = "A1 录入笔误，原始记录为 36.5"


def signed_hall(app: Flask, **more: Any) -> Hall:
    hall = make_hall(app, **{"judges": 1, "codes": ("A01",), **more})
    confirm_all(hall)
    assert sign(hall).status_code == 201
    return hall


def sign(hall: Hall, module: str = "practice", key: str | None = None) -> Any:
    return act(hall.client("chief_judge"), f"/api/modules/{hall.modules[module].id}/sign", key=key)


def test_only_the_chief_judge_asks_and_only_another_person_consents(app: Flask) -> None:
    hall = signed_hall(app)
    sheet, chief, supervisor = hall.sheet("A01"), hall.client("chief_judge"), hall.client("supervisor")
    assert act(hall.client(hall.judges[0]), f"/api/sheets/{sheet.id}/reopen", {"reason": REASON}).status_code == 403
    assert act(chief, f"/api/sheets/{sheet.id}/reopen", {"reason": "太短"}).status_code == 422
    asked = act(chief, f"/api/sheets/{sheet.id}/reopen", {"reason": REASON})
    assert asked.status_code == 202
    request_id = asked.get_json()["request"]
    assert act(chief, f"/api/requests/{request_id}/approve").status_code == 403
    assert hall.sheet("A01").state == "signed"
    assert act(supervisor, f"/api/requests/{request_id}/approve").status_code == 201
    assert (hall.sheet("A01").state, hall.sheet("A01").opening) == ("draft", 2)


def test_a_reopened_module_is_unsigned_until_it_is_signed_again_under_the_next_opening(app: Flask) -> None:
    hall = signed_hall(app)
    sheet = hall.sheet("A01")
    asked = act(hall.client("chief_judge"), f"/api/sheets/{sheet.id}/reopen", {"reason": REASON}).get_json()["request"]
    act(hall.client("supervisor"), f"/api/requests/{asked}/approve")
    db.session.rollback()
    assert case_parts.unsigned_modules(db.session(), hall.stage.id, hall.division.id) != []
    assert sign(hall).status_code == 409
    deliver(hall.client(hall.judges[0]), sheet.id, submission({**RIGHT, "A1": "36.5"}, base=1))
    assert act(hall.client("checker"), f"/api/sheets/{sheet.id}/confirm").status_code == 201
    assert sign(hall).status_code == 201
    db.session.rollback()
    assert [each.opening for each in db.session.scalars(select(ModuleSignature).order_by(ModuleSignature.opening))] == [
        1,
        2,
    ]
    assert case_parts.unsigned_modules(db.session(), hall.stage.id, hall.division.id) == []


def test_signing_twice_with_the_same_key_gives_the_same_signature(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    confirm_all(hall)
    key = new_key()
    first, again = sign(hall, key=key), sign(hall, key=key)
    assert (first.status_code, again.status_code) == (201, 200) and first.get_json() == again.get_json()
    assert sign(hall).status_code == 409


def blocking(answer: Any) -> list[tuple[str, str]]:
    """What keeps a module from being signed: each code with the codes of competitors that it names."""
    assert answer.status_code == 409
    return [(each["code"], each["params"]["codes"]) for each in answer.get_json()["error"]["problems"]]


def test_what_nobody_confirmed_is_not_signed(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    judge = hall.client(hall.judges[0])
    for code in hall.codes:
        deliver(judge, hall.sheet(code).id)
    act(hall.client("checker"), f"/api/sheets/{hall.sheet('A01').id}/confirm")
    assert blocking(sign(hall)) == [("sign.unconfirmed", "A02")]
    assert (hall.sheet("A01").state, hall.sheet("A02").state) == ("confirmed", "submitted")


def test_a_module_in_which_nobody_is_marked_is_not_signed(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    answer = hall.client("chief_judge").post(
        f"/desk/stages/{hall.stage.id}/incidents",
        {
            "code": "A01",
            "kind": "status",
            "status": "disqualified",
            "value": "",
            "module": "",
            "text": "试件上有身份标记",
        },
    )
    assert answer.status_code == 303
    assert blocking(
        act(
            hall.client("chief_judge"),
            f"/api/modules/{hall.modules['practice'].id}/sign",
            {"division": hall.division.id},
        )
    ) == [("sign.nobody", "")]


def test_nothing_is_signed_while_nobody_marks_in_the_place_of_a_recused_judge(app: Flask) -> None:
    hall = make_hall(app, judges=2)
    confirm_all(hall)
    recused = hall.sheet("A01", judge=1)
    answer = hall.client("chief_judge").post(f"/desk/judging/sheets/{recused.id}/recuse", {"reason": "与选手同一师门"})
    assert answer.status_code == 303
    assert blocking(sign(hall)) == [("sign.sheets_missing", "A01")]
    assert hall.sheet("A01").state == "confirmed"


def test_nothing_is_signed_while_somebody_who_came_late_has_no_sheet(app: Flask) -> None:
    hall = make_hall(app, judges=1, open_sheets=False)
    place = db.session.scalars(select(CodedPlace).where(CodedPlace.code == "A02")).one()
    place.presence = "absent"
    open_judging(db.session(), hall.stage, by=actor(hall.people["organiser"]), at=clock.now())
    db.session.commit()
    confirm_all(hall)
    db.session.rollback()
    place.presence = "late"
    db.session.commit()
    assert blocking(sign(hall)) == [("sign.sheets_missing", "A02")]
    assert hall.sheet("A01").state == "confirmed"


def test_a_late_delivery_is_taken_only_with_the_supervisors_consent(app: Flask) -> None:
    hall = signed_hall(app)
    sheet, chief = hall.sheet("A01"), hall.client("chief_judge")
    deliver(hall.client(hall.judges[0]), sheet.id, submission({**RIGHT, "A1": "30"}, base=1))
    db.session.rollback()
    late = db.session.scalars(select(Quarantine)).one()
    assert chief.get(f"/desk/judging/late/{late.id}").status_code == 200
    assert chief.post(f"/desk/judging/late/{late.id}/take", {"reason": REASON}).status_code == 303
    db.session.rollback()
    request_id = db.session.scalars(select(ChangeRequest.id)).one()
    supervisor = hall.client("supervisor")
    assert REASON in supervisor.get("/desk/judging/requests").get_data(as_text=True)
    assert supervisor.post(f"/desk/judging/requests/{request_id}/approve").status_code == 303
    sheet = hall.sheet("A01")
    assert (sheet.state, sheet.head, sheet.opening) == ("submitted", 2, 2)
    taken = db.session.scalars(select(ScoreRevision).where(ScoreRevision.number == 2)).one()
    assert taken.source == "reopening" and taken.author_id == hall.judges[0].id


def test_a_dismissed_late_delivery_stays_to_be_read(app: Flask) -> None:
    hall = signed_hall(app)
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id, submission({**RIGHT, "A1": "30"}, base=1))
    db.session.rollback()
    late_id = db.session.scalars(select(Quarantine.id)).one()
    assert (
        hall.client("chief_judge")
        .post(f"/desk/judging/late/{late_id}/dismiss", {"reason": "与原始记录不符，不予采纳"})
        .status_code
        == 303
    )
    db.session.rollback()
    assert db.session.scalars(select(Quarantine)).one().state == "dismissed"
    assert hall.sheet("A01").state == "signed"


def test_a_late_delivery_is_decided_once(app: Flask) -> None:
    hall = signed_hall(app)
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id, submission({**RIGHT, "A1": "30"}, base=1))
    db.session.rollback()
    chief, supervisor = hall.client("chief_judge"), hall.client("supervisor")
    place = f"/desk/judging/late/{db.session.scalars(select(Quarantine.id)).one()}"
    db.session.rollback()
    assert chief.post(f"{place}/take", {"reason": REASON}).status_code == 303
    assert chief.post(f"{place}/dismiss", {"reason": REASON}).status_code == 409  # while the supervisor is asked
    request_id = db.session.scalars(select(ChangeRequest.id)).one()
    db.session.rollback()
    assert supervisor.post(f"/desk/judging/requests/{request_id}/approve").status_code == 303
    act(hall.client("checker"), f"/api/sheets/{hall.sheet('A01').id}/confirm")
    for decision in ("take", "dismiss"):
        assert chief.post(f"{place}/{decision}", {"reason": REASON}).status_code == 409
    db.session.rollback()
    assert db.session.scalars(select(Quarantine.state)).all() == ["taken"]


def test_judgements_too_far_apart_hold_back_confirmation_until_the_panel_judged_again(app: Flask) -> None:
    hall = make_hall(app, judges=2, codes=("A01",))
    judges = [hall.client(judge) for judge in hall.judges]
    for number, grade in enumerate(("0", "3")):
        deliver(judges[number], hall.sheet("A01", judge=number).id, submission({**RIGHT, "A3": grade}))
    sheet, chief = hall.sheet("A01"), hall.client("chief_judge")
    assert act(hall.client("checker"), f"/api/sheets/{sheet.id}/confirm").status_code == 409
    assert chief.post(f"/desk/modules/{sheet.module_id}/call-again", {"code": "A01", "aspect": "A3"}).status_code == 303
    told = judges[0].get(f"/api/sheets/{sheet.id}").get_json()["reevaluate"]
    assert told == [{"aspect": "A3", "spread": 3, "round": 1}]
    other = deliver(judges[0], sheet.id, submission({**RIGHT, "A1": "1", "A3": "2"}, base=1))
    assert other.status_code == 422 and other.get_json()["error"]["problems"][0]["where"] == "A1"
    for number, grade in enumerate(("2", "3")):
        answer = deliver(judges[number], hall.sheet("A01", judge=number).id, submission({**RIGHT, "A3": grade}, base=1))
        assert answer.status_code == 201
    assert act(hall.client("checker"), f"/api/sheets/{sheet.id}/confirm").status_code == 201
    db.session.rollback()
    assert db.session.scalars(select(Reevaluation)).one().closed_at is not None
    assert len(db.session.scalars(select(ScoreRevision)).all()) == 4


def test_double_entry_lists_differences_and_never_the_first_values(app: Flask) -> None:
    from competitions.accounts.models import RoleAssignment
    from competitions.judging.models import PanelMember
    from tests.factories import make_user

    hall = make_hall(app, judges=0, codes=("A01",), modules=("theory",), settings={"double_entry": True})
    module = hall.modules["theory"]
    second = make_user(("tabulator", "event", hall.event.id))
    db.session.add(
        PanelMember(
            module_id=module.id,
            user_id=second.id,
            duty="tabulator",
            position=2,
            assigned_by="f",
            assigned_at=hall.sittings[0].starts_at,
        )
    )
    db.session.commit()
    assert db.session.scalars(select(RoleAssignment)).first() is not None
    path = f"/desk/modules/{module.id}/tabulation"
    row = {"name.0": "A01", "base.0": "0", "mark.0.score": "86.5"}
    assert hall.client("tabulator").post(path, {"key": new_key(), **row}).status_code == 303
    sheet = hall.sheet("A01", module="theory")
    assert act(hall.client("checker"), f"/api/sheets/{sheet.id}/confirm").status_code == 409
    other = hall.client(second)
    assert "86.5" not in other.get(f"{path}/again").get_data(as_text=True)
    assert other.post(f"{path}/again", {"key": new_key(), **row, "mark.0.score": "85.6"}).status_code == 303
    page = other.get(f"{path}/again").get_data(as_text=True)
    assert "两次录入不一致：A01" in page and "86.5" not in page
    assert act(hall.client("checker"), f"/api/sheets/{sheet.id}/confirm").status_code == 409
    other.post(f"{path}/again", {"key": new_key(), **row, "mark.0.score": "86.50"})
    assert act(hall.client("checker"), f"/api/sheets/{sheet.id}/confirm").status_code == 201


def test_signing_waits_for_the_codes_drawn_for_re_checking(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01", "A02", "A03"), settings={"recheck": {"top": 30, "sample": 0}})
    judge = hall.client(hall.judges[0])
    for code, mark in (("A01", "10"), ("A02", "40"), ("A03", "20")):
        deliver(judge, hall.sheet(code).id, submission({**RIGHT, "A1": mark}))
    checker = hall.client("checker")
    for code in hall.codes:
        act(checker, f"/api/sheets/{hall.sheet(code).id}/confirm")
    blocked = sign(hall)
    assert blocked.status_code == 409
    assert [each["message"] for each in blocked.get_json()["error"]["problems"]] == [
        "签字前须抽查 1 个加密号，还未抽查：A02。"
    ]
    module = hall.modules["practice"].id
    assert checker.post(f"/desk/modules/{module}/recheck", {"code": "A02", "outcome": "right"}).status_code == 303
    assert sign(hall).status_code == 201


def test_a_judge_signs_his_own_sheet_where_the_module_asks_for_it(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",), settings={"judges_sign": True})
    confirm_all(hall)
    assert "裁判本人还未签字" in sign(hall).get_json()["error"]["problems"][0]["message"]
    sheet, judge = hall.sheet("A01"), hall.client(hall.judges[0])
    assert act(judge, f"/api/sheets/{sheet.id}/sign", {"revision": 1}).status_code == 201
    assert sign(hall).status_code == 201


def test_a_judge_does_not_sign_a_sheet_that_is_not_whole(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",), settings={"judges_sign": True})
    sheet, judge = hall.sheet("A01"), hall.client(hall.judges[0])
    deliver(judge, sheet.id, submission({"A1": "35.5"}, complete=False))
    assert act(judge, f"/api/sheets/{sheet.id}/sign", {"revision": 1}).status_code == 409
    deliver(judge, sheet.id, submission(base=1))
    assert act(judge, f"/api/sheets/{sheet.id}/sign", {"revision": 2}).status_code == 201


def test_what_is_signed_takes_no_deduction_and_gives_none_back(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    violation = {
        "code": "A01",
        "kind": "violation",
        "status": "",
        "value": "2.5",
        "module": hall.modules["practice"].id,
        "text": "未戴护目镜",
    }
    chief, path = hall.client("chief_judge"), f"/desk/stages/{hall.stage.id}/incidents"
    assert chief.post(path, violation).status_code == 303
    confirm_all(hall)
    assert sign(hall).status_code == 201
    assert chief.post(path, violation).status_code == 409
    db.session.rollback()
    incident = db.session.scalars(select(Incident)).one()
    assert chief.post(f"/desk/incidents/{incident.id}/revoke").status_code == 409
    db.session.rollback()
    assert db.session.scalars(select(Incident)).one().revoked_at is None


def test_results_get_confirmed_marks_only_and_by_opaque_judges(app: Flask) -> None:
    hall = make_hall(app, judges=2, codes=("A01",))
    for number, judge in enumerate(hall.judges):
        deliver(hall.client(judge), hall.sheet("A01", judge=number).id, submission(seconds=5400 + number))
    act(hall.client("checker"), f"/api/sheets/{hall.sheet('A01').id}/confirm")
    db.session.rollback()
    session, modules = db.session(), list(db.session.scalars(select(Module)))
    marks = case_parts.confirmed_marks(session, hall.stage.id, hall.division.id, modules)
    assert {(mark["judge"], mark["aspect"], mark["value"]) for mark in marks} == {
        ("J1", "A1", "35.5"),
        ("J1", "A2", "1"),
        ("J1", "A3", "2"),
    }
    assert case_parts.times(session, hall.stage.id, hall.division.id, modules) == [
        {"entrant": "A01", "module": "practice", "seconds": 5400}
    ]
    assert case_parts.missing_sheets(session, hall.stage.id) == []
    assert [module.key for module in case_parts.unsigned_modules(session, hall.stage.id, hall.division.id)] == [
        "practice"
    ]


def test_a_disqualified_code_needs_no_sheet_and_has_its_status(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id)
    act(hall.client("checker"), f"/api/sheets/{hall.sheet('A01').id}/confirm")
    chief = hall.client("chief_judge")
    assert sign(hall).status_code == 409
    assert (
        chief.post(
            f"/desk/stages/{hall.stage.id}/incidents",
            {
                "code": "A02",
                "kind": "status",
                "status": "disqualified",
                "value": "",
                "module": "",
                "text": "试件上有身份标记",
            },
        ).status_code
        == 303
    )
    db.session.rollback()
    assert case_parts.statuses(db.session(), hall.stage.id, hall.division.id) == {"A02": "disqualified"}
    assert sign(hall).status_code == 201


def test_a_violation_becomes_a_deduction_of_the_case(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    hall.client("chief_judge").post(
        f"/desk/stages/{hall.stage.id}/incidents",
        {
            "code": "A01",
            "kind": "violation",
            "status": "",
            "value": "2.5",
            "module": hall.modules["practice"].id,
            "text": "未戴护目镜",
        },
    )
    db.session.rollback()
    assert case_parts.adjustments(db.session(), hall.stage.id, hall.division.id) == [
        {"entrant": "A01", "module": "practice", "kind": "deduction", "value": "2.5", "reason": "未戴护目镜"}
    ]


def test_the_matrix_needs_the_same_number_of_queries_for_two_codes_and_for_twenty(app: Flask) -> None:
    from sqlalchemy import event

    counts = []
    for size in (2, 20):
        hall = make_hall(app, codes=tuple(f"A{number:02}" for number in range(size)))
        chief = hall.client("chief_judge")
        seen: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args, seen=seen: seen.append(args[2]))
        assert chief.get(f"/desk/modules/{hall.modules['practice'].id}/matrix").status_code == 200
        counts.append(len(seen))
        assert db.session.scalars(select(ScoreSheet)).first() is not None
    assert counts[0] == counts[1]
