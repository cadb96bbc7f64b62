"""The pages of coder, supervisor, steward and organiser, as they use them: typed, sealed, witnessed, checked in, decoded."""

import json
import re
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import event as listening
from sqlalchemy import select
from werkzeug.test import TestResponse

from competitions.accounts.models import RoleAssignment, User
from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid
from competitions.base.permissions import Actor
from competitions.coding import advancing, queries
from competitions.coding.lots import record_lots
from competitions.coding.models import CheckIn, CodedPlace, CodeSheet, Lot, Sitting
from competitions.coding.progress import waiting
from competitions.programme.models import Stage
from competitions.registration.models import Entry, EntryMember
from tests.factories import actor, make_user
from tests.factories_coding import make_contest, make_official, sealed, settle, with_lots
from tests.people import Client
from tests.sent_forms import sent_by


def official(app: Flask, role: str, stage: Stage, kind: str = "event") -> tuple[User, Client]:
    """Somebody with a role over the stage's event (or competition), signed in."""
    db.session.rollback()  # what was read before somebody else wrote cannot be written to
    scope = stage.event_id if kind == "event" else stage.event.competition_id
    user = make_user((role, kind, scope))
    db.session.commit()
    client = Client(app)
    assert client.sign_in(user.username).status_code == 303
    return user, client


def supervisor_of(stage: Stage) -> Actor:
    """A supervisor as a value."""
    db.session.rollback()
    return make_official("supervisor", stage)


def text_of(answer: TestResponse, status: int = 200) -> str:
    page = answer.get_data(as_text=True)
    assert answer.status_code == status, page[:2000]
    return page


def draw(coder: Client, base: str, seed: str) -> TestResponse:
    """The draw by the system, as its page asks for it."""
    return coder.post(f"{base}/lots/draw", {**sent_by(text_of(coder.get(f"{base}/lots")), "draw"), "seed": seed})


def test_a_coder_types_lots_from_the_hall_and_each_fault_stands_beside_its_row(app: Flask) -> None:
    stage = make_contest(3)
    _, coder = official(app, "coder", stage)
    base = f"/desk/stages/{stage.id}/coding"
    assert "还有 3 个参赛者没有抽签" in text_of(coder.get(base))
    page = text_of(coder.get(f"{base}/lots"))
    version = re.search(r'name="version" value="([0-9a-f]{64})"', page)
    assert version
    sitting = db.session.scalars(select(Sitting.id).where(Sitting.stage_id == stage.id)).one()
    one, two, three = queries.contender_ids(db.session(), stage)
    typed = {"version": version[1], **{f"sitting-{entry}": sitting for entry in (one, two, three)}}
    wrong = text_of(
        coder.post(f"{base}/lots", {**typed, f"station-{one}": "3", f"station-{two}": "３号", f"station-{three}": "x"}),
        422,
    )
    assert "工位号应为数字" in wrong and "都还没有保存" in wrong and not db.session.scalars(select(Lot)).all()
    twice = text_of(coder.post(f"{base}/lots", {**typed, f"station-{one}": "3", f"station-{two}": "３号"}), 422)
    assert "第一场 3 号工位重复" in twice
    assert coder.post(f"{base}/lots", {**typed, f"station-{one}": "3", f"station-{two}": "1"}).status_code == 303
    db.session.rollback()
    assert {lot.entry_id: lot.station for lot in db.session.scalars(select(Lot))} == {one: 3, two: 1}


def test_the_second_person_who_saves_lots_is_shown_what_is_there_now(app: Flask) -> None:
    stage = make_contest(2)
    _, coder = official(app, "coder", stage)
    base = f"/desk/stages/{stage.id}/coding/lots"
    version = re.search(r'name="version" value="([0-9a-f]{64})"', text_of(coder.get(base)))
    one, two = queries.contender_ids(db.session(), stage)
    sitting = db.session.scalars(select(Sitting.id)).one()
    first = {"version": version[1] if version else "", f"sitting-{one}": sitting, f"station-{one}": "7"}
    assert coder.post(base, first).status_code == 303
    late = text_of(coder.post(base, {**first, f"station-{one}": "9"}), 409)
    assert "刚被别人修改过" in late and "第一场 7" in late and 'value="9"' in late


