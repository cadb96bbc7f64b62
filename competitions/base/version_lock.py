"""One version of the program at a time serves an instance: two beside each other would write by two sets of rules.

Every serving process holds a shared lock on a file of the instance folder, in which the version stands; the kernel lets
go of it when the process ends, however it ends. Knows no request.
"""

import fcntl
import hashlib
import os
from pathlib import Path

from competitions.base.config import ROOT

NAME = "serving.lock"
_held: list[int] = []


def version() -> str:
    """A digest of the program's code and migrations, 16 hex characters."""
    digest = hashlib.sha256()
    for folder in ("competitions", "migrations/versions"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def hold(instance: Path, ours: str) -> bool:
    """Hold the instance for this version until the process ends; False: another version serves it now."""
    handle = os.open(instance / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    if _first(handle):
        os.ftruncate(handle, 0)
        os.pwrite(handle, ours.encode(), 0)
    fcntl.flock(handle, fcntl.LOCK_SH)  # waits only while another process writes its version
    if os.pread(handle, 64, 0).decode() != ours:
        os.close(handle)
        return False
    _held.append(handle)
    return True


def _first(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
