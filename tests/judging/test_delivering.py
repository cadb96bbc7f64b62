"""The judges' API: receipts, replays, conflicts, bad marks, what is too late; nothing doubled, nothing lost."""

import hashlib
import json

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.audit.models import AuditEvent
from competitions.base.database import db
from competitions.judging.models import Quarantine, ScoreRevision, SheetDelivery
from tests.factories_judging import RIGHT, act, confirm_all, deliver, make_hall, new_key, submission
from tests.people import Client


def revisions(sheet_id: str) -> list[ScoreRevision]:
    db.session.rollback()
    return list(db.session.scalars(select(ScoreRevision).where(ScoreRevision.sheet_id == sheet_id)))


def test_a_judge_sees_his_own_sheets_by_code_and_nothing_else(app: Flask) -> None:
    hall = make_hall(app)
    lines = hall.client(hall.judges[0]).get("/api/sheets").get_json()["sheets"]
    assert [line["code"] for line in lines] == ["A01", "A02"]
    assert set(lines[0]) == {"id", "code", "event", "module", "state", "revision", "sitting", "station", "version"}
    assert lines[0]["state"] == "empty" and lines[0]["revision"] == 0 and lines[0]["sitting"] == "第一场"


def test_a_submission_becomes_a_revision_with_a_receipt(app: Flask) -> None:
    hall = make_hall(app)
    sheet = hall.sheet("A01")
    answer = deliver(hall.client(hall.judges[0]), sheet.id)
    body = answer.get_json()
    assert answer.status_code == 201
    assert set(body) == {"receipt", "sheet", "revision", "total", "digest", "server_time"}
    assert body["revision"] == 1 and body["total"] == "50.5"
    whole = json.dumps(
        {"marks": RIGHT, "revision": 1, "seconds": None, "sheet": sheet.id},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    assert body["digest"] == hashlib.sha256(whole.encode()).hexdigest()
    assert hall.sheet("A01").state == "submitted"
    events = db.session.scalars(select(AuditEvent.payload)).all()
    assert sum('"sheet.submit"' in payload and body["digest"] in payload for payload in events) == 1


def test_the_same_key_again_gets_the_same_receipt_and_no_second_revision(app: Flask) -> None:
    hall = make_hall(app)
    sheet, client, key = hall.sheet("A01"), hall.client(hall.judges[0]), new_key()
    first = deliver(client, sheet.id, key=key)
    again = deliver(client, sheet.id, key=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert len(revisions(sheet.id)) == 1


def test_the_same_key_with_another_body_is_refused(app: Flask) -> None:
    hall = make_hall(app)
    sheet, client, key = hall.sheet("A01"), hall.client(hall.judges[0]), new_key()
    deliver(client, sheet.id, key=key)
    other = deliver(client, sheet.id, submission({**RIGHT, "A1": "36"}, base=1), key=key)
    assert other.status_code == 422 and other.get_json()["error"]["code"] == "idempotency_mismatch"
    assert len(revisions(sheet.id)) == 1


def test_a_stale_submission_is_told_what_is_there_now(app: Flask) -> None:
    hall = make_hall(app)
    sheet, client = hall.sheet("A01"), hall.client(hall.judges[0])
    deliver(client, sheet.id)
    stale = deliver(client, sheet.id, submission({**RIGHT, "A1": "1"}))
    error = stale.get_json()["error"]
    assert stale.status_code == 409 and error["code"] == "stale_revision"
    assert error["current"]["revision"] == 1 and error["current"]["marks"] == RIGHT


def test_a_later_revision_keeps_the_earlier_one(app: Flask) -> None:
    hall = make_hall(app)
    sheet, client = hall.sheet("A01"), hall.client(hall.judges[0])
    deliver(client, sheet.id)
    assert deliver(client, sheet.id, submission({**RIGHT, "A1": "36"}, base=1)).get_json()["revision"] == 2
    assert sorted(json.loads(revision.marks)["A1"] for revision in revisions(sheet.id)) == ["35.5", "36"]


@pytest.mark.parametrize(
    ("aspect", "value"),
    [
        ("A1", "40.5"),
        ("A1", "-1"),
        ("A1", "0.3"),
        ("A1", "NaN"),
        ("A1", "1e400"),
        ("A1", True),
        ("A1", 8.5),
        ("A1", "abc"),
        ("A1", ["1"]),
        ("A2", "1.5"),
        ("A2", "-1"),
        ("A3", "4"),
        ("A3", "1.5"),
        ("B9", "1"),
        ("A1", ""),
        ("A1", None),
    ],
)
def test_a_bad_mark_is_refused_and_nothing_is_stored(app: Flask, aspect: str, value: object) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    sheet = hall.sheet("A01")
    answer = deliver(hall.client(hall.judges[0]), sheet.id, submission({**RIGHT, aspect: value}))
    problems = answer.get_json()["error"]["problems"]
    assert answer.status_code == 422 and [problem["where"] for problem in problems] == [aspect]
    assert "“" in problems[0]["message"] and revisions(sheet.id) == []


def test_every_bad_mark_is_named_at_once(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    answer = deliver(
        hall.client(hall.judges[0]),
        hall.sheet("A01").id,
        submission({"A1": "41", "A2": "x", "Z": "1"}, notes={"Q": "?"}),
    )
    where = {problem["where"] for problem in answer.get_json()["error"]["problems"]}
    assert where == {"A1", "A2", "A3", "Z", "Q"}


def test_full_width_digits_are_read_and_kept_in_plain_form(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    sheet = hall.sheet("A01")
    answer = deliver(hall.client(hall.judges[0]), sheet.id, submission({**RIGHT, "A1": "９．５０"}))
    assert answer.status_code == 201
    assert json.loads(revisions(sheet.id)[0].marks)["A1"] == "9.5"


def test_an_incomplete_sheet_may_have_blanks_and_zero_is_not_one(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    sheet, client = hall.sheet("A01"), hall.client(hall.judges[0])
    answer = deliver(client, sheet.id, submission({"A1": "0", "A2": None}, complete=False))
    assert answer.status_code == 201
    shown = client.get(f"/api/sheets/{sheet.id}").get_json()
    assert shown["marks"] == {"A1": "0"} and shown["state"] == "draft"
    assert answer.get_json()["total"] == "0"


def test_a_module_without_aspects_has_the_one_aspect_score(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",), aspects=[])
    sheet, client = hall.sheet("A01"), hall.client(hall.judges[0])
    assert [aspect["id"] for aspect in client.get(f"/api/sheets/{sheet.id}").get_json()["aspects"]] == ["score"]
    assert deliver(client, sheet.id, submission({"score": "100.5"})).status_code == 422
    assert deliver(client, sheet.id, submission({"score": "86.5"})).get_json()["total"] == "86.5"


@pytest.mark.parametrize(
    "body", [b"[1]", b"{", b'{"a":1,"a":2}', b"\xff\xfe", b'{"marks":' + b"[" * 9000, b'"x"', b"1" * 5000]
)
def test_a_body_that_is_no_submission_gets_a_sentence(app: Flask, body: bytes) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    client = hall.client(hall.judges[0])
    answer = client._run(
        client.http.post,
        f"/api/sheets/{hall.sheet('A01').id}/revisions",
        data=body,
        headers={"Idempotency-Key": new_key(), "X-CSRF-Token": client.csrf(), "Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 422) and answer.get_json()["error"]["message"]


def test_a_body_over_the_limit_is_too_large(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    answer = deliver(hall.client(hall.judges[0]), hall.sheet("A01").id, submission(notes={"A1": "字" * 40_000}))
    assert answer.status_code == 413


def test_a_missing_key_is_refused(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    client = hall.client(hall.judges[0])
    assert client.post(f"/api/sheets/{hall.sheet('A01').id}/revisions", json=submission()).status_code == 422


def test_another_judges_sheet_looks_like_a_missing_one(app: Flask) -> None:
    hall = make_hall(app)
    stranger, sheet = hall.client(hall.judges[1]), hall.sheet("A01", judge=0)
    missing = stranger.get("/api/sheets/00000000-0000-4000-8000-000000000000").get_json()["error"]
    there = stranger.get(f"/api/sheets/{sheet.id}").get_json()["error"]
    assert {**there, "request_id": ""} == {**missing, "request_id": ""}
    assert deliver(stranger, sheet.id).status_code == 404
    assert db.session.scalars(select(SheetDelivery)).all() == []


def test_a_confirmed_sheet_takes_no_more_and_a_signed_one_keeps_aside(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    sheet = hall.sheet("A01")
    confirm_all(hall)
    judge = hall.client(hall.judges[0])
    confirmed = deliver(judge, sheet.id, submission(base=1))
    assert confirmed.status_code == 409 and confirmed.get_json()["error"]["code"] == "sheet_confirmed"
    assert act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201
    key = new_key()
    for _ in range(2):
        late = deliver(judge, sheet.id, submission(base=1), key=key)
        assert late.status_code == 409 and late.get_json()["error"]["code"] == "sheet_locked"
        assert late.get_json()["error"]["quarantined"] is True
    db.session.rollback()
    assert [kept.state for kept in db.session.scalars(select(Quarantine))] == ["waiting"]
    assert len(revisions(sheet.id)) == 1


def test_a_judge_who_is_not_signed_in_gets_401_before_csrf(app: Flask, visitor: Client) -> None:
    assert visitor._run(visitor.http.post, "/api/sheets/x/revisions", json={}).status_code == 401
