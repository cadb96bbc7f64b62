"""The halls of competitions that are over: crew, lots, check-in, codes sealed and opened by two people.

Everything that `flask audit verify` compares with the log is recorded as the services record it (tampering.py).
"""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from competitions.audit.chain import digest
from competitions.audit.recording import record
from competitions.base.database import db, new_id
from competitions.base.permissions import Actor
from competitions.coding.codes import random_codes
from competitions.coding.decoding import DECODING
from competitions.coding.models import CheckIn, CodedPlace, CodeRow, CodeSheet, Lot, Sitting
from competitions.coding.sealing import SEALING
from competitions.demo.crowd.acts import Part, agreed
from competitions.demo.crowd.bulk import Bulk
from competitions.demo.crowd.contests import Contest, Made
from competitions.demo.crowd.entries import Entered
from competitions.demo.crowd.staff import Staff, give
from competitions.judging.models import PanelMember

ABSENT = 0.05
SOON_AFTER = timedelta(minutes=5)
RECORD = "密封完好，封存值与开赛时一致，逐号核对无误。"


@dataclass(frozen=True, slots=True)
class Seat:
    """What the marking knows of a competitor: code, station, whether he came; the name only decides how good he is."""

    code: str
    station: int
    presence: str
    name: str


@dataclass(frozen=True, slots=True)
class Hall:
    """An event in its hall: its crew by role, the day, its sitting, who sits where."""

    contest: Contest
    event: Made
    crew: dict[str, Actor]
    begins: datetime
    sitting_id: str
    seats: tuple[Seat, ...]


