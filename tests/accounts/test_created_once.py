"""Whatever a page creates is created once, however often its form is sent: deductions, drafts, attachments, people,
rulings, scans, rosters, users, units, sittings; and each form of a page has the key by which that is known.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from competitions.accounts.models import User
from competitions.accounts.pairs.models import AccountRequest
from competitions.base.database import db
from competitions.coding.models import Sitting
from competitions.judging.models import Incident
from competitions.judging.signing.models import SignedScan
from competitions.organisations.models import Union
from competitions.programme.models import Attachment
from competitions.registration.models import Entry, RosterUpload
from competitions.results.models import Publication, TieRuling
from tests.factories import make_event, make_union, make_user
from tests.factories_coding import make_contest as bare_contest
from tests.factories_registration import make_region, make_roster, roster_row, signed_in
from tests.factories_results import make_contest, practice_only
from tests.people import Client
from tests.registration.test_entering import typed

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
TIED = [{"practice": [mark]} for mark in ("90", "80", "80", "70")]
WITHOUT_KEY = {
    "accounts/activate.html": "nobody is signed in",
    "accounts/sign_in.html": "nobody is signed in",
    "accounts/sign_in_again.html": "nobody is signed in",
    "judging/tablet.html": "sent by a script, which asks for a token first",
}
Data = Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Creation:
    """Who sends what where, and what is counted."""

    client: Client
    path: str
    data: Data
    counted: Any


def of(user: User, app: Flask) -> Client:
    db.session.commit()
    return signed_in(app, user)


def administrator(app: Flask) -> Client:
    return of(make_user(("administrator", "system", None)), app)


def deduction(app: Flask) -> Creation:
    contest = make_contest(app, practice_only(), TIED, signed=False)
    data = {"code": contest.codes[0], "kind": "violation", "value": "2", "text": "规程第 5.2 条，监督员在场认定"}
    data["module"] = contest.stage.modules[0].id
    return Creation(
        contest.client("chief_judge"), f"/desk/stages/{contest.stage_id}/incidents", lambda: data, Incident.id
    )


def draft(app: Flask) -> Creation:
    contest = make_contest(app, practice_only(), TIED[:2])
    contest.settle()
    contest.decode()
    path = f"/desk/stages/{contest.stage_id}/publish"
    return Creation(contest.client("drafting"), path, lambda: {"notice": "现将成绩公布如下。"}, Publication.id)


def ruling(app: Flask) -> Creation:
    contest = make_contest(app, practice_only(), TIED)
    path = f"/desk/stages/{contest.stage_id}/divisions/{contest.division_id}/rulings"
    data = {"code": contest.codes[1:3], "order": ["2", "1"], "reason": "按规程比较关键工序质量，裁判组一致意见"}
    return Creation(contest.client("chief_judge"), path, lambda: data, TieRuling.id)


def scan(app: Flask) -> Creation:
    contest = make_contest(app, practice_only(), TIED[:2])
    data = {"division": contest.division_id}
    path = f"/desk/modules/{contest.stage.modules[0].id}/scans"
    return Creation(
        contest.client("chief_judge"), path, lambda: {**data, "file": (BytesIO(PDF), "签字.pdf")}, SignedScan.id
    )


def attachment(app: Flask) -> Creation:
    region = make_region()
    organiser = make_user(("organiser_drafting", "system", None))
    path = f"/desk/competitions/{region.competition.id}/attachments"
    return Creation(of(organiser, app), path, lambda: {"file": (BytesIO(PDF), "通知.pdf")}, Attachment.id)


def person(app: Flask) -> Creation:
    region = make_region()
    form, path = typed(region), f"/desk/competitions/{region.competition.id}/entries/new"
    return Creation(of(region.reporter, app), path, lambda: form, Entry.id)


def roster(app: Flask) -> Creation:
    region = make_region()
    data, name = make_roster([roster_row(region.employer.name)]), region.enterprise.name
    path = f"/desk/competitions/{region.competition.id}/roster"
    return Creation(
        of(region.reporter, app), path, lambda: {"roster": (BytesIO(data), "名单.xlsx"), "union": name}, RosterUpload.id
    )


def official(app: Flask) -> Creation:
    event, judge = make_event(), make_user(display_name="裁判陈")
    path, data = f"/desk/events/{event.id}/people", {"username": judge.username, "role": "judge"}
    return Creation(of(make_user(("organiser_drafting", "system", None)), app), path, lambda: data, AccountRequest.id)


def user(app: Flask) -> Creation:
    union = make_union(name="邕江机械厂工会委员会")
    data = {"username": "wei01", "display_name": "韦大山", "role": "reporter", "union_name": union.name}
    return Creation(administrator(app), "/desk/users/new", lambda: data, User.id)


def unit(app: Flask) -> Creation:
    parent = make_union().id
    data = {"name": "柳江机械厂工会", "kind": "enterprise"}
    return Creation(administrator(app), f"/desk/unions/new?parent={parent}", lambda: data, Union.id)


def sitting(app: Flask) -> Creation:
    stage = bare_contest(1)
    coder = make_user(("coder", "event", stage.event_id))
    data = {"name": "第二场", "starts_at": "2026-12-01T08:30", "stations": "32", "place": "二号楼", "module_id": ""}
    return Creation(of(coder, app), f"/desk/stages/{stage.id}/coding/sittings", lambda: data, Sitting.id)


KINDS = (deduction, draft, ruling, scan, attachment, person, roster, official, user, unit, sitting)


def count(column: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(column))) or 0


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_what_a_form_creates_is_created_once_and_the_second_time_leads_to_the_same_place(
    app: Flask, make: Callable[[Flask], Creation]
) -> None:
    made = make(app)
    found = re.search(r'name="form_key" value="([^"]+)"', made.client.get("/desk/").get_data(as_text=True))
    assert found
    before = count(made.counted)
    answers = [made.client.post(made.path, {**made.data(), "form_key": found[1]}) for _ in range(2)]
    assert answers[0].status_code in (200, 201, 303) and answers[1].status_code == 303
    assert answers[1].location == (answers[0].location or "/desk/")
    assert count(made.counted) == before + 1


def test_every_form_that_a_page_posts_has_the_key() -> None:
    without = []
    for template in sorted(TEMPLATES.rglob("*.html")):
        name, text = str(template.relative_to(TEMPLATES)), template.read_text(encoding="utf-8")
        forms = re.findall(r'<form\b[^>]*method="post".*?</form>', text, re.S)
        if any("csrf()" not in form for form in forms) and name not in WITHOUT_KEY:
            without.append(name)
    assert without == []
