"""Calling an event off, and archiving a competition: the end of its phases (design.md §3, 归档). Never commits.

Archiving is not taken back: what must be put right afterwards is put right by a new notice, outside this competition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from competitions.accounts.models import RoleAssignment, User
from competitions.accounts.queries import actor_of
from competitions.accounts.sign_in.signing_in import close_all_sign_ins
from competitions.audit.recording import record
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from competitions.base.reasons import reason_of
from competitions.base.roles import STAYING
from competitions.judging.models import ScoreSheet
from competitions.programme.models import Competition, Event, Module, Stage
from competitions.results.models import Publication


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a competition can be archived: events neither published nor called off, acts that still wait."""

    unpublished: tuple[str, ...]
    pending: bool

    @property
    def fault(self) -> StateForbids | None:
        """The refusal, or None when nothing stands in the way."""
        if self.unpublished:
            named = "、".join(f"“{name}”" for name in self.unpublished[:5])
            more = f"等 {len(self.unpublished)} 个赛项" if len(self.unpublished) > 5 else ""
            return StateForbids("programme.not_all_published", events=f"{named}{more}还没有公布成绩")
        return StateForbids("programme.publication_pending") if self.pending else None


def readiness(session: Session, competition: Competition) -> Readiness:
    """What keeps the competition from being archived. An event is published when its last stage is, and every earlier
    one in which somebody was marked.
    """
    events = session.scalars(
        select(Event)
        .where(Event.competition_id == competition.id)
        .order_by(Event.position)
        .options(selectinload(Event.stages))
    ).all()
    stages = [stage.id for event in events for stage in event.stages]
    published = set(
        session.scalars(
            select(Publication.stage_id).where(Publication.stage_id.in_(stages), Publication.state == "published")
        )
    )
    marked = set(
        session.scalars(
            select(Module.stage_id)
            .join(ScoreSheet, ScoreSheet.module_id == Module.id)
            .where(Module.stage_id.in_(stages))
            .distinct()
        )
    )
    return Readiness(
        tuple(
            event.name
            for event in events
            if event.called_off_at is None and not _is_published(event.stages, published, marked)
        ),
        bool(_pending(session, stages)),
    )


def _is_published(stages: Sequence[Stage], published: set[str], marked: set[str]) -> bool:
    return (
        bool(stages)
        and stages[-1].id in published
        and all(stage.id in published for stage in stages if stage.id in marked)
    )


def _pending(session: Session, stage_ids: Sequence[str]) -> Publication | None:
    return session.scalar(
        select(Publication)
        .where(
            Publication.stage_id.in_(stage_ids),
            or_(
                Publication.state == "draft",
                (Publication.state == "published") & Publication.withdrawal_by.is_not(None),
            ),
        )
        .limit(1)
    )


def call_off(session: Session, event: Event, reason: str, *, by: Actor, at: datetime) -> None:
    """The event is not held; it takes no entries and no marks from now on, and all roles given for it end but those of
    the organisers. Raises Invalid (no reason), StateForbids (called off already, something of it is published).
    """
    words = reason_of(reason, "event.call_off")
    session.refresh(event, with_for_update=True)
    if event.called_off_at is not None:
        raise StateForbids("programme.called_off_already")
    stages = select(Stage.id).where(Stage.event_id == event.id)
    if session.scalar(
        select(Publication.id)
        .where(Publication.stage_id.in_(stages), Publication.state.in_(("draft", "published")))
        .limit(1)
    ):
        raise StateForbids("programme.event_has_results")
    # marks are delivered by plain statements, past the guard of the flush: nobody may be left who delivers one
    ended = _end_roles(session, [event.id], by=by, at=at)
    event.called_off_at, event.called_off_by, event.called_off_reason = at, by.id, words
    event.version += 1
    session.flush()
    record(session, "event.call_off", "event", event.id, by=by, at=at, after={"reason": words, "roles_ended": ended})


def archive_competition(session: Session, competition: Competition, *, by: Actor, at: datetime) -> int:
    """The competition is over: nothing of it can be changed from now on, and all roles given for it or its events end,
    but those of the organisers. Gives how many roles ended. Raises StateForbids unless every event is published or
    called off and nothing waits for approval.
    """
    session.refresh(competition, with_for_update=True)
    if competition.state == "archived":
        raise StateForbids("programme.competition_archived")
    if competition.state == "draft" or not competition.events:
        raise StateForbids("programme.not_all_published", events="通知还没有发布")
    fault = readiness(session, competition).fault
    if fault is not None:
        raise fault
    ended = _end_roles(session, [competition.id, *(event.id for event in competition.events)], by=by, at=at)
    before = competition.state
    competition.state, competition.archived_by, competition.archived_at = "archived", by.id, at
    competition.version += 1
    session.flush()
    record(
        session,
        "competition.archive",
        "competition",
        competition.id,
        by=by,
        at=at,
        before={"state": before},
        after={"state": "archived", "roles_ended": ended},
    )
    return ended


def _end_roles(session: Session, scope_ids: Sequence[str], *, by: Actor, at: datetime) -> int:
    """End the roles, and the sign-ins of those who have none left (security.md §2)."""
    rows = session.scalars(
        select(RoleAssignment).where(
            RoleAssignment.scope_id.in_(scope_ids),
            RoleAssignment.role.not_in(STAYING),
            or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to > at),
        )
    ).all()
    for row in rows:
        row.valid_to = at
        record(
            session,
            "role.end",
            "user",
            row.user_id,
            by=by,
            at=at,
            before={"role": row.role, "scope": [row.scope_kind, row.scope_id]},
        )
    session.flush()
    people = session.scalars(
        select(User)
        .where(User.id.in_({row.user_id for row in rows}))
        .options(selectinload(User.roles))
        .execution_options(populate_existing=True)
    )
    for user in people:
        if not actor_of(user, at).assignments:
            close_all_sign_ins(session, user.id, by=by, at=at)
    return len(rows)
