# ruff: noqa: I001 (its imports are those of that day)
"""How the filled databases of the first version were made. It RAN ONCE, at commit c003a1e, and is kept to say what is in
them; it need not run on any later code, and nothing imports it.

    .venv/bin/python -m tests.data.first_version.make     (Python 3.11, SQLite 3.40, PostgreSQL 15 on this machine)

Migration 0001, the demonstration of seed 1, and then all that the demonstration lacks (`story.py`), so that no table is
empty; the same story on both databases, with other random ids. Written beside this file: the SQLite file and a
`pg_dump`, packed; the key ring and the audit key of these two databases and of no other; `facts.json`, what the house
of that day served of each publication and where its audit chain ended.
"""

import json
import lzma
import subprocess
import tempfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select, text

from competitions import clock, tables
from competitions.accounts.models import User
from competitions.app import create_app
from competitions.audit.anchors import anchor_file
from competitions.audit.recording import head
from competitions.config import Settings
from competitions.demo.loading import load
from competitions.extensions import db
from competitions.migrating import upgrade_when_old
from competitions.results.models import Publication
from tests.data.first_version.story import tell
from tests.people import PASSWORD, Client
from tests.postgres import PG_BIN, cluster

HERE = Path(__file__).parent
PER_SESSION = ("\\restrict", "\\unrestrict")
"""Lines of newer builds of `pg_dump` that an older `psql` does not know."""


def main() -> None:
    """Both databases, packed, and the facts."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        path = place / "first.sqlite"
        facts = {"sqlite": filled(place / "sqlite", f"sqlite:///{path}")}
        subprocess.run(["sqlite3", path, "VACUUM"], check=False)
        pack("first.sqlite.xz", path.read_bytes())
        with cluster(place, durable=False) as address:
            server = address.split("host=")[1]
            subprocess.run([PG_BIN / "createdb", "-h", server, "-U", "tester", "first"], check=True)
            facts["postgres"] = filled(place / "postgres", address.format(name="first"))
            dumped = subprocess.run(
                [PG_BIN / "pg_dump", "-h", server, "-U", "tester", "--no-owner", "--no-privileges", "first"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            kept = [line for line in dumped.splitlines(keepends=True) if not line.startswith(PER_SESSION)]
            pack("first.pg.sql.xz", "".join(kept).encode())
    written = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True)
    (HERE / "facts.json").write_text(written + "\n", encoding="utf-8")


def filled(instance: Path, address: str) -> dict[str, Any]:
    """Migrate, load, tell; gives the facts."""
    instance.mkdir()
    app = create_app(
        Settings(
            instance_path=instance,
            database_url=address,
            secret_key="t" * 64,
            testing=True,
            keyring_file=HERE / "test-keyring.json",
            audit_key_file=HERE / "test-audit.key",
        )
    )
    with app.app_context():
        upgrade_when_old()
        demonstration = load(1)
        tell(app, demonstration)
        found = facts_of(app, demonstration.cast.password)
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.session.remove()
        db.engine.dispose()
    return found


def facts_of(app: Flask, password: str) -> dict[str, Any]:
    """What must be the same after every upgrade; both verifies are clean today."""
    for command in (["audit", "verify"], ["results", "verify"]):
        done = app.test_cli_runner().invoke(args=command)
        assert done.exit_code == 0, done.output
    seq, ended = head(db.session())
    counts = {
        name: db.session.scalar(select(func.count()).select_from(table))
        for name, table in tables.METADATA.tables.items()
    }
    assert all(counts.values()), [name for name, count in counts.items() if not count]
    anchors = anchor_file(app.extensions["settings"].instance_path).read_text(encoding="utf-8").splitlines()
    tester = db.session.scalars(select(User.username).where(User.username.startswith("user"), User.active)).first()
    ids = list(db.session.scalars(select(Publication.id).order_by(Publication.drafted_at, Publication.id)))
    db.session.rollback()
    return {
        "made_at": clock.now().isoformat(),
        "sign_ins": [["shending", password], ["caipanzhang3", password], [tester, PASSWORD]],
        "audit_head": [seq, ended],
        "rows": counts,
        "anchors": anchors,
        "publications": {each: served(Client(app), each) for each in ids},
    }


def served(visitor: Client, publication_id: str) -> dict[str, Any]:
    """The answers at a publication's three addresses: the status of each; digests of the JSON's bytes and of the workbook's
    cells where it is public.
    """
    page, document, book = (visitor.get(f"/results/{publication_id}{ending}") for ending in ("", ".json", ".xlsx"))
    found: dict[str, Any] = {"status": [page.status_code, document.status_code, book.status_code]}
    if document.status_code == 200:
        found["json"] = sha256(document.data).hexdigest()
        found["cells"] = sha256(json.dumps(cells_of(book.data), ensure_ascii=False).encode()).hexdigest()
    return found


def cells_of(data: bytes) -> list[list[str]]:
    """Sheet, address and value of every cell that has one."""
    return [
        [sheet.title, cell.coordinate, str(cell.value)]
        for sheet in load_workbook(BytesIO(data)).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]


def pack(name: str, content: bytes) -> None:
    """Write `content` packed."""
    (HERE / name).write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))
    print(name, len(content), (HERE / name).stat().st_size)


if __name__ == "__main__":
    main()
