"""A problem: what is wrong, where, and how bad. The one type of registration, judging, results and refusals.

Knows no sentence (the catalogue words a code), no form and no file. `tabular`, which knows nothing of ours, has a
minimal type of its own for cells (registration/problems.py puts ours at a cell), `scoring` plain documents (`of`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (`error`) or worth knowing (`warning`).

    `where` is the field, cell or aspect it is about; None: the whole. `params` fill the sentence of the code.
    """

    code: str
    where: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = "error"

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Problem":
        """From a document, such as scoring's."""
        return cls(
            document["code"],
            document.get("where"),
            document.get("params", {}),
            document.get("severity", "error"),
        )

    def __getitem__(self, part: str) -> Any:
        """A part by its name, as its document is read. Raises KeyError."""
        if part not in self.__slots__:
            raise KeyError(part)
        return getattr(self, part)

    def at(self, where: str) -> "Problem":
        """The same problem at another place."""
        return replace(self, where=where)

    def document(self) -> dict[str, Any]:
        """As an answer in JSON carries it: no place for the whole, no severity for an error."""
        place = {} if self.where is None else {"where": self.where}
        severity = {} if self.severity == "error" else {"severity": self.severity}
        return {"code": self.code, **place, "params": dict(self.params), **severity}
