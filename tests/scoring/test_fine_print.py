"""Clauses of the contract that the example cases leave out."""

from fractions import Fraction
from math import sqrt
from typing import Any

import pytest

from competitions.scoring import case_from_document, dropped_sheets, explain, standings
from competitions.scoring.standard import floor_with_root
from tests.scoring import cases


def score(document: cases.Document) -> dict[str, Any]:
    return standings(case_from_document(document))


def column(document: cases.Document, field: str) -> dict[str, Any]:
    return {placing["entrant"]: placing[field] for placing in score(document)["placings"]}


def codes(document: cases.Document) -> list[str]:
    return [problem["code"] for problem in score(document)["problems"]]


def ruling(*order: str) -> cases.Document:
    return {"order": list(order), "reason": "加赛"}


def in_organisations(document: cases.Document, field: str, names: str) -> cases.Document:
    entrants = [{**each, field: name} for each, name in zip(document["entrants"], names, strict=True)]
    return {**document, "entrants": entrants}


@pytest.mark.parametrize(
    "rulings",
    [
        [ruling("A", "B"), ruling("B", "A")],
        [ruling("A", "B", "A"), ruling("A")],
        [ruling("A", "C"), ruling()],
        [ruling("A", "B", "C"), ruling("C")],
    ],
)
def test_rulings_that_do_not_name_one_tie_once_are_not_used(rulings: list[cases.Document]) -> None:
    document = cases.case(cases.ruleset(), {"A": "8", "B": "8", "C": "7"}, rulings=rulings)
    assert column(document, "rank") == {"A": 1, "B": 1, "C": 3}
    assert codes(document) == ["ruling.not_tied", "ruling.not_tied"]


def test_of_two_marks_neither_is_used_and_their_values_are_not_looked_at() -> None:
    document = cases.case(cases.ruleset(), {"A": "8", "B": "7"})
    document["marks"].append({"entrant": "A", "module": "p", "judge": "J1", "value": "999"})
    assert codes(document) == ["mark.duplicate"]
    assert column(document, "status") == {"B": "ranked", "A": "pending"}


def test_a_bad_mark_leaves_a_withdrawn_entrant_withdrawn() -> None:
    document = cases.case(cases.ruleset(), {"A": "800"}, entrants=[{"id": "A", "status": "withdrawn"}])
    assert column(document, "status") == {"A": "withdrawn"}
    assert codes(document) == ["mark.range"]


def test_marks_of_a_void_module_are_not_looked_at() -> None:
    void = [{"entrant": "A", "module": "p", "status": "void"}]
    document = cases.case(cases.ruleset(), {"A": "不及格"}, module_status=void)
    assert (codes(document), column(document, "total")) == ([], {"A": "0.00"})


def test_a_void_module_means_nothing_where_the_smallest_wins() -> None:
    void = [{"entrant": "A", "module": "p", "status": "void"}]
    document = cases.case(cases.ruleset(order="ascending"), {"A": "30"}, module_status=void)
    assert (codes(document), column(document, "total")) == (["module_status.unknown"], {"A": "30.00"})


def test_under_absent_zero_a_half_marked_module_leaves_the_absent_pending() -> None:
    two = {"combine": "mean", "drop_highest": 0, "drop_lowest": 0, "judges": 2}
    rules = cases.ruleset(cases.module(panel=two), absent="zero")
    document = cases.case(rules, {"A": "8", "B": None})
    document["entrants"] = [{"id": id_, "status": "absent"} for id_ in "AB"]
    assert column(document, "status") == {"A": "pending", "B": "ranked"}
    assert column(document, "modules") == {"A": {}, "B": {"p": "0.00"}}


def test_too_many_judges_are_named_by_aspect_where_aspects_are_combined() -> None:
    aspects = [{"id": "A1", "kind": "measurement", "max": "10"}, {"id": "A2", "kind": "measurement", "max": "10"}]
    given = [("A1", "J1"), ("A1", "J2"), ("A2", "J1")]
    marks = [{"entrant": "A", "module": "p", "aspect": a, "judge": j, "value": "5"} for a, j in given]
    for combine_at, params in (("aspect", {"aspect": "A1"}), ("sheet", {})):
        rules = cases.ruleset(cases.module(aspects=aspects, combine_at=combine_at))
        problems = score(cases.case(rules, {"A": None}, marks=marks))["problems"]
        expected = {"entrant": "A", "module": "p", **params}
        assert problems == [{"code": "panel.too_many", "severity": "error", "params": expected}]


