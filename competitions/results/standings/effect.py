"""What a proposed ruleset would change: who would move, whose award or advancement would be another, by code.

Shown to the second person before he approves it (issue 3 point 3). Knows codes only.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from competitions.programme.models import Ruleset, Stage
from competitions.results.publications.snapshot import award_name
from competitions.results.standings.computed import DivisionStandings, as_shown, stage_standings


@dataclass(frozen=True, slots=True)
class Move:
    """How one entrant stands before and after."""

    code: str
    status: tuple[str, str]
    rank: tuple[int | None, int | None]
    award: tuple[str | None, str | None]
    advances: tuple[bool, bool]

    @property
    def changes(self) -> bool:
        """Whether anything differs."""
        return any(before != after for before, after in (self.status, self.rank, self.award, self.advances))


@dataclass(frozen=True, slots=True)
class Effect:
    """A division: who would move, how many stay as they are, what the calculation would complain about, how many
    totals would be others (a slip in a weight may leave every rank as it is). No score: who approves sees none yet.
    """

    division: str
    moves: list[Move]
    same: int
    problems: list[DivisionStandings]
    totals: int


def effect_of(session: Session, stage: Stage, ruleset: Ruleset) -> list[Effect]:
    """The effect of a version of the ruleset on everything that is confirmed now, division by division."""
    proposed = stage_standings(session, stage, json.loads(ruleset.document))
    now = {each.division.id: each for each in as_shown(session, stage, stage_standings(session, stage))}
    then = {each.division.id: each for each in as_shown(session, stage, proposed)}
    return [_effect(now[id_], then[id_]) for id_ in now if id_ in then]


def _effect(now: DivisionStandings, then: DivisionStandings) -> Effect:
    before = {line["entrant"]: line for line in now.document["placings"]}
    after = {line["entrant"]: line for line in then.document["placings"]}
    moves = [_move(code, before[code], after[code], now.case, then.case) for code in after if code in before]
    changed = [move for move in moves if move.changes]
    totals = sum(before[code]["total"] != after[code]["total"] for code in after if code in before)
    return Effect(now.division.name, changed, len(moves) - len(changed), [then] if then.errors() else [], totals)


def _move(code: str, before: dict[str, Any], after: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> Move:
    return Move(
        code,
        (before["status"], after["status"]),
        (before["rank"], after["rank"]),
        (award_name(old, before["award"]), award_name(new, after["award"])),
        (before["advances"], after["advances"]),
    )
