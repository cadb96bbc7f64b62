"""Somebody approved after the codes were sealed is coded additionally: by the coder of each level, with the supervisor.

The level's sealed digest is renewed when the supervisor agrees; old and new stand in the log. Never commits.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from competitions.accounts import second_person
from competitions.accounts.models import ActOfTwo
from competitions.audit.chain import digest
from competitions.audit.recording import record
from competitions.base.database import new_id
from competitions.base.errors import NotFound, StateForbids
from competitions.base.permissions import Actor
from competitions.coding import codes
from competitions.coding.models import CodeRow, CodeSheet
from competitions.coding.places import make_places
from competitions.coding.queries import (
    NO_CODER,
    code_rows,
    code_sheets,
    contender_ids,
    final_codes,
    is_sealed,
    lock,
    lots_of,
    sittings_of,
    tickets_of,
)
from competitions.coding.sealing import mapping_digest, sittings_of_codes
from competitions.programme.models import Stage

ADDING = second_person.register_kind("codes.add", "封存后补编加密号")


def uncoded(session: Session, stage: Stage) -> list[str]:
    """Entries that compete in the stage and have no final code although the codes are sealed; empty before that."""
    if not is_sealed(session, stage.id) or stage.event.code_levels == 0:
        return []
    return sorted(set(contender_ids(session, stage)) - set(final_codes(session, stage.id).values()))


def late_sources(session: Session, sheet: CodeSheet) -> list[str]:
    """What this sealed level still has to code: entries on the first, codes of the level before on the others."""
    if sheet.state != "sealed" or sheet.coder_id == NO_CODER or not is_sealed(session, sheet.stage_id):
        return []
    coded = {row.source for row in code_rows(session, sheet)}
    if sheet.level == 1:
        return [entry_id for entry_id in uncoded(session, sheet.stage) if entry_id not in coded]
    before = next(each for each in code_sheets(session, sheet.stage_id) if each.level == sheet.level - 1)
    if second_person.open_act(session, ADDING, before.id):
        return []
    return [row.code for row in code_rows(session, before) if row.source and row.code not in coded]


def add_code(session: Session, sheet: CodeSheet, source: str, *, by: Actor, at: datetime) -> None:
    """The coder of a sealed level draws one more code; it holds when the supervisor has agreed.

    Raises StateForbids (not his level, the stage is settled, another waits, no seat), NotFound.
    """
    lock(session, sheet.stage)
    lock(session, sheet)
    if sheet.coder_id != by.id:
        raise StateForbids("level_of_another", level=sheet.level)
    if sheet.stage.settled_at is not None:
        raise StateForbids("draw_closed")
    if second_person.open_act(session, ADDING, sheet.id):
        raise StateForbids("late_code_waits", level=sheet.level)
    if source not in late_sources(session, sheet):
        raise NotFound
    code = _one_more(session, sheet, source)
    session.add(CodeRow(id=new_id(), sheet_id=sheet.id, source=source, code=code, created_at=sheet.drawn_at))
    session.flush()
    added = {"digest": mapping_digest(session, sheet)}
    second_person.propose(session, ADDING, sheet.id, added, by=by, at=at)
    before = {"digest": sheet.sealed_digest}
    record(session, "codes.add", "code_sheet", sheet.id, by=by, at=at, before=before, after=added, level=sheet.level)


def decide_added(session: Session, sheet: CodeSheet, agreed: bool, *, by: Actor, at: datetime) -> None:
    """The supervisor agrees to the additional code, or does not: then it is gone. Raises StateForbids."""
    lock(session, sheet.stage)
    lock(session, sheet)
    if sheet.stage.settled_at is not None:
        raise StateForbids("draw_closed")
    added, before = {"digest": mapping_digest(session, sheet)}, {"digest": sheet.sealed_digest}
    second_person.decide(session, ADDING, sheet.id, added, agreed=agreed, by=by, at=at)
    if not agreed:
        session.delete(_added_row(session, sheet))
        session.flush()
        record(
            session,
            "codes.refuse_added",
            "code_sheet",
            sheet.id,
            by=by,
            at=at,
            before=added,
            after=before,
            level=sheet.level,
        )
        return
    sheet.sealed_digest = added["digest"]
    session.flush()
    record(
        session,
        "codes.witness_added",
        "code_sheet",
        sheet.id,
        by=by,
        at=at,
        before=before,
        after=added,
        level=sheet.level,
    )
    if sheet.level == sheet.stage.event.code_levels:
        make_places(session, sheet.stage, at)


def is_being_added(session: Session, sheet: CodeSheet) -> bool:
    """Whether the sheet differs from its sealed digest only by a code that waits for the supervisor."""
    act: ActOfTwo | None = second_person.open_act(session, ADDING, sheet.id)
    return act is not None and act.digest == digest({"digest": mapping_digest(session, sheet)})


def _one_more(session: Session, sheet: CodeSheet, source: str) -> str:
    stage, taken = sheet.stage, {row.code for row in code_rows(session, sheet)}
    if sheet.level == codes.BENCH_LEVEL and (sittings := sittings_of(session, stage.id)):
        wanted = sittings_of_codes(session, stage).get(source)
        free = [name for name, (room, _) in codes.benches(sittings).items() if room.id == wanted and name not in taken]
        if not free:
            raise StateForbids("no_free_bench")
        return codes.any_of(free)
    tickets: set[str] = set()
    if sheet.level == 1:
        if sittings_of(session, stage.id) and source not in lots_of(session, stage.id):
            raise StateForbids("lots_missing", count=1)
        tickets = tickets_of(session, stage)
    return codes.random_codes(sheet.level, [source], taken | tickets, among=len(taken))[source]


def _added_row(session: Session, sheet: CodeSheet) -> CodeRow:
    """The line without which the sheet is what was sealed."""
    rows = code_rows(session, sheet)
    for row in rows:
        rest = [[each.id, each.source, each.code] for each in rows if each is not row]
        if digest({"stage": sheet.stage_id, "level": sheet.level, "rows": rest}) == sheet.sealed_digest:
            return row
    raise StateForbids("seal_broken")
