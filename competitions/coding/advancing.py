"""Who takes part in a later stage: entries taken over from an earlier stage's publication, reserves, those left out.

Verbs on `StageEntrant`; which entries the publication names is known to results, which is above. Never commits. Codes of
the stage are drawn over exactly these entries, so nothing changes once a level is sealed.
"""

import random
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.base.database import new_id
from competitions.base.errors import NotFound, StateForbids
from competitions.base.permissions import Actor
from competitions.base.reasons import reason_of
from competitions.coding.binding import release
from competitions.coding.lots import require_open
from competitions.coding.models import CheckIn, Lot, StageEntrant
from competitions.coding.queries import entrants_of, is_first, lock
from competitions.programme.models import Stage
from competitions.registration.models import Entry


def take_entrants(
    session: Session, stage: Stage, entry_ids: Collection[str], publication_id: str, *, by: Actor, at: datetime
) -> tuple[int, int]:
    """Make these entries (and the reserves and those left out that people decided on) the stage's contenders. What an
    earlier publication named and this one does not goes. Returns how many came and how many went.

    Raises StateForbids in the first stage, and once codes are sealed unless nobody comes or goes.
    """
    _open(session, stage)
    there, approved = entrants_of(session, stage.id), _approved(session, stage)
    came = [entry_id for entry_id in entry_ids if entry_id not in there and entry_id in approved]
    gone = [row for entry_id, row in there.items() if row.source == "advanced" and entry_id not in entry_ids]
    if came or gone:
        require_open(session, stage)
    _forget(session, stage, gone)
    session.execute(
        update(StageEntrant)
        .where(StageEntrant.stage_id == stage.id)
        .values(publication_id=publication_id)
        .execution_options(synchronize_session="fetch")
    )
    _add(session, stage, came, "advanced", publication_id, "", by, at)
    record(
        session,
        "stage.take_entrants",
        "stage",
        stage.id,
        by=by,
        at=at,
        after={
            "publication": publication_id,
            "came": len(came),
            "went": len(gone),
            "entrants": len(there) + len(came) - len(gone),
        },
    )
    return len(came), len(gone)


def add_reserve(
    session: Session, stage: Stage, entry_id: str, publication_id: str, reason: str, *, by: Actor, at: datetime
) -> None:
    """Somebody takes part in the place of another (递补). Raises Invalid without a reason, StateForbids when he takes
    part already or codes are sealed.
    """
    _open(session, stage)
    words = reason_of(reason, "stage.add_reserve")
    require_open(session, stage)
    there = entrants_of(session, stage.id)
    row = there.get(entry_id)
    if entry_id not in _approved(session, stage):
        raise NotFound
    if row is not None and row.state == "in":
        raise StateForbids("entrant_there")
    if row is not None:
        row.state, row.source, row.reason, row.by, row.at = "in", "reserve", words, by.id, at
        session.flush()
    else:
        _add(session, stage, [entry_id], "reserve", publication_id, words, by, at)
    record(session, "stage.add_reserve", "entry", entry_id, by=by, at=at, after={"stage": stage.id}, reason=words)


def leave_out(session: Session, stage: Stage, entry_id: str, reason: str, *, by: Actor, at: datetime) -> None:
    """Somebody who was taken over does not take part after all; his lot is free again. Raises Invalid without a reason,
    NotFound, StateForbids once codes are sealed or he has been checked in.
    """
    _open(session, stage)
    words = reason_of(reason, "stage.leave_out")
    require_open(session, stage)
    row = entrants_of(session, stage.id).get(entry_id)
    if row is None or row.state != "in":
        raise NotFound
    if session.scalar(select(CheckIn.id).where(CheckIn.stage_id == stage.id, CheckIn.entry_id == entry_id)):
        raise StateForbids("check_in_begun")
    row.state, row.reason, row.by, row.at = "out", words, by.id, at
    session.execute(delete(Lot).where(Lot.stage_id == stage.id, Lot.entry_id == entry_id))
    release(session, [entry_id])
    session.flush()
    record(session, "stage.leave_out", "entry", entry_id, by=by, at=at, after={"stage": stage.id}, reason=words)


def keep_entrants(session: Session, stage: Stage, publication_id: str, reason: str, *, by: Actor, at: datetime) -> None:
    """The contenders stay as they are although the earlier stage was published anew: codes are sealed, and the
    organisers have decided so. Raises Invalid without a reason, StateForbids.
    """
    _open(session, stage)
    words = reason_of(reason, "stage.keep_entrants")
    session.execute(
        update(StageEntrant)
        .where(StageEntrant.stage_id == stage.id)
        .values(publication_id=publication_id)
        .execution_options(synchronize_session="fetch")
    )
    record(
        session,
        "stage.keep_entrants",
        "stage",
        stage.id,
        by=by,
        at=at,
        after={"publication": publication_id},
        reason=words,
    )


def _open(session: Session, stage: Stage) -> None:
    lock(session, stage)
    if is_first(session, stage):
        raise StateForbids("first_stage")
    if stage.settled_at is not None:
        raise StateForbids("settled")


def _approved(session: Session, stage: Stage) -> set[str]:
    return set(session.scalars(select(Entry.id).where(Entry.event_id == stage.event_id, Entry.state == "approved")))


def _forget(session: Session, stage: Stage, gone: Collection[StageEntrant]) -> None:
    ids = [row.entry_id for row in gone]
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        session.execute(delete(Lot).where(Lot.stage_id == stage.id, Lot.entry_id.in_(part)))
        session.execute(delete(StageEntrant).where(StageEntrant.stage_id == stage.id, StageEntrant.entry_id.in_(part)))
    release(session, ids)
    session.expire_all()


def _add(
    session: Session,
    stage: Stage,
    entry_ids: Collection[str],
    source: str,
    publication_id: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    rows = [
        {
            "id": new_id(),
            "stage_id": stage.id,
            "entry_id": entry_id,
            "publication_id": publication_id,
            "source": source,
            "state": "in",
            "reason": reason,
            "by": by.id,
            "at": at,
        }
        for entry_id in entry_ids
    ]
    random.SystemRandom().shuffle(rows)
    if rows:
        session.execute(insert(StageEntrant), rows)
