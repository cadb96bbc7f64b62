"""Tablets report what is unsent; the chief judge is told before signing. What the tablet is told of time and signing."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.audit.models import AuditEvent
from competitions.base import clock
from competitions.base.database import db
from competitions.judging.models import ScoreRevision, TabletReport
from competitions.programme.models import Ruleset
from tests.factories_judging import RIGHT, Hall, act, confirm_all, deliver, make_hall, new_key, submission
from tests.people import Client

DEVICE = "6b2f0c2e-3a35-4f0e-9d0c-6a2f6f3f9d11"
REASON = "裁判平板损坏，纸质评分表已核对一致"


def report(client: Client, pending: Any = 1, device: Any = DEVICE, sequence: Any = 3) -> Any:
    return client.post("/api/tablet", json={"device": device, "pending": pending, "sequence": sequence})


def reports() -> list[TabletReport]:
    db.session.rollback()
    return list(db.session.scalars(select(TabletReport)))


def heard_of(minutes: int) -> None:
    for each in reports():
        each.seen_at = clock.now() - timedelta(minutes=minutes)
    db.session.commit()


def sign(hall: Hall, **body: Any) -> Any:
    return act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign", body)


def test_a_tablet_has_one_report_that_is_replaced(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    judge = hall.client(hall.judges[0])
    assert report(judge, 2, sequence=7).status_code == 200
    assert report(judge, 0, sequence=8).status_code == 200
    assert [(each.user_id, each.pending, each.last_sequence) for each in reports()] == [(hall.judges[0].id, 0, 8)]


@pytest.mark.parametrize(
    "body",
    [
        {"device": "x"},
        {"pending": -1},
        {"pending": "1"},
        {"pending": True},
        {"sequence": 2**31},
        {"device": None},
    ],
)
def test_a_report_of_another_shape_is_refused(app: Flask, body: dict[str, Any]) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    assert report(hall.client(hall.judges[0]), **{"pending": 1, **body}).status_code == 422
    assert reports() == []


def test_only_judges_report(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    assert report(hall.client("checker")).status_code == 403


def test_a_person_has_so_many_tablets_and_no_more(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    judge = hall.client(hall.judges[0])
    last = str(uuid.uuid4())
    for device in (*(str(uuid.uuid4()) for _ in range(11)), last):
        assert report(judge, device=device).status_code == 200
    assert len(reports()) == 10 and last in {each.device for each in reports()}


def test_signing_with_unsent_items_on_a_tablet_needs_a_reason_that_is_recorded(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    confirm_all(hall)
    report(hall.client(hall.judges[0]), 2)
    heard_of(7)
    for given in ({}, {"reason": "太短"}, {"reason": 5}):
        refused = sign(hall, **given).get_json()["error"]
        assert refused["code"] == "state.tablets_pending"
        assert [each["code"] for each in refused["problems"]] == ["sign.tablet_pending"]
        assert refused["problems"][0]["message"] == (
            f"平板 1（{hall.judges[0].display_name}）还有 2 份未送达，7 分钟前联系过。"
        )
    assert hall.sheet("A01").state == "confirmed"
    assert sign(hall, reason=REASON).status_code == 201
    db.session.rollback()
    signed = db.session.scalars(select(AuditEvent.payload).where(AuditEvent.action == "module.sign")).one()
    assert json.loads(signed)["reason"] == REASON


def test_what_is_sent_or_never_reported_does_not_hinder_signing(app: Flask) -> None:
    hall = make_hall(app, judges=2, codes=("A01",))
    confirm_all(hall)
    judge = hall.client(hall.judges[0])
    report(judge, 1)
    report(judge, 0)
    assert sign(hall).status_code == 201


def test_the_signing_page_names_the_tablets_and_asks_for_the_reason(app: Flask) -> None:
    hall = make_hall(app, judges=2, codes=("A01",))
    confirm_all(hall)
    report(hall.client(hall.judges[0]), 1)
    report(hall.client(hall.judges[1]), 0, device=str(uuid.uuid4()))
    heard_of(6)
    chief, module = hall.client("chief_judge"), hall.modules["practice"].id
    page = chief.get(f"/desk/modules/{module}/matrix").get_data(as_text=True)
    assert "还有 1 份未送达，6 分钟前联系过" in page and "已有 6 分钟没有联系" in page and 'name="reason"' in page
    form = {"division": hall.division.id, "key": new_key()}
    refused = chief.post(f"/desk/modules/{module}/sign", form)
    assert refused.status_code == 409 and "须写明理由" in refused.get_data(as_text=True)
    assert chief.post(f"/desk/modules/{module}/sign", {**form, "reason": REASON}).status_code == 303
    assert hall.sheet("A01").state == "signed"


def test_another_modules_tablets_do_not_matter(app: Flask) -> None:
    hall, other = make_hall(app, judges=1, codes=("A01",)), make_hall(app, judges=1, codes=("B01",))
    confirm_all(hall)
    report(other.client(other.judges[0]), 3)
    assert sign(hall).status_code == 201


def listed(client: Client) -> dict[str, str]:
    return {line["code"]: line["version"] for line in client.get("/api/sheets").get_json()["sheets"]}


def test_the_list_says_which_sheets_changed(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    judge = hall.client(hall.judges[0])
    before = listed(judge)
    assert listed(judge) == before
    deliver(judge, hall.sheet("A01").id)
    after = listed(judge)
    assert after["A01"] != before["A01"] and after["A02"] == before["A02"]
    whole = judge.get(f"/api/sheets/{hall.sheet('A01').id}").get_json()
    assert whole["version"] == after["A01"]
    limit(hall, limit_seconds=600)
    changed = listed(judge)
    assert changed["A01"] != after["A01"] and changed["A02"] != after["A02"]


def test_the_list_says_whose_it_is(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    assert hall.client(hall.judges[0]).get("/api/sheets").get_json()["user"] == hall.judges[0].id


def limit(hall: Hall, **rule: Any) -> None:
    db.session.rollback()
    old = db.session.scalars(select(Ruleset).where(Ruleset.stage_id == hall.stage.id)).one()
    document = json.loads(old.document)
    document["modules"][0]["overtime"] = {**rule, "per_seconds": 60, "deduct": "1", "partial": "up"}
    db.session.add(
        Ruleset(
            stage_id=hall.stage.id,
            number=2,
            document=json.dumps(document),
            created_by="factory",
            created_at=clock.now(),
            state=old.state,
        )
    )
    db.session.commit()


def test_the_time_limit_of_the_ruleset_is_on_the_sheet(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    judge, path = hall.client(hall.judges[0]), f"/api/sheets/{hall.sheet('A01').id}"
    assert (judge.get(path).get_json()["limit_seconds"], judge.get(path).get_json()["stop_seconds"]) == (None, None)
    limit(hall, limit_seconds=9000, stop_seconds=10800)
    assert (judge.get(path).get_json()["limit_seconds"], judge.get(path).get_json()["stop_seconds"]) == (9000, 10800)


def test_the_judges_own_signature_is_on_his_sheet_until_a_new_revision(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",), settings={"judges_sign": True})
    judge, sheet = hall.client(hall.judges[0]), hall.sheet("A01").id
    sent = deliver(judge, sheet).get_json()
    assert judge.get(f"/api/sheets/{sheet}").get_json()["signature"] is None
    assert act(judge, f"/api/sheets/{sheet}/sign", {}).status_code == 400
    assert act(judge, f"/api/sheets/{sheet}/sign", {"revision": 2}).status_code == 409
    assert act(judge, f"/api/sheets/{sheet}/sign", {"revision": 1}).status_code == 201
    shown = judge.get(f"/api/sheets/{sheet}").get_json()
    assert shown["judges_sign"] and shown["signature"]["digest"] not in ("", sent["digest"])
    assert "本人已签字：第 1 版" in judge.get(f"/desk/judging/sheets/{sheet}?plain=1").get_data(as_text=True)
    deliver(judge, sheet, submission({**RIGHT, "A1": "36"}, base=1))
    assert judge.get(f"/api/sheets/{sheet}").get_json()["signature"] is None


@pytest.mark.parametrize(
    "value",
    [
        '"-0"',
        '"-0.0"',
        "-0",
        "-0.0",
        '"－0"',
        '"1e1"',
        '"NaN"',
        "NaN",
        '"Infinity"',
        "Infinity",
        "true",
        '"0x1"',
        '"+1"',
        '"1_0"',
        '"١"',
    ],
)
def test_what_is_not_a_plain_number_is_no_mark(app: Flask, value: str) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    client = hall.client(hall.judges[0])
    body = json.dumps(submission({**RIGHT, "A1": "?"})).replace('"?"', value)
    answer = client._run(
        client.http.post,
        f"/api/sheets/{hall.sheet('A01').id}/revisions",
        data=body.encode(),
        headers={"Idempotency-Key": new_key(), "X-CSRF-Token": client.csrf(), "Content-Type": "application/json"},
    )
    assert answer.status_code == 422
    assert [each["code"] for each in answer.get_json()["error"]["problems"]] == ["mark.not_a_number"]
    assert db.session.scalars(select(ScoreRevision)).all() == []
