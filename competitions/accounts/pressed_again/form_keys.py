"""A form of the desk is done once, however often it is sent: each carries a key made with it (design.md §8).

The key is written by the transaction of the act itself, so it is there if and only if the act is. Sent again with the
same content it leads to the answer of the first time; with another content it is refused in words. The key is bound to
the user it was made for. Knows the request, no feature.
"""

import hashlib
import hmac
import uuid
from collections.abc import Iterator
from datetime import timedelta

from flask import Flask, current_app, flash, g, redirect, request
from flask.wrappers import Response
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from competitions.accounts.models import FormKey
from competitions.audit.recording import at_begin, transaction
from competitions.base import clock, keyring
from competitions.base.errors import StateForbids
from competitions.web.addresses import safe_target

FIELD = "form_key"
KEPT = timedelta(days=7)
_NOT_TYPED = (FIELD, "csrf_token")
_MAC = 20
"""Hex digits of the part of a key that binds it to its user."""


def install(app: Flask) -> None:
    """Give templates the function `form_key()` and have each act of a form write its key."""
    app.jinja_env.globals["form_key"] = new_key
    at_begin(take)


def new_key() -> str:
    """A key for a form that is being rendered; empty where nobody is signed in."""
    user_id = g.get("actor_id")
    return f"{(made := str(uuid.uuid4()))}.{_mac(made, user_id)}" if user_id else ""


def made_for(key: str, user_id: str) -> bool:
    """Whether the key was made for a form of this user."""
    made, _, mac = key.partition(".")
    return hmac.compare_digest(mac, _mac(made, user_id))


def take(session: Session) -> None:
    """As an act begins: write the key of the form that asks for it, in the act's transaction.

    Raises StateForbids (the form was used for something else, or made for another user), and an HTTPException that
    leads to the answer when the very same was done before.
    """
    key = request.form.get(FIELD, "") if request and request.method == "POST" and "actor_id" in g else ""
    if not key or g.get("form_key_taken") or request.headers.get("HX-Request"):
        return
    if not made_for(key, g.actor_id):
        raise StateForbids("form_of_another")
    values = {"key": key[:36], "user_id": g.actor_id, "endpoint": str(request.endpoint)[:80], "digest": digest_now()}
    now = clock.now()
    session.execute(delete(FormKey).where(FormKey.at < now - KEPT))
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    written = session.execute(insert(FormKey).values(**values, at=now).on_conflict_do_nothing().returning(FormKey.key))
    if written.scalar() is None:  # whoever sends it at the same moment waits for the first one here
        _again(session, values)
    g.form_key_taken = key[:36]


def remember_place(response: Response) -> Response:
    """After the act: where its answer is, for whoever sends the form again."""
    key = g.pop("form_key_taken", None)
    if key and 300 <= response.status_code < 400 and response.location:
        with transaction(apart=True) as session:
            session.execute(update(FormKey).where(FormKey.key == key).values(place=_sealed(key, response.location)))
    return response


def _again(session: Session, values: dict[str, str]) -> None:
    known = session.execute(
        select(FormKey.user_id, FormKey.endpoint, FormKey.digest, FormKey.place).where(FormKey.key == values["key"])
    ).one()
    if tuple(known[:3]) != (values["user_id"], values["endpoint"], values["digest"]):
        raise StateForbids("form_used")
    flash("这张表单已经提交并保存过，没有重复办理。", "info")
    place = place_of(values["key"], known.place)
    raise HTTPException(response=redirect(place or safe_target(request.referrer), 303))


def place_of(key: str, stored: str | None) -> str | None:
    """Where the answer of this form is; None when nothing is kept, or something that the house did not write."""
    mac, _, place = (stored or "").partition(" ")
    return place if place and hmac.compare_digest(mac, _place_mac(key, place)) else None


def _sealed(key: str, place: str) -> str:
    """The place bound to its form: it comes after the act and its record, so the log does not hold it."""
    return f"{_place_mac(key, place)} {place}"


def _place_mac(key: str, place: str) -> str:
    return keyring.ring().keyed_digest("form_place", f"{key}|{place}")[:_MAC]


def _mac(made: str, user_id: str) -> str:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"form:{made}:{user_id}".encode(), hashlib.sha256).hexdigest()[:_MAC]


def digest_now() -> str:
    """What was sent: address, fields as typed, content of the files."""
    found = hashlib.sha256(request.full_path.encode())
    for part in _parts():
        found.update(hashlib.sha256(part).digest())
    return found.hexdigest()


def _parts() -> Iterator[bytes]:
    for name, text in sorted(request.form.items(multi=True)):
        if name not in _NOT_TYPED:
            yield name.encode()
            yield text.encode("utf-8", "surrogatepass")
    for name, file in sorted(request.files.items(multi=True), key=lambda pair: pair[0]):
        yield name.encode()
        file.seek(0)  # the view may have read it
        yield file.read()
        file.seek(0)
