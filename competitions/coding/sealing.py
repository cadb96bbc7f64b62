"""Code sheets: drawing or typing the codes of a level, sealing by its coder, the supervisor's own act. Never commits.

A level belongs to the coder who drew it, and a coder holds one level in an event (domain.md §1.4). When the last level is
sealed judging gets its coded places: random ids, shuffled, one common time, nothing of a person (design.md §7).
"""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.audit.chain import digest
from competitions.audit.recording import record
from competitions.base.database import new_id
from competitions.base.errors import Invalid, NotFound, StateForbids
from competitions.base.permissions import SYSTEM, Actor
from competitions.base.problems import Problem
from competitions.base.reasons import reason_of
from competitions.coding import codes
from competitions.coding.binding import bind
from competitions.coding.models import CodeRow, CodeSheet
from competitions.coding.places import make_places
from competitions.coding.queries import (
    NO_CODER,
    code_rows,
    code_sheets,
    contender_ids,
    lock,
    lots_of,
    sittings_of,
    tickets_of,
)
from competitions.programme.models import Stage

SEALING = second_person.register_kind("codes.seal", "封存加密号")

SOON = timedelta(minutes=30)
"""Two acts from one browser within this time are flagged."""


def draw_codes(session: Session, stage: Stage, level: int, *, by: Actor, at: datetime) -> CodeSheet:
    """Draw the codes of a level at random; drawing again replaces them while the level is not sealed. The caller becomes
    its custodian. Raises NotFound (no such level), StateForbids (levels before it open, sealed, somebody else's, lots missing).
    """
    sheet, sources = _opened(session, stage, level, by, at)
    if level == codes.BENCH_LEVEL and (sittings := sittings_of(session, stage.id)):
        drawn = codes.drawn_benches(sittings_of_codes(session, stage), sittings)
    else:
        drawn = codes.random_codes(level, sources, tickets_of(session, stage) if level == 1 else ())
    _write(session, sheet, drawn, "system", at)
    if level == 1:
        bind(session, sources, at)
    record(session, "codes.draw", "code_sheet", sheet.id, by=by, at=at, after={"level": level, "codes": len(drawn)})
    return sheet


def enter_codes(
    session: Session, stage: Stage, level: int, typed: Mapping[str, str], *, by: Actor, at: datetime
) -> CodeSheet:
    """Write down the codes that were drawn by hand: source → code; blanks may be filled in later. Raises like draw_codes,
    and Invalid with every fault at its source (form, repetition, a 准考证号 used as a code).
    """
    sheet, sources = _opened(session, stage, level, by, at)
    given = {source: text for source, text in typed.items() if text.strip()}
    if level == 1:
        bind(session, sources, at)
    _write(session, sheet, _checked(given, sources, tickets_of(session, stage) if level == 1 else set()), "hall", at)
    record(session, "codes.enter", "code_sheet", sheet.id, by=by, at=at, after={"level": level, "codes": len(given)})
    return sheet


def seal(session: Session, sheet: CodeSheet, *, by: Actor, at: datetime) -> str:
    """The coder's act: nothing changes any more; gives the digest that is printed and that the supervisor compares.

    Raises StateForbids when codes are missing, it is sealed, or not the caller's.
    """
    lock(session, sheet.stage)
    lock(session, sheet)
    _require_custodian(sheet, by)
    if sheet.sealed_at is not None:
        raise StateForbids("sheet_sealed")
    missing = set(sources_of(session, sheet.stage, sheet.level)) ^ {row.source for row in code_rows(session, sheet)}
    if missing:
        raise StateForbids("codes_incomplete", count=len(missing))
    sheet.sealed_digest = mapping_digest(session, sheet)
    act = second_person.propose(session, SEALING, sheet.id, {"digest": sheet.sealed_digest}, by=by, at=at)
    sheet.sealed_by, sheet.sealed_at, sheet.sealed_device = by.id, at, act.proposed_device
    session.flush()
    record(
        session,
        "codes.seal",
        "code_sheet",
        sheet.id,
        by=by,
        at=at,
        after={"level": sheet.level, "digest": sheet.sealed_digest},
    )
    return sheet.sealed_digest


def witness_seal(session: Session, sheet: CodeSheet, *, by: Actor, at: datetime) -> None:
    """The supervisor's act, from his own sign-in: the level is sealed; after the last one judging may begin.

    Raises StateForbids when the coder has not sealed, it is done, it is the same person, or the codes were changed since.
    """
    lock(session, sheet.stage)
    lock(session, sheet)
    if sheet.sealed_at is None or sheet.state != "open":
        raise StateForbids("not_awaiting_witness")
    second_person.require_other(by, sheet.sealed_by)
    if mapping_digest(session, sheet) != sheet.sealed_digest:
        raise StateForbids("seal_broken")
    act = second_person.decide(session, SEALING, sheet.id, {"digest": sheet.sealed_digest}, by=by, at=at)
    sheet.same_device = act.same_device
    sheet.state, sheet.witness_id, sheet.witnessed_at = "sealed", by.id, at
    session.flush()
    record(
        session,
        "codes.witness",
        "code_sheet",
        sheet.id,
        by=by,
        at=at,
        before="open",
        after="sealed",
        level=sheet.level,
        same_device=sheet.same_device or None,
    )
    if sheet.level == sheet.stage.event.code_levels:
        make_places(session, sheet.stage, at)


