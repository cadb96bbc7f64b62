"""Versions of a stage's ruleset: saved freely before the lock, proposed and approved by a second person after it.

Knows the contract by `competitions.scoring` only (design.md §4.4). Knows no mark: who would move is the business of the
feature above, which shows it beside the proposal.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions import scoring
from competitions.accounts import second_person
from competitions.audit.chain import canonical, digest
from competitions.audit.recording import record
from competitions.base.errors import Invalid, Stale, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of
from competitions.programme.competitions.services import flush_or
from competitions.programme.models import Module, Ruleset, Stage
from competitions.programme.modules.judging_settings import JudgingSettings
from competitions.programme.queries import ruleset_in_force

CHANGING = second_person.register_kind("ruleset.change", "锁定后修改计分规则")

Kinds = Mapping[str, str]
"""Key of a module → theory or practice (the document does not say it)."""


def document_problems(document: Any) -> list[Problem]:
    """What is wrong with a ruleset without aspects. A tie-break on an aspect can only be checked with the marking
    schemes, which whoever has them does (`scoring.ruleset_problems` on the whole ruleset).
    """
    found = map(Problem.of, scoring.ruleset_problems(document))
    return [problem for problem in found if problem.code != "ruleset.unknown_aspect"]


def kind_of(key: str) -> str:
    """The kind of a module as its key tells it, until somebody says otherwise."""
    return "theory" if key.startswith("theory") else "practice"


def save_ruleset(
    session: Session,
    stage: Stage,
    document: dict[str, Any],
    base: int,
    kinds: Kinds,
    *,
    preset: str = "",
    by: Actor,
    at: datetime,
) -> Ruleset:
    """A new version in force at once; the stage's modules follow it. `base` is the number it was made from (0: none).

    Raises StateForbids when the stage is locked, Stale when another version came in between, Invalid for a bad
    document.
    """
    stage, previous = _taken(session, stage, base, document)
    if stage.locked_at is not None:
        raise StateForbids("programme.ruleset_locked")
    ruleset = _new_version(session, stage, document, preset, "approved", "", by, at)
    follow_modules(session, stage, document, kinds)
    record(session, "ruleset.save", "stage", stage.id, by=by, at=at, before=_trace(previous), after=_trace(ruleset))
    return ruleset


def propose_ruleset(
    session: Session,
    stage: Stage,
    document: dict[str, Any],
    base: int,
    reason: str,
    *,
    preset: str = "",
    by: Actor,
    at: datetime,
) -> Ruleset:
    """After the lock: a proposal that takes effect when a second person approves it.

    Raises StateForbids (not locked, settled, another proposal waiting, modules differ), Stale, Invalid.
    """
    stage, previous = _taken(session, stage, base, document)
    if stage.locked_at is None:
        raise StateForbids("programme.ruleset_not_locked")
    _require_unsettled(stage)
    if session.scalar(select(Ruleset.id).where(Ruleset.stage_id == stage.id, Ruleset.state == "proposed").limit(1)):
        raise StateForbids("programme.proposal_waiting")
    if _keys(document) != {module.key for module in stage.modules}:
        raise StateForbids("programme.modules_locked")
    words = reason_of(reason, "ruleset.propose")
    ruleset = _new_version(session, stage, document, preset, "proposed", words, by, at)
    second_person.propose(session, CHANGING, ruleset.id, {"document": ruleset.document}, reason=words, by=by, at=at)
    record(session, "ruleset.propose", "stage", stage.id, by=by, at=at, before=_trace(previous), after=_trace(ruleset))
    return ruleset


def approve_ruleset(session: Session, ruleset: Ruleset, *, by: Actor, at: datetime) -> None:
    """A second person puts a proposal into force. Raises StateForbids (decided already, own proposal, settled)."""
    _require_open(session, ruleset)
    second_person.decide(session, CHANGING, ruleset.id, {"document": ruleset.document}, by=by, at=at)
    _require_unsettled(ruleset.stage)
    previous = ruleset_in_force(session, ruleset.stage_id)
    ruleset.state, ruleset.approved_by, ruleset.approved_at = "approved", by.id, at
    follow_modules(session, ruleset.stage, json.loads(ruleset.document), {})
    session.flush()
    record(
        session,
        "ruleset.approve",
        "stage",
        ruleset.stage_id,
        by=by,
        at=at,
        before=_trace(previous),
        after=_trace(ruleset),
    )


def refuse_ruleset(session: Session, ruleset: Ruleset, answer: str, *, by: Actor, at: datetime) -> None:
    """Turn a proposal down, or take the own one back. Raises StateForbids (decided), Invalid (no reason)."""
    _require_open(session, ruleset)
    ruleset.answer = reason_of(answer, "ruleset.refuse")
    second_person.end(session, CHANGING, ruleset.id, by=by, at=at)
    ruleset.state = "refused"
    session.flush()
    record(
        session,
        "ruleset.refuse",
        "stage",
        ruleset.stage_id,
        by=by,
        at=at,
        before={"number": ruleset.number, "state": "proposed"},
        after=_trace(ruleset),
    )


def follow_modules(session: Session, stage: Stage, document: dict[str, Any], kinds: Kinds) -> None:
    """Make the stage's modules those of the document: by key; names and order follow, new ones come, others go.

    Raises StateForbids when one that would go is in use.
    """
    present = {module.key: module for module in stage.modules}
    for key in set(present) - _keys(document):
        session.delete(present[key])
        flush_or(session, StateForbids("programme.in_use", name=present[key].name))
    for position, part in enumerate(document["modules"]):
        module = present.get(part["id"])
        name = part.get("name") or part["id"]
        if module is None:
            kind = kinds.get(part["id"]) or kind_of(part["id"])
            settings = JudgingSettings.usual(kind).kept()
            session.add(
                Module(stage_id=stage.id, key=part["id"], name=name, position=position, settings=settings, kind=kind)
            )
        else:
            module.name, module.position, module.kind = name, position, kinds.get(part["id"]) or module.kind
    session.flush()
    session.refresh(stage, ["modules"])


def _taken(session: Session, stage: Stage, base: int, document: dict[str, Any]) -> tuple[Stage, Ruleset | None]:
    """The stage under lock and the version in force, after checking document and base."""
    problems = document_problems(document)
    if problems:
        raise Invalid(problems)
    session.refresh(stage, with_for_update=True)
    previous = ruleset_in_force(session, stage.id)
    if (previous.number if previous else 0) != base:
        raise Stale(
            {"version": previous.number if previous else 0, "document": previous.document if previous else "{}"}
        )
    return stage, previous


def _new_version(
    session: Session,
    stage: Stage,
    document: dict[str, Any],
    preset: str,
    state: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> Ruleset:
    newest = session.scalar(select(func.max(Ruleset.number)).where(Ruleset.stage_id == stage.id)) or 0
    ruleset = Ruleset(
        stage_id=stage.id,
        number=newest + 1,
        preset=preset,
        document=canonical(document),
        state=state,
        reason=reason,
        created_by=by.id,
        created_at=at,
    )
    session.add(ruleset)
    session.flush()
    return ruleset


def _require_open(session: Session, ruleset: Ruleset) -> None:
    session.refresh(ruleset, with_for_update=True)
    if ruleset.state != "proposed":
        raise StateForbids("programme.proposal_decided")


def _require_unsettled(stage: Stage) -> None:
    if stage.settled_at is not None:
        raise StateForbids("programme.stage_settled")


def _keys(document: dict[str, Any]) -> set[str]:
    return {part["id"] for part in document["modules"]}


def _trace(ruleset: Ruleset | None) -> dict[str, Any] | None:
    if ruleset is None:
        return None
    return {"number": ruleset.number, "state": ruleset.state, "digest": digest(json.loads(ruleset.document))}
