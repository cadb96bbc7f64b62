"""Questions about unions, employers, areas and applications, within the caller's scope. Knows no request."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from competitions.base.counts import count_of
from competitions.base.errors import NotFound
from competitions.base.permissions import Actor, Permission
from competitions.base.waiting import Waiting
from competitions.organisations.models import Area, Employer, Union, UnitApplication
from competitions.organisations.subtree import UnionScope, ids_inside, scope_of_unions


def union_scope(session: Session, actor: Actor, *permissions: Permission) -> UnionScope:
    """The unions in which the actor has one of the permissions: everywhere for a system or competition scope, else the
    subtrees of his unions.
    """
    scopes = actor.scopes(*permissions)
    everywhere = scopes.system or bool(scopes.competitions)
    return UnionScope((), whole=True) if everywhere else scope_of_unions(session, scopes.unions)


def unions_in_scope(session: Session, actor: Actor, *permissions: Permission) -> Select[Union]:
    """Unions in which the actor has one of the permissions."""
    return select(Union).where(union_scope(session, actor, *permissions).unions())


def union_in_scope(session: Session, actor: Actor, union_id: str, *permissions: Permission) -> Union:
    """The union. Raises NotFound when missing or out of scope."""
    found = session.scalar(unions_in_scope(session, actor, *permissions).where(Union.id == union_id))
    if found is None:
        raise NotFound
    return found


def is_own_union(actor: Actor, union: Union, permission: Permission) -> bool:
    """Whether the union is the top of the actor's own scope: its name, kind and place are the next union's up."""
    scopes = actor.scopes(permission)
    above = any(part in scopes.unions for part in union.path.split("/") if part and part != union.id)
    return not scopes.system and union.id in scopes.unions and not above


def union_named(session: Session, actor: Actor, text: str, *permissions: Permission) -> Union | None:
    """The union in scope with exactly this name, short name (if only one has it) or USCC."""
    text = text.strip()
    if not text:
        return None
    found = session.scalars(
        unions_in_scope(session, actor, *permissions)
        .where(or_(Union.name == text, Union.short_name == text, Union.uscc == text.upper()))
        .limit(3)
    ).all()
    exact = [union for union in found if union.name == text]
    return exact[0] if exact else found[0] if len(found) == 1 else None


def ancestors(session: Session, actor: Actor, union: Union, *permissions: Permission) -> list[Union]:
    """The unions above this one that the actor may see, from the top down."""
    ids = [part for part in union.path.split("/") if part and part != union.id]
    if not ids:
        return []
    visible = unions_in_scope(session, actor, *permissions).where(Union.id.in_(ids))
    return sorted(session.scalars(visible), key=lambda each: len(each.path))


def counts_below(session: Session, union_ids: Sequence[str]) -> Mapping[str, int]:
    """Union id → number of unions directly below it (one query)."""
    rows = session.execute(
        select(Union.parent_id, func.count()).where(Union.parent_id.in_(union_ids)).group_by(Union.parent_id)
    )
    return {parent: count for parent, count in rows if parent is not None}


def employers_in_scope(session: Session, actor: Actor, *permissions: Permission) -> Select[Employer]:
    """Employers of unions in scope, and those that have no union yet (anybody who reports may enter their people)."""
    scope = union_scope(session, actor, *permissions)
    if scope.whole:
        return select(Employer)
    return select(Employer).where(or_(Employer.union_id.is_(None), scope.has(Employer.union_id)))


def employers_below(union: Union) -> Select[Employer]:
    """Employers whose people this union may report: its own, those of unions below it, those that have no union yet."""
    return select(Employer).where(or_(Employer.union_id.is_(None), Employer.union_id.in_(ids_inside(union.path))))


def employer_in_scope(session: Session, actor: Actor, employer_id: str, *permissions: Permission) -> Employer:
    """The employer. Raises NotFound when missing or out of scope."""
    found = session.scalar(employers_in_scope(session, actor, *permissions).where(Employer.id == employer_id))
    if found is None:
        raise NotFound
    return found


def employers_to_edit(session: Session, actor: Actor) -> Select[Employer]:
    """Employers that the actor may change: those of unions in his scope; those without a union where they lie in the
    area of one of his federations (everywhere for a system scope).
    """
    scopes = actor.scopes(Permission.EDIT_ORGANISATIONS)
    if scopes.system:
        return select(Employer)
    scope = scope_of_unions(session, scopes.unions)
    codes = session.scalars(
        select(Union.area_code).where(
            Union.id.in_(scopes.unions), Union.kind == "federation", Union.area_code.is_not(None)
        )
    ).all()
    near = or_(false(), *(Employer.area_code.startswith(area_prefix(code)) for code in codes if code))
    return select(Employer).where(or_(scope.has(Employer.union_id), and_(Employer.union_id.is_(None), near)))


def employer_to_edit(session: Session, actor: Actor, employer_id: str) -> Employer:
    """The employer, if the actor may change it. Raises NotFound."""
    found = session.scalar(employers_to_edit(session, actor).where(Employer.id == employer_id))
    if found is None:
        raise NotFound
    return found


def area_prefix(code: str) -> str:
    """The digits that all areas inside this one begin with: 45 for 450000, 4501 for 450100 (GB/T 2260)."""
    while code.endswith("00") and len(code) > 2:
        code = code[:-2]
    return code


def areas_around(session: Session, code: str | None) -> list[Area]:
    """The areas of the same province, for a list of choices; nothing without a code."""
    if not code:
        return []
    return list(session.scalars(select(Area).where(Area.code.startswith(code[:2])).order_by(Area.code)))


def applications_to_decide(session: Session, actor: Actor) -> Select[UnitApplication]:
    """Open applications that the actor decides: below his unions, never his own."""
    scope = union_scope(session, actor, Permission.DECIDE_ORGANISATION)
    return select(UnitApplication).where(
        UnitApplication.state == "open", scope.holds(UnitApplication.parent_id), UnitApplication.applied_by != actor.id
    )


def applications_seen(session: Session, actor: Actor) -> Select[UnitApplication]:
    """Applications that the actor made himself, or that lie below the unions for which he decides."""
    scope = union_scope(session, actor, Permission.DECIDE_ORGANISATION)
    return select(UnitApplication).where(
        or_(UnitApplication.applied_by == actor.id, scope.has(UnitApplication.parent_id))
    )


def application_seen(session: Session, actor: Actor, application_id: str) -> UnitApplication:
    """The application. Raises NotFound when missing or neither his own nor his to decide."""
    found = session.scalar(applications_seen(session, actor).where(UnitApplication.id == application_id))
    if found is None:
        raise NotFound
    return found


def application_places(session: Session, actor: Actor) -> list[Union]:
    """Where the actor may ask for a unit to be added: his own unions, and the ones directly above them."""
    tops = actor.scopes(Permission.APPLY_ORGANISATION).unions
    above = select(Union.parent_id).where(Union.id.in_(tops))
    return list(session.scalars(select(Union).where(or_(Union.id.in_(tops), Union.id.in_(above))).order_by(Union.path)))


def waiting(session: Session, actor: Actor, _at: datetime) -> list[Waiting]:
    """What waits for the actor here: applications for missing units that he decides."""
    if not actor.may(Permission.DECIDE_ORGANISATION):
        return []
    count = count_of(session, applications_to_decide(session, actor))
    if not count:
        return []
    return [
        Waiting(f"有 {count} 个单位申请加入，等待处理", "organisations.applications", {"state": "open"}, count.number)
    ]
