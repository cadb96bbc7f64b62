"""What judging gives to the case of one division, part by part, as tests ask for it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from competitions.judging.signing.case_parts import CaseParts
from competitions.judging.signing.module_state import stage_state
from competitions.programme.models import Module, Stage


def confirmed_marks(session: Session, stage_id: str, division_id: str, modules: Sequence[Module]) -> list[Any]:
    """The marks of confirmed and signed sheets."""
    return CaseParts(session, stage_id, modules).marks(division_id)


def times(session: Session, stage_id: str, division_id: str, modules: Sequence[Module]) -> list[Any]:
    """The time taken."""
    return CaseParts(session, stage_id, modules).times(division_id)


def adjustments(session: Session, stage_id: str, division_id: str) -> list[Any]:
    """Deductions and bonuses."""
    return CaseParts(session, stage_id).adjustments(division_id)


def statuses(session: Session, stage_id: str, _division_id: str) -> dict[str, str]:
    """Who is absent, withdrawn or disqualified."""
    return CaseParts(session, stage_id).statuses


def unsigned_modules(session: Session, stage_id: str, division_id: str) -> list[Module]:
    """The modules that are not signed."""
    return stage_state(session, session.get_one(Stage, stage_id)).unsigned_modules(division_id)


def missing_sheets(session: Session, stage_id: str) -> list[Any]:
    """Codes without all their sheets."""
    return stage_state(session, session.get_one(Stage, stage_id)).missing_sheets()
