"""What every request passes: id, size, sign-in, CSRF, declared permission; what every answer carries: headers, a log line.

Order (design.md §4): not signed in (302, API 401) wins over CSRF (400), then the function (403); scope is the query's.
Public views never read the cookie.
"""

import logging
import secrets
import time
from contextlib import suppress
from datetime import timedelta
from urllib.parse import quote

from flask import Flask, abort, current_app, g, redirect, request, session
from flask.wrappers import Response
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from competitions.accounts.models import SignIn
from competitions.accounts.passwords import token_hash
from competitions.accounts.pressed_again import already_done, form_keys
from competitions.accounts.queries import sign_in_by_token
from competitions.accounts.sign_in.cookies import SIGN_IN
from competitions.accounts.sign_in.signing_in_again import from_this_site, typed_now, typed_page
from competitions.accounts.sign_in.signing_in_again import page as sign_in_again
from competitions.audit.recording import record, set_context, transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Denied, Refusal
from competitions.base.installation import epoch_of
from competitions.base.permissions import Actor, Permission
from competitions.web.addresses import is_readable
from competitions.web.bodies import limit
from competitions.web.declared import declared, largest_of, wants_json
from competitions.web.extensions import csrf, login_manager

log = logging.getLogger("competitions.requests")
SAFE = ("GET", "HEAD", "OPTIONS")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def install(app: Flask) -> None:
    """Put the gate before and after every request, and check that every view declares its permission."""
    app.login_manager = login_manager  # type: ignore[attr-defined]  # its remember-me hook would read every session
    login_manager.request_loader(load_actor)
    app.before_request(enter)
    app.after_request(leave)
    app.after_request(form_keys.remember_place)
    form_keys.install(app)
    already_done.install(app)


def load_actor(_request: object) -> Actor | None:
    """The signed-in actor from the `sid` cookie; touches the sign-in at most once a minute."""
    token = request.cookies.get("sid")
    if not token:
        return None
    at = clock.now()
    found = sign_in_by_token(db.session(), token_hash(token), at)
    if found is None:
        return None
    actor, seen_at = found
    if at - seen_at > timedelta(minutes=1) and request.method in SAFE:
        with transaction(apart=True) as session:
            session.execute(update(SignIn).where(SignIn.id == actor.sign_in_id).values(seen_at=at))
    return actor


def enter() -> Response | None:
    """Before the view: 400 for an address that is no text, redirects to the sign-in page.

    Raises Refusal (too_large, csrf, denied).
    """
    g.started = time.perf_counter()
    g.request_id = secrets.token_hex(8)
    if not is_readable(request.environ):
        abort(400)
    permission = declared(current_app, request.endpoint)
    if permission is None or (permission is Permission.PUBLIC and request.method in SAFE):
        return None
    limit(request, largest_of(current_app, request.endpoint))
    set_context(db.session(), request=g.request_id, address=request.remote_addr)
    if permission is not Permission.PUBLIC:
        refused = _signed_in()
        if refused is not None:
            return refused
    carried = _check_csrf()
    if carried is not None:
        return carried
    if permission is not Permission.PUBLIC and not current_user.may(permission):
        _note("access.denied", permission=str(permission), endpoint=request.endpoint)
        raise Denied(by_card=current_user.card_id is not None)
    return None


def _signed_in() -> Response | None:
    if current_user.is_authenticated:
        g.actor_id = current_user.id
        set_context(db.session(), request=g.request_id, address=request.remote_addr, sign_in=current_user.sign_in_id)
        return None
    if wants_json() or request.headers.get("HX-Request"):
        raise Refusal("not_signed_in")
    if request.method not in SAFE and from_this_site() and (typed := typed_now()):
        return Response(sign_in_again(typed), 401, mimetype="text/html", headers={"Cache-Control": "no-store"})
    target = request.full_path if request.method in SAFE and request.query_string else request.path
    return redirect(f"/login?next={quote(target)}")  # type: ignore[return-value]


def _check_csrf() -> Response | None:
    """Raises Refusal (csrf). A form that the same person filled in during an earlier sign-in of his comes back with what
    he typed, to be sent by himself.
    """
    if request.method in SAFE or not current_app.config["WTF_CSRF_ENABLED"]:
        return None
    try:
        csrf.protect()
        if "actor_id" in g and session.get(SIGN_IN, current_user.sign_in_id) != current_user.sign_in_id:
            raise CSRFError("a token of an earlier sign-in")
    except CSRFError as fault:
        if request.path != "/login":
            _note("access.csrf", endpoint=request.endpoint)
        if "actor_id" in g and not wants_json() and not request.headers.get("HX-Request") and from_this_site():
            typed = typed_now()
            if typed is not None and typed.is_of(g.actor_id):
                return Response(typed_page(typed), 400, mimetype="text/html")
        raise Refusal("csrf") from fault
    return None


def _note(action: str, **facts: str | None) -> None:
    """A denial, in a transaction of its own (design.md §3)."""
    with transaction(apart=True) as session:
        actor = current_user if current_user.is_authenticated else None
        record(session, action, "request", g.request_id, by=actor, at=clock.now(), **facts)


def leave(response: Response) -> Response:
    """After the view: security headers, caching, the request id, one structured log line without personal data."""
    given = {name.lower() for name, _ in response.headers}
    for name, value in HEADERS.items():
        if name.lower() not in given:
            response.headers.add(name, value)
    if current_app.config["HTTPS"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    response.headers["X-Request-ID"] = g.get("request_id", "-")
    if declared(current_app, request.endpoint) is not Permission.PUBLIC and request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    if request.path.startswith("/api/"):
        _tell_epoch(response)
    took = time.perf_counter() - g.get("started", time.perf_counter())
    log.info(
        {
            "request": g.get("request_id"),
            "method": request.method,
            "route": str(request.url_rule or "-"),
            "status": response.status_code,
            "ms": int(took * 1000),
            "user": g.get("actor_id"),
        }
    )
    return response


def _tell_epoch(response: Response) -> None:
    """A tablet that hears another epoch than before offers again what it holds (design.md §8)."""
    with suppress(SQLAlchemyError):  # the database is down: the answer says so already
        if epoch := epoch_of(db.session()):
            response.headers["Epoch"] = epoch
