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


def latest_settlements(session: Session, stage_id: str) -> dict[str, Settlement]:
    """Division id → the newest settlement, in one query."""
    rows = session.scalars(select(Settlement).where(Settlement.stage_id == stage_id).order_by(Settlement.number))
    return {settlement.division_id: settlement for settlement in rows}


def settled_standings(session: Session, stage: Stage) -> list[DivisionStandings]:
    """What was settled, division by division, from the stored cases; divisions that were not settled are left out."""
    settled = latest_settlements(session, stage.id)
    cases = [
        (division, json.loads(settled[division.id].case))
        for division in divisions_of(session, stage)
        if division.id in settled
    ]
    return [DivisionStandings(division, case, recomputed(case)) for division, case in cases]