def test_where_the_smallest_wins_thresholds_are_reached_from_above_and_bonuses_subtracted() -> None:
    rules = cases.ruleset(cases.module(pass_mark="100"), order="ascending")
    rules["awards"] = cases.award_rule({"id": "first", "count": 3}, min_total="110")
    document = cases.case(rules, {"A": "100", "B": "101", "C": "130"})
    document["adjustments"] = [{"entrant": "C", "kind": "bonus", "value": "19.99"}]
    assert column(document, "total") == {"A": "100.00", "B": "101.00", "C": "110.01"}
    assert column(document, "passed") == {"A": True, "B": False, "C": False}
    assert column(document, "award") == {"A": "first", "B": "first", "C": None}


@pytest.mark.parametrize(("ties", "going"), [("include", "ABCE"), ("exclude", "AEF")])
def test_a_tie_across_the_limit_of_an_organisation_goes_or_stays_together(ties: str, going: str) -> None:
    rules = cases.ruleset(advance={"count": 4, "ties": ties, "per_organisation_max": 2})
    document = cases.case(rules, {"A": 9, "B": 8, "C": 8, "D": 7, "E": 6, "F": 5})
    document = in_organisations(document, "organisation", "甲甲甲甲乙丙")
    advances = column(document, "advances")
    assert "".join(id_ for id_ in advances if advances[id_]) == going


def test_teams_without_ranked_members_count_zero_or_are_listed_last() -> None:
    rule = {"by": "team", "value": "total", "best": 1, "incomplete": "zero", "tie_breaks": [], "ties": "shared"}
    for changes, expected in (
        ({}, [("甲", 1, "8.00"), ("乙", 2, "0.00")]),
        ({"best": None}, [("甲", 1, "8.00"), ("乙", None, None)]),
        ({"incomplete": "unranked"}, [("甲", 1, "8.00"), ("乙", None, None)]),
    ):
        document = cases.case(cases.ruleset(teams=rule | changes), {"A": "8", "B": None})
        teams = score(in_organisations(document, "team", "甲乙"))["teams"]
        assert [(team["team"], team["rank"], team["value"]) for team in teams] == expected


def test_shared_rank_points_are_an_exact_fraction() -> None:
    rule = {"by": "team", "value": "rank_points", "best": None, "incomplete": "zero", "rank_points": {"1": "8", "2": 7}}
    rules = cases.ruleset(teams={**rule, "tie_breaks": [], "ties": "shared"})
    teams = score(in_organisations(cases.case(rules, {"A": "8", "B": "8"}), "team", "甲乙"))["teams"]
    shown = [(team["team"], team["value"], team["tied"]) for team in teams]
    assert shown == [("乙", "15/2", True), ("甲", "15/2", True)]


@pytest.mark.parametrize("number", [Fraction(7), Fraction(-7, 3), Fraction(1, 2)])
@pytest.mark.parametrize("square", [Fraction(0), Fraction(9), Fraction(2), Fraction(25, 4), Fraction(10, 7)])
def test_a_floor_with_a_root_is_exact(number: Fraction, square: Fraction) -> None:
    for plus, sign in ((True, 1), (False, -1)):
        found = floor_with_root(number, square, plus)
        assert found == (float(number) + sign * sqrt(square)) // 1


def test_standard_scores_around_a_centre_of_zero_round_halves_away_from_it() -> None:
    rules = cases.ruleset(standard_score={"centre": 0, "spread": "0.5", "min_field": 2})
    document = cases.case(rules, {"A": "10", "B": "8"})
    assert column(document, "standard_score") == {"A": 1, "B": -1}


