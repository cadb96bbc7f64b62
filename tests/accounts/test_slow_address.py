"""An address with many wrong tries is slowed down and asked, never shut: its neighbours have mistyped nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from competitions.accounts.limits import count_attempt
from competitions.accounts.models import AttemptCount
from competitions.accounts.settings import SIGN_IN_TRIES_OF_ADDRESS
from competitions.accounts.sign_in import activation, signing_in
from competitions.accounts.sign_in.questions import Answer, ask
from competitions.base import clock
from competitions.base.database import db
from tests.accounts.phones import Clock, hidden, who
from tests.factories import make_user
from tests.factories_organisations import anew
from tests.people import PASSWORD, Client

NUMERALS = {word: number for number, word in enumerate("零一二三四五六七八九十")}


@pytest.fixture
def now(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def slow(app: Flask, now: Clock) -> None:
    """zhang and li are behind an address with fifty wrong tries."""
    for name in ("zhang", "li"):
        make_user(username=name)
    for key, most in (
        (signing_in.address_key("127.0.0.1"), SIGN_IN_TRIES_OF_ADDRESS.default),
        (activation.address_key("127.0.0.1"), activation.PER_ADDRESS),
    ):
        for _ in range(most + 1):
            count_attempt(db.session(), key, clock.now(), signing_in.WINDOW)
    db.session.commit()


def number(words: str) -> int:
    if len(words) == 2:
        return 10 + NUMERALS[words[1]]
    return NUMERALS[words]


def answered(answer: TestResponse) -> dict[str, str]:
    """What the page's question asks for, as a person would fill it in."""
    page = answer.get_data(as_text=True)
    found = re.search(r">([零一二三四五六七八九十]+)([加减])([零一二三四五六七八九十]+)等于几？", page)
    assert found, page
    first, second = number(found.group(1)), number(found.group(3))
    result = first + second if found.group(2) == "加" else first - second
    return {"question": hidden(page, "question"), "answer": str(result)}


def sign_in(client: Client, username: str, **more: Any) -> TestResponse:
    client.token = None
    return client.post("/login", {"username": username, "password": PASSWORD, **more})


def test_a_neighbour_answers_a_question_and_is_in(app: Flask, slow: None, visitor: Client) -> None:
    page = visitor.get("/login")
    assert "等于几？" in page.get_data(as_text=True)
    assert sign_in(visitor, "zhang", **answered(page)).status_code == 303 and who(visitor) == "zhang"


def test_nobody_is_asked_where_nothing_went_wrong(app: Flask, visitor: Client) -> None:
    assert "等于几？" not in visitor.get("/login").get_data(as_text=True)


def test_without_the_answer_the_password_is_not_looked_at_and_nothing_is_lost(
    app: Flask, slow: None, visitor: Client
) -> None:
    for _ in range(8):
        refused = sign_in(visitor, "zhang")
        assert refused.status_code == 422 and "回答下面的小题" in refused.get_data(as_text=True)
    wrong = {**answered(refused), "answer": "99"}
    assert sign_in(visitor, "zhang", **wrong).status_code == 422
    assert anew().scalar(select(AttemptCount.attempts).where(AttemptCount.key == "sign_in:account:zhang")) is None
    assert sign_in(visitor, "zhang", **answered(refused)).status_code == 303


def test_one_of_the_address_goes_on_in_three_seconds(app: Flask, slow: None, now: Clock) -> None:
    first, second = Client(app), Client(app)
    asked = [answered(client.get("/login")) for client in (first, second)]
    assert sign_in(first, "zhang", **asked[0]).status_code == 303
    held = sign_in(second, "li", **asked[1])
    assert held.status_code == 429 and held.headers["Retry-After"] == "3"
    assert "每 3 秒一次" in held.get_data(as_text=True)
    now.later(seconds=3)
    assert sign_in(second, "li", **asked[1]).status_code == 303  # his answer was not used up


