"""What an entry is judged by: the facts of a competition around some people, loaded in a handful of queries.

One loading serves one typed person and a roster of thousands. Sources of the rules: domain.md §5 (age, one event per
person, quota with pending ones, judge ≠ contestant, one review line per employer). Knows no file and no page.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from competitions.accounts.models import RoleAssignment, User
from competitions.base.clock import beijing
from competitions.base.keyring import ring
from competitions.base.permissions import Actor, Permission
from competitions.base.problems import Problem
from competitions.base.roles import NOT_COMPETING
from competitions.organisations.models import Employer, Union
from competitions.organisations.queries import employers_below, employers_in_scope
from competitions.programme.models import Competition, Division, Event
from competitions.registration.models import LIVE_STATES, Entry, EntryMember, Worker
from competitions.registration.people import Person, age_on

LEAST_AGE = 16
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Registered:
    """Where somebody already stands in this competition."""

    member_id: str
    entry_id: str
    event_id: str
    reporting_union_id: str


@dataclass(frozen=True, slots=True)
class JudgeAt:
    """A judge of an event with his unit."""

    event_id: str
    employer_id: str | None
    union_id: str | None


@dataclass(slots=True)
class Ground:
    """The facts. `used` counts the union's live entries by event; `registered` is by blind index of the ID number."""

    competition: Competition
    union: Union
    day: date
    events: dict[str, Event] = field(default_factory=dict)
    employers: dict[str, Employer] = field(default_factory=dict)
    in_scope: set[str] = field(default_factory=set)
    own_employers: list[Employer] = field(default_factory=list)
    registered: dict[str, list[Registered]] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)
    lines: dict[str, str] = field(default_factory=dict)
    judges: dict[str, list[JudgeAt]] = field(default_factory=dict)
    indexes: dict[str, str] = field(default_factory=dict)

    def event(self, person: Person) -> tuple[Event | None, list[Problem]]:
        """The event that a person names; the only one where he names none."""
        name = person.get("event")
        if not name:
            only = list(self.events.values())
            return (only[0], []) if len(only) == 1 else (None, [Problem("required.missing", "event")])
        found = self.events.get(name) or self.events.get(comparable(name))
        if found and found.called_off_at:
            return None, [Problem("event.called_off", "event", {"event": found.name})]
        if found:
            return found, []
        names = "、".join(each.name for each in self.events.values())
        return None, [Problem("event.unknown", "event", {"value": str(name)[:40], "names": names[:300]})]

    def division(self, person: Person, event: Event) -> tuple[Division | None, list[Problem]]:
        """The division named; 职工组, or the first, where none is."""
        name = person.get("division")
        if name:
            found = next(
                (
                    each
                    for each in event.divisions
                    if comparable(each.name) in (comparable(name), comparable(f"{name}组"))
                ),
                None,
            )
            names = "、".join(each.name for each in event.divisions)
            return found, [] if found else [
                Problem("division.unknown", "division", {"value": str(name)[:40], "names": names})
            ]
        return next((each for each in event.divisions if each.name == "职工组"), event.divisions[0]), []

    def employer(self, person: Person) -> tuple[Employer | None, list[Problem]]:
        """The employer by id, USCC or name; the union's only one where nothing is said."""
        keys = [person.get("employer_id"), person.get("uscc"), comparable(person.get("organisation") or "")]
        asked = [key for key in keys if key]
        if not asked:
            only = self.own_employers
            return (only[0], []) if len(only) == 1 else (None, [Problem("required.missing", "organisation")])
        found = next((self.employers[key] for key in asked if key in self.employers), None)
        value = str(person.get("organisation") or person.get("uscc") or "")[:60]
        if found is None:
            return None, [Problem("organisation.unknown", "organisation", {"value": value})]
        if found.id not in self.in_scope:
            return None, [Problem("organisation.out_of_scope", "organisation", {"value": value})]
        return found, []

    def standing(self, person: Person) -> list[Registered]:
        """Where the person already stands in the competition."""
        number = person["id_number"]
        if number not in self.indexes:
            self.indexes[number] = index_of(number)
        return self.registered.get(self.indexes[number], [])

    def eligibility(
        self, person: Person, event: Event, employer: Employer | None, *, besides: str | None = None
    ) -> list[Problem]:
        """What the rules say against this person in this event; `besides`: an entry that is his own already."""
        findings = []
        age = age_on(person["birth_date"], self.day)
        if age < LEAST_AGE:
            findings.append(
                Problem(
                    "eligibility.too_young", "id_number", {"age": age, "least": LEAST_AGE, "day": self.day.isoformat()}
                )
            )
        others = [each for each in self.standing(person) if each.entry_id != besides]
        if any(each.event_id == event.id for each in others) or len(others) >= self.competition.events_per_person:
            own = all(each.reporting_union_id == self.union.id for each in others)
            findings.append(Problem("duplicate.registered", "id_number", {"reason": "own"} if own else {}))
        return findings + self.judging(person, event, employer)

    def judging(self, person: Person, event: Event, employer: Employer | None) -> list[Problem]:
        """Whether the person is, by name and unit, a judge of the event (judge ≠ contestant)."""
        judging = (each for each in self.judges.get(person["name"], ()) if each.event_id == event.id)
        if any((employer and each.employer_id == employer.id) or each.union_id == self.union.id for each in judging):
            return [Problem("eligibility.judge", "name")]
        return []

    def place(self, event: Event) -> list[Problem]:
        """Whether the union has a place left in the event."""
        quota = event.quota_per_union
        if quota is None or self.used[event.id] < quota:
            return []
        return [Problem("quota.exceeded", "event", {"event": event.name, "quota": quota, "used": self.used[event.id]})]

    def line(self, employer: Employer | None, chosen: Union) -> list[Problem]:
        """One review line per employer and competition (domain.md §6)."""
        taken = self.lines.get(employer.id) if employer else None
        return [Problem("eligibility.review_line", "review_union_id")] if taken not in (None, chosen.id) else []


