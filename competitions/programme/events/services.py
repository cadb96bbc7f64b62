"""Setting up an event: its divisions, its stages, and copying last year's. Knows no ruleset's content and no entry."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from competitions.accounts.three.county import in_force
from competitions.audit.recording import record
from competitions.base.errors import Invalid, Stale, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.programme.competitions.services import flush_or, name_taken
from competitions.programme.models import Competition, Division, Event, Module, Ruleset, Stage
from competitions.programme.modules.carried import copied_settings
from competitions.programme.queries import ruleset_in_force

FACTS = ("name", "occupation_code", "team_size", "quota_per_union", "conditions", "code_levels")
"""Columns of an event that an organiser types."""
Named = Sequence[tuple[str | None, str]]
"""(id of an existing row or None, name) in order."""


def create_event(
    session: Session,
    competition: Competition,
    values: Mapping[str, Any],
    divisions: Named,
    stages: Named,
    *,
    by: Actor,
    at: datetime,
) -> Event:
    """A new event. Raises Invalid when the name is taken, StateForbids when the competition is over."""
    require_live(competition)
    _require_levels(session, competition, values)
    event = Event(competition_id=competition.id, position=len(competition.events), **values)
    session.add(event)
    flush_or(session, name_taken())
    _name_divisions(session, event, divisions)
    _name_stages(session, event, stages)
    record(session, "event.create", "event", event.id, by=by, at=at, after=traced(event))
    return event


def change_event(
    session: Session,
    event: Event,
    values: Mapping[str, Any],
    divisions: Named,
    stages: Named,
    version: int,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Change an event. Raises Stale, Invalid (name taken), StateForbids when something to be removed is in use."""
    require_live(event.competition)
    session.refresh(event, with_for_update=True)
    if event.version != version:
        raise Stale(facts_of(event))
    _require_changeable(session, event, values)
    _require_levels(session, event.competition, values)
    before = traced(event)
    for name, value in values.items():
        setattr(event, name, value)
    event.version += 1
    flush_or(session, name_taken())
    _name_divisions(session, event, divisions)
    _name_stages(session, event, stages)
    record(session, "event.change", "event", event.id, by=by, at=at, before=before, after=traced(event))


def _require_levels(session: Session, competition: Competition, values: Mapping[str, Any]) -> None:
    """Three people have nobody left to open codes with (design.md, promise 5): the system draws them. Raises Invalid."""
    if values.get("code_levels", 0) and in_force(session, competition.id):
        raise Invalid([Problem("invalid.programme.county_levels", "code_levels")])


_team_guards: list[Callable[[Session, Event], bool]] = []


def before_team_size(guard: Callable[[Session, Event], bool]) -> None:
    """Have a feature above say whether an event has entries that the size of a team was promised to."""
    if guard not in _team_guards:
        _team_guards.append(guard)


def _require_changeable(session: Session, event: Event, values: Mapping[str, Any]) -> None:
    """How many levels of codes and how many members a team has stays once people compete by it. Raises StateForbids."""
    levels = event.code_levels != values.get("code_levels", event.code_levels)
    team = event.team_size != values.get("team_size", event.team_size)
    if (levels or team) and any(stage.locked_at for stage in event.stages):
        raise StateForbids("programme.stage_locked")
    if team and any(guard(session, event) for guard in _team_guards):
        raise StateForbids("programme.team_size_used")


def remove_event(session: Session, event: Event, *, by: Actor, at: datetime) -> None:
    """Take an event out of a competition that is still a draft. Raises StateForbids otherwise, or when it is in use."""
    if event.competition.state != "draft":
        raise StateForbids("programme.event_announced")
    record(session, "event.remove", "event", event.id, by=by, at=at, before=traced(event))
    for stage in list(event.stages):
        _remove_stage(session, stage)
    for division in list(event.divisions):
        session.delete(division)
    session.flush()
    session.delete(event)
    flush_or(session, StateForbids("programme.in_use", name=event.name))


def require_live(competition: Competition) -> None:
    """Raises StateForbids when the competition is closed or archived."""
    if competition.state in ("closed", "archived"):
        raise StateForbids("programme.competition_over")


