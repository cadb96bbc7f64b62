"""Marks of one sheet: reading them as sent or typed, checking them against the aspects, total and digest.

Knows what the judges' API says (contracts.md) and no database. Every problem is named at once, by aspect.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from competitions.audit.chain import canonical, digest
from competitions.base.errors import Invalid
from competitions.base.problems import Problem
from competitions.judging.schemes.aspects import DEDUCTION, JUDGEMENT, SheetAspect
from competitions.scoring.numbers import plain

DECIMAL = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,6})?")
FIELDS = frozenset({"base_revision", "marks", "notes", "seconds", "runs", "complete", "client"})
LONGEST_NOTE = 300
LONGEST_TIME = 10 * 86_400
MOST_RUNS = 50
Runs = tuple[tuple[int, int], ...]


class NotANumber(ValueError):
    """A value that is not written as a plain decimal."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission of the right shape, its values not yet compared with the sheet's aspects."""

    base_revision: int
    marks: dict[str, Any]
    notes: dict[str, str]
    seconds: int | str | None
    complete: bool
    client: dict[str, Any]
    runs: Runs | None = None


@dataclass(frozen=True, slots=True)
class CheckedMarks:
    """Marks that fit: aspect → canonical decimal text (blank ones left out), and the total without judgements."""

    values: dict[str, str]
    total: str


def read_submission(document: object) -> Submission:
    """A submission from its JSON document. Raises Invalid with every problem of its shape."""
    if not isinstance(document, dict):
        raise Invalid([_problem("body.not_object", "")])
    found = [_problem("body.unknown_field", name) for name in sorted(document.keys() - FIELDS)]
    shapes: list[tuple[str, Any, bool]] = [
        ("base_revision", document.get("base_revision"), _is_whole(document.get("base_revision"))),
        ("marks", document.get("marks"), isinstance(document.get("marks"), dict)),
        ("notes", document.get("notes"), _are_notes(document.get("notes", {}))),
        ("complete", document.get("complete"), isinstance(document.get("complete", False), bool)),
        ("client", document.get("client"), isinstance(document.get("client") or {}, dict)),
    ]
    found += [_problem("body.field_type", name) for name, _, fits in shapes if not fits]
    seconds = _seconds(document.get("seconds"), found)
    runs = _runs(document.get("runs"), seconds, found)
    if found:
        raise Invalid(found)
    notes = {name: text.strip() for name, text in document.get("notes", {}).items() if text.strip()}
    return Submission(
        document["base_revision"],
        document["marks"],
        notes,
        seconds,
        document.get("complete", False),
        _client(document.get("client") or {}),
        runs,
    )


def read_value(value: object) -> Fraction | None:
    """A mark as written (full-width digits too); None for a blank. Raises NotANumber, also for floats, booleans and a
    zero with a sign (security.md §1.26).
    """
    if value is None:
        return None
    if type(value) is int:
        value = str(value)
    if type(value) is not str:
        raise NotANumber
    text = unicodedata.normalize("NFKC", value).strip()
    if not text:
        return None
    if not DECIMAL.fullmatch(text):
        raise NotANumber
    number = Fraction(text)
    if text.startswith("-") and not number:
        raise NotANumber
    return number


def checked_marks(submission: Submission, aspects: Sequence[SheetAspect]) -> CheckedMarks:
    """The submission's marks against the aspects. Raises Invalid with every problem: unknown aspect, not a number,
    range, step, and blanks where the sheet is said to be complete.
    """
    known = {aspect.id: aspect for aspect in aspects}
    found = [_problem("mark.unknown_aspect", str(name)) for name in submission.marks if name not in known]
    found += [_problem("note.unknown_aspect", str(name)) for name in submission.notes if name not in known]
    values: dict[str, Fraction] = {}
    for aspect in aspects:
        try:
            value = read_value(submission.marks.get(aspect.id))
        except NotANumber:
            found.append(_problem("mark.not_a_number", aspect.id, name=aspect.name))
            continue
        if value is None:
            found += [_problem("mark.blank", aspect.id, name=aspect.name)] if submission.complete else []
        elif (fault := _misfit(aspect, value)) is not None:
            found.append(fault)
        else:
            values[aspect.id] = value
    if found:
        raise Invalid(found)
    return CheckedMarks({name: plain(value) for name, value in values.items()}, plain(sheet_total(values, aspects)))


