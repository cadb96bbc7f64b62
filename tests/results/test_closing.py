"""归档 and calling off: who may, when, and that nothing of an archived competition can be changed by anybody."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import RoleAssignment, SignIn
from competitions.base import clock
from competitions.base.database import Base, db, new_id
from competitions.base.errors import StateForbids
from competitions.coding.models import Sitting
from competitions.home.queries import waiting_for
from competitions.judging.models import ScoreSheet
from competitions.programme.archive_guard import hangs_on
from competitions.programme.models import Competition, Module, Stage
from competitions.results.models import Publication
from competitions.results.settlement.closing import readiness
from tests.factories import make_event
from tests.factories_results import Contest, make_contest, practice_only
from tests.people import Client


@pytest.fixture
def contest(app: Flask) -> Contest:
    """A published competition with one event."""
    made = make_contest(app, practice_only(), [{"practice": ["90"]}, {"practice": ["80"]}])
    made.publish()
    return made


def competition_of(contest: Contest) -> Competition:
    return contest.stage.event.competition


def archive(contest: Contest, role: str = "approving") -> Any:
    return contest.client(role).post(f"/desk/competitions/{competition_of(contest).id}/archive")


def test_a_published_competition_is_archived_by_whoever_approves_and_by_nobody_else(contest: Contest) -> None:
    assert archive(contest, "drafting").status_code == 403
    assert archive(contest, "chief_judge").status_code == 403
    page = contest.client("approving").get(f"/desk/competitions/{competition_of(contest).id}/archive")
    assert "归档不能撤销" in page.get_data(as_text=True)
    assert archive(contest).status_code == 303
    assert competition_of(contest).state == "archived"
    assert archive(contest).status_code == 303  # says that it is done (test_pressed_twice)


def test_the_list_of_entries_of_an_archived_competition_offers_no_act(contest: Contest) -> None:
    path = f"/desk/competitions/{competition_of(contest).id}/entries"
    assert "审核通过并生成准考证号" in contest.client("approving").get(path).get_data(as_text=True)
    assert archive(contest).status_code == 303
    assert "审核通过并生成准考证号" not in contest.client("approving").get(path).get_data(as_text=True)


def test_nothing_is_archived_while_an_event_is_neither_published_nor_called_off(contest: Contest) -> None:
    idle = make_event(competition_of(contest), name="钳工")
    db.session.commit()
    answer = archive(contest)
    assert answer.status_code == 409 and "“钳工”还没有公布成绩" in answer.get_data(as_text=True)
    approving = contest.client("approving")
    assert approving.post(f"/desk/events/{idle.id}/call-off", {"reason": "无"}).status_code == 422
    assert (
        contest.client("drafting").post(f"/desk/events/{idle.id}/call-off", {"reason": "报名不足"}).status_code == 403
    )
    assert approving.post(f"/desk/events/{idle.id}/call-off", {"reason": "报名不足三人"}).status_code == 303
    assert archive(contest).status_code == 303


def test_an_event_with_published_results_is_not_called_off(contest: Contest) -> None:
    answer = contest.client("approving").post(f"/desk/events/{contest.stage.event_id}/call-off", {"reason": "不再举办"})
    assert answer.status_code == 409 and "已有公布的成绩" in answer.get_data(as_text=True)


def test_a_draft_that_waits_for_approval_keeps_the_competition_open(contest: Contest) -> None:
    contest.draft()
    answer = archive(contest)
    assert answer.status_code == 409 and "等待审定" in answer.get_data(as_text=True)


def test_a_withdrawal_that_waits_for_the_second_person_keeps_the_competition_open(contest: Contest) -> None:
    published = db.session.scalars(select(Publication.id)).one()
    db.session.rollback()
    drafting, approving = contest.client("drafting"), contest.client("approving")
    assert drafting.post(f"/desk/publications/{published}/withdrawal", {"reason": "姓名有误"}).status_code == 303
    answer = archive(contest)
    assert answer.status_code == 409 and "等待审定" in answer.get_data(as_text=True)
    assert approving.post(f"/desk/publications/{published}/withdrawal/keep").status_code == 303
    assert archive(contest).status_code == 303


def test_an_earlier_stage_in_which_somebody_was_marked_must_be_published_too(contest: Contest) -> None:
    stage = contest.stage
    earlier = Stage(event_id=stage.event_id, name="初赛", position=stage.position - 1)
    db.session.add(earlier)
    db.session.flush()
    module = Module(stage_id=earlier.id, key="theory", name="理论", kind="theory", position=0, settings={})
    db.session.add(module)
    db.session.commit()
    assert readiness(db.session(), competition_of(contest)).unpublished == ()
    stage = contest.stage
    db.session.add(
        ScoreSheet(
            module_id=module.id,
            division_id=contest.division_id,
            code="101",
            seat_id=new_id(),
            judge_id=contest.people["tabulator"].id,
        )
    )
    db.session.commit()
    assert readiness(db.session(), competition_of(contest)).unpublished == (contest.stage.event.name,)


def test_an_event_called_off_takes_nothing_more_and_the_public_reads_why(contest: Contest) -> None:
    competition = competition_of(contest)
    idle = make_event(competition, name="钳工")
    stage_id, event_id, competition_id = idle.stages[0].id, idle.id, competition.id
    db.session.commit()
    contest.client("approving").post(f"/desk/events/{event_id}/call-off", {"reason": "报名不足三人"})
    answer = contest.client("drafting").post(
        f"/desk/stages/{stage_id}/sittings",
        {"name": "第一场", "starts_at": "2027-01-05T09:00", "stations": "3", "module_id": ""},
    )
    assert answer.status_code == 409 and "该赛项已取消" in answer.get_data(as_text=True)
    assert not db.session.scalars(select(Sitting).where(Sitting.stage_id == stage_id)).all()
    public = Client(contest.app).get(f"/competitions/{competition_id}").get_data(as_text=True)
    assert "已取消" in public and "报名不足三人" in public


def test_the_roles_given_for_an_event_end_when_it_is_called_off_and_nobody_can_mark_it(app: Flask) -> None:
    contest = make_contest(app, practice_only(), [{"practice": ["90"]}, {"practice": ["80"]}], signed=False)
    contest.people["a judge"] = contest.judges[0]
    judge, event_id = contest.client("a judge"), contest.stage.event_id
    assert judge.get("/api/sheets").get_json()["sheets"]
    answer = contest.client("approving").post(f"/desk/events/{event_id}/call-off", {"reason": "场地不能使用"})
    assert answer.status_code == 303
    assert judge.get("/api/sheets").status_code == 401
    assert contest.client("a judge").get("/api/sheets").status_code == 403
    db.session.rollback()
    left = db.session.scalars(
        select(RoleAssignment.role).where(RoleAssignment.scope_id == event_id, RoleAssignment.valid_to.is_(None))
    ).all()
    assert left == []


def test_the_marking_of_judges_ends_with_it_and_so_do_their_sign_ins(contest: Contest) -> None:
    user_id = contest.judges[0].id
    contest.people["a judge"] = contest.judges[0]
    judge = contest.client("a judge")
    assert judge.get("/api/sheets").status_code == 200
    archive(contest)
    assert judge.get("/api/sheets").status_code == 401
    db.session.rollback()
    assert not db.session.scalars(select(SignIn).where(SignIn.user_id == user_id, SignIn.revoked_at.is_(None))).all()
    assert contest.client("a judge").get("/api/sheets").status_code == 403
    held = {
        row.role
        for row in db.session.scalars(
            select(RoleAssignment).where(RoleAssignment.valid_to.is_(None) | (RoleAssignment.valid_to > clock.now()))
        )
    }
    assert held == {"organiser_drafting", "organiser_approving"}


def test_no_page_of_it_changes_anything_any_more(contest: Contest) -> None:
    competition, stage = competition_of(contest), contest.stage
    entry = contest.entries[0]
    archive(contest)
    drafting = contest.client("drafting")
    for address, typed in (
        (
            f"/desk/stages/{stage.id}/sittings",
            {"name": "第二场", "starts_at": "2027-01-05T09:00", "stations": "3", "module_id": ""},
        ),
        (f"/desk/events/{stage.event_id}/people", {"username": contest.people["steward"].username, "role": "judge"}),
        (f"/desk/competitions/{competition.id}/attachments", {"file": (BytesIO(b"%PDF-1.7 ..."), "通知.pdf")}),
        (f"/desk/stages/{stage.id}/judging/open", {}),
        (f"/desk/competitions/{competition.id}/entries/organiser-withdraw", {"ids": entry, "reason": "本人申请"}),
        (
            f"/desk/competitions/{competition.id}/extensions",
            {"deadline": "report", "union": "", "until": "2027-01-05T09:00", "reason": "补报"},
        ),
        (f"/desk/stages/{stage.id}/publish", {"notice": "更正"}),
    ):
        answer = drafting.post(address, typed)
        assert answer.status_code == 409, (address, answer.status_code)


def test_whatever_hangs_on_it_is_kept_as_it_is_whichever_feature_touches_it(contest: Contest) -> None:
    archive(contest)
    tried = 0
    for mapper in Base.registry.mappers:
        if hangs_on(mapper.local_table) is None:  # type: ignore[arg-type]
            continue
        db.session.rollback()
        row = db.session.scalars(select(mapper.class_).limit(1)).first()
        if row is None:
            continue
        db.session.delete(row)
        with pytest.raises(StateForbids, match="competition_archived"):
            db.session.flush()
        tried += 1
    db.session.rollback()
    assert tried >= 20


def test_it_is_past_for_the_public_and_out_of_the_lists_of_what_waits(contest: Contest) -> None:
    competition = competition_of(contest)
    competition_id, name = competition.id, competition.name
    archive(contest)
    visitor = Client(contest.app)
    assert name not in visitor.get("/competitions/").get_data(as_text=True)
    assert name in visitor.get("/competitions/?state=past").get_data(as_text=True)
    assert name in visitor.get(f"/competitions/?q={name}").get_data(as_text=True)
    assert "往届" in visitor.get(f"/competitions/{competition_id}").get_data(as_text=True)
    db.session.rollback()
    for role in ("drafting", "approving", "chief_judge", "coder", "supervisor"):
        assert waiting_for(db.session(), contest.actor(role), clock.now()) == []
