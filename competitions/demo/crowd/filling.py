"""A whole installation before the small demonstration: units, accounts, five years of competitions in every phase.

Rows are inserted in bulk; the small demonstration, which comes after it, goes through the services.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.recording import head, record, transaction
from competitions.base.clock import beijing
from competitions.base.database import db
from competitions.demo.cast import Cast
from competitions.demo.contests import PLANS
from competitions.demo.crowd.bulk import Bulk
from competitions.demo.crowd.contests import Founding
from competitions.demo.crowd.entries import Registering
from competitions.demo.crowd.halls import Hall, Holding
from competitions.demo.crowd.marking import Marking
from competitions.demo.crowd.plans import ContestPlan, plans
from competitions.demo.crowd.results import publish_all
from competitions.demo.crowd.sizes import Size
from competitions.demo.crowd.staff import Recruiting, Staff
from competitions.demo.crowd.units import Builder, Enterprise, UnionPlace, grounds_of
from competitions.demo.crowd.workers import Workforce
from competitions.demo.days import Days
from competitions.demo.people import people
from competitions.demo.story import WORKERS
from competitions.organisations.models import Union
from competitions.programme.models import Occupation, Programme
from competitions.registration.consent import consent_in_force

AT_ONCE = 40
"""Competitions written in one transaction."""
Say = Callable[[str], None]


class Crowd:
    """A whole installation as it is being made; a class, because each step needs what the steps before it have made."""

    def __init__(self, seed: int, size: Size, days: Days, cast: Cast, begun: datetime, say: Say) -> None:
        self.seed, self.size, self.days, self.cast, self.begun, self.say = seed, size, days, cast, begun, say
        self.rng, self.bulk = random.Random(seed + 4), Bulk()

    def fill(self) -> None:
        """Units, accounts, competitions. What the small demonstration makes later is left out of the numbers."""
        with transaction() as session:
            self.say("正在建立工会和单位……")
            grounds = grounds_of(session)
            enterprises = Builder(session, self.rng, self.begun).build(self.size, grounds)
            entering = self.rng.sample(enterprises, round(len(enterprises) * self.size.enters))
            self.say(
                f"工会 {self.size.unions} 个，单位 {self.size.employers} 个；正在建立 {len(entering)} 家报送工会的账号……"
            )
            staff = self._recruit(session, grounds, entering)
            programmes = self._programmes(session, grounds, staff)
            consent_in_force(session, self.begun)
            occupations = [
                (each.code, each.name) for each in session.scalars(select(Occupation).order_by(Occupation.code))
            ]
        every = self._plans(grounds, occupations)
        self._hold_all(every, staff, entering, programmes)
        self.say(
            f"规模数据已写入：报送工会账号 danwei00001 至 danwei{len(entering):05d}，全区审核员 quzong，密码与演示账号相同。"
        )

    def _recruit(self, session: Session, grounds: Sequence[UnionPlace], entering: Sequence[Enterprise]) -> Staff:
        region = session.scalars(select(Union).where(Union.parent_id.is_(None))).one()
        someone = people(random.Random(self.seed + 5), namesakes=True)
        lines = {ground.line_name: ground.line_id for ground in grounds}
        return Recruiting(self.cast, someone, self.rng, self.begun).recruit(
            session, region, lines, entering, self.days.now
        )

    def _programmes(self, session: Session, grounds: Sequence[UnionPlace], staff: Staff) -> dict[str, str]:
        """One for each line, by its name."""
        found = {}
        for name in sorted({ground.line_name for ground in grounds}):
            found[name] = self.bulk.add(Programme, name=f"{name}“工匠杯”职工技能系列竞赛")
            record(db.session(), "programme.create", "programme", found[name], by=staff.drafting, at=self.begun)
        self.bulk.write(session)
        return found

    def _plans(self, grounds: Sequence[UnionPlace], occupations: Sequence[tuple[str, str]]) -> list[ContestPlan]:
        later = sum(len(plan.events) for plan in PLANS)
        size = self.size.without(entries=WORKERS, events=later)
        return plans(self.rng, size, grounds, occupations, beijing(self.days.now).date())

    def _hold_all(
        self, every: Sequence[ContestPlan], staff: Staff, entering: Sequence[Enterprise], programmes: dict[str, str]
    ) -> None:
        founding = Founding(self.bulk, staff, self.days, programmes)
        workforce = Workforce(self.bulk, self.seed)
        registering = Registering(self.bulk, staff, entering, workforce, self.rng)
        holding, done, entries = Holding(self.bulk, staff, self.rng), 0, 0
        for batch in _batches(every):
            with transaction() as session:
                marking, halls = Marking(self.bulk, self.rng, head(session)[1]), list[Hall]()
                for contest in map(founding.found, batch):
                    competing = registering.register(contest)
                    if contest.is_over:
                        halls += [
                            holding.hold(contest, event, competing[event.id])
                            for event in contest.events
                            if competing[event.id]
                        ]
                for hall in halls:
                    marking.mark(hall)
                self.bulk.write(session)
                publish_all(session, self.bulk, staff, halls)
                self.bulk.write(session)
            done += len(batch)
            entries += sum(plan.entries for plan in batch)
            self.say(f"赛事 {done}/{len(every)}，报名 {entries} 条")


def _batches(every: Sequence[ContestPlan]) -> Iterator[Sequence[ContestPlan]]:
    remaining = iter(every)
    while batch := list(islice(remaining, AT_ONCE)):
        yield batch
