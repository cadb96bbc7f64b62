"""Editable data: levels of competitions and the list of occupations, with what the house starts with. Knows no request.

`occupations.csv` is domain.md §9.4 (codes to be checked against the 大典 before publication); `aliases` one a line.
"""

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.programme.competitions.services import flush_or
from competitions.programme.models import CompetitionLevel, Occupation

HERE = Path(__file__).resolve().parent
LEVELS = (
    ("national1", "国家级一类"),
    ("national2", "国家级二类"),
    ("region1", "自治区级一类"),
    ("region2", "自治区级二类"),
    ("city1", "市级一类"),
    ("city2", "市级二类"),
    ("county", "县（市、区）级"),
    ("park", "园区级"),
    ("enterprise", "企业级"),
    ("industry", "行业（系统）级"),
    ("cross_province", "跨省区"),
)
"""Levels the house starts with (issue 2 point 5)."""


def load_reference(session: Session, *, by: Actor, at: datetime) -> int:
    """Add the levels and occupations that are not there yet; nothing is changed. The number of rows added."""
    added = 0
    known = set(session.scalars(select(CompetitionLevel.code))) | set(session.scalars(select(CompetitionLevel.name)))
    for position, (code, name) in enumerate(LEVELS):
        if code not in known and name not in known:
            session.add(CompetitionLevel(code=code, name=name, position=position))
            added += 1
    coded = set(session.scalars(select(Occupation.code)))
    with (HERE / "occupations.csv").open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            if row["code"] not in coded:
                session.add(Occupation(code=row["code"], name=row["name"], aliases=row["aliases"].replace("|", "\n")))
                added += 1
    session.flush()
    if added:
        record(session, "reference.load", "reference", None, by=by, at=at, after={"added": added})
    return added


def save_level(
    session: Session, code: str | None, values: Mapping[str, Any], *, by: Actor, at: datetime
) -> CompetitionLevel:
    """Add a level (code None) or change one. Raises Invalid when code or name is taken."""
    level = session.get(CompetitionLevel, code) if code else None
    if level is None:
        level = CompetitionLevel(**values)
        session.add(level)
    else:
        level.name, level.position = values["name"], values["position"]
    flush_or(session, Invalid([Problem("invalid.programme.name_taken", "name")]))
    record(session, "level.save", "competition_level", level.code, by=by, at=at, after={"name": level.name})
    return level


def save_occupation(
    session: Session, code: str | None, values: Mapping[str, Any], *, by: Actor, at: datetime
) -> Occupation:
    """Add an occupation (code None) or change one. Raises Invalid when the code is taken."""
    occupation = session.get(Occupation, code) if code else None
    if occupation is None:
        occupation = Occupation(**values)
        session.add(occupation)
    else:
        occupation.name, occupation.aliases = values["name"], values["aliases"]
    flush_or(session, Invalid([Problem("invalid.programme.code_taken", "code")]))
    record(session, "occupation.save", "occupation", occupation.code, by=by, at=at, after={"name": occupation.name})
    return occupation


def remove_reference(session: Session, row: CompetitionLevel | Occupation, *, by: Actor, at: datetime) -> None:
    """Remove a level or occupation. Raises StateForbids when something refers to it."""
    session.delete(row)
    flush_or(session, StateForbids("programme.in_use", name=row.name))
    record(session, "reference.remove", row.__tablename__, row.code, by=by, at=at, before={"name": row.name})
