"""What a judge's sheet stands in: the scheme and the time limit in force, calls to judge again, recusals, the judge's own
signature. Read for many sheets in a fixed number of queries, so that the list can say which sheets changed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.chain import digest
from competitions.judging.models import JudgeSignature, MarkingScheme, Reevaluation, ScoreSheet
from competitions.judging.schemes.versions import schemes_in_force
from competitions.judging.sheets.judgement import call_document
from competitions.programme.models import Ruleset
from competitions.programme.modules.judging_settings import JudgingSettings
from competitions.programme.queries import rulesets_in_force


@dataclass(frozen=True, slots=True)
class SheetFrame:
    """What surrounds one sheet. `calls`: aspects to be judged again, with the spread and never a value."""

    scheme: MarkingScheme | None
    ruleset: Ruleset | None
    calls: tuple[dict[str, Any], ...] = ()
    recused: bool = False
    signature: JudgeSignature | None = None

    def version(self, sheet: ScoreSheet) -> str:
        """Changes whenever anything that the sheet's document says changes: the tablet fetches only what it has not."""
        return digest(
            [
                sheet.state,
                sheet.head,
                sheet.opening,
                sheet.station,
                sheet.sitting.name if sheet.sitting else None,
                sheet.module.name,
                sheet.module.stage.event.name,
                JudgingSettings.of(sheet.module).judges_sign,
                self.scheme.id if self.scheme else None,
                self.ruleset.id if self.ruleset else None,
                list(self.calls),
                self.recused,
                self.signature.id if self.signature else None,
            ]
        )[:16]

    def limit(self, sheet: ScoreSheet) -> dict[str, int | None]:
        """The module's time limit, and when it is stopped, in seconds (the overtime rule of scoring.md §2 MODULE)."""
        parts = json.loads(self.ruleset.document)["modules"] if self.ruleset else []
        rules: list[dict[str, Any]] = [part.get("overtime") or {} for part in parts if part["id"] == sheet.module.key]
        rule = rules[0] if rules else {}
        return {"limit_seconds": rule.get("limit_seconds"), "stop_seconds": rule.get("stop_seconds")}


def frames_of(session: Session, sheets: Sequence[ScoreSheet]) -> dict[str, SheetFrame]:
    """Sheet id → its frame (four queries, whatever the number of sheets; modules and stages must be loaded)."""
    module_ids = sorted({sheet.module_id for sheet in sheets})
    if not module_ids:
        return {}
    schemes = schemes_in_force(session, module_ids)
    rulesets = rulesets_in_force(session, sorted({sheet.module.stage_id for sheet in sheets}))
    calls: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for call in session.scalars(
        select(Reevaluation)
        .where(Reevaluation.module_id.in_(module_ids), Reevaluation.closed_at.is_(None))
        .order_by(Reevaluation.aspect_id)
    ):
        calls.setdefault((call.module_id, call.code), []).append(call_document(call))
    signed = {
        (each.sheet_id, each.number): each
        for each in session.scalars(
            select(JudgeSignature).where(JudgeSignature.sheet_id.in_([sheet.id for sheet in sheets]))
        )
    }
    return {
        sheet.id: SheetFrame(
            schemes.get(sheet.module_id),
            rulesets.get(sheet.module.stage_id),
            tuple(calls.get((sheet.module_id, sheet.code), ())),
            sheet.closed == "recused",
            signed.get((sheet.id, sheet.head)),
        )
        for sheet in sheets
    }


def frame_of(session: Session, sheet: ScoreSheet) -> SheetFrame:
    """The frame of one sheet."""
    return frames_of(session, [sheet])[sheet.id]
