"""What a roster would do: each row new, changed (old → new), the same, or wrong, before anything is written.

Rows are read by `competitions.tabular`; what needs the database is judged here by the same ground as a typed person.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy.orm import Session

from competitions.base.keyring import masked_phone
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.organisations.models import Employer, Union
from competitions.programme.models import Competition, Division, Event
from competitions.registration.ground import Ground, Registered
from competitions.registration.member_values import opened_phone
from competitions.registration.models import EDITABLE
from competitions.registration.people import Person
from competitions.registration.problems import at_cell
from competitions.registration.roster_ground import Known, RosterGround, roster_ground_for
from competitions.tabular.person_fields import fields_kept, label_of
from competitions.tabular.problems import Problem as CellProblem
from competitions.tabular.roster import Roster
from competitions.tabular.table import Row, TableSheet
from competitions.words.codes import ENTRY_STATES

Status = Literal["new", "changed", "same", "wrong"]


@dataclass(frozen=True, slots=True)
class Change:
    """A value that would be replaced; phones are masked."""

    field: str
    label: str
    old: str
    new: str


@dataclass(slots=True)
class PlanRow:
    """A row of people in the file and what would become of it."""

    sheet: str
    number: int
    status: Status
    person: Person | None = None
    problems: list[CellProblem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    event: Event | None = None
    division: Division | None = None
    employer: Employer | None = None
    line: Union | None = None
    member: Known | None = None


@dataclass(slots=True)
class Plan:
    """The rows in the order of the file; `problems` of the file and its sheets as a whole."""

    standing: RosterGround
    rows: list[PlanRow]
    problems: list[CellProblem]

    @property
    def ground(self) -> Ground:
        """The facts of the competition around the people of the file."""
        return self.standing.ground

    @property
    def counts(self) -> dict[str, int]:
        """Rows by status, every status named."""
        found = Counter(row.status for row in self.rows)
        return {status: found[status] for status in ("new", "changed", "same", "wrong")}

    @property
    def is_sound(self) -> bool:
        """Whether everything could be taken."""
        return not self.counts["wrong"] and not any(each.severity == "error" for each in self.problems)

    @property
    def digest(self) -> str:
        """What was shown, in short: a confirmation of another plan is refused."""
        shown = [
            (row.sheet, row.number, row.status, row.member.id if row.member else "", [c.field for c in row.changes])
            for row in self.rows
        ]
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:32]


def plan_roster(
    session: Session,
    roster: Roster,
    competition: Competition,
    union: Union,
    actor: Actor,
    *,
    line: Union | None = None,
) -> Plan:
    """The plan of a roster that this union reports. `line`: the review line chosen, the default otherwise."""
    standing = roster_ground_for(session, roster, competition, union, actor)
    planner = _Planner(session, standing, line, roster)
    rows = [planner.row(sheet, row) for sheet in roster.sheets for row in sheet.rows if row.kind == "data"]
    inside = {id(each) for sheet in roster.sheets for row in sheet.rows for each in row.problems}
    of_file = [each for each in roster.problems if id(each) not in inside]
    return Plan(standing, rows, of_file)


class _Planner:
    """Judges row after row; a class, because each row needs the people, the standing members and the teams so far."""

    def __init__(self, session: Session, standing: RosterGround, line: Union | None, roster: Roster) -> None:
        self._ground = standing.ground
        self._chosen = line
        self._default = standing.default_line
        self._people = {(person["sheet"], person["row"]): person for person in roster.people}
        self._members = standing.members
        self._teams = {team: len(places) for team, places in standing.teams.items()}
        self._session = session
        self._unions = {self._default.id: self._default}

    def row(self, sheet: TableSheet, row: Row) -> PlanRow:
        """What becomes of a row."""
        person = self._people.get((row.sheet, row.number))
        plan = PlanRow(row.sheet, row.number, "wrong", person, list(row.problems))
        if person is None:
            plan.problems += [at_cell(sheet, row, each) for each in self._unknown(row)]
            return plan
        findings = self._judge(plan, person)
        if plan.member is not None and not findings:
            plan.changes = changes_of(plan.member, person, plan.division, plan.employer)
            plan.status = "changed" if plan.changes else "same"
            findings = self._locked(plan)
        elif not findings:
            plan.status = "new"
        plan.problems += [at_cell(sheet, row, each) for each in findings]
        plan.status = "wrong" if findings else plan.status
        return plan

    def _judge(self, plan: PlanRow, person: Person) -> list[Problem]:
        ground = self._ground
        plan.event, findings = ground.event(person)
        if plan.event is None:
            return findings + ground.employer(person)[1]
        own = self._own(person, plan.event)
        plan.member = self._members.get(own.member_id) if own else None
        unit, more = self._unit(plan, person)
        findings += more
        plan.division, more = ground.division(person, plan.event)
        plan.line = self._line(plan)
        findings += more + ground.eligibility(person, plan.event, unit, besides=own.entry_id if own else None)
        findings += ground.line(unit, plan.line)
        return findings if findings or plan.member else self._place(plan.event, plan.employer)

    def _own(self, person: Person, event: Event) -> Registered | None:
        own = (each for each in self._ground.standing(person) if each.reporting_union_id == self._ground.union.id)
        return next((each for each in own if each.event_id == event.id), None)

    def _unit(self, plan: PlanRow, person: Person) -> tuple[Employer | None, list[Problem]]:
        """The unit that the row names; where it names none, a known member stays with his, and the plan has none."""
        known = plan.member.employer if plan.member else None
        if known is not None and not person.get("organisation") and not person.get("uscc"):
            return known, []
        plan.employer, findings = self._ground.employer(person)
        return plan.employer, findings

    def _unknown(self, row: Row) -> list[Problem]:
        """What else is wrong in a row that the reader has refused: a user wants to mend it in one go."""
        event, findings = self._ground.event(row.values)
        division = self._ground.division(row.values, event)[1] if event else []
        faulty = {each.params.get("label") for each in row.problems}
        return [
            each
            for each in findings + division + self._ground.employer(row.values)[1]
            if row.values.get(each.where or "") and label_of(each.where or "") not in faulty
        ]

    def _line(self, plan: PlanRow) -> Union:
        if plan.member is not None:
            return self._union(plan.member.review_union_id)
        taken = self._ground.lines.get(plan.employer.id) if plan.employer else None
        return self._chosen or (self._union(taken) if taken else self._default)

    def _union(self, union_id: str) -> Union:
        if union_id not in self._unions:
            self._unions[union_id] = self._session.get_one(Union, union_id)
        return self._unions[union_id]

    def _place(self, event: Event, employer: Employer | None) -> list[Problem]:
        """A place of the quota for a new entry; members of a team share one."""
        team = (event.id, employer.id if employer else "")
        if self._teams.get(team):
            self._teams[team] -= 1
            return []
        findings = self._ground.place(event)
        if not findings:
            self._ground.used[event.id] += 1
            self._teams[team] = event.team_size - 1
        return findings

    def _locked(self, plan: PlanRow) -> list[Problem]:
        """What is under review is not changed by a list, nor what somebody has half corrected on the page."""
        assert plan.member is not None
        state = plan.member.state
        if not plan.changes:
            return []
        field = plan.changes[0].field
        if state not in EDITABLE:
            return [Problem("entry.locked", field, {"state": ENTRY_STATES[state]})]
        return [Problem("entry.drafted", field)] if plan.member.drafted else []


def changes_of(member: Known, person: Person, division: Division | None, employer: Employer | None) -> list[Change]:
    """What the person's values would change in the member. A blank cell changes nothing."""
    given = {
        **person,
        "organisation": employer.name if employer else None,
        "division": division.name if division and person.get("division") else None,
    }
    old = {**member.values, "division": member.division}
    open_fields = [each.name for each in fields_kept("column", "details") if not each.from_id]
    changes = [
        Change(name, label_of(name), old.get(name, ""), str(given[name]))
        for name in ("organisation", "division", *open_fields)
        if given.get(name) not in (None, "", old.get(name))
    ]
    phone, old_phone = person.get("phone"), opened_phone(member.id, member.phone)
    if phone and phone != old_phone:
        changes.append(Change("phone", label_of("phone"), masked_phone(old_phone), masked_phone(phone)))
    return changes
