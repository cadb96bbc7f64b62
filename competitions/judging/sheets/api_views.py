"""The judges' API (contracts.md): sheets by code, revisions with receipts, confirming, signing, reopening, approving.

The tablet page uses the same. Answers for judges are made by blind.py only.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from flask import jsonify
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, NotFound, Refusal, StateForbids
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.judging.models import ScoreSheet
from competitions.judging.queries import (
    former_sheet,
    listed_own_sheets,
    own_sheet,
    revision_of,
    sheet_in_scope,
)
from competitions.judging.schemes.marks import read_submission
from competitions.judging.schemes.versions import aspects_of
from competitions.judging.sheets.blind import sheet_document, sheet_line
from competitions.judging.sheets.deliveries import Answer
from competitions.judging.sheets.delivering import LARGEST, Act, deliver, header_key, read_json
from competitions.judging.sheets.frames import frame_of, frames_of
from competitions.judging.sheets.services import (
    confirm_sheet,
    is_kept_aside,
    keep_aside,
    receipt,
    submit_revision,
)
from competitions.judging.sheets.tablets import keep_report, read_report
from competitions.judging.signing.models import ModuleSignature
from competitions.judging.signing.module_state import marked_places, module_state
from competitions.judging.signing.reopening import approve_request, request_reopening
from competitions.judging.signing.request_queries import request_in_scope
from competitions.judging.signing.services import paper_code, sign_module, sign_own_sheet
from competitions.programme.models import Division, Module
from competitions.programme.queries import module_in_scope
from competitions.web.declared import requires
from competitions.words.sentences import worded


@bp.get("/api/sheets")
@requires(Permission.MARK_SHEETS)
def api_sheets() -> Any:
    """The caller's own sheets, by code, and whose they are (a tablet may have changed hands since it asked)."""
    session = db.session()
    sheets = listed_own_sheets(session, current_user)
    frames = frames_of(session, sheets)
    return jsonify({"user": current_user.id, "sheets": [sheet_line(sheet, frames[sheet.id]) for sheet in sheets]})


@bp.get("/api/sheets/<sheet_id>")
@requires(Permission.MARK_SHEETS)
def api_sheet(sheet_id: str) -> Any:
    """One of the caller's sheets with its aspects and the marks of its current revision."""
    session = db.session()
    return jsonify(shown_sheet(session, own_sheet(session, current_user, sheet_id)))


Answered = TypeVar("Answered")
TOO_LATE = ("sheet_locked", "not_found", "state.recused", "state.sheet_closed")
"""What a delivery is refused with that is kept aside all the same."""


def shown_sheet(session: Session, sheet: ScoreSheet) -> dict[str, Any]:
    """A sheet as its judge sees it."""
    frame = frame_of(session, sheet)
    return sheet_document(sheet, aspects_of(session, sheet.module, frame.scheme), revision_of(session, sheet), frame)


@bp.post("/api/tablet")
@requires(Permission.MARK_SHEETS, largest=LARGEST)
def api_tablet() -> Any:
    """A tablet says how many items are unsent: body {"device", "pending", "sequence"}."""
    report = _worded(lambda: read_report(read_json()))
    at = clock.now()
    with transaction() as session:
        keep_report(session, report, by=current_user, at=at)
    return jsonify({"server_time": at.isoformat()})


@bp.post("/api/sheets/<sheet_id>/revisions")
@requires(Permission.MARK_SHEETS, largest=LARGEST)
def api_submit(sheet_id: str) -> Any:
    """A new revision: 201 with a receipt; the same key again 200 with the same one."""
    key, document = header_key(), read_json()
    answer, status, replay = deliver_revision(sheet_id, key, document, "tablet")
    return _answered(answer, status, replay)


def deliver_revision(sheet_id: str, key: str, document: Any, source: str) -> tuple[Answer, int, bool]:
    """Deliver a judge's revision. What comes after the signature, or to a sheet that is his no longer, is kept aside.

    Raises Refusal with the reason.
    """
    submission = _worded(lambda: read_submission(document))

    def act(session: Session, at: datetime) -> Answer:
        sheet = own_sheet(session, current_user, sheet_id, lock=True)
        is_kept_aside(session, sheet, key, document, by=current_user)  # refuses a key that stands for another delivery
        return receipt(submit_revision(session, sheet, submission, source=source, by=current_user, at=at))

    try:
        return _worded(lambda: deliver(f"revisions {sheet_id}", key, document, act))
    except Refusal as refusal:
        if refusal.code not in TOO_LATE:
            raise
        with transaction() as session:
            # whose it was is asked anew: in scope it is kept, to everybody else it looks like missing
            sheet = former_sheet(session, current_user, sheet_id)
            keep_aside(session, sheet, key, document, by=current_user, at=clock.now())
        told = StateForbids("sheet_moved") if refusal.code == "not_found" else refusal
        told.extra["quarantined"] = True
        raise told from None


@bp.post("/api/sheets/<sheet_id>/sign")
@requires(Permission.MARK_SHEETS, largest=LARGEST)
def api_sign_sheet(sheet_id: str) -> Any:
    """The judge signs his delivered sheet on the screen: body {"revision": n}, the one that he saw."""
    document = _object()
    number = document.get("revision")
    if type(number) is not int:
        raise Refusal("bad_request")

    def act(session: Session, at: datetime) -> Answer:
        sheet = own_sheet(session, current_user, sheet_id, lock=True)
        signature = sign_own_sheet(session, sheet, number, by=current_user, at=at)
        return {
            "signature": signature.id,
            "sheet": sheet.id,
            "revision": signature.number,
            "digest": signature.digest,
            "server_time": signature.at.isoformat(),
        }

    return _delivered(f"sign-sheet {sheet_id}", document, act)


