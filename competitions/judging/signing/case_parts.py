"""What judging gives to the scoring cases of a stage (scoring.md §1): marks, times, adjustments, statuses, recused
judges. By code; judges are J1, J2 … by panel position. The API that results uses.

Read once for the stage, then asked division by division. Marks of sheets that nobody confirmed are left out, so that
their entrants are pending and never zero.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.coding.models import CodedPlace
from competitions.judging.models import Incident, MarkingScheme, ScoreRevision, ScoreSheet
from competitions.judging.panels.queries import stage_modules
from competitions.judging.panels.rules import excused
from competitions.judging.queries import ALIVE, DONE, empty_seats_of, judge_names, panels_of
from competitions.judging.schemes.aspects import SCORING_FIELDS
from competitions.judging.schemes.marks import given_runs, given_seconds
from competitions.judging.schemes.versions import schemes_in_force
from competitions.judging.signing.incidents import VALUED
from competitions.judging.signing.statuses import module_statuses_of, statuses_of
from competitions.judging.timing.queries import ModuleTimes
from competitions.judging.timing.reckoning import SheetTime
from competitions.programme.models import Module

Document = dict[str, Any]


class Delivered(NamedTuple):
    """The newest revision of a sheet: marks as JSON, seconds and runs as stored."""

    module_id: str
    division_id: str
    code: str
    judge_id: str
    marks: str
    seconds: str | None
    runs: str | None


class CaseParts:
    """The parts of the cases of a stage, for the modules given (all of the stage without any).

    `states`: of which sheets the marks count; those that are confirmed unless told otherwise.
    """

    def __init__(
        self,
        session: Session,
        stage_id: str,
        modules: Sequence[Module] | None = None,
        states: Collection[str] = DONE,
    ) -> None:
        self.modules = list(modules) if modules is not None else stage_modules(session, stage_id)
        ids = [module.id for module in self.modules]
        self.statuses = statuses_of(session, stage_id)
        self._out = module_statuses_of(session, stage_id)
        self._keys = {module.id: module.key for module in stage_modules(session, stage_id)}
        self._judges = {id_: judge_names(members) for id_, members in panels_of(session, ids).items()}
        self._empty_seats = empty_seats_of(session, ids)
        self._alive = _judges_of(session, ids)
        self._schemes = schemes_in_force(session, ids)
        self._incidents = _adjusting(session, stage_id)
        self._times = ModuleTimes(session, stage_id, self.modules)
        self._division_of = _divisions(session, stage_id)
        self._delivered: dict[tuple[str, str], list[Delivered]] = {}
        for row in _newest(session, ids, states):
            self._delivered.setdefault((row.module_id, row.division_id), []).append(row)

    def with_aspects(self, part: Document) -> Document:
        """A module of the ruleset with the aspects of its scheme in force, in the form of scoring.md §2 ASPECT; as it is
        without a scheme.
        """
        scheme = next((self._schemes.get(module.id) for module in self.modules if module.key == part["id"]), None)
        aspects = _scored(scheme) if scheme else []
        return {**part, "aspects": aspects} if aspects else part

    def marks(self, division_id: str) -> list[Document]:
        """The newest marks of the sheets that count, in the form of scoring.md §1 marks."""
        return [mark for module in self.modules for mark in self._marks_of(module, division_id)]

    def times(self, division_id: str) -> list[Document]:
        """The time that counts (taken, less what the chief judge has signed as stopped and granted), one for a code and
        module: of the first judge by panel position who recorded one.
        """
        return [
            {"entrant": code, "module": module.key, "seconds": time.counted}
            for module in self.modules
            for code, time in sorted(self.sheet_times(module, division_id).items())
        ]

    def sheet_times(self, module: Module, division_id: str) -> dict[str, SheetTime]:
        """Code → time taken, stopped, granted, of the codes for which a judge has recorded the time."""
        order = list(self._judges.get(module.id, ()))
        first: dict[str, tuple[int, Delivered]] = {}
        for row in self._delivered.get((module.id, division_id), ()):
            place = order.index(row.judge_id) if row.judge_id in order else len(order)
            if row.seconds is not None and (row.code not in first or place < first[row.code][0]):
                first[row.code] = (place, row)
        return {
            code: self._times.of(module.id, code, signed=True).of(given_seconds(row.seconds), given_runs(row.runs))
            for code, (_, row) in first.items()
        }

    def adjustments(self, division_id: str) -> list[Document]:
        """Deductions and bonuses recorded in the hall; without a module they act on the total."""
        return [
            {
                "entrant": row.code,
                **({"module": self._keys[row.module_id]} if row.module_id else {}),
                "kind": "deduction" if row.kind == "violation" else "bonus",
                "value": row.value,
                "reason": row.text,
            }
            for row in self._incidents
            if self._division_of.get(row.code) == division_id
        ]

    def recused(self, division_id: str, parts: Sequence[Document]) -> list[Document]:
        """The judges whom an entrant has fewer, in the form of scoring.md §1 recused; `parts` are the modules of the
        ruleset.
        """
        by_key = {module.key: module for module in self.modules}
        return [
            {"entrant": code, "module": part["id"], "judge": judge}
            for part in parts
            if part["id"] in by_key
            for code, judge in self._missing_judges(by_key[part["id"]], part["panel"])
            if self._division_of.get(code) == division_id
        ]

    def _missing_judges(self, module: Module, panel: Document) -> Iterator[tuple[str, str]]:
        """Code and judge: of each seat in which nobody marks the code, as far as the panel is short of one."""
        names = self._judges.get(module.id, {})
        for (module_id, code), last in sorted(self._empty_seats.items()):
            if module_id != module.id:
                continue
            alive = self._alive.get((module.id, code), set())
            used = {names.get(judge_id, judge_id) for judge_id in alive}
            for judge_id in sorted(last)[: excused(panel, len(alive), len(last))]:
                name = _another(names.get(judge_id, judge_id), used)
                used.add(name)
                yield code, name

    def module_statuses(self, division_id: str) -> list[Document]:
        """Who is absent or void in one module, in the form of scoring.md §1 module_status."""
        return [
            {"entrant": code, "module": module.key, "status": status}
            for module in self.modules
            for code, status in sorted(self._out.get(module.id, {}).items())
            if self._division_of.get(code) == division_id
        ]

    def _marks_of(self, module: Module, division_id: str) -> Iterator[Document]:
        names = self._judges.get(module.id, {})
        for row in self._delivered.get((module.id, division_id), ()):
            judge = names.get(row.judge_id, row.judge_id)
            for aspect, value in json.loads(row.marks).items():
                mark = {"entrant": row.code, "module": module.key, "judge": judge, "value": value}
                yield {**mark, "aspect": aspect} if module.id in self._schemes else mark


def _another(name: str, used: Collection[str]) -> str:
    """The name, or what tells it from the same judge in another seat."""
    return next(said for n in count(1) if (said := name if n == 1 else f"{name}（第 {n} 席）") not in used)


def _scored(scheme: MarkingScheme) -> list[Document]:
    """What scoring reads of a scheme's aspects."""
    return [
        {name: aspect[name] for name in SCORING_FIELDS if aspect.get(name) not in (None, "")}
        for aspect in scheme.aspects
    ]


