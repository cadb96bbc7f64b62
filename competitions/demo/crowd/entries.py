"""Entries in great number: which union enters whom, in what state, with history and log, and the lists that reviewers
have reported.
"""

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from competitions.audit.recording import record
from competitions.base.clock import beijing_text
from competitions.base.database import db, new_id
from competitions.base.permissions import Actor
from competitions.demo.crowd.bulk import Bulk
from competitions.demo.crowd.contests import Contest, Made
from competitions.demo.crowd.plans import FINAL, REPORT, REVIEW
from competitions.demo.crowd.staff import Staff
from competitions.demo.crowd.units import Enterprise
from competitions.demo.crowd.workers import Person, Workforce
from competitions.registration.models import LIVE_STATES, Entry, EntryHistory, ReportingList
from competitions.words.codes import ENTRY_STATES

TOGETHER = 3
"""How many people a union sends to an event."""
FEW = 8
"""With fewer unions that send people below the host, they come from everywhere."""
STEPS: dict[str, tuple[str, str, int]] = {
    "draft": ("create", "reporter", -REPORT - 6),
    "submitted": ("submit", "reporter", -REPORT - 3),
    "withdrawn": ("withdraw", "reporter", -REPORT - 1),
    "returned": ("return", "reviewer", -REVIEW - 3),
    "endorsed": ("endorse", "reviewer", -REVIEW - 2),
    "refused": ("refuse", "organiser", -FINAL - 1),
    "approved": ("approve", "organiser", -FINAL - 1),
    "replaced": ("replace", "reporter", -2),
}
"""State → the act that leads to it, who does it, how many days after the beginning of the competition."""
TRAILS: dict[str, tuple[str, ...]] = {
    "draft": ("draft",),
    "submitted": ("draft", "submitted"),
    "withdrawn": ("draft", "submitted", "withdrawn"),
    "returned": ("draft", "submitted", "returned"),
    "endorsed": ("draft", "submitted", "endorsed"),
    "refused": ("draft", "submitted", "endorsed", "refused"),
    "approved": ("draft", "submitted", "endorsed", "approved"),
    "replaced": ("draft", "submitted", "endorsed", "approved", "replaced"),
}
"""State → the states on the way to it."""
SETTLED = (("approved", "refused", "withdrawn", "returned", "replaced"), (88, 4, 4, 2, 2))
STATES: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "archived": SETTLED,
    "published": SETTLED,
    "ready": SETTLED,
    "review": (("submitted", "endorsed", "returned", "approved", "refused", "withdrawn"), (33, 40, 8, 12, 4, 3)),
    "open": (("draft", "submitted", "returned", "endorsed", "withdrawn"), (30, 36, 8, 22, 4)),
}
"""Phase → states of its entries, and how often each."""
REASONS = {
    "returned": "请补充职业技能等级证书编号后重新提交。",
    "refused": "从事本工种年限不足一年，不符合参赛条件。",
    "withdrawn": "本人因工作安排不能参赛。",
    "replaced": "因病不能参赛，由本单位另一名职工替补。",
}
REPORTED = ("refused", "approved", "replaced")
"""States that an entry only reaches once it is on a reported list."""


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry that competes: its id, and the name behind it (what somebody can do comes from the name)."""

    id: str
    name: str


@dataclass(slots=True)
class Reported:
    """A list of one line in the making: its id, and its lines."""

    id: str = field(default_factory=new_id)
    rows: list[dict[str, str]] = field(default_factory=list)


class Registering:
    """Enters people; a class, because all competitions have the same unions and workers."""

    def __init__(
        self, bulk: Bulk, staff: Staff, enterprises: Sequence[Enterprise], workforce: Workforce, rng: random.Random
    ) -> None:
        self.bulk, self.staff, self.workforce, self.rng = bulk, staff, workforce, rng
        self.enterprises = enterprises
        self.below: defaultdict[str, list[Enterprise]] = defaultdict(list)
        for unit in enterprises:
            for union_id in filter(None, unit.ground.path.split("/")):
                self.below[union_id].append(unit)

    def register(self, contest: Contest) -> dict[str, list[Entered]]:
        """All entries of a competition, its lists reported; gives those that compete, by event."""
        units: Sequence[Enterprise] = self.below[contest.plan.ground.id]
        if len(units) < FEW or contest.plan.entries > TOGETHER * len(units):
            units = self.enterprises
        there: set[str] = set()
        lists: defaultdict[str, Reported] = defaultdict(Reported)
        found = {event.id: self._enter_all(contest, event, units, there, lists) for event in contest.events}
        for line, listed in sorted(lists.items()):
            self._report(contest, line, listed)
        return found

    def _enter_all(
        self,
        contest: Contest,
        event: Made,
        units: Sequence[Enterprise],
        there: set[str],
        lists: defaultdict[str, Reported],
    ) -> list[Entered]:
        tickets = iter(self.rng.sample(range(1, 3 * event.plan.entries + 10), event.plan.entries))
        competing, replaced = [], None
        for unit in self._senders(units, event.plan.entries):
            state = "approved" if replaced else self.rng.choices(*STATES[contest.plan.phase])[0]
            person = self.workforce.somebody(unit, there, contest.announced)
            ticket = f"{event.position + 1:02d}{next(tickets):03d}" if "approved" in TRAILS[state] else None
            listed = lists[unit.ground.line_name] if state in REPORTED else None
            key = self._enter(contest, event, unit, person, state, ticket, listed.id if listed else None, replaced)
            if listed:
                listed.rows.append(_line(event, unit, person, key))
            if state == "approved":
                competing.append(Entered(key, person.name))
            replaced = key if state == "replaced" else None
        return competing

    def _senders(self, units: Sequence[Enterprise], count: int) -> Iterator[Enterprise]:
        """Some unions, each a few times."""
        while count > 0:
            unit = self.rng.choice(units)
            for _ in range(min(TOGETHER, count)):
                yield unit
            count -= TOGETHER

    def _enter(
        self,
        contest: Contest,
        event: Made,
        unit: Enterprise,
        person: Person,
        state: str,
        ticket: str | None,
        list_id: str | None,
        replaces: str | None,
    ) -> str:
        reporter, trail, submitted = self.staff.reporters[unit.union_id], TRAILS[state], None
        if len(trail) > 1:
            submitted = contest.at(STEPS["submitted"][2])
        key = self.bulk.add(
            Entry,
            competition_id=contest.id,
            event_id=event.id,
            division_id=event.division_id,
            state=state,
            reporting_union_id=unit.union_id,
            review_union_id=unit.ground.line_id,
            delegation_id=unit.ground.line_id,
            author_id=reporter.id,
            ticket=ticket,
            consent_version=1 if submitted else None,
            consent_by=reporter.id if submitted else None,
            consent_at=submitted,
            submitted_at=submitted,
            reporting_list_id=list_id,
            replaces_id=replaces,
            created_at=contest.at(STEPS["draft"][2]),
            version=len(trail),
        )
        self.workforce.put(person, unit, key, event.id, state in LIVE_STATES)
        before = ""
        for after in trail:
            self._step(contest, event, unit, key, before, after)
            before = after
        return key

    def _step(self, contest: Contest, event: Made, unit: Enterprise, entry_id: str, before: str, after: str) -> None:
        action, who, day = STEPS[after]
        by, at = self._who(who, unit), contest.at(day)
        self.bulk.add(
            EntryHistory,
            entry_id=entry_id,
            at=at,
            by=by.id,
            by_name=by.display_name,
            from_state=before,
            to_state=after,
            reason=REASONS.get(after, ""),
        )
        more = {} if before else {"event": event.id, "union": unit.union_id}
        record(
            db.session(), f"entry.{action}", "entry", entry_id, by=by, at=at, before=before or None, after=after, **more
        )

    def _who(self, who: str, unit: Enterprise) -> Actor:
        if who == "reporter":
            return self.staff.reporters[unit.union_id]
        return self.staff.reviewers[unit.ground.line_name] if who == "reviewer" else self.staff.approving

    def _report(self, contest: Contest, line: str, listed: Reported) -> None:
        by, at = self.staff.reviewers[line], contest.at(-REVIEW, 10)
        document = json.dumps(_document(contest, line, listed, by, at), ensure_ascii=False, sort_keys=True)
        digest = hashlib.sha256(document.encode()).hexdigest()
        self.bulk.add(
            ReportingList,
            id=listed.id,
            competition_id=contest.id,
            union_id=self.staff.lines[line],
            number=1,
            document=document,
            digest=digest,
            closed_by=by.id,
            closed_at=at,
        )
        record(
            db.session(),
            "list.close",
            "reporting_list",
            listed.id,
            by=by,
            at=at,
            after=digest,
            number=1,
            entries=[row["entry"] for row in listed.rows],
        )


def _document(contest: Contest, line: str, listed: Reported, by: Actor, at: datetime) -> dict[str, Any]:
    return {
        "competition": contest.plan.name,
        "union": line,
        "number": 1,
        "closed_at": beijing_text(at),
        "closed_by": by.display_name,
        "entries": len(listed.rows),
        "rows": listed.rows,
    }


def _line(event: Made, unit: Enterprise, person: Person, entry_id: str) -> dict[str, str]:
    values = person.values
    return {
        "event": event.plan.name,
        "division": "职工组",
        "name": person.name,
        "sex": values["sex"],
        "employer": unit.name,
        "level": values["level"],
        "reporting_union": f"{unit.name}工会委员会",
        "delegation": unit.ground.line_name,
        "state": ENTRY_STATES["endorsed"],
        "entry": entry_id,
    }
