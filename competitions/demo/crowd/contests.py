"""The rows of a competition and its events: notice, bodies, divisions, stages, modules, rulesets, marking schemes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from competitions.audit.chain import canonical, digest
from competitions.audit.recording import record
from competitions.base.database import db
from competitions.base.permissions import Actor
from competitions.demo.crowd.bulk import Bulk
from competitions.demo.crowd.plans import FINAL, NOTICE, REPORT, REVIEW, ContestPlan, Occupied
from competitions.demo.crowd.staff import Staff
from competitions.demo.days import Days
from competitions.demo.rules import SCHEMES, Document, aspects, ruleset_for
from competitions.judging.models import MarkingScheme
from competitions.judging.schemes.versions import SAME
from competitions.programme.models import (
    Competition,
    CompetitionBody,
    Division,
    Event,
    Module,
    Ruleset,
    Stage,
)
from competitions.programme.modules.judging_settings import JudgingSettings

RULES = ruleset_for("theory30_practice70", 1)
RULES_TEXT = canonical(RULES)
RULES_DIGEST = digest(RULES)
SCHEME_NAMES = tuple(SCHEMES)
STATES = {
    "archived": "archived",
    "published": "closed",
    "ready": "open",
    "review": "open",
    "open": "open",
    "draft": "draft",
}
"""Phase → state of the competition."""
ARCHIVED_AFTER = 60
"""Days from the beginning of a competition to its archiving."""


@dataclass(frozen=True, slots=True)
class Made:
    """An event that has been made: its plan, the ids of itself and its only division, stage and modules, the name of its
    marking scheme (rules.SCHEMES), its place in the competition.
    """

    plan: Occupied
    id: str
    division_id: str
    stage_id: str
    theory_id: str
    practice_id: str
    scheme_id: str
    scheme: str
    position: int


@dataclass(frozen=True)
class Contest:
    """A competition that has been made, with the days of its plan as moments."""

    plan: ContestPlan
    id: str
    days: Days
    events: tuple[Made, ...] = ()

    @cached_property
    def announced(self) -> datetime:
        """When its notice went out."""
        return self.at(-NOTICE)

    @property
    def is_over(self) -> bool:
        """Whether its results are public."""
        return self.plan.phase in ("archived", "published")

    def at(self, days: int, hour: int = 9) -> datetime:
        """The moment of something that has been done, so many days after its beginning: never later than now."""
        return min(self.days.at(self.plan.begins + days, hour), self.days.now)


class Founding:
    """Makes competitions; a class, because all of them have the same programmes and organisers."""

    def __init__(self, bulk: Bulk, staff: Staff, days: Days, programmes: dict[str, str]) -> None:
        self.bulk, self.staff, self.days, self.programmes = bulk, staff, days, programmes

    def found(self, plan: ContestPlan) -> Contest:
        """The competition with its events, announced unless it is a draft."""
        contest = Contest(plan, self._competition(plan), self.days)
        by, at = self.staff.drafting, contest.announced
        events = tuple(self._event(contest, event, position, by, at) for position, event in enumerate(plan.events))
        if plan.phase != "draft":
            record(
                db.session(),
                "competition.publish_notice",
                "competition",
                contest.id,
                by=by,
                at=at,
                before={"state": "draft"},
                after={"state": "open"},
            )
        if plan.phase == "archived":
            record(
                db.session(),
                "competition.archive",
                "competition",
                contest.id,
                by=by,
                at=contest.at(ARCHIVED_AFTER),
                before="closed",
                after="archived",
            )
        return Contest(plan, contest.id, self.days, events)

    def _competition(self, plan: ContestPlan) -> str:
        days, begins, by = self.days, plan.begins, self.staff.drafting
        created = min(days.at(begins - NOTICE - 10), days.now)
        archived = days.at(begins + ARCHIVED_AFTER) if plan.phase == "archived" else None
        key = self.bulk.add(
            Competition,
            programme_id=self.programmes[plan.ground.line_name],
            name=plan.name,
            level_code="city1" if plan.ground.area_code else "industry",
            area_code=plan.ground.area_code,
            state=STATES[plan.phase],
            notice=f"现决定举办{plan.name}。报名、审核和比赛安排见本系统。",
            place="职业技能公共实训基地",
            conditions="本单位在职职工，年满16周岁。",
            held_from=days.at(begins, 8),
            held_to=days.at(begins + 1, 17),
            contact="黄老师",
            contact_phone="0771-5550026",
            report_until=days.at(begins - REPORT, 18),
            review_until=days.at(begins - REVIEW, 18),
            final_until=days.at(begins - FINAL, 18),
            created_by=by.id,
            created_at=created,
            archived_at=archived,
            archived_by=by.id if archived else None,
        )
        self.bulk.add(
            CompetitionBody, competition_id=key, role="host", position=0, name=plan.ground.name, union_id=plan.ground.id
        )
        record(db.session(), "competition.create", "competition", key, by=by, at=created, after={"version": 1})
        return key

    def _event(self, contest: Contest, plan: Occupied, position: int, by: Actor, at: datetime) -> Made:
        event_id = self.bulk.add(
            Event, competition_id=contest.id, name=plan.name, occupation_code=plan.code, position=position
        )
        record(
            db.session(),
            "event.create",
            "event",
            event_id,
            by=by,
            at=at,
            after={"name": plan.name, "occupation": plan.code},
        )
        division_id = self.bulk.add(Division, event_id=event_id, name="职工组")
        over = contest.at(1, 17) if contest.is_over else None
        stage_id = self.bulk.add(
            Stage,
            event_id=event_id,
            name="决赛",
            locked_at=over and contest.at(0, 8),
            settled_at=over and over + timedelta(hours=1),
        )
        theory_id, practice_id = (self._module(stage_id, place, part) for place, part in enumerate(RULES["modules"]))
        self._rule(stage_id, by, at)
        scheme = SCHEME_NAMES[position % len(SCHEME_NAMES)]
        scheme_id = self._scheme(practice_id, aspects(scheme), by, at)
        return Made(plan, event_id, division_id, stage_id, theory_id, practice_id, scheme_id, scheme, position)

    def _rule(self, stage_id: str, by: Actor, at: datetime) -> None:
        made = {"stage_id": stage_id, "number": 1, "created_by": by.id, "created_at": at}
        self.bulk.add(Ruleset, preset="theory30_practice70", document=RULES_TEXT, **made)
        after = {"number": 1, "state": "approved", "digest": RULES_DIGEST}
        record(db.session(), "ruleset.save", "stage", stage_id, by=by, at=at, after=after)

    def _scheme(self, module_id: str, listed: list[Document], by: Actor, at: datetime) -> str:
        made = {"module_id": module_id, "number": 1, "created_by": by.id, "created_at": at}
        after = {"number": 1, "digest": digest(listed), "waits": False}
        record(db.session(), "scheme.save", "module", module_id, by=by, at=at, after=after)
        return self.bulk.add(MarkingScheme, aspects=listed, approved_by=SAME, **made)

    def _module(self, stage_id: str, position: int, part: dict[str, Any]) -> str:
        kind = "theory" if part["id"] == "theory" else "practice"
        return self.bulk.add(
            Module,
            stage_id=stage_id,
            key=part["id"],
            name=part["name"],
            kind=kind,
            position=position,
            settings=JudgingSettings.usual(kind).kept(),
        )
