"""What `ruleset_problems` says about a ruleset, and where."""

from typing import Any

import pytest

from competitions.scoring import case_from_document, ruleset_problems, standings
from tests.scoring import cases, vectors

PANEL = {"combine": "mean", "drop_highest": 0, "drop_lowest": 0, "judges": 3}
TEAMS = {"by": "team", "value": "total", "best": 3, "incomplete": "zero", "tie_breaks": [], "ties": "shared"}
ASPECT = {"id": "A1", "kind": "measurement", "max": "10"}
DEDUCTION = {"id": "A1", "kind": "deduction", "max": "10"}
GROUP = {"id": "g", "modules": ["p"], "weight": "1", "round": None, "pass_mark": None}
UNITS = {"limit_seconds": 60, "per_seconds": 60, "deduct": "1", "partial": "up"}
STEPS = [{"over_seconds": 60, "deduct": "1"}, {"over_seconds": 60, "deduct": "2"}]


def one_module(**changes: Any) -> cases.Document:
    return cases.ruleset(cases.module(**changes))


@pytest.mark.parametrize(
    ("rules", "code", "where"),
    [
        (cases.ruleset() | {"modules": []}, "ruleset.range", "modules"),
        (one_module(weight="-0.1"), "ruleset.range", "modules[0].weight"),
        (one_module(full_marks="0"), "ruleset.range", "modules[0].full_marks"),
        (one_module(deduction_cap="-1"), "ruleset.range", "modules[0].deduction_cap"),
        (one_module(round={"places": -1, "mode": "down"}), "ruleset.range", "modules[0].round.places"),
        (one_module(panel={**PANEL, "judges": 0}), "ruleset.panel", "modules[0].panel"),
        (one_module(panel={**PANEL, "drop_lowest": -1}), "ruleset.panel", "modules[0].panel"),
        (one_module(panel={**PANEL, "drop_lowest": 2, "drop_highest": 1}), "ruleset.panel", "modules[0].panel"),
        (one_module(panel={**PANEL, "min_judges": 4}), "ruleset.panel", "modules[0].panel"),
        (one_module(overtime={**UNITS, "per_seconds": 0}), "ruleset.range", "modules[0].overtime"),
        (
            one_module(overtime={"limit_seconds": 0, "steps": STEPS, "at_boundary": "lower"}),
            "ruleset.range",
            "modules[0].overtime",
        ),
        (one_module(aspects=[]), "ruleset.range", "modules[0].aspects"),
        (one_module(aspects=[DEDUCTION]), "ruleset.range", "modules[0].aspects[0].per"),
        (one_module(aspects=[ASPECT | {"per": "1"}]), "ruleset.range", "modules[0].aspects[0].per"),
        (one_module(aspects=[ASPECT | {"cap": "1"}]), "ruleset.range", "modules[0].aspects[0].cap"),
        (one_module(aspects=[DEDUCTION | {"per": "1", "step": "1"}]), "ruleset.range", "modules[0].aspects[0].step"),
        (one_module(aspects=[ASPECT | {"step": "0"}]), "ruleset.range", "modules[0].aspects[0].step"),
        (cases.ruleset(groups=[GROUP | {"modules": []}]), "ruleset.group", "groups[0].modules"),
        (cases.ruleset(groups=[GROUP | {"modules": ["q"]}]), "ruleset.group", "groups[0].modules"),
        (cases.ruleset(tie_breaks=[{"by": "module", "id": "q"}]), "ruleset.unknown_module", "tie_breaks[0]"),
        (cases.ruleset(tie_breaks=[{"by": "time", "module": "q"}]), "ruleset.unknown_module", "tie_breaks[0]"),
        (cases.ruleset(tie_breaks=[{"by": "group", "id": "p"}]), "ruleset.unknown_group", "tie_breaks[0]"),
        (
            cases.ruleset(tie_breaks=[{"by": "aspect", "module": "p", "id": "A1"}]),
            "ruleset.unknown_aspect",
            "tie_breaks[0]",
        ),
        (cases.ruleset(awards=cases.award_rule({"id": "x", "percent": "101"})), "ruleset.awards", "awards.list[0]"),
        (cases.ruleset(awards=cases.award_rule({"id": "x", "count": -1})), "ruleset.awards", "awards.list[0]"),
        (cases.ruleset(honours=[{"id": "h", "rank_from": 3, "rank_to": 2}]), "ruleset.honours", "honours[0]"),
        (cases.ruleset(honours=[{"id": "h", "awards": ["x"]}]), "ruleset.unknown_award", "honours[0].awards"),
        (cases.ruleset(advance={"count": -1, "ties": "include"}), "ruleset.advance", "advance.count"),
        (cases.ruleset(teams=TEAMS | {"best": 0}), "ruleset.range", "teams.best"),
        (cases.ruleset(teams=TEAMS | {"value": "rank_points"}), "ruleset.teams", "teams.rank_points"),
        (
            cases.ruleset(teams=TEAMS | {"awards": cases.award_rule(must_pass=True)}),
            "ruleset.awards",
            "teams.awards.must_pass",
        ),
        (
            cases.ruleset(teams=TEAMS | {"awards": cases.award_rule(base="competed")}),
            "ruleset.awards",
            "teams.awards.base",
        ),
        (cases.ruleset(order="ascending", absent="zero"), "ruleset.absent", "absent"),
        (cases.ruleset(order="ascending", teams=TEAMS), "ruleset.absent", "teams.incomplete"),
        (
            cases.ruleset(order="ascending", standard_score={"centre": 700, "spread": 30, "min_field": 5}),
            "ruleset.standard_score",
            "standard_score",
        ),
    ],
)
def test_a_fault_is_named_by_code_and_place_and_leaves_no_placings(
    rules: cases.Document, code: str, where: str
) -> None:
    found = ruleset_problems(rules)
    assert [(problem["code"], problem["severity"], problem["params"]["where"]) for problem in found] == [
        (code, "error", where)
    ]
    result = standings(case_from_document(cases.case(cases.ruleset(), {"A": "1"}, ruleset=rules)))
    assert result == {"placings": [], "teams": [], "problems": found}


def test_a_sound_ruleset_has_no_problems() -> None:
    for path in vectors.files("scoring"):
        example = vectors.load(path)
        if example["exit"] == 0:
            assert ruleset_problems(example["case"]["ruleset"]) == []


@pytest.mark.parametrize(
    ("document", "where"),
    [([], ""), ({}, ""), (one_module(weight=0.5), "modules[0].weight"), (cases.ruleset(ties=None), "ties")],
)
def test_an_unreadable_ruleset_is_one_problem_that_says_where(document: Any, where: str) -> None:
    found = ruleset_problems(document)
    assert [(problem["code"], problem["params"]["where"]) for problem in found] == [("ruleset.unreadable", where)]


def test_all_faults_are_told_at_once() -> None:
    module = cases.module(weight="-1", panel={**PANEL, "judges": 0})
    rules = cases.ruleset(module, tie_breaks=[{"by": "group", "id": "g"}])
    codes = [problem["code"] for problem in ruleset_problems(rules)]
    assert codes == ["ruleset.range", "ruleset.panel", "ruleset.unknown_group"]
