"""An archive is made, looked at and restored, on both databases and from one to the other; what is damaged, foreign or
comes to a place that is not empty changes nothing.
"""

import gzip
import json
import sqlite3
import stat
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from competitions.accounts.models import ActivationCode, SignIn
from competitions.app import create_app
from competitions.audit.anchors import anchor_file, write_anchor
from competitions.audit.models import AuditEvent
from competitions.audit.verification import verify
from competitions.backup import age, copying, workplaces
from competitions.backup.archive import unpack
from competitions.base import clock, keyring
from competitions.base.config import Settings, from_environment
from competitions.base.database import db
from competitions.base.installation import Installation
from tests.backup.places import WORDS, Place, empty_place, empty_postgres, prepare
from tests.factories_judging import Hall, deliver, make_hall, submission


@pytest.fixture
def place(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Place]:
    """An installation in use: a hall with delivered sheets."""
    yield prepare(app, settings, tmp_path)


@pytest.fixture
def hall(place: Place) -> Hall:
    """Judges who have delivered one sheet."""
    hall = make_hall(place.app, judges=2)
    deliver(hall.client(hall.judges[0]), hall.sheet("A01").id)
    return hall


def archived(place: Place, tmp_path: Path, name: str = "copy.age") -> Path:
    out = tmp_path / name
    done = place.run("create", "--out", str(out))
    assert done.exit_code == 0, done.output
    return out


def restored(place: Place, archive: Path, into: str | None = None, *more: str) -> str:
    """What the command says of a restore that is sound."""
    done = place.run("restore", str(archive), "--into", into or place.settings.database_url, *more)
    assert done.exit_code == 0, done.output
    return done.output


def refused(place: Place, archive: Path, *more: str, into: str | None = None) -> str:
    """What it says of one that is refused; nothing was written where it would have gone."""
    before = contents(place)
    done = place.run("restore", str(archive), "--into", into or place.settings.database_url, *more)
    assert done.exit_code == 1 and contents(place) == before, done.output
    return done.output


def contents(place: Place) -> set[str]:
    instance = place.settings.instance_path
    return {str(path.relative_to(instance)) for path in instance.rglob("*") if path.name != ".backup.lock"}


def rows(address: str) -> dict[str, copying.Measure]:
    """All tables of a database, but for what a restore changes."""
    engine = create_engine(address)
    with engine.connect() as connection:
        found = copying.measured(connection)
    engine.dispose()
    return {name: each for name, each in found.items() if name not in ("installation", "sign_in", "audit_event")}


def test_a_restored_copy_has_every_row_every_file_and_both_verifications_sound(
    place: Place, hall: Hall, tmp_path: Path
) -> None:
    archive = archived(place, tmp_path)
    before = rows(place.settings.database_url)
    other = empty_place(place, tmp_path)
    said = restored(other, archive)
    assert "readyz：就绪" in said and "审计核验：通过" in said and "成绩核验：通过" in said
    assert rows(other.settings.database_url) == before and before["score_revision"][0] == 1
    names = {path.name for path in place.settings.files_path.glob("??/*")}
    assert {path.name for path in other.settings.files_path.glob("??/*")} == names and len(names) == 2


def test_the_same_archive_goes_from_either_database_to_the_other_and_back(
    place: Place, hall: Hall, tmp_path: Path, postgres_server: str
) -> None:
    before = rows(place.settings.database_url)
    archive, address = archived(place, tmp_path), empty_postgres(postgres_server)
    there = empty_place(place, tmp_path)
    restored(there, archive, address)
    assert rows(address) == before
    engine = create_engine(address)
    copying.copied(engine, tmp_path / "back.sqlite")
    engine.dispose()
    assert rows(f"sqlite:///{tmp_path / 'back.sqlite'}") == before


def test_a_restore_gives_a_new_epoch_ends_sign_ins_and_voids_codes(place: Place, hall: Hall, tmp_path: Path) -> None:
    judge = hall.judges[0].id
    db.session.rollback()
    code = ActivationCode(user_id=judge, code_hash="0" * 64, expires_at=clock.now() + timedelta(hours=1))
    db.session.add(code)
    db.session.commit()
    archive, other = archived(place, tmp_path), empty_place(place, tmp_path)
    restored(other, archive)
    engine = create_engine(other.settings.database_url)
    with Session(engine) as session:
        epoch = session.scalar(select(Installation.epoch))
        assert epoch != db.session.scalar(select(Installation.epoch))
        assert session.scalar(select(func.count()).select_from(SignIn)) == 1
        assert not session.scalar(select(func.count()).where(SignIn.revoked_at.is_(None)))
        assert session.scalars(select(ActivationCode.expires_at)).one() <= clock.now()
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc()).limit(1)).one()
        told = json.loads(last.payload)
        assert told["action"] == "audit.restore" and told["after"]["epoch"] == epoch
    engine.dispose()


