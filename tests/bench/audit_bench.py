"""How long the chain takes to verify beside sha256 over the same bytes, record by record.

`table()` gives (name, figure, limit). Ratios, so that a slow machine gives the same table. `RECORDS` is a million in
`make bench`; ROWS=… in the environment makes a quicker one.
"""

import hashlib
import os
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from competitions.audit import chain
from competitions.audit.chain import GENESIS, KEY_ID, canonical, hasher
from competitions.audit.chain_check import walk
from competitions.audit.models import AuditEvent
from competitions.base.database import write_intent
from tests.conftest import make_schema

RECORDS = int(os.environ.get("ROWS", "1000000"))
BATCH = 20_000
START_US = 1_790_000_000_000_000


def payload(number: int) -> str:
    """What the record of a delivered score sheet holds."""
    return canonical(
        {
            "action": "sheet.submit",
            "object": ["score_sheet", f"{number:08x}-0000-4000-8000-000000000000"],
            "by": "11111111-1111-4111-8111-111111111111",
            "request": f"{number:016x}",
            "address": "10.0.0.7",
            "after": {"revision": number % 7, "digest": f"{number:064x}", "state": "submitted"},
        }
    )


def fill(engine: object, records: int) -> None:
    """A sound chain of that many records."""
    hashed, previous = hasher(), GENESIS
    with Session(engine) as session:  # type: ignore[arg-type]
        token = write_intent.set(True)
        for start in range(1, records + 1, BATCH):
            rows = []
            for seq in range(start, min(start + BATCH, records + 1)):
                stored = payload(seq)
                current = hashed(seq, previous, START_US + seq, stored)
                rows.append(
                    {
                        "seq": seq,
                        "prev_hash": previous,
                        "hash": current,
                        "at_us": START_US + seq,
                        "key_id": KEY_ID,
                        "payload": stored,
                    }
                )
                previous = current
            session.execute(insert(AuditEvent), rows)
            session.commit()
        write_intent.reset(token)


def ratio(address: str, records: int) -> float:
    """Seconds of a walk over the chain in multiples of sha256 over its payloads, one by one."""
    make_schema(address)
    engine = create_engine(address)
    fill(engine, records)
    stored = [payload(seq).encode() for seq in range(1, records + 1)]
    begin = time.perf_counter()
    for each in stored:
        hashlib.sha256(each).hexdigest()
    bare = time.perf_counter() - begin
    with Session(engine) as session:
        begin = time.perf_counter()
        walked = walk(session)
        took = time.perf_counter() - begin
    engine.dispose()
    assert walked.records == records and not walked.findings
    return took / bare


def table() -> list[tuple[str, str, str]]:
    """The promise with its figure."""
    if not chain._installed:
        chain.install("ab" * 32)
    with tempfile.TemporaryDirectory() as place:
        figure = ratio(f"sqlite:///{Path(place) / 'chain.sqlite'}", RECORDS)
    return [
        (f"audit chain of {RECORDS:,} records / sha256 of the same bytes row by row (SQLite)", f"{figure:.1f}", "≤ 20")
    ]


if __name__ == "__main__":
    for name, figure, limit in table():
        print(f"{name:<80} {figure:>8} {limit:>6}")
