"""After a restore a tablet offers again what the server acknowledged before it (design.md §8, Epoch): the same revision with
the same receipt comes back; what does not follow upon what is there now is kept aside for the chief judge. Never commits.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.base.errors import Refusal, StateForbids
from competitions.base.permissions import Actor
from competitions.judging.models import ScoreRevision, ScoreSheet
from competitions.judging.queries import revision_of
from competitions.judging.schemes.marks import Submission
from competitions.judging.sheets.services import submit_revision


@dataclass(frozen=True, slots=True)
class Offer:
    """A receipt that a tablet holds, and the submission that it was given for, as it was sent."""

    receipt: str
    revision: int
    digest: str
    body: Any


def read_offer(document: object) -> Offer:
    """From {"receipt", "revision", "digest", "body"}. Raises Refusal (bad_request)."""
    said = document if isinstance(document, dict) else {}
    number, digest = said.get("revision"), said.get("digest")
    try:
        receipt = str(uuid.UUID(said["receipt"]))
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Refusal("bad_request") from None
    if type(number) is not int or not isinstance(digest, str) or len(digest) != 64 or "body" not in said:
        raise Refusal("bad_request")
    return Offer(receipt, number, digest, said["body"])


def take_again(
    session: Session, sheet: ScoreSheet, submission: Submission, offer: Offer, *, by: Actor, at: datetime
) -> ScoreRevision:
    """The revision of the receipt on a sheet that is locked for writing: there already, also when the same marks were given
    anew meanwhile, or added as it was.

    Raises StateForbids (offer_differs) and what submit_revision raises.
    """
    there = revision_of(session, sheet, offer.revision)
    if there is not None and there.digest == offer.digest and there.author_id == by.id:
        return there
    taken = session.scalar(select(ScoreRevision.id).where(ScoreRevision.id == offer.receipt))
    if offer.revision != sheet.head + 1 or taken is not None:
        raise StateForbids("offer_differs")
    revision = submit_revision(session, sheet, submission, source="tablet", by=by, at=at, receipt_id=offer.receipt)
    if revision.digest != offer.digest:
        raise StateForbids("offer_differs")
    return revision
