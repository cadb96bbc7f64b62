"""Tie-breaks in words: one label for each kind, the same in the form, in the rule read back and beside a placing."""

from typing import Any

import pytest

from competitions import scoring
from competitions.programme.rulesets.key_words import key_of, key_words, needs_aspect, offered, typed_key
from competitions.programme.rulesets.reading import decided_words, sentences, team_decided_words
from competitions.scoring.key_kinds import kind_of
from competitions.scoring.words import KeyBy
from tests.scoring import cases

MODULES, GROUPS = [("p", "实操"), ("t", "理论")], [("g", "技能")]
NAMED = dict(MODULES + GROUPS)


def chosen(*, for_teams: bool) -> dict[str, dict[str, Any]]:
    """Label in the form → the tie-break that choosing it gives."""
    choices = offered(MODULES, GROUPS, for_teams=for_teams)
    return {label: key_of({"by": value, "aspect": "A1", "better": ""}) for value, label in choices}


def test_the_form_offers_each_kind_to_those_it_is_for_and_gives_a_readable_key() -> None:
    for for_teams, field in ((False, "for_entrants"), (True, "for_teams")):
        keys = chosen(for_teams=for_teams).values()
        assert {key["by"] for key in keys} == {by.value for by in KeyBy if getattr(kind_of(by), field)}
        assert all(key_of(typed_key(key)) == key for key in keys)


def test_what_the_form_offers_is_what_the_rule_says() -> None:
    said = {
        label: key_words(key, NAMED, smallest_wins=False)
        for key_list in (chosen(for_teams=False), chosen(for_teams=True))
        for label, key in key_list.items()
    }
    assert said == {
        "实操成绩": "实操成绩高者列前",
        "理论成绩": "理论成绩高者列前",
        "技能成绩（分组）": "技能成绩高者列前",
        "实操里的某个评分项": "实操的评分项 A1高者列前",
        "理论里的某个评分项": "理论的评分项 A1高者列前",
        "总用时": "总用时少者列前",
        "实操用时": "实操用时少者列前",
        "理论用时": "理论用时少者列前",
        "扣分合计": "扣分合计少者列前",
        "最好一名队员的成绩": "最好一名队员的成绩高者列前",
    }


@pytest.mark.parametrize(
    ("by", "wanted"), [("aspect:p", True), ("module:p", False), ("nonsense:p", False), ("", False)]
)
def test_only_an_aspect_asks_for_one(by: str, wanted: bool) -> None:
    assert needs_aspect(by) is wanted


def test_a_kind_that_is_not_known_is_named_by_the_faults_of_the_ruleset() -> None:
    rules = cases.ruleset(tie_breaks=[key_of({"by": "luck:p", "aspect": "", "better": ""})])
    (problem,) = scoring.ruleset_problems(rules)
    assert problem["code"] == "ruleset.unreadable"


def with_teams(value: str, order: str) -> dict[str, Any]:
    """Teams by their best member's total or points, equal ones by the best member."""
    rule = {"by": "team", "value": value, "best": 2, "incomplete": "zero", "tie_breaks": [{"by": "best"}]}
    return cases.ruleset(order=order, teams={**rule, "rank_points": {"1": 3, "2": 1}, "ties": "shared"})


@pytest.mark.parametrize(
    ("value", "order", "first", "best"),
    [
        ("total", "descending", "团体成绩高者列前", "最好一名队员的成绩高者列前"),
        ("total", "ascending", "团体成绩小者列前", "最好一名队员的成绩低者列前"),
        ("rank_points", "ascending", "团体成绩高者列前", "最好一名队员的成绩高者列前"),
    ],
)
def test_what_decides_between_teams_goes_the_way_in_which_teams_are_ranked(
    value: str, order: str, first: str, best: str
) -> None:
    rules = with_teams(value, order)
    assert best in "".join(sentences(rules))
    placed = {"rank": 2, "tied": False}
    assert team_decided_words({**placed, "decided_by": "value"}, rules) == first
    assert team_decided_words({**placed, "decided_by": "best"}, rules) == f"团体成绩相同，{best}"


def test_a_placing_says_what_decided_it_in_the_words_of_the_rule() -> None:
    rules = cases.ruleset(tie_breaks=[{"by": "time"}], order="ascending")

    def said(rank: int | None, decided_by: str | None, tied: bool = False) -> str:
        return decided_words({"rank": rank, "decided_by": decided_by, "tied": tied}, rules)

    assert [said(1, None), said(None, None), said(2, "total"), said(2, "time")] == [
        "",
        "",
        "总成绩小者列前",
        "总分相同，总用时少者列前",
    ]
    assert said(2, "ruling") == "总成绩与各比较项相同，按裁判长裁定（监督员确认）"
    assert said(2, None, tied=True) == "并列：规则没有再分先后"
