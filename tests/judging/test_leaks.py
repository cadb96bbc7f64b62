"""During a blind event a judge walks every address there is, with his password and with his card: no name, unit, ID,
phone, ticket or entry id is in any byte of any answer, however written.

The people behind the codes are really in the database.
"""

import base64
import html
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from competitions.audit.recording import transaction
from competitions.base import clock, keyring
from competitions.base.database import db
from competitions.base.permissions import Permission
from competitions.coding.models import CodedPlace, CodeRow, CodeSheet, Lot
from competitions.judging.cards.services import fresh_secrets, issue_cards
from competitions.judging.models import ScoreSheet
from competitions.programme.models import Stage
from competitions.registration.models import Entry, EntryMember, Worker
from competitions.web.declared import declared
from tests.audit.tampering import unguarded
from tests.factories import actor, make_employer, make_union
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
        entry = Entry(
            competition_id=hall.event.competition_id,
            event_id=hall.event.id,
            division_id=hall.division.id,
            state="approved",
            reporting_union_id=union.id,
            review_union_id=union.id,
            delegation_id=union.id,
            author_id="factory",
            ticket=ticket,
            created_at=clock.now(),
        )
        entry.members = [
            EntryMember(
                event_id=hall.event.id,
                name=name,
                worker_id=worker.id,
                employer_id=employer.id,
                employer_name=employer.name,
            )
        ]
        entry.members[0].phone = keyring.ring().seal(phone, "entry_member", "phone", entry.members[0].id)
        db.session.add_all([worker, entry])
        db.session.flush()
        place = db.session.scalars(select(CodedPlace).where(CodedPlace.code == code)).one()
        with unguarded():
            db.session.scalars(select(CodeRow).where(CodeRow.code == code)).one().source = entry.id
        db.session.add(
            Lot(
                stage_id=hall.stage.id,
                entry_id=entry.id,
                sitting_id=hall.sittings[0].id,
                station=place.station,
                source="hall",
                at=clock.now(),
            )
        )
        secrets += [
            name,
            union.name,
            union.id,
            employer.name,
            employer.id,
            id_number,
            keyring.masked_id_number(id_number),
            worker.id_number_index,
            phone,
            keyring.masked_phone(phone),
            ticket,
            entry.members[0].name_strokes,
            entry.members[0].name_pinyin,
            *entry.members[0].search_text.splitlines(),
            entry.id,
            worker.id,
            entry.members[0].id,
        ]
    db.session.commit()
    return secrets


ENDING = ("/logout", "/login", "/judge/card")
"""Unsafe addresses that would end or change the walker's sign-in."""


def addresses(app: Flask, hall: Hall, method: str = "GET") -> list[str]:
    """Every rule with the method, its variables filled with whatever ids of the hall could fit."""
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
        if method not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        paths = [rule.rule]
        for name in rule.arguments:
            paths = [re.sub(rf"<[^<>]*\b{name}>", value, path) for path in paths for value in ids.get(name, anything)]
        found += [path for path in paths if "<" not in path]
    return sorted(set(found))


def bytes_of(client: Client, path: str) -> tuple[int, str]:
    """Status, and every byte of the answer as text: headers, body, the files inside a workbook with their names."""
    answer = client.get(path)
    return answer.status_code, everything(answer)


def everything(answer: TestResponse) -> str:
    """Headers (file names too) and body; of a workbook or document the parts, properties included, and what parts are
    packed in them.
    """
    return "\n".join((str(answer.headers), *unpacked(answer.get_data())))


def unpacked(body: bytes) -> list[str]:
    found = [body.decode(errors="replace")]
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as files:
            for name in files.namelist():
                found += [name, files.comment.decode(errors="replace"), *unpacked(files.read(name))]
    return found


def leaks(secrets: list[str], text: str) -> list[str]:
    """The secrets that are in the text: as they are, or as JSON, an address, a page or base64 would write them."""
    plain = f"{text}\n{html.unescape(text)}\n{unquote(text)}"
    return [
        secret
        for secret in secrets
        if any(
            written in plain
            for written in {secret, json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode().rstrip("=")}
        )
    ]


