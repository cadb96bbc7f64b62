"""缺考 or 成绩作废 in one module: from the incident page to the ranking; signed and revoked."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.base.database import db
from competitions.judging.models import Incident
from competitions.results.standings.case_building import case_of
from competitions.results.standings.computed import recomputed
from tests.factories_judging import Hall, act, confirm_all, make_hall
from tests.factories_results import Contest, make_contest, module, ruleset, sign
from tests.people import Client

TWO_MODULES = [module("theory", "理论", "0.3"), module("practice", "实操", "0.7")]


def contest_of_two(app: Flask, absent: str = "zero", order: str = "descending", signed: bool = False) -> Contest:
    """Two competitors; the second has no theory."""
    rules = ruleset(TWO_MODULES, absent=absent, order=order)
    return make_contest(app, rules, [{"theory": ["80"], "practice": ["90"]}, {"practice": ["100"]}], signed=signed)


def report(contest: Contest | Hall, client: Client, code: str, kind: str, module_id: str, **more: str) -> Any:
    stage_id = contest.stage_id if isinstance(contest, Contest) else contest.stage.id
    return client.post(
        f"/desk/stages/{stage_id}/incidents",
        {"code": code, "kind": kind, "module": module_id, "text": "规程第 5.2 条，监督员在场认定", **more},
    )


def module_id(contest: Contest, key: str) -> str:
    return next(each.id for each in contest.stage.modules if each.key == key)


def placings(contest: Contest) -> dict[str, dict[str, Any]]:
    stage = contest.stage
    document = recomputed(case_of(db.session(), stage, stage.event.divisions[0]))
    assert document["problems"] == []
    return {line["entrant"]: line for line in document["placings"]}


def holding() -> str:
    """The incident that holds."""
    db.session.rollback()
    return db.session.scalars(select(Incident.id).where(Incident.revoked_at.is_(None))).one()


def test_absent_in_one_module_counts_zero_and_is_ranked_and_said(app: Flask) -> None:
    contest = contest_of_two(app)
    chief, first, second = contest.client("chief_judge"), contest.codes[0], contest.codes[1]
    assert f"缺表或未送达，涉及：{second}" in contest.page("chief_judge")
    assert report(contest, chief, second, "module_absent", module_id(contest, "theory")).status_code == 303
    assert "缺表或未送达" not in contest.page("chief_judge")
    sign(contest)
    lines = placings(contest)
    assert [(lines[code]["rank"], lines[code]["total"]) for code in (first, second)] == [(1, "87.00"), (2, "70.00")]
    assert lines[second]["modules"]["theory"] == "0.00"
    page = contest.page("chief_judge")
    assert "缺考</span>" in page
    contest.settle()
    assert report(contest, chief, first, "module_void", module_id(contest, "theory")).status_code == 409


def test_where_absence_is_not_zero_the_absent_one_is_not_ranked_and_the_page_says_so_beforehand(app: Flask) -> None:
    contest = contest_of_two(app, absent="unranked")
    chief = contest.client("chief_judge")
    assert "本模块缺考（按规则不排名次）" in chief.get(f"/desk/stages/{contest.stage_id}/incidents").get_data(
        as_text=True
    )
    report(contest, chief, contest.codes[1], "module_absent", module_id(contest, "theory"))
    assert placings(contest)[contest.codes[1]]["status"] == "absent"


def test_a_void_module_counts_zero_although_it_was_marked(app: Flask) -> None:
    contest = contest_of_two(app)
    chief, first = contest.client("chief_judge"), contest.codes[0]
    report(contest, chief, contest.codes[1], "module_absent", module_id(contest, "theory"))
    assert report(contest, chief, first, "module_void", module_id(contest, "practice")).status_code == 303
    matrix = chief.get(f"/desk/modules/{module_id(contest, 'practice')}/matrix").get_data(as_text=True)
    assert "本模块成绩作废" in matrix
    sign(contest)
    assert (placings(contest)[first]["total"], placings(contest)[first]["modules"]["practice"]) == ("24.00", "0.00")
    assert "作废</span>" in contest.page("supervisor")


@pytest.mark.parametrize(
    ("kind", "of", "where"),
    [
        ("module_absent", "", "请选择是哪一个模块"),
        ("status", "theory", "针对整个阶段"),
    ],
)
def test_what_is_of_a_module_needs_one_and_what_is_of_the_stage_takes_none(
    app: Flask, kind: str, of: str, where: str
) -> None:
    contest = contest_of_two(app)
    answer = report(
        contest,
        contest.client("chief_judge"),
        contest.codes[1],
        kind,
        module_id(contest, of) if of else "",
        status="absent",
    )
    assert answer.status_code == 422
    assert where in answer.get_data(as_text=True)


def test_nothing_is_void_where_the_shortest_time_wins(app: Flask) -> None:
    contest = contest_of_two(app, absent="unranked", order="ascending")
    answer = report(
        contest, contest.client("chief_judge"), contest.codes[0], "module_void", module_id(contest, "theory")
    )
    assert answer.status_code == 422
    assert "用时少者为优" in answer.get_data(as_text=True)


def test_a_status_is_recorded_once_can_be_taken_back_and_not_after_the_signature(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    chief, practice = hall.client("chief_judge"), hall.modules["practice"].id
    assert report(hall, chief, "A02", "module_void", practice).status_code == 303
    assert report(hall, chief, "A02", "module_absent", practice).status_code == 422
    assert chief.post(f"/desk/incidents/{holding()}/revoke").status_code == 303
    assert report(hall, chief, "A02", "module_absent", practice).status_code == 303
    confirm_all(hall)
    assert act(chief, f"/api/modules/{practice}/sign").status_code == 201
    assert chief.post(f"/desk/incidents/{holding()}/revoke").status_code == 409
    assert report(hall, chief, "A01", "module_void", practice).status_code == 409


def test_judges_and_checkers_do_not_set_a_status(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    for who in (hall.client(hall.judges[0]), hall.client("checker"), hall.client("supervisor")):
        assert report(hall, who, "A01", "module_void", hall.modules["practice"].id).status_code == 403
