"""What waits for somebody in setting up: competitions without events or rulesets, notices to be published, changes of
rulesets to be approved. No further than a desk lists.
"""

from datetime import datetime

from sqlalchemy import and_, exists, or_
from sqlalchemy.orm import Session, selectinload

from competitions.accounts.models import CountyProfile
from competitions.base.permissions import Actor, Permission
from competitions.base.waiting import MOST, Waiting, cut
from competitions.programme.models import Competition, Event, Ruleset, Stage
from competitions.programme.queries import competitions_in_scope, open_proposals, stages_with_rules

_RULED = exists().where(Ruleset.stage_id == Stage.id, Ruleset.state == "approved")
_HAS_BARE_STAGE = exists().where(
    Event.competition_id == Competition.id, Event.called_off_at.is_(None), Stage.event_id == Event.id, ~_RULED
)
_UNFINISHED = and_(
    Competition.state.in_(("draft", "open")),
    or_(Competition.state == "draft", ~exists().where(Event.competition_id == Competition.id), _HAS_BARE_STAGE),
)
"""Condition on Competition: it still lacks something before people can enter it."""


def waiting(session: Session, actor: Actor, _at: datetime) -> list[Waiting]:
    """All of it."""
    return [*_for_organiser(session, actor), *_proposals(session, actor), *_three(session, actor)]


def _three(session: Session, actor: Actor) -> list[Waiting]:
    """三人办赛 that waits for this person as the second of the three."""
    if not actor.may(Permission.APPROVE_RULESET):
        return []
    rows = session.scalars(
        competitions_in_scope(actor, Permission.APPROVE_RULESET)
        .join(CountyProfile, CountyProfile.competition_id == Competition.id)
        .where(CountyProfile.state == "proposed", CountyProfile.second_id == actor.id)
        .order_by(CountyProfile.proposed_at, Competition.id)
        .limit(MOST + 1)
    )
    page = "programme.county_profile"
    return cut([Waiting(f"“{row.name}”的三人办赛等待同意", page, {"competition_id": row.id}) for row in rows])


def _for_organiser(session: Session, actor: Actor) -> list[Waiting]:
    if not actor.may(Permission.EDIT_COMPETITION):
        return []
    competitions = session.scalars(
        competitions_in_scope(actor, Permission.EDIT_COMPETITION)
        .where(_UNFINISHED)
        .options(selectinload(Competition.events).selectinload(Event.stages))
        .order_by(Competition.report_until, Competition.id)
        .limit(MOST + 1)
    ).all()
    stages = [stage.id for competition in competitions for event in competition.events for stage in event.stages]
    ruled = stages_with_rules(session, stages)
    return cut([_unfinished(competition, ruled) for competition in competitions])


def _unfinished(competition: Competition, ruled: set[str]) -> Waiting:
    """What the competition lacks first."""
    bare = sum(
        stage.id not in ruled for event in competition.events if event.called_off_at is None for stage in event.stages
    )
    words, count = f"“{competition.name}”的通知还没有发布", 1
    if not competition.events:
        words = f"“{competition.name}”还没有设置{competition.event_word}"
    elif bare:
        words, count = f"“{competition.name}”有 {bare} 个阶段还没有计分规则", bare
    return Waiting(
        words, "programme.competition", {"competition_id": competition.id}, count, until=competition.report_until
    )


def _proposals(session: Session, actor: Actor) -> list[Waiting]:
    if not actor.may(Permission.APPROVE_RULESET):
        return []
    rows = session.scalars(
        open_proposals(actor, Permission.APPROVE_RULESET)
        .where(Ruleset.created_by != actor.id)
        .order_by(Ruleset.created_at, Ruleset.id)
        .limit(MOST + 1)
    )
    return cut(
        [
            Waiting(
                f"“{row.stage.event.name}”{row.stage.name}的计分规则修改等待审定",
                "programme.ruleset_version",
                {"ruleset_id": row.id},
            )
            for row in rows
        ]
    )
