"""How a write of judging reaches the database from a request: key first, one transaction, bounded retries, then the
answer.

The order is that of security.md §3.3. Knows requests; the verbs are passed in.
"""

import json
import random
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import request
from flask_login import current_user
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from competitions.audit.chain import canonical
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.errors import Refusal
from competitions.judging.sheets.deliveries import (
    Answer,
    earlier_answer,
    hold_key,
    keep_answer,
    read_key,
    request_digest,
)
from competitions.web.declared import KILOBYTE, Largest

LARGEST = Largest(64 * KILOBYTE)
"""What the API takes: a sheet with all its notes."""
ATTEMPTS = 3
PATIENCE = 5
"""Seconds after which a busy database is no longer asked again; the answer is then 503."""
Act = Callable[[Session, datetime], Answer]


def read_json() -> Any:
    """The request's JSON document; an empty body is {}. Raises Refusal (bad_request)."""
    body = request.get_data()
    if not body.strip():
        return {}
    try:
        document = json.loads(body, object_pairs_hook=_no_key_twice, parse_int=_whole)
        canonical(document).encode()
    except (ValueError, RecursionError):
        raise Refusal("bad_request") from None
    return document


def header_key() -> str:
    """The request's idempotency key. Raises Invalid."""
    return read_key(request.headers.get("Idempotency-Key"))


def deliver(route: str, key: str, document: Any, act: Act, status: int = 201) -> tuple[Answer, int, bool]:
    """Do `act` once for this user and key. Returns the answer, its status and whether it is a replay.

    The answer exists only after COMMIT. Raises what `act` raises, Refusal("idempotency_mismatch"), OperationalError
    when the database stays busy.
    """
    asked = request_digest(route, document)
    started = time.monotonic()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _once(route, key, asked, act, status)
        except (OperationalError, IntegrityError):
            if attempt == ATTEMPTS or time.monotonic() - started > PATIENCE:
                raise
            time.sleep(random.randint(10, 50) * attempt / 1000)
    raise AssertionError("unreachable")


def _once(route: str, key: str, asked: str, act: Act, status: int) -> tuple[Answer, int, bool]:
    user_id = current_user.id
    with transaction() as session:
        hold_key(session, user_id, key)
        earlier = earlier_answer(session, user_id, key, asked)
        if earlier is not None:
            return earlier, 200, True
        at = clock.now()
        answer = act(session, at)
        keep_answer(session, user_id, key, route, asked, status, answer, at)
    return answer, status, False


def _whole(digits: str) -> int | str:
    """A whole number; -0, which would become 0, stays a text and is refused as a mark like any other "-0"."""
    return digits if digits == "-0" else int(digits)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a key twice")
    return document
