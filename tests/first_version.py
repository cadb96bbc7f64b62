"""The filled databases of the first version (data/first_version/make.py says what is in them), restored for a test."""

import json
import lzma
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from textwrap import indent
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from openpyxl import load_workbook
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from competitions.audit.models import AuditEvent
from competitions.base.config import ROOT, Settings
from competitions.base.database import db
from competitions.base.migrating import head_revision
from tests.people import Client
from tests.postgres import PG_BIN

HERE = Path(__file__).parent / "data" / "first_version"
TEMPLATE, CASE = "first_version", "first_version_case"
MIGRATIONS = ROOT / "migrations"
SCRIPT = '''"""A migration of a test."""

import sqlalchemy as sa
from alembic import op
from competitions.base.rebuilding import altered

revision, down_revision = "{name}", "{after}"
branch_labels = depends_on = None


def upgrade():
{body}


def downgrade():
    pass
'''
"""A later migration of a test."""


@dataclass(frozen=True)
class FirstVersion:
    """What the house of that day said of a filled database (facts.json)."""

    facts: dict[str, Any]

    @property
    def later(self) -> datetime:
        """An hour after it was made: the tests go on there, whatever the day is."""
        return datetime.fromisoformat(self.facts["made_at"]) + timedelta(hours=1)

    @property
    def publications(self) -> dict[str, Any]:
        """Id → what was served of it."""
        found: dict[str, Any] = self.facts["publications"]
        return found


@cache
def first_version(kind: str) -> FirstVersion:
    """The facts of the database of this kind."""
    return FirstVersion(json.loads((HERE / "facts.json").read_text(encoding="utf-8"))[kind])


@cache
def unpacked(name: str) -> bytes:
    """A packed file's content."""
    return lzma.decompress((HERE / name).read_bytes())


def sqlite_restored(place: Path) -> str:
    """A fresh copy of the SQLite database; its address."""
    path = place / "first-version.sqlite"
    for leftover in place.glob("first-version.sqlite*"):
        leftover.unlink()
    path.write_bytes(unpacked("first.sqlite.xz"))
    return f"sqlite:///{path}"


def postgres_restored(server: str, place: Path) -> str:
    """A fresh copy of the PostgreSQL database (read from the dump once for each server); its address."""
    made = place / "first-version.made"
    if not made.exists():
        _run(server, "createdb", TEMPLATE)
        _run(server, "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", TEMPLATE, "-f", "-", said=unpacked("first.pg.sql.xz"))
        made.touch()
    _run(server, "dropdb", "--if-exists", "--force", CASE)
    _run(server, "createdb", "--template", TEMPLATE, CASE)
    return server.format(name=CASE)


def _run(server: str, program: str, *arguments: str, said: bytes = b"") -> None:
    url = make_url(server.format(name="postgres"))
    done = subprocess.run(
        [PG_BIN / program, "-h", str(url.query["host"]), "-U", str(url.username), *arguments],
        input=said,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def settings_of(kind: str, address: str, instance: Path) -> Settings:
    """An installation with that database, its keys and the anchors that it had outside the database."""
    instance.mkdir(parents=True)
    anchors = "".join(f"{line}\n" for line in first_version(kind).facts["anchors"])
    (instance / "anchors.jsonl").write_text(anchors, encoding="utf-8")
    return Settings(
        instance_path=instance,
        database_url=address,
        secret_key="t" * 64,
        testing=True,
        keyring_file=HERE / "test-keyring.json",
        audit_key_file=HERE / "test-audit.key",
    )


def served(visitor: Client, publication_id: str) -> dict[str, Any]:
    """What is served of a publication, in the form of the facts."""
    page, document, book = (visitor.get(f"/results/{publication_id}{ending}") for ending in ("", ".json", ".xlsx"))
    found: dict[str, Any] = {"status": [page.status_code, document.status_code, book.status_code]}
    if document.status_code == 200:
        found["json"] = sha256(document.data).hexdigest()
        found["cells"] = sha256(json.dumps(_cells(book.data), ensure_ascii=False).encode()).hexdigest()
    return found


def _cells(data: bytes) -> list[list[str]]:
    return [
        [sheet.title, cell.coordinate, str(cell.value)]
        for sheet in load_workbook(BytesIO(data)).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]


def rows_of(names: list[str]) -> dict[str, int]:
    """Table → number of its rows."""
    with db.engine.connect() as connection:
        return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    """A command of the house: exit status, what it said."""
    db.session.remove()
    done = app.test_cli_runner().invoke(args=list(arguments))
    db.session.remove()
    return done.exit_code, done.output


def sound(app: Flask, then: FirstVersion) -> None:
    """Both verifies are clean, the log goes on from its old end, and every publication is what it was, where it was."""
    for command in ("audit", "results"):
        code, said = run(app, command, "verify")
        assert code == 0, said
    seq, ended = then.facts["audit_head"]
    assert db.session.scalar(select(AuditEvent.hash).where(AuditEvent.seq == seq)) == ended
    db.session.remove()
    for publication_id, before in then.publications.items():
        assert served(Client(app), publication_id) == before, publication_id


def migrate(place: Path, *bodies: str, to: str = "head") -> None:
    """Run migrations with these bodies behind the newest one, by the house's own env.py."""
    folder = place / "migrations"
    shutil.copytree(MIGRATIONS, folder, dirs_exist_ok=True)
    after = head_revision()
    for number, body in enumerate(bodies, 9001):
        script = SCRIPT.format(name=number, after=after, body=indent(body.strip(), "    "))
        (folder / "versions" / f"{number}.py").write_text(script, encoding="utf-8")
        after = str(number)
    db.session.remove()
    upgrade(directory=str(folder), revision=to)
