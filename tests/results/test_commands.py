"""Exported cases give the published table again; `flask results verify` finds what was changed behind the house's back."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from competitions.audit import append_only, triggers
from competitions.audit.chain import canonical, digest
from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db, write_intent
from competitions.judging.signing.incidents import Happening, record_incident
from competitions.programme.models import Event, Stage
from competitions.results.models import Publication, PublicationSnapshot
from competitions.results.publications.verifying import verify_results
from tests.factories_results import Contest, make_contest, practice_only, sign, thirty_seventy
from tests.people import Client

MARKS = [{"theory": ["86.5"], "practice": ["91.25"]}, {"theory": ["71.5"], "practice": ["90.05"]}]


def event_of(contest: Contest) -> Event:
    return db.session.get_one(Event, db.session.get_one(Stage, contest.stage_id).event_id)


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    db.session.remove()
    done = app.test_cli_runner().invoke(args=list(arguments))
    db.session.remove()
    return done.exit_code, done.output


def test_the_exported_case_recomputed_elsewhere_gives_the_published_table(app: Flask, tmp_path: Path) -> None:
    contest = make_contest(app, thirty_seventy(), MARKS, names=["韦建国", "覃秀英"])
    published = contest.publish()
    file = tmp_path / "case.json"
    code, said = run(
        app, "event", "export", event_of(contest).name, "--stage", "决赛", "--division", "职工组", "--out", str(file)
    )
    assert code == 0, said
    assert "韦建国" not in file.read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "competitions.scoring", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    recomputed = [(line["rank"], line["total"]) for line in json.loads(done.stdout)["placings"]]
    shown = Client(app).get(f"/results/{published}.json").get_json()["divisions"][0]["placings"]
    assert recomputed == [(placing["rank"], placing["total"]) for placing in shown] == [(1, "89.83"), (2, "84.49")]


def test_an_export_names_what_it_did_not_find(app: Flask, tmp_path: Path) -> None:
    contest = make_contest(app, thirty_seventy(), MARKS)
    event = event_of(contest)
    code, said = run(app, "event", "export", "没有的赛项", "--out", str(tmp_path / "a.json"))
    assert code == 1 and "没有找到" in said
    code, said = run(app, "event", "export", event.id, "--stage", "初赛", "--out", str(tmp_path / "a.json"))
    assert code == 1 and "初赛" in said
    code, said = run(app, "event", "export", event.id, "--out", str(tmp_path / "a.json"))
    assert code == 0, said
    written = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert {entrant["id"] for entrant in json.loads(written)["entrants"]} == set(contest.codes)
    code, said = run(app, "event", "export", event.id, "--out", str(tmp_path / "nowhere" / "a.json"))
    assert code == 1 and "无法写入" in said and "Traceback" not in said
    recorded = db.session.scalars(select(AuditEvent.payload).where(AuditEvent.action == "case.export")).all()
    assert [json.loads(each)["after"] for each in recorded] == [
        {"file": hashlib.sha256(written.encode()).hexdigest(), "rows": 2}
    ]


def test_verification_recomputes_everything_and_finds_a_changed_ranking(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), MARKS)
    contest.publish()
    code, said = run(app, "results", "verify", "--json")
    assert (code, json.loads(said)) == (0, {"sound": True, "publications": 1, "settlements": 1, "findings": []})
    with db.engine.begin() as connection:
        for name in append_only.TABLES:
            if connection.dialect.name == "sqlite":
                connection.execute(text(f"DROP TRIGGER {name}_no_update"))
            else:
                connection.execute(text(f"DROP TRIGGER {name}_no_change ON {name}"))
        connection.execute(text("UPDATE publication_snapshot SET public = replace(public, '89.83', '99.83')"))
        connection.execute(text("UPDATE settlement SET \"case\" = replace(\"case\", '91.25', '61.25')"))
    code, said = run(app, "results", "verify", "--json")
    found = {(finding["kind"], finding["fault"]) for finding in json.loads(said)["findings"]}
    assert code == 1
    assert found == {
        ("publication", "DIGEST_MISMATCH"),
        ("publication", "RANKING_MISMATCH"),
        ("settlement", "RANKING_MISMATCH"),
    }
    code, said = run(app, "audit", "verify", "--json")
    assert code == 1 and {"RANKING_MISMATCH", "DIGEST_MISMATCH"} <= {
        each["code"] for each in json.loads(said)["findings"]
    }


@pytest.mark.parametrize("cases", ["[]", "null", "3", '{"职工组": []}', "{"])
def test_cases_that_are_something_else_are_named_and_stop_nothing(app: Flask, cases: str) -> None:
    contest = make_contest(app, thirty_seventy(), MARKS)
    contest.publish()
    db.session.remove()
    with db.engine.begin() as connection:
        triggered = connection.dialect.name == "sqlite"
        connection.execute(
            text(
                "DROP TRIGGER publication_snapshot_no_update"
                if triggered
                else "DROP TRIGGER publication_snapshot_no_change ON publication_snapshot"
            )
        )
        connection.execute(text("UPDATE publication_snapshot SET cases = :cases"), {"cases": cases})
    code, said = run(app, "results", "verify", "--json")
    assert code == 1
    assert {each["fault"] for each in json.loads(said)["findings"]} == {"DIGEST_MISMATCH", "CASE_UNREADABLE"}


def tampered(change: Callable[[dict[str, Any]], None]) -> list[str]:
    """Change what the one publication says, digest and all, as somebody with the database does; the faults found."""
    db.session.remove()
    token = write_intent.set(True)
    with db.engine.begin() as connection:
        on = "" if connection.dialect.name == "sqlite" else " ON publication_snapshot"
        kind = "update" if connection.dialect.name == "sqlite" else "change"
        connection.execute(text(f"DROP TRIGGER publication_snapshot_no_{kind}{on}"))
        row = connection.execute(text("SELECT public, cases FROM publication_snapshot")).one()
        public = json.loads(row.public)
        change(public["divisions"][0])
        said = canonical(public)
        connection.execute(
            text("UPDATE publication_snapshot SET public = :public, digest = :digest"),
            {"public": said, "digest": digest({"public": said, "cases": row.cases})},
        )
        triggers.install(connection)
    write_intent.reset(token)
    return [finding.fault for finding in verify_results(db.session()).findings]


def absent_one(app: Flask) -> Contest:
    """Three of one side and one who did not come, published with a table of teams and an honour."""
    teams = {"by": "team", "value": "total", "best": 2, "incomplete": "zero", "tie_breaks": [], "ties": "shared"}
    rules = practice_only(teams=teams, honours=[{"id": "h", "name": "技术能手", "rank_to": 1}])
    marks = [{"practice": [mark]} for mark in ("90", "80", "70")] + [{}]
    contest = make_contest(app, rules, marks, delegations=["柳州", "柳州", "南宁", "南宁"], signed=False)
    with transaction() as session:
        stage = session.get_one(Stage, contest.stage_id)
        given = Happening(code=contest.codes[3], kind="status", status="absent", text="开赛三十分钟未到")
        record_incident(session, stage, given, by=contest.actor("chief_judge"), at=clock.now())
    sign(contest)
    contest.publish()
    return contest


def test_one_who_was_absent_is_in_the_numbers_and_not_in_the_table(app: Flask) -> None:
    absent_one(app)
    assert verify_results(db.session()).findings == []
    published = db.session.scalars(select(Publication.id)).one()
    shown = Client(app).get(f"/results/{published}.json").get_json()["divisions"][0]["placings"]
    assert [placing["rank"] for placing in shown] == [1, 2, 3]
    page = Client(app).get(f"/results/{published}").get_data(as_text=True)
    assert "应参赛 4 人，实际参赛 3 人（有名次 3 人），缺考 1 人" in page


@pytest.mark.parametrize("change", [
    lambda division: division["teams"][0].update(value="171.00"),
    lambda division: division["teams"].pop(),
    lambda division: division["turnout"].update(absent=0),
    lambda division: division["placings"][0].update(honours=[]),
    lambda division: division["placings"].pop(),
    lambda division: division["placings"][1].update(rank=1),
])  # fmt: skip
def test_verification_compares_teams_honours_and_numbers_too(
    app: Flask, change: Callable[[dict[str, Any]], None]
) -> None:
    absent_one(app)
    assert tampered(change) == ["RANKING_MISMATCH"]


def test_who_a_publications_codes_were_cannot_be_swapped_unnoticed(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), MARKS)
    contest.publish()
    assert run(app, "results", "verify")[0] == 0
    db.session.remove()
    with db.engine.begin() as connection:
        kept = connection.execute(select(PublicationSnapshot.identities)).scalar_one()
        first, second = sorted(kept)[:2]
        swapped = {**kept, first: kept[second], second: kept[first]}
        triggered = connection.dialect.name == "sqlite"
        connection.execute(
            text(
                "DROP TRIGGER publication_snapshot_no_update"
                if triggered
                else "DROP TRIGGER publication_snapshot_no_change ON publication_snapshot"
            )
        )
        connection.execute(update(PublicationSnapshot).values(identities=swapped))
    code, said = run(app, "results", "verify", "--json")
    assert code == 1 and {each["fault"] for each in json.loads(said)["findings"]} == {"IDENTITY_MISMATCH"}
