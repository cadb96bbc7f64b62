"""Problems: what is wrong with a case, as code, severity and parameters.

Knows how they are collected and ordered. Does not know sentences: who shows a problem words it.
"""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """An error makes the exit status 1, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `params` names entrant, module, aspect and judge where they apply."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.ERROR

    def document(self) -> dict[str, Any]:
        """As the standings carry it."""
        return {"code": self.code, "severity": self.severity.value, "params": dict(self.params)}


def place(entrant: str, module: str | None, aspect: str | None = None, judge: str | None = None) -> dict[str, Any]:
    """Parameters for something recorded: only what applies."""
    named = {"entrant": entrant, "module": module, "aspect": aspect, "judge": judge}
    return {name: value for name, value in named.items() if value is not None}


def in_order(problems: list[Problem]) -> list[dict[str, Any]]:
    """The problems as documents, in an order that does not depend on the order of the input."""
    documents = [problem.document() for problem in problems]
    return sorted(documents, key=lambda each: (each["code"], json.dumps(each["params"], sort_keys=True)))
