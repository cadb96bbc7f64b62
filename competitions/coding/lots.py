"""Lots: which entry goes to which sitting and station, typed in from the hall or drawn from a seed. Never commits.

The audit holds the digest of the outcome and of the seed, not who was drawn where (design.md §4.6).
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from competitions.audit.chain import digest
from competitions.audit.recording import record
from competitions.base.database import new_id
from competitions.base.errors import Invalid, Stale, StateForbids
from competitions.base.permissions import Actor
from competitions.base.problems import Problem
from competitions.base.shown import Shown, require_as_shown
from competitions.coding.binding import bind, release
from competitions.coding.models import CheckIn, CodedPlace, CodeRow, CodeSheet, Lot, Sitting
from competitions.coding.queries import candidates, contender_ids, lock, lots_of, sittings_of
from competitions.programme.models import Stage
from competitions.registration.shown_entries import entry_names

Seat = tuple[str, int]
"""(sitting id, station)"""
SHORTEST_SEED = 6


def lots_version(session: Session, stage_id: str) -> str:
    """A digest of all lots of a stage: a form carries it, so that two people do not overwrite each other."""
    rows = session.execute(
        select(Lot.id, Lot.entry_id, Lot.sitting_id, Lot.station).where(Lot.stage_id == stage_id).order_by(Lot.id)
    )
    return digest([list(row) for row in rows])


def record_lots(
    session: Session,
    stage: Stage,
    seats: Mapping[str, Seat | None],
    *,
    by: Actor,
    at: datetime,
    version: str | None = None,
) -> int:
    """Write down lots from the hall: entry id → seat, None for no seat; entries left out keep theirs. Gives how many lots
    changed. Raises Invalid with every fault at its entry, Stale, StateForbids once codes are sealed.
    """
    lock(session, stage)
    if version is not None and version != lots_version(session, stage.id):
        raise Stale()
    now = lots_of(session, stage.id)
    whole = {entry_id: (lot.sitting_id, lot.station) for entry_id, lot in now.items()} | dict(seats)
    _check(session, stage, seats, whole)
    changed = [
        entry_id
        for entry_id, seat in seats.items()
        if seat != ((now[entry_id].sitting_id, now[entry_id].station) if entry_id in now else None)
    ]
    if changed:
        _require_uncoded(session, stage, changed)
        kept = {entry_id: seat for entry_id in changed if (seat := seats[entry_id]) is not None}
        _write(session, stage, changed, kept, "hall", at)
        _record(session, stage, "lots.record", len(changed), by, at)
    return len(changed)


def draw_lots(session: Session, stage: Stage, seed: str, shown: Shown | None = None, *, by: Actor, at: datetime) -> int:
    """Draw all lots anew from the supervisor's seed; the same seed over the same contenders gives the same lots.

    Gives how many were drawn. Raises Invalid (seed too short, too few stations, nobody), StateForbids once codes
    are sealed or people checked in, and when contenders and their lots are not those that were `shown`.
    """
    lock(session, stage)
    require_open(session, stage)
    if session.scalar(select(CheckIn.id).where(CheckIn.stage_id == stage.id).limit(1)):
        raise StateForbids("check_in_begun")
    if len(seed.strip()) < SHORTEST_SEED:
        raise Invalid([Problem("invalid.lot.seed_short", "seed", {"least": SHORTEST_SEED})])
    if shown is not None:
        require_as_shown(shown, seats_now(session, stage), entry_names(session))
    seats = drawn(seed.strip(), stage.id, contender_ids(session, stage), sittings_of(session, stage.id))
    _write(session, stage, list(lots_of(session, stage.id)), seats, "system", at)
    sealed_seed = hashlib.sha256(f"{stage.id}|{seed.strip()}".encode()).hexdigest()
    _record(session, stage, "lots.draw", len(seats), by, at, seed=sealed_seed)
    return len(seats)


def seats_now(session: Session, stage: Stage) -> dict[str, str]:
    """Entry id of each contender → his seat in a word, as a page shows it that asks for a draw."""
    lots = lots_of(session, stage.id)
    return {
        key: f"{lots[key].sitting_id} {lots[key].station}" if key in lots else ""
        for key in contender_ids(session, stage)
    }


def drawn(seed: str, stage_id: str, entry_ids: Sequence[str], sittings: Sequence[Sitting]) -> dict[str, Seat]:
    """Entry id → seat: the entries, shuffled by the seed, take the seats of the sittings in order.

    Raises Invalid when nobody competes or seats are short.
    """
    room = sum(sitting.stations for sitting in sittings)
    if not entry_ids:
        raise Invalid(code="invalid.lot.nobody")
    if room < len(entry_ids):
        raise Invalid(code="invalid.lot.seats_short", entries=len(entry_ids), seats=room)
    dice = random.Random(hashlib.sha256(f"{stage_id}|{seed}".encode()).digest())
    queue = list(entry_ids)
    dice.shuffle(queue)
    seats = [(sitting.id, station) for sitting in sittings for station in range(1, sitting.stations + 1)]
    return dict(zip(queue, seats, strict=False))


def _require_uncoded(session: Session, stage: Stage, changed: Sequence[str]) -> None:
    """Before a level is sealed anybody's lot may change; afterwards only somebody's who came late and has no code."""
    first = select(CodeSheet.id).where(CodeSheet.stage_id == stage.id, CodeSheet.level == 1)
    coded = set(session.scalars(select(CodeRow.source).where(CodeRow.sheet_id.in_(first))))
    if coded & set(changed) or stage.settled_at is not None or not coded:
        require_open(session, stage)


def require_open(session: Session, stage: Stage) -> None:
    """Raises StateForbids once a level of codes is sealed: lots are part of what was sealed."""
    sealed = select(CodeSheet.id).where(CodeSheet.stage_id == stage.id, CodeSheet.sealed_at.is_not(None)).limit(1)
    placed = select(CodedPlace.id).where(CodedPlace.stage_id == stage.id).limit(1)
    if session.scalar(sealed) or session.scalar(placed):
        raise StateForbids("codes_sealed")


def _check(session: Session, stage: Stage, seats: Mapping[str, Seat | None], whole: Mapping[str, Seat | None]) -> None:
    rooms = {sitting.id: sitting for sitting in sittings_of(session, stage.id)}
    known = {entry.id for entry in candidates(session, stage)}
    taken: dict[Seat, list[str]] = {}
    for entry_id, seat in whole.items():
        if seat is not None:
            taken.setdefault(seat, []).append(entry_id)
    problems: list[Problem] = []
    for entry_id, seat in seats.items():
        if entry_id not in known:
            problems.append(Problem("invalid.lot.unknown_entry", entry_id))
        elif seat is not None and (room := rooms.get(seat[0])) is None:
            problems.append(Problem("invalid.lot.unknown_sitting", entry_id))
        elif seat is not None and room is not None and not 1 <= seat[1] <= room.stations:
            problems.append(
                Problem(
                    "invalid.lot.no_such_station",
                    entry_id,
                    {"sitting": room.name, "station": seat[1], "stations": room.stations},
                )
            )
        elif seat is not None and room is not None and len(taken[seat]) > 1:
            problems.append(Problem("invalid.lot.station_taken", entry_id, {"sitting": room.name, "station": seat[1]}))
    if problems:
        raise Invalid(problems)


def _write(
    session: Session, stage: Stage, gone: Sequence[str], seats: Mapping[str, Seat], source: str, at: datetime
) -> None:
    """Replace the lots of `gone` by `seats`, in random order and with one common time."""
    session.flush()
    for start in range(0, len(gone), 500):
        session.execute(delete(Lot).where(Lot.stage_id == stage.id, Lot.entry_id.in_(gone[start : start + 500])))
    rows = [
        {
            "id": new_id(),
            "stage_id": stage.id,
            "entry_id": entry_id,
            "sitting_id": sitting_id,
            "station": station,
            "source": source,
            "at": at,
        }
        for entry_id, (sitting_id, station) in seats.items()
    ]
    random.SystemRandom().shuffle(rows)
    if rows:
        session.execute(insert(Lot), rows)
    bind(session, list(seats), at)
    release(session, set(gone) - set(seats))


def _record(session: Session, stage: Stage, action: str, count: int, by: Actor, at: datetime, **more: Any) -> None:
    record(
        session,
        action,
        "stage",
        stage.id,
        by=by,
        at=at,
        after={"lots": count, "digest": lots_version(session, stage.id), **more},
    )
