"""What is done to programmes, competitions, their notice and their cut-offs. Knows no entry, no mark and no request.

Whoever calls it has loaded the objects within his scope and commits.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from competitions.audit.chain import digest
from competitions.audit.recording import record
from competitions.base.clock import beijing_text
from competitions.base.errors import Invalid, Refusal, Stale, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of
from competitions.organisations.models import Union
from competitions.programme.models import (
    BODY_ROLES,
    Competition,
    CompetitionBody,
    DeadlineExtension,
    Programme,
)
from competitions.programme.queries import deadline_of

Bodies = Mapping[str, Sequence[str]]
"""Role of BODY_ROLES → names in order."""
CUT_OFFS = ("report_until", "review_until", "final_until")
FACTS = (
    "programme_id",
    "name",
    "level_code",
    "area_code",
    "document_number",
    "notice",
    "conditions",
    "place",
    "held_from",
    "held_to",
    "contact",
    "contact_phone",
    *CUT_OFFS,
    "event_word",
    "events_per_person",
    "publish_marks",
)
"""Columns of a competition that an organiser types."""


def flush_or(session: Session, fault: Refusal) -> None:
    """Flush; a constraint of the database that says no becomes this refusal."""
    try:
        session.flush()
    except IntegrityError as error:
        raise fault from error


def name_taken(where: str = "name") -> Invalid:
    """The refusal of a name that is already in use."""
    return Invalid([Problem("invalid.programme.name_taken", where)])


def create_programme(session: Session, values: Mapping[str, Any], *, by: Actor, at: datetime) -> Programme:
    """A new programme. Raises Invalid when the name is taken."""
    programme = Programme(**values)
    session.add(programme)
    flush_or(session, name_taken())
    record(session, "programme.create", "programme", programme.id, by=by, at=at)
    return programme


def change_programme(
    session: Session, programme: Programme, values: Mapping[str, Any], version: int, *, by: Actor, at: datetime
) -> None:
    """Change it. Raises Stale, or Invalid when the name is taken or it would lie below itself."""
    session.refresh(programme, with_for_update=True)
    if programme.version != version:
        raise Stale({name: getattr(programme, name) for name in (*values, "version")})
    above = session.get(Programme, values.get("parent_id")) if values.get("parent_id") else None
    while above is not None:
        if above.id == programme.id:
            raise Invalid([Problem("invalid.programme.programme_loop", "parent_id")])
        above = above.parent
    for name, value in values.items():
        setattr(programme, name, value)
    programme.version += 1
    flush_or(session, name_taken())
    record(session, "programme.change", "programme", programme.id, by=by, at=at, after={"version": programme.version})


def create_competition(
    session: Session, values: Mapping[str, Any], bodies: Bodies, *, by: Actor, at: datetime
) -> Competition:
    """A new competition as a draft; `values` has FACTS. Raises Invalid when the name is taken."""
    _require_order(values)
    competition = Competition(**values, created_by=by.id, created_at=at)
    session.add(competition)
    flush_or(session, name_taken())
    replace_bodies(session, competition, bodies)
    record(
        session, "competition.create", "competition", competition.id, by=by, at=at, after=traced(competition, bodies)
    )
    return competition


def change_competition(
    session: Session,
    competition: Competition,
    values: Mapping[str, Any],
    bodies: Bodies,
    version: int,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Change its facts and bodies. Raises Stale, Invalid (name taken), StateForbids when it is archived or a published
    cut-off would move (that takes an extension with a reason).
    """
    _require_order(values)
    session.refresh(competition, with_for_update=True)
    if competition.version != version:
        raise Stale(facts_of(competition))
    if competition.state == "archived":
        raise StateForbids("programme.competition_archived")
    if competition.state != "draft" and any(
        getattr(competition, name) != values.get(name, getattr(competition, name)) for name in CUT_OFFS
    ):
        raise StateForbids("programme.cut_offs_published")
    before = traced(competition, bodies_of(competition))
    for name, value in values.items():
        setattr(competition, name, value)
    competition.version += 1
    flush_or(session, name_taken())
    replace_bodies(session, competition, bodies)
    record(
        session,
        "competition.change",
        "competition",
        competition.id,
        by=by,
        at=at,
        before=before,
        after=traced(competition, bodies),
    )


def facts_of(competition: Competition) -> dict[str, Any]:
    """Everything that can be typed about it, with its version: what a conflict shows."""
    facts = {name: getattr(competition, name) for name in FACTS}
    lists = {role: "\n".join(names) for role, names in bodies_of(competition).items()}
    return {**facts, **lists, "version": competition.version}


