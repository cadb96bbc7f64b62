"""Statuses by code that incidents set: of a whole stage (absent, withdrawn, disqualified), of one module (absent, void).

Source: scoring.md §1 entrants and module_status. Questions only; incidents.py records them.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.judging.models import Incident

STAGE_STATUSES = ("absent", "withdrawn", "disqualified")
MODULE_STATUSES = ("absent", "void")


def statuses_of(session: Session, stage_id: str) -> dict[str, str]:
    """Code → the status that an incident sets for the whole stage (the newest that holds)."""
    rows = session.execute(
        select(Incident.code, Incident.status)
        .where(Incident.stage_id == stage_id, Incident.kind == "status", Incident.revoked_at.is_(None))
        .order_by(Incident.at, Incident.id)
    )
    return {code: status for code, status in rows if status}


def module_statuses_of(session: Session, stage_id: str) -> dict[str, dict[str, str]]:
    """Module id → code → absent or void there (the newest that holds), in one query."""
    rows = session.execute(
        select(Incident.module_id, Incident.code, Incident.status)
        .where(Incident.stage_id == stage_id, Incident.kind == "module_status", Incident.revoked_at.is_(None))
        .order_by(Incident.at, Incident.id)
    )
    found: dict[str, dict[str, str]] = {}
    for module_id, code, status in rows:
        if module_id and status:
            found.setdefault(module_id, {})[code] = status
    return found
