"""What holds for every route: declared permission, sign-in, CSRF, function, missing ids, headers."""

import re
import uuid

import pytest
from flask import Flask

from competitions.base.database import db
from competitions.base.permissions import Permission
from competitions.base.roles import ROLE_PERMISSIONS
from competitions.web.declared import declared
from tests.factories import make_user
from tests.people import Client

SAFE_FIRST = {"GET", "HEAD", "OPTIONS"}


def routes(app: Flask, method: str) -> list[tuple[str, Permission]]:
    """(address with random ids filled in, permission) of every route that takes the method."""
    found = []
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or set()) and rule.endpoint not in ("static", "readyz"):
            address = re.sub(r"<int:[^>]+>", "1", rule.rule)
            address = re.sub(r"<any\(\W*(\w+)[^>]*>", r"\1", address)
            permission = declared(app, rule.endpoint)
            assert permission is not None
            found.append((re.sub(r"<[^>]+>", lambda _: str(uuid.uuid4()), address), permission))
    return found


def test_a_view_without_a_declared_permission_stops_the_start(app: Flask) -> None:
    from competitions.web.declared import check_declarations

    other = Flask("other")
    other.add_url_rule("/open", view_func=lambda: "open")
    with pytest.raises(RuntimeError, match="without a declared permission"):
        check_declarations(other)


def test_nobody_gets_in_without_signing_in(app: Flask, visitor: Client) -> None:
    for address, permission in routes(app, "GET"):
        if permission is Permission.PUBLIC:
            continue
        answer = visitor.get(address)
        if address.startswith("/api/") or address.endswith(".json"):
            assert answer.status_code == 401, address
        else:
            assert answer.status_code == 302 and answer.headers["Location"].startswith("/login"), address


def test_not_signed_in_wins_over_a_missing_token(app: Flask, visitor: Client) -> None:
    for address, permission in routes(app, "POST"):
        if permission is not Permission.PUBLIC:
            answer = visitor._run(visitor.http.post, address)
            assert answer.status_code in (302, 401), address


def test_every_unsafe_request_needs_a_token_whatever_header_it_carries(app: Flask) -> None:
    make_user(*[(role, "system", None) for role in ROLE_PERMISSIONS], username="everything")
    db.session.commit()
    somebody = Client(app)
    somebody.sign_in("everything")
    for address, _permission in routes(app, "POST"):
        answer = somebody._run(somebody.http.post, address, headers={"Authorization": "Bearer junk"})
        assert answer.status_code == 400, address


def test_a_function_that_is_not_the_callers_is_403_and_a_random_id_404(app: Flask) -> None:
    make_user(*[(role, "system", None) for role in ROLE_PERMISSIONS], username="everything")
    make_user(username="nothing")
    db.session.commit()
    somebody, nobody = Client(app), Client(app)
    somebody.sign_in("everything")
    nobody.sign_in("nothing")
    for address, permission in routes(app, "GET"):
        if permission not in (Permission.PUBLIC, Permission.SIGNED_IN):
            assert nobody.get(address).status_code == 403, address
        if re.search(r"[0-9a-f]{8}-", address):
            assert somebody.get(address).status_code == 404, address
        else:
            assert somebody.get(address).status_code in (200, 302, 303, 400, 404, 422), address


def test_a_random_id_in_an_unsafe_address_is_404_and_never_500(app: Flask) -> None:
    make_user(*[(role, "system", None) for role in ROLE_PERMISSIONS], username="everything")
    db.session.commit()
    somebody = Client(app)
    somebody.sign_in("everything")
    for address, _permission in routes(app, "POST"):
        if re.search(r"[0-9a-f]{8}-", address):
            assert somebody.post(address).status_code in (404, 422, 400, 303), address


def test_every_answer_carries_the_security_headers(app: Flask, visitor: Client) -> None:
    for address in ("/", "/login", "/no-such-page", "/desk/", "/healthz"):
        answer = visitor.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy and "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-ID"]
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_error_page_is_chinese_and_tells_no_internals(app: Flask, visitor: Client) -> None:
    page = visitor.get("/no-such-page").get_data(as_text=True)
    assert "没有找到" in page and "Traceback" not in page and "werkzeug" not in page.lower()


def test_public_pages_never_read_the_cookie(app: Flask, visitor: Client) -> None:
    for address in ("/", "/competitions/", "/results/"):
        answer = visitor.get(address, headers={"Cookie": "sid=anything; form=anything"})
        assert "Cookie" not in answer.headers.get("Vary", "") and "Set-Cookie" not in answer.headers, address
