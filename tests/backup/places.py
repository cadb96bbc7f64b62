"""An installation with something in it, the archive of it, and empty places for a restore. Knows both databases."""

import os
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask
from sqlalchemy import text

from competitions.audit.recording import transaction
from competitions.base import clock, file_store, installation
from competitions.base.config import Settings
from competitions.base.database import db
from competitions.base.kept_files import link, put
from competitions.base.media import Document
from competitions.base.migrating import head_revision
from tests.conftest import _administer

WORDS = "甲乙丙丁-correct-horse"
SEALED = Document("扫描件.pdf", "application/pdf", b"%PDF-1.4\n%sealed\n")
OPEN = Document("通知.pdf", "application/pdf", b"%PDF-1.4\n%open\n")


@dataclass
class Place:
    """Where an installation lies or will lie: its settings, and the commands run there."""

    app: Flask
    settings: Settings

    def run(self, *arguments: str, given: str | None = None) -> Result:
        """`flask backup …` with the settings of this place."""
        before = self.app.extensions["settings"]
        self.app.extensions["settings"] = self.settings
        file_store.install(self.settings.files_path)
        try:
            return self.app.test_cli_runner().invoke(args=["backup", *arguments], input=given)
        finally:
            self.app.extensions["settings"] = before


def prepare(app: Flask, settings: Settings, tmp_path: Path) -> Place:
    """The test's installation as it is after a start: its revision is known, its keys are, it has two kept files, and
    archives are made with a pass phrase.
    """
    words = tmp_path / "pass"
    words.write_text(WORDS + "\n")
    words.chmod(0o600)
    ours = replace(settings, backup_pass_file=words, backup_folder=tmp_path / "backups")
    app.extensions["settings"] = ours
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
            )
        )
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head_revision()})
    installation.begin(clock.now())
    for document, personal in ((SEALED, True), (OPEN, False)):
        ready = put(document, personal=personal)
        with transaction() as session:
            link(session, ready, ("thing", str(uuid.uuid4())), "notice", at=clock.now())
    return Place(app, ours)


def empty_place(place: Place, tmp_path: Path, *, name: str = "restored", keys: bool = True) -> Place:
    """A place where nothing is; with `keys` it has the key files already (they are shared by the tests)."""
    instance = tmp_path / name
    instance.mkdir()
    files = {} if keys else {"keyring_file": instance / "keyring.json", "audit_key_file": instance / "audit.key"}
    changed: dict[str, Any] = {"instance_path": instance, "files_folder": None, **files}
    return Place(place.app, replace(place.settings, **changed, database_url=f"sqlite:///{instance / 'db.sqlite'}"))


def empty_postgres(server: str) -> str:
    """The address of a new database."""
    name = f"restored_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    _administer(server, f"CREATE DATABASE {name}")
    return server.format(name=name)
