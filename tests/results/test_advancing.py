"""From one stage to the next: who goes on, whose score is carried, and that no page tells whose code is whose."""

import json
import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.coding.models import Sitting, StageEntrant
from competitions.coding.queries import contender_ids, final_codes
from competitions.judging.models import PanelMember, ScoreSheet
from competitions.judging.panels.services import open_judging
from competitions.programme.events.services import copy_event
from competitions.programme.models import Module, Ruleset, Stage
from competitions.programme.modules.carried import carried_from
from competitions.registration.models import Entry
from competitions.results.models import Publication, PublicationSnapshot
from competitions.results.publications.services import ask_withdrawal, decide_withdrawal
from competitions.results.standings.carried_scores import without_modules
from competitions.results.standings.exporting import exported_case
from tests.factories_coding import everybody_came, sealed, with_lots
from tests.factories_judging import new_key
from tests.factories_results import Contest, blocking_codes, make_contest, mark, module, practice_only, ruleset

FIRST = [{"practice": ["91.37"]}, {"practice": ["84.53"]}, {"practice": ["77.19"]}, {"practice": ["61.73"]}]
"""The earlier marks: no digits that could stand on a page by chance."""
NAMES = ["韦晋一", "覃晋二", "黄晋三", "莫晋四"]
TWO_GO_ON = {"advance": {"count": 2, "ties": "include"}}
FINAL = [module("carried", "初赛成绩", "0.4"), module("final", "决赛实操", "0.6")]


def first_stage(app: Flask, **rules: Any) -> Contest:
    """A published preliminary of four; the first two go on."""
    contest = make_contest(app, practice_only(**{**TWO_GO_ON, **rules}), FIRST, names=NAMES)
    contest.publish()
    return contest


def second_stage(contest: Contest, *, carried: bool = True, ties: str = "shared") -> Contest:
    """The final of the same event with its rules, a sitting and a seated judge; nobody in it yet."""
    before = contest.stage
    stage = Stage(event_id=before.event_id, name="总决赛", position=5)
    db.session.add(stage)
    db.session.flush()
    rules = ruleset(FINAL, ties=ties)
    for position, part in enumerate(rules["modules"]):
        db.session.add(
            Module(
                stage_id=stage.id, key=part["id"], name=part["name"], kind="practice", position=position, settings={}
            )
        )
    db.session.flush()
    marked = db.session.scalars(select(Module).where(Module.stage_id == stage.id, Module.key == "final")).one()
    db.session.add_all(
        [
            Sitting(stage_id=stage.id, name="决赛场", starts_at=clock.now(), stations=9),
            Ruleset(
                stage_id=stage.id, number=1, document=json.dumps(rules), created_by="factory", created_at=clock.now()
            ),
            PanelMember(
                module_id=marked.id,
                user_id=contest.judges[0].id,
                duty="marking",
                position=1,
                assigned_by="factory",
                assigned_at=clock.now(),
            ),
        ]
    )
    db.session.commit()
    final = replace(contest, stage_id=stage.id, entries=[], codes=[])
    if carried:
        answer = final.client("drafting").post(f"/desk/modules/{carried_module(final)}/carried", {"stage": before.id})
        assert answer.status_code == 303
    return final


def carried_module(final: Contest) -> str:
    """The id of the module whose score is carried."""
    db.session.rollback()
    return db.session.scalars(select(Module.id).where(Module.stage_id == final.stage_id, Module.key == "carried")).one()


def take(final: Contest, role: str = "coder") -> Any:
    """One act takes over those who go on."""
    return final.client(role).post(f"/desk/stages/{final.stage_id}/advancement", shown(final, role))


def shown(final: Contest, role: str) -> dict[str, str]:
    """What the list of those who go on says that it shows."""
    found = re.search(r'name="shown" value="([^"]*)"', final.page(role, "advancement"))
    return {"shown": found[1] if found else ""}


def coded(final: Contest) -> Contest:
    """Drawn, sealed and open for judging; `codes` in the order of the entries."""
    with_lots(final.stage, final.actor("coder"))
    sealed(final.stage, 1, final.actor("coder"), final.actor("supervisor"))
    everybody_came(final.stage_id, final.actor("steward"))
    final.entries[:] = contender_ids(db.session(), final.stage)
    code_of = {entry: code for code, entry in final_codes(db.session(), final.stage_id).items()}
    final.codes[:] = [code_of[entry_id] for entry_id in final.entries]
    with transaction() as session:
        open_judging(session, session.get_one(Stage, final.stage_id), by=final.actor("drafting"), at=clock.now())
    return final


