"""Power loss on SQLite: what the server wrote and synced is recorded, and replayed up to a moment, with and without the rest
that was not synced. What was acknowledged before that moment is there, once; the database is whole and the log sound.

Ten cuts here; `POWER_CUTS=200` makes it the long form.
"""

import json
import os
import random
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from competitions.audit.anchors import anchor_file
from competitions.audit.findings import Finding
from competitions.audit.verification import verify
from competitions.base import clock, file_store
from competitions.base.config import Settings
from competitions.base.database import db
from competitions.judging.models import Quarantine, ScoreRevision
from competitions.judging.signing.models import ModuleSignature
from tests.chaos.harness import Caller, Judge, Process, run_judges
from tests.chaos.power import STRACE, Call, Disk, calls_of, moments
from tests.factories_judging import Hall, make_hall, new_key, submission

CUTS = int(os.environ.get("POWER_CUTS", "10"))
SECONDS = 3.0 if CUTS <= 10 else 12.0
RECEIPT = re.compile(rb'"receipt": ?"([0-9a-f-]{36})"')
SIGNED = re.compile(rb'"paper_code": ?"')
LATE = re.compile(rb'"quarantined": ?true')
SCAN = b"%PDF-1.4\n%%EOF\n"

pytestmark = [pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")]


class LateJudge(threading.Thread):
    """A judge whose sheets are confirmed and signed, with a scan of the signed paper; what he delivers afterwards is kept
    aside. `keys`: what he was told is kept aside, in that order.
    """

    def __init__(self, port: int, halls: list[Hall]) -> None:
        super().__init__(daemon=True)
        self.stopping, self.keys, self.fault = threading.Event(), list[str](), None
        self.work = [
            (
                *[Caller(port, hall.people[name].username) for name in ("checker", "chief_judge")],
                Caller(port, hall.judges[0].username),
                hall.sheet("A01").id,
                hall.modules["practice"].id,
            )
            for hall in halls
        ]

    def run(self) -> None:
        """Sign one hall after the other, then deliver late until told to stop."""
        try:
            for checker, chief, judge, sheet, module in self.work:
                for caller in (checker, chief, judge):
                    caller.sign_in()
                assert judge.post(f"/api/sheets/{sheet}/revisions", submission(), new_key())[0] == 201
                assert checker.post(f"/api/sheets/{sheet}/confirm", {}, new_key())[0] == 201
                assert chief.post(f"/api/modules/{module}/sign", {}, new_key())[0] == 201
                self._attach(chief, module)
                self._late(judge, sheet)
            while not self.stopping.is_set():
                self._late(self.work[0][2], self.work[0][3])
        except BaseException as fault:  # noqa: BLE001 - told to the test
            self.fault = fault

    def _attach(self, chief: Caller, module: str) -> None:
        assert chief.form(f"/desk/modules/{module}/scans", {}, ("a.pdf", SCAN + module.encode())) == 303

    def _late(self, judge: Caller, sheet: str) -> None:
        key = new_key()
        status, said = judge.post(f"/api/sheets/{sheet}/revisions", submission(base=1), key)
        assert status == 409 and said["error"]["quarantined"], said
        self.keys.append(key)


@dataclass
class Recorded:
    """A stretch of work: how it was before, what the server did, which late keys it acknowledged in their order."""

    before: dict[str, Path]
    calls: list[Call]
    late: list[str]
    digests: dict[str, str]


@dataclass
class Found:
    """What the cuts came to."""

    cuts: int = 0
    acknowledged: int = 0
    faults: list[str] = field(default_factory=list)


def record(app: Flask, settings: Settings, process: Process, place: Path, weakness: str = "") -> Recorded:
    """Judges work on a server under strace, until it is killed."""
    hall, others = make_hall(app, judges=3), [make_hall(app, judges=1, codes=("A01",)) for _ in range(3)]
    late, names = LateJudge(process.port, others), [judge.username for judge in hall.judges]
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    db.session.remove()
    db.engine.dispose()
    # the database lies in a folder of its own, which is all that is replayed beside the instance's
    before = {str(path.parent / "data"): place / "data", str(settings.instance_path): place / "instance"}
    (path.parent / "data").mkdir()
    shutil.copyfile(path, path.parent / "data" / "case.sqlite")
    shutil.copytree(path.parent / "data", place / "data")
    shutil.copytree(settings.instance_path, place / "instance", ignore=shutil.ignore_patterns("compiled-templates"))
    process.environment["DATABASE_URL"] = f"sqlite:///{path.parent}/data/case.sqlite"
    process.start(weakness, before=[*STRACE, str(place / "trace")])
    judges = [Judge(process.port, name, place / f"ledger-{name}") for name in names]
    late.start()
    run_judges(judges, SECONDS)
    late.stopping.set()
    late.join(60)
    assert late.fault is None, late.fault
    process.kill()
    shutil.rmtree(path.parent / "data")
    lines = [json.loads(line) for file in place.glob("ledger-*") for line in file.read_text().splitlines()]
    return Recorded(before, calls_of(place / "trace"), late.keys, {each["receipt"]: each["digest"] for each in lines})


def replay(recorded: Recorded, place: Path, cuts: int, seed: int) -> Found:
    """Cut the power at so many moments, and look at what is there after each."""
    chance, disk, found = random.Random(seed), Disk(recorded.before), Found()
    receipts: list[str] = []
    late = signed = 0
    chosen = moments(recorded.calls, cuts, chance)
    for number, call in enumerate(recorded.calls):
        disk.does(number, call)
        if call.what == "sent":
            receipts += [each.decode() for each in RECEIPT.findall(call.data)]
            late += len(LATE.findall(call.data))
            signed += len(SIGNED.findall(call.data))
        if number not in chosen:
            continue
        folders = dict(zip(recorded.before, (place / "cut-data", place / "cut-instance"), strict=True))
        disk.cut(chosen[number], chance, folders)
        wrong = examined(*folders.values(), receipts, recorded, recorded.late[:late], signed)
        found.faults += [f"call {number} ({call.what}), {chosen[number]} of the rest: {each}" for each in wrong]
        found.cuts, found.acknowledged = found.cuts + 1, found.acknowledged + len(set(receipts)) + late
        for folder in folders.values():
            shutil.rmtree(folder, ignore_errors=True)
    return found


def examined(
    data: Path, instance: Path, receipts: list[str], recorded: Recorded, late: list[str], signed: int
) -> list[str]:
    """What is wrong with a database after a cut."""
    instance.mkdir(exist_ok=True)
    file_store.install(instance / "files")
    engine = create_engine(f"sqlite:///{data / 'case.sqlite'}")
    try:
        with Session(engine) as session:
            whole = session.execute(text("PRAGMA integrity_check")).scalar()
            revisions = list(session.scalars(select(ScoreRevision)))
            aside = Counter(session.scalars(select(Quarantine.key)))
            lack = session.scalars(select(ModuleSignature.id)).all()[
                signed:
            ]  # its answer was not sent: an anchor may lack
            report = verify(session, at=clock.now(), anchors=anchor_file(instance))
    except Exception as fault:  # noqa: BLE001 - a database that cannot be read is what is looked for
        return [f"{type(fault).__name__}: {fault}"]
    finally:
        engine.dispose()
    there = {revision.id: revision.digest for revision in revisions}
    notes = Counter(json.loads(revision.notes).get("A1") or revision.id for revision in revisions)
    wrong = [] if whole == "ok" else [f"integrity: {whole}"]
    wrong += [f"lost: {receipt}" for receipt in receipts if not there.get(receipt)]
    wrong += [f"another: {each}" for each, digest in recorded.digests.items() if there.get(each, digest) != digest]
    wrong += [f"doubled: {key}" for key, times in (notes + aside).items() if times > 1]
    wrong += [f"lost, late: {key}" for key in late if key not in aside]
    return wrong + [
        f"verify: {finding.code} {finding.sentence}" for finding in report.findings if is_bad(finding, bool(lack))
    ]


def is_bad(finding: Finding, is_signing: bool) -> bool:
    """A fault, or an anchor that should be there; while a signature is under way it may lack."""
    return finding.is_fault or finding.code == "ANCHOR_LACKING" and not is_signing


@pytest.fixture
def process(app: Flask, settings: Settings) -> Iterator[Process]:
    if not settings.is_sqlite:
        pytest.skip("PostgreSQL writes in its own processes, which are not traced")
    running, kept = Process(settings), file_store.store().folder
    yield running
    running.kill()
    file_store.install(kept)


def test_a_power_cut_at_any_moment_loses_and_doubles_nothing_acknowledged(
    app: Flask, settings: Settings, process: Process, tmp_path: Path
) -> None:
    recorded, seed = record(app, settings, process, tmp_path), time.time_ns()
    found = replay(recorded, tmp_path, CUTS, seed)
    done = Counter(call.what for call in recorded.calls)
    print(
        f"{found.cuts} cuts, {found.acknowledged} receipts looked for, {len(found.faults)} faults; recorded: {dict(done)}"
    )
    assert found.cuts == CUTS and len(recorded.digests) > 10 and recorded.late and done["synced"] > 20
    assert found.faults == [], (seed, found.faults[:10], len(found.faults))


def test_the_replay_sees_a_build_that_does_not_sync_lose_what_it_acknowledged(
    app: Flask, settings: Settings, process: Process, tmp_path: Path
) -> None:
    found = replay(record(app, settings, process, tmp_path, "unsynced"), tmp_path, 10, 1)
    assert any("lost" in fault for fault in found.faults), found
