"""Which line reviews an entry, and for which side it counts (design.md §2: kept apart). Knows the union tree only."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.organisations.models import Union

SYSTEMS = ("industry", "railway", "department")
REVIEWING = ("federation", *SYSTEMS)


def way_up(session: Session, union: Union) -> list[Union]:
    """The union and everything above it, nearest first."""
    ids = [part for part in union.path.split("/") if part]
    by_id = {each.id: each for each in session.scalars(select(Union).where(Union.id.in_(ids)))}
    return [by_id[each] for each in reversed(ids) if each in by_id]


def default_review_line(session: Session, union: Union) -> Union:
    """The nearest city federation or industry (system) union at or above the union, else the root."""
    line = way_up(session, union)
    return next((each for each in line if is_review_line(each)), line[-1])


def is_review_line(union: Union) -> bool:
    """Whether the union is a line of review by its place: a system union, a city federation, or a federation directly
    below the root (provinces without a city level).
    """
    if union.kind in SYSTEMS:
        return True
    depth = union.path.count("/") - 1
    return union.kind == "federation" and depth > 1 and (depth == 2 or _is_city(union.area_code))


def _is_city(area_code: str | None) -> bool:
    return bool(area_code) and str(area_code).endswith("00") and not str(area_code).endswith("0000")


def review_lines(session: Session, union: Union) -> list[Union]:
    """The lines that a union may choose: its own way up, and every system union directly below the same root."""
    line = way_up(session, union)
    own = [each for each in line if is_review_line(each)] or [line[-1]]
    systems = session.scalars(
        select(Union)
        .where(Union.parent_id == line[-1].id, Union.kind.in_(SYSTEMS))
        .order_by(Union.position, Union.name)
    )
    return own + [each for each in systems if each.id not in {known.id for known in own}]


def delegation_of(session: Session, union: Union) -> Union:
    """The nearest union at or above it that sends a delegation; otherwise its line directly below the root."""
    line = way_up(session, union)
    return next((each for each in line if each.delegation), line[-2] if len(line) > 1 else line[-1])
