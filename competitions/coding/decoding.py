"""Decoding: after everything is settled by code, level by level, the last one first, by coder and supervisor, each from an
own sign-in; never by an organiser or a chief judge (design.md §4.5). Never commits.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.accounts.second_person import open_act
from competitions.audit.recording import record
from competitions.base.errors import StateForbids
from competitions.base.permissions import Actor
from competitions.base.reasons import reason_of
from competitions.base.roles import NOT_DECODING
from competitions.coding.late import ADDING
from competitions.coding.models import CodeSheet
from competitions.coding.queries import NO_CODER, code_sheets, lock
from competitions.coding.sealing import mapping_digest
from competitions.programme.models import Event, Stage

DECODING = second_person.register_kind("codes.decode", "解密")


def decode_coder(session: Session, sheet: CodeSheet, *, by: Actor, at: datetime) -> None:
    """The coder opens his level; the supervisor must follow. Raises StateForbids before the standings are settled, out of
    order, when the seal does not hold, for somebody else's level, for organisers and chief judges.
    """
    _require_its_turn(session, sheet, by)
    if sheet.decode_coder_id is not None:
        raise StateForbids("decode_awaits_witness")
    if sheet.coder_id != by.id and _holds_a_level(session, sheet.stage, by):
        raise StateForbids("level_of_another", level=sheet.level)
    if mapping_digest(session, sheet) != sheet.sealed_digest:
        raise StateForbids("seal_broken")
    act = second_person.propose(session, DECODING, sheet.id, {"digest": sheet.sealed_digest}, by=by, at=at)
    sheet.decode_coder_id, sheet.decode_coder_at, sheet.decode_device = by.id, at, act.proposed_device
    session.flush()
    record(
        session,
        "codes.decode",
        "code_sheet",
        sheet.id,
        by=by,
        at=at,
        level=sheet.level,
        after={"digest": sheet.sealed_digest},
    )


def decode_witness(session: Session, sheet: CodeSheet, text: str, *, by: Actor, at: datetime) -> None:
    """The supervisor opens the level with him and writes the record. Raises Invalid without a record, StateForbids."""
    _require_its_turn(session, sheet, by)
    if sheet.decode_coder_id is None or sheet.decode_coder_at is None:
        raise StateForbids("decode_coder_first")
    second_person.require_apart(session, by, sheet.decode_coder_id, sheet.coder_id)
    words = reason_of(text, "codes.decode_witness", where="record")
    if mapping_digest(session, sheet) != sheet.sealed_digest:
        raise StateForbids("seal_broken")
    act = second_person.decide(session, DECODING, sheet.id, {"digest": sheet.sealed_digest}, by=by, at=at)
    sheet.decode_same_device = act.same_device
    sheet.state, sheet.decode_witness_id, sheet.decoded_at, sheet.record = "decoded", by.id, at, words
    session.flush()
    record(
        session,
        "codes.decode_witness",
        "code_sheet",
        sheet.id,
        by=by,
        at=at,
        level=sheet.level,
        before="sealed",
        after="decoded",
        same_device=sheet.decode_same_device or None,
    )


def next_to_decode(session: Session, stage: Stage) -> CodeSheet | None:
    """The level that is to be opened next: the highest that is not; None before settling, or when all are open."""
    sheets = [
        sheet for sheet in code_sheets(session, stage.id) if sheet.state == "sealed" and sheet.coder_id != NO_CODER
    ]
    return sheets[-1] if sheets and stage.settled_at is not None else None


def _require_its_turn(session: Session, sheet: CodeSheet, by: Actor) -> None:
    stage = sheet.stage
    lock(session, stage)
    lock(session, sheet)
    if _is_barred(by, stage.event):
        raise StateForbids("decode_barred")
    if stage.settled_at is None:
        raise StateForbids("unsettled")
    if open_act(session, ADDING, sheet.id):
        raise StateForbids("late_code_waits", level=sheet.level)
    if sheet.state != "sealed" or sheet.coder_id == NO_CODER:
        raise StateForbids("nothing_to_decode")
    above = [
        each.level for each in code_sheets(session, stage.id) if each.level > sheet.level and each.state != "decoded"
    ]
    if above:
        raise StateForbids("decode_order", level=max(above))


def _is_barred(actor: Actor, event: Event) -> bool:
    """Whether the person also organises or leads the event, by whatever other role."""
    return any(
        a.role in NOT_DECODING and (a.scope_kind == "system" or a.scope_id in (event.id, event.competition_id))
        for a in actor.assignments
    )


def _holds_a_level(session: Session, stage: Stage, by: Actor) -> bool:
    held = (
        select(CodeSheet.id)
        .join(Stage, Stage.id == CodeSheet.stage_id)
        .where(Stage.event_id == stage.event_id, CodeSheet.coder_id == by.id)
    )
    return session.scalar(held.limit(1)) is not None
