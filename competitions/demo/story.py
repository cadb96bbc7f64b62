"""What happens in the demonstration, in the order of time: one competition from notice to publication, one that is
being judged, one that is open for registration.
"""

import itertools
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.demo.cast import Cast, make_hall, tie_to_employer
from competitions.demo.contests import PLANS, Contest, Plan, make_contest, make_programmes
from competitions.demo.days import Days
from competitions.demo.hall import Hall, draw_and_seal, hall_of, open_sheets, prepare_marking
from competitions.demo.marking import Marking
from competitions.demo.publishing import publish, settle_and_decode
from competitions.demo.rosters import decide, review, send
from competitions.demo.units import Unit

WORKERS = 400
IN_THE_HALL = 2
"""People that a unit sends to an event that is being judged."""
STILL_DRAFT = 7
"""In the open competition the first of so many units has not submitted yet."""


class Story:
    """The demonstration as it is being made; a class, because each step needs what the steps before it have made."""

    def __init__(self, seed: int, days: Days, cast: Cast, units: Sequence[Unit]) -> None:
        self.seed, self.days, self.cast, self.units = seed, days, cast, list(units)
        self.contests: list[Contest] = []
        self.phases: dict[str, str] = {}
        self.halls: list[Hall] = []
        self.entered = 0

    def tell(self) -> None:
        """Everything, in the order of time."""
        with transaction() as session:
            programme_id = make_programmes(
                session, by=self.cast.actor(session, "nigao", self.days.at(-60)), at=self.days.at(-60, 15)
            )
        published, judged, later = PLANS
        self._hold(published, programme_id, 1)
        self._mark_all(self.halls[:2], -33)
        self._publish(self.halls[:2], -31)
        self._hold(judged, programme_id, 3)
        with transaction() as session:
            self._register_for_later(session, self._announce(session, later, programme_id))
        self._mark_today(self.halls[2:])

    def _announce(self, session: Session, plan: Plan, programme_id: str) -> Contest:
        by = self.cast.actor(session, "nigao", self.days.at(plan.days[0], 9))
        contest = make_contest(session, plan, programme_id, self.days, by=by)
        self.contests.append(contest)
        self.phases.update(dict.fromkeys(contest.events.values(), "registration"))
        return contest

    def _hold(self, plan: Plan, programme_id: str, number: int) -> None:
        """Notice, registration, the people of the hall, the panels."""
        with transaction() as session:
            contest = self._announce(session, plan, programme_id)
            self._register_for_hall(session, contest, number)

    def _units_of(self, kind: str) -> list[Unit]:
        return [unit for unit in self.units if unit.kind == kind]

    def _people(self, count: int, divisions: Sequence[str]) -> list[dict[str, Any]]:
        """People of the event; the second division is for those born since 1995."""
        found = list(itertools.islice(self.cast.people, count))
        for person in found:
            young = int(person["id_number"][6:10]) >= 1995
            person["division"] = divisions[-1] if young else divisions[0]
        self.entered += count
        return found

    def _register_for_hall(self, session: Session, contest: Contest, number: int) -> None:
        """All units of the trade send their people; the review is over; the people of the hall are appointed."""
        _, report, review_until, final, _, _ = contest.plan.days
        for place, event in enumerate(contest.plan.events):
            at = self.days.at(report - 2, 16)
            sent = [
                send(session, self.cast, contest, unit, event.name, self._people(IN_THE_HALL, event.divisions), at)
                for unit in self._units_of(event.kind)
            ]
            review(session, self.cast, contest, sent, self.days.at(review_until - 1, 11))
            decide(session, self.cast, sent, self.days.at(final - 1, 15), refused=1)
            event_id = contest.events[event.name]
            judges = make_hall(
                session, self.cast, event_id, event.name, number + place, event.judges, self.days.at(final, 9)
            )
            hall = hall_of(session, event_id, number + place, judges)
            tie_to_employer(session, self.cast, judges[-1], sent[-1].unit)
            prepare_marking(session, self.cast, hall, self.days.at(final, 10))
            self.halls.append(hall)

    def _register_for_later(self, session: Session, contest: Contest) -> None:
        """Registration is running: units in every state from a draft to an approved entry, the rest of the workers."""
        by_event = [[(event, unit) for unit in self._units_of(event.kind)] for event in contest.plan.events]
        pairs = [pair for row in itertools.zip_longest(*by_event) for pair in row if pair is not None]
        rest = WORKERS - self.entered
        sent = []
        for place, (event, unit) in enumerate(pairs):
            count = rest // len(pairs) + (place < rest % len(pairs))
            at = self.days.at(-5 + place % 4, 9 + place % 8, place)
            roster = self._people(count, event.divisions)
            sent.append(
                send(session, self.cast, contest, unit, event.name, roster, at, submit=place % STILL_DRAFT != 0)
            )
        submitted = [each for place, each in enumerate(sent) if place % STILL_DRAFT != 0]
        review(session, self.cast, contest, submitted[8:16], self.days.at(-1, 9))
        review(session, self.cast, contest, submitted[1:2], self.days.at(-1, 10), report=False, send_back=2)
        decide(session, self.cast, submitted[8:11], self.days.at(-1, 15))

    def _mark_all(self, halls: Sequence[Hall], day: int) -> None:
        """Two days in the hall: everything delivered, confirmed and signed."""
        for hall in halls:
            with transaction() as session:
                draw_and_seal(session, self.cast, hall, self.days.at(day, 7, 30))
                open_sheets(session, self.cast, hall, self.days.at(day, 8, 30))
                marking = Marking(session, self.cast, hall, self.seed)
                for key, hour in (("theory", 12), ("practice", 17)):
                    for sheet in marking.sheets(key):
                        marking.deliver(sheet, self.days.at(day, hour))
                        marking.confirm(sheet, self.days.at(day, hour, 40))
            with transaction() as session:
                marking = Marking(session, self.cast, hall, self.seed)
                for key in ("theory", "practice"):
                    marking.sign(key, self.days.at(day + 1, 10))

    def _publish(self, halls: Sequence[Hall], day: int) -> None:
        for hall in halls:
            with transaction() as session:
                settle_and_decode(session, self.cast, hall, self.days.at(day, 9))
                publish(session, self.cast, hall, self.days.at(day, 15))
            self.phases[hall.event_id] = "results"

    def _mark_today(self, halls: Sequence[Hall]) -> None:
        """Judging under way, by code: in one hall sheets in every state, in the other all confirmed, to be signed."""
        for number, hall in enumerate(halls):
            with transaction() as session:
                draw_and_seal(session, self.cast, hall, self.days.at(-1, 7, 30))
                open_sheets(session, self.cast, hall, self.days.at(-1, 8, 30))
                marking = Marking(session, self.cast, hall, self.seed)
                for sheet in marking.sheets("theory"):
                    marking.deliver(sheet, self.days.at(-1, 12))
                    marking.confirm(sheet, self.days.at(-1, 14))
                self._mark_practice(marking, whole=number == 1)
            with transaction() as session:
                Marking(session, self.cast, hall, self.seed).sign("theory", self.days.before(minutes=30))
            self.phases[hall.event_id] = "signing" if number == 1 else "judging"

    def _mark_practice(self, marking: Marking, *, whole: bool) -> None:
        """All of it confirmed; or two thirds delivered (half of them confirmed), one unfinished, the rest empty."""
        sheets = marking.sheets("practice")
        delivered = sheets if whole else sheets[: len(sheets) * 2 // 3]
        confirmed = sheets if whole else delivered[: len(delivered) // 2]
        for place, sheet in enumerate(delivered):
            marking.deliver(
                sheet, self.days.before(hours=2, minutes=-place // 4), complete=whole or place < len(delivered) - 1
            )
        for sheet in confirmed:
            marking.confirm(sheet, self.days.before(minutes=40))
