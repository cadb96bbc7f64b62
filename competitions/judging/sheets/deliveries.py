"""Idempotency of judging's writes: a key, what it asked for and the answer it got, in the same transaction (design.md
§4.2). Knows no sheet.
"""

import json
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.orm import Session

from competitions.audit.chain import canonical, digest
from competitions.base.database import new_id
from competitions.base.errors import Invalid, Refusal
from competitions.judging.models import SheetDelivery

_LOCK_SPACE = 0x6A75
Answer = dict[str, Any]


_TABLE = SheetDelivery.metadata.tables[SheetDelivery.__tablename__]
_EARLIER = select(_TABLE.c.request_digest, _TABLE.c.answer).where(
    _TABLE.c.user_id == bindparam("user"), _TABLE.c.key == bindparam("key")
)
_KEEP = insert(_TABLE)


def read_key(value: str | None) -> str:
    """The idempotency key in one form. Raises Invalid when it is not a UUID."""
    try:
        return str(uuid.UUID(value or ""))
    except ValueError:
        raise Invalid(code="invalid.idempotency_key") from None


def request_digest(route: str, document: Any) -> str:
    """What was asked, as a digest: the same key with anything else is a mismatch."""
    return digest([route, document])


def hold_key(session: Session, user_id: str, key: str) -> None:
    """PostgreSQL: deliveries of one key wait for each other, so that the second finds the first's answer. (On SQLite a
    write transaction is alone anyway.)
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text("SELECT pg_advisory_xact_lock(:space, hashtext(:key))"),
            {"space": _LOCK_SPACE, "key": f"{user_id} {key}"},
        )


def earlier_answer(session: Session, user_id: str, key: str, asked: str) -> Answer | None:
    """The answer that this key got. Raises Refusal("idempotency_mismatch") when it asked for something else."""
    found = session.connection().execute(_EARLIER, {"user": user_id, "key": key}).first()
    if found is None:
        return None
    if found.request_digest != asked:
        raise Refusal("idempotency_mismatch")
    answer: Answer = json.loads(found.answer)
    return answer


def keep_answer(
    session: Session, user_id: str, key: str, route: str, asked: str, status: int, answer: Answer, at: datetime
) -> None:
    """Keep the answer of a first delivery; inserted here so that a key used twice fails before anything is chained."""
    session.connection().execute(
        _KEEP,
        {
            "id": new_id(),
            "user_id": user_id,
            "key": key,
            "route": route[:60],
            "request_digest": asked,
            "status": status,
            "answer": canonical(answer),
            "at": at,
        },
    )
