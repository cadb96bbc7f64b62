"""The scoring cases of a stage (scoring.md §1), one for each division, by code, from what is confirmed in the database.

Knows ruleset, schemes, coded places and judging; no name, no unit: teams and organisations are opaque ids.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.coding.models import CodedPlace
from competitions.coding.queries import coded_places, opaque_groups
from competitions.judging.signing.case_parts import CaseParts
from competitions.programme.models import Division, Module, Stage
from competitions.programme.queries import ruleset_document
from competitions.results.models import TieRuling
from competitions.results.standings.carried_scores import carried_marks, missing_carried


class StageCases:
    """The cases of a stage by the ruleset in force or the `rules` given (a proposal, without aspects).

    What they are made of is read once, then each division's case is put together. They hold carried scores too: before
    decoding they are shown to nobody as they are (carried_scores.without_modules). Raises NotFound while the stage has
    no ruleset.
    """

    def __init__(self, session: Session, stage: Stage, rules: dict[str, Any] | None = None) -> None:
        self._ruleset = rules or ruleset_document(session, stage.id)
        by_key = {module.key: module for module in session.scalars(select(Module).where(Module.stage_id == stage.id))}
        modules = [by_key[part["id"]] for part in self._ruleset["modules"] if part["id"] in by_key]
        self._judged = CaseParts(session, stage.id, modules)
        self._places = coded_places(session, stage.id)
        self._groups = opaque_groups(session, stage.id)
        self._rulings = _rulings(session, stage.id)
        codes = {place.code for place in self._places}
        self._carried = carried_marks(session, stage, codes, modules)
        self._missing = missing_carried(session, codes, modules, self._carried)

    def of(self, division: Division) -> dict[str, Any]:
        """The whole case of a division as a document."""
        entrants = [self._entrant(place, division) for place in self._places if place.division_id == division.id]
        codes = {entrant["id"] for entrant in entrants}
        judged = self._judged
        return {
            "version": 1,
            "ruleset": {
                **self._ruleset,
                "modules": [judged.with_aspects(part) for part in self._ruleset["modules"]],
            },
            "entrants": entrants,
            "marks": [*judged.marks(division.id), *_of(self._carried, codes)],
            "times": judged.times(division.id),
            "adjustments": judged.adjustments(division.id),
            "rulings": [_ruling(row) for row in self._rulings if row.division_id == division.id],
            "recused": judged.recused(division.id, self._ruleset["modules"]),
            "module_status": [*judged.module_statuses(division.id), *_of(self._missing, codes)],
        }

    def _entrant(self, place: CodedPlace, division: Division) -> dict[str, Any]:
        """Somebody who was coded, with his status."""
        came = "competed" if place.presence in ("present", "late") else place.presence
        return {
            "id": place.code,
            **self._groups.get(place.code, {}),
            "division": division.name,
            "status": self._judged.statuses.get(place.code) or came,
        }


def case_of(session: Session, stage: Stage, division: Division, rules: dict[str, Any] | None = None) -> dict[str, Any]:
    """The case of one division; see StageCases. Raises NotFound while the stage has no ruleset."""
    return StageCases(session, stage, rules).of(division)


def _of(parts: list[dict[str, Any]], codes: set[str]) -> list[dict[str, Any]]:
    return [part for part in parts if part["entrant"] in codes]


def _rulings(session: Session, stage_id: str) -> list[TieRuling]:
    """Confirmed decisions on ties, oldest first."""
    return list(
        session.scalars(
            select(TieRuling)
            .where(
                TieRuling.stage_id == stage_id,
                TieRuling.confirmed_by.is_not(None),
                TieRuling.revoked_at.is_(None),
            )
            .order_by(TieRuling.proposed_at, TieRuling.id)
        )
    )


def _ruling(row: TieRuling) -> dict[str, Any]:
    return {"order": list(row.codes), "reason": row.reason, "by": ["裁判长", "监督员"]}
