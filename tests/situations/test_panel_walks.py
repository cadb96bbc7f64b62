"""Whatever happens to a panel, in whatever order: each sheet has one judge who is there or a reason why it has none, and
what can be signed can be settled.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from flask import Flask
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import select

from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound, Refusal
from competitions.base.permissions import Actor
from competitions.judging.models import PanelMember, Quarantine, ScoreSheet
from competitions.judging.panels.models import SheetChange
from competitions.judging.panels.recusals import appoint, recuse, take_back
from competitions.judging.panels.rules import OWED, WORDS
from competitions.judging.panels.services import assign, replace_member
from competitions.judging.queries import former_sheet, own_sheet
from competitions.judging.schemes.marks import Submission
from competitions.judging.sheets.services import confirm_sheet, keep_aside, submit_revision
from competitions.judging.signing.module_state import module_state
from competitions.judging.signing.reopening import (
    approve_request,
    dismiss_late_delivery,
    request_late_delivery,
    request_reopening,
    request_taking_back,
)
from competitions.judging.signing.services import sign_module, signing_faults
from competitions.programme.models import Division, Module
from tests.factories import actor
from tests.factories_judging import Hall, new_key, submission
from tests.situations.panels import hall_of, new_judge, unsettled

LONG = "裁判输入时看错了一位数字，须更正。"
ACTS = ("deliver", "deliver", "confirm", "leave", "replace", "join", "recuse", "take_back", "appoint", "reopen", "late")
MOST_STEPS = 20


@dataclass
class Walk:
    """A hall through which a sequence of acts goes; what the rules refuse is passed over."""

    hall: Hall
    pool: list[User]
    done: Counter[str] = field(default_factory=Counter)

    def step(self, act: str, one: int, two: int) -> None:
        """Try one act on what the numbers choose."""
        try:
            with transaction():
                getattr(self, act)(one, two)
            self.done[act] += 1
        except Refusal:
            pass
        finally:
            db.session.rollback()

    def by(self, role: str) -> Actor:
        return actor(self.hall.people[role])

    @property
    def module(self) -> Module:
        return db.session.get_one(Module, self.hall.modules["practice"].id)

    def sheet(self, number: int, *conditions: object) -> ScoreSheet:
        found = db.session.scalars(
            select(ScoreSheet)
            .where(ScoreSheet.module_id == self.module.id, *conditions)
            .order_by(ScoreSheet.code, ScoreSheet.id)  # type: ignore[arg-type]
        ).all()
        if not found:
            raise NotFound
        return found[number % len(found)]

    def member(self, number: int) -> PanelMember:
        here = PanelMember.module_id == self.module.id
        found = db.session.scalars(
            select(PanelMember).where(here, PanelMember.left_at.is_(None)).order_by(PanelMember.id)
        ).all()
        if not found:
            raise NotFound
        return found[number % len(found)]

    def person(self, number: int) -> User:
        return db.session.get_one(User, self.pool[number % len(self.pool)].id)

    def deliver(self, one: int, two: int, *, complete: bool = True) -> None:
        owed = self.sheet(one, ScoreSheet.closed.is_(None), ScoreSheet.state.in_(OWED))
        judge = actor(db.session.get_one(User, owed.judge_id))
        sheet = own_sheet(db.session(), judge, owed.id, lock=True)
        what = Submission(sheet.head, {"score": str(60 + two)}, {}, None, complete, {})
        submit_revision(db.session(), sheet, what, source="tablet", by=judge, at=clock.now())

    def confirm(self, one: int, _two: int) -> None:
        sheet = self.sheet(one, ScoreSheet.closed.is_(None), ScoreSheet.state == "submitted")
        confirm_sheet(db.session(), sheet, None, by=self.by("checker"), at=clock.now())

    def leave(self, one: int, _two: int) -> None:
        replace_member(db.session(), self.member(one), None, by=self.by("organiser"), at=clock.now())

    def replace(self, one: int, two: int) -> None:
        replace_member(db.session(), self.member(one), self.person(two), by=self.by("organiser"), at=clock.now())

    def join(self, one: int, _two: int) -> None:
        by = self.by("organiser")
        assign(db.session(), self.module, self.person(one), "marking", None, 9, by=by, at=clock.now())

    def recuse(self, one: int, _two: int) -> None:
        sheet = self.sheet(one, ScoreSheet.closed.is_(None))
        recuse(
            db.session(), self.module, sheet.code, sheet.judge_id, "同一师门", by=self.by("chief_judge"), at=clock.now()
        )

    def take_back(self, one: int, _two: int) -> None:
        sheet = self.sheet(one, ScoreSheet.closed == "recused")
        if sheet.state not in OWED:
            request = request_taking_back(db.session(), sheet, "登记错了人", by=self.by("chief_judge"), at=clock.now())
            approve_request(db.session(), request, by=self.by("supervisor"), at=clock.now())
            return
        take_back(db.session(), sheet, "登记错了人", by=self.by("chief_judge"), at=clock.now())

    def appoint(self, one: int, two: int) -> None:
        sheet = self.sheet(one, ScoreSheet.closed.is_not(None))
        appoint(db.session(), sheet, self.person(two), by=self.by("chief_judge"), at=clock.now())

    def reopen(self, one: int, _two: int) -> None:
        sheet = self.sheet(one, ScoreSheet.state.in_(("confirmed", "signed")))
        request = request_reopening(db.session(), sheet, LONG, by=self.by("chief_judge"), at=clock.now())
        approve_request(db.session(), request, by=self.by("supervisor"), at=clock.now())

    def late(self, one: int, two: int) -> None:
        """What a judge who has left typed in time comes now, and is taken or not."""
        author = actor(self.person(two))
        sheet = former_sheet(db.session(), author, self.sheet(one).id)
        keep_aside(db.session(), sheet, new_key(), submission({"score": "55"}), by=author, at=clock.now())
        late = db.session.scalars(
            select(Quarantine).where(Quarantine.state == "waiting", Quarantine.sheet_id == sheet.id).limit(1)
        ).one()
        if two % 3 == 0:
            dismiss_late_delivery(db.session(), late, LONG, by=self.by("chief_judge"), at=clock.now())
            return
        request = request_late_delivery(db.session(), late, LONG, by=self.by("chief_judge"), at=clock.now())
        approve_request(db.session(), request, by=self.by("supervisor"), at=clock.now())

    def finish(self) -> None:
        """Everybody marks what he owes, everything is confirmed."""
        for act, state in (("deliver", OWED), ("confirm", ("submitted",))):
            waiting = select(ScoreSheet.id).where(
                ScoreSheet.module_id == self.module.id, ScoreSheet.closed.is_(None), ScoreSheet.state.in_(state)
            )
            while db.session.scalars(waiting).first():
                with transaction():
                    getattr(self, act)(0, 20)
        db.session.rollback()


def walk_of(app: Flask, least: int) -> Walk:
    hall = hall_of(app, judges=3, least=least)
    return Walk(hall, [*hall.judges, new_judge(hall), new_judge(hall)])


def assert_owned(walk: Walk) -> None:
    """Each sheet has one judge who is there to mark it, or has marked it, or is closed with a reason; as its history says."""
    module = walk.module.id
    sheets = db.session.scalars(select(ScoreSheet).where(ScoreSheet.module_id == module)).all()
    there = {
        (member.user_id, member.code)
        for member in db.session.scalars(select(PanelMember).where(PanelMember.module_id == module))
        if member.left_at is None
    }
    for sheet in sheets:
        if sheet.closed is not None:
            assert sheet.closed in WORDS
        elif sheet.state in OWED:
            assert there & {(sheet.judge_id, None), (sheet.judge_id, sheet.code)}, f"{sheet.code} is owed by nobody"
    alive = [sheet for sheet in sheets if sheet.closed is None]
    assert len({(sheet.code, sheet.seat_id) for sheet in alive}) == len(alive)
    assert len({(sheet.code, sheet.judge_id) for sheet in alive}) == len(alive)
    last = {
        change.sheet_id: (change.judge_id, change.closed)
        for change in db.session.scalars(select(SheetChange).order_by(SheetChange.number))
    }
    assert all(last.get(sheet.id, (sheet.judge_id, None)) == (sheet.judge_id, sheet.closed) for sheet in sheets)


def assert_signing_is_settling(walk: Walk) -> None:
    """What the chief judge may sign can be settled; what he may not sign cannot be settled for want of marks either."""
    module, division = walk.module, db.session.get_one(Division, walk.hall.division.id)
    may_sign = not signing_faults(db.session(), module, division.id)
    state = module_state(db.session(), module, division.id)
    pending = unsettled(walk.hall) & {"check.pending", "check.mark", "check.sheets_missing"}
    assert may_sign == (not pending), (state.lacking, state.surplus, pending)
    if may_sign and not state.signed:
        with transaction():
            division = db.session.get_one(Division, walk.hall.division.id)
            sign_module(db.session(), walk.module, division, by=walk.by("chief_judge"), at=clock.now())
    if may_sign:
        assert unsettled(walk.hall) == set()


def dismiss_all(walk: Walk) -> None:
    """Nothing late waits any more."""
    with transaction():
        for late in db.session.scalars(select(Quarantine).where(Quarantine.state == "waiting")):
            dismiss_late_delivery(db.session(), late, LONG, by=walk.by("chief_judge"), at=clock.now())
    db.session.rollback()


@settings(
    max_examples=10, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(seed=st.integers(0, 10**9), least=st.sampled_from((1, 2, 3)))
def test_every_sheet_has_an_owner_or_a_reason_and_signing_is_settling(app: Flask, seed: int, least: int) -> None:
    walk = walk_of(app, least)
    dice = Random(seed)  # a list drawn by hypothesis has mostly one act, over and over
    for _ in range(2):  # once while it is open, once after it was signed, if it could be
        for _ in range(dice.randint(4, MOST_STEPS)):
            act, one, two = dice.choice(ACTS), dice.randrange(30), dice.randrange(30)
            note(f"{act} {one} {two}")
            walk.step(act, one, two)
            assert_owned(walk)
        walk.finish()
        dismiss_all(walk)
        assert_owned(walk)
        assert_signing_is_settling(walk)
    db.session.rollback()
    assert not [finding.code for finding in verify(db.session(), at=clock.now()).findings if finding.is_fault]


def test_a_sheet_opened_after_the_signature_whose_judge_leaves_must_be_signed_without(app: Flask) -> None:
    walk = walk_of(app, 1)
    walk.finish()
    assert_signing_is_settling(walk)
    with transaction():
        walk.reopen(0, 0)
    opened = walk.sheet(0, ScoreSheet.state == "draft")
    seat = next(one for one in range(3) if walk.member(one).user_id == opened.judge_id)
    with transaction():
        walk.leave(seat, 0)
    division = db.session.get_one(Division, walk.hall.division.id)
    assert walk.sheet(0, ScoreSheet.id == opened.id).closed == "vacant"
    assert not module_state(db.session(), walk.module, division.id).signed
    with transaction():
        sign_module(db.session(), walk.module, division, by=walk.by("chief_judge"), at=clock.now())
    assert module_state(db.session(), walk.module, division.id).signed
    assert not [finding.code for finding in verify(db.session(), at=clock.now()).findings if finding.is_fault]
