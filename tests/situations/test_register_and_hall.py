"""Register and hall agree: situations that others reported of such systems, with the outcome that is right here."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import ActOfTwo
from competitions.audit.recording import transaction
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.coding import services as coding
from competitions.coding.agreement import differences
from competitions.coding.late import add_code, decide_added, late_sources
from competitions.coding.models import CheckIn, CodedPlace, CodeRow, CodeSheet, Lot, PaperCheckIn, PresenceChange
from competitions.coding.presence_changes import decide_presence, propose_presence
from competitions.organisations.models import Union
from competitions.programme.competitions.services import extend_deadline
from competitions.programme.models import Stage
from competitions.registration.models import Entry
from competitions.registration.services import withdraw
from tests.factories import make_employer, make_user
from tests.factories_coding import make_contest as bare_contest
from tests.factories_coding import make_entry, make_official, sealed, with_lots
from tests.factories_judging import deliver, submission
from tests.factories_registration import make_person, signed_in
from tests.factories_results import Contest, make_contest, practice_only
from tests.people import Client
from tests.sent_forms import sent_by

ONE_PIXEL = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def two_marked(app: Flask, **more: Any) -> Contest:
    return make_contest(app, practice_only(judges=1), [{"practice": ["90"]}, {"practice": ["80"]}], **more)


def drawn(entries: int = 4, levels: int = 1) -> tuple[Stage, Actor, Actor, Actor]:
    stage = bare_contest(entries, levels=levels)
    coder, supervisor, steward = (make_official(role, stage) for role in ("coder", "supervisor", "steward"))
    return with_lots(stage, coder), coder, supervisor, steward


def organiser_of(stage: Stage) -> tuple[Any, str]:
    db.session.rollback()
    competition_id = db.session.get_one(Stage, stage.id).event.competition_id
    user = make_user(("organiser_approving", "competition", competition_id))
    db.session.commit()
    return user, competition_id


def state_of(entry_id: str) -> str:
    db.session.rollback()
    return db.session.get_one(Entry, entry_id).state


def test_from_the_draw_on_the_organiser_cannot_withdraw_and_is_told_who_acts(app: Flask) -> None:
    stage, *_ = drawn()
    user, competition_id = organiser_of(stage)
    entry_id = db.session.scalars(select(Entry.id)).first()
    answer = signed_in(app, user).post(
        f"/desk/competitions/{competition_id}/entries/organiser-withdraw", {"ids": entry_id, "reason": "因病退赛"}
    )
    assert answer.status_code == 409 and "检录裁判登记“弃权”" in answer.get_data(as_text=True)
    assert state_of(str(entry_id)) == "approved"


def test_whose_seat_the_coder_takes_away_is_the_registers_again(app: Flask) -> None:
    stage, coder, *_ = drawn()
    db.session.rollback()
    entry_id = db.session.scalars(select(Lot.entry_id)).first()
    assert entry_id is not None
    with transaction() as session:
        coding.record_lots(session, session.get_one(Stage, stage.id), {entry_id: None}, by=coder, at=clock.now())
    with transaction() as session:
        withdraw(session, [session.get_one(Entry, entry_id)], "因病", by=coder, at=clock.now(), as_organiser=True)
    assert state_of(entry_id) == "withdrawn"


def test_the_unit_can_neither_withdraw_nor_replace_one_who_is_marked(app: Flask) -> None:
    contest = two_marked(app)
    db.session.rollback()
    entry = db.session.get_one(Entry, contest.entries[0])
    union = db.session.get_one(Union, entry.reporting_union_id)
    employer, reporter = make_employer(union), make_user(("reporter", "union", union.id), union=union)
    db.session.commit()
    client, person = signed_in(app, reporter), make_person()
    withdrawn = client.post(
        f"/desk/competitions/{entry.competition_id}/entries/withdraw", {"ids": contest.entries[0], "reason": "不参加了"}
    )
    filled = {"name": "替补者", "id_number": person["id_number"], "phone": person["phone"], "version": "1"}
    more = {"organisation": employer.name, "reason": "因病不能参赛", "told": "y"}
    replaced = client.post(f"/desk/entries/{contest.entries[0]}/replacement", filled | more)
    assert (withdrawn.status_code, replaced.status_code) == (409, 409)
    assert state_of(contest.entries[0]) == "approved"


def test_one_called_in_sick_on_the_morning_gives_up_at_check_in_and_has_no_sheet_to_mark(app: Flask) -> None:
    contest = make_contest(app, practice_only(judges=1), [{"practice": []}, {"practice": []}], signed=False)
    sick, there = contest.entries
    answer = contest.client("steward").post(
        f"/desk/stages/{contest.stage_id}/check-in/{sick}", {"presence": "withdrawn"}
    )
    assert answer.status_code == 303
    judge = Client(app)
    judge.sign_in(contest.judges[0].username)
    sheets = judge.get("/api/sheets").get_json()["sheets"]
    assert [sheet["code"] for sheet in sheets] == [contest.codes[1]]
    deliver(judge, sheets[0]["id"], submission({"score": "90"}))
    assert there in contest.entries


def late_entry(stage: Stage) -> str:
    db.session.rollback()
    entry = make_entry(db.session.get_one(Stage, stage.id).event)
    entry.members[0].name = "迟到师傅"
    db.session.commit()
    return entry.id


def seat(stage: Stage, entry_id: str, coder: Actor) -> None:
    with transaction() as session:
        here = session.get_one(Stage, stage.id)
        lots = session.scalars(select(Lot).where(Lot.stage_id == stage.id)).all()
        free = max(lot.station for lot in lots) + 1
        coding.record_lots(session, here, {entry_id: (lots[0].sitting_id, free)}, by=coder, at=clock.now())


@pytest.mark.parametrize("levels", [1, 2])
def test_a_late_entrant_is_coded_additionally_by_coder_and_supervisor_level_by_level(app: Flask, levels: int) -> None:
    stage, coder, supervisor, steward = drawn(levels=levels)
    coders = [coder, *(make_official("coder", stage) for _ in range(levels - 1))]
    for level, each in enumerate(coders, 1):
        sealed(stage, level, each, supervisor)
    entry_id = late_entry(stage)
    with pytest.raises(StateForbids, match="late_uncoded"), transaction() as session:
        coding.check_in(session, session.get_one(Stage, stage.id), entry_id, "present", by=steward, at=clock.now())
    seat(stage, entry_id, coder)
    for level, each in enumerate(coders, 1):
        with transaction() as session:
            sheet = session.scalars(
                select(CodeSheet).where(CodeSheet.stage_id == stage.id, CodeSheet.level == level)
            ).one()
            [source] = late_sources(session, sheet)
            add_code(session, sheet, source, by=each, at=clock.now())
        with transaction() as session:
            sheet = session.scalars(
                select(CodeSheet).where(CodeSheet.stage_id == stage.id, CodeSheet.level == level)
            ).one()
            decide_added(session, sheet, True, by=supervisor, at=clock.now())
    with transaction() as session:
        coding.check_in(session, session.get_one(Stage, stage.id), entry_id, "present", by=steward, at=clock.now())
    db.session.rollback()
    assert len(db.session.scalars(select(CodedPlace)).all()) == 5
    assert len({place.created_at for place in db.session.scalars(select(CodedPlace))}) == 1, (
        "nothing tells who came late"
    )
    assert not [finding for finding in verify(db.session(), at=clock.now()).findings if finding.is_fault]


def test_a_late_code_that_the_supervisor_refuses_is_gone(app: Flask) -> None:
    stage, coder, supervisor, _ = drawn()
    sheet_id = sealed(stage, 1, coder, supervisor).id
    entry_id = late_entry(stage)
    seat(stage, entry_id, coder)
    with transaction() as session:
        add_code(session, session.get_one(CodeSheet, sheet_id), entry_id, by=coder, at=clock.now())
    with pytest.raises(StateForbids, match="second_person"), transaction() as session:
        decide_added(session, session.get_one(CodeSheet, sheet_id), True, by=coder, at=clock.now())
    with transaction() as session:
        decide_added(session, session.get_one(CodeSheet, sheet_id), False, by=supervisor, at=clock.now())
    db.session.rollback()
    assert len(db.session.scalars(select(CodeRow)).all()) == 4
    assert db.session.scalars(select(ActOfTwo.answer).where(ActOfTwo.kind == "codes.add")).all() == ["refused"]


def test_a_late_entrant_without_a_code_stops_the_settlement_and_is_named_to_the_organiser_only(app: Flask) -> None:
    contest = two_marked(app)
    late_entry(contest.stage)
    refused = contest.client("chief_judge").post(f"/desk/stages/{contest.stage_id}/settle")
    assert refused.status_code == 409
    assert "没有加密号" in contest.page("chief_judge") and "迟到师傅" not in contest.page("chief_judge")
    db.session.rollback()
    kinds = {each.kind for each in differences(db.session(), db.session.get_one(Stage, contest.stage_id))}
    assert kinds == {"not_coded"}


def test_presence_is_not_assumed_whoever_was_not_checked_in_stops_the_settlement(app: Flask) -> None:
    contest = two_marked(app)
    db.session.rollback()
    db.session.delete(db.session.scalars(select(CheckIn).where(CheckIn.entry_id == contest.entries[0])).one())
    db.session.commit()
    assert contest.client("chief_judge").post(f"/desk/stages/{contest.stage_id}/settle").status_code == 409
    assert "有 1 个参赛者没有检录登记" in contest.page("chief_judge")


def test_the_rest_is_checked_in_at_once_by_the_signed_paper_whose_scan_is_kept(app: Flask) -> None:
    stage, _, _, steward = drawn()
    client = Client(app)
    client.sign_in(steward.username)
    path = f"/desk/stages/{stage.id}/check-in/paper"
    assert client.post(path, {}).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(CheckIn)).all() == [], "no scan, no presence"
    shown = sent_by(client.get(path.removesuffix("/paper")).get_data(as_text=True), path)["shown"]
    client.post(path, {"file": (BytesIO(ONE_PIXEL), "签到表.pdf"), "shown": shown})
    db.session.rollback()
    assert [row.presence for row in db.session.scalars(select(CheckIn))] == ["present"] * 4
    paper = db.session.scalars(select(PaperCheckIn)).one()
    assert paper.count == 4 and paper.file.sealed and paper.file.content(paper.sha256) == ONE_PIXEL


def test_after_signing_the_steward_alone_changes_no_presence(app: Flask) -> None:
    contest = two_marked(app)
    steward, supervisor = contest.actor("steward"), contest.actor("supervisor")
    path = f"/desk/stages/{contest.stage_id}/check-in/{contest.entries[0]}"
    assert contest.client("steward").post(path, {"presence": "absent"}).status_code == 409
    with transaction() as session:
        stage = session.get_one(Stage, contest.stage_id)
        change = propose_presence(
            session, stage, contest.entries[0], "absent", "核对签到表，本人未到", by=steward, at=clock.now()
        )
        change_id = change.id
    with pytest.raises(StateForbids, match="second_person"), transaction() as session:
        decide_presence(session, session.get_one(PresenceChange, change_id), True, by=steward, at=clock.now())
    with transaction() as session:
        decide_presence(session, session.get_one(PresenceChange, change_id), True, by=supervisor, at=clock.now())
    db.session.rollback()
    row = db.session.scalars(select(CheckIn).where(CheckIn.entry_id == contest.entries[0])).one()
    assert row.presence == "absent"


def test_the_final_cut_off_is_not_after_the_first_day_of_the_contest(app: Flask) -> None:
    stage = bare_contest(1)
    user, _ = organiser_of(stage)
    from tests.factories import actor

    with pytest.raises(Invalid) as fault, transaction() as session:
        competition = session.get_one(Stage, stage.id).event.competition
        competition.state, competition.held_from = "open", clock.now() + timedelta(days=3)
        extend_deadline(
            session, competition, "final", None, clock.now() + timedelta(days=9), "试试", by=actor(user), at=clock.now()
        )
    assert fault.value.problems[0].code == "invalid.programme.final_after_start"


def test_the_size_of_a_team_stays_once_a_stage_is_locked(app: Flask) -> None:
    from competitions.programme.events.services import _require_changeable

    contest = two_marked(app)
    db.session.rollback()
    event = db.session.get_one(Stage, contest.stage_id).event
    with pytest.raises(StateForbids, match="stage_locked"):
        _require_changeable(db.session(), event, {"team_size": 3, "code_levels": event.code_levels})
