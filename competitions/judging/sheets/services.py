"""The verbs of a score sheet: submitting a revision, confirming it, keeping a late delivery. Never commits.

Nothing is overwritten: a submission is a new revision on the one it was based on (design.md §4.3).
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from competitions.accounts import second_person
from competitions.audit.chain import canonical, digest
from competitions.audit.recording import record
from competitions.base.errors import Refusal, Stale, StateForbids
from competitions.base.permissions import Actor
from competitions.judging.models import (
    MarkingScheme,
    Quarantine,
    Reevaluation,
    ScoreRevision,
    ScoreSheet,
    SecondEntry,
    SheetConfirmation,
)
from competitions.judging.panels.queries import conflict_of, forbids_conflicts
from competitions.judging.queries import revision_of
from competitions.judging.schemes.marks import (
    CheckedMarks,
    Submission,
    checked_marks,
    revision_digest,
    stored_runs,
    stored_seconds,
)
from competitions.judging.schemes.versions import aspects_of, in_force
from competitions.judging.sheets.blind import current_of
from competitions.judging.sheets.judgement import allow_only_called_aspects, close_answered_calls, unresolved_spreads
from competitions.programme.locking import lock_stage
from competitions.programme.models import Module
from competitions.programme.modules.judging_settings import JudgingSettings


def submit_revision(
    session: Session,
    sheet: ScoreSheet,
    submission: Submission,
    *,
    source: str,
    by: Actor,
    at: datetime,
    receipt_id: str | None = None,
) -> ScoreRevision:
    """Add a revision to a sheet that is locked for writing. `receipt_id`: the receipt that it had before a restore.

    Raises Refusal (sheet_locked, sheet_confirmed), StateForbids (recused, conflict), Stale with the current revision,
    Invalid with every problem of the marks.
    """
    called, scheme = _require_open(session, sheet, by)
    if submission.base_revision != sheet.head:
        raise Stale(current_of(sheet, revision_of(session, sheet)))
    checked = checked_marks(submission, aspects_of(session, sheet.module, scheme))
    if called:
        allow_only_called_aspects(session, sheet, checked.values)
    lock_stage(session, sheet.module.stage, by=by, at=at)
    revision = new_revision(sheet, submission, checked, scheme.id if scheme else None, source, by=by, at=at)
    if receipt_id:
        revision.id = receipt_id
    before = sheet.state
    _write(session, sheet, revision, "submitted" if submission.complete else "draft")
    if called:
        close_answered_calls(session, sheet, at)
    record(
        session,
        "sheet.submit",
        "score_sheet",
        sheet.id,
        by=by,
        at=at,
        before={"state": before},
        after={"state": sheet.state, "revision": revision.number, "digest": revision.digest},
        revision=revision.id,
        **({"again": True} if receipt_id else {}),
    )
    return revision


def receipt(revision: ScoreRevision) -> dict[str, Any]:
    """What a delivered submission is answered with (contracts.md); only ever sent after COMMIT."""
    return {
        "receipt": revision.id,
        "sheet": revision.sheet_id,
        "revision": revision.number,
        "total": revision.total,
        "digest": revision.digest,
        "server_time": revision.at.isoformat(),
    }


def confirm_sheet(
    session: Session, sheet: ScoreSheet, number: int | None, *, by: Actor, at: datetime
) -> SheetConfirmation:
    """The checker confirms the newest revision (`number` is what he saw, if told).

    Raises Refusal (sheet_confirmed, sheet_locked), Stale, StateForbids (not delivered, author, double entry, spread).
    """
    if sheet.closed is not None:
        raise StateForbids("sheet_closed")
    if sheet.state in ("confirmed", "signed"):
        raise Refusal("sheet_confirmed" if sheet.state == "confirmed" else "sheet_locked")
    revision = revision_of(session, sheet)
    if sheet.state != "submitted" or revision is None:
        raise StateForbids("sheet_not_delivered")
    if number is not None and number != sheet.head:
        raise Stale(current_of(sheet, revision))
    _require_confirmable(session, sheet, revision, by)
    confirmation = SheetConfirmation(
        sheet_id=sheet.id, opening=sheet.opening, number=revision.number, author_id=revision.author_id, by=by.id, at=at
    )
    sheet.state = "confirmed"
    session.add(confirmation)
    session.flush()
    record(
        session,
        "sheet.confirm",
        "score_sheet",
        sheet.id,
        by=by,
        at=at,
        before={"state": "submitted"},
        after={"state": "confirmed", "revision": revision.number, "digest": revision.digest},
    )
    return confirmation


def keep_aside(session: Session, sheet: ScoreSheet, key: str, document: Any, *, by: Actor, at: datetime) -> None:
    """Keep a delivery that came after the signature, or to a sheet that is no longer its author's, for the chief judge;
    once for a user and key.

    Raises Refusal("idempotency_mismatch") when the key was used for something else.
    """
    if is_kept_aside(session, sheet, key, document, by=by):
        return
    kept = Quarantine(user_id=by.id, key=key, sheet_id=sheet.id, body=canonical(document), received_at=at)
    session.add(kept)
    session.flush()
    record(
        session,
        "sheet.keep_aside",
        "score_sheet",
        sheet.id,
        by=by,
        at=at,
        after={"quarantine": kept.id, "digest": digest(document)},
    )


def is_kept_aside(session: Session, sheet: ScoreSheet, key: str, document: Any, *, by: Actor) -> bool:
    """Whether this very delivery lies among those that came after a signature.

    Raises Refusal("idempotency_mismatch") when another delivery with this key does.
    """
    found = session.execute(_KEPT_ASIDE, {"user": by.id, "key": key}).first()
    if found is not None and (found.sheet_id, found.body) != (sheet.id, canonical(document)):
        raise Refusal("idempotency_mismatch")
    return found is not None


def enter_again(session: Session, sheet: ScoreSheet, submission: Submission, *, by: Actor, at: datetime) -> list[str]:
    """Double entry: keep a second person's reading of the newest revision. Returns the aspects that differ.

    Raises StateForbids (not delivered, own entry), Invalid.
    """
    revision = revision_of(session, sheet)
    if sheet.closed is not None or sheet.state != "submitted" or revision is None:
        raise StateForbids("sheet_not_delivered")
    second_person.require_apart(session, by, revision.author_id, code="own_entry")
    checked = checked_marks(submission, aspects_of(session, sheet.module))
    again = second_entry(session, sheet)
    if again is None:
        again = SecondEntry(
            sheet_id=sheet.id, number=revision.number, author_id=revision.author_id, marks="", by=by.id, at=at
        )
        session.add(again)
    again.marks, again.by, again.at = canonical(checked.values), by.id, at
    session.flush()
    different = differing(revision.marks, again.marks)
    record(
        session,
        "sheet.enter_again",
        "score_sheet",
        sheet.id,
        by=by,
        at=at,
        after={"revision": revision.number, "differences": len(different)},
    )
    return different


def second_entry(session: Session, sheet: ScoreSheet) -> SecondEntry | None:
    """The second reading of the newest revision."""
    return session.scalar(select(SecondEntry).where(SecondEntry.sheet_id == sheet.id, SecondEntry.number == sheet.head))


def differing(first: str, second: str) -> list[str]:
    """Aspects whose marks differ between two stored documents."""
    one, other = json.loads(first), json.loads(second)
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


_KEPT_ASIDE = select(Quarantine.sheet_id, Quarantine.body).where(
    Quarantine.user_id == bindparam("user"), Quarantine.key == bindparam("key")
)
_STANDING = (
    select(
        exists()
        .where(
            Reevaluation.module_id == bindparam("module"),
            Reevaluation.code == bindparam("code"),
            Reevaluation.closed_at.is_(None),
        )
        .label("called"),
        MarkingScheme,
    )
    .select_from(Module)
    .outerjoin(MarkingScheme, in_force(Module.id))
    .where(Module.id == bindparam("module"))
)


def _require_open(session: Session, sheet: ScoreSheet, by: Actor) -> tuple[bool, MarkingScheme | None]:
    """Whether the panel is called to judge the code again, and the scheme in force. Raises what keeps the sheet from
    being marked.
    """
    if sheet.closed is not None:
        raise StateForbids("recused" if sheet.closed == "recused" else "sheet_closed")
    if sheet.state == "signed":
        raise Refusal("sheet_locked")
    if sheet.state == "confirmed":
        raise Refusal("sheet_confirmed")
    called, scheme = session.execute(_STANDING, {"module": sheet.module_id, "code": sheet.code}).one()
    if forbids_conflicts(sheet.module) and conflict_of(session, by.id, sheet.module.stage.event_id):
        raise StateForbids("conflict")
    return bool(called), scheme


def new_revision(
    sheet: ScoreSheet,
    submission: Submission,
    checked: CheckedMarks,
    scheme_id: str | None,
    source: str,
    *,
    by: Actor,
    at: datetime,
) -> ScoreRevision:
    """The revision that follows on the sheet's newest one; it is written nowhere yet."""
    number = sheet.head + 1
    return ScoreRevision(
        sheet_id=sheet.id,
        number=number,
        base=submission.base_revision,
        opening=sheet.opening,
        scheme_id=scheme_id,
        marks=canonical(checked.values),
        notes=canonical(submission.notes),
        seconds=stored_seconds(submission.seconds),
        runs=stored_runs(submission.runs),
        complete=submission.complete,
        total=checked.total,
        source=source,
        author_id=by.id,
        at=at,
        digest=revision_digest(sheet.id, number, checked.values, submission.seconds, submission.runs),
        client=canonical(submission.client),
    )


