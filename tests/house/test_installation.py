"""An installation knows its keys, says whether it can write, keeps its files to itself and takes no address that is no text."""

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click import ClickException
from flask import Flask
from jinja2 import DictLoader, Environment
from sqlalchemy import Connection, event, func, select
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

from competitions import readiness
from competitions.base import clock, installation, keyring
from competitions.base.config import ROOT, Settings, from_environment, keep_private, refusal
from competitions.base.database import database_code, db
from competitions.base.installation import Installation, SealingKey
from competitions.base.settings import Setting
from competitions.web.addresses import is_readable
from competitions.web.compiled import CompiledTemplates
from tests.people import Client

DOES_NOT_FIT = installation.DOES_NOT_FIT


def another_ring(path: Path) -> keyring.KeyRing:
    return keyring.load(path / "another-keyring.json")


def test_a_ring_that_was_made_anew_does_not_start_and_readiness_is_red(app: Flask, tmp_path: Path) -> None:
    installation.begin(clock.now())
    installation.begin(clock.now())
    ours = keyring.ring()
    assert db.session.scalar(select(func.count()).select_from(SealingKey)) == 2
    db.session.remove()
    keyring.install(another_ring(tmp_path))
    with pytest.raises(ClickException, match="KEYRING_FILE"):
        installation.begin(clock.now())
    keyring.install(ours)
    installation.begin(clock.now())


def test_readiness_names_a_ring_that_does_not_fit(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "head_revision", lambda: None)  # the tests make their tables without migrations
    installation.begin(clock.now())
    keyring.install(another_ring(tmp_path))
    answer = Client(app).get("/readyz")
    assert answer.status_code == 503 and answer.get_json()["faults"] == ["ring_differs"]
    assert "keyring.json" in answer.get_json()["message"]


def test_a_ring_with_a_key_more_fits_and_the_key_is_known_from_then_on(app: Flask, settings: Settings) -> None:
    installation.begin(clock.now())
    document = json.loads(settings.keyring_file.read_text())
    document["keys"]["later"] = "ab" * 32
    keyring.install(keyring.KeyRing({**document, "active": "later"}))
    installation.begin(clock.now())
    assert "later" in db.session.scalars(select(SealingKey.id)).all()


def test_two_rings_never_name_two_keys_alike_and_a_fingerprint_is_no_key(tmp_path: Path) -> None:
    first, second = keyring.load(tmp_path / "a.json"), keyring.load(tmp_path / "b.json")
    assert first.active != second.active
    assert not {key.hex()[:32] for key in first.keys.values()} & set(first.fingerprints().values())


def test_readiness_writes_for_its_answer(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "head_revision", lambda: None)
    before = clock.now()
    assert readiness.faults() == []
    row = db.session.get_one(Installation, installation.ONE)
    assert row.checked_at >= before
    assert not db.session.scalar(select(func.count()).select_from(Setting))


def test_readiness_is_red_where_nothing_can_be_written(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "head_revision", lambda: None)

    @event.listens_for(db.engine, "begin")
    def only_reads(connection: Connection) -> None:
        sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql("PRAGMA query_only = ON" if sqlite else "SET TRANSACTION READ ONLY")

    try:
        answer = Client(app).get("/readyz")
    finally:
        event.remove(db.engine, "begin", only_reads)
        db.engine.dispose()
    assert answer.status_code == 503 and answer.get_json()["faults"] == ["database"]
    assert "不能写入" in answer.get_json()["message"]


def test_a_secret_that_can_be_guessed_or_read_by_others_stops_the_start(tmp_path: Path) -> None:
    settings = from_environment({"INSTANCE_PATH": str(tmp_path / "instance")})
    assert refusal(settings) is None
    assert "SECRET_KEY" in (refusal(replace(settings, secret_key="short")) or "")
    settings.audit_key_file.write_text("ab" * 32)
    settings.audit_key_file.chmod(0o644)
    said = refusal(settings) or ""
    assert str(settings.audit_key_file) in said and "chmod 600" in said
    settings.audit_key_file.chmod(0o440)
    assert refusal(settings) is None


