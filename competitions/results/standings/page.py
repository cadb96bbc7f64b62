"""The standings as officials see them: rows with words, ties framed, award and advancement lines.

Knows codes and, after decoding, names; no request and no database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from competitions.base.searching import contains, found_by, parts_of
from competitions.programme.rulesets.reading import decided_words, names, team_decided_words
from competitions.results.publications.snapshot import award_name, honour_names, team_award_name
from competitions.results.standings.computed import DivisionStandings
from competitions.results.standings.entrants import Entrant, team_names, teams_by
from competitions.results.standings.outlook import Reach, reach_of

ZERO_WORDS = {"absent": "缺考", "void": "作废"}


@dataclass(slots=True)
class StandingRow:
    """One placing: `scores` in the order of the columns, `remarks` beside them (absent or void there); `lines` are drawn
    below it, as (kind, words).
    """

    code: str
    status: str
    rank: int | None
    scores: list[str | None]
    total: str | None
    decided: str
    award: str | None
    honours: list[str]
    advances: bool
    passed: bool | None
    standard_score: int | None
    entrant: Entrant | None
    reach: Reach | None
    tied: bool = False
    tied_first: bool = False
    tied_last: bool = False
    lines: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[str | None] = field(default_factory=list)


@dataclass(slots=True)
class TeamRow:
    """One line of the table of teams; `members` are names."""

    rank: int | None
    name: str
    value: str | None
    members: list[str]
    decided: str
    award: str | None


@dataclass(slots=True)
class StandingsTable:
    """The table of one division: `columns` are (id, name) of modules and groups in the order of the ruleset; `teams_by` says
    what a team is (`team`: a delegation, `organisation`: an employer).
    """

    columns: list[tuple[str, str]]
    rows: list[StandingRow]
    teams: list[TeamRow]
    teams_by: str
    open: int
    certain: int | None
    has_awards: bool
    advances: bool
    standard: bool


def standings_table(standing: DivisionStandings, entrants: Mapping[str, Entrant] | None) -> StandingsTable:
    """The table of a division; `entrants` None: by code, without teams (they would tell who belongs together)."""
    ruleset, lines = standing.case["ruleset"], standing.document["placings"]
    columns, reach = columns_of(ruleset), reach_of(standing)
    rows = [_row(line, standing, columns, reach, entrants) for line in lines]
    _frame_ties(rows)
    _draw_lines(rows)
    return StandingsTable(
        columns,
        rows,
        [] if entrants is None else _teams(standing, entrants),
        teams_by(standing.case),
        open=len(standing.pending()),
        certain=sum(each.is_certain for each in reach.values()) if reach else None,
        has_awards=bool(ruleset.get("awards")),
        advances=bool(ruleset.get("advance")),
        standard=bool(ruleset.get("standard_score")),
    )


def found_rows(rows: Sequence[StandingRow], text: str) -> Sequence[StandingRow]:
    """The rows whose code (or, after decoding, name, unit or delegation) contains the text; all of them without one."""
    if not text.strip():
        return rows
    parts = parts_of(text)
    return [row for row in rows if parts and contains(_found_by(row), parts)]


def _found_by(row: StandingRow) -> str:
    who = row.entrant
    return found_by([row.code, *((who.organisation, who.delegation) if who else ())], [who.name] if who else ())


def columns_of(ruleset: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Modules in the order of the ruleset, each group after the last of its modules."""
    named, groups = names(ruleset), list(ruleset.get("groups") or ())
    left = {group["id"]: set(group["modules"]) for group in groups}
    columns = []
    for module in ruleset["modules"]:
        columns.append((module["id"], named[module["id"]]))
        for group in groups:
            if module["id"] in left[group["id"]]:
                left[group["id"]].discard(module["id"])
                columns += [] if left[group["id"]] else [(group["id"], named[group["id"]])]
    return columns


def readable(score: str | None) -> str | None:
    """A score as people read it: an exact one that does not end (`263/3`) with four places and an ellipsis."""
    if score is None or "/" not in score:
        return score
    units = abs(Fraction(score)) * 10_000
    digits = str(units.numerator // units.denominator).rjust(5, "0")
    return f"{'-' if score.startswith('-') else ''}{digits[:-4]}.{digits[-4:]}…"


def _row(
    line: Mapping[str, Any],
    standing: DivisionStandings,
    columns: Sequence[tuple[str, str]],
    reach: Mapping[str, Reach],
    entrants: Mapping[str, Entrant] | None,
) -> StandingRow:
    scores = {**line["modules"], **line["groups"]}
    return StandingRow(
        code=line["entrant"],
        status=line["status"],
        rank=line["rank"],
        total=line["total"],
        scores=[readable(scores.get(id_)) for id_, _ in columns],
        decided=decided_words(line, standing.case["ruleset"]),
        award=award_name(standing.case, line["award"]),
        honours=honour_names(standing.case, line["honours"]),
        advances=line["advances"],
        passed=line["passed"],
        standard_score=line["standard_score"],
        entrant=(entrants or {}).get(line["entrant"]),
        reach=reach.get(line["entrant"]),
        tied=line["tied"],
        remarks=_remarks(line["entrant"], standing.case, columns),
    )


def _remarks(code: str, case: Mapping[str, Any], columns: Sequence[tuple[str, str]]) -> list[str | None]:
    """Why a module counts 0 whatever its marks (scoring.md §1 module_status), in words, in the order of the columns."""
    said = {
        each["module"]: ZERO_WORDS[each["status"]] for each in case.get("module_status", ()) if each["entrant"] == code
    }
    return [said.get(id_) for id_, _ in columns]


def _frame_ties(rows: Sequence[StandingRow]) -> None:
    for above, row in zip([None, *rows], rows, strict=False):
        row.tied_first = row.tied and (above is None or not above.tied or above.rank != row.rank)
    for row, below in zip(rows, [*rows[1:], None], strict=True):
        row.tied_last = row.tied and (below is None or not below.tied or below.rank != row.rank)


def _draw_lines(rows: Sequence[StandingRow]) -> None:
    """Below the last of each award, and below the last who goes on."""
    last: dict[str, StandingRow] = {row.award: row for row in rows if row.award}
    for award, row in last.items():
        row.lines.append(("award", f"{award}线"))
    going = [row for row in rows if row.advances]
    if going:
        going[-1].lines.append(("advance", "晋级线"))


def _teams(standing: DivisionStandings, entrants: Mapping[str, Entrant]) -> list[TeamRow]:
    ruleset = standing.case["ruleset"]
    named = team_names(standing.case, entrants)
    return [
        TeamRow(
            team["rank"],
            named.get(team["team"], ""),
            readable(team["value"]),
            [entrants[code].name for code in team["members"] if code in entrants],
            team_decided_words(team, ruleset),
            team_award_name(standing.case, team["award"]),
        )
        for team in standing.document["teams"]
    ]
