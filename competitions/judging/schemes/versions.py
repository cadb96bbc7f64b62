"""Marking schemes: which version holds, reading rows as pasted from a worksheet, saving a new version.

Knows modules and rulesets; no mark. Locked with the stage; later a new version with reason and second person
(design.md §4.4).
"""

import json
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from competitions.accounts import second_person
from competitions.audit.chain import digest
from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of
from competitions.judging.models import MarkingScheme
from competitions.judging.schemes.aspects import DEDUCTION, JUDGEMENT, KINDS, MEASUREMENT, SheetAspect, sheet_aspects
from competitions.judging.schemes.marks import NotANumber, read_value
from competitions.programme.models import Module, Stage
from competitions.programme.queries import ruleset_in_force
from competitions.scoring.numbers import exact, plain

CHANGING = second_person.register_kind("scheme.change", "锁定后修改评分细则")

COLUMNS = ("id", "name", "kind", "max", "step", "per", "cap", "rule")
KIND_WORDS = {
    "测量": MEASUREMENT,
    "评价": JUDGEMENT,
    "扣分": DEDUCTION,
    "客观": MEASUREMENT,
    "主观": JUDGEMENT,
    "m": MEASUREMENT,
    "j": JUDGEMENT,
    "d": DEDUCTION,
    **{kind: kind for kind in KINDS},
}
"""How a kind may be written in the grid, WorldSkills letters included."""
MOST_ASPECTS = 300
SAME = "before-lock"
"""`approved_by` of a version made before the lock, when no second person is needed."""
MOST_PARSED = 500
_parsed: dict[str, tuple[SheetAspect, ...]] = {}
"""Scheme id → its aspects, read once: a version of a scheme never changes."""
Row = dict[str, str]


_HOLDS = MarkingScheme.approved_by.is_not(None)


def in_force(module_id: Any) -> ColumnElement[bool]:
    """Condition on MarkingScheme: the version that holds for a module."""
    newer = aliased(MarkingScheme)
    highest = select(func.max(newer.number)).where(newer.module_id == module_id, newer.approved_by.is_not(None))
    return and_(MarkingScheme.module_id == module_id, MarkingScheme.number == highest.scalar_subquery())


_IN_FORCE = select(MarkingScheme).where(in_force(bindparam("module")))


def scheme_in_force(session: Session, module_id: str) -> MarkingScheme | None:
    """The newest version that holds: made before the lock, or approved by a second person."""
    return session.scalar(_IN_FORCE, {"module": module_id})


def schemes_in_force(session: Session, module_ids: Sequence[str]) -> dict[str, MarkingScheme]:
    """Module id → the version that holds, in one query."""
    rows = session.scalars(
        select(MarkingScheme).where(MarkingScheme.module_id.in_(module_ids), _HOLDS).order_by(MarkingScheme.number)
    )
    return {scheme.module_id: scheme for scheme in rows}


def module_part(session: Session, module: Module) -> dict[str, Any]:
    """The module's part of the ruleset in force (scoring.md §2 MODULE); empty when the ruleset does not name it."""
    return module_parts(session, module.stage_id).get(module.key, {})


def module_parts(session: Session, stage_id: str) -> dict[str, dict[str, Any]]:
    """Module key → its part of the ruleset in force."""
    ruleset = ruleset_in_force(session, stage_id)
    document = read_ruleset(ruleset.document) if ruleset else {"modules": []}
    return {part["id"]: part for part in document["modules"]}


def absent_counts_zero(session: Session, stage_id: str) -> bool:
    """Whether somebody absent in a module is ranked with 0 there (scoring.md §2 "absent"); else he is not ranked."""
    ruleset = ruleset_in_force(session, stage_id)
    return ruleset is not None and bool(read_ruleset(ruleset.document).get("absent") == "zero")


def highest_mark(session: Session, module: Module) -> Fraction | None:
    """The most that a sheet without aspects may give; None (no limit) where the smallest total wins."""
    ruleset = ruleset_in_force(session, module.stage_id)
    document = read_ruleset(ruleset.document) if ruleset else {"modules": []}
    part = next((part for part in document["modules"] if part["id"] == module.key), None)
    ascending = document.get("order") == "ascending"
    return None if part is None or ascending else exact(part["full_marks"])


def aspects_of(session: Session, module: Module, scheme: MarkingScheme | None = None) -> tuple[SheetAspect, ...]:
    """What the module's sheets ask for, by the scheme given or in force."""
    scheme = scheme or scheme_in_force(session, module.id)
    if scheme is None:
        return sheet_aspects((), highest_mark(session, module))
    if scheme.id not in _parsed:
        if len(_parsed) >= MOST_PARSED:
            _parsed.clear()
        _parsed[scheme.id] = sheet_aspects(scheme.aspects, None)
    return _parsed[scheme.id]


def read_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Aspects from the grid's rows (texts by COLUMNS; empty rows are left out). Raises Invalid by row and column."""
    found: list[Problem] = []
    documents: list[dict[str, Any]] = []
    for number, row in enumerate(rows, 1):
        texts = {name: unicodedata.normalize("NFKC", str(row.get(name) or "")).strip() for name in COLUMNS}
        if any(texts.values()):
            documents.append(_read_row(texts, number, found))
    seen: set[str] = set()
    for document in documents:
        if document["id"] in seen:
            found.append(_problem("scheme.id_twice", 0, "id", id=document["id"]))
        seen.add(document["id"])
    if len(documents) > MOST_ASPECTS:
        found.append(_problem("scheme.too_many", 0, "id", most=MOST_ASPECTS))
    if found:
        raise Invalid(found)
    return documents