def test_the_whole_way_from_the_draw_to_the_names(app: Flask) -> None:
    stage = make_contest(3)
    _, coder = official(app, "coder", stage)
    _, supervisor = official(app, "supervisor", stage, "competition")
    base = f"/desk/stages/{stage.id}/coding"
    assert draw(coder, base, "135790").status_code == 303
    assert coder.post(f"{base}/levels/1/draw").status_code == 303
    assert coder.post(f"{base}/levels/1/seal").status_code == 303
    db.session.rollback()
    sheet = db.session.scalars(select(CodeSheet)).one()
    digest = sheet.sealed_digest or ""
    shown = text_of(supervisor.get(f"/desk/witness/{sheet.id}"))
    names = db.session.scalars(select(EntryMember.name)).all()
    assert digest[:8] in shown and not [name for name in names if name in shown]
    assert text_of(supervisor.get("/desk/witness")).count("等待见证封存") == 1
    assert supervisor.post(f"/desk/witness/{sheet.id}/seal").status_code == 303
    db.session.rollback()
    assert queries.is_sealed(db.session(), stage.id)
    assert coder.post(f"{base}/levels/1/decode").status_code == 409
    settle(db.session(), stage)
    assert coder.post(f"{base}/levels/1/decode").status_code == 303
    assert "请写监督记录" in text_of(supervisor.post(f"/desk/witness/{sheet.id}/decode", {"record": ""}), 422)
    assert (
        supervisor.post(f"/desk/witness/{sheet.id}/decode", {"record": "封条完好，当场拆封核对。"}).status_code == 303
    )
    db.session.rollback()
    assert len(queries.identities(db.session(), stage.id)) == 3


def test_only_its_own_coder_sees_the_lines_of_a_level(app: Flask) -> None:
    stage = make_contest(3, levels=2)
    user, coder = official(app, "coder", stage)
    _, other = official(app, "coder", stage)
    supervisor = supervisor_of(stage)
    with_lots(stage, actor(user))
    sealed(stage, 1, actor(user), supervisor)
    names = db.session.scalars(select(EntryMember.name)).all()
    mine = text_of(coder.get(f"/desk/stages/{stage.id}/coding/levels/1"))
    theirs = text_of(other.get(f"/desk/stages/{stage.id}/coding/levels/1"))
    assert all(name in mine for name in names) and not any(name in theirs for name in names)
    assert "由另一位加密裁判保管" in theirs
    assert other.get(f"/desk/stages/{stage.id}/coding/levels/1/sheet.xlsx").status_code == 409
    assert other.post(f"/desk/stages/{stage.id}/coding/levels/2/draw").status_code == 303
    second = text_of(other.get(f"/desk/stages/{stage.id}/coding/levels/2"))
    assert "A01" in second and not any(name in second for name in names)
    assert coder.post(f"/desk/stages/{stage.id}/coding/levels/2/draw").status_code == 409


def test_the_code_sheet_on_paper_has_the_digest_and_no_date_or_author_of_its_own(app: Flask) -> None:
    stage = make_contest(3)
    user, coder = official(app, "coder", stage)
    supervisor = supervisor_of(stage)
    with_lots(stage, actor(user))
    sheet = sealed(stage, 1, actor(user), supervisor)
    answer = coder.get(f"/desk/stages/{stage.id}/coding/levels/1/sheet.xlsx")
    book = load_workbook(BytesIO(answer.get_data()))
    cells = [str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value is not None]
    codes = [row.code for row in queries.code_rows(db.session(), sheet)]
    assert [cell for cell in cells if cell in codes] == sorted(codes)
    assert any((sheet.sealed_digest or "")[:8] in cell for cell in cells) and any("监督员：" in cell for cell in cells)
    assert book.properties.created.year == 2000 and user.display_name not in str(book.properties)


def test_check_in_marks_with_one_press_and_finds_by_name_last_four_or_ticket(app: Flask) -> None:
    stage = make_contest(3)
    user, _ = official(app, "coder", stage)
    with_lots(stage, actor(user))
    _, steward = official(app, "steward", stage)
    base = f"/desk/stages/{stage.id}/check-in"
    entry = db.session.scalars(select(Entry).order_by(Entry.ticket)).first()
    assert entry is not None
    name, ticket, entry_id = entry.members[0].name, str(entry.ticket), entry.id
    for wanted in (name, ticket, ticket[-4:]):
        page = text_of(steward.get(base, query_string={"q": wanted}))
        assert page.count("<tr id=") == 1 and name in page
    assert not re.search(r"\d{17}[\dX]", text_of(steward.get(base)))
    answer = steward.post(f"{base}/{entry_id}", {"presence": "late"}, headers={"HX-Request": "true"})
    assert 'value="late" aria-pressed="true"' in text_of(answer) and "data-counts" in text_of(answer)
    assert steward.post(f"{base}/{entry_id}", {"presence": "present"}).status_code == 303
    assert steward.post(f"{base}/{entry_id}", {"presence": "asleep"}).status_code == 422
    db.session.rollback()
    assert db.session.scalars(select(CheckIn)).one().presence == "present"
    assert db.session.get_one(Stage, stage.id).locked_at is not None