def comparable(text: str) -> str:
    """A name as it is compared: without white space, full-width and bracket variants made one."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def index_of(id_number: str) -> str:
    """The keyed blind index of an ID number."""
    return ring().blind_index("id_number", id_number)


def ground_for(
    session: Session,
    competition: Competition,
    union: Union,
    actor: Actor,
    people: Sequence[Person],
    *,
    lock: bool = False,
    as_organiser: bool = False,
) -> Ground:
    """The facts around these people. `lock`: on PostgreSQL the rows that decisions rest on are held (events, employers,
    in the order of their ids; the workers are the caller's to hold first). `as_organiser`: the actor acts for the
    reporting union, so its employers count and not those that he may edit himself.
    """
    starts = competition.held_from or competition.report_until
    ground = Ground(competition, union, beijing(starts).date())
    events = list(
        session.scalars(
            select(Event)
            .where(Event.competition_id == competition.id)
            .options(selectinload(Event.divisions))
            .order_by(Event.position, Event.name)
        )
    )
    ground.events = {comparable(event.name): event for event in events}
    _load_employers(session, ground, None if as_organiser else actor, people)
    if lock:
        hold(session, Event.id, [event.id for event in events])
        hold(session, Employer.id, {each.id for each in ground.employers.values()})
    _load_standing(session, ground, people)
    _load_lines(session, ground)
    _load_judges(session, ground, people)
    return ground


def hold(session: Session, key: InstrumentedAttribute[str], ids: Iterable[str]) -> None:
    """Lock rows on PostgreSQL until the transaction ends, in the order of their ids (SQLite has one writer anyway)."""
    wanted = sorted(ids)
    for part in chunks(wanted):
        session.execute(select(key).where(key.in_(part)).order_by(key).with_for_update(key_share=True))


def chunks(values: Sequence[str]) -> list[Sequence[str]]:
    """Lists short enough for one IN (…)."""
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]


def _load_employers(session: Session, ground: Ground, actor: Actor | None, people: Sequence[Person]) -> None:
    names = {str(person["organisation"]) for person in people if person.get("organisation")}
    wanted = {
        *names,
        *(name.replace("(", "（").replace(")", "）") for name in names),
        *(name.replace("（", "(").replace("）", ")") for name in names),
    }
    found: list[Employer] = []
    for column, values in (
        (Employer.name, wanted),
        (Employer.uscc, {p.get("uscc") for p in people}),
        (Employer.id, {p.get("employer_id") for p in people}),
    ):
        for part in chunks(sorted(str(value) for value in values if value)):
            found += session.scalars(select(Employer).where(column.in_(part)))
    ground.own_employers = list(session.scalars(select(Employer).where(Employer.union_id == ground.union.id).limit(2)))
    for employer in (*found, *ground.own_employers):
        ground.employers.update(
            {key: employer for key in (employer.id, employer.uscc, comparable(employer.name)) if key}
        )
    known = sorted({employer.id for employer in ground.employers.values()})
    within = (
        employers_below(ground.union) if actor is None else employers_in_scope(session, actor, Permission.EDIT_ENTRIES)
    )
    scope = within.with_only_columns(Employer.id)
    everywhere = actor is not None and actor.id == "system"
    for part in chunks(known):
        ground.in_scope |= set(part) if everywhere else set(session.scalars(scope.where(Employer.id.in_(part))))


def _load_standing(session: Session, ground: Ground, people: Sequence[Person]) -> None:
    standing: defaultdict[str, list[Registered]] = defaultdict(list)
    ground.indexes = {number: index_of(number) for person in people if (number := person.get("id_number"))}
    for part in chunks(sorted(ground.indexes.values())):
        rows = session.execute(
            select(Worker.id_number_index, EntryMember.id, Entry.id, Entry.event_id, Entry.reporting_union_id)
            .join(EntryMember, EntryMember.worker_id == Worker.id)
            .join(Entry, Entry.id == EntryMember.entry_id)
            .where(Worker.id_number_index.in_(part), EntryMember.live, Entry.competition_id == ground.competition.id)
        )
        for index, *ids in rows:
            standing[str(index)].append(Registered(*ids))
    ground.registered = dict(standing)
    counted = session.execute(
        select(Entry.event_id, func.count())
        .where(
            Entry.competition_id == ground.competition.id,
            Entry.reporting_union_id == ground.union.id,
            Entry.state.in_(LIVE_STATES),
        )
        .group_by(Entry.event_id)
    )
    ground.used = Counter({event_id: count for event_id, count in counted})


def _load_lines(session: Session, ground: Ground) -> None:
    ids = sorted({employer.id for employer in ground.employers.values()})
    for part in chunks(ids):
        rows = session.execute(
            select(EntryMember.employer_id, Entry.review_union_id)
            .join(Entry, Entry.id == EntryMember.entry_id)
            .where(EntryMember.employer_id.in_(part), EntryMember.live, Entry.competition_id == ground.competition.id)
            .distinct()
        )
        ground.lines.update({str(employer): line for employer, line in rows})


def _load_judges(session: Session, ground: Ground, people: Sequence[Person]) -> None:
    events = [event.id for event in ground.events.values()]
    names = {person.get("name") for person in people}
    rows = session.execute(
        select(RoleAssignment.scope_id, User.display_name, User.employer_id, User.union_id)
        .join(User, User.id == RoleAssignment.user_id)
        .where(RoleAssignment.role.in_(NOT_COMPETING), RoleAssignment.scope_id.in_(events))
    )
    for event_id, name, employer, union in rows:
        if name in names:
            ground.judges.setdefault(name, []).append(JudgeAt(str(event_id), employer, union))