_ADVANCE = (
    update(ScoreSheet)
    .where(ScoreSheet.id == bindparam("sheet"), ScoreSheet.head == bindparam("base"))
    .values(head=bindparam("number"), state=bindparam("new_state"))
    .execution_options(synchronize_session=False)
)
_ADD = insert(ScoreRevision.metadata.tables[ScoreRevision.__tablename__])
_COLUMNS = tuple(column.key for column in ScoreRevision.__table__.columns)


def _write(session: Session, sheet: ScoreSheet, revision: ScoreRevision, state: str) -> None:
    """The sheet goes on by one and the revision is there; written plainly, because every save of every judge does it.

    Raises Stale when the sheet is no longer where it was read.
    """
    moved = session.connection().execute(
        _ADVANCE, {"sheet": sheet.id, "base": sheet.head, "number": revision.number, "new_state": state}
    )
    if moved.rowcount != 1:
        raise Stale(current_of(sheet, revision_of(session, sheet)))
    session.connection().execute(_ADD, {name: getattr(revision, name) for name in _COLUMNS})
    set_committed_value(sheet, "head", revision.number)
    set_committed_value(sheet, "state", state)


def _require_confirmable(session: Session, sheet: ScoreSheet, revision: ScoreRevision, by: Actor) -> None:
    second_person.require_apart(session, by, revision.author_id, sheet.judge_id, code="own_entry")
    if JudgingSettings.of(sheet.module).double_entry:
        again = second_entry(session, sheet)
        if again is None:
            raise StateForbids("second_entry_missing")
        if differing(revision.marks, again.marks):
            raise StateForbids("second_entry_differs")
    spreads = unresolved_spreads(session, sheet.module, [sheet.code])
    if spreads:
        raise StateForbids("judgement_spread", aspect="、".join(sorted({spread.aspect_id for spread in spreads})))
