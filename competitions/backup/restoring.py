"""Restoring an archive into an empty place: everything is unpacked and checked beside it first, and put there only when it
is whole. The restored installation has a new epoch. Knows no request.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Update, create_engine, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from competitions.accounts.models import ActivationCode, SignIn
from competitions.audit import chain
from competitions.audit.anchors import anchor_file, read_anchors, write_anchor
from competitions.audit.queries import RESTORE, RESTORED
from competitions.audit.recording import record, transaction
from competitions.backup import archive, copying, keys
from competitions.backup.age import Identity
from competitions.backup.archive import Manifest
from competitions.backup.faults import BackupFault
from competitions.backup.keys import Keys
from competitions.backup.making import TOLD_SETTINGS, Say
from competitions.backup.workplaces import sync, workplace
from competitions.base import installation
from competitions.base.config import Settings
from competitions.base.database import new_id
from competitions.base.installation import Installation
from competitions.base.migrating import is_known, upgrade_other

_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database and would replay into another one of the same name."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the manifest, the new epoch, what ended, the newest record that anchors know of, what was moved
    away from beside the database, settings that were otherwise (name → then, now).
    """

    manifest: Manifest
    epoch: str
    sign_ins: int
    codes: int
    anchor: int
    moved: list[Path]
    settings: dict[str, tuple[Any, Any]]


def restore(
    file: Path, identity: Identity, given: Keys | None, into: str, settings: Settings, at: datetime, say: Say
) -> Restored:
    """The archive becomes the installation of these settings, its database at the address `into`.

    Raises BackupFault; then nothing was changed.
    """
    with _worded(into):
        _require_empty(into, settings)
        with workplace(_beside(into, settings)) as place:
            say("正在解密和核对备份……")
            manifest = archive.unpack(file, identity, place)
            held = _fitting(manifest, given or keys.keys_in_place(settings))
            staged = place / archive.DATABASE
            _require_sound(file, staged, manifest)
            with _undone_on_fault() as placed:
                placed += keys.put_in_place(settings, held)
                keys.install(held)
                _put_files(place, settings, placed)
                anchor = _newest_anchor(place, settings, placed)
                say("正在升级和核对数据库……")
                anew = _made_anew(staged, manifest, anchor, at)
                say("正在写入数据库……")
                moved = _put_database(into, staged, at)
            return Restored(manifest, *anew, anchor, moved, _other_settings(settings, place))


def anchored(engine: Engine, settings: Settings, at: datetime) -> None:
    """The restore stands in the file of anchors too: older ones beyond the backup are known to be of before."""
    with Session(engine) as session:
        write_anchor(session, anchor_file(settings.instance_path), reason=RESTORE, at=at)


@contextmanager
def _worded(into: str) -> Iterator[None]:
    try:
        yield
    except copying.NotTheSame:
        raise BackupFault("copy_differs") from None
    except SQLAlchemyError as fault:
        why = str(getattr(fault, "orig", None) or fault).splitlines()[0]
        raise BackupFault("database", why=why) from fault
    except OSError as fault:
        raise BackupFault("unwritable", name=fault.filename or into, why=fault.strerror) from fault


@contextmanager
def _undone_on_fault() -> Iterator[list[Path]]:
    """The files that are named to it go again when what comes after them fails."""
    placed: list[Path] = []
    try:
        yield placed
    except BaseException:
        for path in placed:
            path.unlink(missing_ok=True)
        raise


def _sqlite_file(into: str) -> Path | None:
    url = make_url(into)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def _beside(into: str, settings: Settings) -> Path:
    """Where the archive is taken apart: on the disk on which the database will lie."""
    file = _sqlite_file(into)
    return file.parent if file else settings.instance_path


def _require_empty(into: str, settings: Settings) -> None:
    """A SQLite database is not opened for it: what lies beside it may belong to another one."""
    file = _sqlite_file(into)
    if file is None:
        engine = create_engine(into)
        filled = not copying.is_empty(engine)
        engine.dispose()
    else:
        filled = file.exists() and file.stat().st_size > 0
    if filled:
        raise BackupFault("not_empty", what="目标数据库", setting="--into")
    if next(settings.files_path.glob("??/*"), None):
        raise BackupFault("not_empty", what=f"文件目录“{settings.files_path}”", setting="FILES_PATH")


