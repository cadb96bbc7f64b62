"""Recording who did what, in the transaction that did it. Knows no feature.

`record` queues; `transaction` appends the queue to the chain as the last statements before COMMIT, so that the one
lock is held for a moment and taken last (design.md §3). With them goes how each row that the act wrote stands after it
(row_digests.py). Payloads hold ids, states and digests, no personal data.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from competitions.audit.chain import GENESIS, KEY_ID, canonical, hasher
from competitions.audit.models import AuditEvent
from competitions.audit.row_digests import Digests, Touched, digests_of, watching
from competitions.base import clock
from competitions.base.clock import microseconds
from competitions.base.database import db, write_intent
from competitions.base.permissions import Actor

_HOLD = text(f"SELECT pg_advisory_xact_lock({0x61756469})")
_EVENTS = AuditEvent.metadata.tables[AuditEvent.__tablename__]
_HEAD = select(_EVENTS.c.seq, _EVENTS.c.hash).order_by(_EVENTS.c.seq.desc()).limit(1)
_ADD = insert(_EVENTS)
_QUEUE = "audit_queue"
_CONTEXT = "audit_context"


VERSION = 2
"""Of the records: those of version 1 bear no number, and no digests of the rows that their act wrote."""
ROWS, DIGESTS = "audit.rows", "row_digests"
"""The action of a record that only says how rows stand; where records say it."""
MANY = 500
"""Rows that one record tells of; an act that writes more has records of its own for them."""
Queued = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Committed:
    """The end of the chain after an act: number and hash of its last record, what was done."""

    seq: int
    hash: str
    actions: frozenset[str]


PATIENCE = 5
"""Seconds that a writer stands in line; then the database's own patience begins, and its answer is "busy"."""
_line = threading.RLock()
_begin_hooks: list[Callable[[Session], None]] = []
_commit_hooks: list[Callable[[Committed], None]] = []


def at_commit(hook: Callable[[Committed], None]) -> None:
    """Have a function called after each transaction that recorded something is committed. It must not raise."""
    if hook not in _commit_hooks:
        _commit_hooks.append(hook)


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
            with watching() as touched:
                for hook in () if apart else _begin_hooks:
                    hook(session)
                yield session
                session.flush()
            committed = _append(session, touched)
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info[_QUEUE] = []
            write_intent.reset(token)
    if committed is not None:
        for after in _commit_hooks:
            after(committed)


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
    return _head(session.connection())


def append(connection: Connection, queue: Iterable[Queued], context: Mapping[str, Any]) -> Committed:
    """Chain and insert records, in their order; whoever calls has the lock of the chain (`hold_chain`)."""
    seq, previous = _head(connection)
    chain_hash, rows = hasher(), []
    for at_us, payload in queue:
        seq += 1
        stored = canonical({**context, **payload, "version": VERSION})
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
    connection.execute(_ADD, rows)
    return Committed(seq, previous, frozenset(row["action"] for row in rows))


def hold_chain(connection: Connection) -> None:
    """PostgreSQL: whoever appends waits for the others' commit; what he reads from then on is what they left."""
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD)


def in_parts(digests: Iterable[tuple[str, str, str]]) -> Iterator[Digests]:
    """Digests of rows (`row_digests.digests_of`) as records have them, so many in each."""
    rest = iter(digests)
    while part := list(islice(rest, MANY)):
        told: Digests = {}
        for table, key, digest in part:
            told.setdefault(table, {})[key] = digest
        yield told


def _append(session: Session, touched: Touched) -> Committed | None:
    """Chain and insert what is queued, with the rows that were written."""
    queue: list[Queued] = session.info[_QUEUE]
    if not queue and not touched:
        return None
    connection = session.connection()
    hold_chain(connection)
    parts = list(in_parts(digests_of(connection, touched)))
    if queue and len(parts) == 1:
        queue[-1][1][DIGESTS] = parts[0]
    else:
        at_us = queue[-1][0] if queue else microseconds(clock.now())
        by = {"by": queue[-1][1]["by"]} if queue and "by" in queue[-1][1] else {}
        queue += [(at_us, {"action": ROWS, "object": ["audit", None], **by, DIGESTS: part}) for part in parts]
    return append(connection, queue, session.info.get(_CONTEXT, {}))


def _head(connection: Connection) -> tuple[int, str]:
    row = connection.execute(_HEAD).first()
    return (row.seq, row.hash) if row else (0, GENESIS)
