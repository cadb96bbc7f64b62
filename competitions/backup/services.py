"""The verbs of archives: making one and recording it, looking at one and recording that. Knows no request."""

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from competitions.audit.recording import record
from competitions.backup import archive, keys
from competitions.backup.age import Identity
from competitions.backup.archive import Manifest
from competitions.backup.faults import BackupFault
from competitions.backup.making import Made
from competitions.backup.queries import BACKUPS, CREATE, told
from competitions.base.config import Settings
from competitions.base.permissions import Actor


@dataclass(frozen=True, slots=True)
class Looked:
    """What an archive was seen to be: `same` as when it was made (None: no record of its making), and its manifest where
    it could be opened.
    """

    name: str
    same: bool | None
    manifest: Manifest | None


def made_facts(made: Made) -> dict[str, Any]:
    """What the record of its making says: its name, digest, size, the last record that it holds, how much is in it."""
    facts = {"name": made.path.name, "digest": made.digest, "size": made.size, "last": made.manifest.seq}
    return {**facts, "rows": made.manifest.rows, "files": made.manifest.files, "missing": len(made.manifest.missing)}


def record_made(session: Session, made: Made, *, by: Actor | None, at: datetime) -> None:
    """An archive was made."""
    record(session, CREATE, "backup", BACKUPS, by=by, at=at, after=made_facts(made))


def look_at(session: Session, path: Path, settings: Settings) -> Looked:
    """Compare an archive with the record of its making; where the server itself has the pass phrase, open it and compare
    all that it holds with its manifest. Raises BackupFault (unreadable, foreign, damaged, wrong_key).
    """
    known = next(
        (each.facts for each in told(session) if each.action == CREATE and each.facts.get("name") == path.name), None
    )
    session.rollback()  # reading a large file takes long
    digest = _digest(path)
    if known is not None and known["digest"] != digest:
        raise BackupFault("damaged", name=path.name, where="SHA-256")
    manifest = None
    if settings.backup_pass_file and not settings.backup_recipient:
        manifest = opened(path, keys.pass_phrase(settings.backup_pass_file))
    return Looked(path.name, known is not None or None, manifest)


def opened(path: Path, identity: Identity) -> Manifest:
    """The manifest of an archive of which everything was read and compared. Raises BackupFault."""
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as place:
        return archive.unpack(path, identity, Path(place))


def looked_facts(looked: Looked) -> dict[str, Any]:
    """What the record of a look says: of which archive, was it known, was it opened."""
    return {"name": looked.name, "known": looked.same is True, "opened": looked.manifest is not None}


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        raise BackupFault("unreadable", name=path.name, why=fault.strerror) from fault
