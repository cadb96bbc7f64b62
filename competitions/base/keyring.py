"""Sealing of ID numbers and phones (AES-256-GCM, key ring outside the database) and their keyed blind index.

Knows no table: callers name table, column and row, which are bound to the ciphertext (a sealed value copied to
another row does not open). The ring is installed once per process by the application factory.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class KeyRing:
    """Encryption keys by id, the id of the active one, and the separate key of the blind index."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.active: str = document["active"]
        self.keys = {kid: bytes.fromhex(key) for kid, key in document["keys"].items()}
        self.index_key = bytes.fromhex(document["index_key"])

    def seal(self, plain: str | bytes, *place: str) -> str:
        """Encrypt `plain` for `place` (table, column, row id): "v1.<kid>.<nonce>.<ciphertext>"."""
        nonce = secrets.token_bytes(12)
        data = plain.encode() if isinstance(plain, str) else plain
        sealed = AESGCM(self.keys[self.active]).encrypt(nonce, data, "|".join(place).encode())
        return f"v1.{self.active}.{_text(nonce)}.{_text(sealed)}"

    def open_bytes(self, sealed: str, *place: str) -> bytes:
        """Decrypt what `seal` made for the same place. Raises ValueError when it does not belong there."""
        version, kid, nonce, data = sealed.split(".")
        if version != "v1" or kid not in self.keys:
            raise ValueError("sealed with an unknown key")
        try:
            return AESGCM(self.keys[kid]).decrypt(_bytes(nonce), _bytes(data), "|".join(place).encode())
        except InvalidTag as fault:
            raise ValueError("sealed value does not belong here") from fault

    def open(self, sealed: str, *place: str) -> str:
        """`open_bytes` as text."""
        return self.open_bytes(sealed, *place).decode()

    def seal_file(self, content: bytes, *place: str) -> bytes:
        """Encrypt a file for `place`: a line with version and key, the nonce, the ciphertext."""
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(self.keys[self.active]).encrypt(nonce, content, "|".join(place).encode())
        return b"v1.%s\n" % self.active.encode() + nonce + sealed

    def open_file(self, sealed: bytes, *place: str) -> bytes:
        """Decrypt what `seal_file` made for the same place. Raises ValueError when it does not belong there."""
        line, _, rest = sealed.partition(b"\n")
        version, _, kid = line.partition(b".")
        key = self.keys.get(kid.decode(errors="replace"))
        if version != b"v1" or key is None:
            raise ValueError("sealed with an unknown key")
        try:
            return AESGCM(key).decrypt(rest[:12], rest[12:], "|".join(place).encode())
        except (InvalidTag, ValueError) as fault:
            raise ValueError("sealed file does not belong here") from fault

    def fingerprints(self) -> dict[str, str]:
        """Key id → 32 hex characters that say nothing of the key but that it is the same one; "index" is the key of
        the blind index.
        """
        held = {**self.keys, "index": self.index_key}
        return {kid: hmac.new(key, b"fingerprint", hashlib.sha256).hexdigest()[:32] for kid, key in held.items()}

    def keyed_digest(self, kind: str, plain: str) -> str:
        """Keyed digest, 64 hex characters, by which an equal value is found by nobody without the ring."""
        return hmac.new(self.index_key, f"{kind}|{plain}".encode(), hashlib.sha256).hexdigest()

    def blind_index(self, kind: str, plain: str) -> str:
        """Keyed digest (32 hex characters) by which an equal value is found without decrypting."""
        return self.keyed_digest(kind, plain)[:32]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text)


def load(path: Path) -> KeyRing:
    """The ring kept in `path`; made (mode 0600) on first use."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        kid = f"k{secrets.token_hex(4)}"  # two rings never name two keys alike
        ring = {"active": kid, "keys": {kid: secrets.token_hex(32)}, "index_key": secrets.token_hex(32)}
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
            json.dump(ring, out)
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return KeyRing(json.loads(path.read_text()))


_installed: list[KeyRing | Path] = []


def install(ring: KeyRing | Path) -> None:
    """Make `ring` the ring of this process; of a file it is read, and made, when it is first asked for: a command that
    seals nothing leaves no ring behind in a place to which the right one is still to come.
    """
    _installed[:] = [ring]


def ring() -> KeyRing:
    """The ring of this process. Raises RuntimeError before the application is made."""
    if not _installed:
        raise RuntimeError("no key ring is installed")
    held = _installed[0]
    if isinstance(held, Path):
        held = _installed[0] = load(held)
    return held


def masked_id_number(number: str) -> str:
    """First three and last four characters: 450***********1234 (security.md §0, decision 15)."""
    return number[:3] + "*" * (len(number) - 7) + number[-4:] if len(number) > 7 else "*" * len(number)


_NUMBERS = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?![0-9A-Za-z])")


def masked_text(text: str) -> str:
    """The text with every ID number and mobile number in it masked, whatever stands around them."""
    return _NUMBERS.sub(lambda found: (masked_phone if len(found[0]) == 11 else masked_id_number)(found[0]), text)


def masked_phone(phone: str) -> str:
    """138****1234."""
    return phone[:3] + "****" + phone[-4:] if len(phone) >= 7 else "*" * len(phone)
