"""Large things are handed out as jobs, small ones at once, both the same; only the asker sees and fetches his."""

import json
import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from competitions.accounts.models import RoleAssignment, User
from competitions.accounts.settings import EXPORTS
from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.home.queries import waiting_for
from competitions.jobs import claiming, kinds
from competitions.jobs.models import FAILURES, STATES, Job
from competitions.jobs.queries import UNATTENDED
from competitions.jobs.services import KEPT
from competitions.jobs.settings import ROWS
from competitions.jobs.views import POLLED, next_look
from tests.factories import actor, allow, make_employer, make_user
from tests.factories_organisations import make_region as make_units
from tests.factories_organisations import signed_in
from tests.factories_registration import make_entry, make_id_number, make_region
from tests.jobs.asking import CONTENT, asked, asker, kind, seen, worked
from tests.people import Client


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> kinds.Kind:
    """A kind of the tests, known to the worker."""
    made = kind()
    monkeypatch.setitem(kinds._registered, made.name, made)
    return made


def cells(answer: TestResponse) -> list[list[Any]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [[cell.value for cell in row] for sheet in load_workbook(BytesIO(answer.data)) for row in sheet.iter_rows()]


def fetched(client: Client, answer: TestResponse) -> TestResponse:
    """The file of the job that an answer leads to, once a worker has been there."""
    assert answer.status_code == 303 and (place := re.fullmatch(r"/desk/jobs/[0-9a-f-]{36}", answer.location))
    assert worked()
    return client.get(f"{place.group()}/file")


def records(action: str) -> list[AuditEvent]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.seq)))


@pytest.mark.parametrize(
    "path", ["/desk/unions.xlsx?q=机械", "/desk/employers.xlsx", "/desk/audit.xlsx?q=sign_in.opened"]
)
def test_a_list_of_units_or_records_is_the_same_at_once_and_as_a_job(app: Flask, path: str) -> None:
    region = make_units()
    make_employer(region.nanning_works)
    user = make_user(("administrator", "system", None), ("supervisor", "system", None))
    db.session.commit()
    client = signed_in(app, user)
    at_once = cells(client.get(path))
    allow(ROWS, 0)
    assert cells(fetched(client, client.get(path))) == at_once


def test_a_list_of_entries_is_the_same_at_once_and_as_a_job_and_recorded_by_its_asker(app: Flask) -> None:
    region = make_region()
    for number in range(3):
        make_entry(region, id_number=make_id_number(number), name=f"韦{'甲乙丙'[number]}")
    db.session.commit()
    path = f"/desk/competitions/{region.competition.id}/entries.xlsx?q=韦&sort=-strokes"
    client = signed_in(app, region.reviewer)
    at_once = cells(client.get(path))
    allow(ROWS, 2)
    answer = fetched(client, client.get(path))
    assert cells(answer) == at_once and "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    first, second = records("entries.export")
    assert first.by_id == second.by_id == region.reviewer.id and second.object_id == region.competition.id
    assert json.loads(second.payload)["after"]["entries"] == 3
    assert [event.by_id for event in records("job.fetch")] == [region.reviewer.id]
    assert not any("韦" in event.payload for action in ("job.ask", "job.fetch") for event in records(action))


def test_numbers_in_full_are_recorded_with_their_purpose_before_the_job_and_lie_sealed(app: Flask) -> None:
    region = make_region()
    number = make_id_number(8)
    make_entry(region, id_number=number)
    db.session.commit()
    allow(ROWS, 0)
    client = signed_in(app, region.reporter)
    answer = client.post(f"/desk/competitions/{region.competition.id}/summary.xlsx", data={"purpose": "print"})
    told = [json.loads(event.payload) for event in records("personal_data.export")]
    assert [(each["purpose"], each["entries"]) for each in told] == [("print", 1)]
    assert any(number in row for row in cells(fetched(client, answer)))
    files = [path for path in app.extensions["settings"].files_path.rglob("*") if path.is_file()]
    assert files and all(path.name.endswith(".sealed") for path in files)


