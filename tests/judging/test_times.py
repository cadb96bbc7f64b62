"""Stops and extra time: entered in the hall, signed by the chief judge, on sheet, matrix and papers, and in the case."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select, text, update

from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.clock import beijing_text
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.coding.models import CodedPlace, Sitting
from competitions.judging.models import PanelMember, Reevaluation, ScoreSheet
from competitions.judging.signing.case_parts import CaseParts
from competitions.judging.timing.models import TimeChange
from competitions.judging.timing.services import Wanted, enter_change, resume, sign_change
from tests.audit.tampering import drop_triggers, remake_triggers, unguarded
from tests.factories import actor, make_user
from tests.factories_judging import Hall, act, confirm_all, deliver, make_hall, make_ruleset, opened, submission
from tests.people import Client

OVERTIME = {"overtime": {"limit_seconds": 3600, "per_seconds": 60, "deduct": "1", "partial": "up"}}
REASON = "全场停电，配电房跳闸"


def limited_hall(app: Flask, **more: Any) -> Hall:
    """A hall whose practice has an hour; overtime costs a mark a minute."""
    hall = make_hall(app, judges=1, open_sheets=False, **more)
    db.session.execute(text("DELETE FROM ruleset"))
    make_ruleset(hall.stage, list(hall.modules.values()), 1, **OVERTIME)
    db.session.commit()
    return opened(hall)


def floor_judge(hall: Hall) -> User:
    """A judge who walks the hall and marks nothing yet."""
    db.session.rollback()
    user = make_user(("judge", "event", hall.event.id))
    db.session.add(
        PanelMember(
            module_id=hall.modules["practice"].id,
            user_id=user.id,
            duty="floor",
            position=9,
            assigned_by="factory",
            assigned_at=clock.now(),
        )
    )
    db.session.commit()
    return user


def second(moment: datetime) -> str:
    """As the page takes it."""
    return beijing_text(moment, "%Y-%m-%dT%H:%M:%S")


def enter(hall: Hall, who: Client, kind: str = "stop", door: str = "", **more: Any) -> Any:
    """Enter a change on the page, for everybody in the sitting unless a code is named."""
    fields = {
        "kind": kind,
        "modules": hall.modules["practice"].id,
        "sittings": hall.sittings[0].id,
        "reason": REASON,
        **more,
    }
    return who.post(f"/desk/stages/{hall.stage.id}/{door}times", fields)


def changes() -> list[TimeChange]:
    db.session.rollback()
    return list(db.session.scalars(select(TimeChange).order_by(TimeChange.at, TimeChange.id)))


def case_seconds(hall: Hall) -> dict[str, Any]:
    """Code → what the case says of its time."""
    db.session.rollback()
    parts = CaseParts(db.session(), hall.stage.id, states=("submitted", "confirmed", "signed"))
    return {line["entrant"]: line["seconds"] for line in parts.times(hall.division.id)}


def taken(hall: Hall, code: str, seconds: int, **more: Any) -> None:
    """The judge delivers the sheet with its time."""
    sheet = hall.sheet(code)
    body = submission(seconds=seconds, base=sheet.head, **more)
    assert deliver(hall.client(hall.judges[0]), sheet.id, body).status_code == 201


def page(answer: Any) -> str:
    found: str = answer.get_data(as_text=True)
    return found


def faults() -> set[str]:
    """What the verification finds, the settings of a database for tests aside."""
    return {each.code for each in verify(db.session(), at=clock.now()).findings if each.is_fault} - {"DB_SETTING_WEAK"}


def stop_of(minutes: float, ago: int = 60) -> dict[str, str]:
    """A stop that lasted so long and began so many minutes ago."""
    begins = clock.now() - timedelta(minutes=ago)
    return {"begins": second(begins), "ends": second(begins + timedelta(minutes=minutes))}


def test_a_power_failure_is_stopped_and_resumed_by_a_floor_judge_and_counts_once_the_chief_judge_signs(
    app: Flask,
) -> None:
    hall = limited_hall(app)
    floor = hall.client(floor_judge(hall))
    assert enter(hall, floor, door="floor-", begins=second(clock.now() - timedelta(minutes=10))).status_code == 303
    [stop] = changes()
    assert stop.is_lasting and not stop.is_signed
    ended = floor.post(f"/desk/stages/{hall.stage.id}/floor-times/{stop.id}/resume", {"ends": second(clock.now())})
    assert ended.status_code == 303
    [stop] = changes()
    assert stop.awaits_signature and 599 <= (stop.ends_at - stop.begins_at).total_seconds() <= 601  # type: ignore[operator]
    taken(hall, "A01", 4000)
    assert case_seconds(hall) == {"A01": 4000}, "what nobody has signed does not count"
    chief = hall.client("chief_judge")
    assert "等待签认" in page(chief.get("/desk/"))
    assert chief.post(f"/desk/stages/{hall.stage.id}/times/sign", {"change": stop.id}).status_code == 303
    [stop] = changes()
    assert stop.is_signed and stop.signed_by == hall.people["chief_judge"].id
    stopped = int(stop.ends_at.timestamp()) - int(stop.begins_at.timestamp())  # type: ignore[union-attr]
    assert case_seconds(hall) == {"A01": 4000 - stopped}
    sheet = hall.client(hall.judges[0]).get(f"/api/sheets/{hall.sheet('A01').id}").get_json()
    assert sheet["seconds"] == 4000 and sheet["marks"], "the sheet keeps what was taken and typed"
    assert sheet["clock"]["stops"] == [[int(stop.begins_at.timestamp()), int(stop.ends_at.timestamp())]]  # type: ignore[union-attr]
    assert REASON not in str(sheet), "why is not told to those who mark"


def test_stops_that_overlap_count_once_and_extra_time_is_taken_off_too(app: Flask) -> None:
    hall = limited_hall(app)
    chief = hall.client("chief_judge")
    begins = clock.now() - timedelta(hours=1)
    minute = timedelta(minutes=1)
    for code, start, end in (("", 0, 10), ("A01", 5, 12), ("A01", 20, 21)):
        times = {"begins": second(begins + start * minute), "ends": second(begins + end * minute)}
        assert enter(hall, chief, code=code, **times).status_code == 303
    assert enter(hall, chief, "grant", code="A01", seconds="2:00").status_code == 303
    assert all(each.is_signed for each in changes()), "the chief judge's own entry is his signature"
    taken(hall, "A01", 4000)
    taken(hall, "A02", 500)
    assert case_seconds(hall) == {"A01": 4000 - 13 * 60 - 120, "A02": 0}, "never under zero"


def test_a_stop_counts_for_a_sheet_only_as_far_as_its_clock_ran(app: Flask) -> None:
    hall = limited_hall(app)
    chief, began = hall.client("chief_judge"), int(clock.now().timestamp()) - 3600
    times = {"begins": second(datetime.fromtimestamp(began, clock.now().tzinfo)), "ends": ""}
    times["ends"] = second(datetime.fromtimestamp(began + 600, clock.now().tzinfo))
    assert enter(hall, chief, **times).status_code == 303
    taken(hall, "A01", 700, runs=[[began - 500, began], [began + 600, began + 800]])
    taken(hall, "A02", 700, runs=[[began - 200, began + 500]])
    assert case_seconds(hall) == {"A01": 700, "A02": 200}, "whose clock stood still has lost nothing"


@pytest.mark.parametrize("runs", [[[5, 4]], [[1, 3], [2, 4]], [[0, 9]], "x", [[0, True]], [[0, 5, 6]], [[-5, 0]]])
def test_runs_that_do_not_fit_the_time_taken_are_refused(app: Flask, runs: Any) -> None:
    hall = make_hall(app, judges=1)
    answer = deliver(hall.client(hall.judges[0]), hall.sheet("A01").id, submission(seconds=5, runs=runs))
    assert answer.status_code == 422 and answer.get_json()["error"]["problems"][0]["code"] == "body.runs"


def test_a_changed_limit_is_on_the_sheet_and_frees_the_code_of_overtime(app: Flask) -> None:
    hall = limited_hall(app)
    chief = hall.client("chief_judge")
    assert "应长于规则规定的 60 分钟" in page(enter(hall, chief, "limit", code="A01", seconds="60:00"))
    assert enter(hall, chief, "limit", code="A01", seconds="70:00").status_code == 303
    assert enter(hall, chief, "limit", code="A01", seconds="80:00").status_code == 422, "one of its own"
    judge = hall.client(hall.judges[0])
    shown = {code: judge.get(f"/api/sheets/{hall.sheet(code).id}").get_json() for code in hall.codes}
    assert [shown[code]["limit_seconds"] for code in hall.codes] == [4200, 3600]
    assert shown["A01"]["clock"]["told"] == ["时限改为 70:00"]
    taken(hall, "A01", 4200)
    assert case_seconds(hall) == {"A01": 3600}


def test_who_is_moved_to_the_last_sitting_begins_anew_there(app: Flask) -> None:
    hall = limited_hall(app)
    last = Sitting(
        stage_id=hall.stage.id, name="第二场", starts_at=clock.now() + timedelta(hours=2), stations=2, position=1
    )
    db.session.add(last)
    db.session.commit()
    chief, judge = hall.client("chief_judge"), hall.client(hall.judges[0])
    before = {line["code"]: line for line in judge.get("/api/sheets").get_json()["sheets"]}
    assert enter(hall, chief, **stop_of(10)).status_code == 303
    assert enter(hall, chief, "moved", code="A01").status_code == 303
    lines = {line["code"]: line for line in judge.get("/api/sheets").get_json()["sheets"]}
    assert [lines[code]["sitting"] for code in hall.codes] == ["第二场", "第一场"]
    assert lines["A01"]["version"] != before["A01"]["version"], "the tablet fetches it again"
    taken(hall, "A01", 1000)
    taken(hall, "A02", 1000)
    assert case_seconds(hall) == {"A01": 1000, "A02": 400}
    assert "调整至最后一场（第二场）" in page(chief.get(f"/desk/modules/{hall.modules['practice'].id}/matrix"))


def test_a_rerun_leaves_the_stops_of_before_behind(app: Flask) -> None:
    hall = limited_hall(app)
    chief = hall.client("chief_judge")
    assert enter(hall, chief, code="A01", **stop_of(5)).status_code == 303
    assert enter(hall, chief, "rerun", code="A01").status_code == 303
    taken(hall, "A01", 1000)
    assert case_seconds(hall) == {"A01": 1000}


def test_a_stop_of_one_sitting_is_none_of_another(app: Flask) -> None:
    hall = limited_hall(app)
    other = Sitting(stage_id=hall.stage.id, name="第二场", starts_at=clock.now(), stations=2, position=1)
    db.session.add(other)
    db.session.flush()
    db.session.execute(update(CodedPlace).where(CodedPlace.code == "A02").values(sitting_id=other.id))
    db.session.commit()
    chief = hall.client("chief_judge")
    assert "请选择场次" in page(enter(hall, chief, sittings=[], **stop_of(5)))
    assert enter(hall, chief, **stop_of(5)).status_code == 303
    taken(hall, "A01", 1000)
    taken(hall, "A02", 1000)
    assert case_seconds(hall) == {"A01": 700, "A02": 1000}


@pytest.mark.parametrize(
    ("kind", "fields", "says"),
    [
        ("grant", {"seconds": ""}, "请填写时长"),
        ("limit", {"seconds": "70:00"}, "请填写加密号"),
        ("moved", {}, "请填写加密号"),
        ("stop", {"code": "Z99"}, "没有加密号"),
        ("stop", {"begins": "2999-01-01T00:00"}, "不能晚于现在"),
        ("stop", {"begins": "2026-01-02T00:00", "ends": "2026-01-01T00:00"}, "恢复时间应在暂停之后"),
        ("stop", {"begins": "昨天"}, "请填写北京时间"),
        ("stop", {"reason": "停"}, "至少 2 个字"),
        ("stop", {"modules": []}, "请选择模块"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_kept(
    app: Flask, kind: str, fields: dict[str, Any], says: str
) -> None:
    hall = limited_hall(app)
    answer = enter(hall, hall.client("chief_judge"), kind, **fields)
    assert answer.status_code == 422 and says in page(answer)
    assert changes() == []


def test_a_module_is_not_signed_while_a_stop_lasts_or_waits_and_the_chief_judge_ends_what_was_forgotten(
    app: Flask,
) -> None:
    hall = limited_hall(app)
    floor = hall.client(floor_judge(hall))
    confirm_all(hall)
    enter(hall, floor, door="floor-", code="A01", begins=second(clock.now() - timedelta(minutes=30)))
    chief, practice = hall.client("chief_judge"), hall.modules["practice"].id
    blocked = act(chief, f"/api/modules/{practice}/sign")
    assert blocked.status_code == 409 and "1 处暂停还没有恢复：A01" in page(
        chief.get(f"/desk/modules/{practice}/matrix")
    )
    [stop] = changes()
    ends = second(clock.now() - timedelta(minutes=20))
    assert chief.post(f"/desk/stages/{hall.stage.id}/times/{stop.id}/resume", {"ends": ends}).status_code == 303
    assert [each.is_signed for each in changes()] == [True], "his end of it is his signature"
    enter(hall, floor, "grant", door="floor-", code="A01", seconds="2:00")
    assert "1 条停表、补时等待裁判长签认：A01" in page(chief.get(f"/desk/modules/{practice}/matrix"))
    waiting = next(each for each in changes() if each.awaits_signature)
    chief.post(f"/desk/stages/{hall.stage.id}/times/{waiting.id}/withdraw", {"reason": "没有监督员在场"})
    assert act(chief, f"/api/modules/{practice}/sign").status_code == 201
    assert next(each for each in changes() if each.id == waiting.id).withdrawn_reason == "没有监督员在场"


def test_after_the_signature_time_changes_only_by_reopening(app: Flask) -> None:
    hall = limited_hall(app)
    chief, practice = hall.client("chief_judge"), hall.modules["practice"].id
    assert enter(hall, chief, **stop_of(10)).status_code == 303
    confirm_all(hall)
    assert act(chief, f"/api/modules/{practice}/sign").status_code == 201
    for fields in ({}, {"code": "A01"}):
        refused = enter(hall, chief, "grant", seconds="1:00", **fields)
        assert refused.status_code == 409 and "已签字" in page(refused)
    [stop] = changes()
    path = f"/desk/stages/{hall.stage.id}/times/{stop.id}/withdraw"
    assert chief.post(path, {"reason": "登记有误"}).status_code == 409
    sheet = hall.sheet("A01")
    asked = act(chief, f"/api/sheets/{sheet.id}/reopen", {"reason": "补时漏登记，需要更正计时"}).get_json()
    assert act(hall.client("supervisor"), f"/api/requests/{asked['request']}/approve").status_code == 201
    assert enter(hall, chief, "grant", code="A01", seconds="1:00").status_code == 303
    assert enter(hall, chief, "grant", code="A02", seconds="1:00").status_code == 409, "the other is signed still"


def test_nobody_but_floor_judges_and_the_chief_judges_office_enters_and_only_the_chief_judge_signs(app: Flask) -> None:
    hall = limited_hall(app)
    floor = hall.client(floor_judge(hall))
    for who in (hall.client("checker"), hall.client("supervisor"), hall.client("coder")):
        assert enter(hall, who).status_code == 403
        assert enter(hall, who, door="floor-").status_code == 403
    assert enter(hall, hall.client(hall.judges[0]), door="floor-").status_code == 404, (
        "he marks, and is not on the floor"
    )
    assert enter(hall, floor).status_code == 403
    assert enter(hall, floor, "grant", door="floor-", code="A01", seconds="2:00").status_code == 303
    db.session.rollback()
    deputy = make_user(("deputy_chief_judge", "event", hall.event.id))
    db.session.commit()
    office = hall.client(deputy)
    assert enter(hall, office, "grant", code="A02", seconds="2:00").status_code == 303
    assert [each.is_signed for each in changes()] == [False, False]
    for who in (floor, office):
        assert who.post(f"/desk/stages/{hall.stage.id}/times/sign", {"change": changes()[0].id}).status_code == 403
    taken_back = f"/desk/stages/{hall.stage.id}/times/{changes()[0].id}/withdraw"
    assert office.post(taken_back, {"reason": "登记有误"}).status_code == 409, "not his own"
    assert REASON not in page(hall.client(floor_judge(hall)).get(f"/desk/stages/{hall.stage.id}/floor-times"))


def test_a_stranger_finds_no_change_of_another_event(app: Flask) -> None:
    hall, other = limited_hall(app), make_hall(app, judges=1)
    enter(hall, hall.client("chief_judge"), code="A01")
    [stop] = changes()
    chief = other.client("chief_judge")
    assert chief.get(f"/desk/stages/{hall.stage.id}/times").status_code == 404
    assert chief.post(f"/desk/stages/{other.stage.id}/times/{stop.id}/resume", {}).status_code == 404
    assert chief.post(f"/desk/stages/{other.stage.id}/times/sign", {"change": stop.id}).status_code == 404


def test_a_stop_that_changed_since_it_was_handed_on_is_not_signed(app: Flask) -> None:
    hall = limited_hall(app)
    floor, chief = floor_judge(hall), actor(hall.people["chief_judge"])
    with transaction() as session:
        begins = clock.now() - timedelta(minutes=5)
        wanted = Wanted("stop", "A01", reason=REASON, begins=begins)
        stop = enter_change(session, session.merge(hall.modules["practice"]), wanted, by=actor(floor), at=clock.now())
        resume(session, stop, by=actor(floor), at=clock.now())
    db.session.execute(update(TimeChange).values(reason="另一个理由"))
    db.session.commit()
    with pytest.raises(StateForbids) as fault, transaction() as session:
        sign_change(session, session.get_one(TimeChange, stop.id), by=chief, at=clock.now())
    assert fault.value.code == "state.act_changed"


@pytest.mark.parametrize(
    "tampered",
    [
        {"seconds": 600},
        {"reason": "改过的理由"},
        {"code": "A02"},
        {"signed_by": "somebody"},
        {"withdrawn_at": clock.now(), "withdrawn_by": "somebody"},
    ],
)
def test_the_verification_names_a_change_of_time_that_was_altered_beside_the_system(
    app: Flask, tampered: dict[str, Any]
) -> None:
    hall = limited_hall(app)
    assert enter(hall, hall.client("chief_judge"), "grant", code="A01", seconds="2:00").status_code == 303
    db.session.rollback()
    assert faults() == set()
    with unguarded():
        db.session.execute(update(TimeChange).values(**tampered))
    found = faults()
    assert "ACT_WITHOUT_AUDIT" in found
    db.session.rollback()


def test_the_verification_names_a_change_of_time_that_has_gone_and_one_that_was_put_in(app: Flask) -> None:
    hall = limited_hall(app)
    assert enter(hall, hall.client("chief_judge"), **stop_of(5)).status_code == 303
    confirm_all(hall)
    assert act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201
    db.session.rollback()
    assert faults() == set()
    with unguarded():
        db.session.execute(text("DELETE FROM time_change"))
    found = faults()
    assert {"AUDIT_WITHOUT_ACT", "SIGNED_SHEET_CHANGED"} <= found


def test_runs_altered_beside_the_system_are_found_like_marks(app: Flask) -> None:
    hall = limited_hall(app)
    taken(hall, "A01", 100, runs=[[1000, 1100]])
    db.session.rollback()
    assert faults() == set()
    drop_triggers()
    db.session.execute(text("UPDATE score_revision SET runs = '[[2000,2100]]'"))
    remake_triggers()
    found = faults()
    assert "REVISION_CHANGED" in found
    db.session.rollback()


def rows_of(answer: Any) -> list[list[str]]:
    """Every row of a workbook, as texts."""
    book = openpyxl.load_workbook(BytesIO(answer.data))
    return [
        [str(cell) for cell in row if cell is not None] for sheet in book for row in sheet.iter_rows(values_only=True)
    ]


def test_papers_show_what_was_taken_stopped_granted_and_counts(app: Flask) -> None:
    hall = limited_hall(app)
    chief, practice = hall.client("chief_judge"), hall.modules["practice"].id
    enter(hall, chief, **stop_of(10))
    enter(hall, chief, "grant", code="A01", seconds="2:00")
    chief.post(
        f"/desk/stages/{hall.stage.id}/incidents",
        {"code": "A02", "kind": "violation", "value": "2", "module": practice, "text": "未戴护目镜"},
    )
    taken(hall, "A01", 3720)
    printed = rows_of(chief.get(f"/desk/modules/{practice}/score-sheets.xlsx"))
    assert ["用时：3720 秒　停表：600 秒　补时：120 秒　计时：3000 秒"] in printed
    record = str(rows_of(chief.get(f"/desk/stages/{hall.stage.id}/hall-record.xlsx")))
    assert "赛场情况记录表" in record and "第一场全体" in record and "补时 2:00" in record and REASON in record
    assert "违规扣 2 分" in record and "裁判长签认" in record
    confirm_rest(hall)
    assert act(chief, f"/api/modules/{practice}/sign").status_code == 201
    [line] = [row for row in rows_of(chief.get(f"/desk/modules/{practice}/summary.xlsx")) if "A01" in row]
    assert line[-5:-1] == ["3720", "600", "120", "3000"] and "补时 2:00" in line[-1]
    confirmation = page(chief.get(f"/desk/modules/{practice}/paper"))
    assert '<td class="mark">3000</td>' in confirmation


def confirm_rest(hall: Hall) -> None:
    """The judge delivers what he has not, the checker confirms everything."""
    db.session.rollback()
    for sheet in db.session.scalars(select(ScoreSheet).where(ScoreSheet.state == "empty")).all():
        deliver(hall.client(hall.judges[0]), sheet.id)
    checker = hall.client("checker")
    db.session.rollback()
    for sheet_id in db.session.scalars(select(ScoreSheet.id)).all():
        assert act(checker, f"/api/sheets/{sheet_id}/confirm").status_code == 201
    assert db.session.scalar(select(Reevaluation.id)) is None
