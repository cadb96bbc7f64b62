"""One archive: an encrypted, compressed tar with the database, the kept files, the settings, the anchors and, last, a
manifest with counts and digests of all of it. Written and read as a stream. Knows no database.
"""

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from competitions.backup.age import Identity, NotOurs, Opening, Recipient, Sealing, WrongKey
from competitions.backup.faults import BackupFault

FORMAT = "competitions-backup/1"
DATABASE, SETTINGS, ANCHORS, MANIFEST, FILES = (
    "database.sqlite",
    "settings.json",
    "anchors.jsonl",
    "manifest.json",
    "files/",
)
_NAMES = re.compile(r"database\.sqlite|settings\.json|anchors\.jsonl|manifest\.json|files/[0-9a-f]{64}(\.sealed)?")
_BLOCK = 1024 * 1024
_LEVEL = 1
"""Of the compression: a database gets a quarter of its size at a tenth of the time of the best."""
_LARGEST_MANIFEST = 256 * _BLOCK


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds: when and of what it was made, rows by table, the chain's end, fingerprints of the keys that
    belong to it, kept files that were missing already, and each member's size and SHA-256.
    """

    made_at: str
    program: str
    source: str
    revision: str | None
    epoch: str | None
    keys: dict[str, str]
    audit_key: str
    seq: int
    hash: str
    tables: dict[str, int]
    missing: list[str]
    members: dict[str, tuple[int, str]] = field(default_factory=dict)
    format: str = FORMAT

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(self.tables.values())

    @property
    def files(self) -> int:
        """Kept files."""
        return sum(name.startswith(FILES) for name in self.members)

    def document(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True).encode()

    @classmethod
    def read(cls, document: bytes) -> "Manifest":
        """From JSON. Raises NotOurs when it is no manifest of this format."""
        try:
            said = json.loads(document)
            members = {str(name): (int(size), str(digest)) for name, (size, digest) in said.pop("members").items()}
            if said["format"] != FORMAT:
                raise NotOurs
            return cls(members=members, **said)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NotOurs from None


class Digested(io.RawIOBase):
    """A file that is written or read, and the SHA-256 of what went through."""

    def __init__(self, under: BinaryIO) -> None:
        self._under, self._hash, self.size = under, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """On to the file."""
        self._under.write(data)
        return self._seen(data)

    def read(self, size: int = -1) -> bytes:
        """From the file."""
        data = self._under.read(size)
        self._seen(data)
        return data

    def _seen(self, data: bytes) -> int:
        self._hash.update(data)
        self.size += len(data)
        return len(data)

    @property
    def digest(self) -> str:
        """Of what went through."""
        return self._hash.hexdigest()


def write(out: BinaryIO, recipient: Recipient, members: Iterable[tuple[str, Path]], manifest: Manifest) -> Manifest:
    """Write the members (name, file) and the manifest; returns it with what each member was."""
    sealing = Sealing(out, recipient)
    seen: dict[str, tuple[int, str]] = {}
    try:
        with (
            gzip.GzipFile(fileobj=sealing, mode="wb", compresslevel=_LEVEL) as packed,
            tarfile.open(mode="w|", fileobj=packed) as tar,
        ):
            for name, path in members:
                with path.open("rb") as file:
                    content = Digested(file)
                    tar.addfile(_header(name, os.fstat(file.fileno()).st_size), content)
                    seen[name] = content.size, content.digest
            whole = Manifest(**{**_fields(manifest), "members": seen})
            tar.addfile(_header(MANIFEST, len(whole.document())), io.BytesIO(whole.document()))
    except BaseException:
        sealing.give_up()
        raise
    sealing.close()
    return whole


def unpack(file: Path, identity: Identity, into: Path) -> Manifest:
    """Everything that the archive holds, in an empty folder, compared with its manifest.

    Raises BackupFault (foreign, wrong_key, damaged, unreadable); nothing outside the folder is written.
    """
    with _opened(file) as source:
        try:
            seen = dict(_members(source, identity, into))
            manifest = Manifest.read((into / MANIFEST).read_bytes())
        except WrongKey:
            raise BackupFault("wrong_key", name=file.name) from None
        except (NotOurs, tarfile.TarError, EOFError, OSError) as fault:
            if isinstance(fault, OSError) and fault.errno:
                raise BackupFault("unwritable", name=into, why=fault.strerror) from fault
            raise BackupFault("damaged" if _looks_ours(file) else "foreign", name=file.name, where="密文") from fault
    seen.pop(MANIFEST)
    if wrong := sorted(
        name for name in seen.keys() | manifest.members.keys() if seen.get(name) != manifest.members.get(name)
    ):
        raise BackupFault("damaged", name=file.name, where=wrong[0])
    return manifest


def _members(source: BinaryIO, identity: Identity, into: Path) -> Iterator[tuple[str, tuple[int, str]]]:
    plain = io.BufferedReader(Opening(source, identity), _BLOCK)  # type: ignore[type-var]
    with tarfile.open(mode="r|gz", fileobj=plain) as tar:
        for member in tar:
            content = tar.extractfile(member) if _NAMES.fullmatch(member.name) else None
            if content is None or (member.name == MANIFEST and member.size > _LARGEST_MANIFEST):
                raise NotOurs
            yield member.name, _kept(content, into / member.name)  # type: ignore[arg-type]
    while plain.read(_BLOCK):  # to the very end: only the last chunk says that nothing was cut off
        pass


def _kept(content: BinaryIO, path: Path) -> tuple[int, str]:
    """A member as a file of its own, on the disk when this returns."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        through = Digested(out)
        while part := content.read(_BLOCK):
            through.write(part)
        out.flush()
        os.fsync(out.fileno())
    return through.size, through.digest


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("rb") as source:
            yield source
    except FileNotFoundError:
        raise BackupFault("unreadable", name=file, why="没有这个文件") from None


def _looks_ours(file: Path) -> bool:
    with file.open("rb") as source:
        return source.read(4) == b"age-"


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o600
    return header


def _fields(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in manifest.__dataclass_fields__}