def test_those_who_did_not_come_in_time_are_offered_as_absent(app: Flask) -> None:
    stage = make_contest(2)
    user, _ = official(app, "coder", stage)
    with_lots(stage, actor(user))
    sitting = db.session.scalars(select(Sitting)).one()
    sitting.starts_at = clock.now().replace(year=2025)
    db.session.commit()
    _, steward = official(app, "steward", stage)
    page = text_of(steward.get(f"/desk/stages/{stage.id}/check-in"))
    assert "还有 2 个参赛者未到" in page
    path = f"/desk/stages/{stage.id}/check-in/sittings/{sitting.id}/absent"
    assert steward.post(path, sent_by(page, path)).status_code == 303
    db.session.rollback()
    assert [row.presence for row in db.session.scalars(select(CheckIn))] == ["absent", "absent"]


def test_the_organiser_and_the_coder_set_up_sittings_each_on_his_page(app: Flask) -> None:
    stage = make_contest(1)
    _, coder = official(app, "coder", stage)
    _, organiser = official(app, "organiser_drafting", stage, "competition")
    typed = {"name": "第二场", "starts_at": "2026-12-01T08:30", "stations": "32", "place": "二号楼", "module_id": ""}
    text_of(organiser.post(f"/desk/stages/{stage.id}/sittings", typed), 303)
    assert "已有同名的场次" in text_of(coder.post(f"/desk/stages/{stage.id}/coding/sittings", typed), 422)
    assert "请填写工位数" in text_of(
        coder.post(f"/desk/stages/{stage.id}/coding/sittings", {**typed, "stations": ""}), 422
    )
    db.session.rollback()
    second = db.session.scalars(select(Sitting).where(Sitting.name == "第二场")).one()
    assert clock.beijing_text(second.starts_at) == "2026-12-01 08:30" and second.stations == 32
    edit = f"/desk/stages/{stage.id}/coding/sittings/{second.id}"
    assert "二号楼" in text_of(coder.get(edit))
    assert coder.post(edit, {**typed, "stations": "40"}).status_code == 303
    assert organiser.post(f"/desk/stages/{stage.id}/sittings/{second.id}/remove").status_code == 303
    assert organiser.get(f"/desk/stages/{stage.id}/coding").status_code == 403


def test_a_stage_of_another_event_looks_like_a_missing_one(app: Flask) -> None:
    stage, other = make_contest(2), make_contest(2)
    for role, path in (
        ("coder", "coding"),
        ("coder", "coding/lots"),
        ("coder", "coding/levels/1"),
        ("coder", "coding/sittings"),
        ("steward", "check-in"),
    ):
        _, client = official(app, role, stage)
        there = client.get(f"/desk/stages/{other.id}/{path}")
        nowhere = client.get(f"/desk/stages/00000000-0000-4000-8000-000000000000/{path}")
        strip = re.compile(rb"[0-9a-f]{16}")
        assert there.status_code == nowhere.status_code == 404
        assert strip.sub(b"", there.get_data()) == strip.sub(b"", nowhere.get_data())


@pytest.mark.parametrize("role", ["judge", "chief_judge", "checker", "tabulator"])
def test_nobody_who_marks_or_signs_reaches_a_page_of_coding(app: Flask, role: str) -> None:
    stage = make_contest(2)
    _, client = official(app, role, stage)
    for path in (
        "coding",
        "coding/lots",
        "coding/levels/1",
        "coding/levels/1/sheet.xlsx",
        "coding/stations.xlsx",
        "check-in",
        "check-in/sign-in-sheet.xlsx",
        "sittings",
    ):
        assert client.get(f"/desk/stages/{stage.id}/{path}").status_code == 403
    assert client.get("/desk/witness").status_code == client.get("/desk/coding").status_code == 403


def test_papers_of_the_hall_list_everybody_by_sitting_and_station(app: Flask) -> None:
    stage = make_contest(3)
    user, coder = official(app, "coder", stage)
    with_lots(stage, actor(user))
    _, steward = official(app, "steward", stage)
    for client, path in ((coder, "coding/stations.xlsx"), (steward, "check-in/sign-in-sheet.xlsx")):
        answer = client.get(f"/desk/stages/{stage.id}/{path}")
        sheet = load_workbook(BytesIO(answer.get_data())).active
        cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert all(name in cells for name in db.session.scalars(select(EntryMember.name)))
        assert not [cell for cell in cells if re.fullmatch(r"\d{17}[\dX]", cell)]


