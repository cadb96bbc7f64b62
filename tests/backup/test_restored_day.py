"""The middle of a day: the server is lost, a copy that is seven hours old is restored, twelve tablets come back. Nothing that
was acknowledged is lost, nothing is doubled; what does not fit is with the chief judge.
"""

import json
import threading
import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from competitions.audit.anchors import anchor_file
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.config import Settings
from competitions.judging.models import Quarantine, ScoreRevision
from tests.backup.places import empty_place, empty_postgres, prepare
from tests.chaos.harness import Caller, Process
from tests.factories_judging import RIGHT, make_hall, submission

JUDGES, CODES, HOURS = 12, ("A01", "A02", "A03"), 7


@dataclass
class Tablet:
    """What a judge's tablet holds: each delivery with its key, body and receipt, and the epoch that it heard last."""

    username: str
    held: list[dict[str, Any]] = field(default_factory=list)
    epoch: str | None = None
    answers: list[int] = field(default_factory=list)
    fault: BaseException | None = None

    def connect(self, port: int) -> Caller:
        """Signed in, with the judge's list."""
        caller = Caller(port, self.username)
        caller.sign_in()
        return caller

    def deliver(self, port: int, revision: int) -> None:
        """The next revision of each of the judge's sheets."""
        caller = self.connect(port)
        for place, line in enumerate(caller.request("GET", "/api/sheets")[1]["sheets"]):
            body = submission({**RIGHT, "A1": str(place + 10 * revision)}, base=revision - 1)
            key = str(uuid.uuid4())
            status, answer = caller.post(f"/api/sheets/{line['id']}/revisions", body, key)
            assert status == 201, answer
            self.held.append({"key": key, "sheet": line["id"], "body": body, **answer})
        self.epoch = caller.epoch

    def come_back(self, port: int) -> None:
        """As the tablet page does: a new epoch, so all that is held is offered again, in order; each twice, as after a lost
        answer.
        """
        try:
            caller = self.connect(port)
            assert caller.epoch not in (None, self.epoch)
            for each in self.held * 2:
                offer = {name: each[name] for name in ("receipt", "revision", "digest", "body")}
                status, answer = caller.post(f"/api/sheets/{each['sheet']}/offers", offer, each["key"])
                self.answers.append(status)
                assert status in (200, 201) and answer["receipt"] == each["receipt"] or answer["error"]["quarantined"]
        except BaseException as fault:  # noqa: BLE001 - told to the test
            self.fault = fault


def at_once(tablets: list[Tablet], port: int) -> None:
    working = [threading.Thread(target=tablet.come_back, args=(port,)) for tablet in tablets]
    for each in working:
        each.start()
    for each in working:
        each.join(120)
    for tablet in tablets:
        if tablet.fault:
            raise tablet.fault


def test_a_copy_of_seven_hours_ago_and_twelve_tablets_lose_nothing_and_double_nothing(
    app: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    place = prepare(app, settings, tmp_path)
    hall = make_hall(app, judges=JUDGES, codes=CODES)
    tablets, server, archive = (
        [Tablet(judge.username) for judge in hall.judges],
        Process(settings),
        tmp_path / "copy.age",
    )
    server.start()
    try:
        for tablet in tablets:
            tablet.deliver(server.port, 1)
        with monkeypatch.context() as earlier:
            then = clock.now() - timedelta(hours=HOURS)
            earlier.setattr(clock, "now", lambda: then)
            assert place.run("create", "--out", str(archive)).exit_code == 0
        for tablet in tablets:
            tablet.deliver(server.port, 2)
        tablets[0].deliver(server.port, 3)
    finally:
        server.kill()
    other = empty_place(place, tmp_path)
    into = other.settings.database_url
    if not settings.is_sqlite:
        into = empty_postgres(request.getfixturevalue("postgres_server"))
    done = place_says(other.run("restore", str(archive), "--into", into))
    assert f"{HOURS} 小时" in done
    after = replace(other.settings, database_url=into)
    server = Process(after)
    server.start()
    try:
        anew = marks_given_anew(tablets[1], server.port)
        at_once(tablets, server.port)
    finally:
        server.kill()
    nothing_lost_nothing_doubled(after, tablets, anew)


def place_says(done: Any) -> str:
    assert done.exit_code == 0, done.output
    return str(done.output)


def marks_given_anew(tablet: Tablet, port: int) -> str:
    """A judge had a second tablet and marked a sheet anew before his first came back; the receipt of that."""
    sheet = tablet.held[0]["sheet"]
    body = submission({**RIGHT, "A1": "1"}, base=1)
    status, answer = tablet.connect(port).post(f"/api/sheets/{sheet}/revisions", body, str(uuid.uuid4()))
    assert status == 201, answer
    return str(answer["receipt"])


def nothing_lost_nothing_doubled(settings: Settings, tablets: list[Tablet], anew: str) -> None:
    engine = create_engine(settings.database_url)
    with Session(engine) as session:
        there = {revision.id: revision.digest for revision in session.scalars(select(ScoreRevision))}
        aside = [json.loads(each.body) for each in session.scalars(select(Quarantine))]
        report = verify(session, at=clock.now(), anchors=anchor_file(settings.instance_path))
    engine.dispose()
    held = {each["receipt"]: each for tablet in tablets for each in tablet.held}
    assert len({each["sheet"] for each in held.values()}) == 36 and len(held) == 36 * 2 + 3
    lost = [each for receipt, each in held.items() if there.get(receipt) != each["digest"]]
    assert [each["body"] for each in lost] == aside and len(aside) == 1
    assert there.keys() == held.keys() - {lost[0]["receipt"]} | {anew}
    assert report.sound, [finding.sentence for finding in report.findings]