def traced(competition: Competition, bodies: Bodies) -> dict[str, Any]:
    """What the audit keeps of it: version, state, cut-offs, a digest of the rest (contacts are people)."""
    rest = {name: str(getattr(competition, name)) for name in FACTS}
    return {
        "version": competition.version,
        "state": competition.state,
        "cut_offs": [getattr(competition, name).isoformat() for name in CUT_OFFS],
        "digest": digest({**rest, **{role: list(names) for role, names in bodies.items()}}),
    }


def bodies_of(competition: Competition) -> dict[str, list[str]]:
    """Role → names in order, every role present."""
    return {role: [body.name for body in competition.bodies if body.role == role] for role in BODY_ROLES}


def replace_bodies(session: Session, competition: Competition, bodies: Bodies) -> None:
    """Make the ordered lists what they are to be; a name that is a union's is tied to it."""
    if bodies_of(competition) == {role: list(bodies.get(role, ())) for role in BODY_ROLES}:
        return
    competition.bodies.clear()
    session.flush()  # the places must be free before they are taken again
    named = [name for names in bodies.values() for name in names]
    unions = {union.name: union.id for union in session.scalars(select(Union).where(Union.name.in_(named)))}
    for role in BODY_ROLES:
        for position, name in enumerate(bodies.get(role, ())):
            competition.bodies.append(
                CompetitionBody(role=role, position=position, name=name, union_id=unions.get(name))
            )
    session.flush()


def publish_notice(session: Session, competition: Competition, *, by: Actor, at: datetime) -> None:
    """Draft → open: everybody may read the notice. Raises StateForbids when it is published already or incomplete."""
    session.refresh(competition, with_for_update=True)
    if competition.state != "draft":
        raise StateForbids("programme.already_published")
    missing = missing_for_notice(competition, at)
    if missing:
        raise StateForbids("programme.notice_incomplete", missing="、".join(missing))
    competition.state = "open"
    competition.version += 1
    record(
        session,
        "competition.publish_notice",
        "competition",
        competition.id,
        by=by,
        at=at,
        before={"state": "draft"},
        after={"state": "open"},
    )


def missing_for_notice(competition: Competition, at: datetime) -> list[str]:
    """What a notice still lacks, in words."""
    wanted = [
        (any(body.role == "host" for body in competition.bodies), "主办单位"),
        (bool(competition.events), "竞赛项目"),
        (bool(competition.notice.strip()), "通知正文"),
        (bool(competition.contact and competition.contact_phone), "联系人和电话"),
        (competition.report_until > at, "晚于现在的报名截止时间"),
    ]
    return [word for there, word in wanted if not there]


def _require_order(values: Mapping[str, Any]) -> None:
    """The contest does not end before it begins, and its list is final on its first day. Raises Invalid."""
    begins, ends, final = (values.get(name) for name in ("held_from", "held_to", "final_until"))
    if begins and ends and ends < begins:
        raise Invalid([Problem("invalid.programme.held_order", "held_to")])
    if begins and final and final >= begins + timedelta(days=1):
        day = beijing_text(begins, "%Y-%m-%d")
        raise Invalid([Problem("invalid.programme.final_after_start", "final_until", {"day": day})])


def extend_deadline(
    session: Session,
    competition: Competition,
    deadline: str,
    union: Union | None,
    until: datetime,
    reason: str,
    *,
    by: Actor,
    at: datetime,
) -> DeadlineExtension:
    """A later cut-off for one union and all below it, or for everybody. Raises Invalid unless it is later than what
    holds now and there is a reason, StateForbids while the notice is a draft (its cut-offs can simply be changed).
    """
    if competition.state != "open":
        raise StateForbids("programme.extension_needs_notice")
    holds = deadline_of(session, competition, deadline, union)
    if competition.held_from is not None and deadline == "final" and until >= competition.held_from + timedelta(days=1):
        day = beijing_text(competition.held_from, "%Y-%m-%d")
        raise Invalid([Problem("invalid.programme.final_after_start", "until", {"day": day})])
    if until <= holds or until <= at:
        raise Invalid([Problem("invalid.programme.not_later", "until", {"until": beijing_text(max(holds, at))})])
    extension = DeadlineExtension(
        competition_id=competition.id,
        union_id=union.id if union else None,
        deadline=deadline,
        until=until,
        reason=reason_of(reason, "deadline.extend"),
        by=by.id,
        at=at,
    )
    session.add(extension)
    session.flush()
    record(
        session,
        "deadline.extend",
        "competition",
        competition.id,
        by=by,
        at=at,
        before={"until": holds.isoformat()},
        after={"deadline": deadline, "union": extension.union_id, "until": until.isoformat()},
    )
    return extension
