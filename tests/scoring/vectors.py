"""The example cases of `tests/data/vectors`, and how a result is compared with what they expect (their README)."""

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[1] / "data" / "vectors"
SHOWN_PARAMS = ("entrant", "module", "aspect", "judge")
NAMED_RULESET_CODES = ("ruleset.panel", "ruleset.group", "ruleset.absent")


def files(folder: str) -> list[Path]:
    """The case files of a folder, in order."""
    return sorted((VECTORS / folder).glob("*.json"))


def load(path: Path) -> dict[str, Any]:
    """One example."""
    example: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return example


def comparable(problem: dict[str, Any]) -> tuple[str, ...]:
    """What counts of a problem: the names of most `ruleset.*` codes are free, and so are further parameters."""
    code = problem["code"]
    if code.startswith("ruleset.") and code not in NAMED_RULESET_CODES:
        code = "ruleset.*"
    params = problem["params"]
    return code, problem["severity"], *(str(params.get(name)) for name in SHOWN_PARAMS)


def problems(document: dict[str, Any]) -> list[tuple[str, ...]]:
    """The problems as a multiset."""
    return sorted(map(comparable, document["problems"]))


def exit_status(document: dict[str, Any]) -> int:
    """What the command would return for these standings."""
    return int(any(problem["severity"] == "error" for problem in document["problems"]))