def test_files_of_the_installation_are_its_owners_alone(tmp_path: Path) -> None:
    settings = from_environment({"INSTANCE_PATH": str(tmp_path / "instance")})
    mask = os.umask(0o022)
    try:
        (settings.instance_path / "competitions.sqlite-wal").touch()
        keep_private(settings)
        (settings.instance_path / "later").touch()
    finally:
        os.umask(mask)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in settings.instance_path.iterdir()}
    assert modes == {"secret.key": 0o600, "competitions.sqlite-wal": 0o600, "later": 0o600}
    assert stat.S_IMODE(settings.instance_path.stat().st_mode) == 0o700


@pytest.mark.parametrize("address", ["/desk/%00", "/competitions/a%00b", "/?q=%00", "/?q=%ff", "/login?next=%c3"])
def test_an_address_that_is_no_text_is_refused_as_such(app: Flask, address: str) -> None:
    assert Client(app).get(address).status_code == 400


def test_a_path_that_is_no_text_is_not_readable() -> None:
    assert not is_readable({"PATH_INFO": "/\x80"}) and is_readable({"PATH_INFO": "/\xe9\x9f\xa6"})


@pytest.mark.parametrize("address", ["/?q=%EF%BF%BD", "/?q=%E9%9F%A6", "/"])
def test_an_address_that_is_text_is_answered(app: Flask, address: str) -> None:
    assert Client(app).get(address).status_code == 200


def said_by_postgres(state: str | None, kind: type[DBAPIError] = OperationalError) -> DBAPIError:
    """What SQLAlchemy raises for psycopg's error with this SQLSTATE."""
    orig = type("Said", (Exception,), {"__module__": "psycopg.errors", "sqlstate": state})("said")
    return kind("", {}, orig)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("25006", "database_readonly"),
        ("42501", "database_readonly"),
        ("53100", "storage_unavailable"),
        ("57P03", "database_down"),
        ("08006", "database_down"),
        (None, "database_down"),
        ("55P03", "busy"),
        ("57014", "busy"),
        ("53300", "busy"),
    ],
)
def test_a_database_that_cannot_write_is_not_called_busy(state: str | None, code: str) -> None:
    assert database_code(said_by_postgres(state)) == code


def test_a_transaction_that_may_only_read_is_named_whatever_class_its_error_has() -> None:
    assert database_code(said_by_postgres("25006", InternalError)) == "database_readonly"
    assert (
        database_code(OperationalError("", {}, Exception("attempt to write a readonly database")))
        == "database_readonly"
    )


def test_a_page_is_answered_where_compiled_templates_cannot_be_kept_or_were_cut(tmp_path: Path) -> None:
    folder = tmp_path / "compiled"
    folder.mkdir()
    pages = DictLoader({"page": "{{ 1 + 1 }}"})

    def page() -> str:
        return Environment(loader=pages, bytecode_cache=CompiledTemplates(str(folder))).get_template("page").render()

    assert page() == "2"
    (kept,) = folder.iterdir()
    kept.write_bytes(kept.read_bytes()[:-9])
    assert page() == "2" and len(kept.read_bytes()) > 9
    kept.unlink()
    folder.rmdir()
    assert page() == "2" and not folder.exists()


def test_two_versions_do_not_serve_one_instance_beside_each_other(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from competitions.base import version_lock; "
        "print(version_lock.hold(Path(sys.argv[1]), sys.argv[2]), flush=True); sys.stdin.read()"
    )

    def started(version: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, str(tmp_path), version]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def answer(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()

    old, beside = started("1"), started("1")
    assert (answer(old), answer(beside)) == ("True", "True")
    new = started("2")
    assert answer(new) == "False"
    for process in (old, beside, new):
        process.kill()
        process.communicate()
    after = started("2")
    assert answer(after) == "True"
    after.communicate("")