def test_an_answer_is_good_once_and_for_five_minutes(app: Flask, slow: None, now: Clock, visitor: Client) -> None:
    asked = answered(visitor.get("/login"))
    late = answered(visitor.get("/login"))
    assert sign_in(Client(app), "zhang", **asked).status_code == 303
    now.later(seconds=4)
    assert sign_in(visitor, "li", **asked).status_code == 422
    now.later(minutes=5)
    assert sign_in(visitor, "li", **late).status_code == 422
    assert sign_in(visitor, "li", question="v1.a.b.c", answer="7").status_code == 422


def test_answers_that_are_over_leave_no_rows_behind(app: Flask, slow: None, now: Clock) -> None:
    for _ in range(3):
        client = Client(app)
        sign_in(client, "zhang", **answered(client.get("/login")))
        now.later(minutes=4)
    kept = select(func.count()).where(AttemptCount.key.startswith("sign_in:question:"))
    assert anew().scalar(kept) <= 2


def test_each_accounts_own_lock_stays(app: Flask, slow: None, now: Clock) -> None:
    client = Client(app)
    for _ in range(5):
        wrong = client.post(
            "/login", {"username": "zhang", "password": "Wrong-Password-1", **answered(client.get("/login"))}
        )
        assert wrong.status_code == 422
        now.later(seconds=4)
    locked = sign_in(client, "zhang", **answered(client.get("/login")))
    assert locked.status_code == 429 and locked.headers["Retry-After"] == "900"


def test_a_known_account_from_its_known_device_passes_untouched(app: Flask, now: Clock, request: Any) -> None:
    known = Client(app)
    make_user(username="wang")
    db.session.commit()
    known.sign_in("wang")
    known.post("/logout")
    request.getfixturevalue("slow")
    assert "等于几？" not in known.get("/login").get_data(as_text=True)
    assert [sign_in(known, "wang").status_code for _ in range(2)] == [303, 303]
    assert sign_in(known, "li").status_code == 422  # known for one person


def test_the_address_is_as_before_when_the_window_is_over(app: Flask, slow: None, now: Clock) -> None:
    now.later(minutes=16)
    assert "等于几？" not in Client(app).get("/login").get_data(as_text=True)
    assert sign_in(Client(app), "zhang").status_code == 303


def test_activating_is_slowed_in_the_same_way(app: Flask, slow: None, visitor: Client) -> None:
    data = {"username": "zhang", "code": "AAAA-BBBB-CCCC-DDDD", "password": PASSWORD, "again": PASSWORD}
    refused = visitor.post("/activate", data)
    assert refused.status_code == 422 and "等于几？" in refused.get_data(as_text=True)
    through = visitor.post("/activate", {**data, **answered(refused)})
    assert "激活码不正确" in through.get_data(as_text=True)
    assert visitor.post("/activate", {**data, **answered(through)}).status_code == 429


def test_a_form_that_waits_is_not_lost_to_the_pause(app: Flask, slow: None, now: Clock) -> None:
    from competitions.accounts.sign_in.signing_in_again import Typed

    first, second = Client(app), Client(app)
    asked = [answered(client.get("/login")) for client in (first, second)]
    sign_in(first, "zhang", **asked[0])
    typed = Typed("/desk/unions/new", "", "key", [("name", "柳江机械厂工会")]).document()
    held = second.post("/login/again", {"username": "li", "password": PASSWORD, "typed": typed, **asked[1]})
    assert held.status_code == 429 and held.headers["Retry-After"] == "3"
    assert "柳江机械厂工会" in held.get_data(as_text=True)


def test_a_question_is_said_in_words_and_takes_figures(app: Flask) -> None:
    at = clock.now()
    for _ in range(200):
        question = ask(at)
        found = re.fullmatch(r"([零一二三四五六七八九十]+)([加减])([零一二三四五六七八九十]+)等于几？", question.words)
        assert found
        first, second = number(found.group(1)), number(found.group(3))
        result = first + second if found.group(2) == "加" else first - second
        assert 0 < result <= 18
        assert Answer(question.carried, f" {result} ").right(at)
        assert Answer(question.carried, chr(0xFF10 + result) if result < 10 else str(result)).right(at)
        assert Answer(question.carried, str(result + 1)).right(at) is None
        assert Answer(question.carried, str(result)).right(at + timedelta(minutes=6)) is None
