"""Carried scores (初赛成绩带入决赛): the total that an earlier stage published becomes an ordinary mark of this one's case.

The earlier totals are public by name. Beside a code they would tell whose it is, so the system adds them when it computes
and settles, and until the stage is decoded every page and export shows the case without them (design.md §4.5).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from competitions import scoring
from competitions.coding.queries import codes_of_entries, is_decoded
from competitions.programme.models import Module, Stage
from competitions.programme.modules.carried import carried_from, carried_modules, missing_is_absent
from competitions.results.models import Publication
from competitions.scoring.ruleset import Key
from competitions.scoring.ruleset_reading import read_key

JUDGE = "carried"
"""Stands in a case where an ordinary mark has its judge."""
PRIZES = ("awards", "honours", "advance", "teams", "standard_score")
Document = dict[str, Any]


def publication_in_force(session: Session, stage_id: str) -> Publication | None:
    """What is published of a stage now, with its snapshot."""
    return session.scalar(
        select(Publication)
        .where(Publication.stage_id == stage_id, Publication.state == "published")
        .options(joinedload(Publication.snapshot))
    )


def publication_cases(publication: Publication) -> dict[str, Document]:
    """Division's name → the scoring case of the publication."""
    cases: dict[str, Document] = json.loads(publication.snapshot.cases)
    return cases


def published_standings(publication: Publication) -> dict[str, Document]:
    """Division's name → the standings document of the publication, by code."""
    return {
        name: scoring.standings(scoring.case_from_document(case))
        for name, case in publication_cases(publication).items()
    }


def published_totals(session: Session, stage_id: str) -> dict[str, str] | None:
    """Entry id → total as published; None while nothing is published. Whoever has no total is left out."""
    publication = publication_in_force(session, stage_id)
    if publication is None:
        return None
    entry_of: Mapping[str, str] = publication.snapshot.identities
    return {
        entry_of[line["entrant"]]: line["total"]
        for document in published_standings(publication).values()
        for line in document["placings"]
        if line["total"] is not None and line["entrant"] in entry_of
    }


def carried_marks(session: Session, stage: Stage, codes: Collection[str], modules: Sequence[Module]) -> list[Document]:
    """The carried modules' marks of these codes, in the form of scoring.md §1 marks."""
    carried = [module for module in modules if carried_from(module)]
    if not carried:
        return []
    code_of = codes_of_entries(session, stage.id)
    found = []
    for module in carried:
        totals = published_totals(session, str(carried_from(module))) or {}
        found += [
            {"entrant": code_of[entry_id], "module": module.key, "judge": JUDGE, "value": total}
            for entry_id, total in totals.items()
            if code_of.get(entry_id) in codes
        ]
    return sorted(found, key=lambda mark: (mark["module"], mark["entrant"]))


def missing_carried(
    session: Session, codes: Collection[str], modules: Sequence[Module], marks: Sequence[Document]
) -> list[Document]:
    """Who is absent in a carried module, in the form of scoring.md §1 module_status: he has no total in the publication
    in force, and the organisers have decided so.
    """
    found = []
    for module in modules:
        source = carried_from(module)
        if source and missing_is_absent(module) and publication_in_force(session, source) is not None:
            having = {mark["entrant"] for mark in marks if mark["module"] == module.key}
            found += [
                {"entrant": code, "module": module.key, "status": "absent"} for code in sorted(set(codes) - having)
            ]
    return found


def hidden_modules(session: Session, stage: Stage) -> frozenset[str]:
    """Keys of the carried modules while the stage is not decoded: what nobody may see beside a code."""
    keys = frozenset(module.key for module in carried_modules(session, stage.id))
    return frozenset() if not keys or is_decoded(session, stage.id) else keys


def without_modules(case: Document, keys: Collection[str]) -> Document:
    """The case as if these modules were not there, and without what hangs on the whole total: prizes, advancement,
    teams, rulings. A new document.
    """
    ruleset = {name: value for name, value in case["ruleset"].items() if name not in PRIZES}
    groups = [
        {**group, "modules": left}
        for group in ruleset.get("groups", ())
        if (left := [key for key in group["modules"] if key not in keys])
    ]
    kept = {group["id"] for group in groups}
    ruleset |= {
        "modules": [part for part in ruleset["modules"] if part["id"] not in keys],
        "groups": groups,
        "tie_breaks": [key for key in ruleset["tie_breaks"] if not _names(read_key(key), keys, kept)],
        "ties": "shared" if ruleset["ties"] == "forbidden" else ruleset["ties"],
    }
    parts = {
        name: [each for each in case.get(name, ()) if each.get("module") not in keys]
        for name in ("marks", "times", "adjustments", "recused", "module_status")
    }
    return {**case, **parts, "ruleset": ruleset, "rulings": []}


def _names(key: Key, modules: Collection[str], groups: Collection[str]) -> bool:
    """Whether a tie-break names one of the modules, or a group that is gone."""
    return key.module in modules or (key.group is not None and key.group not in groups)
