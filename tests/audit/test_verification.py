"""Whoever tampers with the log is found: every kind of change by raw SQL, on both databases, with the first bad record."""

import json
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from competitions.audit import action_words, triggers, verification
from competitions.audit import anchors as anchors_module
from competitions.audit.anchors import anchor_file, write_anchor
from competitions.audit.findings import Finding, first_bad
from competitions.audit.verification import register_check, verify
from competitions.base import clock
from competitions.base.database import db, write_intent
from tests.audit.recording import head, record, transaction

RECORDS = 12


@pytest.fixture
def chain(app: Flask) -> Flask:
    """A chain of twelve records, three in each transaction."""
    for start in range(0, RECORDS, 3):
        with transaction():
            for number in range(start, start + 3):
                record("test.act", "thing", f"thing-{number}", by=None, at=clock.now(), after={"number": number})
    return app


def tamper(*statements: str) -> None:
    """What somebody who owns the database does: switch the triggers off, change rows, put the triggers back."""
    db.session.rollback()
    token = write_intent.set(True)
    with db.engine.begin() as connection:
        for table in ("audit_event",):
            for kind in ("update", "delete", "replace", "change", "truncate"):
                drop = f"DROP TRIGGER IF EXISTS {table}_no_{kind}"
                connection.execute(text(drop if connection.dialect.name == "sqlite" else f"{drop} ON {table}"))
        for statement in statements:
            connection.execute(text(statement))
        triggers.install(connection)
    write_intent.reset(token)


def found(**options: Any) -> list[tuple[str, int | None]]:
    db.session.rollback()
    report = verify(db.session(), at=clock.now(), **options)
    db.session.rollback()
    return [(finding.code, finding.seq) for finding in report.findings if finding.is_fault]


def test_an_untouched_chain_is_sound(chain: Flask) -> None:
    report = verify(db.session(), at=clock.now())
    assert report.sound and report.records == RECORDS and (report.seq, report.hash) == head(db.session())


def test_an_empty_chain_is_sound(app: Flask) -> None:
    assert verify(db.session(), at=clock.now()).sound


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE audit_event SET payload = replace(payload, 'thing-4', 'thing-9') WHERE seq = 5", ("HASH_MISMATCH", 5)),
        ("UPDATE audit_event SET at_us = at_us + 1 WHERE seq = 7", ("HASH_MISMATCH", 7)),
        (
            "UPDATE audit_event SET prev_hash = replace(prev_hash, substr(prev_hash, 1, 1), 'x') WHERE seq = 6",
            ("PREV_MISMATCH", 6),
        ),
        ("UPDATE audit_event SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE seq = 3", ("HASH_MISMATCH", 3)),
        ("UPDATE audit_event SET key_id = 'b2' WHERE seq = 4", ("KEY_UNKNOWN", 4)),
        ("UPDATE audit_event SET action = 'other.act' WHERE seq = 8", ("COLUMN_MISMATCH", 8)),
        ("UPDATE audit_event SET object_id = 'thing-0' WHERE seq = 9", ("COLUMN_MISMATCH", 9)),
        ("UPDATE audit_event SET by_id = 'somebody' WHERE seq = 2", ("COLUMN_MISMATCH", 2)),
        ("DELETE FROM audit_event WHERE seq = 6", ("GAP", 6)),
        ("DELETE FROM audit_event WHERE seq = 1", ("GAP", 1)),
        ("DELETE FROM audit_event WHERE seq BETWEEN 4 AND 7", ("GAP", 4)),
    ],
)
def test_a_changed_or_deleted_record_is_named(chain: Flask, statement: str, expected: tuple[str, int]) -> None:
    tamper(statement)
    first = min(found(), key=lambda finding: finding[1] or 0)
    assert first == expected


def test_two_records_that_were_swapped_are_found(chain: Flask) -> None:
    tamper(
        "UPDATE audit_event SET seq = 99 WHERE seq = 4",
        "UPDATE audit_event SET seq = 4 WHERE seq = 9",
        "UPDATE audit_event SET seq = 9 WHERE seq = 99",
    )
    assert min(seq or 0 for _, seq in found()) == 4


