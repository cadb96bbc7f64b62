"""Teams are delegations (代表队): from the form to the published table, sums worked out by hand (domain.md V10)."""

import json
from typing import Any

import pytest
from flask import Flask

from competitions.base.database import db
from competitions.programme.rulesets.presets import PRESETS
from competitions.programme.rulesets.reading import sentences
from competitions.results.models import PublicationSnapshot
from competitions.results.standings.computed import stage_standings
from tests.factories_results import Contest, make_contest
from tests.people import Client
from tests.programme.test_rulesets import a_stage, in_force, organiser, typed_in

MARKS = ["88.10", "86.45", "80.00", "79.20", "91.00", "90.50"]
SIDES = ["柳州", "柳州", "柳州", "柳州", "南宁", "南宁"]
UNITS = ["甲厂", "乙厂", "丙厂", "丁厂", "甲厂", "甲厂"]
"""甲厂 has people on both sides: 91.00 + 90.50 + 88.10 = 269.60 would be the best employer."""


def ruleset_typed(app: Flask, by: str | None = None) -> dict[str, Any]:
    """What is saved when the organiser takes the pattern R1 and, if told to, says what teams are."""
    stage_id, client = a_stage(), organiser(app)
    typed = typed_in(client, stage_id, "r1_lathe") | ({"teams-by": by} if by else {})
    assert client.post(f"/desk/stages/{stage_id}/ruleset/edit", typed).status_code == 303
    return in_force(stage_id)


def contest_by(app: Flask, rules: dict[str, Any]) -> Contest:
    marks = [{"theory": [mark], "practice": [mark]} for mark in MARKS]
    return make_contest(app, rules, marks, names=[*"一二三四五六"], units=UNITS, delegations=SIDES)


def teams_of(publication: str) -> list[tuple[int, str, list[str], str]]:
    db.session.rollback()
    snapshot = db.session.query(PublicationSnapshot).where(PublicationSnapshot.publication_id == publication).one()
    division = json.loads(snapshot.public)["divisions"][0]
    return [(team["rank"], team["name"][:2], team["members"], team["value"]) for team in division["teams"]]


def test_a_published_pattern_ranks_delegations_from_the_form_to_the_public_page(app: Flask) -> None:
    published = contest_by(app, ruleset_typed(app)).publish()
    assert teams_of(published) == [(1, "柳州", ["一", "二", "三"], "254.55"), (2, "南宁", ["五", "六"], "181.50")]
    page = Client(app).get(f"/results/{published}").get_data(as_text=True)
    assert "以代表队最好 3 人的总成绩之和排定" in page and "人数不够的按 0 分补足" in page
    table = page[page.index("<h2>团体名次</h2>") :]
    assert "代表队" in table and "所在单位" not in table.split("</table>")[0]
    assert "254.55" in table and "269.60" not in page


def test_employers_are_ranked_where_the_organiser_says_so(app: Flask) -> None:
    published = contest_by(app, ruleset_typed(app, by="organisation")).publish()
    assert teams_of(published)[0] == (1, "甲厂", ["五", "六", "一"], "269.60")
    page = Client(app).get(f"/results/{published}").get_data(as_text=True)
    assert "以所在单位最好 3 人的总成绩之和排定" in page
    table = page[page.index("<h2>团体名次</h2>") :].split("</table>")[0]
    assert "所在单位" in table and "代表队" not in table


@pytest.mark.parametrize("code", [code for code, preset in PRESETS.items() if "teams" in preset.document])
def test_every_published_pattern_with_teams_means_delegations(code: str) -> None:
    document = PRESETS[code].document
    assert document["teams"]["by"] == "team"
    assert any(said.startswith("团体名次：以代表队") for said in sentences(document))


def test_nothing_in_a_case_before_decoding_tells_the_side_or_the_unit(app: Flask) -> None:
    contest = contest_by(app, ruleset_typed(app))
    standing = stage_standings(db.session(), contest.stage)[0]
    assert not any(word in standing.case_text for word in {*SIDES, *UNITS, "总工会"})
    groups = {entrant["team"] for entrant in standing.case["entrants"]}
    assert len(groups) == 2
