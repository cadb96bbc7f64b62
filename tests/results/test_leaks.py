"""Nothing of a score leaves before its time; what is public has the allowed fields and nothing of a person besides."""

import json
import time
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from competitions.audit.recording import transaction
from competitions.base import clock, keyring
from competitions.base.database import db
from competitions.registration.models import Worker
from competitions.results.models import Publication, PublicationSnapshot
from competitions.results.publications.services import ask_withdrawal, decide_withdrawal
from tests.factories import make_union, make_user
from tests.factories_results import Contest, make_contest, thirty_seventy
from tests.people import Client

MARKS = [
    {"theory": ["86.5"], "practice": ["91.25"]},
    {"theory": ["71.5"], "practice": ["90.05"]},
    {"theory": ["88.5"], "practice": ["90.25"]},
]
NAMES, UNITS = ["韦建国", "覃秀英", "黄志强"], ["柳州示例重工有限公司", "南宁示例电网有限公司", "桂林示例机械厂"]
SCORES = ("89.83", "84.49", "89.73", "91.25", "90.05")
ALLOWED = {"rank", "name", "organisation", "delegation", "total", "modules", "award"}


def contest_of(app: Flask, **more: object) -> Contest:
    return make_contest(app, thirty_seventy(), MARKS, names=NAMES, units=UNITS, **more)  # type: ignore[arg-type]


def places(contest: Contest) -> list[str]:
    stage, division = contest.stage_id, contest.division_id
    return [
        f"/desk/stages/{stage}/standings",
        f"/desk/stages/{stage}/standings.xlsx",
        f"/desk/stages/{stage}/divisions/{division}/arithmetic?code={contest.codes[0]}",
        f"/desk/stages/{stage}/publish",
        "/desk/results/standings",
        "/desk/results/publications",
        "/desk/results/approvals",
        "/results/",
    ]


def seen(client: Client, path: str) -> str:
    answer = client.get(path)
    if answer.status_code == 200 and path.endswith(".xlsx"):
        return json.dumps([[str(cell.value) for cell in row] for row in load_workbook(BytesIO(answer.data)).active])
    return answer.get_data(as_text=True)


def test_before_settling_only_those_who_lead_and_watch_see_a_score(app: Flask) -> None:
    contest = contest_of(app)
    union = make_union()
    reporter = make_user(("reporter", "union", union.id), union=union)
    db.session.commit()
    outsiders = [
        Client(app),
        *(contest.client(role) for role in ("drafting", "approving", "coder", "checker", "tabulator")),
    ]
    signed_in = Client(app)
    signed_in.sign_in(reporter.username)
    for client in [*outsiders, signed_in]:
        for path in places(contest):
            assert not [score for score in SCORES if score in seen(client, path)], path
    assert "89.83" in seen(contest.client("chief_judge"), places(contest)[0])
    assert "89.83" in seen(contest.client("supervisor"), places(contest)[1])


def test_the_organiser_is_told_why_he_sees_nothing_yet(app: Flask) -> None:
    contest = contest_of(app)
    answer = contest.client("drafting").get(places(contest)[0])
    assert answer.status_code == 409 and "还没有由裁判长结算签字" in answer.get_data(as_text=True)


def test_names_are_nowhere_before_decoding(app: Flask) -> None:
    contest = contest_of(app)
    contest.settle()
    for role in ("chief_judge", "supervisor", "drafting", "approving"):
        client = contest.client(role)
        for path in places(contest):
            page = seen(client, path)
            assert not [word for word in NAMES + UNITS if word in page], (role, path)
    contest.decode()
    page = seen(contest.client("drafting"), places(contest)[0])
    assert all(word in page for word in NAMES + UNITS)


def test_another_competitions_people_get_the_bytes_of_a_missing_stage(app: Flask) -> None:
    contest, other = contest_of(app), contest_of(app)
    client = other.client("chief_judge")
    for path in (f"/desk/stages/{contest.stage_id}/standings", f"/desk/stages/{contest.stage_id}/standings.xlsx"):
        assert client.get(path).status_code == 404
    published = contest.publish()
    assert other.client("approving").get(f"/desk/publications/{published}").status_code == 404
    assert other.client("approving").post(f"/desk/publications/{published}/approve").status_code == 404


def test_public_json_has_the_allowed_fields_and_says_what_the_table_says(app: Flask) -> None:
    contest = contest_of(app)
    answer = Client(app).get(f"/results/{contest.publish()}.json")
    document = answer.get_json()
    assert set(document) == {"publication", "number", "competition", "event", "stage", "published_at", "divisions"}
    assert all(set(division) == {"name", "placings"} for division in document["divisions"])
    placings = document["divisions"][0]["placings"]
    assert {name for placing in placings for name in placing} == ALLOWED
    assert [(p["rank"], p["name"], p["total"], p["award"]) for p in placings] == [
        (1, "韦建国", "89.83", "一等奖"),
        (2, "黄志强", "89.73", "二等奖"),
        (3, "覃秀英", "84.49", "三等奖"),
    ]
    assert placings[0]["modules"] == {"theory": "86.50", "practice": "91.25"}


