"""Making an archive of this installation, and keeping the newest ones. Never commits, records nothing; knows no request.

The database comes first, then the folder of kept files: a file is written before the row that links it, and never changed.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from competitions.audit import chain
from competitions.audit.anchors import anchor_file
from competitions.audit.chain import GENESIS
from competitions.backup import archive, copying
from competitions.backup.age import Recipient
from competitions.backup.archive import Manifest
from competitions.backup.faults import BackupFault
from competitions.backup.workplaces import sync, workplace
from competitions.base import clock
from competitions.base.config import Settings
from competitions.base.file_store import Stored, store
from competitions.base.version_lock import version

BEGINNING, END = "jingsai-", ".age"
TOLD_SETTINGS = ("host", "port", "https", "trusted_hosts", "proxy_hops")
"""Settings that are not in the database and not secret."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A finished archive."""

    path: Path
    size: int
    digest: str
    manifest: Manifest


def name_of(at: datetime) -> str:
    """The name of an archive that gets no other, by Beijing time; names sort as the archives were made."""
    return f"{BEGINNING}{clock.beijing_text(at, '%Y%m%d-%H%M%S')}{END}"


def make(
    engine: Engine, settings: Settings, recipient: Recipient, out: Path, at: datetime, say: Say = lambda _words: None
) -> Made:
    """An archive of everything as it is now, in the new file `out` (0600): whole, or not there. One at a time in a folder.

    Raises BackupFault.
    """
    if out.exists():
        raise BackupFault("there", name=out)
    try:
        with workplace(out.parent) as place:
            say("正在抄写数据库……")
            database = place / archive.DATABASE
            copying.copied(engine, database)
            say("正在加密数据库、文件和设置……")
            return _written(settings, recipient, out, place, at, engine.dialect.name)
    except copying.NotTheSame:
        raise BackupFault("copy_differs") from None
    except (SQLAlchemyError, sqlite3.Error) as fault:
        why = str(getattr(fault, "orig", None) or fault).splitlines()[0]
        raise BackupFault("database", why=why) from fault
    except OSError as fault:
        raise BackupFault("unwritable", name=out, why=fault.strerror) from fault


def archives_in(folder: Path) -> list[Path]:
    """The archives of a folder, by our names, the newest first."""
    return sorted(folder.glob(f"{BEGINNING}*{END}"), key=lambda path: path.name, reverse=True)


def keep_newest(folder: Path, number: int) -> list[Path]:
    """Remove all but the newest archives of a folder; returns those that went."""
    old = archives_in(folder)[number:]
    for path in old:
        path.unlink()
    return old


def _written(settings: Settings, recipient: Recipient, out: Path, place: Path, at: datetime, source: str) -> Made:
    database = place / archive.DATABASE
    members = [(archive.DATABASE, database), (archive.SETTINGS, _settings_file(settings, place))]
    if anchors := _anchors_copied(settings, place):
        members.append((archive.ANCHORS, anchors))
    files = {archive.FILES + stored.name: store().path_of(stored) for stored in _linked(database)}
    missing = sorted(name for name, path in files.items() if not path.is_file())
    members += [(name, path) for name, path in sorted(files.items()) if name not in missing]
    coming = place / "archive"
    with os.fdopen(os.open(coming, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        through = archive.Digested(file)
        manifest = archive.write(through, recipient, members, _manifest(database, missing, at, source))  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    os.link(coming, out)  # fails where a file of that name came meanwhile
    sync(out.parent)
    return Made(out, through.size, through.digest, manifest)


def _settings_file(settings: Settings, place: Path) -> Path:
    path = place / archive.SETTINGS
    path.write_text(json.dumps({name: getattr(settings, name) for name in TOLD_SETTINGS}, ensure_ascii=False))
    return path


def _anchors_copied(settings: Settings, place: Path) -> Path | None:
    """The anchors as they are now: lines may be added while the archive is written."""
    file = anchor_file(settings.instance_path)
    return shutil.copyfile(file, place / archive.ANCHORS) if file.is_file() else None


def _linked(database: Path) -> list[Stored]:
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT DISTINCT digest, sealed, size FROM kept_file")
        return [Stored(digest, bool(sealed), size) for digest, sealed, size in rows]


def _manifest(database: Path, missing: list[str], at: datetime, source: str) -> Manifest:
    with closing(sqlite3.connect(database)) as connection:
        epoch = connection.execute("SELECT epoch FROM installation").fetchone()
        keys = dict(connection.execute("SELECT id, fingerprint FROM sealing_key").fetchall())
        head = connection.execute("SELECT seq, hash FROM audit_event ORDER BY seq DESC LIMIT 1").fetchone()
        revision = _revision(connection)
    return Manifest(
        made_at=at.isoformat(),
        program=version(),
        source=source,
        revision=revision,
        epoch=epoch[0] if epoch else None,
        keys=keys,
        audit_key=chain.fingerprint(),
        seq=head[0] if head else 0,
        hash=head[1] if head else GENESIS,
        tables=copying.counts(database),
        missing=missing,
    )


def _revision(connection: sqlite3.Connection) -> str | None:
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if there else None
    return row[0] if row else None
