"""A problem found in a table: a code, a place, the numbers for its sentence. Knows neither rules nor readers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from competitions.tabular.sentences import SENTENCES

Severity = Literal["error", "warning"]

WARNINGS = frozenset(
    {
        "sheet.hidden",
        "row.example",
        "row.struck",
        "id_number.area",
        "name.remark",
        "level.unknown",
        "text.mended",
    }
)


class ProblemDocument(TypedDict):
    """A problem as the contract prints it."""

    sheet: str | None
    cell: str | None
    code: str
    severity: Severity
    params: dict[str, Any]
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (`error`: the row is not taken) or worth knowing (`warning`).

    `cell` is the address in the user's file (`I8`), None for the file or sheet as a whole. `params` fill the sentence;
    they never hold an ID number or a phone.
    """

    code: str
    sheet: str | None = None
    cell: str | None = None
    severity: Severity = "error"
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The Chinese sentence: where, why, what to do."""
        reason = self.params.get("reason")
        template = SENTENCES.get(f"{self.code}.{reason}") or SENTENCES[self.code]
        return template.format_map({"sheet": self.sheet, "cell": self.cell, **self.params})

    def document(self) -> ProblemDocument:
        """The problem as plain values for JSON."""
        return {
            "sheet": self.sheet,
            "cell": self.cell,
            "code": self.code,
            "severity": self.severity,
            "params": dict(self.params),
            "message": self.message,
        }


def problem(
    code: str, sheet: str | None = None, cell: str | None = None, /, *, severity: Severity | None = None, **params: Any
) -> Problem:
    """A problem with the severity that the contract gives its code, unless said otherwise."""
    return Problem(code, sheet, cell, severity or ("warning" if code in WARNINGS else "error"), params)


class Unreadable(Exception):
    """The file as a whole cannot be read; `problem` says why."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found
