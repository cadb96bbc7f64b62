"""The chief judge's matrix shows what scoring computes: the same scores, the same sheets left out."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions import scoring
from competitions.base.database import db
from competitions.judging.models import ScoreSheet
from competitions.judging.signing.matrix import Row, matrix_of
from competitions.results.standings.case_building import case_of
from tests.audit.tampering import unguarded
from tests.factories_results import Contest, make_contest, mark, module, ruleset
from tests.judging.test_module_statuses import module_id, report


def five_judges(app: Flask, **part: Any) -> Contest:
    """One competitor before five judges, of whom the highest and the lowest are left out; nobody has marked.

    The ids of the sheets (at random in life) run against the order of the judges.
    """
    rules = ruleset([module("practice", "实操", judges=5, drop=1, **part)])
    contest = make_contest(app, rules, [{"practice": ()}], signed=False)
    for place, judge in enumerate(contest.judges):
        sheet = db.session.scalars(select(ScoreSheet).where(ScoreSheet.judge_id == judge.id)).one()
        with unguarded():
            sheet.id = f"{9 - place}{sheet.id[1:]}"
    db.session.commit()
    return contest


def row_of(contest: Contest) -> Row:
    """The competitor's line of the matrix."""
    stage = contest.stage
    return matrix_of(db.session(), stage.modules[0], stage.event.divisions[0]).rows[0]


def left_out(contest: Contest) -> list[int]:
    """The places of the judges whose sheets the matrix strikes out."""
    return [place for place, cell in enumerate(row_of(contest).cells) if cell.dropped]


def explained(contest: Contest) -> list[int]:
    """The places of the judges whom the published arithmetic strikes out."""
    stage = contest.stage
    case = scoring.case_from_document(case_of(db.session(), stage, stage.event.divisions[0]))
    told = scoring.explain(case, contest.codes[0])["modules"][0]
    shown = told["sheets"] or told["aspects"][0]["marks"]
    return [int(each["judge"][1:]) - 1 for each in shown if each["dropped"]]


@pytest.mark.parametrize("combine_at", ["sheet", "aspect"])
def test_of_equal_extremes_the_matrix_strikes_out_the_one_that_scoring_leaves_out(app: Flask, combine_at: str) -> None:
    contest = five_judges(app, combine_at=combine_at)
    mark(contest, [{"practice": ["90", "90", "85", "85", "88"]}])
    assert explained(contest) == [1, 2]
    assert left_out(contest) == [1, 2]
    assert row_of(contest).result == "87.67"


def test_nothing_is_struck_out_before_the_panel_is_full_or_in_a_module_that_is_void(app: Flask) -> None:
    contest = five_judges(app)
    mark(contest, [{"practice": ["90", "90", "85", "85"]}])
    assert (left_out(contest), row_of(contest).result) == ([], None)
    chief = contest.client("chief_judge")
    assert report(contest, chief, contest.codes[0], "module_void", module_id(contest, "practice")).status_code == 303
    assert (left_out(contest), row_of(contest).result) == ([], "0.00")
