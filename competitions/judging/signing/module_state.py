"""How far a division of a module is: whose sheets are missing, undelivered, unconfirmed. Changes nothing."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from competitions.coding.models import CodedPlace
from competitions.judging.models import (
    ModuleSignature,
    ScoreSheet,
)
from competitions.judging.queries import (
    latest_signature,
    present_places,
    recused_judges,
)
from competitions.judging.schemes.versions import module_part
from competitions.judging.signing.statuses import module_statuses_of, statuses_of
from competitions.programme.models import Module


@dataclass(slots=True)
class ModuleState:
    """Where a module of a division stands: the sheets that count, the codes that lack some, how many judges each
    needs.
    """

    sheets: list[ScoreSheet]
    lacking: dict[str, int] = field(default_factory=dict)
    signature: ModuleSignature | None = None

    @property
    def signed(self) -> bool:
        """Whether the newest signature still holds: there, and nothing missing or open again."""
        return self.signature is not None and not self.lacking and all(sheet.state == "signed" for sheet in self.sheets)

    @property
    def is_empty(self) -> bool:
        """Whether nobody is to be marked here: nothing to sign."""
        return not self.sheets and not self.lacking

    def in_state(self, *states: str) -> list[ScoreSheet]:
        """The sheets in one of the states."""
        return [sheet for sheet in self.sheets if sheet.state in states]


def module_state(session: Session, module: Module, division_id: str) -> ModuleState:
    """The state of a module of a division. Sheets of judges who are recused, and of codes that are absent, withdrawn or
    disqualified, or absent or void in this module, do not count.
    """
    out = module_statuses_of(session, module.stage_id).get(module.id, {})
    places = {
        code: place for code, place in marked_places(session, module.stage_id, division_id).items() if code not in out
    }
    recused = recused_judges(session, module.id)
    sheets = [
        sheet
        for sheet in session.scalars(
            select(ScoreSheet)
            .where(ScoreSheet.module_id == module.id, ScoreSheet.division_id == division_id)
            .options(joinedload(ScoreSheet.judge))
            .order_by(ScoreSheet.code, ScoreSheet.id)
        )
        if sheet.code in places and sheet.judge_id not in recused.get(sheet.code, ())
    ]
    panel = module_part(session, module).get("panel", {"judges": 1})
    having: dict[str, int] = {}
    for sheet in sheets:
        having[sheet.code] = having.get(sheet.code, 0) + 1
    lacking = {
        code: missing
        for code in places
        if (missing := _wanted(panel, len(recused.get(code, ()))) - having.get(code, 0)) > 0
    }
    return ModuleState(sheets, lacking, latest_signature(session, module.id, division_id))


def marked_places(session: Session, stage_id: str, division_id: str) -> dict[str, CodedPlace]:
    """Code → place, of everybody in the division who is to be marked."""
    statuses = statuses_of(session, stage_id)
    return {
        place.code: place
        for place in present_places(session, stage_id)
        if place.division_id == division_id and place.code not in statuses
    }


def _wanted(panel: dict[str, Any], recused: int) -> int:
    judges = int(panel["judges"])
    return max(judges - recused, int(panel.get("min_judges") or judges))