def test_too_small_a_field_has_no_standard_scores() -> None:
    rules = cases.ruleset(standard_score={"centre": 700, "spread": 30, "min_field": 3})
    assert column(cases.case(rules, {"A": "10", "B": "8"}), "standard_score") == {"A": None, "B": None}


def test_an_explanation_shows_marks_drops_and_every_step() -> None:
    five = {"combine": "mean", "drop_highest": 1, "drop_lowest": 1, "judges": 5}
    overtime = {"limit_seconds": 60, "per_seconds": 60, "deduct": "1", "partial": "up"}
    rules = cases.ruleset(cases.module(panel=five, overtime=overtime, weight="0.7", deduction_cap="2"))
    document = cases.case(rules, {"A": None}, times=[{"entrant": "A", "module": "p", "seconds": "60.5"}])
    values = enumerate(["90", "90", "85", "85", "88.0"])
    document["marks"] = [{"entrant": "A", "module": "p", "judge": f"J{n}", "value": value} for n, value in values]
    document["adjustments"] = [{"entrant": "A", "module": "p", "kind": "deduction", "value": "3"}]
    told = explain(case_from_document(document), "A")
    shown = told["modules"][0]
    marks = [(mark["judge"], mark["value"], mark["worth"], mark["dropped"]) for mark in shown["aspects"][0]["marks"]]
    assert marks == [
        ("J0", "90", "90", False),
        ("J1", "90", "90", True),
        ("J2", "85", "85", True),
        ("J3", "85", "85", False),
        ("J4", "88.0", "88", False),
    ]
    steps = {"panel": "263/3", "bonus": "0", "overtime": "1", "deductions": "3", "taken": "2", "exact": "257/3"}
    assert shown["steps"] == {**steps, "score": "85.67"}
    part = {"id": "p", "name": None, "score": "85.67", "weight": "0.7", "exact": "59.969", "product": "59.969"}
    assert (told["total"]["parts"], told["total"]["total"]) == ([part], "59.97")


ONE_ASPECT = [{"id": "A1", "kind": "measurement", "max": "100"}]


@pytest.mark.parametrize(
    ("changes", "left_out"),
    [
        ({}, {"J1", "J2"}),
        ({"combine_at": "aspect"}, {"J1", "J2"}),
        ({"aspects": ONE_ASPECT}, {"J1", "J2"}),
        ({"aspects": ONE_ASPECT, "combine_at": "aspect"}, None),
    ],
)
def test_whole_sheets_are_left_out_of_a_full_panel_unless_aspects_are_combined(
    changes: cases.Document, left_out: set[str] | None
) -> None:
    """A's panel is full, of B one mark is missing."""
    five = {"combine": "mean", "drop_highest": 1, "drop_lowest": 1, "judges": 5}
    named = {"aspect": "A1"} if "aspects" in changes else {}
    full = ["90", "90", "85", "85", "88"]
    document = cases.case(cases.ruleset(cases.module(panel=five, **changes)), {"A": None, "B": None})
    document["marks"] = [
        {"entrant": id_, "module": "p", "judge": f"J{number}", "value": value, **named}
        for id_, values in (("A", full), ("B", full[:4]))
        for number, value in enumerate(values)
    ]
    assert dropped_sheets(case_from_document(document)) == ({("A", "p"): left_out} if left_out else {})


def test_an_explanation_of_a_stranger_is_refused_and_of_the_pending_names_the_problem() -> None:
    case = case_from_document(cases.case(cases.ruleset(), {"A": "101"}))
    with pytest.raises(KeyError):
        explain(case, "B")
    told = explain(case, "A")
    assert (told["total"], told["modules"][0]["state"]) == (None, "pending")
    assert [problem["code"] for problem in told["problems"]] == ["mark.range"]


def test_no_time_at_all_is_behind_every_sum_of_times() -> None:
    rules = cases.ruleset(tie_breaks=[{"by": "time"}])
    times = [{"entrant": "B", "module": "p", "seconds": 900}]
    document = cases.case(rules, {"A": "8", "B": "8"}, times=times)
    assert column(document, "rank") == {"B": 1, "A": 2}
    assert column(document, "decided_by") == {"B": None, "A": "time"}
