"""What must be in order before standings are settled, decoded and published: a list of things that block.

Each is a coded problem; the catalogue has the sentences. Knows codes only.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from competitions.base.permissions import Actor, Permission
from competitions.base.problems import Problem, Severity
from competitions.coding.agreement import differences, names_of
from competitions.coding.queries import is_decoded, is_sealed
from competitions.judging.signing.module_state import StageState, stage_state
from competitions.judging.signing.scans import without_scan
from competitions.programme.models import Stage
from competitions.programme.queries import ruleset_in_force
from competitions.programme.rulesets.reading import names
from competitions.results.selection.advancing import earlier_problems
from competitions.results.settlement.corrected import waiting_corrections
from competitions.results.settlement.queries import latest_settlements
from competitions.results.standings.carried_scores import hidden_modules
from competitions.results.standings.computed import DivisionStandings
from competitions.results.standings.rulings import rulings_of

MOST_NAMED = 20
HALL = "check.hall."
WHOM_TO_ASK = "姓名由检录裁判或组委会查看"
"""Stands for the names where the reader may not see them (they must not stand beside codes)."""
FAMILIES: dict[str, str] = {
    "ruleset": "ruleset",
    "mark": "mark",
    "panel": "mark",
    "time": "record",
    "adjustment": "record",
    "recused": "record",
    "module_status": "record",
}
"""Family of a scoring problem's code → the check that words it; others have a sentence of their own."""


def blocking_settlement(session: Session, stage: Stage, standings: Sequence[DivisionStandings]) -> list[Problem]:
    """What keeps the standings from being settled: codes unsealed, sheets missing, unconfirmed or unsigned, ties."""
    found: list[Problem] = []
    if ruleset_in_force(session, stage.id) is None:
        found.append(_problem("no_ruleset"))
    elif not is_sealed(session, stage.id):
        found.append(_problem("codes_unsealed"))
    elif not standings:
        found.append(_problem("nobody"))
    found += [
        _problem(f"hall.{each.kind}", count=len(each.entry_ids), people=WHOM_TO_ASK)
        for each in differences(session, stage)
    ]
    found += earlier_problems(session, stage)
    hidden, judged = hidden_modules(session, stage), stage_state(session, stage)
    for standing in standings:
        found += _division_problems(judged, standing, hidden)
    if missing := judged.missing_sheets():
        found.append(
            _problem(
                "sheets_missing",
                count=len({(row["module"], row["code"]) for row in missing}),
                codes=_named(list(dict.fromkeys(str(row["code"]) for row in missing))),
            )
        )
    if any(ruling.confirmed_by is None for ruling in rulings_of(session, stage.id)):
        found.append(_problem("ruling_waiting"))
    return found


def with_names(session: Session, actor: Actor, stage: Stage, problems: Sequence[Problem]) -> list[Problem]:
    """The problems as this person may read them: where register and hall differ, names for whoever sees the register
    of the event anyway and no codes before they are opened; the others are told whom to ask.
    """
    if not any(problem.code.startswith(HALL) for problem in problems) or not _sees_names(actor, stage):
        return list(problems)
    people = {f"{HALL}{each.kind}": names_of(session, each.entry_ids) for each in differences(session, stage)}
    return [
        replace(problem, params={**problem.params, "people": people[problem.code]})
        if problem.code in people
        else problem
        for problem in problems
    ]


def _sees_names(actor: Actor, stage: Stage) -> bool:
    def holds(permission: Permission) -> bool:
        scopes = actor.scopes(permission)
        return scopes.system or stage.event_id in scopes.events or stage.event.competition_id in scopes.competitions

    return (holds(Permission.VIEW_ENTRIES) or holds(Permission.CHECK_IN)) and not holds(Permission.VIEW_MATRIX)


def blocking_publication(session: Session, stage: Stage, standings: Sequence[DivisionStandings]) -> list[Problem]:
    """What keeps a publication from being drafted or approved: the above, unsettled or changed standings, undecoded."""
    found = blocking_settlement(session, stage, standings)
    settlements = latest_settlements(session, stage.id)
    for standing in standings:
        settled = settlements.get(standing.division.id)
        if settled is None:
            found.append(_problem("unsettled", division=standing.division.name))
        elif settled.digest != standing.digest:
            found.append(_problem("settlement_differs", division=standing.division.name))
    if not is_decoded(session, stage.id):
        found.append(_problem("undecoded"))
    return found + waiting_corrections(session, stage)


def remarks_on_publication(session: Session, stage: Stage) -> list[Problem]:
    """What is still to be put in order and blocks nothing: signed modules without the scan of their signed paper."""
    return [
        _problem(
            "scan_missing",
            "warning",
            module=module.name,
            module_id=module.id,
            division=division.name,
            division_id=division.id,
        )
        for module, division in without_scan(session, stage)
    ]


def standings_problems(standing: DivisionStandings) -> list[Problem]:
    """What the calculation itself finds wrong, errors and warnings, in the form of a check."""
    return _once([_scoring_problem(standing, problem) for problem in standing.problems])


def _division_problems(judged: StageState, standing: DivisionStandings, hidden: Collection[str]) -> list[Problem]:
    """`hidden`: modules whose scores must not be told beside a code; what is wrong with these is told as a number."""
    name = standing.division.name
    found = [
        _problem("module_unsigned", division=name, module=module.name, module_id=module.id)
        for module in judged.unsigned_modules(standing.division.id)
    ]
    carried = {mark["entrant"] for mark in standing.case["marks"] if mark["module"] in hidden}
    without = [code for code in standing.pending() if hidden and code not in carried]
    if without:
        found.append(_problem("carried_missing", division=name, count=len(without)))
    if pending := [code for code in standing.pending() if code not in without]:
        found.append(_problem("pending", division=name, codes=_named(pending), count=len(pending)))
    errors = [problem for problem in standing.errors() if not _of_teams(problem)]
    if unfit := [problem for problem in errors if problem.params.get("module") in hidden]:
        found.append(_problem("carried_unfit", division=name, count=len(unfit)))
    return _once([*found, *(_scoring_problem(standing, problem) for problem in errors if problem not in unfit)])


def _of_teams(problem: Problem) -> bool:
    """A tie of teams blocks nothing: no ruling can part teams (scoring.md §1 rulings), and they share the rank."""
    return "teams" in problem.params


def _scoring_problem(standing: DivisionStandings, problem: Problem) -> Problem:
    code, params = problem.code, problem.params
    named = params.get("entrants") or params.get("order") or ([params["entrant"]] if "entrant" in params else [])
    modules = names(standing.case["ruleset"])
    family = "ties.teams" if _of_teams(problem) else FAMILIES.get(code.partition(".")[0], code)
    return _problem(
        family,
        problem.severity,
        division=standing.division.name,
        codes=_named([str(code) for code in named]),
        module=modules.get(params.get("module", ""), ""),
        aspect=params.get("aspect", ""),
        scoring=code,
    )


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """Each problem once, in order: the calculation tells every mark, people are told the code (and the aspect)."""
    kept = {(problem.code, problem.severity, tuple(sorted(problem.params.items()))): problem for problem in problems}
    return list(kept.values())


def _named(codes: Sequence[str]) -> str:
    return "、".join(codes[:MOST_NAMED]) + ("……" if len(codes) > MOST_NAMED else "")


def _problem(code: str, severity: Severity = "error", /, **params: Any) -> Problem:
    return Problem(f"check.{code}", None, params, severity)
