"""Registration in the demonstration: rosters as unions send them, submitted, reviewed, reported and decided on.

Takes the same way as an uploaded worksheet: a book of cells, read, planned and applied.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.demo.cast import REVIEWERS, Cast
from competitions.demo.contests import Contest
from competitions.demo.units import Unit
from competitions.organisations.models import Union
from competitions.programme.models import Competition
from competitions.registration.consent import consent_in_force
from competitions.registration.models import Entry
from competitions.registration.services import (
    apply_plan,
    approve,
    close_list,
    endorse,
    plan_roster,
    refuse,
    return_entries,
    submit_entries,
)
from competitions.tabular.reading import Book, Cell, Sheet
from competitions.tabular.roster import Roster, roster_of

HEADINGS = (
    ("参赛项目", "event"),
    ("组别", "division"),
    ("单位名称", "organisation"),
    ("姓名", "name"),
    ("性别", "sex"),
    ("民族", "ethnicity"),
    ("身份证号", "id_number"),
    ("文化程度", "education"),
    ("职业技能等级", "level"),
    ("本工种工龄", "years"),
    ("手机", "phone"),
    ("衣服尺码", "clothes_size"),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """Who reports: the unit, and the ids of its entries."""

    unit: Unit
    entry_ids: list[str]


def roster(unit: Unit, event: str, people: Sequence[dict[str, Any]], events: Sequence[str]) -> Roster:
    """A roster of this unit as it would come out of a worksheet."""
    rows: list[list[Cell]] = [["报名汇总表"], [heading for heading, _ in HEADINGS]]
    rows += [
        [str({**person, "event": event, "organisation": unit.name}.get(field, "")) for _, field in HEADINGS]
        for person in people
    ]
    return roster_of(Book([Sheet("报名汇总表", True, rows)]), known_events=events)


def send(
    session: Session,
    cast: Cast,
    contest: Contest,
    unit: Unit,
    event: str,
    people: Sequence[dict[str, Any]],
    at: datetime,
    *,
    submit: bool = True,
) -> Sent:
    """A unit's roster is taken over and, unless it stays a draft, submitted."""
    competition = session.get_one(Competition, contest.competition_id)
    by = cast.actor(session, cast.reporters[unit.union_id], at)
    union = session.get_one(Union, unit.union_id)
    plan = plan_roster(session, roster(unit, event, people, list(contest.events)), competition, union, by)
    apply_plan(session, plan, by=by, at=at)
    entries = list(
        session.scalars(
            select(Entry)
            .where(Entry.event_id == contest.events[event], Entry.reporting_union_id == unit.union_id)
            .order_by(Entry.id)
        )
    )
    if submit:
        submit_entries(session, entries, consent_version=consent_in_force(session, at).version, by=by, at=at)
    return Sent(unit, [entry.id for entry in entries])


def review(
    session: Session,
    cast: Cast,
    contest: Contest,
    sent: Sequence[Sent],
    at: datetime,
    *,
    report: bool = True,
    send_back: int = 0,
) -> None:
    """Each reviewing union endorses what it was sent (the first `send_back` come back with a reason) and reports it."""
    competition = session.get_one(Competition, contest.competition_id)
    by_line: defaultdict[str, list[Sent]] = defaultdict(list)
    for each in sent:
        by_line[each.unit.above].append(each)
    for above, group in sorted(by_line.items()):
        by = cast.actor(session, REVIEWERS[above], at)
        entries = _entries(session, group)
        back, kept = entries[:send_back], entries[send_back:]
        if back:
            return_entries(session, back, "请补充职业技能等级证书编号后重新提交。", by=by, at=at)
        if kept:
            endorse(session, kept, by=by, at=at)
            if report:
                close_list(
                    session, competition, session.scalars(select(Union).where(Union.name == above)).one(), by=by, at=at
                )


def decide(session: Session, cast: Cast, sent: Sequence[Sent], at: datetime, *, refused: int = 0) -> None:
    """The organiser has the last word: the first `refused` are turned down with a reason, the others approved."""
    by = cast.actor(session, "shending", at)
    entries = _entries(session, sent)
    if refused:
        refuse(session, entries[:refused], "从事本工种年限不足一年，不符合参赛条件。", by=by, at=at, as_organiser=True)
    approve(session, entries[refused:], by=by, at=at)


def _entries(session: Session, sent: Sequence[Sent]) -> list[Entry]:
    ids = [entry_id for each in sent for entry_id in each.entry_ids]
    found = {entry.id: entry for entry in session.scalars(select(Entry).where(Entry.id.in_(ids)))}
    return [found[each] for each in ids]
