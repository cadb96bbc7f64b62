"""What a judge's sheet stands in: the scheme and the time limit in force, calls to judge again, recusals, the judge's own
signature. Read for many sheets in a fixed number of queries, so that the list can say which sheets changed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.chain import digest
from competitions.judging.models import JudgeSignature, MarkingScheme, Reevaluation, ScoreSheet
from competitions.judging.schemes.versions import schemes_in_force
from competitions.judging.sheets.judgement import call_document
from competitions.judging.timing.queries import ModuleTimes
from competitions.judging.timing.reckoning import CodeTime
from competitions.judging.timing.wording import told
from competitions.programme.models import Module, Ruleset
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
    time: CodeTime = field(default_factory=CodeTime)

    def version(self, sheet: ScoreSheet) -> str:
        """Changes whenever anything that the sheet's document says changes: the tablet fetches only what it has not."""
        return digest(
            [
                sheet.state,
                sheet.head,
                sheet.opening,
                sheet.station,
                self.sitting(sheet),
                sheet.module.name,
                sheet.module.stage.event.name,
                JudgingSettings.of(sheet.module).judges_sign,
                self.scheme.id if self.scheme else None,
                self.ruleset.id if self.ruleset else None,
                list(self.calls),
                self.recused,
                self.signature.id if self.signature else None,
                told(self.time),
            ]
        )[:16]

    def limit(self, sheet: ScoreSheet) -> dict[str, int | None]:
        """The module's time limit, and when it is stopped, in seconds (the overtime rule of scoring.md §2 MODULE)."""
        parts = json.loads(self.ruleset.document)["modules"] if self.ruleset else []
        rules: list[dict[str, Any]] = [part.get("overtime") or {} for part in parts if part["id"] == sheet.module.key]
        rule = rules[0] if rules else {}
        return {name: _longer(rule.get(name), self.time.granted) for name in ("limit_seconds", "stop_seconds")}

    def clock(self) -> dict[str, Any]:
        """What the tablet's clock needs: stops (from, to; the one that lasts has no end), seconds that a paper tells, extra
        time, and all of it in words.
        """
        stops: list[list[int | None]] = [[begins, ends] for begins, ends in self.time.stops]
        lasting: list[list[int | None]] = [] if self.time.lasting is None else [[self.time.lasting, None]]
        written, granted = self.time.written, self.time.granted
        return {"stops": stops + lasting, "written": written, "granted": granted, "told": told(self.time)}

    def sitting(self, sheet: ScoreSheet) -> str | None:
        """The name of the sitting that the code is in now: it may have been moved to the last one."""
        moved = self.time.moved_to
        if moved is not None and moved.to_sitting is not None:
            return moved.to_sitting.name
        return sheet.sitting.name if sheet.sitting else None


def frames_of(session: Session, sheets: Sequence[ScoreSheet]) -> dict[str, SheetFrame]:
    """Sheet id → its frame (a fixed number of queries, whatever the number of sheets; modules and stages must be loaded)."""
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
    times = _times_of(session, sheets)
    return {
        sheet.id: SheetFrame(
            schemes.get(sheet.module_id),
            rulesets.get(sheet.module.stage_id),
            tuple(calls.get((sheet.module_id, sheet.code), ())),
            sheet.closed == "recused",
            signed.get((sheet.id, sheet.head)),
            times[sheet.module.stage_id].of(sheet.module_id, sheet.code),
        )
        for sheet in sheets
    }


def frame_of(session: Session, sheet: ScoreSheet) -> SheetFrame:
    """The frame of one sheet."""
    return frames_of(session, [sheet])[sheet.id]


def _times_of(session: Session, sheets: Sequence[ScoreSheet]) -> dict[str, ModuleTimes]:
    """Stage id → what stands of changes of time, signed or not: the hall sees them at once."""
    modules: dict[str, dict[str, Module]] = {}
    for sheet in sheets:
        modules.setdefault(sheet.module.stage_id, {})[sheet.module_id] = sheet.module
    return {stage_id: ModuleTimes(session, stage_id, list(found.values())) for stage_id, found in modules.items()}


def _longer(seconds: int | None, granted: int) -> int | None:
    return None if seconds is None else seconds + granted
