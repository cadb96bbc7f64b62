"""Walking the chain: every record is there, follows the one before and has the content that was hashed.

The walk reads rows from a raw cursor and works the key in once, so that a million records take seconds. Knows no anchor
and no feature.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from competitions.audit.chain import GENESIS, KEY_ID, hasher
from competitions.audit.findings import Finding

MOST = 100
"""Findings listed; after a chain is broken in a hundred places more of them say nothing new."""
BATCH = 5000
QUERY = "SELECT seq, prev_hash, hash, at_us, key_id, payload FROM audit_event WHERE seq >= {start} ORDER BY seq"
Row = tuple[int, str, str, int, str, str]


@dataclass(slots=True)
class Walk:
    """What a walk over the chain saw: how many records, the last one, and what is wrong."""

    records: int = 0
    seq: int = 0
    hash: str = GENESIS
    findings: list[Finding] = field(default_factory=list)


def walk(session: Session, start: int = 1, *, latest: int | None = None) -> Walk:
    """Check the records from `start` on. The record before `start` is trusted. `latest`: microseconds since the epoch; a
    record after it comes from the future.
    """
    walked = Walk(0, start - 1, _hash_before(session, start))
    if start > 1 and not walked.hash:
        walked.seq, walked.hash = start - 1, GENESIS
        walked.findings.append(Finding("GAP", start - 1, params={"until": start - 1}))
    _follow(session, raw_rows(session, start), walked, latest)
    return walked


def _follow(session: Session, rows: Iterator[Row], walked: Walk, latest: int | None) -> None:
    """The lean loop: three comparisons and a hash a record."""
    hashed, previous_seq, previous, count = hasher(), walked.seq, walked.hash, 0
    horizon = latest if latest is not None else 1 << 62
    found = walked.findings
    for seq, prev_hash, current, at_us, key_id, payload in rows:
        count += 1
        if seq != previous_seq + 1:
            found.append(Finding("GAP", previous_seq + 1, params={"until": seq - 1}))
        elif prev_hash != previous:
            found.append(_misfit(session, seq, prev_hash))
        if hashed(seq, prev_hash, at_us, payload) != current:
            found.append(Finding("HASH_MISMATCH", seq))
        if key_id != KEY_ID or at_us > horizon:
            found += _oddities(seq, key_id, at_us, horizon)
        previous_seq, previous = seq, current
        if len(found) > MOST:
            break
    walked.records, walked.seq, walked.hash = count, previous_seq, previous


def raw_rows(session: Session, start: int) -> Iterator[Row]:
    """The stored rows in order, streamed from the driver's own cursor. Raises RuntimeError when they cannot be read."""
    query = QUERY.format(start=int(start))
    dialect: Any = session.get_bind().dialect
    connection: Any = session.connection().connection.driver_connection
    # on the server, so that memory does not grow with the chain
    cursor = connection.cursor() if dialect.name == "sqlite" else connection.cursor(name="audit_walk")
    try:
        if dialect.name != "sqlite":
            cursor.itersize = BATCH
        cursor.execute(query)
        yield from cursor
    except dialect.dbapi.Error as fault:
        raise RuntimeError(str(fault)) from fault
    finally:
        cursor.close()


def column_findings(session: Session, start: int = 1) -> list[Finding]:
    """Records whose columns for searching say something else than their payload."""
    names = ("action", "object_kind", "object_id", "by_id")
    rows = session.execute(
        text(f"SELECT seq, payload, {', '.join(names)} FROM audit_event WHERE seq >= :start ORDER BY seq"),
        {"start": start},
        execution_options={"yield_per": BATCH},
    )
    found: list[Finding] = []
    for seq, payload, *stored in rows:
        try:
            said = json.loads(payload)
            meant = [said["action"], *said["object"], said.get("by")]
        except (ValueError, KeyError, TypeError):
            continue  # the walk has found it: the hash cannot be right
        found += [
            Finding("COLUMN_MISMATCH", seq, params={"column": name})
            for name, value, wanted in zip(names, stored, meant, strict=False)
            if value != wanted
        ]
        if len(found) > MOST:
            break
    return found


def _hash_before(session: Session, start: int) -> str:
    if start <= 1:
        return GENESIS
    return session.execute(text("SELECT hash FROM audit_event WHERE seq = :seq"), {"seq": start - 1}).scalar() or ""


def _misfit(session: Session, seq: int, prev_hash: str) -> Finding:
    """Does the record follow an earlier one (a fork), or none at all?"""
    onto = session.execute(
        text("SELECT seq FROM audit_event WHERE hash = :hash AND seq < :seq"), {"hash": prev_hash, "seq": seq}
    ).scalar()
    if onto is None and not (prev_hash == GENESIS and seq > 1):
        return Finding("PREV_MISMATCH", seq)
    return Finding("FORK", seq, params={"onto": onto or 0})


def _oddities(seq: int, key_id: str, at_us: int, horizon: int) -> list[Finding]:
    found = [Finding("KEY_UNKNOWN", seq, params={"key": key_id})] if key_id != KEY_ID else []
    return found + ([Finding("FUTURE_TIME", seq)] if at_us > horizon else [])
