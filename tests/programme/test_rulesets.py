"""Rulesets: presets, the form and back, the example, versions, the lock, proposals."""

import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.base import clock
from competitions.base.database import db
from competitions.programme.models import Module, Ruleset, Stage
from competitions.programme.rulesets.presets import PRESETS
from competitions.programme.rulesets.reading import sentences
from competitions.programme.rulesets.services import document_problems
from competitions.programme.rulesets.typing import document_of, typed_of
from competitions.scoring import ruleset_problems
from tests.factories import make_event
from tests.factories_programme import approver, make_ruleset, organiser
from tests.people import Client
from tests.sent_forms import sent_by

BASIC = PRESETS["theory30_practice70"].document
EVERYTHING: dict[str, Any] = {
    "modules": [
        {
            "id": "theory",
            "name": "理论",
            "full_marks": "100",
            "weight": "0.25",
            "pass_mark": "60",
            "combine_at": "sheet",
            "panel": {"combine": "median", "drop_highest": 0, "drop_lowest": 0, "judges": 4, "min_judges": 3},
            "deduction_cap": "10",
            "bonus_cap": "2.5",
            "round": None,
            "weighted_round": {"places": 1, "mode": "down"},
        },
        {
            "id": "a",
            "name": "模块A",
            "full_marks": "50",
            "weight": "0.4",
            "pass_mark": None,
            "combine_at": "aspect",
            "panel": {"combine": "sum", "drop_highest": 1, "drop_lowest": 0, "judges": 3},
            "deduction_cap": None,
            "bonus_cap": None,
            "round": {"places": 3, "mode": "half_even"},
            "overtime": {
                "limit_seconds": 9000,
                "stop_seconds": 10800,
                "cap": "30",
                "per_seconds": 90,
                "deduct": "0.5",
                "partial": "down",
            },
        },
        {
            "id": "b",
            "name": "模块B",
            "full_marks": "100",
            "weight": "0.6",
            "pass_mark": None,
            "combine_at": "sheet",
            "panel": {"combine": "mean", "drop_highest": 0, "drop_lowest": 0, "judges": 1},
            "deduction_cap": None,
            "bonus_cap": None,
            "round": {"places": 0, "mode": "half_up"},
            "overtime": {
                "limit_seconds": 600,
                "steps": [
                    {"over_seconds": 0, "deduct": "0"},
                    {"over_seconds": 61, "deduct": "1"},
                    {"over_seconds": 180, "deduct": "2.5"},
                ],
                "at_boundary": "higher",
            },
        },
    ],
    "groups": [
        {
            "id": "practice",
            "name": "实操",
            "modules": ["a", "b"],
            "weight": "0.75",
            "pass_mark": "55",
            "round": {"places": 2, "mode": "half_up"},
            "weighted_round": {"places": 2, "mode": "half_up"},
        }
    ],
    "total": {"round": {"places": 2, "mode": "half_even"}, "deduction_cap": "15", "floor": "5"},
    "order": "descending",
    "tie_breaks": [
        {"by": "group", "id": "practice", "better": "higher"},
        {"by": "module", "id": "theory", "better": "lower"},
        {"by": "aspect", "module": "a", "id": "A1"},
        {"by": "time"},
        {"by": "time", "module": "b", "better": "lower"},
        {"by": "deductions"},
    ],
    "ties": "dense",
    "absent": "zero",
    "awards": {
        "base": "competed",
        "ties": "include_keep",
        "rounding": "cumulative",
        "min_total": "60",
        "must_pass": True,
        "min_field": 10,
        "list": [
            {"id": "first", "name": "一等奖", "count": 2},
            {"id": "second", "name": "二等奖", "percent": "12.5"},
            {"id": "merit", "name": "优胜奖", "rank_to_fraction": "1/2"},
        ],
    },
    "honours": [
        {"id": "h1", "name": "状元", "rank_to": 1, "must_pass": True, "min_total": "80", "min_field": 10},
        {"id": "h2", "name": "能手", "rank_from": 2, "rank_to": 10},
        {"id": "h3", "name": "奖章", "awards": ["first", "second"]},
        {"id": "h4", "name": "晋升", "rank_from": 4, "rank_to_fraction": "1/3"},
    ],
    "advance": {
        "percent": "50",
        "rounding": "ceil",
        "ties": "exclude",
        "per_organisation_max": 2,
        "min_total": "60",
        "must_pass": True,
    },
    "teams": {
        "by": "team",
        "value": "award_points",
        "best": 3,
        "incomplete": "unranked",
        "ties": "forbidden",
        "rank_points": {"1": "10", "2": "8.5"},
        "award_points": {"first": "8", "merit": "1.5"},
        "pass_points": "0.5",
        "tie_breaks": [
            {"by": "group", "id": "practice"},
            {"by": "time"},
            {"by": "time", "module": "a"},
            {"by": "best"},
        ],
        "awards": {
            "base": "ranked",
            "ties": "exclude",
            "rounding": "floor",
            "min_total": "1",
            "must_pass": False,
            "min_field": None,
            "list": [{"id": "t1", "name": "团体一等奖", "count": 1}],
        },
    },
    "standard_score": {"centre": "500", "spread": "25.5", "min_field": 7},
}
"""A document in which every option of scoring.md §2 says something."""