@bp.post("/api/sheets/<sheet_id>/confirm")
@requires(Permission.CONFIRM_SHEETS, largest=LARGEST)
def api_confirm(sheet_id: str) -> Any:
    """The checker confirms the newest revision; body {"revision": n} (what he saw) is optional."""
    document = _object()
    seen = document.get("revision")

    def act(session: Session, at: datetime) -> Answer:
        sheet = sheet_in_scope(session, current_user, sheet_id, Permission.CONFIRM_SHEETS, lock=True)
        confirmation = confirm_sheet(session, sheet, seen if type(seen) is int else None, by=current_user, at=at)
        return {
            "confirmation": confirmation.id,
            "sheet": sheet.id,
            "revision": confirmation.number,
            "state": sheet.state,
            "server_time": confirmation.at.isoformat(),
        }

    return _delivered(f"confirm {sheet_id}", document, act)


@bp.post("/api/modules/<module_id>/sign")
@requires(Permission.SIGN_MODULES, largest=LARGEST)
def api_sign(module_id: str) -> Any:
    """The chief judge signs a module: of the division named in {"division": id}, or of every division not signed yet.

    {"reason"} is needed while a tablet of the panel says that it has something unsent.
    """
    document = _object()
    reason = document.get("reason")
    given = reason if isinstance(reason, str) else ""

    def act(session: Session, at: datetime) -> Answer:
        module = module_in_scope(session, current_user, module_id, Permission.SIGN_MODULES)
        signed = [
            sign_module(session, module, division, reason=given, by=current_user, at=at)
            for division in _unsigned(session, module, document.get("division"))
        ]
        return {
            "module": module.id,
            "signatures": [_signature(signature) for signature in signed],
            "server_time": at.isoformat(),
        }

    answer, status, replay = _worded(lambda: deliver(f"sign {module_id}", header_key(), document, act))
    return _answered(answer, status, replay)


@bp.post("/api/sheets/<sheet_id>/reopen")
@requires(Permission.REQUEST_REOPENING, largest=LARGEST)
def api_reopen(sheet_id: str) -> Any:
    """The chief judge asks for a reopening: body {"reason"} → 202 {"request"}."""
    document = _object()
    reason = document.get("reason")

    def act(session: Session, at: datetime) -> Answer:
        sheet = sheet_in_scope(session, current_user, sheet_id, Permission.REQUEST_REOPENING, lock=True)
        made = request_reopening(session, sheet, reason if isinstance(reason, str) else "", by=current_user, at=at)
        return {"request": made.id, "sheet": sheet.id, "state": made.state}

    return _delivered(f"reopen {sheet_id}", document, act, 202)


@bp.post("/api/requests/<request_id>/approve")
@requires(Permission.APPROVE_REQUESTS, largest=LARGEST)
def api_approve(request_id: str) -> Any:
    """Another person consents: the sheet is open again."""
    document = _object()

    def act(session: Session, at: datetime) -> Answer:
        made = approve_request(session, request_in_scope(session, current_user, request_id), by=current_user, at=at)
        return {"request": made.id, "state": made.state, "sheet": made.sheet_id, "opening": made.sheet.opening}

    return _delivered(f"approve {request_id}", document, act)


def _unsigned(session: Session, module: Module, division_id: object) -> list[Division]:
    """The divisions to be signed. Raises NotFound, StateForbids when all are signed."""
    event_id = module.stage.event_id
    divisions = session.scalars(select(Division).where(Division.event_id == event_id).order_by(Division.position)).all()
    if division_id is not None:
        named = [division for division in divisions if division.id == division_id]
        if not named:
            raise NotFound
        return named
    manned = [division for division in divisions if marked_places(session, module.stage_id, division.id)] or divisions[
        :1
    ]
    left = [division for division in manned if not module_state(session, module, division.id).signed]
    if not left:
        raise StateForbids("signed")
    return left


def _signature(signature: ModuleSignature) -> dict[str, Any]:
    return {
        "signature": signature.id,
        "division": signature.division_id,
        "opening": signature.opening,
        "digest": signature.digest,
        "audit_head": signature.audit_head,
        "paper_code": paper_code(signature),
    }


def _object() -> dict[str, Any]:
    document = read_json()
    if not isinstance(document, dict):
        raise Refusal("bad_request")
    return document


def _delivered(route: str, document: Any, act: Act, status: int = 201) -> Any:
    answer, given, replay = _worded(lambda: deliver(route, header_key(), document, act, status))
    return _answered(answer, given, replay)


def _answered(answer: Answer, status: int, replay: bool) -> Any:
    response = jsonify(answer)
    if replay:
        response.headers["Idempotent-Replay"] = "true"
    return response, status


def _worded(act: Callable[[], Answered]) -> Answered:
    """What `act` returns; problems that it raises get their sentences, so that a page can show them as they are."""
    try:
        return act()
    except (Invalid, StateForbids) as refusal:
        for document, problem in zip(refusal.extra.get("problems", ()), refusal.problems, strict=True):
            document["message"] = worded(problem)
        raise
