"""Confirming, re-reading, re-checking, signing and consenting are never done by whoever made what is looked at, in
whatever role he comes.
"""

from typing import Any

from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import RoleAssignment, User
from competitions.base.database import db
from competitions.judging.models import Quarantine, ScoreSheet, SecondEntry
from competitions.judging.sheets.models import Recheck
from competitions.judging.signing.models import ChangeRequest
from tests.factories_judging import RIGHT, Hall, act, confirm_all, deliver, make_hall, new_key, submission
from tests.factories_worksheets import confirm, desk, filled, paper_hall, preview

REASON = "A1 录入笔误，原始记录为 36.5"
TYPED = {("A01", "A1"): 35.5, ("A01", "A2"): 1, ("A01", "A3"): 2}


def also(user: User, role: str, hall: Hall) -> User:
    """The same person with one more role in the event, as no giver of roles would allow."""
    db.session.rollback()
    db.session.add(RoleAssignment(user_id=user.id, role=role, scope_kind="event", scope_id=hall.event.id))
    db.session.commit()
    return user


def is_refused(answer: Any, code: str) -> bool:
    return answer.status_code == 409 and answer.get_json()["error"]["code"] == f"state.{code}"


def typed_hall(app: Flask) -> tuple[Hall, str]:
    """The tabulator has typed the first judge's paper for A01; the id of that sheet, which stays the judge's."""
    hall = paper_hall(app, codes=("A01",))
    tabulator, path = hall.client("tabulator"), desk(hall, "practice")
    data = filled(tabulator.get(f"{path}/template.xlsx").data, TYPED)
    assert confirm(tabulator, preview(tabulator, path, data)[0]).status_code == 303
    return hall, hall.sheet("A01").id


def test_a_judge_does_not_confirm_his_own_sheet_that_another_typed(app: Flask) -> None:
    hall, sheet_id = typed_hall(app)
    judge = hall.client(also(hall.judges[0], "checker", hall))
    assert is_refused(act(judge, f"/api/sheets/{sheet_id}/confirm"), "own_entry")
    assert hall.sheet("A01").state == "submitted"
    other = hall.client(also(hall.judges[1], "checker", hall))
    assert act(other, f"/api/sheets/{sheet_id}/confirm").status_code == 201


def test_nobody_confirms_what_he_typed(app: Flask) -> None:
    hall, sheet_id = typed_hall(app)
    tabulator = hall.client(also(hall.people["tabulator"], "checker", hall))
    assert is_refused(act(tabulator, f"/api/sheets/{sheet_id}/confirm"), "own_entry")
    assert hall.sheet("A01").state == "submitted"


