"""The hash of an audit record (security.md §3.3): HMAC with a key that lies outside the database. Knows no session."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

GENESIS = "0" * 64
KEY_ID = "a1"
_installed: list[bytes] = []
_encoded = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def install(key: str) -> None:
    """Make the hex `key` the chain key of this process."""
    _installed[:] = [bytes.fromhex(key)]


def canonical(document: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, UTF-8 (as contracts.md says for digests)."""
    return _encoded(document)


def digest(document: Any) -> str:
    """SHA-256 of the canonical JSON, hex."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def chain_hash(seq: int, prev_hash: str, at_us: int, payload: str) -> str:
    """The hash of record `seq`, hex. Raises RuntimeError when no key is installed."""
    if not _installed:
        raise RuntimeError("no audit key is installed")
    inner = hashlib.sha256(payload.encode()).hexdigest()
    return hmac.new(_installed[0], f"v1\n{seq}\n{prev_hash}\n{at_us}\n{inner}".encode(), hashlib.sha256).hexdigest()


def hasher() -> Callable[[int, str, int, str], str]:
    """`chain_hash` for long runs: the key is worked in once instead of for every record. Raises RuntimeError."""
    if not _installed:
        raise RuntimeError("no audit key is installed")
    sha256 = hashlib.sha256
    key = _installed[0] if len(_installed[0]) <= 64 else sha256(_installed[0]).digest()
    block = key.ljust(64, b"\0")
    inner, outer = (sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))  # RFC 2104

    def quick(seq: int, prev_hash: str, at_us: int, payload: str) -> str:
        inside, outside = inner.copy(), outer.copy()
        inside.update(f"v1\n{seq}\n{prev_hash}\n{at_us}\n{sha256(payload.encode()).hexdigest()}".encode())
        outside.update(inside.digest())
        return outside.hexdigest()

    return quick
