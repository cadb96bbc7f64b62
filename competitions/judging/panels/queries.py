"""Questions about panels: which modules are marked, who may be on a panel, who sits where, whose unit takes part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from competitions.accounts.models import RoleAssignment, User
from competitions.base.roles import with_duty
from competitions.coding.models import CodedPlace
from competitions.judging.models import PanelMember, ScoreSheet
from competitions.judging.panels.rules import OWED
from competitions.judging.queries import JUDGING_DUTIES, seated
from competitions.organisations.models import Employer
from competitions.programme.models import Module
from competitions.programme.modules.carried import carried_from
from competitions.programme.modules.judging_settings import JudgingSettings
from competitions.registration.models import LIVE_STATES, Entry, EntryMember


def people_for(session: Session, module: Module, duty: str, at: datetime) -> list[User]:
    """Active users who hold the role of a duty in the module's event, or will, by name."""
    return list(
        session.scalars(
            select(User)
            .where(
                User.active,
                User.id.in_(
                    select(RoleAssignment.user_id).where(
                        RoleAssignment.role.in_(with_duty(duty)),
                        RoleAssignment.scope_kind == "event",
                        RoleAssignment.scope_id == module.stage.event_id,
                        or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to > at),
                    )
                ),
            )
            .order_by(User.display_name, User.id)
        )
    )


def forbids_conflicts(module: Module) -> bool:
    """Whether the module's settings forbid judges whose own unit competes (otherwise they are warned about)."""
    return JudgingSettings.of(module).forbids_conflicts


def conflict_of(session: Session, user_id: str, event_id: str) -> bool:
    """Whether the person's union or employer has somebody in the event."""
    user = session.get_one(User, user_id)
    same = []
    if user.employer_id:
        same.append(EntryMember.employer_id == user.employer_id)
    if user.union_id:
        same += [Entry.reporting_union_id == user.union_id, Employer.union_id == user.union_id]
    if not same:
        return False
    return (
        session.scalar(
            select(func.count())
            .select_from(Entry)
            .join(EntryMember)
            .outerjoin(Employer, Employer.id == EntryMember.employer_id)
            .where(Entry.event_id == event_id, Entry.state.in_(LIVE_STATES), or_(*same))
        )
        != 0
    )


def judges_at(members: list[PanelMember], place: CodedPlace) -> list[PanelMember]:
    """Who marks this place: the judges of its sitting, or, in a module without judges, the first tabulator."""
    active = seated(members)
    judges = [member for member in active if member.duty in JUDGING_DUTIES]
    if not judges:
        return [member for member in active if member.duty == "tabulator"][:1]
    return [member for member in judges if member.sitting_id in (None, place.sitting_id)]


def empty_seats(members: Sequence[PanelMember]) -> list[PanelMember]:
    """The seats that everybody has left, each by its first member."""
    kept = {member.seat_id for member in seated(members)}
    first: dict[str, PanelMember] = {}
    for member in members:
        if member.seat_id not in kept and member.code is None:
            first.setdefault(member.seat_id, member)
    return list(first.values())


@dataclass(slots=True)
class Load:
    """What somebody of the panel has to do and has done: sheets owed, delivered; in a seat left empty: closed."""

    owed: int = 0
    delivered: int = 0
    closed: int = 0


def load_of(session: Session, module_id: str) -> dict[str, Load]:
    """User id → his living sheets of a module; seat id → the sheets that are closed for want of a judge."""
    found: dict[str, Load] = {}
    for judge_id, seat_id, state, closed, number in session.execute(
        select(ScoreSheet.judge_id, ScoreSheet.seat_id, ScoreSheet.state, ScoreSheet.closed, func.count())
        .where(ScoreSheet.module_id == module_id)
        .group_by(ScoreSheet.judge_id, ScoreSheet.seat_id, ScoreSheet.state, ScoreSheet.closed)
    ):
        if closed is None:
            load = found.setdefault(judge_id, Load())
            load.owed += number if state in OWED else 0
            load.delivered += 0 if state in OWED else number
        elif closed in ("vacant", "barred"):
            found.setdefault(seat_id, Load()).closed += number
    return found


def stage_modules(session: Session, stage_id: str) -> list[Module]:
    """The modules of a stage in their order."""
    return list(session.scalars(select(Module).where(Module.stage_id == stage_id).order_by(Module.position, Module.id)))


def marked_modules(session: Session, stage_id: str) -> list[Module]:
    """The modules that somebody marks: all but those whose score is carried from an earlier stage."""
    return [module for module in stage_modules(session, stage_id) if carried_from(module) is None]