def test_an_archive_is_encrypted_and_its_owners_alone_and_nothing_else_is_left(
    place: Place, hall: Hall, tmp_path: Path
) -> None:
    archive = archived(place, tmp_path)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    content = archive.read_bytes()
    assert (
        content.startswith(b"age-encryption.org/v1\n-> scrypt ") and b"SQLite" not in content and b"A01" not in content
    )
    assert {path.name for path in tmp_path.iterdir()} == {"pass", "copy.age", workplaces._LOCK}
    assert place.run("check", str(archive)).output.endswith("备份完整。\n")


def test_what_is_written_for_a_public_key_opens_with_the_private_one_only(
    place: Place, hall: Hall, tmp_path: Path
) -> None:
    made = [place.run("new-key", "--out", str(tmp_path / name)) for name in ("own.key", "other.key")]
    public = made[0].stdout.strip().removeprefix("BACKUP_RECIPIENT=")
    archive = tmp_path / "copy.age"
    assert place.run("create", "--out", str(archive), "--recipient", public).exit_code == 0
    assert place.run("check", str(archive), "--identity", str(tmp_path / "own.key")).exit_code == 0
    for wrong in (["--identity", str(tmp_path / "other.key")], []):
        done = place.run("check", str(archive), *wrong)
        assert done.exit_code == 1 and "打不开" in done.output


def test_judges_deliver_while_an_archive_is_made_and_what_it_holds_is_of_one_moment(
    place: Place, hall: Hall, tmp_path: Path
) -> None:
    judge, sheet, delivered = hall.client(hall.judges[1]), hall.sheet("A01", 1).id, list[int]()
    stop = threading.Event()

    def deliver_on() -> None:
        while not stop.is_set():
            delivered.append(deliver(judge, sheet, submission(base=len(delivered))).status_code)

    working = threading.Thread(target=deliver_on)
    working.start()
    try:
        archives = [archived(place, tmp_path, f"{number}.age") for number in range(3)]
    finally:
        stop.set()
        working.join()
    assert set(delivered) == {201} and len(delivered) > 3
    for number, archive in enumerate(archives):
        restored(empty_place(place, tmp_path, name=f"there{number}"), archive)


def test_keys_come_from_their_own_file_to_a_place_that_has_none(place: Place, hall: Hall, tmp_path: Path) -> None:
    archive, held = archived(place, tmp_path), tmp_path / "keys.age"
    assert place.run("keys", "--out", str(held)).exit_code == 0
    other = empty_place(place, tmp_path, keys=False)
    assert "还缺密钥文件" in refused(other, archive)
    restored(other, archive, None, "--keys", str(held))
    for ours, theirs in (("keyring_file", "keyring_file"), ("audit_key_file", "audit_key_file")):
        path = getattr(other.settings, theirs)
        assert path.read_text().split() == getattr(place.settings, ours).read_text().split()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keys_that_are_not_the_archives_are_refused(place: Place, hall: Hall, tmp_path: Path) -> None:
    archive, other = archived(place, tmp_path), empty_place(place, tmp_path, keys=False)
    keyring.load(other.settings.keyring_file)
    other.settings.audit_key_file.write_text(place.settings.audit_key_file.read_text())
    assert "KEYRING_FILE" in refused(other, archive)
    other.settings.keyring_file.write_text(place.settings.keyring_file.read_text())
    other.settings.audit_key_file.write_text("ab" * 32)
    assert "AUDIT_KEY_FILE" in refused(other, archive)


def test_a_command_that_seals_nothing_leaves_no_keys_behind(tmp_path: Path) -> None:
    settings = from_environment({"INSTANCE_PATH": str(tmp_path / "new")})
    create_app(settings)
    assert not settings.keyring_file.exists() and not settings.audit_key_file.exists()


def test_a_place_that_is_not_empty_is_left_as_it_is(place: Place, hall: Hall, tmp_path: Path) -> None:
    archive, other = archived(place, tmp_path), empty_place(place, tmp_path)
    assert "不是空的" in refused(other, archive, into=place.settings.database_url)
    (other.settings.files_path / "ab").mkdir(parents=True)
    (other.settings.files_path / "ab" / "abc").touch()
    assert "FILES_PATH" in refused(other, archive)


@pytest.mark.parametrize("where", [0.0005, 0.5, 0.999])
def test_a_damaged_archive_changes_nothing(place: Place, hall: Hall, tmp_path: Path, where: float) -> None:
    archive, other = archived(place, tmp_path), empty_place(place, tmp_path)
    content = bytearray(archive.read_bytes())
    content[int(len(content) * where)] ^= 1
    archive.write_bytes(content)
    said = refused(other, archive)
    assert "没有作任何改动" in said


def test_an_archive_that_does_not_hold_what_its_manifest_says_changes_nothing(
    place: Place, hall: Hall, tmp_path: Path
) -> None:
    archive, other, parts = archived(place, tmp_path), empty_place(place, tmp_path), tmp_path / "parts"
    parts.mkdir()
    unpack(archive, age.PassPhrase(WORDS), parts)
    (parts / "settings.json").write_text("{}")
    archive.unlink()
    with (
        archive.open("wb") as out,
        age.Sealing(out, age.PassPhrase(WORDS)) as sealing,
        gzip.GzipFile(fileobj=sealing, mode="wb") as packed,
        tarfile.open(mode="w|", fileobj=packed) as tar,
    ):
        for path in parts.rglob("*"):
            if path.is_file():
                tar.add(path, str(path.relative_to(parts)))
    assert "settings.json" in refused(other, archive)


