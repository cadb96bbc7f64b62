"""What forbids a correction, and what must be said with it. Features above add guards of their own, which registration does
not know: who is named in a publication, who is coded.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from competitions.accounts.models import RoleAssignment, User
from competitions.base import roles
from competitions.base.errors import StateForbids
from competitions.base.permissions import SYSTEM
from competitions.base.problems import Problem
from competitions.organisations.models import Employer
from competitions.registration.corrections.changes import Change, member_of
from competitions.registration.ground import ground_for
from competitions.registration.models import Entry
from competitions.registration.states import require_states

Guard = Callable[[Session, Entry, Collection[str]], None]
"""Raises StateForbids when these fields of the entry can not be corrected any more; with no field: when nothing can."""
_guards: list[Guard] = []


def register_guard(guard: Guard) -> None:
    """Have a feature above asked before an entry is corrected. Its module must be imported by the feature's views."""
    if guard not in _guards:
        _guards.append(guard)


def require_correctable(session: Session, entry: Entry, fields: Collection[str] = ()) -> None:
    """Raises StateForbids: not approved (whoever is not yet is returned instead), or something forbids these fields."""
    require_states([entry], ("approved",), "更正")
    if "division" in fields and any(stage.is_locked for stage in entry.event.stages):
        raise StateForbids("correction_division")
    for guard in _guards:
        guard(session, entry, fields)


def judge_faults(session: Session, entry: Entry, changes: Sequence[Change]) -> list[Problem]:
    """Members who would be, by the corrected name and employer, a judge of the event (judge ≠ contestant)."""
    touched = {each.member: member_of(entry, each) for each in changes if each.field in ("name", "organisation")}
    new = {(each.member, each.field): each.after_id or each.after for each in changes}
    people = [
        {
            "name": new.get((member.id, "name"), member.name),
            "employer_id": new.get((member.id, "organisation"), member.employer_id),
        }
        for member in touched.values()
    ]
    ground = ground_for(session, entry.competition, entry.reporting_union, SYSTEM, people)
    found = []
    for person, member in zip(people, touched.values(), strict=True):
        employer = ground.employers.get(str(person["employer_id"]))
        found += [each.at(f"name-{member.position}") for each in ground.judging(person, entry.event, employer)]
    return found


def judges_concerned(session: Session, entry: Entry, changes: Sequence[Change], at: datetime) -> list[str]:
    """Judges of the event who are of the employer (or its union) or of the delegation that the entry comes to: names with
    roles, for the organiser, who has to think of recusals.
    """
    employers = {each.after_id for each in changes if each.field == "organisation" and each.after_id}
    unions = set(session.scalars(select(Employer.union_id).where(Employer.id.in_(employers))))
    unions |= {each.after_id for each in changes if each.field == "delegation"}
    rows = session.execute(
        select(User.display_name, RoleAssignment.role)
        .join(RoleAssignment, RoleAssignment.user_id == User.id)
        .where(
            RoleAssignment.role.in_(roles.NOT_COMPETING),
            RoleAssignment.scope_id == entry.event_id,
            or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to > at),
            or_(User.employer_id.in_(employers), User.union_id.in_(unions - {None})),
        )
        .order_by(User.display_name, RoleAssignment.role)
    )
    return [f"{name}（{roles.WORDS[role]}）" for name, role in rows]
