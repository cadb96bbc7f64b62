"""Exporting the scoring case of a division: what was published, else what was settled, else what is confirmed now.

Codes in place of people; recomputing it gives the published table (contracts.md). Knows no request.
"""

import json
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from competitions.programme.models import Division, Event, Stage
from competitions.results.models import Publication, PublicationSnapshot
from competitions.results.settlement.queries import latest_settlement
from competitions.results.standings.carried_scores import hidden_modules, without_modules
from competitions.results.standings.case_building import case_of

Row = TypeVar("Row")


class Ambiguous(LookupError):
    """What was named is not there, or there are several: the sentence says which."""


def event_named(session: Session, name: str) -> Event:
    """The event with this id or name. Raises Ambiguous."""
    return _only(list(session.scalars(select(Event).where(or_(Event.id == name, Event.name == name)))), "赛项", name)


def stage_named(session: Session, event: Event, name: str | None) -> Stage:
    """The stage of the event with this id or name; its only one without a name. Raises Ambiguous."""
    stages = session.scalars(select(Stage).where(Stage.event_id == event.id))
    return _only([stage for stage in stages if name in (None, stage.id, stage.name)], "阶段", name)


def division_named(session: Session, event: Event, name: str | None) -> Division:
    """The division of the event with this id or name; its only one without a name. Raises Ambiguous."""
    divisions = session.scalars(select(Division).where(Division.event_id == event.id))
    return _only([division for division in divisions if name in (None, division.id, division.name)], "组别", name)


def exported_case(session: Session, stage: Stage, division: Division) -> dict[str, Any]:
    """The case of a division as a document, before decoding without carried scores. Raises NotFound while the stage has
    no ruleset.
    """
    published = session.scalar(
        select(PublicationSnapshot.cases)
        .join(PublicationSnapshot.publication)
        .where(Publication.stage_id == stage.id, Publication.state == "published")
    )
    if published is not None and division.name in (cases := json.loads(published)):
        case: dict[str, Any] = cases[division.name]
        return case
    settled = latest_settlement(session, stage.id, division.id)
    if stage.settled_at is not None and settled is not None:
        case = json.loads(settled.case)
    else:
        case = case_of(session, stage, division)
    hidden = hidden_modules(session, stage)
    return without_modules(case, hidden) if hidden else case


def _only(found: list[Row], what: str, name: str | None) -> Row:
    if len(found) != 1:
        reason = "没有找到" if not found else f"有 {len(found)} 个，请用编号指明"
        raise Ambiguous(f"{what}“{name}”{reason}。" if name else f"请指明{what}：{reason}。")
    return found[0]