def with_card(hall: Hall) -> Client:
    """The first judge, signed in with a card."""
    organiser, stage, judge = actor(hall.people["organiser"]), hall.stage.id, hall.judges[0].id
    made = fresh_secrets()
    with transaction() as session:
        issue_cards(session, session.get_one(Stage, stage), {judge: made}, by=organiser, at=clock.now())
    client = Client(hall.app)
    assert client.post("/judge/card", {"number": made.number, "pin": made.pin}).status_code == 303
    client.token = None
    return client


@pytest.mark.parametrize("signed_in", ["password", "card"])
def test_no_address_tells_a_judge_who_is_behind_a_code(app: Flask, signed_in: str) -> None:
    hall = make_hall(app, codes=CODES, modules=("theory", "practice"))
    secrets = people_the_hall(hall)
    judge = with_card(hall) if signed_in == "card" else hall.client(hall.judges[0])
    deliver(judge, hall.sheet(CODES[0]).id)
    opened = []
    for path in addresses(app, hall):
        status, text = bytes_of(judge, path)
        assert status < 500 or path == "/readyz", path
        assert leaks([secret for secret in secrets if secret not in path], text) == [], path
        opened += [path] if status == 200 else []
    assert len(opened) > 10, "the walk has to get somewhere"
    kinds = {".xlsx", "/api/sheets", "/judge/", "/desk/judging/sheets"}
    assert not [kind for kind in kinds if not any(kind in path for path in opened)], "exports and the API are among it"
    if signed_in == "card":
        pages = {
            rule.endpoint for rule in app.url_map.iter_rules() if declared(app, rule.endpoint) is Permission.MARK_SHEETS
        }
        router = app.url_map.bind("localhost")
        assert all(router.match(path)[0] in pages for path in opened if path.startswith("/desk/"))


@pytest.mark.parametrize("role", ["checker", "chief_judge"])
def test_no_address_tells_the_checker_or_the_chief_judge_either(app: Flask, role: str) -> None:
    hall = make_hall(app, codes=CODES, modules=("theory", "practice"))
    secrets = people_the_hall(hall)
    deliver(hall.client(hall.judges[0]), hall.sheet(CODES[0]).id)
    client = hall.client(role)
    for path in addresses(app, hall):
        status, text = bytes_of(client, path)
        assert status < 500 or path == "/readyz", path
        assert leaks([secret for secret in secrets if secret not in path], text) == [], path


def test_no_refusal_of_an_unsafe_request_tells_a_judge_who_is_behind_a_code(app: Flask) -> None:
    hall = make_hall(app, codes=CODES, modules=("theory", "practice"))
    secrets = people_the_hall(hall)
    judge = hall.client(hall.judges[0])
    for path in addresses(app, hall, "POST"):
        if path in ENDING:
            continue
        answer = judge.post(path, {"reason": "核对", "judge": hall.judges[0].id, "code": CODES[0]})
        assert answer.status_code < 500, path
        assert leaks([secret for secret in secrets if secret not in path], everything(answer)) == [], path
    assert judge.get("/api/sheets").status_code == 200, "still signed in at the end of the walk"


@pytest.mark.parametrize(
    "written",
    [
        lambda name: json.dumps({"name": name}),
        quote,
        lambda name: "".join(f"&#{ord(letter)};" for letter in name),
        lambda name: base64.b64encode(name.encode()).decode(),
    ],
)
def test_a_name_is_found_however_it_is_written(written: Callable[[str], str]) -> None:
    assert leaks(["覃某壹测"], f"x{written('覃某壹测')}y") == ["覃某壹测"]
    assert leaks(["覃某壹测"], written("韦某贰测")) == []


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
            f"/desk/stages/{hall.stage.id}/times",
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
    script = Path(app.static_folder or "") / "js" / "tablet" / "store.js"
    words = json.dumps(script.read_text(encoding="utf-8"))
    assert "username" not in words and "password" not in words