def a_stage(document: dict[str, Any] | None = None, *, locked: bool = False) -> str:
    event = make_event()
    stage = db.session.scalars(select(Stage).where(Stage.event_id == event.id)).one()
    if document:
        make_ruleset(stage, document)
        for position, part in enumerate(document["modules"]):
            if part["id"] not in {module.key for module in stage.modules}:
                db.session.add(
                    Module(
                        stage_id=stage.id,
                        key=part["id"],
                        name=part["name"],
                        kind="practice",
                        position=position,
                        settings={},
                    )
                )
        for module in stage.modules:
            if module.key not in {part["id"] for part in document["modules"]}:
                db.session.delete(module)
    if locked:
        stage.locked_at = clock.now()
    db.session.commit()
    return stage.id


def in_force(stage_id: str) -> dict[str, Any]:
    db.session.rollback()
    newest = db.session.scalars(
        select(Ruleset).where(Ruleset.stage_id == stage_id, Ruleset.state == "approved").order_by(Ruleset.number.desc())
    ).first()
    assert newest is not None
    document: dict[str, Any] = json.loads(newest.document)
    return document


def typed_in(client: Client, stage_id: str, preset: str = "") -> dict[str, Any]:
    page = client.get(f"/desk/stages/{stage_id}/ruleset/edit" + (f"?preset={preset}" if preset else ""))
    assert page.status_code == 200
    return sent_by(page.get_data(as_text=True), "ruleset-form")


@pytest.mark.parametrize("code", PRESETS)
def test_a_preset_has_no_problem_reads_in_chinese_and_survives_being_typed(code: str) -> None:
    document = PRESETS[code].document
    assert ruleset_problems(document) == []
    assert document_of(typed_of(document, {})) == document
    assert PRESETS[code].source and all(said.endswith("。") for said in sentences(document))
    assert not re.search(r"[a-z]{4,}", "".join(sentences(document)))


def test_the_five_starters_and_the_published_patterns_are_all_there() -> None:
    patterns = {code.split("_")[0] for code in PRESETS if re.match(r"r\d", code)}
    assert {"theory30_practice70", "theory20_practice80", "practice_only", "five_judges", "time_event"} <= set(PRESETS)
    assert {f"r{number}" for number in range(1, 31)} - patterns == {"r21", "r22", "r23"}


def test_every_option_of_the_contract_goes_through_the_form_and_comes_back(app: Flask) -> None:
    assert document_problems(EVERYTHING) == []
    stage_id = a_stage(EVERYTHING)
    client = organiser(app)
    answer = client.post(f"/desk/stages/{stage_id}/ruleset/edit", typed_in(client, stage_id))
    assert answer.status_code == 303
    assert in_force(stage_id) == EVERYTHING