def marked(final: Contest, marks: list[str]) -> Contest:
    """Every contender marked and confirmed, the marked module signed (nothing is to be signed of a carried one)."""
    mark(final, [{"final": [value]} for value in marks])
    part = db.session.scalars(select(Module).where(Module.stage_id == final.stage_id, Module.key == "final")).one()
    answer = final.client("chief_judge").post(
        f"/desk/modules/{part.id}/sign", {"division": final.division_id, "key": new_key()}
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)[-3000:]
    return final


def test_those_who_go_on_are_taken_over_in_one_act_and_nobody_else_is_drawn(app: Flask) -> None:
    contest = first_stage(app)
    final = second_stage(contest, carried=False)
    assert "已公布，请确定总决赛名单" in final.client("coder").get("/desk/").get_data(as_text=True)
    page = final.page("coder", "advancement")
    assert all(name in page for name in NAMES) and "带入晋级的 2 个" in page
    assert take(final).status_code == 303
    assert set(contender_ids(db.session(), final.stage)) == set(contest.entries[:2])
    with_lots(final.stage, final.actor("coder"))
    assert take(final, "drafting").status_code == 303
    assert "请确定总决赛名单" not in final.client("coder").get("/desk/").get_data(as_text=True)
    assert set(contender_ids(db.session(), final.stage)) == set(contest.entries[:2])
    assert final.client("chief_judge").post(f"/desk/stages/{final.stage_id}/advancement").status_code == 403


def test_a_reserve_takes_part_with_a_reason_in_the_place_of_one_who_does_not(app: Flask) -> None:
    contest = first_stage(app)
    final = second_stage(contest)
    take(final)
    client, base = final.client("coder"), f"/desk/stages/{final.stage_id}/advancement"
    assert client.post(f"{base}/{contest.entries[2]}/reserve", {"reason": " "}).status_code == 422
    assert client.post(f"{base}/{contest.entries[1]}/leave", {"reason": "因病弃赛，有医院证明"}).status_code == 303
    assert client.post(f"{base}/{contest.entries[2]}/reserve", {"reason": "递补覃晋二的名额"}).status_code == 303
    assert set(contender_ids(db.session(), final.stage)) == {contest.entries[0], contest.entries[2]}
    take(final)
    assert set(contender_ids(db.session(), final.stage)) == {contest.entries[0], contest.entries[2]}
    coded(final)
    assert client.post(f"{base}/{contest.entries[3]}/reserve", {"reason": "再递补一人"}).status_code == 409


def test_one_who_has_withdrawn_since_is_said_to_have_and_does_not_take_part(app: Flask) -> None:
    contest = first_stage(app)
    final = second_stage(contest)
    take(final)
    db.session.rollback()
    taken = db.session.scalars(select(StageEntrant.entry_id).where(StageEntrant.stage_id == final.stage_id)).first()
    db.session.get_one(Entry, taken).state = "withdrawn"  # in the office of the first version, which let him
    db.session.commit()
    page = final.page("coder", "advancement")
    assert "已退赛" in page and page.count(">参加<") == 1


def test_nobody_is_taken_over_before_the_earlier_stage_is_published(app: Flask) -> None:
    contest = make_contest(app, practice_only(**TWO_GO_ON), FIRST)
    final = second_stage(contest, carried=False)
    assert take(final).status_code == 409
    assert contender_ids(db.session(), final.stage) == []


def test_without_a_rule_of_advancement_everybody_ranked_goes_on(app: Flask) -> None:
    contest = make_contest(app, practice_only(), FIRST[:2])
    contest.publish()
    final = second_stage(contest, carried=False)
    take(final)
    assert set(contender_ids(db.session(), final.stage)) == set(contest.entries)


def test_a_carried_score_is_an_ordinary_mark_of_the_final_and_nobody_marks_it(app: Flask) -> None:
    contest = first_stage(app)
    final = second_stage(contest)
    take(final)
    marked(
        coded(final),
        ["70" if entry == contest.entries[0] else "80" for entry in contender_ids(db.session(), final.stage)],
    )
    assert {
        sheet.module.key
        for sheet in db.session.scalars(select(ScoreSheet).join(Module).where(Module.stage_id == final.stage_id))
    } == {"final"}
    published = final.publish()
    snapshot = db.session.scalars(
        select(PublicationSnapshot).where(PublicationSnapshot.publication_id == published)
    ).one()
    placings = json.loads(snapshot.public)["divisions"][0]["placings"]
    # 0.4 × 84.53 + 0.6 × 80 = 81.812; 0.4 × 91.37 + 0.6 × 70 = 78.548
    assert [(line["name"], line["total"], line["modules"]["carried"]) for line in placings] == [
        ("覃晋二", "81.81", "84.53"),
        ("韦晋一", "78.55", "91.37"),
    ]