def _adjusting(session: Session, stage_id: str) -> list[Incident]:
    return list(
        session.scalars(
            select(Incident)
            .where(Incident.stage_id == stage_id, Incident.kind.in_(VALUED), Incident.revoked_at.is_(None))
            .order_by(Incident.at, Incident.id)
        )
    )


def _divisions(session: Session, stage_id: str) -> dict[str, str]:
    rows = session.execute(select(CodedPlace.code, CodedPlace.division_id).where(CodedPlace.stage_id == stage_id))
    return {code: division_id for code, division_id in rows}


def _judges_of(session: Session, module_ids: Sequence[str]) -> dict[tuple[str, str], set[str]]:
    """Module and code → the judges of its living sheets."""
    found: dict[tuple[str, str], set[str]] = {}
    for module_id, code, judge_id in session.execute(
        select(ScoreSheet.module_id, ScoreSheet.code, ScoreSheet.judge_id).where(
            ScoreSheet.module_id.in_(module_ids), ALIVE
        )
    ):
        found.setdefault((module_id, code), set()).add(judge_id)
    return found


def _newest(session: Session, module_ids: Sequence[str], states: Collection[str]) -> list[Delivered]:
    rows = session.execute(
        select(
            ScoreSheet.module_id,
            ScoreSheet.division_id,
            ScoreSheet.code,
            ScoreSheet.judge_id,
            ScoreRevision.marks,
            ScoreRevision.seconds,
            ScoreRevision.runs,
        )
        .join(ScoreRevision, (ScoreRevision.sheet_id == ScoreSheet.id) & (ScoreRevision.number == ScoreSheet.head))
        .where(ScoreSheet.module_id.in_(module_ids), ALIVE, ScoreSheet.state.in_(states))
        .order_by(ScoreSheet.code, ScoreSheet.judge_id)
    )
    return [Delivered(*row) for row in rows]