def test_lists_made_in_the_background_count_against_the_limit_of_the_hour(app: Flask) -> None:
    allow(EXPORTS, 5)
    allow(ROWS, 0)
    region = make_region()
    make_entry(region)
    db.session.commit()
    client = signed_in(app, region.reviewer)
    path = f"/desk/competitions/{region.competition.id}/entries.xlsx"
    assert [client.get(path).status_code for _ in range(6)] == [303] * 5 + [429]
    db.session.rollback()
    assert len(db.session.scalars(select(Job)).all()) == 1


def test_the_log_is_verified_in_the_background_when_it_is_long(app: Flask) -> None:
    user = make_user(("supervisor", "system", None))
    db.session.commit()
    client = signed_in(app, user)
    assert client.post("/desk/audit/chain").location == "/desk/audit/chain"
    allow(ROWS, 0)
    place = client.post("/desk/audit/chain").location
    assert place.startswith("/desk/jobs/") and worked()
    assert [event.by_id for event in records("audit.verify")] == [user.id] * 2
    page = client.get(place).get_data(as_text=True)
    assert "查看结果" in page and 'href="/desk/audit/chain"' in page and "/file" not in page


def test_what_is_out_of_scope_is_no_job_either(app: Flask) -> None:
    region, allowed = make_region(), make_units()
    allow(ROWS, 0)
    client = signed_in(app, allowed.reviewer)
    assert client.get(f"/desk/competitions/{'0' * 36}/entries.xlsx").status_code == 404
    assert client.get(f"/desk/employers.xlsx?union={region.city.id}").status_code == 404
    db.session.rollback()
    assert db.session.scalars(select(Job)).all() == []


def test_only_who_asked_sees_the_job_and_fetches_its_file(app: Flask, known: kinds.Kind) -> None:
    user, other = asker(), make_user(("administrator", "system", None))
    db.session.commit()
    job_id = asked(user, known)
    worked()
    mine, theirs = signed_in(app, user), signed_in(app, other)
    paths = [f"/desk/jobs/{job_id}", f"/desk/jobs/{job_id}/progress", f"/desk/jobs/{job_id}/file"]
    assert [mine.get(path).status_code for path in paths] == [200] * 3
    assert mine.get(paths[2]).data == CONTENT
    assert [theirs.get(path).status_code for path in paths] == [404] * 3
    assert theirs.post(f"/desk/jobs/{job_id}/cancel").status_code == 404
    assert job_id in mine.get("/desk/jobs").get_data(as_text=True)
    assert job_id not in theirs.get("/desk/jobs").get_data(as_text=True)
    assert app.test_client().get(paths[2]).status_code == 302
    assert len(records("job.fetch")) == 2