def test_until_decoding_no_page_shows_a_carried_score_or_a_total_with_it(app: Flask) -> None:
    contest = first_stage(app)
    final = second_stage(contest)
    take(final)
    marked(coded(final), ["70.25", "80.75"])
    secret = ("91.37", "84.53", "36.548", "33.812", "36.55", "33.81", *totals_of(contest, final))

    def seen() -> str:
        pages = [final.page(role) for role in ("chief_judge", "supervisor", "deputy_chief_judge")]
        pages += [arithmetic(final, role, code) for role in ("chief_judge", "supervisor") for code in final.codes]
        case = exported_case(db.session(), final.stage, final.stage.event.divisions[0])
        return "".join(pages) + json.dumps(case, ensure_ascii=False)

    for state in ("live", "settled"):
        text = seen()
        assert not [value for value in secret if value in text], state
        assert "70.25" in text and "解密前的名次和总成绩只按本阶段评分的模块计算" in text
        if state == "live":
            final.settle()
    assert not [value for value in secret if value in final.page("drafting")]
    final.decode()
    assert "91.37" in final.page("chief_judge")


def arithmetic(final: Contest, role: str, code: str) -> str:
    """How a total came to be, as this person sees it."""
    return final.page(role, f"divisions/{final.division_id}/arithmetic?code={code}")


def totals_of(contest: Contest, final: Contest) -> list[str]:
    """The totals with the carried score, rounded as they would be shown."""
    earlier = dict(zip(contest.entries, (Decimal(each["practice"][0]) for each in FIRST), strict=True))
    own = dict(zip(final.entries, (Decimal("70.25"), Decimal("80.75")), strict=True))
    return [
        str((earlier[entry] * Decimal("0.4") + own[entry] * Decimal("0.6")).quantize(Decimal("0.01"), ROUND_HALF_UP))
        for entry in final.entries
    ]


def test_a_tie_of_totals_is_told_by_code_and_ruled_although_the_totals_are_hidden(app: Flask) -> None:
    contest = make_contest(app, practice_only(**TWO_GO_ON), [{"practice": ["90"]}, {"practice": ["87"]}])
    contest.publish()
    final = second_stage(contest, ties="forbidden")
    take(final)
    # 0.4 × 90 + 0.6 × 80 = 0.4 × 87 + 0.6 × 82 = 84
    marked(
        coded(final),
        ["80" if entry == contest.entries[0] else "82" for entry in contender_ids(db.session(), final.stage)],
    )
    page = final.page("chief_judge")
    assert "有并列未决" in page and 'name="order"' in page and "84.00" not in page
    codes = sorted(final.codes)
    answer = final.client("chief_judge").post(
        f"/desk/stages/{final.stage_id}/divisions/{final.division_id}/rulings",
        {"code": codes, "order": ["1", "2"], "reason": "按规程比较关键工序质量，裁判组一致意见"},
    )
    assert answer.status_code == 303


def test_a_withdrawn_earlier_publication_stops_the_settlement_and_the_page_says_so(app: Flask) -> None:
    contest = first_stage(app)
    final = second_stage(contest)
    take(final)
    marked(coded(final), ["70", "80"])
    withdraw(contest)
    with pytest.raises(StateForbids) as fault:
        final.settle()
    assert {"check.entrants_outdated", "check.carried_unpublished"} <= blocking_codes(fault.value)
    contest.publish()
    page = final.page("coder", "advancement")
    assert "已撤回或被新的公布代替" in page
    with pytest.raises(StateForbids) as fault:
        final.settle()
    assert blocking_codes(fault.value) == {"check.entrants_outdated"}
    assert take(final).status_code == 303
    final.settle()


def test_a_final_that_is_settled_says_that_its_carried_scores_hold_no_longer(app: Flask) -> None:
    contest = first_stage(app)
    final = second_stage(contest)
    take(final)
    marked(coded(final), ["70", "80"])
    final.settle()
    withdraw(contest)
    assert "带入的前一阶段成绩与现行公布不同" in final.page("chief_judge")
    final.decode()
    with pytest.raises(StateForbids) as fault:
        final.draft()
    assert "check.carried_unpublished" in blocking_codes(fault.value)