def test_a_preset_chosen_and_saved_is_the_rule_and_the_modules_follow_it(app: Flask) -> None:
    stage_id = a_stage()
    client = organiser(app)
    assert (
        client.post(f"/desk/stages/{stage_id}/ruleset/edit", typed_in(client, stage_id, "r10_mine")).status_code == 303
    )
    assert in_force(stage_id) == PRESETS["r10_mine"].document
    page = client.get(f"/desk/stages/{stage_id}/ruleset").get_data(as_text=True)
    assert "没有改动" in page and "改成" not in page
    modules = db.session.scalars(select(Module).where(Module.stage_id == stage_id).order_by(Module.position)).all()
    assert [(module.key, module.name, module.kind) for module in modules] == [
        ("theory", "理论", "theory"),
        ("duty", "一岗双述", "practice"),
        ("practice", "实操", "practice"),
    ]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"modules-0-weight": "-1"}, "模块第 1 行“占比（%）”"),
        ({"modules-1-drop_highest": "1"}, "模块第 2 行“裁判人数”"),
        ({"modules-0-full_marks": "满"}, "请填写数字"),
        ({"awards-list-1-amount": "101"}, "奖项第 2 行“数量”"),
        ({"tie_breaks-0-by": "module:nothing"}, "比较项用到的模块不存在"),
        ({"total-places": "21"}, "小数位数为 0 到 20"),
        ({"modules-0-name": " "}, "请填写模块名称"),
        ({"modules-0-overtime": "units"}, "请填写规定时间"),
        ({"tie_breaks-0-by": "aspect:theory"}, "请填写评分项编号"),
        ({"modules-0-judges": "9" * 30}, "请填写整数"),
        ({"awards-list-0-kind": "rank_to_fraction", "awards-list-0-amount": "1/0"}, "请填写分数"),
        ({"modules-1-id": "../x"}, "内部编号不对"),
        ({"modules-1-id": "theory"}, "出现了两次"),
    ],
)
def test_a_fault_is_said_at_its_place_and_nothing_is_saved(app: Flask, changes: dict[str, str], says: str) -> None:
    stage_id = a_stage()
    client = organiser(app)
    answer = client.post(
        f"/desk/stages/{stage_id}/ruleset/edit", {**typed_in(client, stage_id, "theory30_practice70"), **changes}
    )
    assert answer.status_code == 422
    assert says in unescape(re.sub(r"<[^>]+>", "", answer.get_data(as_text=True)))
    assert not db.session.scalars(select(Ruleset)).all()


def test_the_example_is_computed_from_what_is_typed_and_nothing_is_saved(app: Flask) -> None:
    stage_id = a_stage()
    client = organiser(app)
    typed = typed_in(client, stage_id, "theory30_practice70")
    marks = {"A": ("86.5", "91.25"), "B": ("71.5", "90.05"), "C": ("60", "60.25")}
    for entrant, (theory, practice) in marks.items():
        typed |= {f"example-marks-{entrant}-theory": theory, f"example-marks-{entrant}-practice": practice}
    page = client.post(f"/desk/stages/{stage_id}/ruleset/example", typed).get_data(as_text=True)
    totals = re.findall(r'mark-total">([0-9.]+)<', page)
    assert totals == ["89.83", "84.49", "60.18"]  # domain.md V1
    assert "总成绩 = 理论×30% + 实操×70%；保留 2 位小数，四舍五入。" in page
    typed |= {"modules-0-weight": "50", "modules-1-weight": "50"}
    page = client.post(f"/desk/stages/{stage_id}/ruleset/example", typed).get_data(as_text=True)
    assert re.findall(r'mark-total">([0-9.]+)<', page) == ["88.88", "80.78", "60.13"]
    typed |= {"modules-0-weight": "60"}
    page = client.post(f"/desk/stages/{stage_id}/ruleset/example", typed).get_data(as_text=True)
    assert "各部分占比合计 110%，请核对是否应为 100%。" in page
    assert not db.session.scalars(select(Ruleset)).all()


