"""Aspects of a score sheet as values: what may be given, and what it is worth. Knows numbers, no database.

The document form is the one kept in a marking scheme: scoring.md §2 ASPECT with "name", "rule" and "grades" beside.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from competitions.scoring.numbers import exact, plain

MEASUREMENT, JUDGEMENT, DEDUCTION = KINDS = ("measurement", "judgement", "deduction")
SCORING_FIELDS = ("id", "kind", "max", "step", "per", "cap")
ONE_SCORE = "score"
"""The aspect of a module without aspects (contracts.md)."""


@dataclass(frozen=True, slots=True)
class SheetAspect:
    """One line of a score sheet; `max` None: no upper limit (a time event); `grades` what 0, 1, 2, 3 mean."""

    id: str
    name: str
    kind: str
    max: Fraction | None
    step: Fraction | None = None
    per: Fraction | None = None
    cap: Fraction | None = None
    rule: str = ""
    grades: tuple[str, ...] = ()

    @property
    def highest(self) -> Fraction | None:
        """The largest value that may be written: 3 for a judgement, any number of faults for a deduction."""
        return {JUDGEMENT: Fraction(3), DEDUCTION: None}.get(self.kind, self.max)

    def worth(self, value: Fraction) -> Fraction:
        """What a value brings to the sheet total; a deduction: max − value × per, `cap` at most taken, never under 0."""
        if self.kind != DEDUCTION:
            return value
        taken = value * (self.per or 0)
        taken = taken if self.cap is None else min(taken, self.cap)
        return max(Fraction(0), (self.max or Fraction(0)) - taken)

    def document(self) -> dict[str, Any]:
        """As the tablet gets it: numbers as decimal texts, nothing that does not apply."""
        numbers = {"max": self.max, "step": self.step, "per": self.per, "cap": self.cap}
        shown: dict[str, Any] = {"id": self.id, "name": self.name, "kind": self.kind}
        shown |= {name: plain(number) for name, number in numbers.items() if number is not None}
        return (
            shown | ({"rule": self.rule} if self.rule else {}) | ({"grades": list(self.grades)} if self.grades else {})
        )


def aspect_of(document: dict[str, Any]) -> SheetAspect:
    """An aspect from a scheme's document."""

    def number(name: str) -> Fraction | None:
        return exact(document[name]) if document.get(name) not in (None, "") else None

    return SheetAspect(
        document["id"],
        document.get("name") or document["id"],
        document["kind"],
        number("max"),
        number("step"),
        number("per"),
        number("cap"),
        document.get("rule", ""),
        tuple(document.get("grades", ())),
    )


def sheet_aspects(scheme: Iterable[dict[str, Any]], full_marks: Fraction | None) -> tuple[SheetAspect, ...]:
    """The aspects of a scheme, or the one aspect `score` of a module that has none (up to `full_marks`)."""
    aspects = tuple(aspect_of(document) for document in scheme)
    return aspects or (SheetAspect(ONE_SCORE, "得分", MEASUREMENT, full_marks),)