def test_one_struck_off_the_earlier_stage_after_the_draw_counts_as_absent_when_the_organisers_say_so(
    app: Flask,
) -> None:
    contest = first_stage(app)
    final = second_stage(contest)
    take(final)
    marked(coded(final), ["70", "80"])
    republished_without(contest, contest.codes[1])
    drafting, base = final.client("drafting"), f"/desk/stages/{final.stage_id}/advancement"
    assert take(final, "drafting").status_code == 409
    assert (
        drafting.post(
            f"{base}/keep", {"reason": "决赛已进行，名单维持，组委会会议决定", **shown(final, "drafting")}
        ).status_code
        == 303
    )
    assert "有 1 人在前一阶段的公布中没有成绩" in final.page("chief_judge")
    path = f"/desk/modules/{carried_module(final)}/carried/missing"
    assert drafting.post(path, {"reason": ""}).status_code == 422
    assert drafting.post(path, {"reason": "申诉成立，初赛成绩已取消"}).status_code == 303
    final.settle()
    assert "缺考 1 人" not in final.page("chief_judge")
    final.decode()
    assert "缺考 1 人" in final.page("chief_judge")


def republished_without(contest: Contest, code: str) -> None:
    """The earlier stage published anew as if this one had been disqualified there (what an upheld appeal comes to)."""
    with transaction() as session:
        old = session.scalars(
            select(Publication).where(Publication.stage_id == contest.stage_id, Publication.state == "published")
        ).one()
        cases = json.loads(old.snapshot.cases)
        for case in cases.values():
            for entrant in case["entrants"]:
                entrant["status"] = "disqualified" if entrant["id"] == code else entrant["status"]
        old.state = "withdrawn"
        session.flush()
        new = Publication(
            stage_id=contest.stage_id,
            number=2,
            state="published",
            drafted_by="a",
            drafted_at=clock.now(),
            approved_by="b",
            published_at=clock.now(),
        )
        session.add(new)
        session.flush()
        session.add(
            PublicationSnapshot(
                publication_id=new.id,
                public=old.snapshot.public,
                cases=json.dumps(cases),
                identities=old.snapshot.identities,
                digest="0" * 64,
                at=clock.now(),
            )
        )


def test_only_an_earlier_stage_of_the_event_is_carried_and_not_after_the_first_mark(app: Flask) -> None:
    contest = first_stage(app)
    final = second_stage(contest, carried=False)
    drafting, path = final.client("drafting"), f"/desk/modules/{carried_module(final)}/carried"
    assert drafting.post(path, {"stage": final.stage_id}).status_code == 422
    assert final.client("coder").post(path, {"stage": contest.stage_id}).status_code == 403
    assert drafting.post(path, {"stage": contest.stage_id}).status_code == 303
    take(final)
    coded(final)
    assert drafting.post(path, {}).status_code == 409


def test_a_copied_event_carries_the_score_of_its_own_earlier_stage(app: Flask) -> None:
    contest = first_stage(app)
    final = second_stage(contest)
    with transaction() as session:
        event = session.get_one(Stage, final.stage_id).event
        copy = copy_event(session, event, event.competition, "焊工（复制）", by=final.actor("drafting"), at=clock.now())
        first, second = copy.stages
        assert [carried_from(module) for module in second.modules] == [first.id, None]


def test_a_case_without_its_carried_modules_has_no_rule_left_that_names_them() -> None:
    rules = ruleset(
        [*FINAL, module("plain", "理论")],
        ties="forbidden",
        tie_breaks=[
            {"by": "module", "id": "carried"},
            {"by": "group", "id": "g"},
            {"by": "group", "id": "h"},
            {"by": "time"},
        ],
        groups=[{"id": "g", "modules": ["carried"]}, {"id": "h", "modules": ["carried", "final"]}],
        awards={},
        advance={},
    )
    case = {
        "ruleset": rules,
        "marks": [{"module": "carried"}, {"module": "final"}],
        "adjustments": [{"value": "1"}],
        "rulings": [1],
    }
    left = without_modules(case, {"carried"})
    assert [part["id"] for part in left["ruleset"]["modules"]] == ["final", "plain"]
    assert left["ruleset"]["tie_breaks"] == [{"by": "group", "id": "h"}, {"by": "time"}]
    assert left["ruleset"]["groups"] == [{"id": "h", "modules": ["final"]}]
    assert (left["marks"], left["adjustments"], left["rulings"]) == ([{"module": "final"}], [{"value": "1"}], [])
    assert "awards" not in left["ruleset"] and case["marks"] != left["marks"]


def withdraw(contest: Contest) -> None:
    """Two people withdraw what is published."""
    with transaction() as session:
        found = session.scalars(
            select(Publication).where(Publication.stage_id == contest.stage_id, Publication.state == "published")
        ).one()
        ask_withdrawal(session, found, "成绩录入有误，需要更正", by=contest.actor("drafting"), at=clock.now())
        decide_withdrawal(session, found, True, by=contest.actor("approving"), at=clock.now())