def test_a_replaced_record_with_a_hash_of_a_guessed_key_is_found(chain: Flask) -> None:
    tamper(
        "DELETE FROM audit_event WHERE seq = 5",
        "INSERT INTO audit_event (seq, prev_hash, hash, at_us, key_id, payload, action, object_kind) "
        f"SELECT 5, hash, '{'f' * 64}', at_us, 'a1', '{{}}', 'test.act', 'thing' FROM audit_event WHERE seq = 4",
    )
    assert ("HASH_MISMATCH", 5) in found() and ("PREV_MISMATCH", 6) in found()


def test_a_record_that_follows_an_earlier_one_is_called_a_fork(chain: Flask) -> None:
    tamper("UPDATE audit_event SET prev_hash = (SELECT hash FROM audit_event WHERE seq = 3) WHERE seq = 8")
    assert ("FORK", 8) in found()


def test_a_cut_off_end_is_found_by_an_anchor_only(chain: Flask, tmp_path: Path) -> None:
    anchors = anchor_file(tmp_path)
    db.session.rollback()
    write_anchor(db.session(), anchors, reason="module.sign", at=clock.now())
    assert found(anchors=anchors) == []
    tamper("DELETE FROM audit_event WHERE seq > 9")
    assert found() == []
    assert found(anchors=anchors) == [("TRUNCATED", 10)]


def test_a_chain_rebuilt_with_the_key_does_not_match_its_anchors(chain: Flask, tmp_path: Path) -> None:
    anchors = anchor_file(tmp_path)
    db.session.rollback()
    write_anchor(db.session(), anchors, reason="manual", at=clock.now())
    tamper("DELETE FROM audit_event WHERE seq > 9")
    with transaction():
        for _ in range(3):
            record("test.other", "thing", None, by=None, at=clock.now())
    assert found(anchors=anchors) == [("ANCHOR_MISMATCH", 12)]


def test_an_anchor_file_is_only_added_to(chain: Flask, tmp_path: Path) -> None:
    db.session.rollback()
    for reason in ("one", "two"):
        write_anchor(db.session(), anchor_file(tmp_path), reason=reason, at=clock.now())
    lines = anchor_file(tmp_path).read_text().splitlines()
    assert [json.loads(line)["reason"] for line in lines] == ["one", "two"]
    assert {json.loads(line)["seq"] for line in lines} == {RECORDS}
    anchor_file(tmp_path).write_text("\n".join([lines[0], "{broken", lines[1]]))
    assert found(anchors=anchor_file(tmp_path)) == [("ANCHOR_UNREADABLE", None)]


@pytest.mark.parametrize("left", ['{"seq": 1', "\0\0\0\0"])
def test_a_line_that_a_power_cut_left_unfinished_is_said_to_be_that_and_spoils_no_later_anchor(
    chain: Flask, tmp_path: Path, left: str
) -> None:
    anchors = anchor_file(tmp_path)
    anchors.write_text(left)
    for _ in range(2):
        report = verify(db.session(), at=clock.now(), anchors=anchors)
        said = [each.code for each in report.findings if each.code != "DB_SETTING_WEAK"]
        assert report.sound and said == ["ANCHOR_UNFINISHED"]
        db.session.rollback()
        write_anchor(db.session(), anchors, reason="manual", at=clock.now())
    tamper("DELETE FROM audit_event WHERE seq > 9")
    assert found(anchors=anchors) == [("TRUNCATED", 10)]