@pytest.mark.parametrize("left", [0, 10, 300, -1, -70_000])
def test_an_archive_that_was_cut_off_changes_nothing(place: Place, hall: Hall, tmp_path: Path, left: int) -> None:
    archive, other = archived(place, tmp_path), empty_place(place, tmp_path)
    archive.write_bytes(archive.read_bytes()[:left])
    assert "没有作任何改动" in refused(other, archive)


def test_a_foreign_file_is_named_as_such(place: Place, tmp_path: Path) -> None:
    other, foreign = empty_place(place, tmp_path), tmp_path / "foreign.age"
    foreign.write_bytes(b"PK\x03\x04 something else")
    assert "不是本系统的备份" in refused(other, foreign)
    with foreign.open("wb") as out, age.Sealing(out, age.PassPhrase(WORDS)) as sealing:
        sealing.write(b"encrypted, and no archive")
    assert "没有作任何改动" in refused(other, foreign)
    assert "没有这个文件" in refused(other, tmp_path / "missing.age")


def test_an_archive_of_a_newer_version_waits_for_it(place: Place, tmp_path: Path) -> None:
    db.session.rollback()
    db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    db.session.commit()
    assert "9999" in refused(empty_place(place, tmp_path), archived(place, tmp_path))


def test_the_log_of_a_database_that_crashed_is_not_replayed_into_the_copy(
    place: Place, hall: Hall, tmp_path: Path
) -> None:
    archive, other = archived(place, tmp_path), empty_place(place, tmp_path)
    file = other.settings.instance_path / "db.sqlite"
    crashed = tmp_path / "crashed.sqlite"
    with closing(sqlite3.connect(crashed)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE score_sheet (id TEXT)")
        connection.executemany("INSERT INTO score_sheet VALUES (?)", [(str(n),) for n in range(5000)])
        connection.commit()
        for end in ("-wal", "-shm"):
            file.with_name(file.name + end).write_bytes(Path(f"{crashed}{end}").read_bytes())
    said = restored(other, archive)
    assert said.count("旧文件已移开") == 2 and copying.faults(file) == []
    moved = sorted(path.name for path in file.parent.glob("db.sqlite-*.2*"))
    assert [name.split(".")[1][:10] for name in moved] == ["sqlite-shm", "sqlite-wal"]


def test_only_the_newest_archives_are_kept_and_other_files_stay(place: Place, tmp_path: Path) -> None:
    folder = place.settings.backup_path
    folder.mkdir()
    for name in ("jingsai-20200101-000000.age", "jingsai-20200102-000000.age", "notes.txt"):
        (folder / name).touch()
    assert place.run("create", "--keep", "2").exit_code == 0
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    assert len(names) == 3 and names[0] == "jingsai-20200102-000000.age" and names[2] == "notes.txt"


def test_without_a_key_nothing_is_made(place: Place, tmp_path: Path) -> None:
    place.settings = replace(place.settings, backup_pass_file=None)
    done = place.run("create", "--out", str(tmp_path / "copy.age"))
    assert done.exit_code == 1 and "BACKUP_RECIPIENT" in done.output and not (tmp_path / "copy.age").exists()


def test_what_a_killed_process_left_is_cleared_and_two_do_not_work_at_once(place: Place, tmp_path: Path) -> None:
    left = tmp_path / ".backup-left"
    left.mkdir()
    (left / "database.sqlite").write_bytes(b"people")
    with workplaces.workplace(tmp_path):
        assert not left.exists()
        assert "另一份备份正在制作" in place.run("create", "--out", str(tmp_path / "copy.age")).output


def test_anchors_beyond_a_restored_copy_are_explained_and_others_are_not(
    place: Place, hall: Hall, tmp_path: Path
) -> None:
    archive, other = archived(place, tmp_path), empty_place(place, tmp_path)
    for number in range(3):
        deliver(hall.client(hall.judges[0]), hall.sheet("A02").id, submission(base=number))
    db.session.rollback()
    newest = write_anchor(db.session(), anchor_file(other.settings.instance_path), reason="manual", at=clock.now())
    said = restored(other, archive)
    assert f"锚点文件原来记到第 {newest.seq} 条" in said and "审计核验：通过" in said
    forged = {"seq": newest.seq, "hash": "0" * 64, "at": (clock.now() + timedelta(minutes=1)).isoformat(), "reason": ""}
    with anchor_file(other.settings.instance_path).open("a") as out:
        out.write(json.dumps(forged) + "\n")
    engine = create_engine(other.settings.database_url)
    with Session(engine) as session:
        report = verify(session, at=clock.now(), anchors=anchor_file(other.settings.instance_path))
    engine.dispose()
    assert "TRUNCATED" in {finding.code for finding in report.findings if finding.is_fault}