class Holding:
    """Holds events; a class, because all of them have the same staff."""

    def __init__(self, bulk: Bulk, staff: Staff, rng: random.Random) -> None:
        self.bulk, self.staff, self.rng = bulk, staff, rng

    def hold(self, contest: Contest, event: Made, entries: Sequence[Entered]) -> Hall:
        """Everything from the appointment of the crew to the opening of the codes."""
        crew = self.rng.choice(self.staff.crews[contest.plan.ground.line_name])
        begins = contest.at(0, 8)
        self._appoint(contest, event, crew)
        sitting_id = self.bulk.add(
            Sitting, stage_id=event.stage_id, name="第一场", place="1号赛场", starts_at=begins, stations=len(entries)
        )
        record(db.session(), "stage.lock", "stage", event.stage_id, by=crew["steward"], at=begins)
        record(db.session(), "sitting.add", "sitting", sitting_id, by=crew["coder"], at=contest.at(-1))
        stations = dict(zip((each.id for each in entries), self._shuffled(len(entries)), strict=True))
        self._draw_lots(event, crew["coder"], sitting_id, stations, contest.at(-1))
        presences = self._check_in(event, crew["steward"], entries, begins)
        codes = self._seal(contest, event, crew, [each.id for each in entries])
        seats = tuple(Seat(codes[each.id], stations[each.id], presences[each.id], each.name) for each in entries)
        self._place(event, sitting_id, seats, begins)
        return Hall(contest, event, crew, begins, sitting_id, seats)

    def _appoint(self, contest: Contest, event: Made, crew: dict[str, Actor]) -> None:
        at, until = contest.at(-5), contest.at(30)
        for role, actor in crew.items():
            give(self.bulk, actor, role, "event", event.id, at, until)
        for module_id, duty, role in (
            (event.theory_id, "tabulator", "tabulator"),
            (event.practice_id, "marking", "judge"),
        ):
            member = self.bulk.add(
                PanelMember,
                module_id=module_id,
                user_id=crew[role].id,
                seat_id=module_id,  # a panel of one seat; marking.py names it so too
                duty=duty,
                assigned_by=self.staff.drafting.id,
                assigned_at=at,
            )
            record(
                db.session(),
                "panel.assign",
                "module",
                module_id,
                by=self.staff.drafting,
                at=at,
                after={"member": member, "user": crew[role].id, "duty": duty, "conflict": False},
            )

    def _shuffled(self, count: int) -> list[int]:
        return self.rng.sample(range(1, count + 1), count)

    def _draw_lots(self, event: Made, by: Actor, sitting_id: str, stations: dict[str, int], at: datetime) -> None:
        drawn = sorted([new_id(), entry_id, sitting_id, station] for entry_id, station in stations.items())
        for key, entry_id, _, station in drawn:
            self.bulk.add(
                Lot,
                id=key,
                stage_id=event.stage_id,
                entry_id=entry_id,
                sitting_id=sitting_id,
                station=station,
                source="system",
                at=at,
            )
        seed = hashlib.sha256(event.stage_id.encode()).hexdigest()
        record(
            db.session(),
            "lots.draw",
            "stage",
            event.stage_id,
            by=by,
            at=at,
            after={"lots": len(drawn), "digest": digest(drawn), "seed": seed},
        )

    def _check_in(self, event: Made, by: Actor, entries: Sequence[Entered], at: datetime) -> dict[str, str]:
        found = {}
        for entry in entries:
            found[entry.id] = presence = "absent" if self.rng.random() < ABSENT else "present"
            self.bulk.add(CheckIn, stage_id=event.stage_id, entry_id=entry.id, presence=presence, by=by.id, at=at)
            record(db.session(), "check_in.mark", "entry", entry.id, by=by, at=at, after=presence, stage=event.stage_id)
        return found

    def _seal(self, contest: Contest, event: Made, crew: dict[str, Actor], entry_ids: Sequence[str]) -> dict[str, str]:
        """Codes drawn, sealed, witnessed; and, when everything was settled, opened by the same two."""
        coder, supervisor, begins, opened = crew["coder"], crew["supervisor"], contest.at(0, 8), contest.at(2, 9)
        codes, sheet = random_codes(1, entry_ids), new_id()
        rows = sorted(([code, source, new_id()] for source, code in codes.items()))
        listed = [[key, source, code] for code, source, key in rows]
        sealed = digest({"stage": event.stage_id, "level": 1, "rows": listed})
        self.bulk.add(
            CodeSheet,
            id=sheet,
            stage_id=event.stage_id,
            level=1,
            state="decoded",
            coder_id=coder.id,
            drawn_at=begins,
            sealed_digest=sealed,
            sealed_by=coder.id,
            sealed_at=begins,
            witness_id=supervisor.id,
            witnessed_at=begins,
            decode_coder_id=coder.id,
            decode_coder_at=opened,
            decode_witness_id=supervisor.id,
            record=RECORD,
            decoded_at=opened + SOON_AFTER,
        )
        for code, source, key in self.rng.sample(rows, len(rows)):
            self.bulk.add(CodeRow, id=key, sheet_id=sheet, source=source, code=code, created_at=begins)
        record(
            db.session(),
            "codes.draw",
            "code_sheet",
            sheet,
            by=coder,
            at=begins,
            after={"level": 1, "codes": len(codes)},
        )
        self._witness(sheet, sealed, Part(coder, begins), Part(supervisor, begins))
        self._open(sheet, sealed, Part(coder, opened), Part(supervisor, opened + SOON_AFTER))
        return codes

    def _witness(self, sheet: str, sealed: str, first: Part, second: Part) -> None:
        agreed(self.bulk, SEALING, sheet, {"digest": sealed}, first, second)
        after = {"level": 1, "digest": sealed}
        record(db.session(), "codes.seal", "code_sheet", sheet, by=first.by, at=first.at, after=after)
        states = {"before": "open", "after": "sealed"}
        record(db.session(), "codes.witness", "code_sheet", sheet, by=second.by, at=second.at, level=1, **states)

    def _open(self, sheet: str, sealed: str, first: Part, second: Part) -> None:
        agreed(self.bulk, DECODING, sheet, {"digest": sealed}, first, second)
        record(
            db.session(),
            "codes.decode",
            "code_sheet",
            sheet,
            by=first.by,
            at=first.at,
            level=1,
            after={"digest": sealed},
        )
        states = {"before": "sealed", "after": "decoded"}
        record(db.session(), "codes.decode_witness", "code_sheet", sheet, by=second.by, at=second.at, level=1, **states)

    def _place(self, event: Made, sitting_id: str, seats: Sequence[Seat], at: datetime) -> None:
        for seat in self.rng.sample(list(seats), len(seats)):
            self.bulk.add(
                CodedPlace,
                stage_id=event.stage_id,
                division_id=event.division_id,
                code=seat.code,
                sitting_id=sitting_id,
                station=seat.station,
                presence=seat.presence,
                created_at=at,
            )