def test_the_checker_confirms_the_revision_that_he_saw_and_no_later_one(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    judge, checker, sheet = hall.client(hall.judges[0]), hall.client("checker"), hall.sheet("A01")
    for base in (0, 1):
        deliver(judge, sheet.id, submission({**RIGHT, "A1": str(30 + base)}, base=base))
    stale = act(checker, f"/api/sheets/{sheet.id}/confirm", {"revision": 1})
    assert stale.status_code == 409 and stale.get_json()["error"]["current"]["revision"] == 2
    assert act(checker, f"/api/sheets/{sheet.id}/confirm", {"revision": 2}).status_code == 201


def twice_read(app: Flask) -> tuple[Hall, str]:
    """A theory hall of double entry and the address of its grid."""
    hall = make_hall(app, judges=0, codes=("A01",), modules=("theory",), settings={"double_entry": True})
    return hall, f"/desk/modules/{hall.modules['theory'].id}/tabulation"


def typed(score: str, base: int = 0) -> dict[str, str]:
    return {"key": new_key(), "name.0": "A01", "base.0": str(base), "mark.0.score": score}


def test_nobody_types_the_second_reading_of_what_he_read_himself(app: Flask) -> None:
    hall, path = twice_read(app)
    tabulator = hall.client("tabulator")
    assert tabulator.post(path, typed("86.5")).status_code == 303
    assert tabulator.post(f"{path}/again", typed("86.5")).status_code == 409
    db.session.rollback()
    assert db.session.scalars(select(SecondEntry)).all() == []


def test_a_second_reading_of_an_older_revision_does_not_count(app: Flask) -> None:
    hall, path = twice_read(app)
    first, sheet_id = hall.client("tabulator"), hall.sheet("A01", module="theory").id
    db.session.rollback()
    assert first.post(path, typed("86.5")).status_code == 303
    db.session.add(
        SecondEntry(
            sheet_id=sheet_id,
            number=1,
            author_id=hall.people["tabulator"].id,
            by="another",
            marks='{"score":"86.5"}',
            at=hall.sittings[0].starts_at,
        )
    )
    db.session.commit()
    assert first.post(path, typed("68.5", base=1)).status_code == 303
    refused = act(hall.client("checker"), f"/api/sheets/{sheet_id}/confirm")
    assert is_refused(refused, "second_entry_missing")


def test_the_chief_judge_does_not_sign_over_a_sheet_that_he_confirmed_himself(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    chief = hall.client(also(hall.people["chief_judge"], "checker", hall))
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id)
    assert act(chief, f"/api/sheets/{hall.sheet('A01').id}/confirm").status_code == 201
    assert is_refused(act(chief, f"/api/modules/{hall.modules['practice'].id}/sign"), "second_person")
    assert hall.sheet("A01").state == "confirmed"


def test_the_chief_judge_does_not_sign_over_a_sheet_that_he_filled_in_himself(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    confirm_all(hall)
    judge = hall.client(also(hall.judges[0], "chief_judge", hall))
    assert is_refused(act(judge, f"/api/modules/{hall.modules['practice'].id}/sign"), "second_person")
    assert hall.sheet("A01").state == "confirmed"


def rechecked(app: Flask, who: str, outcome: str) -> tuple[Hall, int]:
    """A hall whose one code is to be re-checked, and the answer to whoever says what came out."""
    hall = make_hall(app, judges=1, codes=("A01",), settings={"recheck": {"top": 100, "sample": 0}})
    confirm_all(hall)
    person = also(hall.judges[0], "checker", hall) if who == "judge" else hall.people["checker"]
    answer = hall.client(person).post(
        f"/desk/modules/{hall.modules['practice'].id}/recheck",
        {"code": "A01", "outcome": outcome, "reason": "A1 应为 36.5"},
    )
    db.session.rollback()
    return hall, answer.status_code


def test_a_judge_does_not_re_check_what_he_marked(app: Flask) -> None:
    _, status = rechecked(app, "judge", "right")
    assert status == 409 and db.session.scalars(select(Recheck)).all() == []


def test_a_code_found_wrong_by_the_re_check_keeps_the_module_from_being_signed(app: Flask) -> None:
    hall, status = rechecked(app, "checker", "wrong")
    refused = act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign")
    assert status == 303 and is_refused(refused, "signing_blocked")
    assert [each["code"] for each in refused.get_json()["error"]["problems"]] == ["sign.recheck_wrong"]


def signed_hall(app: Flask) -> tuple[Hall, str]:
    """A hall whose only sheet is signed, with the chief judge a supervisor too; the sheet's id."""
    hall = make_hall(app, judges=1, codes=("A01",))
    confirm_all(hall)
    assert act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201
    also(hall.people["chief_judge"], "supervisor", hall)
    return hall, hall.sheet("A01").id


def test_nobody_consents_to_the_reopening_that_he_asked_for(app: Flask) -> None:
    hall, sheet_id = signed_hall(app)
    both = hall.client("chief_judge")
    asked = act(both, f"/api/sheets/{sheet_id}/reopen", {"reason": REASON}).get_json()["request"]
    assert is_refused(act(both, f"/api/requests/{asked}/approve"), "second_person")
    assert hall.sheet("A01").state == "signed"
    assert act(hall.client("supervisor"), f"/api/requests/{asked}/approve").status_code == 201


def test_a_sheet_is_asked_for_once_at_a_time_and_a_decided_request_stays_decided(app: Flask) -> None:
    hall, sheet_id = signed_hall(app)
    chief, supervisor = hall.client("chief_judge"), hall.client("supervisor")
    asked = act(chief, f"/api/sheets/{sheet_id}/reopen", {"reason": REASON}).get_json()["request"]
    assert is_refused(act(chief, f"/api/sheets/{sheet_id}/reopen", {"reason": REASON}), "requested_already")
    assert supervisor.post(f"/desk/judging/requests/{asked}/refuse").status_code == 303
    assert is_refused(act(supervisor, f"/api/requests/{asked}/approve"), "request_decided")
    assert hall.sheet("A01").state == "signed"


def test_nothing_is_signed_while_a_reopening_or_a_late_delivery_waits(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01", "A02"))
    confirm_all(hall)
    chief, module = hall.client("chief_judge"), hall.modules["practice"].id
    assert act(chief, f"/api/sheets/{hall.sheet('A01').id}/reopen", {"reason": REASON}).status_code == 202
    late = Quarantine(
        user_id=hall.judges[0].id,
        key=new_key(),
        sheet_id=hall.sheet("A02").id,
        body="{}",
        received_at=hall.sittings[0].starts_at,
    )
    db.session.add(late)
    db.session.commit()
    refused = act(chief, f"/api/modules/{module}/sign")
    assert [each["code"] for each in refused.get_json()["error"]["problems"]] == [
        "sign.late_waiting",
        "sign.request_waiting",
    ]
    db.session.rollback()
    assert db.session.scalars(select(ChangeRequest.state)).all() == ["waiting"]
    assert {sheet.state for sheet in db.session.scalars(select(ScoreSheet))} == {"confirmed"}