def test_the_example_says_what_is_wrong_instead_of_failing(app: Flask) -> None:
    stage_id = a_stage()
    client = organiser(app)
    typed = typed_in(client, stage_id, "five_judges")
    for changes, says in (
        ({"modules-0-weight": ""}, "请填写占比"),
        ({"example-marks-A-theory": "很多"}, "示例分数"),
        ({"modules-1-drop_lowest": "4"}, "裁判组不成立"),
        ({"example-time-A-theory": "x"}, "名次"),
    ):
        answer = client.post(f"/desk/stages/{stage_id}/ruleset/example", {**typed, **changes})
        assert answer.status_code == 200 and says in answer.get_data(as_text=True)


def test_rows_are_added_moved_and_removed_without_losing_what_was_typed(app: Flask) -> None:
    stage_id = a_stage()
    client = organiser(app)
    typed = {**typed_in(client, stage_id, "theory30_practice70"), "modules-0-name": "应知"}
    rows = f"/desk/stages/{stage_id}/ruleset/rows"

    def after(act: str) -> dict[str, Any]:
        return sent_by(client.post(rows, {**typed, "do": act}).get_data(as_text=True), "ruleset-form")

    typed = after("add:modules")
    assert (typed["modules-0-name"], typed["modules-2-id"]) == ("应知", "m1")
    typed = after("up:modules:2")
    assert [typed[f"modules-{place}-id"] for place in range(3)] == ["theory", "m1", "practice"]
    typed = after("remove:modules:1")
    assert "modules-2-id" not in typed and typed["modules-0-name"] == "应知"
    typed = after("add:teams-awards-list")
    assert typed["teams-awards-list-0-id"] == "t1"
    typed = after("remove:awards-list:0")
    assert typed["awards-list-0-name"] == "二等奖"
    for nonsense in ("", "add:nothing", "remove:modules:99", "up:modules:-1", "remove:modules:x"):
        assert after(nonsense)["modules-0-name"] == "应知"


def test_of_two_who_change_the_rule_the_second_is_shown_the_first_ones(app: Flask) -> None:
    stage_id = a_stage(BASIC)
    client = organiser(app)
    first = {**typed_in(client, stage_id), "modules-0-weight": "40", "modules-1-weight": "60"}
    second = {**typed_in(client, stage_id), "modules-0-weight": "20", "modules-1-weight": "80"}
    address = f"/desk/stages/{stage_id}/ruleset/edit"
    assert client.post(address, first).status_code == 303
    answer = client.post(address, second)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "理论×40%" in page and "理论×20%" in page
    assert in_force(stage_id)["modules"][0]["weight"] == "0.4"
    assert client.post(address, sent_by(page, "ruleset-form")).status_code == 303
    assert in_force(stage_id)["modules"][0]["weight"] == "0.2"


def test_after_the_lock_a_change_is_a_proposal_that_a_second_person_approves(app: Flask) -> None:
    stage_id = a_stage(BASIC, locked=True)
    client, second = organiser(app), approver(app)
    address = f"/desk/stages/{stage_id}/ruleset/edit"
    typed = {**typed_in(client, stage_id), "modules-0-weight": "20", "modules-1-weight": "80"}
    assert "请填写理由" in client.post(address, {**typed, "reason": " "}).get_data(as_text=True)
    assert client.post(address, {**typed, "reason": "通知写的是 20/80"}).status_code == 303
    assert in_force(stage_id) == BASIC
    proposal = db.session.scalars(select(Ruleset).where(Ruleset.state == "proposed")).one()
    proposal_id = proposal.id
    assert client.post(address, {**typed, "reason": "再来一次"}).status_code == 409
    assert client.post(f"/desk/rulesets/{proposal_id}/approve").status_code == 403
    page = second.get(f"/desk/rulesets/{proposal_id}").get_data(as_text=True)
    assert "理论×20%" in page and "理论×30%" in page and "通知写的是 20/80" in page and "没有改动" not in page
    assert second.post(f"/desk/rulesets/{proposal_id}/approve").status_code == 303
    assert in_force(stage_id)["modules"][0]["weight"] == "0.2"
    assert second.post(f"/desk/rulesets/{proposal_id}/approve").status_code == 409


