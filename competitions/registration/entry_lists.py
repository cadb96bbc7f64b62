"""The lists of entries that are handed out, at once or as a job: the list as shown, 报名汇总表, a closed 报送名单.

Knows no request: the filters are given.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from competitions.base.counts import count_of
from competitions.base.errors import Denied
from competitions.base.ordering import ordered
from competitions.base.permissions import Actor, Permission
from competitions.jobs.kinds import Kind, Parameters, Result, Work, register, workbook
from competitions.programme.models import Competition
from competitions.programme.queries import competition_in_scope
from competitions.registration import documents
from competitions.registration.models import Entry
from competitions.registration.queries import (
    FIRST,
    SORTS,
    WHOLE,
    entries_in_scope,
    filtered,
    list_in_scope,
    with_first,
)

FILTERS = ("q", "event", "union", "state", "sort")
MOST_EXPORTED = 50_000
MOST_ON_PAPER = 5_000
"""Rows of a page to print."""
BATCH = 500


def asked_filters(competition_id: str, asked: Mapping[str, str]) -> dict[str, str]:
    """Which competition, and what of an address says which entries are wanted in which order."""
    return {"competition": competition_id, **{name: asked[name] for name in FILTERS if asked.get(name)}}


def entries_as_asked(
    session: Session,
    actor: Actor,
    competition: Competition,
    asked: Mapping[str, str],
    permission: Permission,
    tell: Callable[[int], None] = lambda _number: None,
) -> list[Entry]:
    """The entries of the filter in the order chosen there, else in that of a list on paper; `tell` is told how many are read."""
    statement = _found(session, actor, competition, asked, permission).options(*WHOLE).limit(MOST_EXPORTED)
    sort = asked.get("sort", "")
    is_sorted = sort.lstrip("-") in SORTS
    if is_sorted:
        statement = ordered(with_first(statement), SORTS, sort, Entry.id, [FIRST.name_strokes])
    found: list[Entry] = []
    for part in session.scalars(statement.execution_options(yield_per=BATCH)).partitions():
        found += part
        tell(len(found))
    return found if is_sorted else sorted(found, key=_on_paper)


def _on_paper(entry: Entry) -> tuple[Any, ...]:
    first = ((each.employer_name, each.name_strokes) for each in entry.members[:1])
    return entry.event.position, entry.event.name, entry.delegation.name, *first, entry.id


def _found(
    session: Session, actor: Actor, competition: Competition, asked: Parameters, permission: Permission
) -> Select[Any]:
    entries = entries_in_scope(session, actor, permission).where(Entry.competition_id == competition.id)
    return filtered(entries, asked)


def _competition(session: Session, actor: Actor, parameters: Parameters, permission: Permission) -> Competition:
    """The competition whose entries are asked for. Raises Denied, NotFound."""
    if not actor.may(permission):
        raise Denied
    return competition_in_scope(session, actor, parameters["competition"], Permission.VIEW_ENTRIES)


def _number(permission: Permission) -> Callable[[Session, Actor, Parameters], int]:
    def number(session: Session, actor: Actor, parameters: Parameters) -> int:
        competition = _competition(session, actor, parameters, permission)
        return count_of(session, _found(session, actor, competition, parameters, permission), MOST_EXPORTED).number

    return number


def _read(work: Work, permission: Permission) -> tuple[Competition, list[Entry]]:
    of = _number(permission)(work.session, work.actor, work.parameters)
    competition = _competition(work.session, work.actor, work.parameters, permission)
    return competition, entries_as_asked(
        work.session,
        work.actor,
        competition,
        work.parameters,
        permission,
        lambda number: work.done(number, of, most=60),
    )


def _entries(work: Work) -> Result:
    """The list as the page shows it."""
    competition, found = _read(work, Permission.VIEW_ENTRIES)
    document = workbook(f"{competition.name}报名名单.xlsx", documents.list_workbook(competition, found))
    return Result(document, "entries.export", "competition", competition.id, {"entries": len(found)})


def _summary(work: Work) -> Result:
    """报名汇总表 in full; who asked for it for which purpose is recorded before (`reference`)."""
    competition, found = _read(work, Permission.VIEW_PERSONAL_DATA)
    unions = {entry.reporting_union_id: entry.reporting_union.name for entry in found}
    name = next(iter(unions.values())) if len(unions) == 1 else "＿＿＿＿＿＿＿＿"
    rows = documents.summary_rows(found, full=True)
    content = documents.summary_workbook(competition, name, rows, work.parameters["reference"])
    return Result(workbook(f"{competition.name}报名汇总表.xlsx", content))


def closed_list_title(document: Mapping[str, Any]) -> str:
    """What a closed list is called as a file."""
    return f"{document['union']}报送名单第{document['number']}号"


def _closed_rows(session: Session, actor: Actor, parameters: Parameters) -> int:
    return len(json.loads(list_in_scope(session, actor, parameters["list"]).document)["rows"])


def _closed_list(work: Work) -> Result:
    """A closed list: exactly the frozen document."""
    closed = list_in_scope(work.session, work.actor, work.parameters["list"])
    document = json.loads(closed.document)
    file = workbook(f"{closed_list_title(document)}.xlsx", documents.reporting_workbook(closed))
    return Result(file, "entries.export", "reporting_list", closed.id, {"entries": document["entries"]})


ENTRIES = register(Kind("registration.entries", _number(Permission.VIEW_ENTRIES), _entries))
SUMMARY = register(Kind("registration.summary", _number(Permission.VIEW_PERSONAL_DATA), _summary))
CLOSED_LIST = register(Kind("registration.closed_list", _closed_rows, _closed_list))