def with_kept_grades(aspects: list[dict[str, Any]], scheme: MarkingScheme | None) -> list[dict[str, Any]]:
    """Aspects of the grid with the texts of grades 0–3 that the scheme in force has: the grid has no column for them."""
    kept = {old["id"]: old["grades"] for old in (scheme.aspects if scheme else []) if old.get("grades")}
    return [
        {**aspect, "grades": kept[aspect["id"]]} if aspect["kind"] == "judgement" and aspect["id"] in kept else aspect
        for aspect in aspects
    ]


def save_scheme(
    session: Session, module: Module, aspects: list[dict[str, Any]], reason: str, base: int, *, by: Actor, at: datetime
) -> MarkingScheme:
    """A new version of the module's scheme. Before the lock it holds at once; after it, a reason is needed and it holds
    when another person approves. Raises Invalid (sum of the aspects differs from the full marks), StateForbids.
    """
    stage = session.get_one(Stage, module.stage_id, with_for_update=True)
    newest = session.scalar(select(func.max(MarkingScheme.number)).where(MarkingScheme.module_id == module.id)) or 0
    if newest != base:
        raise StateForbids("scheme_changed")
    words = reason_of(reason, "scheme.save", where="0.reason") if stage.locked_at is not None else reason.strip()
    _check_sum(session, module, aspects)
    scheme = MarkingScheme(
        module_id=module.id,
        number=newest + 1,
        aspects=aspects,
        reason=words,
        created_by=by.id,
        created_at=at,
        approved_by=None if stage.locked_at else SAME,
    )
    session.add(scheme)
    session.flush()
    if stage.locked_at is not None:
        second_person.propose(session, CHANGING, scheme.id, {"aspects": aspects}, reason=reason, by=by, at=at)
    record(
        session,
        "scheme.save",
        "module",
        module.id,
        by=by,
        at=at,
        after={"number": scheme.number, "digest": digest(aspects), "waits": stage.locked_at is not None},
    )
    return scheme


def approve_scheme(session: Session, scheme: MarkingScheme, *, by: Actor, at: datetime) -> None:
    """A second person lets a late version hold. Raises StateForbids for its author or when it is decided."""
    session.refresh(scheme, with_for_update=True)
    if scheme.approved_by is not None:
        raise StateForbids("scheme_decided")
    second_person.decide(session, CHANGING, scheme.id, {"aspects": scheme.aspects}, by=by, at=at)
    scheme.approved_by = by.id
    record(session, "scheme.approve", "module", scheme.module_id, by=by, at=at, after={"number": scheme.number})


def read_ruleset(text: str) -> dict[str, Any]:
    """A ruleset's document from its stored text."""
    document: dict[str, Any] = json.loads(text)
    return document


def _check_sum(session: Session, module: Module, aspects: list[dict[str, Any]]) -> None:
    full = highest_mark(session, module)
    total = sum((exact(aspect["max"]) or Fraction(0) for aspect in aspects), Fraction(0))
    if aspects and full is not None and total != full:
        raise Invalid([_problem("scheme.sum", 0, "max", total=plain(total), full=plain(full))])


def _read_row(texts: Row, number: int, found: list[Problem]) -> dict[str, Any]:
    kind = KIND_WORDS.get(texts["kind"].lower(), "") if texts["kind"] else MEASUREMENT
    document: dict[str, Any] = {"id": texts["id"], "name": texts["name"], "kind": kind}
    if not texts["id"] or len(texts["id"]) > 30:
        found.append(_problem("scheme.id", number, "id"))
    if not texts["name"] or len(texts["name"]) > 200:
        found.append(_problem("scheme.name", number, "name"))
    if not kind:
        found.append(_problem("scheme.kind", number, "kind", kind=texts["kind"][:20]))
    for name in ("max", "step", "per", "cap"):
        value = _number(texts[name], number, name, found)
        if value is not None:
            document[name] = plain(value)
    found += _row_faults(document, number)
    return document | ({"rule": texts["rule"][:1000]} if texts["rule"] else {})


def _row_faults(document: dict[str, Any], number: int) -> list[Problem]:
    kind = document["kind"]
    faults = [_problem("scheme.max", number, "max")] if "max" not in document else []
    if kind == DEDUCTION and "per" not in document:
        faults.append(_problem("scheme.per_missing", number, "per"))
    for name, owner in (("per", DEDUCTION), ("cap", DEDUCTION), ("step", MEASUREMENT)):
        if name in document and kind and kind != owner:
            faults.append(_problem("scheme.not_for_kind", number, name))
    return faults


def _number(text: str, number: int, column: str, found: list[Problem]) -> Fraction | None:
    try:
        value = read_value(text)
    except NotANumber:
        value = Fraction(0)
    if value is not None and value <= 0:
        found.append(_problem("scheme.number", number, column))
        return None
    return value


def _problem(code: str, row: int, column: str, **params: Any) -> Problem:
    return Problem(code, f"{row}.{column}", {"row": row, **params})
