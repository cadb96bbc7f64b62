"""A key stands for one delivery: with another body or for another sheet it is refused, before and after the signature."""

from typing import Any

from flask import Flask
from sqlalchemy import func, select

from competitions.base.database import db
from competitions.judging.models import Quarantine, ScoreRevision
from tests.factories_judging import RIGHT, Hall, act, deliver, make_hall, new_key, submission

OTHER = {**RIGHT, "A1": "36"}


def half_signed(app: Flask) -> tuple[Hall, Any]:
    """A hall whose practice is signed while the second module is still open; with the one judge, signed in."""
    hall = make_hall(app, judges=1, codes=("A01", "A02"), modules=("practice", "second"))
    judge = hall.client(hall.judges[0])
    for code in hall.codes:
        assert deliver(judge, hall.sheet(code).id).status_code == 201
        assert act(hall.client("checker"), f"/api/sheets/{hall.sheet(code).id}/confirm").status_code == 201
    signed = act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign")
    assert signed.status_code == 201
    return hall, judge


def is_mismatch(answer: Any) -> bool:
    return answer.status_code == 422 and answer.get_json()["error"]["code"] == "idempotency_mismatch"


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_key_used_for_one_sheet_is_refused_for_another_with_the_same_body(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    judge, key = hall.client(hall.judges[0]), new_key()
    assert deliver(judge, hall.sheet("A01").id, key=key).status_code == 201
    assert is_mismatch(deliver(judge, hall.sheet("A02").id, key=key))
    assert hall.sheet("A02").state == "empty" and count(ScoreRevision) == 1


def test_a_key_used_for_one_act_is_refused_for_the_same_act_elsewhere(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    for code in hall.codes:
        deliver(hall.client(hall.judges[0]), hall.sheet(code).id)
    checker, key = hall.client("checker"), new_key()
    assert act(checker, f"/api/sheets/{hall.sheet('A01').id}/confirm", key=key).status_code == 201
    assert is_mismatch(act(checker, f"/api/sheets/{hall.sheet('A02').id}/confirm", key=key))
    assert hall.sheet("A02").state == "submitted"


def test_two_people_may_happen_on_the_same_key(app: Flask) -> None:
    hall = make_hall(app, judges=2, codes=("A01",))
    key = new_key()
    for number, judge in enumerate(hall.judges):
        assert deliver(hall.client(judge), hall.sheet("A01", number).id, key=key).status_code == 201


def test_a_key_kept_aside_is_refused_with_another_body_or_for_another_sheet(app: Flask) -> None:
    hall, judge = half_signed(app)
    key, late = new_key(), submission(OTHER, base=1)
    assert deliver(judge, hall.sheet("A01").id, late, key).get_json()["error"]["quarantined"] is True
    assert is_mismatch(deliver(judge, hall.sheet("A01").id, submission(RIGHT, base=1), key))
    assert is_mismatch(deliver(judge, hall.sheet("A02").id, late, key))
    assert deliver(judge, hall.sheet("A01").id, late, key).get_json()["error"]["code"] == "sheet_locked"
    assert count(Quarantine) == 1


def test_a_key_that_has_its_receipt_is_not_kept_aside_with_another_body(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    judge, key = hall.client(hall.judges[0]), new_key()
    first = deliver(judge, hall.sheet("A01").id, key=key)
    sign_the_one(hall)
    assert is_mismatch(deliver(judge, hall.sheet("A01").id, submission(OTHER, base=1), key))
    again = deliver(judge, hall.sheet("A01").id, key=key)
    assert again.status_code == 200 and again.get_json() == first.get_json()
    assert count(Quarantine) == 0


def test_a_key_kept_aside_is_refused_for_a_sheet_that_is_still_open(app: Flask) -> None:
    hall, judge = half_signed(app)
    key, late = new_key(), submission(OTHER, base=1)
    assert deliver(judge, hall.sheet("A01").id, late, key).status_code == 409
    assert is_mismatch(deliver(judge, hall.sheet("A01", module="second").id, submission(OTHER), key))
    assert hall.sheet("A01", module="second").state == "empty" and count(Quarantine) == 1


def sign_the_one(hall: Hall) -> None:
    """The one sheet is confirmed and its module signed."""
    assert act(hall.client("checker"), f"/api/sheets/{hall.sheet('A01').id}/confirm").status_code == 201
    assert act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201
