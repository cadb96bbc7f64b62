"""Error pages: in the desk's frame for whoever is at work there, public for everybody else, and without the database."""

import re

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from competitions.accounts import gate
from competitions.base.database import db
from tests.factories import make_user
from tests.people import Client

MISSING = "/desk/competitions/4f0c3a2e-0000-4000-8000-000000000000"
SITE = "http://localhost"


@pytest.fixture
def organiser(app: Flask) -> Client:
    make_user(("organiser_drafting", "system", None), username="organiser", display_name="蒙小组")
    db.session.commit()
    client = Client(app)
    client.sign_in("organiser")
    return client


def way_back(page: str) -> str:
    found = re.search(r'<p class="error-ways"><a class="btn btn-primary" href="([^"]*)">(\w+)', page)
    assert found
    return f"{found[2]} {found[1]}"


@pytest.mark.parametrize(("path", "status"), [(MISSING, 404), ("/desk/audit", 403)])
def test_somebody_at_work_keeps_his_navigation(organiser: Client, path: str, status: int) -> None:
    answer = organiser.get(path)
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert "蒙小组" in page and 'href="/desk/competitions"' in page and 'href="/login"' not in page
    assert way_back(page) == "返回 /desk/" and answer.headers["Cache-Control"] == "no-store"


def test_an_error_page_of_the_desk_holds_no_token(organiser: Client) -> None:
    """A token has the time in it: with one, two answers would differ in more than the id of the request."""
    page = organiser.get(MISSING).get_data(as_text=True)
    assert "csrf" not in page and "<form" not in page


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        (f"{SITE}/desk/competitions?q=1&page=2", "/desk/competitions?q=1&amp;page=2"),
        ("http://evil.example/desk/competitions", "/desk/"),
        ("https://localhost.evil.example/desk/", "/desk/"),
        (f"{SITE}/results/", "/desk/"),
        (f"{SITE}//evil.example/desk/", "/desk/"),
        (f"{SITE}/desk/../logout", "/desk/"),
        (f"{SITE}{MISSING}", "/desk/"),
        ("javascript://localhost/desk/x", "/desk/"),
        ("http://[", "/desk/"),
        ("", "/desk/"),
    ],
)
def test_the_way_back_is_a_page_of_the_desk(organiser: Client, came_from: str, back: str) -> None:
    page = organiser.get(MISSING, headers={"Referer": came_from}).get_data(as_text=True)
    assert way_back(page) == f"返回 {back}"


def test_what_was_posted_from_a_page_leads_back_to_it(organiser: Client) -> None:
    answer = organiser.post(f"{MISSING}/publish", headers={"Referer": f"{SITE}/desk/competitions"})
    assert answer.status_code == 404 and way_back(answer.get_data(as_text=True)) == "返回 /desk/competitions"


def test_a_public_address_stays_public_whoever_asks(organiser: Client, visitor: Client) -> None:
    for path in ("/no-such-page", "/results/4f0c3a2e-0000-4000-8000-000000000000"):
        answers = [
            client.get(path, headers={"Referer": f"{SITE}/desk/competitions"}) for client in (organiser, visitor)
        ]
        pages = [answer.get_data(as_text=True).replace(answer.headers["X-Request-ID"], "") for answer in answers]
        assert answers[0].status_code == 404 and pages[0] == pages[1]
        assert way_back(pages[0]) == "首页 /" and 'href="/login"' in pages[0]


def test_a_database_that_is_down_is_not_asked_again_by_the_error_page(
    organiser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def down(*_given: object) -> None:
        asked.append(1)
        raise OperationalError("", {}, Exception("disk I/O error"))

    monkeypatch.setattr(gate, "sign_in_by_token", down)
    answer = organiser.get("/desk/")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503 and len(asked) == 1
    assert way_back(page) == "首页 /" and "蒙小组" not in page
