"""The tokens of forms belong to the sign-in they were made in; what was typed in an earlier one is not lost."""

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from competitions.base.database import db
from competitions.organisations.models import Union
from tests.factories import make_union, make_user
from tests.people import Client

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def root(app: Flask) -> Union:
    found = make_union()
    make_user(("administrator", "system", None), username="guanli")
    db.session.commit()
    return found


def unions_named(name: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Union.name == name)) or 0


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page[page.index("<main") :])
    assert found
    return unescape(found[1])


def form_of_an_earlier_sign_in(app: Flask, root: Union) -> tuple[Client, str, dict[str, str]]:
    """Somebody opened the form, signed in again in another tab, and sends the form now."""
    client = Client(app)
    client.sign_in("guanli")
    path = f"/desk/unions/new?parent={root.id}"
    page = client.get(path).get_data(as_text=True)
    tokens = {name: hidden(page, name) for name in ("csrf_token", "form_key")}
    client.sign_in("guanli")
    return client, path, {**tokens, "name": "柳江机械厂工会", "kind": "enterprise"}


def test_a_token_of_an_earlier_sign_in_of_the_same_browser_is_refused(app: Flask, root: Union) -> None:
    client, path, data = form_of_an_earlier_sign_in(app, root)
    assert client.send(path, data=data).status_code == 400
    assert unions_named("柳江机械厂工会") == 0


def test_an_earlier_token_is_refused_with_the_session_that_it_was_made_in_too(app: Flask, root: Union) -> None:
    client = Client(app)
    client.sign_in("guanli")
    path = f"/desk/unions/new?parent={root.id}"
    token = hidden(client.get(path).get_data(as_text=True), "csrf_token")
    kept = client.http.get_cookie("form")
    assert kept
    client.sign_in("guanli")
    client.http.set_cookie("form", kept.value)
    answer = client.send(path, data={"csrf_token": token, "name": "柳江机械厂工会", "kind": "enterprise"})
    assert answer.status_code == 400 and unions_named("柳江机械厂工会") == 0


def again(answer: TestResponse) -> dict[str, str]:
    page = answer.get_data(as_text=True)
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def test_what_was_typed_in_a_form_of_an_earlier_sign_in_comes_back_and_is_sent_by_the_person_himself(
    app: Flask, root: Union
) -> None:
    client, path, data = form_of_an_earlier_sign_in(app, root)
    answer = client.send(path, data=data, headers={**SAME_SITE, "Referer": f"http://localhost{path}"})
    assert answer.status_code == 400 and "柳江机械厂工会" in answer.get_data(as_text=True)
    assert unions_named("柳江机械厂工会") == 0, "nobody presses the button for him"
    assert client.send(path, data=again(answer)).status_code in (302, 303)
    assert unions_named("柳江机械厂工会") == 1


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://elsewhere.example"}])
def test_nothing_of_a_form_that_comes_from_elsewhere_is_shown_again(
    app: Flask, root: Union, headers: dict[str, str]
) -> None:
    client, path, data = form_of_an_earlier_sign_in(app, root)
    answer = client.send(path, data=data, headers=headers)
    assert answer.status_code == 400 and "柳江" not in answer.get_data(as_text=True)


def test_a_form_of_another_person_does_not_come_back(app: Flask, root: Union) -> None:
    _, path, data = form_of_an_earlier_sign_in(app, root)
    db.session.rollback()
    make_user(("administrator", "system", None), username="lingyi")
    db.session.commit()
    other = Client(app)
    other.sign_in("lingyi")
    answer = other.send(path, data=data, headers=SAME_SITE)
    assert answer.status_code == 400 and "柳江" not in answer.get_data(as_text=True)
