"""Statuses by code that incidents set: of a whole stage (absent, withdrawn, disqualified), of one module (absent, void).

Source: scoring.md §1 entrants and module_status. Questions only; incidents.py records them.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.coding.checking_in import signed_codes
from competitions.judging.models import Incident, ScoreSheet
from competitions.programme.models import Module


def _is_signed(session: Session, stage_id: str, code: str) -> bool:
    """Whether a sheet of this code is signed in some module of the stage: what coding asks before a presence changes."""
    modules = select(Module.id).where(Module.stage_id == stage_id)
    signed = select(ScoreSheet.id).where(
        ScoreSheet.module_id.in_(modules), ScoreSheet.code == code, ScoreSheet.state == "signed"
    )
    return session.scalar(signed.limit(1)) is not None


signed_codes(_is_signed)
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
