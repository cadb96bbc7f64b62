"""Reopening: the chief judge asks with a reason, the supervisor consents, the sheet is open again under the next
opening.

A delivery that came after the signature goes the same way (issue 5 point 5). Never commits.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.audit.chain import canonical
from competitions.audit.recording import record
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from competitions.base.reasons import reason_of
from competitions.judging.models import Quarantine, ScoreRevision, ScoreSheet
from competitions.judging.panels.hands import Move, Table, move_sheets
from competitions.judging.panels.recusals import require_restorable, restore
from competitions.judging.schemes.marks import (
    checked_marks,
    read_submission,
    revision_digest,
    stored_runs,
    stored_seconds,
)
from competitions.judging.schemes.versions import aspects_of, scheme_in_force
from competitions.judging.signing.models import ChangeRequest
from competitions.programme.models import Stage

REOPENING = second_person.register_kind("sheet.reopen", "重新开放评分表")
TAKING_BACK = second_person.register_kind("recusal.take_back", "撤回已评分的回避")
REASON_OF = {"reopen": "sheet.reopen", "late_delivery": "late_delivery.take", "take_back": "panel.take_back"}
"""Kind of request → the act in the table of reasons."""


def request_reopening(session: Session, sheet: ScoreSheet, reason: str, *, by: Actor, at: datetime) -> ChangeRequest:
    """Ask for a confirmed or signed sheet to be opened again. Raises Invalid (reason), StateForbids: open, closed,
    nobody sits there who could mark it.
    """
    if sheet.closed is not None:
        raise StateForbids("sheet_closed")
    if sheet.state not in ("confirmed", "signed"):
        raise StateForbids("sheet_open")
    _heir(session, sheet)
    return _request(session, sheet, "reopen", None, reason, by, at)


def request_late_delivery(session: Session, late: Quarantine, reason: str, *, by: Actor, at: datetime) -> ChangeRequest:
    """Ask for a late delivery to be taken. Raises Invalid, StateForbids: decided, its author may not have the sheet."""
    if late.state != "waiting":
        raise StateForbids("late_decided")
    sheet = session.get_one(ScoreSheet, late.sheet_id)
    _require_author(session, sheet, late)
    return _request(session, sheet, "late_delivery", late.id, reason, by, at)


def request_taking_back(session: Session, sheet: ScoreSheet, reason: str, *, by: Actor, at: datetime) -> ChangeRequest:
    """Ask for a recusal to be taken back although the sheet was delivered: its marks, which everybody at the matrix has
    seen, would count again. Raises Invalid, StateForbids: not recused, signed, marked in its place.
    """
    require_restorable(session, sheet)
    return _request(session, sheet, "take_back", None, reason, by, at)


def dismiss_late_delivery(session: Session, late: Quarantine, reason: str, *, by: Actor, at: datetime) -> None:
    """The chief judge leaves a late delivery aside for good; it stays to be read. Raises Invalid, StateForbids."""
    if late.state != "waiting" or _waiting_for(session, late.sheet_id, late.id):
        raise StateForbids("late_decided")
    words = reason_of(reason, "late_delivery.dismiss")
    late.state, late.reason, late.decided_by, late.decided_at = "dismissed", words, by.id, at
    record(session, "late_delivery.dismiss", "score_sheet", late.sheet_id, by=by, at=at, after={"quarantine": late.id})


def approve_request(session: Session, request: ChangeRequest, *, by: Actor, at: datetime) -> ChangeRequest:
    """The second person consents: the sheet is open again; a late delivery becomes its newest revision.

    Raises StateForbids: decided, the same person, settled.
    """
    sheet = _decidable(session, request)
    second_person.decide(session, _kind_of(request), request.id, _asked(request, sheet), by=by, at=at)
    if request.restores:
        return _restored(session, request, sheet, by, at)
    heir = sheet.judge_id if request.quarantine_id else _heir(session, sheet)
    before = {"state": sheet.state, "opening": sheet.opening}
    sheet.opening, sheet.state = sheet.opening + 1, "draft"
    request.state, request.decided_by, request.decided_at = "approved", by.id, at
    session.flush()
    record(
        session,
        "request.approve",
        "change_request",
        request.id,
        by=by,
        at=at,
        before=before,
        after={"sheet": sheet.id, "state": "draft", "opening": sheet.opening, "kind": request.kind},
    )
    if request.quarantine_id:
        _take(session, sheet, session.get_one(Quarantine, request.quarantine_id, with_for_update=True), by, at)
    elif heir != sheet.judge_id:
        move_sheets(session, sheet.module, [Move(sheet, "passed", heir, "重新开放，原裁判已离开。")], by=by, at=at)
    return request


def _restored(session: Session, request: ChangeRequest, sheet: ScoreSheet, by: Actor, at: datetime) -> ChangeRequest:
    """The recusal is taken back: the sheet counts again as it was delivered."""
    request.state, request.decided_by, request.decided_at = "approved", by.id, at
    restore(session, sheet, request.reason, by=by, at=at)
    record(
        session,
        "request.approve",
        "change_request",
        request.id,
        by=by,
        at=at,
        after={"sheet": sheet.id, "state": sheet.state, "opening": sheet.opening, "kind": request.kind},
    )
    return request


def _kind_of(request: ChangeRequest) -> str:
    return TAKING_BACK if request.restores else REOPENING


def refuse_request(session: Session, request: ChangeRequest, *, by: Actor, at: datetime) -> None:
    """The second person refuses; everything stays as it is. Raises StateForbids."""
    sheet = _decidable(session, request)
    second_person.decide(session, _kind_of(request), request.id, _asked(request, sheet), agreed=False, by=by, at=at)
    request.state, request.decided_by, request.decided_at = "refused", by.id, at
    record(session, "request.refuse", "change_request", request.id, by=by, at=at)


def _request(
    session: Session, sheet: ScoreSheet, kind: str, quarantine_id: str | None, reason: str, by: Actor, at: datetime
) -> ChangeRequest:
    words = reason_of(reason, REASON_OF[kind])
    if session.get_one(Stage, sheet.module.stage_id).settled_at is not None:
        raise StateForbids("settled")
    if _waiting_for(session, sheet.id, None):
        raise StateForbids("requested_already")
    request = ChangeRequest(
        kind=kind,
        sheet_id=sheet.id,
        quarantine_id=quarantine_id,
        reason=words,
        requested_by=by.id,
        requested_at=at,
    )
    session.add(request)
    session.flush()
    asked = _asked(request, sheet)
    second_person.propose(session, _kind_of(request), request.id, asked, reason=request.reason, by=by, at=at)
    record(
        session,
        "request.make",
        "change_request",
        request.id,
        by=by,
        at=at,
        after={"sheet": sheet.id, "kind": kind, "state": sheet.state},
    )
    return request


def _asked(request: ChangeRequest, sheet: ScoreSheet) -> dict[str, Any]:
    """What the second person consents to: this sheet as it stood when it was asked for."""
    late = request.quarantine_id
    return {"sheet": sheet.id, "kind": request.kind, "late": late, "opening": sheet.opening, "head": sheet.head}


def _waiting_for(session: Session, sheet_id: str, quarantine_id: str | None) -> bool:
    statement = select(ChangeRequest.id).where(ChangeRequest.sheet_id == sheet_id, ChangeRequest.state == "waiting")
    if quarantine_id:
        statement = statement.where(ChangeRequest.quarantine_id == quarantine_id)
    return session.scalar(statement.limit(1)) is not None


def _decidable(session: Session, request: ChangeRequest) -> ScoreSheet:
    """The request's sheet, both locked, and the panel with them: nobody leaves it meanwhile. Raises StateForbids."""
    session.scalars(
        select(ChangeRequest)
        .where(ChangeRequest.id == request.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if request.state != "waiting":
        raise StateForbids("request_decided")
    session.get_one(Stage, request.sheet.module.stage_id, with_for_update=True)
    sheet = session.get_one(ScoreSheet, request.sheet_id, with_for_update=True, populate_existing=True)
    if sheet.module.stage.settled_at is not None:
        raise StateForbids("settled")
    return sheet


def _heir(session: Session, sheet: ScoreSheet) -> str:
    """Who will mark the sheet once it is open. Raises StateForbids when nobody can."""
    heir = Table(session, sheet.module, lock=False).heir(sheet)
    if heir is None:
        raise StateForbids("nobody_to_mark")
    return heir


def _require_author(session: Session, sheet: ScoreSheet, late: Quarantine) -> None:
    """The sheet can be that of the delivery's author. Raises StateForbids: recused, another sheet of the code, half a
    delivery of one who is no longer there to finish it.
    """
    if sheet.closed == "recused":
        raise StateForbids("late_recused")
    if sheet.closed is None and sheet.judge_id == late.user_id:
        return
    table = Table(session, sheet.module, lock=False)
    if not table.may_have(late.user_id, sheet.code) or (sheet.closed is not None and table.is_taken(sheet)):
        raise StateForbids("late_elsewhere")
    if not read_submission(json.loads(late.body)).complete:
        raise StateForbids("late_incomplete")


def _take(session: Session, sheet: ScoreSheet, late: Quarantine, by: Actor, at: datetime) -> None:
    """The late delivery as a revision of its judge, based on what is there now. Raises Invalid when it does not fit."""
    submission = read_submission(json.loads(late.body))
    _require_author(session, sheet, late)
    if late.user_id != sheet.judge_id or sheet.closed is not None:
        move_sheets(session, sheet.module, [Move(sheet, "taken", late.user_id, "采纳另存的评分。")], by=by, at=at)
    scheme = scheme_in_force(session, sheet.module_id)
    checked = checked_marks(submission, aspects_of(session, sheet.module, scheme))
    number = sheet.head + 1
    revision = ScoreRevision(
        sheet_id=sheet.id,
        number=number,
        base=submission.base_revision,
        opening=sheet.opening,
        scheme_id=scheme.id if scheme else None,
        marks=canonical(checked.values),
        notes=canonical(submission.notes),
        seconds=stored_seconds(submission.seconds),
        runs=stored_runs(submission.runs),
        complete=submission.complete,
        total=checked.total,
        source="reopening",
        digest=revision_digest(sheet.id, number, checked.values, submission.seconds, submission.runs),
        author_id=late.user_id,
        client=canonical(submission.client),
        at=at,
    )
    sheet.head, sheet.state = number, "submitted" if submission.complete else "draft"
    late.state, late.decided_by, late.decided_at = "taken", by.id, at
    session.add(revision)
    session.flush()
    record(
        session,
        "sheet.submit",
        "score_sheet",
        sheet.id,
        by=by,
        at=at,
        after={"state": sheet.state, "revision": number, "digest": revision.digest, "late": late.id},
        revision=revision.id,
    )
