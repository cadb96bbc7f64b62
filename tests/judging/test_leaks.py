"""During a blind event a judge walks every address there is: no name, unit, ID, ticket or entry id is in any byte.

The people behind the codes are really in the database, coded by the coding feature's own services.
"""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from competitions import clock, keyring
from competitions.coding.models import CodedPlace, CodeRow, CodeSheet, Lot
from competitions.extensions import db
from competitions.judging.models import ScoreSheet
from competitions.registration.models import Entry, EntryMember, Worker
from tests.factories import make_employer, make_union
from tests.factories_judging import Hall, act, deliver, make_hall, submission
from tests.people import Client

CODES = ("K37", "K05", "K88")
NAMES = ("覃某壹测", "韦某贰测", "蒙某叁测")


def people_the_hall(hall: Hall) -> list[str]:
    """An entry behind every code; returns everything that must not reach a judge."""
    secrets: list[str] = []
    for number, (code, name) in enumerate(zip(CODES, NAMES, strict=True), 1):
        union = make_union(name=f"泄密检验{number}号工会", delegation=True)
        employer = make_employer(union, name=f"泄密检验{number}号机械公司")
        id_number, phone, ticket = f"45010219900101{number:04}", f"1380000{number:04}", f"ZK2026{number:04}"
        worker = Worker(id_number="", id_number_index=f"{number:032}", created_at=clock.now())
        worker.id_number = keyring.ring().seal(id_number, "worker", "id_number", worker.id)
        entry = Entry(competition_id=hall.event.competition_id, event_id=hall.event.id, division_id=hall.division.id,
                      state="approved", reporting_union_id=union.id, review_union_id=union.id, delegation_id=union.id,
                      author_id="factory", ticket=ticket, created_at=clock.now())
        entry.members = [EntryMember(event_id=hall.event.id, name=name, worker_id=worker.id, employer_id=employer.id,
                                     employer_name=employer.name)]
        db.session.add_all([worker, entry])
        db.session.flush()
        place = db.session.scalars(select(CodedPlace).where(CodedPlace.code == code)).one()
        db.session.scalars(select(CodeRow).where(CodeRow.code == code)).one().source = entry.id
        db.session.add(Lot(stage_id=hall.stage.id, entry_id=entry.id, sitting_id=hall.sittings[0].id,
                           station=place.station, source="hall", at=clock.now()))
        secrets += [
            name,
            union.name,
            union.id,
            employer.name,
            employer.id,
            id_number,
            phone,
            ticket,
            entry.id,
            worker.id,
            entry.members[0].id,
        ]
    db.session.commit()
    return secrets


def addresses(app: Flask, hall: Hall) -> list[str]:
    """Every GET rule, its variables filled with whatever ids of the hall could fit."""
    db.session.rollback()
    ids = {
        "sheet_id": [sheet.id for sheet in db.session.scalars(select(ScoreSheet))],
        "module_id": [module.id for module in hall.modules.values()],
        "stage_id": [hall.stage.id],
        "event_id": [hall.event.id],
        "competition_id": [hall.event.competition_id],
        "code": list(CODES),
        "entry_id": list(db.session.scalars(select(Entry.id))),
        "code_sheet_id": list(db.session.scalars(select(CodeSheet.id))),
        "user_id": [hall.judges[0].id],
        "division_id": [hall.division.id],
        "union_id": [entry.reporting_union_id for entry in db.session.scalars(select(Entry))],
    }
    anything = [*ids["event_id"], *ids["entry_id"]]
    found: list[str] = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        paths = [rule.rule]
        for name in rule.arguments:
            paths = [re.sub(rf"<[^<>]*\b{name}>", value, path) for path in paths for value in ids.get(name, anything)]
        found += [path for path in paths if "<" not in path]
    return sorted(set(found))


def bytes_of(client: Client, path: str) -> tuple[int, str]:
    """Status, and every byte of the answer as text: headers, body, the files inside a workbook with their names."""
    answer = client.get(path)
    body = answer.get_data()
    parts = [str(answer.headers).encode(), body]
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as files:
            parts += [part for name in files.namelist() for part in (name.encode(), files.read(name))]
    return answer.status_code, b"\n".join(parts).decode(errors="replace")