def facts_of(event: Event) -> dict[str, Any]:
    """Everything that can be typed about it, with its version: what a conflict shows."""
    return {**{name: getattr(event, name) for name in FACTS}, "version": event.version}


def traced(event: Event) -> dict[str, Any]:
    """What the audit keeps of it."""
    return {
        "name": event.name,
        "occupation": event.occupation_code,
        "team_size": event.team_size,
        "quota": event.quota_per_union,
        "code_levels": event.code_levels,
        "divisions": [each.name for each in event.divisions],
        "stages": [each.name for each in event.stages],
    }


def _name_divisions(session: Session, event: Event, wanted: Named) -> None:
    """Add, rename, order and remove divisions."""
    session.flush()
    kept = {row.id: row for row in event.divisions}
    for row in _gone(kept, wanted):
        session.delete(row)
        flush_or(session, StateForbids("programme.in_use", name=row.name))
    for position, (row_id, name) in enumerate(wanted):
        row = kept.get(row_id or "")
        if row is None:
            session.add(Division(event_id=event.id, name=name, position=position))
        else:
            row.name, row.position = name, position
    flush_or(session, Invalid([Problem("invalid.programme.name_taken", "divisions")]))
    session.refresh(event, ["divisions"])


def _name_stages(session: Session, event: Event, wanted: Named) -> None:
    """Add, rename, order and remove stages; one that is locked stays."""
    session.flush()
    kept = {row.id: row for row in event.stages}
    for row in _gone(kept, wanted):
        _remove_stage(session, row)
    for position, (row_id, name) in enumerate(wanted):
        row = kept.get(row_id or "")
        if row is None:
            session.add(Stage(event_id=event.id, name=name, position=position))
        else:
            row.name, row.position = name, position
    flush_or(session, Invalid([Problem("invalid.programme.name_taken", "stages")]))
    session.refresh(event, ["stages"])


def _gone(kept: Mapping[str, Any], wanted: Named) -> list[Any]:
    stays = {row_id for row_id, _ in wanted}
    return [row for row_id, row in kept.items() if row_id not in stays]


def _remove_stage(session: Session, stage: Stage) -> None:
    if stage.locked_at:
        raise StateForbids("programme.stage_locked")
    for ruleset in session.query(Ruleset).filter(Ruleset.stage_id == stage.id):
        session.delete(ruleset)
    for module in list(stage.modules):
        session.delete(module)
    flush_or(session, StateForbids("programme.in_use", name=stage.name))
    session.delete(stage)
    flush_or(session, StateForbids("programme.in_use", name=stage.name))


def copy_event(
    session: Session, source: Event, competition: Competition, name: str, *, by: Actor, at: datetime
) -> Event:
    """A new event in `competition` like `source`: facts, divisions, stages with modules and the rulesets in force.
    People, entries, marking schemes and marks are not copied.
    """
    values = {fact: getattr(source, fact) for fact in FACTS} | {"name": name}
    if in_force(session, competition.id):
        values["code_levels"] = 0
    event = create_event(
        session,
        competition,
        values,
        [(None, each.name) for each in source.divisions],
        [(None, each.name) for each in source.stages],
        by=by,
        at=at,
    )
    twins = {old.id: new.id for old, new in zip(source.stages, event.stages, strict=True)}
    for old, new in zip(source.stages, event.stages, strict=True):
        _copy_stage(session, old, new, twins, by=by, at=at)
    session.flush()
    record(session, "event.copy", "event", event.id, by=by, at=at, before={"source": source.id})
    return event


def _copy_stage(session: Session, old: Stage, new: Stage, twins: Mapping[str, str], *, by: Actor, at: datetime) -> None:
    for module in old.modules:
        session.add(
            Module(
                stage_id=new.id,
                key=module.key,
                name=module.name,
                kind=module.kind,
                position=module.position,
                settings=copied_settings(module, twins),
            )
        )
    ruleset = ruleset_in_force(session, old.id)
    if ruleset is not None:
        session.add(
            Ruleset(
                stage_id=new.id,
                number=1,
                preset=ruleset.preset,
                document=ruleset.document,
                state="approved",
                created_by=by.id,
                created_at=at,
            )
        )
