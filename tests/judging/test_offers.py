"""After a restore tablets offer again what they hold receipts for: it comes back with the same receipt, once; what does not
follow upon what is there goes to the chief judge; every answer tells the epoch.
"""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.audit.verification import verify
from competitions.base import clock, installation
from competitions.base.database import db
from competitions.judging.models import Quarantine, ScoreRevision
from competitions.judging.schemes.marks import revision_digest
from competitions.judging.sheets.services import receipt
from tests.factories_judging import RIGHT, Hall, act, confirm_all, deliver, make_hall, new_key, submission
from tests.people import Client


@pytest.fixture
def hall(app: Flask) -> Hall:
    """One judge, two codes."""
    return make_hall(app, judges=1)


def held_by_a_tablet(app: Flask, hall: Hall, marks: list[str]) -> list[dict[str, Any]]:
    """Deliveries to another hall's sheet of the same make, as if this hall's server had acknowledged and forgotten them."""
    sheet, found = hall.sheet("A01").id, []
    for number, mark in enumerate(marks, 1):
        values = {**RIGHT, "A1": mark}
        body = submission(values, base=number - 1)
        digest = revision_digest(sheet, number, values, None, None)
        found.append({"receipt": new_key(), "revision": number, "digest": digest, "body": body})
    return found


def offer(client: Client, sheet: str, held: dict[str, Any], key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key or new_key()}
    return client.post(f"/api/sheets/{sheet}/offers", json=held, headers=headers)


def revisions() -> list[ScoreRevision]:
    db.session.rollback()
    return list(db.session.scalars(select(ScoreRevision).order_by(ScoreRevision.number)))


def aside() -> list[Quarantine]:
    db.session.rollback()
    return list(db.session.scalars(select(Quarantine)))


def sound() -> bool:
    db.session.rollback()
    return verify(db.session(), at=clock.now()).sound


def test_what_the_server_lost_comes_back_with_the_same_receipt_and_once(app: Flask, hall: Hall) -> None:
    judge, sheet = hall.client(hall.judges[0]), hall.sheet("A01").id
    held = held_by_a_tablet(app, hall, ["30", "31"])
    keys = [new_key(), new_key()]
    for _ in range(2):
        answers = [offer(judge, sheet, each, key) for each, key in zip(held, keys, strict=True)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.get_json()["receipt"] for answer in answers] == [each["receipt"] for each in held]
    assert [(each.id, each.digest) for each in revisions()] == [(each["receipt"], each["digest"]) for each in held]
    assert hall.sheet("A01").state == "submitted" and not aside() and sound()


def test_what_the_server_still_has_is_answered_with_its_receipt(hall: Hall) -> None:
    judge, sheet, key = hall.client(hall.judges[0]), hall.sheet("A01").id, new_key()
    body = submission(RIGHT)
    first = deliver(judge, sheet, body, key=key).get_json()
    again = offer(
        judge, sheet, {**{name: first[name] for name in ("receipt", "revision", "digest")}, "body": body}, key
    )
    assert again.status_code == 200 and again.get_json() == first and len(revisions()) == 1


def test_the_same_marks_given_anew_meanwhile_are_not_doubled(app: Flask, hall: Hall) -> None:
    judge, sheet = hall.client(hall.judges[0]), hall.sheet("A01").id
    [held] = held_by_a_tablet(app, hall, ["30"])
    deliver(judge, sheet, submission({**RIGHT, "A1": "30"}))
    answer = offer(judge, sheet, held)
    assert answer.status_code == 201 and [receipt(each) for each in revisions()] == [answer.get_json()]
    assert not aside()


def test_other_marks_given_anew_meanwhile_stay_and_the_chief_judge_gets_what_was_lost(app: Flask, hall: Hall) -> None:
    judge, sheet, key = hall.client(hall.judges[0]), hall.sheet("A01").id, new_key()
    [held] = held_by_a_tablet(app, hall, ["30"])
    deliver(judge, sheet, submission({**RIGHT, "A1": "12"}))
    for _ in range(2):
        answer = offer(judge, sheet, held, key)
        assert answer.status_code == 409 and answer.get_json()["error"]["quarantined"] is True
    assert [json.loads(each.marks)["A1"] for each in revisions()] == ["12"]
    assert [json.loads(each.body) for each in aside()] == [held["body"]] and sound()
    page = hall.client("chief_judge").get(f"/desk/judging/late/{aside()[0].id}").get_data(as_text=True)
    assert "从备份恢复" in page and "30" in page


@pytest.mark.parametrize("wrong", ["digest", "gap", "confirmed", "taken"])
def test_what_does_not_follow_upon_what_is_there_is_kept_aside(app: Flask, hall: Hall, wrong: str) -> None:
    judge, sheet = hall.client(hall.judges[0]), hall.sheet("A01").id
    first, second = held_by_a_tablet(app, hall, ["30", "31"])
    held = first
    if wrong == "digest":
        held = {**first, "digest": "0" * 64}
    if wrong == "gap":
        held = second
    if wrong == "confirmed":
        confirm_all(hall)
        held = second
    if wrong == "taken":
        held = {**first, "receipt": deliver(judge, hall.sheet("A02").id).get_json()["receipt"]}
    before = len(revisions())
    answer = offer(judge, sheet, held)
    assert answer.status_code == 409 and answer.get_json()["error"]["quarantined"] is True
    assert len(revisions()) == before and len(aside()) == 1 and sound()


def test_what_comes_after_the_signature_goes_to_the_chief_judge_too(app: Flask, hall: Hall) -> None:
    judge, sheet = hall.client(hall.judges[0]), hall.sheet("A01").id
    _, second = held_by_a_tablet(app, hall, ["30", "31"])
    confirm_all(hall)
    assert act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201
    assert offer(judge, sheet, second).status_code == 409 and len(aside()) == 1


def test_nobody_offers_for_another_and_an_unknown_sheet_looks_missing(app: Flask, hall: Hall) -> None:
    [held] = held_by_a_tablet(app, hall, ["30"])
    stranger = make_hall(app, judges=1, codes=("B01",))
    client = stranger.client(stranger.judges[0])
    answers = [offer(client, sheet, held) for sheet in (hall.sheet("A01").id, new_key())]
    assert [answer.status_code for answer in answers] == [404, 404] and not aside() and not revisions()


@pytest.mark.parametrize("change", [{"receipt": "x"}, {"revision": "1"}, {"digest": "1"}, {"body": None, "receipt": 1}])
def test_an_offer_of_another_shape_is_refused(app: Flask, hall: Hall, change: dict[str, Any]) -> None:
    [held] = held_by_a_tablet(app, hall, ["30"])
    answer = offer(hall.client(hall.judges[0]), hall.sheet("A01").id, {**held, **change})
    assert answer.status_code == 400 and not revisions() and not aside()


def test_every_answer_of_the_api_tells_the_epoch(app: Flask, hall: Hall, visitor: Client) -> None:
    installation.begin(clock.now())
    db.session.rollback()
    epoch, judge = installation.epoch_of(db.session()), hall.client(hall.judges[0])
    answers = [
        visitor.get("/api/session"),
        visitor.get("/api/sheets"),
        judge.get("/api/sheets"),
        deliver(judge, hall.sheet("A01").id),
        deliver(judge, hall.sheet("A01").id),
        judge.get(f"/api/sheets/{new_key()}"),
    ]
    assert {answer.status_code for answer in answers} == {200, 201, 401, 404, 409}
    assert {answer.headers.get("Epoch") for answer in answers} == {epoch} and epoch
    assert "Epoch" not in visitor.get("/").headers
