"""Changes of the union tree and of employers. Knows no request; callers have loaded the objects within their scope."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from competitions.audit.chain import digest
from competitions.audit.recording import record
from competitions.base.errors import Invalid, Stale, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.organisations.models import TERRITORIAL_KINDS, Area, Employer, Union
from competitions.organisations.subtree import inside
from competitions.tabular.identity import check_uscc

DEEPEST = 12
"""Levels of the tree; the path column holds 16."""


@dataclass(frozen=True, slots=True)
class UnionFacts:
    """What is known of a union beside its place in the tree."""

    name: str
    kind: str = "enterprise"
    short_name: str = ""
    area_code: str | None = None
    uscc: str | None = None
    contact: str = ""
    contact_phone: str = ""
    delegation: bool = False

    @classmethod
    def of(cls, union: Union) -> "UnionFacts":
        """The facts as they stand."""
        return cls(**{name: getattr(union, name) for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class EmployerFacts:
    """What is known of an employer; `union_id` is its own or a joint union, if any."""

    name: str
    uscc: str | None = None
    ownership: str = "private"
    industry: str = ""
    size: str = "small"
    park: str = ""
    new_employment: bool = False
    area_code: str | None = None
    union_id: str | None = None

    @classmethod
    def of(cls, employer: Employer) -> "EmployerFacts":
        """The facts as they stand."""
        return cls(**{name: getattr(employer, name) for name in cls.__slots__})


def create_union(session: Session, parent: Union | None, facts: UnionFacts, *, by: Actor, at: datetime) -> Union:
    """A new union below `parent` (a root without one). Raises Invalid (name or code taken, wrong code), StateForbids."""
    path = _locked_path(session, parent)
    if path.count("/") > DEEPEST:
        raise StateForbids("tree_too_deep", most=DEEPEST)
    _check_union(session, facts, None)
    last = session.scalar(select(func.max(Union.position)).where(Union.parent_id == (parent.id if parent else None)))
    union = Union(**asdict(facts), parent_id=parent.id if parent else None, path="", position=(last or 0) + 1)
    union.path = f"{path}{union.id}/"
    session.add(union)
    _flush(session)
    record(
        session,
        "union.create",
        "union",
        union.id,
        by=by,
        at=at,
        after={"parent": union.parent_id, "digest": digest(asdict(facts))},
    )
    return union


def edit_union(session: Session, union: Union, facts: UnionFacts, version: int, *, by: Actor, at: datetime) -> None:
    """Change the facts. Raises Stale with the facts that are there now, Invalid."""
    before = UnionFacts.of(union)
    if union.version != version:
        raise Stale(current=asdict(before))
    _check_union(session, facts, union.id)
    _change(session, "union", union, asdict(before), asdict(facts), by=by, at=at)


def move_union(session: Session, union: Union, parent: Union, version: int, *, by: Actor, at: datetime) -> None:
    """Hang a union with all that is below it under another parent. Raises Stale, StateForbids (below itself, too deep).

    The roots are locked first, so that two moves cannot make a ring between them.
    """
    session.scalars(select(Union.id).where(Union.parent_id.is_(None)).with_for_update()).all()
    session.scalars(select(Union.id).where(inside(union.path)).with_for_update()).all()
    session.refresh(union)
    session.refresh(parent)
    if union.version != version:
        raise Stale(current=asdict(UnionFacts.of(union)))
    if parent.path.startswith(union.path):
        raise StateForbids("union_below_itself")
    deepest = session.scalar(select(func.max(func.length(Union.path))).where(inside(union.path))) or 0
    if (deepest - len(union.path)) // 37 + parent.path.count("/") > DEEPEST:
        raise StateForbids("tree_too_deep", most=DEEPEST)
    before, old, new = union.parent_id, union.path, f"{parent.path}{union.id}/"
    session.execute(
        update(Union)
        .where(inside(old))
        .values(path=new + func.substr(Union.path, len(old) + 1))
        .execution_options(synchronize_session=False)
    )
    union.parent_id = parent.id
    union.version += 1
    session.flush()
    session.expire_all()
    record(
        session, "union.move", "union", union.id, by=by, at=at, before={"parent": before}, after={"parent": parent.id}
    )


def create_employer(session: Session, facts: EmployerFacts, *, by: Actor, at: datetime) -> Employer:
    """A new employer. Raises Invalid (name or code taken, wrong code, unknown area)."""
    _check_employer(session, facts, None)
    employer = Employer(**asdict(facts))
    session.add(employer)
    _flush(session)
    record(
        session,
        "employer.create",
        "employer",
        employer.id,
        by=by,
        at=at,
        after={"union": employer.union_id, "digest": digest(asdict(facts))},
    )
    return employer


def edit_employer(
    session: Session, employer: Employer, facts: EmployerFacts, version: int, *, by: Actor, at: datetime
) -> None:
    """Change the facts. Raises Stale with the facts that are there now, Invalid."""
    before = EmployerFacts.of(employer)
    if employer.version != version:
        raise Stale(current=asdict(before))
    _check_employer(session, facts, employer.id)
    _change(session, "employer", employer, asdict(before), asdict(facts), by=by, at=at)


def _change(
    session: Session,
    kind: str,
    thing: Union | Employer,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Set what differs, count the version up and record the names of the fields (their values may be personal)."""
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return
    for name in changed:
        setattr(thing, name, after[name])
    thing.version += 1
    _flush(session)
    record(
        session,
        f"{kind}.edit",
        kind,
        thing.id,
        by=by,
        at=at,
        before={"digest": digest(before)},
        after={"digest": digest(after), "changed": changed},
    )


def _locked_path(session: Session, parent: Union | None) -> str:
    """The parent's path, read behind its lock: a move that is under way is waited for."""
    if parent is None:
        return "/"
    return session.scalars(select(Union.path).where(Union.id == parent.id).with_for_update()).one()


def _check_union(session: Session, facts: UnionFacts, own_id: str | None) -> None:
    if facts.area_code and facts.kind not in TERRITORIAL_KINDS:
        raise Invalid([_problem("area_not_territorial", "area_code")])
    if facts.uscc and (check_uscc(facts.uscc) != facts.uscc or not facts.uscc.startswith("81")):
        raise Invalid([_problem("uscc_union", "uscc")])
    _check_unique(session, Union, facts, own_id)
    _check_area(session, facts.area_code)


def _check_employer(session: Session, facts: EmployerFacts, own_id: str | None) -> None:
    if facts.uscc and (check_uscc(facts.uscc) != facts.uscc or facts.uscc.startswith("81")):
        raise Invalid([_problem("uscc_employer", "uscc")])
    _check_unique(session, Employer, facts, own_id)
    _check_area(session, facts.area_code)


def _check_unique(
    session: Session, model: type[Union] | type[Employer], facts: UnionFacts | EmployerFacts, own_id: str | None
) -> None:
    for field, value in (("name", facts.name), ("uscc", facts.uscc)):
        other = value and session.scalar(select(model.id).where(getattr(model, field) == value))
        if other and other != own_id:
            raise Invalid([_problem("name_taken" if field == "name" else "uscc_taken", field)])


def _check_area(session: Session, code: str | None) -> None:
    if code and session.get(Area, code) is None:
        raise Invalid([_problem("area_unknown", "area_code")])


def _problem(code: str, where: str) -> Problem:
    return Problem(f"invalid.unit.{code}", where)


def _flush(session: Session) -> None:
    """Flush; a name or code that somebody else has taken in this moment is said like any other."""
    try:
        session.flush()
    except IntegrityError as fault:
        raise Invalid([_problem("name_taken", "name")]) from fault
