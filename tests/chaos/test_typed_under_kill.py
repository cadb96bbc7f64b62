"""The server is killed again and again while results are typed and brought in on paper's ways, and while a judge who was
replaced delivers: all of a file or nothing, each once, and what came late is with the chief judge once.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import User
from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.config import Settings
from competitions.base.database import db
from competitions.base.settings import Setting
from competitions.judging.models import (
    PanelMember,
    Quarantine,
    ScoreRevision,
    ScoreSheet,
    SecondEntry,
)
from competitions.judging.panels.services import replace_member
from competitions.judging.settings import HALL_FILES
from competitions.judging.signing.models import ChangeRequest
from tests.chaos.harness import FAULTS, Caller, Process
from tests.chaos.test_faults import ROUNDS
from tests.factories import actor, make_user
from tests.factories_judging import Hall, act, confirm_all, deliver, make_hall, new_key, submission
from tests.factories_worksheets import desk, filled, theory_hall

CODES = tuple(f"A{number:02}" for number in range(1, 9))
LATE = tuple(f"A{number:02}" for number in range(1, 61))


@pytest.fixture
def process(app: Flask, settings: Settings) -> Iterator[Process]:
    running = Process(settings)
    yield running
    running.kill()


class Worker(threading.Thread):
    """Somebody who does one act after another, each until it is acknowledged; `done`: the numbers of those."""

    def __init__(self, port: int, username: str, act: Callable[[Caller, int], bool]) -> None:
        super().__init__(daemon=True)
        self.caller, self.act = Caller(port, username), act
        self.stopping, self.done, self.fault = threading.Event(), list[int](), None

    def run(self) -> None:
        """Until told to stop; the act under way is still brought to its end."""
        number = 0
        try:
            self.caller.sign_in()
            while not self.stopping.is_set():
                number += 1
                until = time.monotonic() + 60
                while not self._tried(number):
                    assert time.monotonic() < until, f"no answer to act {number} within a minute"
                self.done.append(number)
        except BaseException as fault:  # noqa: BLE001 - told to the test
            self.fault = fault

    def _tried(self, number: int) -> bool:
        try:
            return self.act(self.caller, number)
        except FAULTS:
            time.sleep(0.05)
            return False


class Typist:
    """Brings the results of all codes in, by worksheet or (when told so) in turn with the grid. What was begun is remembered,
    so that the same button is pressed again after a lost answer.
    """

    def __init__(self, hall: Hall, place: str = "worksheet", grid: bool = False) -> None:
        self.path, self.grid = desk(hall, place=place), grid
        self.module = hall.modules["theory"].id
        self.begun: dict[int, tuple[str, str]] = {}

    def __call__(self, caller: Caller, number: int) -> bool:
        """Whether the act was acknowledged."""
        if self.grid and number % 2 == 0:
            return self._by_grid(caller, number)
        if number not in self.begun:
            status, template = caller.request("GET", f"{self.path}/template.xlsx")
            if status != 200:
                return False
            data = filled(template, {(code, "得分"): number % 100 for code in CODES})
            if caller.form(self.path, {}, ("a.xlsx", data)) != 303:
                return False
            self.begun[number] = caller.place, new_key()
        place, key = self.begun[number]
        return answered(caller.form(f"{place}/confirm", {"key": key}))

    def _by_grid(self, caller: Caller, number: int) -> bool:
        _, key = self.begun.setdefault(number, ("", new_key()))
        fields = {"key": key}
        for row, code in enumerate(CODES):
            fields |= {f"name.{row}": code, f"base.{row}": str(number - 1), f"mark.{row}.score": str(number % 100)}
        return answered(caller.form(f"/desk/modules/{self.module}/tabulation", fields))


def answered(status: int) -> bool:
    """Done (303), or the server asks for patience."""
    assert status in (303, 503), status
    return status == 303


def killed_while(process: Process, workers: list[Worker]) -> None:
    db.session.remove()
    process.start()
    for worker in workers:
        worker.start()
    time.sleep(1.5)
    for _ in range(ROUNDS):
        process.kill()
        process.start()
        time.sleep(random.uniform(0.3, 1.2))
    for worker in workers:
        worker.stopping.set()
    for worker in workers:
        worker.join(90)
        if worker.fault is not None:
            raise worker.fault
    db.session.remove()
    db.engine.dispose()


def sound() -> list[str]:
    return [each.sentence for each in verify(db.session(), at=clock.now()).findings if each.is_fault]


def with_many_files(app: Flask) -> None:
    db.session.add(Setting(name=HALL_FILES.name, value="1000"))
    db.session.commit()


def test_results_by_worksheet_and_by_grid_come_in_whole_and_once_under_kill(app: Flask, process: Process) -> None:
    hall = theory_hall(app, by="code", codes=CODES)
    with_many_files(app)
    tabulator = Worker(process.port, hall.people["tabulator"].username, Typist(hall, grid=True))
    killed_while(process, [tabulator])
    rows = db.session.execute(
        select(ScoreSheet.code, ScoreRevision.number, ScoreRevision.total).join(
            ScoreSheet, ScoreSheet.id == ScoreRevision.sheet_id
        )
    )
    print(f"{ROUNDS} kills: {len(tabulator.done)} files and grids of {len(CODES)} sheets acknowledged")
    assert len(tabulator.done) > 2
    assert Counter(tuple(row) for row in rows) == Counter(
        (code, number, str(number % 100)) for number in tabulator.done for code in CODES
    )
    assert sound() == []


def test_second_readings_come_in_whole_under_kill(app: Flask, process: Process) -> None:
    hall = theory_hall(app, by="code", codes=CODES, double_entry=True)
    with_many_files(app)
    second = second_tabulator(hall)
    process.start()
    first, typed = Caller(process.port, hall.people["tabulator"].username), Typist(hall)
    first.sign_in()
    assert typed(first, 1)
    process.kill()
    reader = Worker(process.port, second.username, Typist(hall, "second-worksheet"))
    killed_while(process, [reader])
    print(f"{ROUNDS} kills: {len(reader.done)} second readings acknowledged")
    said = {each.sheet_id: each.marks for each in db.session.scalars(select(SecondEntry).order_by(SecondEntry.at))}
    assert len(reader.done) > 2 and len(said) == len(CODES)
    assert {json.loads(marks)["score"] for marks in said.values()} == {str(reader.done[-1] % 100)}
    assert len(db.session.scalars(select(ScoreRevision)).all()) == len(CODES) and sound() == []


def second_tabulator(hall: Hall) -> User:
    db.session.rollback()
    other: User = make_user(("tabulator", "event", hall.event.id))
    seat = {"duty": "tabulator", "position": 5, "assigned_by": "factory", "assigned_at": clock.now()}
    db.session.add(PanelMember(module_id=hall.modules["theory"].id, user_id=other.id, **seat))
    db.session.commit()
    return other


def test_what_a_replaced_judge_delivers_under_kill_is_kept_aside_each_once(app: Flask, process: Process) -> None:
    hall = make_hall(app, judges=2, codes=("A01",))
    judge, sheet = hall.judges[0], hall.sheet("A01").id
    substitute = make_user(("judge", "event", hall.event.id))
    db.session.commit()
    with transaction() as session:
        member = session.scalars(select(PanelMember).where(PanelMember.user_id == judge.id)).one()
        replace_member(session, member, substitute, "身体不适", by=actor(hall.people["chief_judge"]), at=clock.now())
    keys: dict[int, str] = {}

    def late(caller: Caller, number: int) -> bool:
        key = keys.setdefault(number, new_key())
        status, said = caller.post(f"/api/sheets/{sheet}/revisions", submission(), key)
        assert status in (409, 503), (status, said)
        return bool(said["error"].get("quarantined"))

    worker = Worker(process.port, judge.username, late)
    killed_while(process, [worker])
    print(f"{ROUNDS} kills: {len(worker.done)} late deliveries kept aside")
    assert len(worker.done) > 5
    kept = {each.id: each.key for each in db.session.scalars(select(Quarantine))}
    assert Counter(kept.values()) == Counter(keys[number] for number in worker.done)
    told = db.session.scalars(select(AuditEvent.payload).where(AuditEvent.action == "sheet.keep_aside")).all()
    assert len(told) == len(kept) and db.session.scalars(select(ScoreRevision)).all() == [] and sound() == []


def test_late_deliveries_that_are_taken_under_kill_become_one_revision_each(app: Flask, process: Process) -> None:
    hall = make_hall(app, judges=1, codes=LATE)
    confirm_all(hall)
    judge, chief = hall.client(hall.judges[0]), hall.people["chief_judge"]
    assert act(hall.client(chief), f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201
    for code in LATE:
        assert deliver(judge, hall.sheet(code).id, submission(base=1)).status_code == 409
    late = list(db.session.scalars(select(Quarantine.id).order_by(Quarantine.id)))
    keys = [(new_key(), new_key()) for _ in late]

    def ask(caller: Caller, number: int) -> bool:
        if number > len(late):
            return waited()
        fields = {"reason": "网络中断后补送，当场已写在纸上", "key": keys[number - 1][0]}
        return answered(caller.form(f"/desk/judging/late/{late[number - 1]}/take", fields))

    def consent(caller: Caller, number: int) -> bool:
        if number > len(late):
            return waited()
        with app.app_context():
            asked = db.session.scalar(select(ChangeRequest.id).where(ChangeRequest.quarantine_id == late[number - 1]))
        if asked is None:
            return not waited()
        status, said = caller.post(f"/api/requests/{asked}/approve", {}, keys[number - 1][1])
        assert status in (200, 201, 503), (status, said)
        return status != 503

    supervisor = hall.people["supervisor"].username
    workers = [Worker(process.port, chief.username, ask), Worker(process.port, supervisor, consent)]
    killed_while(process, workers)
    approved = db.session.scalars(select(ChangeRequest.sheet_id).where(ChangeRequest.state == "approved")).all()
    again = db.session.scalars(select(ScoreRevision.sheet_id).where(ScoreRevision.number > 1)).all()
    done = min(len(late), len(workers[1].done))
    print(f"{ROUNDS} kills: {done} late deliveries taken, asked for and consented to")
    assert done > 2 and len(approved) == len(set(approved)) >= done
    assert sorted(again) == sorted(approved) and sound() == []


def waited() -> bool:
    """A moment later; there is nothing to be done."""
    time.sleep(0.05)
    return True
