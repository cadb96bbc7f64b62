"""Coded places: what judging may know of a final code, and how presence reaches it without a name. Never commits."""

import random
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from competitions.base.database import new_id
from competitions.coding.codes import benches, random_codes
from competitions.coding.models import CodedPlace, CodeRow, CodeSheet
from competitions.coding.queries import (
    check_ins_of,
    code_rows,
    code_sheets,
    coded_places,
    entries_by_id,
    is_sealed,
    lots_of,
    sittings_of,
    tickets_of,
)
from competitions.programme.models import Stage
from competitions.registration.models import Entry

Chain = dict[str, tuple[str, ...]]
"""Entry id → its codes, level by level."""


def make_places(session: Session, stage: Stage, at: datetime) -> None:
    """One place for each final code that has none: random ids, shuffled, one common time; who has not been checked in is
    expected to come, and must be checked in before anything is settled (agreement.py).
    """
    there = {place.code: place for place in coded_places(session, stage.id)}
    at = min((place.created_at for place in there.values()), default=at)
    levels = len(code_sheets(session, stage.id))
    chain = {
        entry_id: steps
        for entry_id, steps in code_chain(session, stage.id).items()
        if len(steps) == levels and steps[-1] not in there
    }
    entries = entries_by_id(session, list(chain))
    seats = _seats(session, stage, chain)
    presence = check_ins_of(session, stage.id)
    rows = [
        {
            "id": new_id(),
            "stage_id": stage.id,
            "division_id": entries[entry_id].division_id,
            "code": steps[-1],
            "sitting_id": seats[entry_id][0],
            "station": seats[entry_id][1],
            "presence": presence[entry_id].presence if entry_id in presence else "present",
            "created_at": at,
        }
        for entry_id, steps in chain.items()
    ]
    random.SystemRandom().shuffle(rows)
    if rows:
        session.execute(insert(CodedPlace), rows)


def code_chain(session: Session, stage_id: str) -> Chain:
    """Entry id → its codes through all levels that are drawn."""
    found: Chain = {}
    for sheet in code_sheets(session, stage_id):
        rows = {row.source: row.code for row in code_rows(session, sheet)}
        if sheet.level == 1:
            found = {source: (code,) for source, code in rows.items()}
        else:
            found = {entry: (*steps, rows[steps[-1]]) for entry, steps in found.items() if steps[-1] in rows}
    return found


def mark_presence(session: Session, stage: Stage, entry: Entry, presence: str) -> None:
    """Carry the presence of an entry over to its coded place, if there is one already. Not audited by code: the check-in
    is, by entry, and the two must not stand side by side.
    """
    if not is_sealed(session, stage.id):
        return
    steps = code_chain(session, stage.id).get(entry.id)
    if steps is None and stage.event.code_levels == 0:
        _add_uncoded(session, stage, entry, presence)
    elif steps is not None:
        session.execute(
            update(CodedPlace)
            .where(CodedPlace.stage_id == stage.id, CodedPlace.code == steps[-1])
            .values(presence=presence)
        )


def _seats(session: Session, stage: Stage, chain: Chain) -> dict[str, tuple[str | None, int | None]]:
    """Entry id → (sitting id, station) as judging may see it: the lot with at most one level; the bench that the second
    level gave; with three levels no station, which the 作品号 has just hidden.
    """
    lots = lots_of(session, stage.id)
    labels = benches(sittings_of(session, stage.id))
    found: dict[str, tuple[str | None, int | None]] = {}
    for entry_id, steps in chain.items():
        lot = lots.get(entry_id)
        sitting_id, station = (lot.sitting_id, lot.station) if lot else (None, None)
        if len(steps) > 1:
            bench = labels.get(steps[1])
            sitting_id, station = (bench[0].id, bench[1]) if bench else (sitting_id, None)
        found[entry_id] = (sitting_id, station if len(steps) < 3 else None)
    return found


def _add_uncoded(session: Session, stage: Stage, entry: Entry, presence: str) -> None:
    """Somebody approved after the system drew the codes of an event without levels."""
    sheet: CodeSheet = code_sheets(session, stage.id)[0]
    taken = {row.code for row in code_rows(session, sheet)} | tickets_of(session, stage)
    code = random_codes(1, [entry.id], taken)[entry.id]
    session.add(CodeRow(sheet_id=sheet.id, source=entry.id, code=code, created_at=sheet.drawn_at))
    sitting_id, station = _seats(session, stage, {entry.id: (code,)})[entry.id]
    session.add(
        CodedPlace(
            stage_id=stage.id,
            division_id=entry.division_id,
            code=code,
            sitting_id=sitting_id,
            station=station,
            presence=presence,
            created_at=sheet.drawn_at,
        )
    )
    session.flush()