def test_without_public_marks_nothing_public_has_a_mark(app: Flask) -> None:
    contest = contest_of(app, publish_marks=False)
    published = contest.publish()
    placing = Client(app).get(f"/results/{published}.json").get_json()["divisions"][0]["placings"][0]
    assert set(placing) == ALLOWED - {"total", "modules"}
    for path in (f"/results/{published}", f"/results/{published}.xlsx"):
        assert not [score for score in SCORES if score in seen(Client(app), path)]


def test_no_id_number_phone_or_inner_id_is_in_anything_public(app: Flask) -> None:
    contest = contest_of(app)
    published = contest.publish()
    ring = keyring.ring()
    workers = db.session.scalars(select(Worker)).all()
    secrets = [ring.open(worker.id_number, "worker", "id_number", worker.id) for worker in workers]
    secrets += [worker.id for worker in workers] + contest.entries
    for path in (f"/results/{published}", f"/results/{published}.json", f"/results/{published}.xlsx", "/results/"):
        body = seen(Client(app), path)
        assert not [secret for secret in secrets if secret in body], path


def test_drafts_refused_ones_and_unknown_ids_look_the_same(app: Flask) -> None:
    contest = contest_of(app)
    contest.settle()
    contest.decode()
    drafted = contest.draft()
    unknown = "00000000-0000-4000-8000-000000000000"

    def bytes_of(path: str) -> tuple[int, str]:
        answer = Client(app).get(path)
        return answer.status_code, answer.get_data(as_text=True).replace(answer.headers["X-Request-ID"], "")

    for ending in ("", ".json", ".xlsx"):
        assert bytes_of(f"/results/{drafted}{ending}") == bytes_of(f"/results/{unknown}{ending}")
        assert bytes_of(f"/results/{drafted}{ending}")[0] == 404


def test_a_reader_who_has_the_page_gets_304_and_no_cookie_is_read(app: Flask) -> None:
    contest = contest_of(app)
    published = contest.publish()
    for ending in ("", ".json", ".xlsx"):
        first = Client(app).get(f"/results/{published}{ending}")
        assert first.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
        again = Client(app).get(f"/results/{published}{ending}", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert "Set-Cookie" not in first.headers
        assert contest.client("drafting").get(f"/results/{published}{ending}").data == first.data


def test_a_withdrawn_publication_is_gone_within_a_second(app: Flask) -> None:
    contest = contest_of(app)
    published = contest.publish()
    visitor = Client(app)
    assert "韦建国" in seen(visitor, f"/results/{published}")
    with transaction() as session:
        publication = session.get_one(Publication, published)
        ask_withdrawal(session, publication, "姓名有误", by=contest.actor("drafting"), at=clock.now())
        decide_withdrawal(session, publication, True, by=contest.actor("approving"), at=clock.now())
    time.sleep(1)
    assert "韦建国" not in seen(visitor, f"/results/{published}")
    assert visitor.get(f"/results/{published}.json").status_code == 410


@pytest.mark.parametrize(
    "statement", ["UPDATE publication_snapshot SET public = '{}'", "DELETE FROM publication_snapshot"]
)
def test_a_snapshot_can_be_neither_changed_nor_removed(app: Flask, statement: str) -> None:
    contest = contest_of(app)
    published = contest.publish()
    before = db.session.scalars(select(PublicationSnapshot.public)).one()
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert db.session.scalars(select(PublicationSnapshot.public)).one() == before
    assert Client(app).get(f"/results/{published}").status_code == 200


def test_the_page_does_not_change_when_names_change_later(app: Flask) -> None:
    contest = contest_of(app)
    published = contest.publish()
    with transaction() as session:
        session.execute(text("UPDATE entry_member SET name = '改名'"))
    time.sleep(1)
    page = seen(Client(app), f"/results/{published}")
    assert "韦建国" in page and "改名" not in page


def test_a_name_that_looks_like_markup_is_shown_as_it_is_written(app: Flask) -> None:
    contest = make_contest(app, thirty_seventy(), MARKS, names=["<b>韦</b>&\"'", "覃秀英", "黄志强"], units=UNITS)
    page = seen(Client(app), f"/results/{contest.publish()}")
    assert "&lt;b&gt;韦&lt;/b&gt;&amp;" in page and "<b>韦" not in page and "&amp;lt;" not in page
