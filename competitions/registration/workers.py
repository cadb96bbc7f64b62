"""Workers across competitions, found by the keyed blind index of the ID number and made where missing.

Shows nothing of a worker: name, phone and employer are the entry's own copies.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from competitions.base.database import new_id
from competitions.base.keyring import ring
from competitions.registration.ground import chunks, index_of
from competitions.registration.models import Worker


def workers_for(session: Session, id_numbers: Iterable[str], at: datetime) -> dict[str, Worker]:
    """ID number → worker, made where missing, each held until the transaction ends, so that two units entering the same
    person at once decide one after the other.
    """
    by_index = {index_of(number): number for number in id_numbers}
    found: dict[str, Worker] = {}
    for part in chunks(sorted(by_index)):
        known = set(session.scalars(select(Worker.id_number_index).where(Worker.id_number_index.in_(part))))
        _make(session, {index: by_index[index] for index in part if index not in known}, at)
        held = _held(session, part)
        gone = [index for index in part if index not in held]
        if gone:  # deleted (purging.py) while it was waited for
            _make(session, {index: by_index[index] for index in gone}, at)
            held |= _held(session, gone)
        found.update({by_index[index]: worker for index, worker in held.items()})
    return found


def _held(session: Session, indexes: Sequence[str]) -> dict[str, Worker]:
    workers = session.scalars(
        select(Worker)
        .where(Worker.id_number_index.in_(indexes))
        .order_by(Worker.id_number_index)
        .with_for_update(key_share=True)
    )
    return {worker.id_number_index: worker for worker in workers if worker.id_number_index}


def id_number_of(worker: Worker) -> str:
    """The ID number in full: showing it is a logged act. "" once it was deleted (purging.py)."""
    return ring().open(worker.id_number, "worker", "id_number", worker.id) if worker.id_number else ""


def _make(session: Session, missing: dict[str, str], at: datetime) -> None:
    """Insert what nobody else has inserted meanwhile (the other's transaction is waited for)."""
    if not missing:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = []
    for index, number in sorted(missing.items()):
        key = new_id()
        rows.append(
            {
                "id": key,
                "id_number": ring().seal(number, "worker", "id_number", key),
                "id_number_index": index,
                "created_at": at,
            }
        )
    session.execute(insert(Worker).values(rows).on_conflict_do_nothing(index_elements=["id_number_index"]))
