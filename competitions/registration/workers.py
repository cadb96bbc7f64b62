"""Workers across competitions, found by the keyed blind index of the ID number and made where missing.

Shows nothing of a worker: name, phone and employer are the entry's own copies.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from competitions.base.database import new_id
from competitions.base.keyring import ring
from competitions.base.many import values_of
from competitions.registration.ground import chunks, index_of
from competitions.registration.models import Worker


def workers_for(session: Session, id_numbers: Iterable[str], at: datetime) -> dict[str, Worker]:
    """ID number → worker, made where missing, each held until the transaction ends, so that two units entering the same
    person at once decide one after the other.
    """
    by_index = {index_of(number): number for number in id_numbers}
    made = made_workers(session, by_index.values(), {number: index for index, number in by_index.items()}, at)
    ids = hold_workers(session, by_index, made)
    gone = {by_index[index]: index for index in by_index if index not in ids}
    if gone:  # deleted (purging.py) while it was waited for
        ids |= hold_workers(session, gone.values(), made_workers(session, gone, gone, at))
    found: dict[str, Worker] = {}
    for part in chunks(sorted(ids.values())):
        for worker in session.scalars(select(Worker).where(Worker.id.in_(part))):
            found[by_index[str(worker.id_number_index)]] = worker
    return found


def made_workers(
    session: Session, id_numbers: Iterable[str], indexes: Mapping[str, str], at: datetime
) -> dict[str, Worker]:
    """Blind index → a worker for each of these ID numbers that nobody has entered so far, sealed and not yet inserted.
    `indexes`: the blind index of each number.
    """
    wanted = {indexes[number]: number for number in id_numbers}
    known: set[str | None] = set()
    for part in chunks(sorted(wanted)):
        known |= set(session.scalars(select(Worker.id_number_index).where(Worker.id_number_index.in_(part))))
    return {index: _made(index, number, at) for index, number in sorted(wanted.items()) if index not in known}


def hold_workers(session: Session, indexes: Iterable[str], made: Mapping[str, Worker]) -> dict[str, str]:
    """Blind index → id of the worker, held until the transaction ends. Of `made` is inserted what nobody else has inserted
    meanwhile (the other's transaction is waited for); who was deleted while he was waited for is left out.
    """
    if made:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        adding = insert(Worker.metadata.tables["worker"]).on_conflict_do_nothing(index_elements=["id_number_index"])
        session.connection().execute(adding, [values_of(worker) for worker in made.values()])
    found: dict[str, str] = {}
    for part in chunks(sorted(indexes)):
        held = select(Worker.id_number_index, Worker.id).where(Worker.id_number_index.in_(part))
        rows = session.execute(held.order_by(Worker.id_number_index).with_for_update(key_share=True))
        found |= {str(index): key for index, key in rows}
    return found


def id_number_of(worker: Worker) -> str:
    """The ID number in full: showing it is a logged act. "" once it was deleted (purging.py)."""
    return ring().open(worker.id_number, "worker", "id_number", worker.id) if worker.id_number else ""


def _made(index: str, number: str, at: datetime) -> Worker:
    key = new_id()
    sealed = ring().seal(number, "worker", "id_number", key)
    return Worker(id=key, id_number=sealed, id_number_index=index, created_at=at)
