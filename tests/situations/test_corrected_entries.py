"""A wrong character found after approval, in the hall, or on the eve of the publication: put right, and right everywhere."""

import json
from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.audit.recording import transaction
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.coding.queries import final_codes
from competitions.judging.models import Incident, ScoreSheet
from competitions.organisations.models import Union
from competitions.programme.models import Division, Stage
from competitions.registration.corrections.models import EntryCorrection
from competitions.registration.corrections.services import agree_to_correction, propose_correction
from competitions.registration.corrections.typed import Wanted
from competitions.registration.models import Entry
from competitions.results.models import Publication, PublicationSnapshot, Settlement
from competitions.results.publications.services import (
    approve_publication,
    ask_withdrawal,
    decide_withdrawal,
    settle,
)
from competitions.results.waiting import waiting
from tests.factories import make_employer
from tests.factories_coding import make_contest as bare_contest
from tests.factories_coding import make_official, sealed, with_lots
from tests.factories_results import Contest, blocking_codes, make_contest, practice_only

TWO = [{"practice": ["90"]}, {"practice": ["80"]}]
WRONG, RIGHT = "覃建国", "覃健国"
REASON = "公安局更正，已核对身份证"


def two(app: Flask) -> Contest:
    return make_contest(app, practice_only(judges=1), TWO, names=[WRONG, "黄志强"])


def teams(app: Flask) -> Contest:
    """Two of three stand for one side; sides are ranked by the sum of their best two."""
    rules = {"by": "team", "value": "total", "best": 2, "incomplete": "zero", "tie_breaks": [], "ties": "shared"}
    marks = [{"practice": [mark]} for mark in ("90", "80", "70")]
    return make_contest(
        app,
        practice_only(judges=1, teams=rules),
        marks,
        delegations=["南宁", "柳州", "柳州"],
        names=["甲乙", "丙丁", "戊己"],
    )


def propose(contest: Contest, place: int = 0, wanted: Wanted | None = None, **member: str) -> str:
    with transaction() as session:
        entry = session.get_one(Entry, contest.entries[place])
        wanted = wanted or Wanted({entry.members[0].id: member}, card_seen=True)
        return propose_correction(
            session, entry, wanted, REASON, version=entry.version, by=contest.actor("drafting"), at=clock.now()
        ).id


def agree(contest: Contest, correction_id: str) -> None:
    with transaction() as session:
        agree_to_correction(
            session, session.get_one(EntryCorrection, correction_id), by=contest.actor("approving"), at=clock.now()
        )


def correct(contest: Contest, place: int = 0, wanted: Wanted | None = None, **member: str) -> None:
    agree(contest, propose(contest, place, wanted, **member))


def public(publication_id: str) -> dict[str, list[dict[str, object]]]:
    db.session.rollback()
    kept = select(PublicationSnapshot.public).where(PublicationSnapshot.publication_id == publication_id)
    division: dict[str, list[dict[str, object]]] = json.loads(db.session.scalars(kept).one())["divisions"][0]
    return division


def approve(contest: Contest, publication_id: str) -> None:
    with transaction() as session:
        approve_publication(
            session, session.get_one(Publication, publication_id), by=contest.actor("approving"), at=clock.now()
        )


def codes(contest: Contest) -> Mapping[str, str]:
    db.session.rollback()
    return final_codes(db.session(), contest.stage_id)


def test_who_is_drawn_and_coded_is_corrected_and_everything_made_later_has_the_right_name(app: Flask) -> None:
    contest = two(app)
    before = codes(contest)
    marks = db.session.scalars(select(ScoreSheet.code)).all()
    correct(contest, name=RIGHT)
    assert codes(contest) == before and db.session.scalars(select(ScoreSheet.code)).all() == marks
    assert RIGHT in contest.page("steward", "check-in") and WRONG not in contest.page("steward", "check-in")
    assert RIGHT not in contest.page("chief_judge")
    published = contest.publish()
    assert [placing["name"] for placing in public(published)["placings"]] == [RIGHT, "黄志强"]
    assert verify(db.session(), at=clock.now()).sound


def test_employer_and_level_of_one_who_is_settled_reach_the_publication(app: Flask) -> None:
    contest = two(app)
    contest.settle()
    contest.decode()
    db.session.rollback()
    union_id = db.session.get_one(Entry, contest.entries[0]).reporting_union_id
    employer = make_employer(db.session.get_one(Union, union_id), name="甲市重型机械厂").name
    db.session.commit()
    correct(contest, organisation=employer)
    assert employer in contest.page("drafting")
    assert public(contest.publish())["placings"][0]["organisation"] == employer


def test_once_a_publication_names_him_the_published_result_is_corrected_instead(app: Flask) -> None:
    contest = two(app)
    waits = propose(contest, name=RIGHT)
    contest.settle()
    contest.decode()
    with pytest.raises(StateForbids) as fault:
        contest.draft()
    assert blocking_codes(fault.value) == {"check.correction_waiting"}
    agree(contest, waits)
    contest.publish()
    with pytest.raises(StateForbids) as refusal:
        propose(contest, name=WRONG)
    assert refusal.value.code == "state.correction_published"
    shown = contest.client("drafting").get(f"/desk/entries/{contest.entries[0]}").get_data(as_text=True)
    assert "第 1 号公布已载明此人" in shown and "须更正已公布的成绩" in shown
    form = contest.client("drafting").get(f"/desk/entries/{contest.entries[0]}/correction")
    assert form.get_data(as_text=True).count("第 1 号公布已载明此人") == 1


