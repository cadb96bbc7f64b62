"""Workers in great number: made once, entered time and again; their ID numbers and phones are sealed like any other's."""

import itertools
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from competitions.base.database import new_id
from competitions.base.keyring import ring
from competitions.demo.crowd.bulk import Bulk
from competitions.demo.crowd.units import Enterprise
from competitions.demo.people import people
from competitions.registration.ground import index_of
from competitions.registration.models import EntryMember, Worker
from competitions.tabular.names_order import pinyin_key, sortable_text, stroke_key

AGAIN = 0.35
"""How often somebody comes who has been entered before."""
DETAILS = ("ethnicity", "education", "years", "clothes_size")
RESERVED = 2_000
"""How many people of the small demonstration's generator are left to it."""


@dataclass(frozen=True, slots=True)
class Person:
    """A worker, with his values by the roster's field names."""

    worker_id: str
    values: dict[str, Any]

    @property
    def name(self) -> str:
        """His name."""
        return str(self.values["name"])


class Workforce:
    """Who works where; a class, because each enterprise remembers whom it has sent, and nobody is made twice."""

    def __init__(self, bulk: Bulk, seed: int) -> None:
        self.bulk, self.rng = bulk, random.Random(seed + 3)
        taken = {each["id_number"] for each in itertools.islice(people(random.Random(seed + 1)), RESERVED)}
        self.strangers = (
            each for each in people(random.Random(seed + 2), namesakes=True) if each["id_number"] not in taken
        )
        self.staff: defaultdict[str, list[Person]] = defaultdict(list)

    def somebody(self, unit: Enterprise, there: set[str], at: datetime) -> Person:
        """Somebody of the enterprise who is not `there` yet (nobody enters a competition twice); he is from now on."""
        known = self.staff[unit.union_id]
        if known and self.rng.random() < AGAIN and (again := self.rng.choice(known)).worker_id not in there:
            there.add(again.worker_id)
            return again
        new = self._hired(at)
        known.append(new)
        there.add(new.worker_id)
        return new

    def put(self, person: Person, unit: Enterprise, entry_id: str, event_id: str, live: bool) -> None:
        """The worker as the member of an entry."""
        values, key = person.values, new_id()
        number, (strokes, pinyin) = values["id_number"], orders_of(person.name)
        self.bulk.add(
            EntryMember,
            id=key,
            entry_id=entry_id,
            event_id=event_id,
            worker_id=person.worker_id,
            live=live,
            name=person.name,
            name_strokes=strokes,
            name_pinyin=pinyin,
            sex=values["sex"],
            birth_date=date(int(number[6:10]), int(number[10:12]), int(number[12:14])),
            phone=ring().seal(values["phone"], "entry_member", "phone", key),
            employer_id=unit.employer_id,
            employer_name=unit.name,
            level=values["level"],
            details={name: values[name] for name in DETAILS},
        )

    def _hired(self, at: datetime) -> Person:
        values, key = next(self.strangers), new_id()
        number = values["id_number"]
        self.bulk.add(
            Worker,
            id=key,
            id_number=ring().seal(number, "worker", "id_number", key),
            id_number_index=index_of(number),
            created_at=at,
        )
        return Person(key, values)


@cache
def orders_of(name: str) -> tuple[str, str]:
    """What lists of names sort by, as EntryMember keeps it."""
    return sortable_text(stroke_key(name)), sortable_text(pinyin_key(name))
