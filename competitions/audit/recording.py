"""Recording who did what, in the transaction that did it. Knows no feature.

`record` queues; `transaction` appends the queue to the chain as the last statements before COMMIT, so that the one
lock is held for a moment and taken last (design.md §3). Payloads hold ids, states and digests, no personal data.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from competitions.audit.chain import GENESIS, KEY_ID, canonical, hasher
from competitions.audit.models import AuditEvent
from competitions.base.clock import microseconds
from competitions.base.database import db, write_intent
from competitions.base.permissions import Actor

_LOCK = 0x61756469
_EVENTS = AuditEvent.metadata.tables[AuditEvent.__tablename__]
_HEAD = select(_EVENTS.c.seq, _EVENTS.c.hash).order_by(_EVENTS.c.seq.desc()).limit(1)
_ADD = insert(_EVENTS)
_QUEUE = "audit_queue"
_CONTEXT = "audit_context"


PATIENCE = 5
"""Seconds that a writer stands in line; then the database's own patience begins, and its answer is "busy"."""
_line = threading.RLock()
_begin_hooks: list[Callable[[Session], None]] = []


def at_begin(hook: Callable[[Session], None]) -> None:
    """Have a function called with the session as each act's transaction begins (not for those set apart)."""
    if hook not in _begin_hooks:
        _begin_hooks.append(hook)


def set_context(session: Session, **facts: Any) -> None:
    """Facts of the request (request id, address, device) that every record of this session carries."""
    session.info[_CONTEXT] = {name: value for name, value in facts.items() if value is not None}


def record(
    session: Session,
    action: str,
    object_kind: str,
    object_id: str | None,
    *,
    by: Actor | None,
    at: datetime,
    before: Any = None,
    after: Any = None,
    **more: Any,
) -> None:
    """Queue one audit record in the session that changes what it tells of, e.g.
    record(session, "audit.export", "audit", None, by=actor, at=at, after={"rows": 3}).

    `before`, `after` and `more` must be JSON-able and free of personal data (ids, states, digests).
    """
    payload = {
        "action": action,
        "object": [object_kind, object_id],
        "by": by.id if by else None,
        "before": before,
        "after": after,
        **more,
    }
    queue = session.info.setdefault(_QUEUE, [])
    queue.append((microseconds(at), {name: value for name, value in payload.items() if value is not None}))


def record_all(
    session: Session,
    action: str,
    object_kind: str,
    told: Iterable[tuple[str, dict[str, Any]]],
    *,
    by: Actor | None,
    at: datetime,
) -> None:
    """`record` the same act of many objects: id of each, and what is told of it (before, after, more)."""
    common = {"action": action, "by": by.id if by else None}
    at_us, queue = microseconds(at), session.info.setdefault(_QUEUE, [])
    for object_id, facts in told:
        payload = {**common, **facts, "object": [object_kind, object_id]}
        queue.append((at_us, {name: value for name, value in payload.items() if value is not None}))


@contextmanager
def transaction(session: Session | None = None, *, apart: bool = False) -> Iterator[Session]:
    """One write transaction of the session, the request's unless another is given: everything or nothing, its audit
    records appended just before COMMIT.

    Ends a read transaction that is open (its objects are read anew), begins IMMEDIATE on SQLite. `apart`: what is written
    beside the act of a request and must stay when the act fails (counters, denials, exports).
    """
    session = session or db.session()
    session.rollback()
    session.info[_QUEUE] = []
    with _in_line(session):
        token = write_intent.set(True)
        try:
            for hook in () if apart else _begin_hooks:
                hook(session)
            yield session
            session.flush()
            _append(session)
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info[_QUEUE] = []
            write_intent.reset(token)


@contextmanager
def _in_line(session: Session) -> Iterator[None]:
    """SQLite has one writer at a time and makes the others of this process poll with growing sleeps; here they stand in
    line instead. It only saves waiting: who is alone is decided by the database.
    """
    alone = session.get_bind().dialect.name == "sqlite" and _line.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if alone:
            _line.release()


def head(session: Session) -> tuple[int, str]:
    """Number and hash of the last record; (0, zeros) for an empty chain."""
    row = session.connection().execute(_HEAD).first()
    return (row.seq, row.hash) if row else (0, GENESIS)


def _append(session: Session) -> None:
    """Chain and insert what is queued."""
    queue = session.info[_QUEUE]
    if not queue:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    seq, previous = head(session)
    context, chain_hash = session.info.get(_CONTEXT, {}), hasher()
    rows = []
    for at_us, payload in queue:
        seq += 1
        stored = canonical({**context, **payload})
        current = chain_hash(seq, previous, at_us, stored)
        kind, object_id = payload["object"]
        rows.append(
            {
                "seq": seq,
                "prev_hash": previous,
                "hash": current,
                "at_us": at_us,
                "key_id": KEY_ID,
                "payload": stored,
                "action": payload["action"],
                "object_kind": kind,
                "object_id": object_id,
                "by_id": payload.get("by"),
            }
        )
        previous = current
    session.connection().execute(_ADD, rows)
