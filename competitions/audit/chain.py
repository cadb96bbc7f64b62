"""The hash of an audit record (security.md §3.3): HMAC with a key that lies outside the database. Knows no session."""

import hashlib
import hmac
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from competitions.base.config import secret_file

GENESIS = "0" * 64
KEY_ID = "a1"
_installed: list[bytes | Path] = []
_encoded = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def install(key: str | Path) -> None:
    """Make the hex `key` the chain key of this process; of a file it is read, and made, when it is first asked for."""
    _installed[:] = [bytes.fromhex(key) if isinstance(key, str) else key]


def fingerprint(key: bytes | None = None) -> str:
    """32 hex characters that say nothing of a key (the installed one) but that it is the same one. Raises RuntimeError."""
    return hmac.new(key or _key(), b"fingerprint", hashlib.sha256).hexdigest()[:32]


def _key() -> bytes:
    if not _installed:
        raise RuntimeError("no audit key is installed")
    key = _installed[0]
    if isinstance(key, Path):
        key = _installed[0] = bytes.fromhex(secret_file(key))
    return key


def row_key() -> bytes:
    """The key of the digests of rows (row_digests.py), made from the chain's. Raises RuntimeError when none is installed."""
    return _derived(_key(), b"rows")


@cache
def _derived(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose, "sha256")


def canonical(document: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, UTF-8 (as contracts.md says for digests)."""
    return _encoded(document)


def digest(document: Any) -> str:
    """SHA-256 of the canonical JSON, hex."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def chain_hash(seq: int, prev_hash: str, at_us: int, payload: str) -> str:
    """The hash of record `seq`, hex. Raises RuntimeError when no key is installed."""
    inner = hashlib.sha256(payload.encode()).hexdigest()
    return hmac.new(_key(), f"v1\n{seq}\n{prev_hash}\n{at_us}\n{inner}".encode(), hashlib.sha256).hexdigest()


def hasher() -> Callable[[int, str, int, str], str]:
    """`chain_hash` for long runs: the key is worked in once instead of for every record. Raises RuntimeError."""
    sha256, key = hashlib.sha256, _key()
    key = key if len(key) <= 64 else sha256(key).digest()
    block = key.ljust(64, b"\0")
    inner, outer = (sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))  # RFC 2104

    def quick(seq: int, prev_hash: str, at_us: int, payload: str) -> str:
        inside, outside = inner.copy(), outer.copy()
        inside.update(f"v1\n{seq}\n{prev_hash}\n{at_us}\n{sha256(payload.encode()).hexdigest()}".encode())
        outside.update(inside.digest())
        return outside.hexdigest()

    return quick
