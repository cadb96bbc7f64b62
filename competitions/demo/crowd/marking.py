"""The marks of events that are over: every sheet delivered, confirmed and signed, each as the log has it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache

from competitions.audit.chain import canonical, digest
from competitions.audit.recording import record
from competitions.base.database import db
from competitions.base.permissions import Actor
from competitions.demo.crowd.bulk import Bulk
from competitions.demo.crowd.halls import Hall, Seat
from competitions.demo.rules import aspects
from competitions.judging.models import SIGNED_NOW, ScoreRevision, ScoreSheet, SheetConfirmation
from competitions.judging.schemes.aspects import DEDUCTION, ONE_SCORE, aspect_of
from competitions.judging.schemes.marks import revision_digest, stored_seconds
from competitions.judging.signing.models import ModuleSignature
from competitions.scoring.numbers import plain

MOST_FAULTS = 6
SPREAD = 0.06
Marks = dict[str, str]
Choice = tuple[str, Fraction]
"""What may be written, and what it is worth."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature says of a sheet: whose it is, by whom, the digest of its marks."""

    sheet: str
    code: str
    judge: str
    digest: str


class Marking:
    """Marks events; a class, because signatures carry the same head of the chain."""

    def __init__(self, bulk: Bulk, rng: random.Random, audit_head: str) -> None:
        self.bulk, self.rng, self.audit_head = bulk, rng, audit_head

    def mark(self, hall: Hall) -> None:
        """Theory by the tabulator, practice by the judge; the checker confirms, the chief judge signs."""
        came = [seat for seat in hall.seats if seat.presence != "absent"]
        if not came:
            return
        event, crew = hall.event, hall.crew
        record(
            db.session(),
            "judging.open",
            "stage",
            event.stage_id,
            by=crew["chief_judge"],
            at=hall.begins,
            after={"sheets": 2 * len(came), "schemes": {event.practice_id: event.scheme_id}},
        )
        for module_id, scheme, author, hours in (
            (event.theory_id, None, crew["tabulator"], 4),
            (event.practice_id, event.scheme, crew["judge"], 8),
        ):
            at = hall.begins + timedelta(hours=hours)
            signed = [self._sheet(hall, module_id, scheme, seat, author, at) for seat in came]
            self._sign(hall, module_id, signed)

    def _sheet(self, hall: Hall, module_id: str, scheme: str | None, seat: Seat, author: Actor, at: datetime) -> Signed:
        """One sheet from empty to signed."""
        sheet = self.bulk.add(
            ScoreSheet,
            module_id=module_id,
            division_id=hall.event.division_id,
            code=seat.code,
            head=1,
            seat_id=module_id,
            judge_id=author.id,
            sitting_id=hall.sitting_id,
            station=seat.station,
            state="signed",
        )
        sealed = self._deliver(sheet, scheme, hall.event.scheme_id if scheme else None, _skill(seat.name), author, at)
        self._confirm(sheet, sealed, author, hall.crew["checker"], at + timedelta(minutes=30))
        return Signed(sheet, seat.code, author.id, sealed)

    def _deliver(
        self, sheet: str, scheme: str | None, scheme_id: str | None, skill: float, by: Actor, at: datetime
    ) -> str:
        marks, total = self._marks(scheme, skill)
        seconds = self.rng.randrange(7200, 10200) if scheme else None
        sealed = revision_digest(sheet, 1, marks, seconds)
        revision = self.bulk.add(
            ScoreRevision,
            sheet_id=sheet,
            number=1,
            base=0,
            opening=1,
            marks=canonical(marks),
            scheme_id=scheme_id,
            seconds=stored_seconds(seconds),
            complete=True,
            total=total,
            digest=sealed,
            source="tablet" if scheme else "tabulator",
            author_id=by.id,
            at=at,
        )
        before, after = {"state": "empty"}, {"state": "submitted", "revision": 1, "digest": sealed}
        record(
            db.session(),
            "sheet.submit",
            "score_sheet",
            sheet,
            by=by,
            at=at,
            before=before,
            after=after,
            revision=revision,
        )
        return sealed

    def _confirm(self, sheet: str, sealed: str, author: Actor, by: Actor, at: datetime) -> None:
        confirmed = {"sheet_id": sheet, "opening": 1, "number": 1, "author_id": author.id}
        self.bulk.add(SheetConfirmation, **confirmed, by=by.id, at=at)
        before, after = {"state": "submitted"}, {"state": "confirmed", "revision": 1, "digest": sealed}
        record(db.session(), "sheet.confirm", "score_sheet", sheet, by=by, at=at, before=before, after=after)

    def _marks(self, scheme: str | None, skill: float) -> tuple[Marks, str]:
        marks, total = {}, Fraction(0)
        for name, choices in choices_of(scheme):
            share = min(1.0, max(0.0, self.rng.gauss(skill, SPREAD)))
            marks[name], worth = choices[round(share * (len(choices) - 1))]
            total += worth
        return marks, plain(total)

    def _sign(self, hall: Hall, module_id: str, sheets: Sequence[Signed]) -> None:
        chief, at, division_id = hall.crew["chief_judge"], hall.contest.at(1, 10), hall.event.division_id
        signed = digest(
            {
                "module": module_id,
                "division": division_id,
                "statuses": [],
                "sheets": sorted([each.sheet, each.code, each.judge, 1, each.digest] for each in sheets),
                "version": SIGNED_NOW,
            }
        )
        signature = self.bulk.add(
            ModuleSignature,
            module_id=module_id,
            division_id=division_id,
            opening=1,
            digest=signed,
            audit_head=self.audit_head,
            by=chief.id,
            at=at,
        )
        record(
            db.session(),
            "module.sign",
            "module",
            module_id,
            by=chief,
            at=at,
            after={
                "signature": signature,
                "division": division_id,
                "opening": 1,
                "digest": signed,
                "version": SIGNED_NOW,
                "sheets": len(sheets),
            },
        )


@cache
def choices_of(scheme: str | None) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """Aspect → what may be written for it, from the worst to the best. Theory has whole marks up to 100."""
    if scheme is None:
        return ((ONE_SCORE, tuple((str(mark), Fraction(mark)) for mark in range(101))),)
    found = []
    for aspect in map(aspect_of, aspects(scheme)):
        if aspect.kind == DEDUCTION:
            values = [Fraction(faults) for faults in range(MOST_FAULTS, -1, -1)]
        else:
            step = aspect.step or Fraction(1)
            values = [step * count for count in range(int((aspect.max or 0) / step) + 1)]
        found.append((aspect.id, tuple((plain(value), aspect.worth(value)) for value in values)))
    return tuple(found)


@cache
def _skill(name: str) -> float:
    return random.Random(name).triangular(0.62, 0.97, 0.84)
