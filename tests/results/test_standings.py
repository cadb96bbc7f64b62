"""The standings page: words, ties, lines, what is still open; rulings; the effect of a proposed ruleset; what waits."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from competitions.accounts.models import RoleAssignment
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, StateForbids
from competitions.coding.models import CodedPlace
from competitions.programme.models import Division, Ruleset, Stage
from competitions.results.models import TieRuling
from competitions.results.settlement.checks import standings_problems
from competitions.results.standings.computed import DivisionStandings, stage_standings
from competitions.results.standings.outlook import Reach, reach_of
from competitions.results.standings.page import readable, standings_table
from competitions.results.standings.rulings import confirm_ruling, propose_ruling, revoke_ruling
from competitions.results.waiting import waiting
from tests.factories import make_event
from tests.factories_results import Contest, blocking_codes, make_contest, practice_only, prizes, thirty_seventy
from tests.people import Client

REASON = "两人复核加赛，按加赛成绩排定先后"
TIED = [{"practice": ["90"]}, {"practice": ["85"]}, {"practice": ["85"]}, {"practice": ["70"]}]


def standing_of(contest: Contest) -> DivisionStandings:
    return stage_standings(db.session(), contest.stage)[0]


def rule(contest: Contest, places: list[int], role: str = "chief_judge") -> str:
    with transaction() as session:
        stage = session.get_one(Stage, contest.stage_id)
        division = session.get_one(Division, contest.division_id)
        codes = [contest.codes[place] for place in places]
        return propose_ruling(session, stage, division, codes, REASON, by=contest.actor(role), at=clock.now()).id


def test_the_deciding_key_is_said_in_words(app: Flask) -> None:
    equal = [
        {"theory": ["80"], "practice": ["90"]},
        {"theory": ["87"], "practice": ["87"]},
        {"theory": ["60"], "practice": ["60"]},
    ]
    contest = make_contest(app, thirty_seventy(), equal)  # V3: 87.00 twice, practice 90 goes before 87
    rows = {row.code: row for row in standings_table(standing_of(contest), None).rows}
    assert [rows[code].rank for code in contest.codes] == [1, 2, 3]
    assert rows[contest.codes[1]].decided == "总分相同，实操成绩高者列前"
    assert rows[contest.codes[2]].decided == "总成绩高者列前"


def test_somebody_who_came_late_has_competed_and_an_absent_one_has_not(app: Flask) -> None:
    contest = make_contest(app, practice_only(awards=prizes(1, 1, 1)), TIED)
    came = dict(zip(contest.codes, ("present", "late", "absent", "present"), strict=True))
    for place in db.session.scalars(select(CodedPlace)):
        place.presence = came[place.code]
    db.session.commit()
    standing = standing_of(contest)
    statuses = {entrant["id"]: entrant["status"] for entrant in standing.case["entrants"]}
    assert [statuses[code] for code in contest.codes] == ["competed", "competed", "absent", "competed"]
    found = {line["entrant"]: line for line in standing.document["placings"]}
    assert [found[code]["rank"] for code in contest.codes] == [1, 2, None, 3]
    assert standing.document["problems"] == []


def test_ties_are_framed_and_lines_drawn_below_awards_and_advancement(app: Flask) -> None:
    rules = practice_only(awards=prizes(1, 1, 1), advance={"count": 3, "ties": "include"})
    table = standings_table(standing_of(make_contest(app, rules, TIED)), None)
    assert [row.rank for row in table.rows] == [1, 2, 2, 4]
    assert [(row.tied, row.tied_first, row.tied_last) for row in table.rows] == [
        (False, False, False),
        (True, True, False),
        (True, False, True),
        (False, False, False),
    ]
    assert table.rows[0].lines == [("award", "一等奖线")]
    assert table.rows[2].lines == [("award", "二等奖线"), ("advance", "晋级线")]
    assert table.rows[2].decided == "并列：规则没有再分先后"


def test_what_is_certain_while_a_mark_is_missing(app: Flask) -> None:
    marks = [
        {"theory": ["100"], "practice": ["100"]},
        {"theory": ["80"], "practice": ["80"]},
        {"theory": ["10"], "practice": ["10"]},
        {"theory": ["90"]},
    ]
    contest = make_contest(app, thirty_seventy(), marks, signed=False)
    reach = reach_of(standing_of(contest))
    # the one without practice has from 27.00 to 97.00: never first, always above the 10.00
    assert [reach[code] for code in contest.codes] == [Reach(1, 1), Reach(2, 3), Reach(4, 4), Reach(2, 3)]
    assert reach[contest.codes[0]].is_certain
    assert "已可确定名次的有 2 个" in contest.page("chief_judge")


def test_a_score_that_does_not_end_is_shown_with_four_places() -> None:
    assert (readable("263/3"), readable("87.50"), readable(None), readable("-1/3")) == (
        "87.6666…",
        "87.50",
        None,
        "-0.3333…",
    )


def test_the_arithmetic_goes_from_marks_to_the_total(app: Flask) -> None:
    contest = make_contest(app, practice_only(judges=5, drop=1), [{"practice": ["88", "92", "85", "90", "87"]}])
    path = f"/desk/stages/{contest.stage_id}/divisions/{contest.division_id}/arithmetic?code={contest.codes[0]}"
    chief = contest.client("chief_judge")
    page = chief.get(path).get_data(as_text=True)
    assert "<s>92</s>" in page and "<s>85</s>" in page and "88.3333…" in page and "88.33" in page
    row = chief.get(path, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert '<tr class="how">' in row and "<html" not in row
    assert chief.get(path.replace(contest.codes[0], "no-such")).status_code == 404


def test_a_tie_that_may_not_stay_is_ruled_by_two_people_before_it_can_be_settled(app: Flask) -> None:
    contest = make_contest(app, practice_only(ties="forbidden"), TIED)
    with pytest.raises(StateForbids) as refused:
        contest.settle()
    assert blocking_codes(refused.value) == {"check.ties.unresolved"}
    ruling = rule(contest, [2, 1])
    with pytest.raises(StateForbids) as refused:
        contest.settle()
    assert blocking_codes(refused.value) == {"check.ties.unresolved", "check.ruling_waiting"}
    with pytest.raises(StateForbids, match="second_person"), transaction() as session:
        confirm_ruling(session, session.get_one(TieRuling, ruling), by=contest.actor("chief_judge"), at=clock.now())
    assert contest.client("supervisor").post(f"/desk/rulings/{ruling}/confirm").status_code == 303
    found = {line["entrant"]: line for line in standing_of(contest).document["placings"]}
    assert [found[code]["rank"] for code in contest.codes] == [1, 3, 2, 4]
    assert "按裁判长裁定" in contest.page("chief_judge")
    contest.settle()


def test_a_ruling_names_one_whole_tie_with_a_reason_and_its_order(app: Flask) -> None:
    contest = make_contest(app, practice_only(), TIED)
    with pytest.raises(Invalid, match="invalid"):
        rule(contest, [0, 1])
    path = f"/desk/stages/{contest.stage_id}/divisions/{contest.division_id}/rulings"
    chief, codes = contest.client("chief_judge"), contest.codes[1:3]
    assert chief.post(path, {"code": codes, "order": ["1", "1"], "reason": REASON}).status_code == 422
    assert chief.post(path, {"code": codes, "order": ["1", "2"], "reason": "太短"}).status_code == 422
    assert chief.post(path, {"code": codes, "order": ["²", "x"], "reason": REASON}).status_code == 422
    assert chief.post(path, {"code": codes, "order": ["2", "1"], "reason": REASON}).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(TieRuling.codes)).one() == codes[::-1]
    assert chief.post(path, {"code": codes, "order": ["1", "2"], "reason": REASON}).status_code == 409
    assert (
        contest.client("supervisor").post(path, {"code": codes, "order": ["1", "2"], "reason": REASON}).status_code
        == 403
    )


def test_a_refused_or_revoked_ruling_does_not_count(app: Flask) -> None:
    contest = make_contest(app, practice_only(), TIED)
    refused = rule(contest, [2, 1])
    supervisor = contest.client("supervisor")
    assert supervisor.post(f"/desk/rulings/{refused}/refuse", {"reason": "请补加赛记录"}).status_code == 303
    assert supervisor.post(f"/desk/rulings/{refused}/confirm").status_code == 409
    revoked = rule(contest, [2, 1])
    with transaction() as session:
        confirm_ruling(session, session.get_one(TieRuling, revoked), by=contest.actor("supervisor"), at=clock.now())
        revoke_ruling(
            session, session.get_one(TieRuling, revoked), "误操作", by=contest.actor("chief_judge"), at=clock.now()
        )
    assert [line["rank"] for line in standing_of(contest).document["placings"]] == [1, 2, 2, 4]


def test_after_the_settlement_no_ruling_is_made_confirmed_or_taken_back(app: Flask) -> None:
    contest = make_contest(app, practice_only(), [{"practice": [mark]} for mark in ("90", "90", "85", "85")])
    confirmed, waiting_ = rule(contest, [1, 0]), rule(contest, [3, 2])
    with transaction() as session:
        confirm_ruling(session, session.get_one(TieRuling, confirmed), by=contest.actor("supervisor"), at=clock.now())
    contest.stage.settled_at = clock.now()
    db.session.commit()

    def take_back(session: Session) -> None:
        ruling = session.get_one(TieRuling, confirmed)
        revoke_ruling(session, ruling, "误操作", by=contest.actor("chief_judge"), at=clock.now())

    def confirm(session: Session) -> None:
        ruling = session.get_one(TieRuling, waiting_)
        confirm_ruling(session, ruling, by=contest.actor("supervisor"), at=clock.now())

    for act, says in ((take_back, "state.settled"), (confirm, "state.ruling_decided")):
        with pytest.raises(StateForbids, match=says), transaction() as session:
            act(session)
    with pytest.raises(StateForbids, match="state.settled"):
        rule(contest, [2, 3])
    found = {line["entrant"]: line["rank"] for line in standing_of(contest).document["placings"]}
    assert [found[code] for code in contest.codes] == [2, 1, 3, 3]


def test_the_effect_of_a_proposal_shows_who_would_move_and_whose_award_would_change(app: Flask) -> None:
    marks = [
        {"theory": ["95"], "practice": ["80"]},
        {"theory": ["70"], "practice": ["88"]},
        {"theory": ["50"], "practice": ["50"]},
    ]
    contest = make_contest(app, thirty_seventy(awards=prizes(1, 0, 0)), marks)  # 84.50, 82.60, 50.00
    proposed = thirty_seventy(awards=prizes(1, 0, 0))
    proposed["modules"][0]["weight"], proposed["modules"][1]["weight"] = "0.1", "0.9"  # 81.50, 86.20, 50.00
    db.session.add(
        Ruleset(
            stage_id=contest.stage_id,
            number=2,
            document=json.dumps(proposed),
            state="proposed",
            reason="技术文件更正",
            created_by="factory",
            created_at=clock.now(),
        )
    )
    db.session.commit()
    number_two = db.session.scalars(
        select(Ruleset.id).where(Ruleset.number == 2, Ruleset.stage_id == contest.stage_id)
    ).one()
    path = f"/desk/stages/{contest.stage_id}/rulesets/{number_two}/effect"
    assert contest.client("drafting").get(path).status_code == 403
    page = contest.client("approving").get(path).get_data(as_text=True)
    assert "1 → 2" in page and "2 → 1" in page and "变动 2 个，不变 1 个" in page
    assert f">{contest.codes[0]}<" in page and f">{contest.codes[2]}<" not in page
    assert "有 2 个的总成绩会变" in page and not any(total in page for total in ("84.50", "82.60", "81.50", "86.20"))
    proposal = f"/desk/rulesets/{number_two}"
    assert path not in contest.client("drafting").get(proposal).get_data(as_text=True)
    assert path in contest.client("approving").get(proposal).get_data(as_text=True)


def test_the_list_of_stages_takes_the_same_number_of_queries_for_one_and_for_many(app: Flask) -> None:
    contest = make_contest(app, practice_only(), TIED)
    chief = contest.client("chief_judge")
    one = queries_of(chief, "/desk/results/standings")
    db.session.rollback()
    for other in [make_event(modules=("practice",)) for _ in range(5)]:
        db.session.add(
            RoleAssignment(
                user_id=contest.people["chief_judge"].id, role="chief_judge", scope_kind="event", scope_id=other.id
            )
        )
    db.session.commit()
    assert queries_of(chief, "/desk/results/standings") == one


def queries_of(client: Client, path: str) -> int:
    counted: list[str] = []

    def count(*arguments: Any) -> None:
        counted.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(counted)


def test_what_waits_follows_the_way_to_the_publication(app: Flask) -> None:
    contest = make_contest(app, practice_only(), TIED)

    def waits(role: str) -> list[str]:
        db.session.rollback()
        return [each.endpoint for each in waiting(db.session(), contest.actor(role), clock.now())]

    assert waits("chief_judge") == ["results.standings_show"] and waits("drafting") == []
    rule(contest, [2, 1])
    assert waits("supervisor") == ["results.standings_show"]
    assert (
        contest.client("supervisor")
        .post(f"/desk/rulings/{db.session.scalars(select(TieRuling.id)).one()}/confirm")
        .status_code
        == 303
    )
    contest.settle()
    assert waits("chief_judge") == waits("supervisor") == waits("drafting") == []
    contest.decode()
    assert waits("drafting") == ["results.publication_drafting"]
    contest.draft()
    assert (waits("drafting"), waits("approving")) == ([], ["results.publication_show"])


def test_one_code_with_many_faulty_marks_is_told_once(app: Flask) -> None:
    contest = make_contest(app, practice_only(), TIED)
    standing = standing_of(contest)
    fault = {
        "code": "mark.duplicate",
        "severity": "error",
        "params": {"entrant": contest.codes[0], "module": "practice", "judge": "J1"},
    }
    other = {**fault, "params": {**fault["params"], "entrant": contest.codes[1]}}  # type: ignore[dict-item]
    standing.document["problems"] = [fault, other, fault, fault]
    assert [each["params"]["codes"] for each in standings_problems(standing)] == [contest.codes[0], contest.codes[1]]
