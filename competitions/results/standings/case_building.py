"""The scoring case of one division of one stage (scoring.md §1), by code, from what is confirmed in the database.

Knows ruleset, schemes, coded places and judging; no name, no unit: teams and organisations are opaque ids.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.coding.queries import coded_places, opaque_groups
from competitions.judging.signing import case_parts
from competitions.programme.models import Division, Module, Stage
from competitions.programme.queries import ruleset_document
from competitions.results.models import TieRuling
from competitions.results.standings.carried_scores import carried_marks, missing_carried

ASPECT_FIELDS = ("id", "kind", "max", "step", "per", "cap")


def case_of(session: Session, stage: Stage, division: Division, rules: dict[str, Any] | None = None) -> dict[str, Any]:
    """The whole case as a document, by the ruleset in force or the `rules` given (a proposal, without aspects).

    It holds carried scores too: before decoding it is shown to nobody as it is (carried_scores.without_modules).
    Raises NotFound while the stage has no ruleset.
    """
    modules = {module.key: module for module in session.scalars(select(Module).where(Module.stage_id == stage.id))}
    ruleset = with_aspects(rules or ruleset_document(session, stage.id), session, modules)
    keyed = [modules[part["id"]] for part in ruleset["modules"] if part["id"] in modules]
    competing = entrants(session, stage, division)
    codes = {entrant["id"] for entrant in competing}
    carried = carried_marks(session, stage, codes, keyed)
    return {
        "version": 1,
        "ruleset": ruleset,
        "entrants": competing,
        "marks": [
            *case_parts.confirmed_marks(session, stage.id, division.id, keyed),
            *carried,
        ],
        "times": case_parts.times(session, stage.id, division.id, keyed),
        "adjustments": case_parts.adjustments(session, stage.id, division.id),
        "rulings": rulings(session, stage, division),
        "recused": case_parts.recused(session, stage.id, division.id, keyed),
        "module_status": [
            *case_parts.module_statuses(session, stage.id, division.id, keyed),
            *missing_carried(session, stage, codes, keyed, carried),
        ],
    }


def with_aspects(ruleset: dict[str, Any], session: Session, modules: dict[str, Module]) -> dict[str, Any]:
    """The ruleset with the aspects of the marking schemes in its modules."""
    whole = []
    for part in ruleset["modules"]:
        module = modules.get(part["id"])
        aspects = case_parts.scheme_aspects(session, module.id) if module else []
        kept = [
            {name: aspect[name] for name in ASPECT_FIELDS if aspect.get(name) not in (None, "")} for aspect in aspects
        ]
        whole.append({**part, "aspects": kept} if kept else part)
    return {**ruleset, "modules": whole}


def entrants(session: Session, stage: Stage, division: Division) -> list[dict[str, Any]]:
    """Everybody of the division who was coded, by code, with his status."""
    groups = opaque_groups(session, stage.id)
    statuses = case_parts.statuses(session, stage.id, division.id)
    return [
        {
            "id": place.code,
            **groups.get(place.code, {}),
            "division": division.name,
            "status": statuses.get(place.code)
            or ("competed" if place.presence in ("present", "late") else place.presence),
        }
        for place in coded_places(session, stage.id)
        if place.division_id == division.id
    ]


def rulings(session: Session, stage: Stage, division: Division) -> list[dict[str, Any]]:
    """Confirmed decisions on ties, oldest first."""
    rows = session.scalars(
        select(TieRuling)
        .where(
            TieRuling.stage_id == stage.id,
            TieRuling.division_id == division.id,
            TieRuling.confirmed_by.is_not(None),
            TieRuling.revoked_at.is_(None),
        )
        .order_by(TieRuling.proposed_at, TieRuling.id)
    )
    return [{"order": list(row.codes), "reason": row.reason, "by": ["裁判长", "监督员"]} for row in rows]