def test_the_file_is_there_for_a_day(app: Flask, known: kinds.Kind) -> None:
    user = asker()
    job_id = asked(user, known)
    worked()
    client = signed_in(app, user)
    with transaction() as session:
        session.execute(update(Job).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert client.get(f"/desk/jobs/{job_id}/file").status_code == 404 and timedelta(hours=24) == KEPT


def test_whoever_lost_his_role_meanwhile_gets_neither_job_nor_file(app: Flask) -> None:
    region = make_units()
    allow(ROWS, 0)
    client = signed_in(app, region.reviewer)
    first = client.get("/desk/unions.xlsx").location
    worked()
    second = client.get("/desk/unions.xlsx?q=机械").location
    with transaction() as session:
        for role in session.scalars(select(RoleAssignment).where(RoleAssignment.user_id == region.reviewer.id)):
            session.delete(role)
    assert client.get(f"{first}/file").status_code == 403
    worked()
    assert (seen(second[-36:]).state, seen(second[-36:]).failure) == ("failed", "refused")


def sentences(user: User) -> list[str]:
    db.session.rollback()
    return [each.sentence for each in waiting_for(db.session(), actor(db.session.get_one(User, user.id)), clock.now())]


def test_the_desk_lists_a_finished_job_until_it_is_fetched(app: Flask, known: kinds.Kind) -> None:
    user = asker()
    client, job_id = signed_in(app, user), asked(user, known)
    assert sentences(user) == []
    worked()
    assert sentences(user) == ["“报名名单”已做好，请下载。"]
    assert f'href="/desk/jobs/{job_id}"' in client.get("/desk/").get_data(as_text=True)
    client.get(f"/desk/jobs/{job_id}")
    assert len(sentences(user)) == 1
    client.get(f"/desk/jobs/{job_id}/file")
    assert sentences(user) == []


def test_the_desk_lists_a_failed_job_until_its_reason_is_read(app: Flask) -> None:
    user = asker()
    client, job_id = signed_in(app, user), asked(user)
    for _ in range(2):
        with transaction() as session:
            claiming.claim(session, "one", clock.now())
            claiming.give_back(session, clock.now(), "one")
    assert sentences(user) == ["“报名名单”没有做成，请查看原因。"]
    assert FAILURES["crashed"] in client.get(f"/desk/jobs/{job_id}").get_data(as_text=True)
    assert sentences(user) == []


def test_the_page_shows_how_far_it_is_and_asks_again_later_and_later(app: Flask, known: kinds.Kind) -> None:
    user = asker()
    client = signed_in(app, user)
    first, second = asked(user, known, which="1"), asked(user, known, which="2")
    page = client.get(f"/desk/jobs/{second}").get_data(as_text=True)
    assert "前面还有 1 项" in page and f'hx-get="/desk/jobs/{second}/progress"' in page and "delay:1s" in page
    with transaction() as session:
        claiming.claim(session, "one", clock.now())
        claiming.renew(session, first, "one", 40, clock.now())
    part = client.get(f"/desk/jobs/{first}/progress", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "已完成 40%" in part and "<html" not in part and "停止任务" not in part
    worked()
    with transaction() as session:
        claiming.finish(session, first, "one", None, clock.now())
    ended = client.get(f"/desk/jobs/{first}/progress", headers={"HX-Request": "true"})
    assert (ended.headers["HX-Refresh"], ended.data) == ("true", b"")
    first = asked(user, known, which="3")
    looks = [next_look(waited) for waited in (0, 30, 100, 500)]
    assert looks == [1, 4, 11, 15] and next_look(POLLED) is None
    with transaction() as session:
        session.execute(update(Job).values(asked_at=clock.now() - timedelta(seconds=POLLED)))
    assert "hx-get" not in client.get(f"/desk/jobs/{first}/progress").get_data(as_text=True)


def test_the_page_says_so_when_nobody_does_jobs(app: Flask) -> None:
    user = asker()
    job_id = asked(user, at=clock.now() - UNATTENDED)
    client = signed_in(app, user)
    assert "后台程序可能没有运行" in client.get(f"/desk/jobs/{job_id}").get_data(as_text=True)
    with transaction() as session:
        claiming.claim(session, "one", clock.now())
    assert "后台程序" not in client.get(f"/desk/jobs/{job_id}").get_data(as_text=True)


def test_a_job_is_cancelled_on_its_page_once(app: Flask, known: kinds.Kind) -> None:
    user = asker()
    job_id = asked(user, known)
    client = signed_in(app, user)
    assert client.post(f"/desk/jobs/{job_id}/cancel").status_code == 303
    page = client.get(f"/desk/jobs/{job_id}").get_data(as_text=True)
    assert "已停止，没有生成文件" in page and not worked()
    assert client.post(f"/desk/jobs/{job_id}/cancel").status_code == 409
    assert client.get(f"/desk/jobs/{job_id}/file").status_code == 409
    assert len(records("job.cancel")) == 1


def test_every_state_and_failure_has_words(app: Flask) -> None:
    user = asker()
    client = signed_in(app, user)
    for state, word in STATES.items():
        job_id = asked(user, which=state)
        ended = {} if state in ("waiting", "running") else {"ended_at": clock.now(), "expires_at": clock.now() + KEPT}
        with transaction() as session:
            failure = "fault" if state == "failed" else None
            session.execute(update(Job).where(Job.id == job_id).values(state=state, failure=failure, **ended))
        assert word in client.get("/desk/jobs").get_data(as_text=True)
        assert client.get(f"/desk/jobs/{job_id}").status_code == 200
