"""Migration 0008: files that lay in rows move into the folder, and back; a changed one stops it."""

from hashlib import sha256
from typing import Any

import pytest
from click import ClickException
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from competitions.audit import triggers
from competitions.base.database import db, write_intent
from competitions.base.file_store import FileStore, Stored, store
from competitions.base.keyring import ring
from competitions.base.migrating import current_revision
from tests.first_version import MIGRATIONS, first_version, run, sound

BEFORE, AFTER = "0007", "0008"


def ask(statement: str) -> list[dict[str, Any]]:
    """Rows of the database as it is."""
    with db.engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(statement)).mappings()]


def act(statement: str) -> None:
    """A change past everything that guards."""
    token = write_intent.set(True)
    with db.engine.begin() as connection:
        triggers.release(connection)
        connection.execute(text(statement))
        triggers.install(connection)
    write_intent.reset(token)


def move(revision: str) -> None:
    """Up or down to a revision."""
    db.session.remove()
    there = current_revision() or ""
    (downgrade if there > revision else upgrade)(directory=str(MIGRATIONS), revision=revision)


def in_rows() -> dict[str, tuple[bytes, str, int]]:
    """Id → the file, its kind and size, as they lie in rows."""
    found = {}
    for row in ask("SELECT id, content, media_type, size FROM attachment"):
        found[row["id"]] = (bytes(row["content"]), row["media_type"], row["size"])
    for row in ask("SELECT id, content, media_type, size FROM signed_scan"):
        content = ring().open_bytes(row["content"], "signed_scan", "content", row["id"])
        found[row["id"]] = (content, row["media_type"], row["size"])
    return found


def in_the_folder() -> dict[str, tuple[bytes, str, int]]:
    """The same, as the kept files say."""
    found = {}
    for table in ("attachment", "signed_scan"):
        rows = ask(f"SELECT {table}.id AS owner, k.* FROM {table} JOIN kept_file k ON k.id = {table}.file_id")
        for row in rows:
            assert (row["owner_kind"], row["owner_id"], row["sealed"]) == (table, row["owner"], table == "signed_scan")
            content = store().read(Stored(row["digest"], bool(row["sealed"]), row["size"]))
            found[row["owner"]] = (content, row["media_type"], row["size"])
    return found


def test_files_move_into_the_folder_and_back(filled: Flask, database_kind: str) -> None:
    move(BEFORE)
    before = in_rows()
    assert len(before) >= 2
    move(AFTER)
    assert in_the_folder() == before
    move(BEFORE)
    assert in_rows() == before
    move("head")
    sound(filled, first_version(database_kind))


def test_a_changed_file_is_noticed_after_the_upgrade(newest: Flask) -> None:
    [row] = ask("SELECT * FROM kept_file ORDER BY id LIMIT 1")
    stored = Stored(row["digest"], bool(row["sealed"]), row["size"])
    (store().folder / stored.name[:2] / stored.name).write_bytes(b"something else")
    code, said = run(newest, "audit", "verify")
    assert code == 1 and "与保存时不符" in said and row["owner_id"] in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE attachment SET sha256 = '{no}'", "attachment 的记录 .* 的文件与校验值不符"),
        ("UPDATE signed_scan SET content = 'v1.k1.AAAA.AAAA'", "signed_scan 的记录 .* 无法用密钥环打开"),
    ],
)
def test_a_file_that_is_not_what_its_row_says_stops_the_upgrade(filled: Flask, change: str, said: str) -> None:
    move(BEFORE)
    act(change.format(no="0" * 64))
    with pytest.raises(ClickException, match=said):
        move(AFTER)
    assert current_revision() == BEFORE and ask("SELECT count(content) AS n FROM attachment")[0]["n"] > 0


def test_a_file_that_is_gone_stops_the_way_back(filled: Flask) -> None:
    move(AFTER)
    for name in list(store().older_than(-1.0)):
        (store().folder / name[:2] / name).unlink()
    with pytest.raises(ClickException, match="缺失或被改动"):
        move(BEFORE)
    assert current_revision() == AFTER and ask("SELECT * FROM kept_file")


def test_the_folder_is_written_before_the_row_forgets(filled: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    move(BEFORE)
    before = in_rows()

    def full(self: FileStore, content: bytes, *, sealed: bool) -> Stored:
        raise OSError(28, "No space left on device", sha256(content).hexdigest())

    monkeypatch.setattr(FileStore, "put", full)
    with pytest.raises(OSError, match="No space"):
        move(AFTER)
    assert current_revision() == BEFORE and in_rows() == before