def test_the_name_of_a_new_file_of_anchors_survives_a_power_cut(
    chain: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(anchors_module, "sync_folder", synced.append)
    for _ in range(2):
        write_anchor(db.session(), anchor_file(tmp_path), reason="manual", at=clock.now())
    assert synced == [tmp_path]


def test_an_act_that_must_not_be_undone_unseen_writes_an_anchor_by_itself(
    chain: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = anchor_file(chain.extensions["settings"].instance_path)
    monkeypatch.setattr(action_words, "ANCHORED", action_words.ANCHORED | {"test.seal"})
    monkeypatch.setattr(anchors_module, "ANCHORED", action_words.ANCHORED)
    assert not file.exists()
    with transaction():
        record("test.seal", "thing", None, by=None, at=clock.now())
    (line,) = file.read_text().splitlines()
    assert json.loads(line)["seq"] == RECORDS + 1 and json.loads(line)["reason"] == "test.seal"
    tamper(f"DELETE FROM audit_event WHERE seq > {RECORDS}")
    assert found(anchors=file) == [("TRUNCATED", RECORDS + 1)]


def test_an_anchor_that_should_be_there_and_is_not_asks_for_attention(
    chain: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchors_module, "ANCHORED", {"test.seal"})
    file = anchor_file(chain.extensions["settings"].instance_path)
    with transaction():
        record("test.seal", "thing", None, by=None, at=clock.now())
    file.unlink()
    report = verify(db.session(), at=clock.now(), anchors=file)
    lacking = [finding for finding in report.findings if finding.code == "ANCHOR_LACKING"]
    assert report.sound and [finding.seq for finding in lacking] == [RECORDS + 1]


def test_a_folder_that_takes_no_anchor_does_not_undo_the_act(
    chain: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(anchors_module, "ANCHORED", {"test.seal"})
    (tmp_path / "file").touch()
    monkeypatch.setattr(anchors_module, "_file", [tmp_path / "file" / "anchors.jsonl"])
    with transaction():
        record("test.seal", "thing", None, by=None, at=clock.now())
    assert head(db.session())[0] == RECORDS + 1


def test_verification_from_a_record_on_leaves_the_earlier_ones_alone(chain: Flask) -> None:
    tamper("UPDATE audit_event SET payload = '{}' WHERE seq = 2")
    assert found(start=4) == [] and ("HASH_MISMATCH", 2) in found(start=2)
    tamper("DELETE FROM audit_event WHERE seq = 6")
    assert ("GAP", 6) in found(start=7)


def test_a_time_in_the_future_asks_for_attention_without_breaking_the_chain(app: Flask) -> None:
    with transaction():
        record("test.act", "thing", None, by=None, at=clock.now().replace(year=2099))
    report = verify(db.session(), at=clock.now())
    assert report.sound and "FUTURE_TIME" in [finding.code for finding in report.findings]


def test_a_missing_trigger_is_named(chain: Flask) -> None:
    token = write_intent.set(True)
    with db.engine.begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.execute(
            text(
                "DROP TRIGGER audit_event_no_update"
                if sqlite
                else "ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change"
            )
        )
    write_intent.reset(token)
    report = verify(db.session(), at=clock.now())
    assert not report.sound
    assert [finding.place for finding in report.findings if finding.code == "TRIGGER_MISSING"] == [
        ("trigger", "audit_event_no_update" if sqlite else "audit_event_no_change")
    ]
    db.session.rollback()


def attack(statement: str) -> None:
    token = write_intent.set(True)
    try:
        with db.engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        write_intent.reset(token)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET payload = '{}' WHERE seq = 2",
        "UPDATE audit_event SET seq = 40 WHERE seq = 2",
        "DELETE FROM audit_event WHERE seq = 12",
        "DELETE FROM audit_event",
    ],
)
def test_triggers_hold_against_change_and_deletion(chain: Flask, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        attack(statement)
    assert found() == []


def test_triggers_hold_against_replacing_and_emptying(chain: Flask) -> None:
    columns = "seq, prev_hash, hash, at_us, key_id, payload, action, object_kind"
    if db.engine.dialect.name == "sqlite":
        for fresh in (
            f"SELECT 3, prev_hash, '{'e' * 64}', 0, 'a1', '{{}}', '', '' FROM audit_event WHERE seq = 3",
            "SELECT 77, prev_hash, hash, 0, 'a1', '{}', '', '' FROM audit_event WHERE seq = 3",
        ):
            with pytest.raises(DBAPIError, match="append-only"):
                attack(f"INSERT OR REPLACE INTO audit_event ({columns}) {fresh}")
    else:
        with pytest.raises(DBAPIError, match="append-only"):
            attack("TRUNCATE audit_event")
        with pytest.raises(DBAPIError, match="append-only"):
            attack(
                f"INSERT INTO audit_event ({columns}) SELECT 3, prev_hash, hash, 0, 'a1', '{{}}', '', '' FROM audit_event "
                "WHERE seq = 3 ON CONFLICT (seq) DO UPDATE SET payload = '{}'"
            )
    assert found() == []


def test_a_check_of_another_feature_is_part_of_verification(chain: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "_checks", {})
    register_check(
        "projections",
        lambda session: [Finding("PROJECTION_MISMATCH", place=("score_sheet", "x"), message="合计不符。")],
    )
    report = verify(db.session(), at=clock.now())
    bad = first_bad(report.findings)
    assert not report.sound and bad is not None and bad.place == ("score_sheet", "x") and "projections" in report.checks
    assert verify(db.session(), at=clock.now(), chain_only=True).sound


def test_a_check_that_stumbles_is_a_finding_and_not_a_crash(chain: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "_checks", {})
    broken: Callable[[Any], Any] = lambda session: json.loads("{")  # noqa: E731
    register_check("broken", broken)
    report = verify(db.session(), at=clock.now())
    assert [finding.code for finding in report.findings if finding.is_fault] == ["CHECK_FAILED"]


def test_the_command_answers_by_exit_status_and_names_the_first_bad_record(chain: Flask) -> None:
    run = chain.test_cli_runner()
    right = run.invoke(args=["audit", "verify", "--json"])
    assert right.exit_code == 0 and json.loads(right.output)["records"] == RECORDS
    tamper("DELETE FROM audit_event WHERE seq = 11", "UPDATE audit_event SET at_us = 0 WHERE seq = 5")
    wrong = run.invoke(args=["audit", "verify", "--json"])
    assert wrong.exit_code == 1 and json.loads(wrong.output)["first_bad"]["seq"] == 5
    assert "第 5 条" in run.invoke(args=["audit", "verify"]).output
    assert run.invoke(args=["audit", "verify", "--chain", "--from", "6"]).exit_code == 1
    assert run.invoke(args=["audit", "verify", "--chain", "--from", "12"]).exit_code == 1


def test_the_command_says_when_it_cannot_check(chain: Flask, tmp_path: Path) -> None:
    run = chain.test_cli_runner()
    missing = run.invoke(args=["audit", "verify", "--json", "--anchors", str(tmp_path / "none.jsonl")])
    assert missing.exit_code == 2 and json.loads(missing.output)["sound"] is None
    db.session.rollback()
    token = write_intent.set(True)
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE audit_event"))
    write_intent.reset(token)
    gone = run.invoke(args=["audit", "verify"])
    assert gone.exit_code == 2 and "无法核验" in gone.output


def test_the_anchor_command_writes_beside_the_database(chain: Flask) -> None:
    file = anchor_file(chain.extensions["settings"].instance_path)
    file.unlink(missing_ok=True)
    assert chain.test_cli_runner().invoke(args=["audit", "anchor", "--reason", "day"]).exit_code == 0
    assert json.loads(file.read_text())["seq"] == RECORDS
    file.unlink()


def test_eight_writers_at_once_make_one_chain(app: Flask) -> None:
    faults: list[BaseException] = []

    def append(writer: int) -> None:
        try:
            with app.app_context():
                for number in range(5):
                    with transaction():
                        record("test.act", "thing", f"{writer}-{number}", by=None, at=clock.now())
        except BaseException as fault:  # noqa: BLE001 - shown by the assertion below
            faults.append(fault)

    writers = [Thread(target=append, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not faults and found() == [] and head(db.session())[0] == 40
