"""The supervisor's pages: records of his competitions only, in words; sound or not."""

import json
import re
from io import BytesIO

from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from competitions.audit.action_words import change_words
from competitions.audit.chain import canonical
from competitions.audit.models import AuditEvent
from competitions.base import clock
from competitions.base.database import db
from competitions.programme.models import Stage
from tests.audit.recording import record, transaction
from tests.audit.test_verification import tamper
from tests.factories import make_user
from tests.factories_coding import make_contest, make_official, with_lots
from tests.people import Client


def supervisor(app: Flask, stage: Stage, kind: str = "event") -> Client:
    db.session.rollback()
    user = make_user(("supervisor", kind, stage.event_id if kind == "event" else stage.event.competition_id))
    db.session.commit()
    client = Client(app)
    assert client.sign_in(user.username).status_code == 303
    return client


def note(action: str, kind: str, object_id: str) -> None:
    with transaction():
        record(action, kind, object_id, by=None, at=clock.now())


def test_a_supervisor_sees_the_records_of_his_event_in_words_and_no_others(app: Flask) -> None:
    mine, other = make_contest(2), make_contest(2)
    coder = make_official("coder", mine)
    with_lots(mine, coder)
    with_lots(other, coder)
    note("competition.change", "competition", mine.event.competition_id)
    page = supervisor(app, mine).get("/desk/audit").get_data(as_text=True)
    assert "系统抽签" in page and coder.display_name in page and "抽签 2" in page
    assert (
        mine.id[:8] in page
        and other.id[:8] not in page
        and "修改赛事" not in page
        and '<td class="lead">登录<' not in page
    )


def test_a_supervisor_of_the_competition_sees_all_that_hangs_below_it(app: Flask) -> None:
    stage = make_contest(1)
    module = stage.modules[0]
    for kind, object_id in (
        ("competition", stage.event.competition_id),
        ("event", stage.event_id),
        ("module", module.id),
    ):
        note(f"{kind}.sign" if kind == "module" else f"{kind}.change", kind, object_id)
    page = supervisor(app, stage, "competition").get("/desk/audit").get_data(as_text=True)
    assert all(word in page for word in ("修改赛事", "修改赛项", "裁判长签字"))


def test_the_list_is_filtered_by_object_and_exported(app: Flask) -> None:
    stage = make_contest(1)
    for _ in range(60):
        note("event.change", "event", stage.event_id)
    note("stage.lock", "stage", stage.id)
    client = supervisor(app, stage)
    assert "共 61 条，第 1 / 2 页" in client.get("/desk/audit").get_data(as_text=True)
    assert "共 1 条" in client.get("/desk/audit", query_string={"kind": "stage"}).get_data(as_text=True)
    assert "共 60 条" in client.get("/desk/audit", query_string={"q": stage.event_id}).get_data(as_text=True)
    sheet = load_workbook(BytesIO(client.get("/desk/audit.xlsx?kind=stage").get_data())).active
    assert any(cell.value == "锁定计分规则和评分细则" for row in sheet.iter_rows() for cell in row)
    db.session.rollback()
    exported = db.session.query(AuditEvent).filter(AuditEvent.action == "audit.export").one()
    assert '"rows":1' in exported.payload and exported.by_id is not None


def test_the_page_says_when_the_log_was_tampered_with(app: Flask) -> None:
    stage = make_contest(1)
    for _ in range(4):
        note("event.change", "event", stage.event_id)
    client = supervisor(app, stage)
    assert "还没有在这里核验过" in client.get("/desk/audit").get_data(as_text=True)
    page = verified(client)
    assert "）通过" in page and "首尾相接" in client.get("/desk/audit").get_data(as_text=True)
    [checked] = re.findall(r"[^<>]*记录链、[^<>]*", page)
    assert not re.search("[a-z]", checked)  # every check has a Chinese name
    tamper("UPDATE audit_event SET at_us = at_us + 1 WHERE seq = 2")
    assert "）通过" in client.get("/desk/audit/chain").get_data(as_text=True)  # looking at it verifies nothing
    assert "未通过" in verified(client)
    assert "第 2 条审计记录的内容与校验值不符" in client.get("/desk/audit").get_data(as_text=True)


def test_who_has_the_log_verified_is_in_the_log(app: Flask) -> None:
    client = supervisor(app, make_contest(1))
    verified(client)
    page = verified(client)
    db.session.rollback()
    asked = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "audit.verify").order_by(AuditEvent.seq)
    ).all()
    assert len(asked) == 2 and all(each.by_id for each in asked)
    assert json.loads(asked[1].payload)["after"]["records"] == asked[0].seq
    assert "尚未核验" not in page
    note("event.change", "event", "somewhere")
    assert "此后新增 1 条，尚未核验" in client.get("/desk/audit/chain").get_data(as_text=True)


def verified(client: Client) -> str:
    """The page after somebody asked for a verification."""
    assert client.post("/desk/audit/chain").status_code == 303
    return client.get("/desk/audit/chain").get_data(as_text=True)


def test_judges_and_organisers_do_not_read_the_log(app: Flask) -> None:
    stage = make_contest(1)
    for role, kind, scope in (
        ("judge", "event", stage.event_id),
        ("organiser_drafting", "competition", stage.event.competition_id),
    ):
        db.session.rollback()
        user = make_user((role, kind, scope))
        db.session.commit()
        client = Client(app)
        client.sign_in(user.username)
        for path in ("/desk/audit", "/desk/audit/chain", "/desk/audit.xlsx"):
            assert client.get(path).status_code == 403


def test_a_change_is_told_by_states_and_short_digests(app: Flask) -> None:
    states = canonical({"action": "entry.approve", "object": ["entry", "x"], "before": "endorsed", "after": "approved"})
    digests = canonical(
        {"action": "codes.seal", "object": ["code_sheet", "x"], "after": {"level": 1, "digest": "ab" * 32}}
    )
    assert change_words(states) == "初审通过 → 审核通过"
    assert change_words(digests) == "校验值 abababab…，级别 1"
    assert change_words("{") == "记录无法识别"