def refuse_seal(session: Session, sheet: CodeSheet, reason: str, *, by: Actor, at: datetime) -> None:
    """The supervisor does not witness: the level is open again for its coder. Raises Invalid without a reason, StateForbids."""
    lock(session, sheet)
    if sheet.sealed_at is None or sheet.state != "open":
        raise StateForbids("not_awaiting_witness")
    words = reason_of(reason, "codes.refuse_seal")
    second_person.end(session, SEALING, sheet.id, by=by, at=at)
    refused = sheet.sealed_digest
    sheet.sealed_digest = sheet.sealed_by = sheet.sealed_at = sheet.sealed_device = None
    session.flush()
    record(session, "codes.refuse_seal", "code_sheet", sheet.id, by=by, at=at, before={"digest": refused}, reason=words)


def code_without_levels(session: Session, stage: Stage, *, at: datetime) -> None:
    """An event without levels: the system draws the codes, nobody codes and nobody witnesses. Nothing when it is done."""
    if stage.event.code_levels != 0 or code_sheets(session, stage.id):
        return
    sources = contender_ids(session, stage)
    if not sources:
        return
    sheet = CodeSheet(stage_id=stage.id, level=1, coder_id=NO_CODER, drawn_at=at)
    session.add(sheet)
    session.flush()
    _write(session, sheet, codes.random_codes(1, sources, tickets_of(session, stage)), "system", at)
    sheet.state, sheet.sealed_by, sheet.sealed_at = "sealed", NO_CODER, at
    sheet.sealed_digest = mapping_digest(session, sheet)
    session.flush()
    record(
        session,
        "codes.draw_without_levels",
        "code_sheet",
        sheet.id,
        by=SYSTEM,
        at=at,
        after={"codes": len(sources), "digest": sheet.sealed_digest},
    )
    make_places(session, stage, at)


def mapping_digest(session: Session, sheet: CodeSheet) -> str:
    """SHA-256 of the whole sheet. The random row ids are in it, so that nobody finds the mapping by trying all of them."""
    return digest(
        {
            "stage": sheet.stage_id,
            "level": sheet.level,
            "rows": [[row.id, row.source, row.code] for row in code_rows(session, sheet)],
        }
    )


def sources_of(session: Session, stage: Stage, level: int) -> list[str]:
    """What a level replaces: entries on the first, the codes of the level before on the others.

    Raises StateForbids when lots are missing, or the level before is not sealed.
    """
    if level == 1:
        return _ready_entries(session, stage)
    before = next((sheet for sheet in code_sheets(session, stage.id) if sheet.level == level - 1), None)
    if before is None or before.state == "open":
        raise StateForbids("level_before_open", level=level - 1)
    return [row.code for row in code_rows(session, before)]


def _ready_entries(session: Session, stage: Stage) -> list[str]:
    entries = contender_ids(session, stage)
    if not entries:
        raise StateForbids("nobody_to_code")
    lots = lots_of(session, stage.id)
    if sittings_of(session, stage.id) and (without := set(entries) - set(lots)):
        raise StateForbids("lots_missing", count=len(without))
    return entries


def _opened(session: Session, stage: Stage, level: int, by: Actor, at: datetime) -> tuple[CodeSheet, list[str]]:
    lock(session, stage)
    if not 1 <= level <= stage.event.code_levels:
        raise NotFound
    sources = sources_of(session, stage, level)
    sheet = next((each for each in code_sheets(session, stage.id) if each.level == level), None)
    if sheet is None:
        _require_free(session, stage, level, by)
        sheet = CodeSheet(stage_id=stage.id, level=level, coder_id=by.id, drawn_at=at)
        session.add(sheet)
    _require_custodian(sheet, by)
    if sheet.sealed_at is not None:
        raise StateForbids("sheet_sealed")
    sheet.drawn_at = at
    session.flush()
    return sheet, sources


def _require_custodian(sheet: CodeSheet, by: Actor) -> None:
    if sheet.coder_id != by.id:
        raise StateForbids("level_of_another", level=sheet.level)


def _require_free(session: Session, stage: Stage, level: int, by: Actor) -> None:
    """One level a person in the whole event (domain.md §1.4)."""
    held = session.scalar(
        select(CodeSheet.level)
        .join(Stage, Stage.id == CodeSheet.stage_id)
        .where(Stage.event_id == stage.event_id, CodeSheet.coder_id == by.id, CodeSheet.level != level)
        .limit(1)
    )
    if held is not None:
        raise StateForbids("other_level_held", held=held, level=level)


def sittings_of_codes(session: Session, stage: Stage) -> dict[str, str]:
    """Code of the first level → sitting id."""
    first = next(sheet for sheet in code_sheets(session, stage.id) if sheet.level == 1)
    lots = lots_of(session, stage.id)
    return {row.code: lots[row.source].sitting_id for row in code_rows(session, first) if row.source in lots}


def _checked(given: Mapping[str, str], sources: list[str], tickets: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    holder: dict[str, str] = {}
    problems: list[Problem] = []

    def fault(source: str, code: str, **params: Any) -> None:
        problems.append(Problem(f"invalid.code.{code}", source, params))

    for source, text in given.items():
        try:
            found[source] = code = codes.clean_code(text)
        except ValueError:
            fault(source, "format", text=text[:20])
            continue
        if source not in set(sources):
            fault(source, "unknown_source")
        elif code in holder:
            fault(source, "repeated", text=code)
        elif code in tickets:
            fault(source, "is_ticket", text=code)
        holder[code] = source
    if problems:
        raise Invalid(problems)
    return found


def _write(session: Session, sheet: CodeSheet, drawn: Mapping[str, str], source: str, at: datetime) -> None:
    """Replace all lines of the sheet: random ids, shuffled, one common time."""
    session.execute(delete(CodeRow).where(CodeRow.sheet_id == sheet.id))
    sheet.source = source
    rows = [
        {"id": new_id(), "sheet_id": sheet.id, "source": old, "code": new, "created_at": at}
        for old, new in drawn.items()
    ]
    random.SystemRandom().shuffle(rows)
    if rows:
        session.execute(insert(CodeRow), rows)
    session.flush()