def test_papers_of_the_hall_are_recorded_those_with_codes_without_a_digest(app: Flask) -> None:
    stage = make_contest(3)
    user, coder = official(app, "coder", stage)
    with_lots(stage, actor(user))
    _, steward = official(app, "steward", stage)
    for client, path in ((coder, "coding/stations.xlsx"), (steward, "check-in/sign-in-sheet.xlsx")):
        assert client.get(f"/desk/stages/{stage.id}/{path}").status_code == 200
    assert coder.post(f"/desk/stages/{stage.id}/coding/levels/1/draw", {}).status_code == 303
    assert coder.get(f"/desk/stages/{stage.id}/coding/levels/1/sheet.xlsx").status_code == 200
    db.session.rollback()
    events = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action.endswith(".export")).order_by(AuditEvent.seq)
    )
    told = {event.action: json.loads(event.payload)["after"] for event in events}
    assert list(told) == ["stations.export", "sign_in_sheet.export", "codes.export"]
    assert [told[each]["entries"] for each in ("stations.export", "sign_in_sheet.export")] == [3, 3]
    assert told["codes.export"] == {"rows": 3}


def test_lists_ask_as_many_questions_for_many_stages_as_for_one(app: Flask) -> None:
    asked: list[str] = []
    first = make_contest(1)
    user = make_user(("coder", "event", first.event_id))
    db.session.commit()
    client = Client(app)
    client.sign_in(user.username)

    def counted() -> int:
        asked.clear()
        text_of(client.get("/desk/coding"))
        return len(asked)

    with app.app_context():
        listening.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    once = counted()
    db.session.rollback()
    for _ in range(4):
        stage = make_contest(2)
        db.session.add(RoleAssignment(user_id=user.id, role="coder", scope_kind="event", scope_id=stage.event_id))
    db.session.commit()
    assert counted() == once


def test_everybody_is_told_what_waits_for_him(app: Flask) -> None:
    stage = make_contest(2)
    competition = stage.event.competition
    competition.final_until = clock.now().replace(year=2025)
    people = {role: make_user((role, "event", stage.event_id)) for role in ("coder", "supervisor", "steward")}
    db.session.commit()

    def said(role: str) -> list[str]:
        db.session.rollback()
        return [each.sentence for each in waiting(db.session(), actor(people[role]), clock.now())]

    assert (
        "2 个参赛者没有抽签" in said("coder")[0]
        and "2 个参赛者没有检录" in said("steward")[0]
        and not said("supervisor")
    )
    with_lots(stage, actor(people["coder"]))
    assert "第 1 级加密还没有封存" in said("coder")[0]
    sealed(stage, 1, actor(people["coder"]), actor(people["supervisor"]))
    assert not said("coder") and not said("supervisor")
    settle(db.session(), stage)
    assert "可以解密" in said("coder")[0] and not said("steward")


def test_a_later_stage_draws_only_those_who_were_taken_over(app: Flask) -> None:
    stage = make_contest(3)
    final = Stage(event_id=stage.event_id, name="总决赛", position=9)
    db.session.add(final)
    db.session.flush()
    db.session.add(Sitting(stage_id=final.id, name="甲场", starts_at=clock.now(), stations=4))
    db.session.commit()
    caller, coder = official(app, "coder", stage)
    one, two, three = queries.contender_ids(db.session(), stage)
    base = f"/desk/stages/{final.id}/coding"
    assert "还没有确定参加本阶段的名单" in text_of(coder.get(f"{base}/lots"))
    assert draw(coder, base, "112233").status_code == 422
    with transaction() as session:
        advancing.take_entrants(
            session, session.get_one(Stage, final.id), [one, two], "publication", by=actor(caller), at=clock.now()
        )
    assert draw(coder, base, "112233").status_code == 303
    seat = db.session.scalars(select(Sitting.id).where(Sitting.stage_id == final.id)).one()
    with pytest.raises(Invalid), transaction() as session:
        record_lots(session, session.get_one(Stage, final.id), {three: (seat, 4)}, by=actor(caller), at=clock.now())
    db.session.rollback()
    assert set(queries.lots_of(db.session(), final.id)) == {one, two}
    assert db.session.scalars(select(CodedPlace)).all() == []
