"""What the panel of one module gives now, from what is delivered: each code's score and whose sheets are left out.

Scoring computes it from a case of this module alone; adjustments are left out. Knows codes only.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions import scoring
from competitions.coding.models import CodedPlace
from competitions.judging.schemes.versions import read_ruleset
from competitions.judging.sheets.judgement import DELIVERED
from competitions.judging.signing.case_parts import CaseParts
from competitions.judging.timing.reckoning import SheetTime
from competitions.programme.models import Division, Module
from competitions.programme.queries import ruleset_in_force

ALONE: dict[str, Any] = {
    "total": {"round": {"places": 2, "mode": "half_up"}, "deduction_cap": None, "floor": "0"},
    "tie_breaks": [],
    "ties": "shared",
}
"""The rest of a ruleset around one module: its total is of no interest here."""


@dataclass(frozen=True, slots=True)
class PanelResults:
    """Code → the module's score, code → the judges (J1 …) whose sheets the panel rule leaves out, code → the time of its
    sheet.
    """

    scores: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, set[str]] = field(default_factory=dict)
    times: dict[str, SheetTime] = field(default_factory=dict)


def panel_results(session: Session, module: Module, division: Division) -> PanelResults:
    """What scoring makes of the module's delivered sheets by the ruleset in force; nothing when it does not name it."""
    ruleset = ruleset_in_force(session, module.stage_id)
    document = read_ruleset(ruleset.document) if ruleset else {"modules": []}
    part = next((part for part in document["modules"] if part["id"] == module.key), None)
    if part is None:
        return PanelResults()
    judged = CaseParts(session, module.stage_id, [module], DELIVERED)
    case = scoring.case_from_document(_case(session, judged, module, division, document, part))
    placings = scoring.standings(case)["placings"]
    return PanelResults(
        {line["entrant"]: line["modules"][module.key] for line in placings if module.key in line["modules"]},
        {code: judges for (code, _), judges in scoring.dropped_sheets(case).items()},
        judged.sheet_times(module, division.id),
    )


def _case(
    session: Session,
    judged: CaseParts,
    module: Module,
    division: Division,
    document: dict[str, Any],
    part: dict[str, Any],
) -> dict[str, Any]:
    codes = session.scalars(
        select(CodedPlace.code).where(CodedPlace.stage_id == module.stage_id, CodedPlace.division_id == division.id)
    )
    return {
        "version": 1,
        "entrants": [{"id": code} for code in codes],
        "ruleset": {
            **ALONE,
            "modules": [judged.with_aspects(part)],
            "order": document["order"],
            "absent": document["absent"],
        },
        "marks": judged.marks(division.id),
        "times": [],
        "adjustments": [],
        "rulings": [],
        "recused": judged.recused(division.id, [part]),
        "module_status": judged.module_statuses(division.id),
    }
