"""What judging gives to a scoring case (scoring.md §1): confirmed marks, times, adjustments, statuses, recused
judges; and what is still missing. By code; judges are J1, J2 … by panel position. The API that results uses.

Marks of sheets that nobody confirmed are left out, so that their entrants are pending and never zero.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.coding.models import CodedPlace
from competitions.judging.models import Incident, Recusal, ScoreRevision, ScoreSheet
from competitions.judging.panels.queries import marked_modules, stage_modules
from competitions.judging.queries import DONE, judge_names, panel_of, recused_judges
from competitions.judging.schemes.aspects import SCORING_FIELDS
from competitions.judging.schemes.marks import given_seconds
from competitions.judging.schemes.versions import module_parts, scheme_in_force
from competitions.judging.signing.incidents import VALUED
from competitions.judging.signing.module_state import module_state
from competitions.judging.signing.statuses import module_statuses_of, statuses_of
from competitions.programme.models import Division, Module, Stage

Document = dict[str, Any]


def confirmed_marks(session: Session, stage_id: str, division_id: str, modules: Sequence[Module]) -> list[Document]:
    """The marks of confirmed and signed sheets, in the form of scoring.md §1 marks."""
    return [mark for module in modules for mark in marks_of(session, module, division_id, DONE)]


def marks_of(session: Session, module: Module, division_id: str, states: Iterable[str]) -> list[Document]:
    """The newest marks of the module's sheets that are in one of the states."""
    names = judge_names(panel_of(session, module.id))
    has_aspects = scheme_in_force(session, module.id) is not None
    recused = recused_judges(session, module.id)
    found: list[Document] = []
    for code, judge_id, marks in session.execute(_newest(module.id, division_id, states, ScoreRevision.marks)):
        if judge_id in recused.get(code, ()):
            continue
        for aspect, value in json.loads(marks).items():
            mark = {"entrant": code, "module": module.key, "judge": names.get(judge_id, judge_id), "value": value}
            found.append({**mark, "aspect": aspect} if has_aspects else mark)
    return found


def times(session: Session, stage_id: str, division_id: str, modules: Sequence[Module]) -> list[Document]:
    """The time taken, one for a code and module: of the first judge by panel position who recorded one."""
    found: list[Document] = []
    for module in modules:
        order = list(judge_names(panel_of(session, module.id)))
        taken: dict[str, tuple[int, int | str]] = {}
        for code, judge_id, stored in session.execute(_newest(module.id, division_id, DONE, ScoreRevision.seconds)):
            seconds = given_seconds(stored)
            place = order.index(judge_id) if judge_id in order else len(order)
            if seconds is not None and (code not in taken or place < taken[code][0]):
                taken[code] = (place, seconds)
        found += [
            {"entrant": code, "module": module.key, "seconds": seconds} for code, (_, seconds) in sorted(taken.items())
        ]
    return found


def adjustments(session: Session, stage_id: str, division_id: str) -> list[Document]:
    """Deductions and bonuses recorded in the hall; without a module they act on the total."""
    keys = {module.id: module.key for module in stage_modules(session, stage_id)}
    codes = select(CodedPlace.code).where(CodedPlace.stage_id == stage_id, CodedPlace.division_id == division_id)
    rows = session.scalars(
        select(Incident)
        .where(
            Incident.stage_id == stage_id,
            Incident.kind.in_(VALUED),
            Incident.revoked_at.is_(None),
            Incident.code.in_(codes),
        )
        .order_by(Incident.at, Incident.id)
    )
    return [
        {
            "entrant": row.code,
            **({"module": keys[row.module_id]} if row.module_id else {}),
            "kind": "deduction" if row.kind == "violation" else "bonus",
            "value": row.value,
            "reason": row.text,
        }
        for row in rows
    ]


def statuses(session: Session, stage_id: str, division_id: str) -> dict[str, str]:
    """Code → absent, withdrawn or disqualified, where somebody who may has said so."""
    return statuses_of(session, stage_id)


def recused(session: Session, stage_id: str, division_id: str, modules: Sequence[Module]) -> list[Document]:
    """Judges who may not mark an entrant, in the form of scoring.md §1 recused."""
    codes = set(
        session.scalars(
            select(CodedPlace.code).where(CodedPlace.stage_id == stage_id, CodedPlace.division_id == division_id)
        )
    )
    found: list[Document] = []
    for module in modules:
        names = judge_names(panel_of(session, module.id))
        rows = session.execute(
            select(Recusal.code, Recusal.judge_id)
            .where(Recusal.module_id == module.id)
            .order_by(Recusal.code, Recusal.judge_id)
        )
        found += [
            {"entrant": code, "module": module.key, "judge": names[judge_id]}
            for code, judge_id in rows
            if code in codes and judge_id in names
        ]
    return found


def module_statuses(session: Session, stage_id: str, division_id: str, modules: Sequence[Module]) -> list[Document]:
    """Who is absent or void in one module, in the form of scoring.md §1 module_status."""
    codes = set(
        session.scalars(
            select(CodedPlace.code).where(CodedPlace.stage_id == stage_id, CodedPlace.division_id == division_id)
        )
    )
    found = module_statuses_of(session, stage_id)
    return [
        {"entrant": code, "module": module.key, "status": status}
        for module in modules
        for code, status in sorted(found.get(module.id, {}).items())
        if code in codes
    ]


def scheme_aspects(session: Session, module_id: str) -> list[Document]:
    """The aspects of the scheme in force, in the form of scoring.md §2 ASPECT; empty without a scheme."""
    scheme = scheme_in_force(session, module_id)
    return [
        {name: aspect[name] for name in SCORING_FIELDS if aspect.get(name) not in (None, "")}
        for aspect in (scheme.aspects if scheme else ())
    ]


def unsigned_modules(session: Session, stage_id: str, division_id: str) -> list[Module]:
    """The modules of the ruleset that are not signed for the division (nobody to be marked: nothing to sign)."""
    parts = module_parts(session, stage_id)
    modules = [module for module in marked_modules(session, stage_id) if module.key in parts]
    states = [(module, module_state(session, module, division_id)) for module in modules]
    return [module for module, state in states if not state.is_empty and not state.signed]


def missing_sheets(session: Session, stage_id: str) -> list[Document]:
    """Codes for which sheets are not there or not delivered: {"module", "division", "code", "missing"}."""
    stage = session.get_one(Stage, stage_id)
    parts = module_parts(session, stage_id)
    found: list[Document] = []
    for division in session.scalars(
        select(Division).where(Division.event_id == stage.event_id).order_by(Division.position)
    ):
        for module in marked_modules(session, stage_id):
            if module.key not in parts:
                continue
            state = module_state(session, module, division.id)
            missing = dict(state.lacking)
            for sheet in state.in_state("empty", "draft"):
                missing[sheet.code] = missing.get(sheet.code, 0) + 1
            found += [
                {"module": module.name, "division": division.name, "code": code, "missing": count}
                for code, count in sorted(missing.items())
            ]
    return found


def _newest(module_id: str, division_id: str, states: Iterable[str], column: Any) -> Any:
    return (
        select(ScoreSheet.code, ScoreSheet.judge_id, column)
        .join(ScoreRevision, (ScoreRevision.sheet_id == ScoreSheet.id) & (ScoreRevision.number == ScoreSheet.head))
        .where(
            ScoreSheet.module_id == module_id, ScoreSheet.division_id == division_id, ScoreSheet.state.in_(list(states))
        )
        .order_by(ScoreSheet.code, ScoreSheet.judge_id)
    )
