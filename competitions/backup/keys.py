"""What opens and closes archives, from the settings and from files; and the installation's own key files as one encrypted
file, which is kept apart from the archives. Knows no database.
"""

import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from competitions.audit import chain
from competitions.backup.age import (
    Identity,
    NotOurs,
    Opening,
    PassPhrase,
    PrivateKey,
    PublicKey,
    Recipient,
    Sealing,
    WrongKey,
)
from competitions.backup.faults import BackupFault
from competitions.base import keyring
from competitions.base.config import OF_OTHERS, Settings, secret_file
from competitions.base.keyring import KeyRing, load

FORMAT = "competitions-keys/1"
LEAST = 12
"""Characters of a pass phrase."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The key files of an installation: the ring as its document, and the chain's key in hex."""

    ring: dict[str, Any]
    audit_key: str

    def fingerprints(self) -> dict[str, str]:
        """Of the ring's keys (base/keyring.py)."""
        return KeyRing(self.ring).fingerprints()


def recipient_of(settings: Settings) -> Recipient:
    """For whom this installation makes its archives. Raises BackupFault (no_recipient, bad_recipient and others)."""
    if settings.backup_recipient:
        return public_key(settings.backup_recipient)
    if settings.backup_pass_file:
        return pass_phrase(settings.backup_pass_file)
    raise BackupFault("no_recipient")


def public_key(text: str) -> PublicKey:
    """From "age1…". Raises BackupFault (bad_recipient)."""
    try:
        return PublicKey.read(text)
    except ValueError:
        raise BackupFault("bad_recipient") from None


def pass_phrase(file: Path) -> PassPhrase:
    """The first line of a file that only its owner reads. Raises BackupFault."""
    if file.exists() and file.stat().st_mode & OF_OTHERS:
        raise BackupFault("pass_readable", name=file)
    lines = _text(file).splitlines()
    return checked(lines[0].strip() if lines else "")


def checked(text: str) -> PassPhrase:
    """A pass phrase that is long enough. Raises BackupFault (pass_short)."""
    if len(text) < LEAST:
        raise BackupFault("pass_short", least=LEAST)
    return PassPhrase(text)


def private_key(file: Path) -> PrivateKey:
    """From a file. Raises BackupFault (unreadable, bad_identity)."""
    try:
        return PrivateKey.read(_text(file))
    except ValueError:
        raise BackupFault("bad_identity", name=file.name) from None


def new_private_key(file: Path) -> PublicKey:
    """A new private key in a new file (0600); its public key. Raises BackupFault (there, unwritable)."""
    key = PrivateKey.made()
    write_private(file, f"# public key: {key.public}\n{key}\n".encode())
    return key.public


def write_keys(settings: Settings, recipient: Recipient, file: Path) -> None:
    """The key files of this installation in a new encrypted file. Raises BackupFault (there, unwritable)."""
    load(settings.keyring_file)  # made, should nothing have been sealed yet
    document = {
        "format": FORMAT,
        "keyring": json.loads(settings.keyring_file.read_text()),
        "audit_key": secret_file(settings.audit_key_file),
    }
    out = io.BytesIO()
    with Sealing(out, recipient) as sealing:
        sealing.write(json.dumps(document).encode())
    write_private(file, out.getvalue())


def read_keys(file: Path, identity: Identity) -> Keys:
    """What `write_keys` wrote. Raises BackupFault (unreadable, wrong_key, keys_foreign)."""
    try:
        with file.open("rb") as source:
            document = json.loads(Opening(source, identity).readall())
        if document["format"] != FORMAT:
            raise NotOurs
        return Keys(document["keyring"], document["audit_key"])
    except WrongKey:
        raise BackupFault("wrong_key", name=file.name) from None
    except OSError as fault:
        raise BackupFault("unreadable", name=file, why=fault.strerror) from fault
    except (NotOurs, ValueError, KeyError, TypeError):
        raise BackupFault("keys_foreign", name=file.name) from None


def keys_in_place(settings: Settings) -> Keys | None:
    """The key files that lie where the settings say; None when one of them is not there."""
    if not (settings.keyring_file.exists() and settings.audit_key_file.exists()):
        return None
    return Keys(json.loads(settings.keyring_file.read_text()), settings.audit_key_file.read_text().strip())


def put_in_place(settings: Settings, keys: Keys) -> list[Path]:
    """Write the key files that are not there; returns those. Raises BackupFault (keys_differ)."""
    contents = {settings.keyring_file: json.dumps(keys.ring), settings.audit_key_file: keys.audit_key}
    there = {path for path in contents if path.exists()}
    if wrong := next((path for path in there if path.read_text().split() != contents[path].split()), None):
        raise BackupFault("keys_differ", which=wrong)
    for path in contents.keys() - there:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, contents[path].encode())
    return sorted(contents.keys() - there)


def install(keys: Keys) -> None:
    """They are this process's own from now on."""
    keyring.install(KeyRing(keys.ring))
    chain.install(keys.audit_key)


def write_private(file: Path, content: bytes) -> None:
    """A new file that only its owner reads, on the disk when this returns. Raises BackupFault (there, unwritable)."""
    try:
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    except FileExistsError:
        raise BackupFault("there", name=file) from None
    except OSError as fault:
        raise BackupFault("unwritable", name=file, why=fault.strerror) from fault


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as fault:
        raise BackupFault("unreadable", name=file, why=fault.strerror) from fault