def sheet_total(values: dict[str, Fraction], aspects: Sequence[SheetAspect]) -> Fraction:
    """The sum of what the values are worth; judgement aspects are left out (they combine over the panel), blanks too."""
    return sum(
        (aspect.worth(values[aspect.id]) for aspect in aspects if aspect.id in values and aspect.kind != JUDGEMENT),
        Fraction(0),
    )


def revision_digest(
    sheet_id: str, number: int, marks: dict[str, str], seconds: int | str | None, runs: Runs | None = None
) -> str:
    """SHA-256 of the canonical JSON of marks, revision, seconds and sheet, as contracts.md says; with the runs where a
    tablet told them.
    """
    content: dict[str, Any] = {"marks": marks, "revision": number, "seconds": seconds, "sheet": sheet_id}
    return digest(content if runs is None else content | {"runs": [list(run) for run in runs]})


def stored_seconds(seconds: int | str | None) -> str | None:
    """Seconds as they are kept: JSON, so that a whole number stays one."""
    return None if seconds is None else canonical(seconds)


def given_seconds(stored: str | None) -> int | str | None:
    """The seconds as they were given."""
    value: int | str | None = None if stored is None else json.loads(stored)
    return value


def stored_runs(runs: Runs | None) -> str | None:
    """Runs as they are kept: JSON."""
    return None if runs is None else canonical([list(run) for run in runs])


def given_runs(stored: str | None) -> Runs | None:
    """The runs as they were given."""
    return None if stored is None else tuple((begins, ends) for begins, ends in json.loads(stored))


def _misfit(aspect: SheetAspect, value: Fraction) -> Problem | None:
    highest = aspect.highest
    whole_only = aspect.kind in (JUDGEMENT, DEDUCTION)
    if value < 0 or (highest is not None and value > highest) or (whole_only and value.denominator != 1):
        code = f"mark.range_{aspect.kind}" if whole_only else "mark.range"
        return _problem(code, aspect.id, name=aspect.name, max=plain(highest) if highest is not None else "")
    if aspect.step and (value / aspect.step).denominator != 1:
        return _problem("mark.step", aspect.id, name=aspect.name, step=plain(aspect.step))
    return None


def _problem(code: str, where: str, **params: Any) -> Problem:
    return Problem(code, where, {"aspect": where[:40], **params})


def _is_whole(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _are_notes(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(text, str) and len(text) <= LONGEST_NOTE for text in value.values()
    )


def _seconds(value: object, found: list[Problem]) -> int | str | None:
    """Time taken: a whole number, or a decimal text; blank is none."""
    try:
        number = read_value(value)
    except NotANumber:
        found.append(_problem("body.seconds", "seconds"))
        return None
    if number is None:
        return None
    if not 0 <= number <= LONGEST_TIME:
        found.append(_problem("body.seconds", "seconds"))
        return None
    return int(number) if number.denominator == 1 else plain(number)


def _runs(value: object, seconds: int | str | None, found: list[Problem]) -> Runs | None:
    """When the clock ran: stretches of whole seconds in order, together as long as the time taken."""
    if value is None:
        return None
    fits = isinstance(value, list) and len(value) <= MOST_RUNS and all(_is_run(each) for each in value)
    runs: Runs = tuple((begins, ends) for begins, ends in value) if fits and isinstance(value, list) else ()
    in_order = all(one[1] <= other[0] for one, other in zip(runs, runs[1:], strict=False))
    if not fits or not in_order or sum(ends - begins for begins, ends in runs) != seconds:
        found.append(_problem("body.runs", "runs"))
        return None
    return runs


def _is_run(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_second, value)) and value[0] <= value[1]


def _is_second(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**40


def _client(value: dict[str, Any]) -> dict[str, Any]:
    """Evidence of the device: only what the contract names, short."""
    kept = {name: value[name] for name in ("device", "sequence", "time") if isinstance(value.get(name), (str, int))}
    return {
        name: item[:64] if isinstance(item, str) else item
        for name, item in kept.items()
        if not isinstance(item, int) or abs(item) < 2**53
    }
