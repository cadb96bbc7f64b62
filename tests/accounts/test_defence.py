"""Attacks on signing in: guessing, locking out, redirecting, weak passwords (security.md §1)."""

import re
import threading

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from competitions.accounts.limits import count_attempt
from competitions.accounts.models import AttemptCount, SignIn, User
from competitions.accounts.passwords import check_strength
from competitions.accounts.settings import SIGN_IN_TRIES_OF_ADDRESS
from competitions.accounts.sign_in.signing_in import WINDOW
from competitions.audit.models import AuditEvent
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid
from competitions.web.addresses import safe_target
from tests.factories import make_user
from tests.factories_organisations import anew, make_region, signed_in
from tests.people import PASSWORD, Client


def told(word: str) -> int:
    return sum(f'"{word}"' in each.payload for each in anew().scalars(select(AuditEvent)))


def asked(answer: TestResponse) -> bool:
    """Whether the answer asks the small question of a slow address."""
    return answer.status_code == 422 and 'name="answer"' in answer.get_data(as_text=True)


def test_of_a_hundred_wrong_passwords_at_once_at_most_five_are_verified(app: Flask) -> None:
    make_user(username="zhang")
    db.session.commit()
    clients = [Client(app) for _ in range(100)]
    tokens = [client.csrf() for client in clients]
    start, answers = threading.Barrier(len(clients)), []

    def guess(client: Client, token: str, address: str) -> None:
        start.wait()
        answers.append(
            client._run(
                client.http.post,
                "/login",
                data={"username": "zhang", "password": "Wrong-Password-1", "csrf_token": token},
                environ_base={"REMOTE_ADDR": address},
            ).status_code
        )

    addresses = [f"10.0.0.{number % 4}" for number in range(len(clients))]  # no address has so many that it is slow
    threads = [threading.Thread(target=guess, args=each) for each in zip(clients, tokens, addresses, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 100 and set(answers) <= {422, 429, 503}
    assert answers.count(422) == told("sign_in.failed") <= 5
    assert Client(app).sign_in("zhang").status_code == 429


def test_a_lock_is_told_once_and_survives_the_refusal(app: Flask) -> None:
    make_user(username="zhang")
    db.session.commit()
    for _ in range(8):
        Client(app).sign_in("zhang", "Wrong-Password-1")
    assert told("sign_in.locked") == 1 and told("sign_in.failed") == 5
    assert anew().scalars(select(AttemptCount.attempts).where(AttemptCount.key == "sign_in:account:zhang")).one() == 8


def test_those_who_sign_in_rightly_do_not_lock_the_address_that_they_share(app: Flask) -> None:
    for name in ("zhang", "li", "wang"):
        make_user(username=name)
    for _ in range(SIGN_IN_TRIES_OF_ADDRESS.default - 1):
        count_attempt(db.session(), "sign_in:address:127.0.0.1", clock.now(), WINDOW)
    db.session.commit()
    assert [Client(app).sign_in(name).status_code for name in ("zhang", "li", "wang")] == [303, 303, 303]
    assert Client(app).sign_in("zhang", "Wrong-Password-1").status_code == 422
    assert asked(Client(app).sign_in("li"))


def test_a_known_device_signs_in_behind_a_slow_address(app: Flask, visitor: Client) -> None:
    for name in ("zhang", "li"):
        make_user(username=name)
    db.session.commit()
    visitor.sign_in("zhang")
    visitor.post("/logout")
    for _ in range(SIGN_IN_TRIES_OF_ADDRESS.default):
        count_attempt(db.session(), "sign_in:address:127.0.0.1", clock.now(), WINDOW)
    db.session.commit()
    assert asked(Client(app).sign_in("zhang"))
    assert asked(visitor.sign_in("li"))  # a device is known for one person
    assert visitor.sign_in("zhang").status_code == 303


def test_no_default_account_opens_a_fresh_installation(app: Flask) -> None:
    for name in ("admin", "administrator", "root"):
        for password in ("admin", "123456", "password", name):
            assert Client(app).sign_in(name, password).status_code in (422, 429)
    assert anew().scalar(select(User)) is None


def test_wrong_activation_codes_are_counted_although_each_is_refused(app: Flask) -> None:
    make_user(username="zhang", password_hash=None)
    db.session.commit()
    data = {"username": "zhang", "code": "AAAA-BBBB-CCCC-DDDD", "password": PASSWORD, "again": PASSWORD}
    answers = [Client(app).post("/activate", data).status_code for _ in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert told("account.activation_failed") == 10 and told("account.activation_locked") == 1


@pytest.mark.parametrize(
    "target",
    [
        "//evil",
        "/\\evil",
        "https:evil",
        "https://evil.example/",
        "/\t/evil",
        "\\\\evil",
        "javascript:alert(1)",
        "/\x00",
        "evil",
        "",
    ],
)
def test_signing_in_leads_to_a_path_of_this_site_only(target: str) -> None:
    assert safe_target(target) == "/desk/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(app: Flask, visitor: Client) -> None:
    make_user(username="zhang")
    db.session.commit()
    asked = visitor.get("/desk/sign-ins")
    assert asked.status_code == 302 and asked.location == "/login?next=/desk/sign-ins"
    page = visitor.get(asked.location).get_data(as_text=True)
    assert 'value="/desk/sign-ins"' in page
    evil = visitor.post("/login", {"username": "zhang", "password": PASSWORD, "target": "//evil"})
    assert evil.location == "/desk/"


def test_a_cookie_set_beforehand_is_not_adopted(app: Flask, visitor: Client) -> None:
    make_user(username="zhang")
    db.session.commit()
    visitor.http.set_cookie("sid", "chosen-by-somebody-else")
    visitor.sign_in("zhang")
    cookie = visitor.http.get_cookie("sid")
    assert cookie is not None and cookie.value != "chosen-by-somebody-else"


@pytest.mark.parametrize(
    "password",
    [
        "short-1A",
        "alllowercase",
        "Dragon2024!!",
        "Sunshine#123",
        "Zhangsan-2024",
        "Aa1!Aa1!Aa1!",
        "Gonghui-2026x",
        "x" * 129,
        "My13877112233pass",
        "qwertyuiop12A",
        "Passw0rd-Password",
    ],
)
def test_weak_and_guessable_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid):
        check_strength(password, "zhangsan")


@pytest.mark.parametrize(
    "password", [PASSWORD, "tian-deng-shi-zhe-yao", "Yong7Jiang!", "木棉花开红水河畔又一年的春天来了呀"]
)
def test_good_passwords_are_taken(password: str) -> None:
    check_strength(password, "zhangsan")


def test_a_long_password_is_not_cut(app: Flask, visitor: Client) -> None:
    from competitions.accounts.passwords import hashed, verified

    kept = hashed("a" * 90 + "B" + "c" * 9)
    assert verified(kept, "a" * 90 + "B" + "c" * 9) and not verified(kept, "a" * 90 + "X" + "c" * 9)


def change(client: Client, current: str, new: str) -> int:
    return client.post("/desk/password", {"current": current, "password": new, "again": new}).status_code


def test_changing_the_password_ends_the_other_sign_ins_and_keeps_this_one(app: Flask) -> None:
    region = make_region()
    here, elsewhere = signed_in(app, region.reporter), signed_in(app, region.reporter)
    assert change(here, "Wrong-Password-1", "New-Harbour-Song-5") == 422
    assert change(here, PASSWORD, "short") == 422
    assert change(here, PASSWORD, "New-Harbour-Song-5") == 303
    assert here.get("/desk/sign-ins").status_code == 200 and elsewhere.get("/desk/sign-ins").status_code == 302
    assert elsewhere.sign_in("clerk").status_code == 422
    assert elsewhere.sign_in("clerk", "New-Harbour-Song-5").status_code == 303


def test_the_present_password_cannot_be_guessed_from_an_open_page(app: Flask) -> None:
    client = signed_in(app, make_region().reporter)
    assert [change(client, f"Wrong-Password-{n}", "New-Harbour-Song-5") for n in range(6)] == [422] * 5 + [429]


def test_one_ends_ones_own_sign_ins_and_nobody_elses(app: Flask) -> None:
    region = make_region()
    here, elsewhere, other = (signed_in(app, each) for each in (region.reporter, region.reporter, region.reviewer))
    rows = {each.user_id: each.id for each in anew().scalars(select(SignIn))}
    assert here.post(f"/desk/sign-ins/{rows[region.reviewer.id]}/revoke").status_code == 404
    assert other.get("/desk/sign-ins").status_code == 200
    assert here.post("/desk/sign-ins/revoke-others").status_code == 303
    assert here.get("/desk/sign-ins").status_code == 200 and elsewhere.get("/desk/sign-ins").status_code == 302


def test_a_page_with_a_code_or_sign_ins_is_never_kept_by_the_browser(app: Flask) -> None:
    answer = signed_in(app, make_region().reporter).get("/desk/sign-ins")
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"\sstyle=|<script(?![^>]*src)", answer.get_data(as_text=True))


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Windows 电脑，Edge 浏览器",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0",
            "安卓设备，微信",
        ),
        ("curl/8", "未知设备"),
    ],
)
def test_a_browser_is_told_in_words_that_people_know(agent: str, words: str) -> None:
    from competitions.accounts.sign_in.agents import agent_words

    assert agent_words(agent) == words


def test_an_unknown_name_costs_as_much_as_a_wrong_password() -> None:
    from argon2 import extract_parameters

    from competitions.accounts import passwords

    assert extract_parameters(passwords._DUMMY) == extract_parameters(passwords.hashed("x" * 20))
    assert not passwords.verified(None, "x" * 20)
