"""Judgements of 0 to 3 that lie too far apart: finding them, calling the panel to judge again, what may change then.

The panel is told the aspect and the spread, never the values (issue 5 point 4); both rounds stay as revisions.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.errors import Invalid, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.judging.models import Reevaluation, ScoreRevision, ScoreSheet
from competitions.judging.panels.hands import Move, Table, move_sheets
from competitions.judging.schemes.aspects import JUDGEMENT
from competitions.judging.schemes.versions import aspects_of
from competitions.programme.models import Module

WIDEST_SPREAD = 1
DELIVERED = ("submitted", "confirmed", "signed")


@dataclass(frozen=True, slots=True)
class Spread:
    """A code's judgement aspect whose values lie more than one apart."""

    code: str
    aspect_id: str
    spread: int


def unresolved_spreads(session: Session, module: Module, codes: Sequence[str]) -> list[Spread]:
    """Spreads above 1 among what the panel has delivered for these codes."""
    judged = [aspect.id for aspect in aspects_of(session, module) if aspect.kind == JUDGEMENT]
    if not judged or not codes:
        return []
    values: dict[tuple[str, str], list[int]] = {}
    for code, marks in session.execute(_delivered(module.id, codes)):
        given = json.loads(marks)
        for aspect_id in judged:
            if aspect_id in given:
                values.setdefault((code, aspect_id), []).append(int(given[aspect_id]))
    return [
        Spread(code, aspect_id, max(found) - min(found))
        for (code, aspect_id), found in sorted(values.items())
        if max(found) - min(found) > WIDEST_SPREAD
    ]


def open_calls(session: Session, module_id: str, code: str) -> list[Reevaluation]:
    """The calls to judge again that are not answered by the whole panel yet."""
    return list(
        session.scalars(
            select(Reevaluation)
            .where(Reevaluation.module_id == module_id, Reevaluation.code == code, Reevaluation.closed_at.is_(None))
            .order_by(Reevaluation.aspect_id)
        )
    )


def call_document(call: Reevaluation) -> dict[str, Any]:
    """What the panel is told of a call: aspect and spread."""
    return {"aspect": call.aspect_id, "spread": call.spread, "round": call.round}


def call_again(session: Session, module: Module, code: str, aspect_id: str, *, by: Actor, at: datetime) -> Reevaluation:
    """The chief judge calls the panel to judge an aspect of a code again; confirmed sheets of the code open for it. The
    sheet of a judge who has left is judged again by who sits in his seat; where nobody does it stays as it is.

    Raises Invalid when the values do not lie too far apart, StateForbids: signed, called already, nobody to call.
    """
    spread = next((s for s in unresolved_spreads(session, module, [code]) if s.aspect_id == aspect_id), None)
    if spread is None:
        raise Invalid(code="invalid.no_spread")
    if any(call.aspect_id == aspect_id for call in open_calls(session, module.id, code)):
        raise StateForbids("called_already")
    sheets = _opened_for_all(session, module, code, by, at)
    rounds = (
        session.scalar(
            select(func.count())
            .select_from(Reevaluation)
            .where(Reevaluation.module_id == module.id, Reevaluation.code == code, Reevaluation.aspect_id == aspect_id)
        )
        or 0
    )
    call = Reevaluation(
        module_id=module.id,
        code=code,
        aspect_id=aspect_id,
        round=rounds + 1,
        spread=spread.spread,
        heads={sheet.id: sheet.head for sheet in sheets},
        by=by.id,
        at=at,
    )
    session.add(call)
    session.flush()
    record(
        session,
        "judgement.call_again",
        "module",
        module.id,
        by=by,
        at=at,
        after={"code": code, "aspect": aspect_id, "spread": spread.spread, "round": call.round},
    )
    return call


def _opened_for_all(session: Session, module: Module, code: str, by: Actor, at: datetime) -> list[ScoreSheet]:
    """The sheets of a code that somebody can judge again, open for it. Raises StateForbids: signed, nobody there."""
    table = Table(session, module)
    if table.is_signed(code):
        raise StateForbids("signed")
    heirs = {
        sheet: heir
        for sheet in table.sheets
        if sheet.code == code and sheet.closed is None and (heir := table.heir(sheet))
    }
    if not heirs:
        raise StateForbids("nobody_to_mark")
    for sheet in heirs:
        if sheet.state == "confirmed":
            sheet.state, sheet.opening = "submitted", sheet.opening + 1
    moves = [Move(sheet, "passed", heir, "重新评议。") for sheet, heir in heirs.items() if heir != sheet.judge_id]
    move_sheets(session, module, moves, by=by, at=at)
    return list(heirs)


def allow_only_called_aspects(session: Session, sheet: ScoreSheet, values: dict[str, str]) -> None:
    """While the panel is called to judge again, a delivered sheet may change in the called aspects only. Raises
    Invalid.
    """
    calls = open_calls(session, sheet.module_id, sheet.code)
    if not calls or sheet.state != "submitted":
        return
    head = session.scalar(
        select(ScoreRevision.marks).where(ScoreRevision.sheet_id == sheet.id, ScoreRevision.number == sheet.head)
    )
    before = json.loads(head or "{}")
    called = {call.aspect_id for call in calls}
    changed = {name for name in before.keys() | values.keys() if before.get(name) != values.get(name)}
    if changed - called:
        raise Invalid([Problem("mark.not_called", name, {"aspect": name}) for name in sorted(changed - called)])


def close_answered_calls(session: Session, sheet: ScoreSheet, at: datetime) -> None:
    """A call is answered when every sheet of the code has a newer complete revision than at the call."""
    for call in open_calls(session, sheet.module_id, sheet.code):
        states = session.execute(
            select(ScoreSheet.id, ScoreSheet.head, ScoreSheet.state).where(ScoreSheet.id.in_(list(call.heads)))
        ).all()
        if all(head > call.heads[sheet_id] and state in DELIVERED for sheet_id, head, state in states):
            call.closed_at = at


def _delivered(module_id: str, codes: Sequence[str]) -> Any:
    return (
        select(ScoreSheet.code, ScoreRevision.marks)
        .join(ScoreRevision, (ScoreRevision.sheet_id == ScoreSheet.id) & (ScoreRevision.number == ScoreSheet.head))
        .where(
            ScoreSheet.module_id == module_id,
            ScoreSheet.code.in_(codes),
            ScoreSheet.state.in_(DELIVERED),
            ScoreSheet.closed.is_(None),
        )
    )
