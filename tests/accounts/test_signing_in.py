"""Signing in: right, wrong, locked, revoked; who is who."""

from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import KnownDevice, SignIn
from competitions.audit.models import AuditEvent
from competitions.base.database import db
from tests.factories import make_user
from tests.people import Client


def test_the_right_password_opens_a_sign_in_that_is_a_row(app: Flask, visitor: Client) -> None:
    make_user(username="zhang")
    db.session.commit()
    answer = visitor.sign_in("zhang")
    assert answer.status_code == 303
    assert visitor.get("/api/session").get_json()["user"]["username"] == "zhang"
    assert db.session.scalars(select(SignIn)).one().revoked_at is None
    assert "sign_in.opened" in db.session.scalars(select(AuditEvent)).one().payload


def test_an_unknown_user_and_a_wrong_password_get_the_same_bytes(app: Flask, visitor: Client) -> None:
    make_user(username="zhang")
    db.session.commit()
    wrong = visitor.sign_in("zhang", "Wrong-Password-1")
    other = Client(app).sign_in("nobody", "Wrong-Password-1")
    assert wrong.status_code == other.status_code == 422
    assert "用户名或密码不正确" in wrong.get_data(as_text=True)


def test_five_failures_lock_the_account_even_for_the_right_password(app: Flask, visitor: Client) -> None:
    make_user(username="zhang")
    db.session.commit()
    for _ in range(5):
        assert visitor.sign_in("zhang", "Wrong-Password-1").status_code == 422
    assert visitor.sign_in("zhang").status_code == 429


def test_a_known_device_is_not_shut_out_by_failures_elsewhere(app: Flask, visitor: Client) -> None:
    make_user(username="zhang")
    db.session.commit()
    visitor.sign_in("zhang")
    visitor.post("/logout")
    stranger = Client(app)
    for _ in range(6):
        stranger.sign_in("zhang", "Wrong-Password-1")
    assert stranger.sign_in("zhang").status_code == 429
    assert visitor.sign_in("zhang").status_code == 303


def test_two_accounts_in_one_browser_are_one_device(app: Flask, visitor: Client) -> None:
    make_user(username="zhang")
    make_user(username="li")
    db.session.commit()
    for name in ("zhang", "li"):
        visitor.sign_in(name)
        visitor.post("/logout")
    devices = db.session.scalars(select(KnownDevice)).all()
    assert len(devices) == 2 and len({device.token_hash for device in devices}) == 1


def test_signing_out_ends_the_sign_in_on_the_server(app: Flask, visitor: Client) -> None:
    make_user(username="zhang")
    db.session.commit()
    visitor.sign_in("zhang")
    sid = visitor.http.get_cookie("sid")
    assert visitor.post("/logout").status_code == 303
    visitor.http.set_cookie("sid", sid.value)
    assert visitor.get("/api/session").get_json()["user"] is None


def test_an_unsafe_request_without_a_token_is_refused(app: Flask, visitor: Client) -> None:
    assert visitor._run(visitor.http.post, "/login", data={"username": "a", "password": "b"}).status_code == 400
