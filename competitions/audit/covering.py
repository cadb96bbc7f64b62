"""The tables whose rows the log tells of from a record on, and how the rows stood that were there before it.

Written after the migrations, for tables that no record names yet: in a new installation the first record of all, in an
older one the moment from which on changes past the house are found. Knows no table by name.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.engine import Connection

from competitions.audit.compared import COMPARED, Compared
from competitions.audit.models import AuditEvent
from competitions.audit.recording import DIGESTS, VERSION, Queued, append, hold_chain, in_parts
from competitions.audit.row_digests import AT_ONCE, all_rows, digest, logged_key
from competitions.base import clock
from competitions.base.clock import microseconds

COVER, ENDED = "audit.cover", "ended"
_EVENTS = AuditEvent.metadata.tables[AuditEvent.__tablename__]


@dataclass(frozen=True, slots=True)
class Covered:
    """A table in the log: from which record on, how many rows were there, the columns of each of its shapes."""

    seq: int
    rows: int
    shapes: dict[str, tuple[str, ...]]


def covered(connection: Connection) -> dict[str, Covered]:
    """Table → since when its rows are in the log."""
    found: dict[str, Covered] = {}
    for seq, after in _said(connection):
        if ENDED in after:
            found = {}
        for name, said in after.get("tables", {}).items():
            known = found.get(name) or Covered(seq, said["rows"], {})
            known.shapes[said["shape"]] = tuple(said["columns"])
            found[name] = known
    return found


def ended(connection: Connection) -> int:
    """The number of the newest record after which the log told of rows anew; 0 when there is none."""
    return max((seq for seq, after in _said(connection) if ENDED in after), default=0)


def end(connection: Connection) -> None:
    """Record that a database went back to an older schema: its rows may change then as no act has it."""
    if covered(connection):
        hold_chain(connection)
        said = {"action": COVER, "object": ["audit", None], "after": {ENDED: True}}
        append(connection, [(microseconds(clock.now()), said)], {})


def _said(connection: Connection) -> Iterator[tuple[int, dict[str, Any]]]:
    asked = select(_EVENTS.c.seq, _EVENTS.c.payload).where(_EVENTS.c.action == COVER).order_by(_EVENTS.c.seq)
    for seq, payload in connection.execute(asked).all():
        try:
            after = json.loads(payload).get("after")
        except ValueError:
            continue  # the walk along the chain says so
        if isinstance(after, dict):
            yield seq, after


def cover(connection: Connection, *, again: Collection[str] = ()) -> list[str]:
    """Record the tables that no record names yet, or names with other columns, with the rows that are in them; gives
    their names. `again`: tables of which a migration has changed rows on purpose: how they stand now is recorded anew.
    """
    hold_chain(connection)
    known, there = covered(connection), set(inspect(connection).get_table_names())
    wanted = [table for name, table in COMPARED.items() if name in there]
    new = [table for table in wanted if table.table.name not in known or table.table.name in again]
    other = [table for table in wanted if table not in new and table.shape not in known[table.table.name].shapes]
    if new or other:
        append(connection, _records(connection, new, other), {})
    return [table.table.name for table in [*new, *other]]


def _records(connection: Connection, new: list[Compared], other: list[Compared]) -> Iterator[Queued]:
    at = microseconds(clock.now())
    parts = list(in_parts(row for table in new for row in _rows(connection, table)))
    counts: dict[str, int] = {}
    for part in parts:
        for named, rows in part.items():
            name = named.split(".")[0]
            counts[name] = counts.get(name, 0) + len(rows)
    tables = {
        table.table.name: {
            "shape": table.shape,
            "columns": table.columns,
            "rows": counts.get(table.table.name, 0),
        }
        for table in [*new, *other]
    }
    said: dict[str, Any] = {"action": COVER, "object": ["audit", None]}
    yield at, {**said, "after": {"version": VERSION, "tables": tables}}
    for part in parts:
        yield at, {**said, DIGESTS: part}


def _rows(connection: Connection, table: Compared) -> Iterator[tuple[str, str, str]]:
    for row in connection.execute(all_rows(table), execution_options={"yield_per": AT_ONCE}):
        yield f"{table.table.name}.{table.shape}", logged_key(table, str(row[0])), digest(table, row)
