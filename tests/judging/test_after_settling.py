"""Once the standings are settled nothing of the marking changes any more: only a correction would reopen it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from competitions.base import clock
from competitions.base.database import db
from competitions.judging.models import Incident, Quarantine, ScoreSheet
from competitions.judging.signing.models import ChangeRequest
from competitions.programme.models import Stage
from tests.factories_judging import RIGHT, Hall, act, confirm_all, deliver, make_hall, submission

REASON = "A1 录入笔误，原始记录为 36.5"


@pytest.fixture
def settled(app: Flask) -> tuple[Hall, str, str]:
    """A hall whose standings are settled, with a request for A01 and a late delivery for A02 that still wait (ids)."""
    hall = make_hall(app, judges=1)
    confirm_all(hall)
    chief = hall.client("chief_judge")
    assert act(chief, f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201
    asked = act(chief, f"/api/sheets/{hall.sheet('A01').id}/reopen", {"reason": REASON}).get_json()["request"]
    deliver(hall.client(hall.judges[0]), hall.sheet("A02").id, submission({**RIGHT, "A1": "30"}, base=1))
    db.session.rollback()
    db.session.get_one(Stage, hall.stage.id).settled_at = clock.now()
    db.session.commit()
    return hall, asked, db.session.scalars(select(Quarantine.id)).one()


def is_settled(answer: Any) -> bool:
    return (
        answer.status_code == 409 and (answer.get_json() or {"error": {"code": ""}})["error"]["code"] == "state.settled"
    )


def states(hall: Hall) -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(ScoreSheet.state)))


def test_no_sheet_is_reopened(settled: tuple[Hall, str, str]) -> None:
    hall, asked, _ = settled
    assert is_settled(act(hall.client("supervisor"), f"/api/requests/{asked}/approve"))
    assert is_settled(act(hall.client("chief_judge"), f"/api/sheets/{hall.sheet('A02').id}/reopen", {"reason": REASON}))
    assert states(hall) == {"signed"}
    assert db.session.scalars(select(ChangeRequest.state)).all() == ["waiting"]


def test_no_late_delivery_is_taken(settled: tuple[Hall, str, str]) -> None:
    hall, _, late = settled
    taken = hall.client("chief_judge").post(f"/desk/judging/late/{late}/take", {"reason": REASON})
    assert taken.status_code == 409 and states(hall) == {"signed"}
    assert db.session.scalar(select(func.count(ChangeRequest.id))) == 1


def test_nothing_happens_in_the_hall_any_more(settled: tuple[Hall, str, str]) -> None:
    hall, _, _ = settled
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
    db.session.rollback()
    assert answer.status_code == 409 and db.session.scalars(select(Incident)).all() == []


def test_no_sheets_are_made_any_more(settled: tuple[Hall, str, str]) -> None:
    hall, _, _ = settled
    assert hall.client("organiser").post(f"/desk/stages/{hall.stage.id}/judging/open").status_code == 409
    assert db.session.scalar(select(func.count(ScoreSheet.id))) == 2