def _fitting(manifest: Manifest, held: Keys | None) -> Keys:
    """The key files, if they are those of the archive. Raises BackupFault (keys_missing, keys_differ)."""
    if held is None:
        raise BackupFault("keys_missing", which="KEYRING_FILE、AUDIT_KEY_FILE")
    prints = held.fingerprints()
    if any(prints.get(kid) != print_ for kid, print_ in manifest.keys.items()):
        raise BackupFault("keys_differ", which="KEYRING_FILE")
    if chain.fingerprint(bytes.fromhex(held.audit_key)) != manifest.audit_key:
        raise BackupFault("keys_differ", which="AUDIT_KEY_FILE")
    return held


def _require_sound(file: Path, staged: Path, manifest: Manifest) -> None:
    """Raises BackupFault (damaged, newer)."""
    if manifest.revision is None or not is_known(manifest.revision):
        raise BackupFault("newer", name=file.name, revision=manifest.revision)
    if found := copying.faults(staged):
        raise BackupFault("damaged", name=file.name, where=found[0])
    there = copying.counts(staged)
    if wrong := sorted(name for name in there.keys() | manifest.tables if there.get(name) != manifest.tables.get(name)):
        raise BackupFault("damaged", name=file.name, where=wrong[0])


def _put_files(place: Path, settings: Settings, placed: list[Path]) -> None:
    for path in sorted((place / archive.FILES).glob("*")):
        to = settings.files_path / path.name[:2] / path.name
        for folder in (settings.files_path, to.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        placed.append(to)
        shutil.move(path, to)
    for folder in {path.parent for path in placed if path.parent.parent == settings.files_path}:
        sync(folder)


def _newest_anchor(place: Path, settings: Settings, placed: list[Path]) -> int:
    """The newest record that anchors know of. Those of the place stay; where there are none the archive's are put."""
    kept, own = place / archive.ANCHORS, anchor_file(settings.instance_path)
    if kept.exists() and not own.exists():
        placed.append(own)
        shutil.move(kept, own)
    known = read_anchors(own)[0] if own.exists() else []
    return max((anchor.seq for anchor in known), default=0)


def _made_anew(staged: Path, manifest: Manifest, anchor: int, at: datetime) -> tuple[str, int, int]:
    """The database at our revision, with a new epoch: sign-ins have ended, unused codes are void, the log tells of it.
    Returns the epoch and how many of them.
    """
    engine = copying.file_engine(staged)
    try:
        upgrade_other(engine)
        with Session(engine) as plain, transaction(plain, apart=True) as session:
            installation.touch(session.connection(), at)
            epoch = new_id()
            session.execute(update(Installation).values(epoch=epoch))
            sign_ins = _ended(session, update(SignIn).where(SignIn.revoked_at.is_(None)).values(revoked_at=at))
            unused = ActivationCode.used_at.is_(None), ActivationCode.expires_at > at
            codes = _ended(session, update(ActivationCode).where(*unused).values(expires_at=at))
            told = {"made": manifest.made_at, "last": manifest.seq, "digest": manifest.hash, "anchor": anchor}
            after = {**told, "epoch": epoch, "sign_ins": sign_ins, "codes": codes}
            record(session, RESTORE, "audit", RESTORED, by=None, at=at, before={"epoch": manifest.epoch}, after=after)
    finally:
        engine.dispose()
        copying.settle(staged)
    return epoch, sign_ins, codes


def _ended(session: Session, statement: Update) -> int:
    return len(session.scalars(statement.returning(statement.table.c.id)).all())


def _put_database(into: str, staged: Path, at: datetime) -> list[Path]:
    """Returns what lay beside the place of a SQLite database and was moved away: it belonged to another one."""
    file = _sqlite_file(into)
    if file is None:
        engine = create_engine(into)
        copying.fill(engine, staged)
        engine.dispose()
        return []
    moved = []
    for end in _BESIDE:
        left = file.with_name(file.name + end)
        if left.exists():
            moved.append(left.rename(f"{left}.{at:%Y%m%d%H%M%S}"))
    os.replace(staged, file)
    sync(file.parent)
    if found := copying.faults(file):
        raise BackupFault("damaged", name=file.name, where=found[0])
    return moved


def _other_settings(settings: Settings, place: Path) -> dict[str, tuple[Any, Any]]:
    then = json.loads((place / archive.SETTINGS).read_text())
    now = json.loads(json.dumps({name: getattr(settings, name) for name in TOLD_SETTINGS}))
    return {name: (then.get(name), now[name]) for name in TOLD_SETTINGS if then.get(name) != now[name]}
