"""Marks in the demonstration: delivered, confirmed, signed. What somebody can do comes from the seed and his name,
so the marks are the same at every loading although the codes are not.
"""

import random
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from competitions.coding.queries import entries_by_id, final_codes
from competitions.demo.cast import Cast
from competitions.demo.hall import Hall
from competitions.judging.models import ScoreSheet
from competitions.judging.schemes.aspects import DEDUCTION, SheetAspect
from competitions.judging.schemes.marks import Submission
from competitions.judging.schemes.versions import aspects_of
from competitions.judging.sheets.services import confirm_sheet, submit_revision
from competitions.judging.signing.services import sign_module
from competitions.programme.models import Division, Event, Module
from competitions.scoring.numbers import plain

NOTE = "焊缝局部咬边 0.6 mm，按细则扣分"


class Marking:
    """Marks one event's sheets; a class, because every sheet needs who stands behind which code."""

    def __init__(self, session: Session, cast: Cast, hall: Hall, seed: int) -> None:
        self.session, self.cast, self.hall, self.seed = session, cast, hall, seed
        entry_of = final_codes(session, hall.stage_id)
        entries = entries_by_id(session, list(entry_of.values()))
        self.person = {code: entries[entry_id].members[0].name for code, entry_id in entry_of.items()}
        self.username = {user_id: name for name, user_id in cast.ids.items()}

    def sheets(self, key: str) -> list[ScoreSheet]:
        """The sheets of a module in the order of the people's names (the same at every loading)."""
        found = self.session.scalars(
            select(ScoreSheet)
            .join(Module)
            .where(Module.stage_id == self.hall.stage_id, Module.key == key)
            .options(joinedload(ScoreSheet.module), joinedload(ScoreSheet.judge))
        )
        return sorted(found, key=lambda sheet: (self.person[sheet.code], sheet.judge.username))

    def deliver(self, sheet: ScoreSheet, at: datetime, *, complete: bool = True) -> None:
        """The judge (or tabulator) delivers his marks; an unfinished sheet lacks the last aspects."""
        aspects = aspects_of(self.session, sheet.module)
        dice = random.Random(f"{self.seed}|{self.person[sheet.code]}|{sheet.judge.username}|{sheet.module.key}")
        skill = random.Random(f"{self.seed}|{self.person[sheet.code]}").triangular(0.62, 0.97, 0.84)
        asked = aspects if complete else aspects[:-2]
        marks = {aspect.id: _mark(aspect, skill, dice) for aspect in asked}
        notes = {asked[0].id: NOTE} if sheet.module.key == "practice" and dice.random() < 0.02 else {}
        seconds = dice.randrange(7200, 10200) if sheet.module.key == "practice" else None
        submit_revision(
            self.session,
            sheet,
            Submission(0, marks, notes, seconds, complete, {}),
            source="tabulator" if sheet.module.key == "theory" else "tablet",
            by=self.cast.actor(self.session, self.username[sheet.judge_id], at),
            at=at,
        )

    def confirm(self, sheet: ScoreSheet, at: datetime) -> None:
        """The checker confirms what was delivered."""
        confirm_sheet(
            self.session, sheet, sheet.head, by=self.cast.actor(self.session, f"fuhe{self.hall.number}", at), at=at
        )

    def sign(self, key: str, at: datetime) -> None:
        """The chief judge signs a module, division by division."""
        module = self.session.scalars(
            select(Module).where(Module.stage_id == self.hall.stage_id, Module.key == key)
        ).one()
        chief = self.cast.actor(self.session, f"caipanzhang{self.hall.number}", at)
        for division in self.session.get_one(Event, self.hall.event_id).divisions:
            sign_module(self.session, module, self.session.get_one(Division, division.id), by=chief, at=at)


def _mark(aspect: SheetAspect, skill: float, dice: random.Random) -> str:
    """A mark of somebody of this skill, within the aspect's limits and steps."""
    share = min(1.0, max(0.0, dice.gauss(skill, 0.06)))
    if aspect.kind == DEDUCTION:
        return str(round((1 - share) * 6))
    step = aspect.step or Fraction(1, 2)
    most = aspect.max or Fraction(100)
    return plain(min(most, round(Fraction(share).limit_denominator(1000) * most / step) * step))