def leaks(secrets: list[str], text: str) -> list[str]:
    return [secret for secret in secrets if secret in text]


def test_no_address_tells_a_judge_who_is_behind_a_code(app: Flask) -> None:
    hall = make_hall(app, codes=CODES, modules=("theory", "practice"))
    secrets = people_the_hall(hall)
    judge = hall.client(hall.judges[0])
    opened = 0
    for path in addresses(app, hall):
        status, text = bytes_of(judge, path)
        assert status < 500 or path == "/readyz", path
        assert leaks([secret for secret in secrets if secret not in path], text) == [], path
        opened += status == 200
    assert opened > 10, "the walk has to get somewhere"


def test_the_walk_would_find_a_name_that_is_shown(app: Flask) -> None:
    hall = make_hall(app, codes=CODES)
    secrets = people_the_hall(hall)
    organiser = hall.client("organiser")
    assert leaks(secrets, bytes_of(organiser, f"/desk/competitions/{hall.event.competition_id}/entries")[1]) != []


def test_no_answer_to_a_judges_write_tells_who_is_behind_a_code(app: Flask) -> None:
    hall = make_hall(app, codes=CODES)
    secrets = people_the_hall(hall)
    judge = hall.client(hall.judges[0])
    answers: list[Any] = []
    for line in judge.get("/api/sheets").get_json()["sheets"]:
        answers += [
            deliver(judge, line["id"]),
            deliver(judge, line["id"]),
            deliver(judge, line["id"], submission({"A1": "x"})),
        ]
    answers.append(act(judge, f"/api/sheets/{hall.sheet(CODES[0], judge=1).id}/confirm"))
    for answer in answers:
        assert leaks(secrets, f"{answer.headers}\n{answer.get_data(as_text=True)}") == []


def test_the_checker_and_the_chief_judge_see_codes_only_before_decoding(app: Flask) -> None:
    hall = make_hall(app, codes=CODES)
    secrets = people_the_hall(hall)
    deliver(hall.client(hall.judges[0]), hall.sheet(CODES[0]).id)
    module = hall.modules["practice"].id
    for role, paths in {
        "checker": [
            "/desk/judging/checking",
            f"/desk/modules/{module}/checking",
            f"/desk/modules/{module}/checking/{CODES[0]}",
        ],
        "chief_judge": [
            "/desk/judging/matrices",
            f"/desk/modules/{module}/matrix",
            f"/desk/stages/{hall.stage.id}/incidents",
            f"/desk/judging/sheets/{hall.sheet(CODES[0]).id}/revisions",
        ],
    }.items():
        client = hall.client(role)
        for path in paths:
            status, text = bytes_of(client, path)
            assert status == 200 and leaks(secrets, text) == [], path


def test_the_tabulator_sees_tickets_or_codes_and_never_both(app: Flask) -> None:
    hall = make_hall(app, codes=CODES, modules=("theory",), judges=0, settings={"identify_by": "ticket"})
    people_the_hall(hall)
    client, path = hall.client("tabulator"), f"/desk/modules/{hall.modules['theory'].id}/tabulation"
    page = client.get(path).get_data(as_text=True)
    assert "ZK20260001" in page and not [code for code in CODES if code in page]
    grid = {
        "key": "00000000-0000-4000-8000-000000000001",
        "name.0": "ZK20260002",
        "base.0": "0",
        "mark.0.score": "77.5",
    }
    assert client.post(path, grid).status_code == 303
    assert hall.sheet(CODES[1], module="theory").head == 1


def test_the_order_of_a_judges_list_is_that_of_the_codes_and_not_of_registration(app: Flask) -> None:
    hall = make_hall(app, codes=CODES)
    lines = hall.client(hall.judges[0]).get("/api/sheets").get_json()["sheets"]
    assert [line["code"] for line in lines] == sorted(CODES)


def test_what_the_tablets_scripts_keep_names_nobody(app: Flask) -> None:
    script = Path(app.static_folder or "") / "js" / "judge-store.js"
    words = json.dumps(script.read_text(encoding="utf-8"))
    assert "username" not in words and "password" not in words
