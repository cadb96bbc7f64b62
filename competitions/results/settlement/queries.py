"""Settlements: the standings of a division as they were signed by code, and what was signed, computed anew."""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.programme.models import Stage
from competitions.results.models import Settlement
from competitions.results.standings.computed import DivisionStandings, divisions_of, recomputed


def latest_settlement(session: Session, stage_id: str, division_id: str) -> Settlement | None:
    """The newest settlement of a division."""
    return session.scalar(
        select(Settlement)
        .where(Settlement.stage_id == stage_id, Settlement.division_id == division_id)
        .order_by(Settlement.number.desc())
        .limit(1)
    )


def settled_standings(session: Session, stage: Stage) -> list[DivisionStandings]:
    """What was settled, division by division, from the stored cases; divisions that were not settled are left out."""
    found = []
    for division in divisions_of(session, stage):
        settlement = latest_settlement(session, stage.id, division.id)
        if settlement is not None:
            case = json.loads(settlement.case)
            found.append(DivisionStandings(division, case, recomputed(case)))
    return found
