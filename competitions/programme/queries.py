"""Questions about competitions, events, stages and rulesets, within the caller's scope. Knows no request."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from competitions.base.errors import NotFound
from competitions.base.permissions import Actor, Permission
from competitions.organisations.models import Union
from competitions.programme.models import (
    Attachment,
    Competition,
    CompetitionLevel,
    DeadlineExtension,
    Event,
    Module,
    Occupation,
    Programme,
    Ruleset,
    Stage,
)

PUBLIC_STATES = ("open", "closed", "archived")
"""States of a competition whose notice everybody may read."""


def competitions_in_scope(actor: Actor, *permissions: Permission) -> Select[Competition]:
    """Competitions in which the actor has one of the permissions. A union scope reaches every competition that is not a
    draft; an event scope the competition of that event.
    """
    scopes = actor.scopes(*permissions)
    if scopes.system:
        return select(Competition)
    held: list[ColumnElement[bool]] = [
        Competition.id.in_(scopes.competitions),
        Competition.id.in_(select(Event.competition_id).where(Event.id.in_(scopes.events))),
    ]
    if scopes.unions:
        held.append(Competition.state != "draft")
    return select(Competition).where(or_(*held))


def events_in_scope(actor: Actor, *permissions: Permission) -> Select[Event]:
    """Events in which the actor has one of the permissions (by event, competition or system scope; never by union)."""
    scopes = actor.scopes(*permissions)
    condition = (
        true() if scopes.system else or_(Event.id.in_(scopes.events), Event.competition_id.in_(scopes.competitions))
    )
    return select(Event).where(condition)


def stages_in_scope(actor: Actor, *permissions: Permission) -> Select[Stage]:
    """Stages of the events in scope."""
    if actor.scopes(*permissions).system:
        return select(Stage)
    return select(Stage).where(Stage.event_id.in_(events_in_scope(actor, *permissions).with_only_columns(Event.id)))


def in_stages(column: InstrumentedAttribute[str], actor: Actor, *permissions: Permission) -> ColumnElement[bool]:
    """Condition on a column that names a stage: it is in scope. None at all for a system scope."""
    if actor.scopes(*permissions).system:
        return true()
    return column.in_(stages_in_scope(actor, *permissions).with_only_columns(Stage.id))


def competition_in_scope(session: Session, actor: Actor, competition_id: str, *permissions: Permission) -> Competition:
    """The competition. Raises NotFound when missing or out of scope."""
    found = session.scalar(competitions_in_scope(actor, *permissions).where(Competition.id == competition_id))
    if found is None:
        raise NotFound
    return found


def event_in_scope(session: Session, actor: Actor, event_id: str, *permissions: Permission) -> Event:
    """The event. Raises NotFound when missing or out of scope."""
    found = session.scalar(events_in_scope(actor, *permissions).where(Event.id == event_id))
    if found is None:
        raise NotFound
    return found


def stage_in_scope(session: Session, actor: Actor, stage_id: str, *permissions: Permission) -> Stage:
    """The stage. Raises NotFound when missing or out of scope."""
    found = session.scalar(stages_in_scope(actor, *permissions).where(Stage.id == stage_id))
    if found is None:
        raise NotFound
    return found


def module_in_scope(session: Session, actor: Actor, module_id: str, *permissions: Permission) -> Module:
    """The module. Raises NotFound when missing or out of scope."""
    found = session.scalar(
        select(Module).where(Module.id == module_id, in_stages(Module.stage_id, actor, *permissions))
    )
    if found is None:
        raise NotFound
    return found


def ruleset_in_force(session: Session, stage_id: str) -> Ruleset | None:
    """The newest approved ruleset of a stage."""
    return session.scalar(
        select(Ruleset)
        .where(Ruleset.stage_id == stage_id, Ruleset.state == "approved")
        .order_by(Ruleset.number.desc())
        .limit(1)
    )


def ruleset_document(session: Session, stage_id: str) -> dict[str, Any]:
    """The document of the ruleset in force (without aspects). Raises NotFound when the stage has none yet."""
    ruleset = ruleset_in_force(session, stage_id)
    if ruleset is None:
        raise NotFound
    document: dict[str, Any] = json.loads(ruleset.document)
    return document


def deadline_of(session: Session, competition: Competition, deadline: str, union: Union | None) -> datetime:
    """The cut-off that holds for a union: "report", "review" or "final", extensions included (UTC)."""
    base: datetime = getattr(competition, f"{deadline}_until")
    later = (
        select(DeadlineExtension.until)
        .outerjoin(Union, Union.id == DeadlineExtension.union_id)
        .where(DeadlineExtension.competition_id == competition.id, DeadlineExtension.deadline == deadline)
    )
    reach: list[ColumnElement[bool]] = [DeadlineExtension.union_id.is_(None)]
    if union is not None:
        reach.append(DeadlineExtension.union_id.in_([part for part in union.path.split("/") if part]))
    latest: datetime = max([base, *session.scalars(later.where(or_(*reach)))])
    return latest


def ruleset_in_scope(session: Session, actor: Actor, ruleset_id: str, *permissions: Permission) -> Ruleset:
    """A version of a ruleset. Raises NotFound when missing or its stage is out of scope."""
    found = session.scalar(
        select(Ruleset).where(Ruleset.id == ruleset_id, in_stages(Ruleset.stage_id, actor, *permissions))
    )
    if found is None:
        raise NotFound
    return found


def ruleset_versions(session: Session, stage_id: str) -> list[Ruleset]:
    """All versions and proposals of a stage, newest first."""
    return list(session.scalars(select(Ruleset).where(Ruleset.stage_id == stage_id).order_by(Ruleset.number.desc())))


def stages_with_rules(session: Session, stage_ids: Sequence[str]) -> set[str]:
    """Those of the stages that have a ruleset in force."""
    statement = select(Ruleset.stage_id).where(Ruleset.stage_id.in_(stage_ids), Ruleset.state == "approved")
    return set(session.scalars(statement))


def rulesets_in_force(session: Session, stage_ids: Sequence[str]) -> dict[str, Ruleset]:
    """Stage id → the ruleset in force, for many stages in one query; stages without one are left out."""
    rows = session.scalars(
        select(Ruleset).where(Ruleset.stage_id.in_(stage_ids), Ruleset.state == "approved").order_by(Ruleset.number)
    )
    return {ruleset.stage_id: ruleset for ruleset in rows}


def open_proposals(actor: Actor, permission: Permission) -> Select[Ruleset]:
    """Proposed rulesets of the stages in scope."""
    return (
        select(Ruleset)
        .where(Ruleset.state == "proposed", in_stages(Ruleset.stage_id, actor, permission))
        .options(selectinload(Ruleset.stage).selectinload(Stage.event).selectinload(Event.competition))
    )


def published_competitions() -> Select[Competition]:
    """Competitions whose notice is public."""
    return select(Competition).where(Competition.state.in_(PUBLIC_STATES))


def published_competition(session: Session, competition_id: str) -> Competition:
    """A competition as the public may see it. Raises NotFound for a draft."""
    found = session.scalar(published_competitions().where(Competition.id == competition_id))
    if found is None:
        raise NotFound
    return found


def held_between(first: datetime, after: datetime) -> ColumnElement[bool]:
    """Condition on Competition: it is held on some day from `first` to before `after`."""
    last_day = func.coalesce(Competition.held_to, Competition.held_from)
    return and_(Competition.held_from < after, last_day >= first)


def attachment_of(session: Session, competition: Competition, attachment_id: str) -> Attachment:
    """A file of this competition's notice. Raises NotFound."""
    found = session.scalar(
        select(Attachment).where(Attachment.id == attachment_id, Attachment.competition_id == competition.id)
    )
    if found is None:
        raise NotFound
    return found


