"""Comparing rows with the log for `flask audit verify`: each row of a compared table is as the last act left it, none has
gone, none has come by another way. Knows no table by name.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection, Row
from sqlalchemy.orm import Session

from competitions.audit.action_words import column_word
from competitions.audit.compared import COMPARED, Compared
from competitions.audit.covering import Covered, covered, ended
from competitions.audit.findings import Finding
from competitions.audit.models import AuditEvent
from competitions.audit.recording import DIGESTS
from competitions.audit.row_digests import AT_ONCE, GONE, WHOLE, all_rows, differing, logged_key, whole

MOST = 100
"""Findings of one table; more of them say nothing new."""
Logged = dict[str, tuple[int, str, str]]
"""Key of a row → number of the record that told of it last, shape, digest."""


def row_findings(session: Session) -> Iterator[Finding]:
    """Rows that are not as the log says, table by table; then, once, what no record tells of."""
    connection = session.connection()
    again = ended(connection)
    known, logged = covered(connection), _logged(session, again)
    untold: dict[str, int] = {}
    for name, table in COMPARED.items():
        found = _table_findings(connection, table, logged.pop(name, {}), known.get(name), untold)
        for _number, finding in zip(range(MOST), found, strict=False):
            yield finding
    yield from _not_told(known, untold, again)


def _logged(session: Session, after: int) -> dict[str, Logged]:
    """Table → its rows as the log has them last, by the records after this one."""
    rows = session.execute(
        select(AuditEvent.seq, AuditEvent.payload)
        .where(AuditEvent.seq > after, AuditEvent.payload.contains(f'"{DIGESTS}":{{', autoescape=True))
        .order_by(AuditEvent.seq),
        execution_options={"yield_per": 5000},
    )
    found: dict[str, Logged] = {}
    for seq, payload in rows:
        try:
            told = json.loads(payload)[DIGESTS]
        except (ValueError, KeyError):
            continue  # no record of the house: the walk along the chain says so
        for named, digests in told.items():
            name, _, shape = named.partition(".")
            found.setdefault(name, {}).update((key, (seq, shape, digest)) for key, digest in digests.items())
    return found


def _table_findings(
    connection: Connection, table: Compared, logged: Logged, known: Covered | None, untold: dict[str, int]
) -> Iterator[Finding]:
    for row in connection.execute(all_rows(table), execution_options={"yield_per": AT_ONCE}):
        told = logged.pop(logged_key(table, str(row[0])), None)
        if told is None and known is None:
            untold[table.table.name] = untold.get(table.table.name, 0) + 1
        elif told is None:
            yield _finding("ROW_UNKNOWN", table, row)
        elif told[2] == GONE:
            yield _finding("ROW_BACK", table, row, told[0])
        elif told[1] == table.shape:
            if whole(table.table.name, str(row[0]), row[1:]) != told[2][:WHOLE]:
                yield _changed(table, row, told, table.columns)
        elif known is not None:
            yield from _of_another_shape(connection, table, row, told, known.shapes.get(told[1], ()))
    if not table.may_go:
        gone = ((seq, key) for key, (seq, _shape, digest) in logged.items() if digest != GONE)
        for seq, key in sorted(gone):
            yield Finding("ROW_GONE", seq, (table.table.name, key), {"what": f"{table.word}（{key[:8]}）"})


def _of_another_shape(
    connection: Connection, table: Compared, row: Row[Any], told: tuple[int, str, str], columns: tuple[str, ...]
) -> Iterator[Finding]:
    """A row that was told of when its table had other columns: those that are still there must be as they were."""
    here = [column for column in columns if column in table.table.columns]
    then = connection.execute(all_rows(table, here).where(table.key == row[0])).one()
    if len(here) == len(columns):
        changed = whole(table.table.name, str(then[0]), then[1:]) != told[2][:WHOLE]
    else:
        changed = bool(differing(table, then, told[2], columns))
    if changed:
        yield _changed(table, then, told, columns)


def _changed(table: Compared, row: Row[Any], told: tuple[int, str, str], columns: tuple[str, ...]) -> Finding:
    words = [column_word(table.table.name, column) for column in differing(table, row, told[2], columns)]
    return _finding("ROW_CHANGED", table, row, told[0], columns="、".join(words) or "内容")


def _finding(code: str, table: Compared, row: Row[Any], seq: int | None = None, **params: Any) -> Finding:
    key = str(row[0])
    shown = f"{row._mapping[table.shown]}，" if table.shown and table.shown in row._mapping else ""
    return Finding(code, seq, (table.table.name, key), {"what": f"{table.word}（{shown}{key[:8]}）", **params})


def _not_told(known: Mapping[str, Covered], untold: dict[str, int], again: int) -> Iterator[Finding]:
    """What version 1 of the records did not cover, each once."""
    if untold:
        words = "、".join(f"{COMPARED[name].word} {count} 行" for name, count in untold.items())
        yield Finding("ROWS_NOT_COVERED", params={"rows": words})
    first = min((each.seq for each in known.values()), default=1)
    if again:
        yield Finding("ROWS_TOLD_ANEW", again)
    elif first > 1:
        rows = sum(each.rows for each in known.values())
        yield Finding("RECORDS_OF_VERSION_1", params={"until": first - 1, "first": first, "rows": rows})
