"""A phone with a verifier, and a clock that the test moves: codes are good for half a minute."""

import re
from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask

from competitions.accounts.factor import second_factor
from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from tests.factories import actor
from tests.people import PASSWORD, Client


class Clock:
    """The house's clock, standing still."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = clock.now().replace(second=10, microsecond=0)
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def later(self, **much: float) -> None:
        """Let time pass."""
        self.at += timedelta(**much)


class Phone:
    """Shows the codes of one secret."""

    def __init__(self, secret: str) -> None:
        self.secret = secret.replace(" ", "")

    def code(self, at: datetime | None = None) -> str:
        """What it shows at that moment, or now."""
        return pyotp.TOTP(self.secret).at(at or clock.now())


def phone_of(page: str) -> Phone:
    """The phone that reads the secret of a page."""
    found = re.search(r"data-secret>([A-Z2-7 ]+)<", page)
    assert found, page
    return Phone(found.group(1))


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found.group(1)


def recovery_codes_of(page: str) -> list[str]:
    """The codes that a page shows."""
    return re.findall(r"<code>([A-Z2-9]{4}-[A-Z2-9]{4})</code>", page)


def bind(user: User) -> tuple[Phone, list[str]]:
    """Give the user a phone a minute ago; the phone and his recovery codes."""
    secret, before = pyotp.random_base32(), clock.now() - timedelta(minutes=2)
    with transaction() as session:
        user = session.get_one(User, user.id)
        codes = second_factor.enrol(session, user, secret, pyotp.TOTP(secret).at(before), by=actor(user), at=before)
    db.session.rollback()
    return Phone(secret), codes


def with_code(client: Client, code: str) -> int:
    """Send a code; the status."""
    client.token = None  # the password before it began the session anew
    return client.post("/login/code", {"code": code}).status_code


def signed_in_with(app: Flask, user: User, phone: Phone) -> Client:
    """A client signed in with password and code."""
    client = Client(app)
    assert client.sign_in(user.username, PASSWORD).location == "/login/code"
    assert with_code(client, phone.code()) == 303
    client.token = None
    return client


def who(client: Client) -> str | None:
    """The user name of whoever is signed in."""
    user = client.get("/api/session").get_json()["user"]
    return user["username"] if user else None
