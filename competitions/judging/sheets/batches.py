"""Many revisions at once, as a worksheet brings them: made ready before the write transaction, written in it by as many
statements for five hundred sheets as for one. Knows no file; the rules are those of a single sheet (services.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from competitions.audit.chain import canonical
from competitions.audit.recording import record_all
from competitions.base.database import new_id
from competitions.base.errors import Stale
from competitions.base.many import add_rows, values_of
from competitions.base.permissions import Actor
from competitions.judging.models import ScoreRevision, ScoreSheet, SheetDelivery
from competitions.judging.schemes.marks import CheckedMarks, Submission
from competitions.judging.sheets.deliveries import request_digest
from competitions.judging.sheets.judgement import close_answered_calls
from competitions.judging.sheets.services import new_revision, receipt
from competitions.programme.locking import lock_stage
from competitions.programme.models import Module

_SHEETS = ScoreSheet.metadata.tables[ScoreSheet.__tablename__]
_ADVANCE = (
    update(_SHEETS)
    .where(_SHEETS.c.id == bindparam("sheet"), _SHEETS.c.head == bindparam("base"))
    .values(head=bindparam("number"), state=bindparam("new_state"))
)
_ADD = insert(ScoreRevision.metadata.tables[ScoreRevision.__tablename__])


@dataclass(frozen=True, slots=True)
class ReadyRevision:
    """A revision to be written: its object, the state that the sheet had, the key and route of its delivery, the digest
    of what was asked; `called`: the panel is called to judge the code again.
    """

    revision: ScoreRevision
    before: str
    key: str
    route: str
    asked: str
    called: bool


def ready_revision(
    sheet: ScoreSheet,
    submission: Submission,
    checked: CheckedMarks,
    scheme_id: str | None,
    *,
    key: str,
    route: str,
    called: bool,
    by: Actor,
    at: datetime,
) -> ReadyRevision:
    """The revision that a submission makes of a sheet as it was read. Only computes."""
    revision = new_revision(sheet, submission, checked, scheme_id, "worksheet", by=by, at=at)
    return ReadyRevision(revision, sheet.state, key, route, request_digest(route, submission.marks), called)


def submit_ready(session: Session, module: Module, ready: Sequence[ReadyRevision], *, by: Actor, at: datetime) -> None:
    """Write the revisions of sheets of a module, locked and unchanged since they were read; keep the answer of each
    delivery. Raises Stale when a sheet has gone on.
    """
    if not ready:
        return
    lock_stage(session, module.stage, by=by, at=at)
    session.flush()
    for each in ready:
        each.revision.at = at
    connection = session.connection()
    moved = connection.execute(_ADVANCE, [_advance(each.revision) for each in ready])
    if moved.rowcount != len(ready):
        raise Stale()
    connection.execute(_ADD, [values_of(each.revision) for each in ready])
    add_rows(session, SheetDelivery, _deliveries(ready, by.id, at))
    told = ((each.revision.sheet_id, _told(each)) for each in ready)
    record_all(session, "sheet.submit", "score_sheet", told, by=by, at=at)
    if called := [each.revision.sheet_id for each in ready if each.called]:
        for sheet in session.scalars(select(ScoreSheet).where(ScoreSheet.id.in_(called))):
            close_answered_calls(session, sheet, at)


def _state(revision: ScoreRevision) -> str:
    return "submitted" if revision.complete else "draft"


def _advance(revision: ScoreRevision) -> dict[str, Any]:
    state = _state(revision)
    return {"sheet": revision.sheet_id, "base": revision.number - 1, "number": revision.number, "new_state": state}


def _deliveries(ready: Sequence[ReadyRevision], user_id: str, at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "user_id": user_id,
            "key": each.key,
            "route": each.route[:60],
            "request_digest": each.asked,
            "status": 201,
            "answer": canonical(receipt(each.revision)),
            "at": at,
        }
        for each in ready
    ]


def _told(each: ReadyRevision) -> dict[str, Any]:
    revision = each.revision
    after = {"state": _state(revision), "revision": revision.number, "digest": revision.digest}
    return {"before": {"state": each.before}, "after": after, "revision": revision.id}