def test_a_withdrawn_publication_binds_nobody_and_the_next_one_has_the_right_name(app: Flask) -> None:
    contest = two(app)
    published = contest.publish()
    with transaction() as session:
        ask_withdrawal(
            session,
            session.get_one(Publication, published),
            "姓名有误",
            by=contest.actor("drafting"),
            at=clock.now(),
        )
    with transaction() as session:
        decide_withdrawal(
            session, session.get_one(Publication, published), True, by=contest.actor("approving"), at=clock.now()
        )
    correct(contest, name=RIGHT)
    assert public(contest.publish())["placings"][0]["name"] == RIGHT
    assert public(published)["placings"][0]["name"] == WRONG


def test_a_draft_made_before_the_correction_is_not_approved_but_drafted_anew(app: Flask) -> None:
    contest = two(app)
    contest.settle()
    contest.decode()
    drafted = contest.draft()
    correct(contest, name=RIGHT)
    with pytest.raises(StateForbids) as fault:
        approve(contest, drafted)
    assert blocking_codes(fault.value) == {"check.draft_outdated"}
    page = contest.client("approving").get(f"/desk/publications/{drafted}").get_data(as_text=True)
    assert "拟稿之后报名信息有更正" in page and "审定签发</button>" not in page
    taken = contest.client("drafting").post(f"/desk/publications/{drafted}/take-back", {"reason": "姓名更正"})
    assert taken.status_code == 303
    assert public(contest.publish())["placings"][0]["name"] == RIGHT


def test_a_side_corrected_after_settling_is_settled_again_and_the_teams_come_out_right(app: Flask) -> None:
    contest = teams(app)
    contest.settle()
    contest.decode()
    db.session.rollback()
    side = db.session.get_one(Union, db.session.get_one(Entry, contest.entries[0]).delegation_id)
    side.delegation = True
    side_id = side.id
    db.session.commit()
    correct(contest, 1, Wanted({}, delegation_id=side_id))
    with pytest.raises(StateForbids) as fault:
        contest.draft()
    assert blocking_codes(fault.value) == {"check.settlement_differs"}
    db.session.rollback()
    [said] = [each.sentence for each in waiting(db.session(), contest.actor("chief_judge"), clock.now())]
    assert "等待重新结算签字" in said
    assert "重新结算签字" in contest.page("chief_judge")
    answer = contest.client("chief_judge").post(f"/desk/stages/{contest.stage_id}/settle")
    db.session.rollback()
    assert answer.status_code == 303
    assert db.session.scalars(select(Settlement.number).order_by(Settlement.number)).all() == [1, 2]
    assert "重新结算签字" not in contest.page("chief_judge")
    published = contest.publish()
    assert [(team["rank"], team["value"]) for team in public(published)["teams"]] == [(1, "170.00"), (2, "70.00")]
    assert public(published)["placings"][1]["delegation"] == "南宁"
    assert verify(db.session(), at=clock.now()).sound


def test_nothing_but_a_corrected_entry_lets_the_chief_judge_settle_again(app: Flask) -> None:
    contest = two(app)
    contest.settle()
    correct(contest, name=RIGHT)
    with pytest.raises(StateForbids) as fault, transaction() as session:
        settle(session, session.get_one(Stage, contest.stage_id), by=contest.actor("chief_judge"), at=clock.now())
    assert fault.value.code == "state.settled"


def test_marks_changed_behind_the_back_are_not_settled_again(app: Flask) -> None:
    contest = two(app)
    contest.settle()
    correct(contest, name=RIGHT)
    db.session.rollback()
    db.session.add(
        Incident(
            stage_id=contest.stage_id,
            code=contest.codes[0],
            kind="status",
            status="disqualified",
            text="直接写入",
            by="nobody",
            at=clock.now(),
        )
    )
    db.session.commit()
    with pytest.raises(StateForbids) as fault, transaction() as session:
        settle(session, session.get_one(Stage, contest.stage_id), by=contest.actor("chief_judge"), at=clock.now())
    assert fault.value.code == "state.settled"
    assert "重新结算签字" not in contest.page("chief_judge")


def test_a_division_is_not_corrected_once_the_codes_are_sealed(app: Flask) -> None:
    stage = bare_contest(2)
    coder, supervisor = make_official("coder", stage), make_official("supervisor", stage)
    db.session.rollback()
    stage = db.session.get_one(Stage, stage.id)
    other = Division(event_id=stage.event_id, name="学生组", position=1)
    db.session.add(other)
    db.session.commit()
    entry_id = db.session.scalars(select(Entry.id)).first()
    with_lots(stage, coder)
    assert refusal_of_division(str(entry_id), other.id, coder) is None
    sealed(db.session.get_one(Stage, stage.id), 1, coder, supervisor)
    assert refusal_of_division(str(entry_id), other.id, coder) == "state.correction_division_coded"


def refusal_of_division(entry_id: str, division_id: str, by: object) -> str | None:
    """Propose, look what is refused, and leave nothing behind."""
    db.session.rollback()
    entry = db.session.get_one(Entry, entry_id)
    try:
        propose_correction(
            db.session(),
            entry,
            Wanted({}, division_id=division_id),
            REASON,
            version=entry.version,
            by=by,  # type: ignore[arg-type]
            at=clock.now(),
        )
    except StateForbids as fault:
        return fault.code
    finally:
        db.session.rollback()
    return None
