"""The one place that keeps an archived competition, and an event that was called off, as it is.

Whatever is added, changed or deleted and hangs on one of them by foreign keys is refused at the flush, whichever
feature and service does it; features need not ask. (Marks are delivered by plain statements, past the flush: the roles
of the hall end with the competition or the event, so nobody is left to deliver one. Personal data are deleted the same
way twelve months after archiving: registration/purging.py.) Knows tables by their foreign keys only.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Column, Select, Table, bindparam, event, null, select
from sqlalchemy.orm import Session, object_mapper

from competitions.base.database import Base
from competitions.base.errors import StateForbids
from competitions.programme.models import Competition, Event

ARCHIVED = "archived"


def install() -> None:
    """Listen to every session's flush, once."""
    if not event.contains(Session, "before_flush", refuse_changes):
        event.listen(Session, "before_flush", refuse_changes)


def refuse_changes(session: Session, _context: Any, _instances: Any) -> None:
    """Raises StateForbids when something of an archived competition or of an event called off would change."""
    asked: set[tuple[str, str]] = set()
    for changed in _changed(session):
        for held in _held_by(changed):
            table, row_id = _climbed(session, *held)
            if (table.name, row_id) not in asked:
                asked.add((table.name, row_id))
                _require_live(session, table, row_id)


def require_live(session: Session, model: type[Base], row_ids: Iterable[str]) -> None:
    """The same for rows that are written by plain statements, past the flush: the rows of one table that they hang on."""
    table: Any = model.__table__
    for row_id in sorted(row_ids):
        _require_live(session, table, row_id)


def _changed(session: Session) -> Iterator[Any]:
    yield from session.new
    yield from session.deleted
    for changed in session.dirty:
        if session.is_modified(changed):
            yield changed


def _held_by(changed: Any) -> list[tuple[Table, str]]:
    """The rows that decide: the one that it hangs on, and itself for a competition or an event."""
    table: Any = object_mapper(changed).local_table
    rows = [(table, changed.id)] if isinstance(changed, Competition | Event) else []
    column = hangs_on(table)
    value = getattr(changed, object_mapper(changed).get_property_by_column(column).key) if column is not None else None
    return [*rows, (_above(column), value)] if column is not None and value else rows


def _climbed(session: Session, table: Table, row_id: str) -> tuple[Table, str]:
    """The row nearest to the event that this one hangs on, as far as the session has the rows between: a roster of a
    thousand people asks once for their event, and not for each entry.
    """
    while table is not Event.__table__ and table is not Competition.__table__:
        mapper, column = _mappers()[table], hangs_on(table)
        known = session.identity_map.get(mapper.identity_key_from_primary_key((row_id,)))
        above = (
            known.__dict__.get(mapper.get_property_by_column(column).key)
            if known is not None and column is not None
            else None
        )
        if column is None or above is None:
            break
        table, row_id = _above(column), above
    return table, row_id


@cache
def _mappers() -> dict[Any, Any]:
    return {mapper.local_table: mapper for mapper in Base.registry.mappers}


def _require_live(session: Session, table: Table, row_id: str) -> None:
    found = session.connection().execute(_question(table), {"row": row_id}).first()
    if found is None:  # made in this very flush: what it hangs on is asked by itself
        return
    if found.state == ARCHIVED:
        raise StateForbids("programme.competition_archived")
    if found.called_off_at is not None:
        raise StateForbids("programme.event_called_off")


def _above(column: Column[Any]) -> Any:
    return next(iter(column.foreign_keys)).column.table


@cache
def hangs_on(table: Table) -> Column[Any] | None:
    """The column by which rows of this table hang on an event, or else on a competition; None when on neither."""
    for root in (Event.__table__, Competition.__table__):
        column = _ways(root).get(table)
        if column is not None:
            return column
    return None


@cache
def _ways(root: Table) -> dict[Table, Column[Any]]:
    """Table → its column on the shortest way of foreign keys that are always filled to this root."""
    ways: dict[Table, Column[Any]] = {}
    reached = [root]
    for target in reached:
        for table in Base.metadata.sorted_tables:
            column = next(
                (
                    key.parent
                    for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
                    if key.column.table is target and not key.parent.nullable
                ),
                None,
            )
            if column is not None and table is not root and table not in ways:
                ways[table] = column
                reached.append(table)
    return ways


@cache
def _question(table: Table) -> Select[Any]:
    """State of the competition and the event's calling off, for the row `:row` of a table."""
    events, competitions = Event.__table__, Competition.__table__
    joined: Any = table
    here: Any = table
    while here is not events and here is not competitions:
        column = hangs_on(here)
        assert column is not None
        above = _above(column)
        joined, here = joined.join(above, column == above.c.id), above
    if here is events:
        joined = joined.join(competitions, events.c.competition_id == competitions.c.id)
    off = events.c.called_off_at if here is events else null()
    return (
        select(competitions.c.state, off.label("called_off_at"))
        .select_from(joined)
        .where(table.c.id == bindparam("row"))
    )
