"""The judges' API after a restore: a tablet offers again what it holds receipts for."""

from datetime import datetime
from typing import Any

from flask import jsonify
from flask_login import current_user
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.errors import Refusal, StateForbids
from competitions.base.permissions import Permission
from competitions.judging.blueprint import bp
from competitions.judging.queries import former_sheet, own_sheet
from competitions.judging.schemes.marks import read_submission
from competitions.judging.sheets.deliveries import Answer
from competitions.judging.sheets.delivering import LARGEST, deliver, header_key, read_json
from competitions.judging.sheets.offering import Offer, read_offer, take_again
from competitions.judging.sheets.services import is_kept_aside, keep_aside, receipt
from competitions.web.declared import requires

NOT_ABOUT_IT = ("idempotency_mismatch", "busy", "denied", "csrf", "too_many")
"""Refusals that say nothing of the revision: the tablet keeps it and offers it again."""


@bp.post("/api/sheets/<sheet_id>/offers")
@requires(Permission.MARK_SHEETS, largest=LARGEST)
def api_offer(sheet_id: str) -> Any:
    """The key is that of the delivery. 200 or 201 with its receipt; 409 with "quarantined" when it was kept aside; 404 when
    there is no such sheet (any more).
    """
    key, offer = header_key(), read_offer(read_json())
    try:
        answer, status, replay = _taken(sheet_id, key, offer)
    except Refusal as refusal:
        if refusal.code in NOT_ABOUT_IT:
            raise
        _keep_aside(sheet_id, key, offer)
        told = StateForbids("offer_differs")
        told.extra["quarantined"] = True
        raise told from refusal
    response = jsonify(answer)
    if replay:
        response.headers["Idempotent-Replay"] = "true"
    return response, status


def _taken(sheet_id: str, key: str, offer: Offer) -> tuple[Answer, int, bool]:
    def act(session: Session, at: datetime) -> Answer:
        sheet = own_sheet(session, current_user, sheet_id, lock=True)
        is_kept_aside(
            session, sheet, key, offer.body, by=current_user
        )  # refuses a key that stands for another delivery
        submission = read_submission(offer.body)
        return receipt(take_again(session, sheet, submission, offer, by=current_user, at=at))

    return deliver(f"revisions {sheet_id}", key, offer.body, act)


def _keep_aside(sheet_id: str, key: str, offer: Offer) -> None:
    with transaction() as session:
        sheet = former_sheet(session, current_user, sheet_id)
        keep_aside(session, sheet, key, offer.body, by=current_user, at=clock.now())
