"""The unions and employers of the demonstration: the tree of Guangxi, and employers with their own unions below it."""

import random
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.base.permissions import SYSTEM
from competitions.demo.places import Place, places, uscc
from competitions.organisations.models import Employer, Union
from competitions.organisations.seed import seed_region
from competitions.organisations.services import EmployerFacts, UnionFacts, create_employer, create_union


@dataclass(frozen=True, slots=True)
class Unit:
    """An employer with the union that reports its people: ids, name, kind of work (places.TRADES), the union above."""

    employer_id: str
    union_id: str
    name: str
    kind: str
    above: str


def make_units(session: Session, rng: random.Random, at: datetime) -> list[Unit]:
    """The tree, and some sixty employers, each with its enterprise union."""
    seed_region(session, "450000", by=SYSTEM, at=at)
    above = {union.name: union for union in session.scalars(select(Union))}
    return [_make(session, place, above[place.above], number, at) for number, place in enumerate(places(rng), 1)]


def _make(session: Session, place: Place, above: Union, number: int, at: datetime) -> Unit:
    union: Union = create_union(
        session,
        above,
        UnionFacts(
            f"{place.name}工会委员会",
            "enterprise",
            f"{place.name}工会",
            place.area_code,
            uscc(place.area_code or "450000", f"MDDEM{number:04d}", "81"),
            "经办人",
            f"0771-55{number:05d}",
        ),
        by=SYSTEM,
        at=at,
    )
    employer: Employer = create_employer(
        session,
        EmployerFacts(
            place.name,
            place.uscc,
            place.ownership,
            place.industry,
            place.size,
            "",
            place.kind == "road",
            place.area_code,
            union.id,
        ),
        by=SYSTEM,
        at=at,
    )
    return Unit(employer.id, union.id, place.name, place.kind, above.name)
