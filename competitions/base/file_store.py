"""Files beside the database: one for each content, named by a keyed digest of it, in a folder that machines may share.

A file is written and synced before the transaction that links it, and never changed; who links it is for the table to say
(kept_files.py). Personal ones are sealed with the key ring. The folder is installed once per process by the application
factory. Knows no table.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from competitions.base.keyring import ring

SEALED = ".sealed"
_GOING = ".going"
_COMING = ".coming"


class FileMissing(Exception):
    """A file that should be there is not."""


class FileChanged(Exception):
    """A file is not what was kept."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A content that lies in the folder: its keyed digest, whether it is sealed, and its size in bytes."""

    digest: str
    sealed: bool
    size: int

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.digest}{SEALED if self.sealed else ''}"


def keyed_digest(sha256: str) -> str:
    """The name of a content by its SHA-256: nobody without the key ring can tell whether a known file is there."""
    return ring().keyed_digest("kept_file", sha256)


class FileStore:
    """The folder of kept files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes, *, sealed: bool) -> Stored:
        """Keep a content durably, to be linked within a day. The same content again is the same file, made young again."""
        stored = Stored(keyed_digest(hashlib.sha256(content).hexdigest()), sealed, len(content))
        path = self._path(stored.name)
        with suppress(OSError, FileMissing, FileChanged):
            if self.read(stored) == content:
                os.utime(path)
                return stored
        self._write(path, ring().seal_file(content, "kept_file", stored.digest) if sealed else content)
        return stored

    def read(self, stored: Stored) -> bytes:
        """The content. Raises FileMissing, FileChanged."""
        try:
            content = self._path(stored.name).read_bytes()
        except FileNotFoundError:
            raise FileMissing(stored.name) from None
        if stored.sealed:
            try:
                content = ring().open_file(content, "kept_file", stored.digest)
            except ValueError:
                raise FileChanged(stored.name) from None
        if keyed_digest(hashlib.sha256(content).hexdigest()) != stored.digest:
            raise FileChanged(stored.name)
        return content

    def holds(self, stored: Stored) -> bool:
        """Whether the file is there; not whether it is sound."""
        return self._path(stored.name).is_file()

    def path_of(self, stored: Stored) -> Path:
        """Where its file lies, as it is kept."""
        return self._path(stored.name)

    def older_than(self, seconds: float) -> Iterator[str]:
        """Names of the files that nobody touched for so long."""
        for path in self.folder.glob("??/*"):
            with suppress(FileNotFoundError):
                if self._age(path) > seconds:
                    yield path.name

    def remove(self, name: str, *, older_than: float) -> bool:
        """Remove a file that nothing links. Safe against somebody who puts the same content at this very moment: it is
        set aside first, and comes back when it turns out to be young again. Returns whether it is gone.
        """
        path = self._path(name)
        aside = path.with_name(name + _GOING)
        try:
            os.rename(path, aside)
            if self._age(aside) <= older_than:
                os.replace(aside, path)  # over another copy of it, if there is one: the content is the same
                return False
            return True
        except FileNotFoundError:
            return False
        finally:
            aside.unlink(missing_ok=True)

    def is_writable(self) -> bool:
        """Whether a file can be put into the folder."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self.folder / f"{secrets.token_hex(8)}{_COMING}"
            probe.touch(mode=0o600)
            probe.unlink()
        except OSError:
            return False
        return True

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name

    @staticmethod
    def _age(path: Path) -> float:
        return time.time() - path.stat().st_mtime

    def _write(self, path: Path, data: bytes) -> None:
        """Durably and all at once: whoever reads sees the whole file or none."""
        is_new = not self.folder.exists()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        coming = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_COMING}")
        try:
            with os.fdopen(os.open(coming, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            os.replace(coming, path)
        finally:
            coming.unlink(missing_ok=True)
        for folder in (path.parent, self.folder, *([self.folder.parent] if is_new else [])):
            sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """The entry of a new file survives a power cut as well; Windows cannot open a folder, and needs no such thing."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_installed: list[FileStore] = []


def install(folder: Path) -> None:
    """Make `folder` the folder of this process."""
    _installed[:] = [FileStore(folder)]


def store() -> FileStore:
    """The folder of this process. Raises RuntimeError before the application is made."""
    if not _installed:
        raise RuntimeError("no folder of files is installed")
    return _installed[0]
