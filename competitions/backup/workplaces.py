"""Folders in which an archive is put together or taken apart: what lies in them is not encrypted, so nothing of it stays,
also not what a killed process left. Knows no archive.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from competitions.backup.faults import BackupFault

_LOCK, _BEGINNING = ".backup.lock", ".backup-"


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """A new folder (0700) inside of this one, which is made when it is not there. Raises BackupFault (busy)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFault("busy") from None
        for left in folder.glob(f"{_BEGINNING}*/"):
            shutil.rmtree(left, ignore_errors=True)
        place = Path(tempfile.mkdtemp(prefix=_BEGINNING, dir=folder))
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)
    finally:
        os.close(handle)


def sync(folder: Path) -> None:
    """The entries of a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
