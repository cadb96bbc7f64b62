"""Three entrants computed by a ruleset that is being written, so that one sees at once what it does.

Knows the contract of scoring.md and makes up marks; no real mark comes near it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from competitions import scoring
from competitions.base.problems import Problem
from competitions.base.typed import duration_text, seconds_of, shortest
from competitions.programme.rulesets.reading import decided_words, sentences
from competitions.programme.rulesets.services import document_problems
from competitions.scoring.ruleset_reading import read_key
from competitions.scoring.words import KeyBy
from competitions.words.sentences import worded

ENTRANTS = (("A", "甲"), ("B", "乙"), ("C", "丙"))
LEVELS = (Decimal("0.92"), Decimal("0.88"), Decimal("0.85"))
SPREAD = (0, -2, 1, 3, -3, 2, -1)
SECONDS = ("312.4", "318", "309.8")
"""Times of the three drivers of R11."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a ruleset does: read back, the three entrants in order, and what is wrong."""

    sentences: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    modules: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def example_name(entrant: str, module: str, what: str) -> str:
    """The name of the input for marks (what = "marks") or time ("time") of an entrant in a module."""
    return f"example-{what}-{entrant}-{module}"


def example_values(document: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, str]:
    """Name of the input → its text, for every entrant and module: what was typed, else something likely."""
    values = {}
    for index, (entrant, _) in enumerate(ENTRANTS):
        for place, part in enumerate(document["modules"]):
            for what, made in (
                ("marks", _likely_marks(document, part, index + place, index)),
                ("time", _likely_time(part, index)),
            ):
                name = example_name(entrant, part["id"], what)
                values[name] = (typed.get(name) or "").strip()[:200] or made
    return values


def _likely_marks(document: Mapping[str, Any], part: Mapping[str, Any], level: int, index: int) -> str:
    if document["order"] == "ascending":
        return SECONDS[index]
    full, judges = Decimal(part["full_marks"]), max(1, min(int(part["panel"]["judges"]), 99))
    marks = []
    for judge in range(judges):
        mark = (full * (LEVELS[level % 3] + Decimal(SPREAD[judge % len(SPREAD)]) / 100)).quantize(Decimal("0.1"))
        marks.append(shortest(min(mark, full)))
    return " ".join(marks)


def _likely_time(part: Mapping[str, Any], index: int) -> str:
    limit = part["overtime"]["limit_seconds"] if part.get("overtime") else 5400
    return duration_text(max(0, limit + (-300, 0, 90)[index]))


def needs_time(document: Mapping[str, Any]) -> bool:
    """Whether times decide anything."""
    keys = [*document["tie_breaks"], *document.get("teams", {}).get("tie_breaks", ())]
    return any(part.get("overtime") for part in document["modules"]) or any(
        read_key(key).by is KeyBy.TIME for key in keys
    )


def example_case(document: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The scoring case of the three; missing judges repeat the marks given, further ones are left out.

    Tie-breaks on aspects are left out: an example has no marking scheme.
    """
    marks, times = [], []
    for entrant, _ in ENTRANTS:
        for part in document["modules"]:
            given = values[example_name(entrant, part["id"], "marks")].replace("，", " ").replace(
                "、", " "
            ).split() or ["0"]
            marks += [
                {"entrant": entrant, "module": part["id"], "judge": f"J{judge + 1}", "value": given[judge % len(given)]}
                for judge in range(min(part["panel"]["judges"], 99))
            ]
            times.append(
                {
                    "entrant": entrant,
                    "module": part["id"],
                    "seconds": _seconds(values[example_name(entrant, part["id"], "time")]),
                }
            )
    plain = {**document, "tie_breaks": [key for key in document["tie_breaks"] if read_key(key).aspect is None]}
    entrants = [{"id": entrant, "team": entrant, "organisation": entrant} for entrant, _ in ENTRANTS]
    return {
        "version": 1,
        "ruleset": plain,
        "entrants": entrants,
        "marks": marks,
        "times": times,
        "adjustments": [],
        "rulings": [],
    }


def _seconds(text: str) -> int:
    try:
        return seconds_of(text)
    except ValueError:
        return 0


def outcome_of(document: Mapping[str, Any], typed: Mapping[str, str]) -> Outcome:
    """The rule read back and the three entrants placed by it; only the problems when the document has faults."""
    faults = document_problems(document)
    if faults:
        return Outcome(problems=[worded(fault) for fault in faults])
    try:
        standings = scoring.standings(
            scoring.case_from_document(example_case(document, example_values(document, typed)))
        )
    except scoring.Unreadable:
        return Outcome(sentences(document), problems=["示例分数无法识别，请填写数字，用空格隔开。"])
    modules = [(part["id"], part.get("name") or part["id"]) for part in document["modules"]]
    rows = [_row(document, placing) for placing in standings["placings"]]
    return Outcome(sentences(document), rows, modules, [*_share_notes(document), *_example_problems(standings)])


def _share_notes(document: Mapping[str, Any]) -> list[str]:
    """Shares that do not make 100 %: allowed (R10 adds raw marks), but often a slip."""
    grouped = {key for group in document.get("groups", ()) for key in group["modules"]}
    parts = [part for part in (*document.get("groups", ()), *document["modules"]) if part["id"] not in grouped]
    whole = sum((Decimal(part["weight"]) for part in parts), Decimal(0)) * 100
    if whole == 100 or all(part["weight"] == "1" for part in parts):
        return []
    return [f"各部分占比合计 {shortest(whole)}%，请核对是否应为 100%。"]


def _row(document: Mapping[str, Any], placing: Mapping[str, Any]) -> dict[str, Any]:
    awards = {award["id"]: award.get("name") or award["id"] for award in document.get("awards", {}).get("list", ())}
    honours = {each["id"]: each.get("name") or each["id"] for each in document.get("honours", ())}
    return {
        **placing,
        "name": dict(ENTRANTS)[placing["entrant"]],
        "award": awards.get(placing["award"], ""),
        "honours": [honours[each] for each in placing["honours"]],
        "decided": decided_words(placing, document),
    }


def _example_problems(standings: Mapping[str, Any]) -> list[str]:
    """Problems of the made-up marks, in words; warnings about so small a field say nothing here."""
    said = []
    for problem in map(Problem.of, standings["problems"]):
        who = dict(ENTRANTS).get(problem.params.get("entrant", ""), "")
        if problem.code.startswith("mark."):
            said.append(f"{who}的示例分数超出满分，或不是数字，请修改。")
        elif problem.code == "ties.unresolved":
            said.append("示例中有人仍然相同，按规则须由裁判长提出、监督仲裁组确认。")
    return list(dict.fromkeys(said))