def test_nobody_approves_his_own_proposal_even_with_both_roles(app: Flask) -> None:
    stage_id = a_stage(BASIC, locked=True)
    from tests.factories_programme import signed_in

    client = signed_in(app, ("organiser_drafting", "system", None), ("organiser_approving", "system", None))
    client.post(
        f"/desk/stages/{stage_id}/ruleset/edit", {**typed_in(client, stage_id), "reason": "试试", "ties": "dense"}
    )
    proposal_id = db.session.scalars(select(Ruleset).where(Ruleset.state == "proposed")).one().id
    answer = client.post(f"/desk/rulesets/{proposal_id}/approve")
    assert answer.status_code == 409 and "须由另一个人办理" in answer.get_data(as_text=True)
    assert in_force(stage_id)["ties"] == "shared"


def test_a_refused_proposal_keeps_its_reason_and_changes_nothing(app: Flask) -> None:
    stage_id = a_stage(BASIC, locked=True)
    client, second = organiser(app), approver(app)
    client.post(
        f"/desk/stages/{stage_id}/ruleset/edit", {**typed_in(client, stage_id), "reason": "想改", "ties": "dense"}
    )
    proposal_id = db.session.scalars(select(Ruleset).where(Ruleset.state == "proposed")).one().id
    assert second.post(f"/desk/rulesets/{proposal_id}/refuse", {"reason": " "}).status_code == 422
    assert second.post(f"/desk/rulesets/{proposal_id}/refuse", {"reason": "与通知不符"}).status_code == 303
    assert "与通知不符" in second.get(f"/desk/rulesets/{proposal_id}").get_data(as_text=True)
    assert in_force(stage_id) == BASIC


def test_a_locked_stage_keeps_its_modules(app: Flask) -> None:
    stage_id = a_stage(BASIC, locked=True)
    client = organiser(app)
    typed = {**typed_in(client, stage_id), "modules-1-id": "other", "tie_breaks-0-by": "time", "reason": "换模块"}
    answer = client.post(f"/desk/stages/{stage_id}/ruleset/edit", typed)
    assert answer.status_code == 409 and "模块不能增减" in answer.get_data(as_text=True)


def test_a_settled_stage_takes_no_change_at_all(app: Flask) -> None:
    stage_id = a_stage(BASIC, locked=True)
    db.session.get_one(Stage, stage_id).settled_at = clock.now()
    db.session.commit()
    client = organiser(app)
    answer = client.post(f"/desk/stages/{stage_id}/ruleset/edit", {**typed_in(client, stage_id), "reason": "迟了"})
    assert answer.status_code == 409 and "签字确认" in answer.get_data(as_text=True)


def test_a_ruleset_of_another_competition_looks_like_missing(app: Flask) -> None:
    stage_id = a_stage(BASIC)
    ruleset_id = db.session.scalars(select(Ruleset)).one().id
    stranger = organiser(app, make_event().competition)
    for path in (
        f"/desk/stages/{stage_id}/ruleset",
        f"/desk/stages/{stage_id}/ruleset/edit",
        f"/desk/rulesets/{ruleset_id}",
    ):
        assert stranger.get(path).status_code == 404
    for path in ("edit", "rows", "example"):
        assert stranger.post(f"/desk/stages/{stage_id}/ruleset/{path}").status_code == 404