def extensions_of(session: Session, competition: Competition) -> list[DeadlineExtension]:
    """Granted extensions, newest first."""
    return list(
        session.scalars(
            select(DeadlineExtension)
            .where(DeadlineExtension.competition_id == competition.id)
            .options(selectinload(DeadlineExtension.union))
            .order_by(DeadlineExtension.at.desc(), DeadlineExtension.id)
        )
    )


def programme_named(session: Session) -> list[tuple[str, str]]:
    """(id, name with the programmes above it) of all programmes, in the order of those names."""
    rows = {row.id: row for row in session.scalars(select(Programme))}

    def full(programme: Programme) -> str:
        above = rows.get(programme.parent_id or "")
        return f"{full(above)} › {programme.name}" if above else programme.name

    return sorted(((row.id, full(row)) for row in rows.values()), key=lambda pair: pair[1])


def levels(session: Session) -> list[CompetitionLevel]:
    """Levels in their order."""
    return list(session.scalars(select(CompetitionLevel).order_by(CompetitionLevel.position, CompetitionLevel.code)))


def occupations(session: Session) -> list[Occupation]:
    """Occupations by code."""
    return list(session.scalars(select(Occupation).order_by(Occupation.code)))


def occupation_called(session: Session, name: str) -> Occupation | None:
    """The occupation with that name or alias (电焊工 → 焊工); None when nobody, or more than one, goes by it."""
    name = name.strip()
    found = [row for row in occupations(session) if row.name == name or name in row.aliases.splitlines()]
    exact = [row for row in found if row.name == name]
    return exact[0] if exact else found[0] if len(found) == 1 else None
