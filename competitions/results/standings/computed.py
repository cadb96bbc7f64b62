"""Standings of a division as pages and publications need them: computed, and said in words. Knows codes only."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions import scoring
from competitions.audit.chain import canonical, digest
from competitions.base.problems import Problem
from competitions.programme.models import Division, Stage
from competitions.programme.queries import ruleset_in_force
from competitions.results.standings.carried_scores import hidden_modules, without_modules
from competitions.results.standings.case_building import StageCases, case_of


@dataclass(frozen=True, slots=True)
class DivisionStandings:
    """One division: the case it was computed from and the standings document of scoring.md §3."""

    division: Division
    case: dict[str, Any]
    document: dict[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of the standings, hex."""
        return digest(self.document)

    @property
    def case_text(self) -> str:
        """The case as canonical JSON."""
        return canonical(self.case)

    @property
    def problems(self) -> list[Problem]:
        """What the calculation finds wrong, errors and warnings."""
        return [Problem.of(document) for document in self.document["problems"]]

    def errors(self) -> list[Problem]:
        """Problems that are errors (a tie left where ties are forbidden, a bad mark …)."""
        return [problem for problem in self.problems if problem.severity == "error"]

    def pending(self) -> list[str]:
        """Codes that cannot be ranked yet."""
        return [line["entrant"] for line in self.document["placings"] if line["status"] == "pending"]


def standings_of(session: Session, stage: Stage, division: Division) -> DivisionStandings:
    """Compute the standings of a division from what is confirmed now, by the ruleset in force.

    Raises NotFound while the stage has no ruleset.
    """
    return _computed(division, case_of(session, stage, division))


def stage_standings(session: Session, stage: Stage, rules: dict[str, Any] | None = None) -> list[DivisionStandings]:
    """Every division of the stage that has somebody in it, by the ruleset in force or the `rules` given; none while the
    stage has no ruleset.
    """
    if rules is None and ruleset_in_force(session, stage.id) is None:
        return []
    cases = StageCases(session, stage, rules)
    found = [(division, cases.of(division)) for division in divisions_of(session, stage)]
    return [_computed(division, case) for division, case in found if case["entrants"]]


def as_shown(session: Session, stage: Stage, standings: Sequence[DivisionStandings]) -> list[DivisionStandings]:
    """The standings as people may see them now: before decoding without carried scores, which would tell whose code is
    whose; nothing of a stage that has only such.
    """
    hidden = hidden_modules(session, stage)
    if not hidden:
        return list(standings)
    cases = [(standing.division, without_modules(standing.case, hidden)) for standing in standings]
    return [_computed(division, case) for division, case in cases if case["ruleset"]["modules"]]


def divisions_of(session: Session, stage: Stage) -> list[Division]:
    """The divisions of the stage's event, in their order."""
    return list(
        session.scalars(
            select(Division).where(Division.event_id == stage.event_id).order_by(Division.position, Division.id)
        )
    )


def _computed(division: Division, case: dict[str, Any]) -> DivisionStandings:
    return DivisionStandings(division, case, recomputed(case))


def recomputed(case: dict[str, Any]) -> dict[str, Any]:
    """The standings document of a case, by the same path as `python -m competitions.scoring`."""
    return scoring.standings(scoring.read_case(json.dumps(case, ensure_ascii=False)))
