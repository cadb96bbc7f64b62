"""The file format of age (age-encryption.org/v1), read and written as a stream: for a public key (X25519) or a pass phrase
(scrypt). What is written here the program `age` opens too. Knows no archive and no file.
"""

import hashlib
import hmac
import io
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from competitions.backup import bech32

FIRST_LINE = b"age-encryption.org/v1\n"
CHUNK = 64 * 1024
_TAG = 16
_SCRYPT = b"age-encryption.org/v1/scrypt"
_X25519 = b"age-encryption.org/v1/X25519"
WORK, MOST_WORK = 17, 20
"""The work of a pass phrase as a power of two: what is written (128 MB, a third of a second), and what is read at most."""
_LONGEST_LINE, _MOST_LINES = 4096, 100


class NotOurs(Exception):
    """The file is not of this format, or it was cut off or changed."""


class WrongKey(Exception):
    """The file is of the format, but this key or pass phrase does not open it."""


@dataclass(frozen=True, slots=True)
class Stanza:
    """One way to the file's key: a kind, its arguments, the wrapped key."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes

    def written(self) -> bytes:
        """As it stands in the header."""
        return f"-> {' '.join((self.kind, *self.arguments))}\n{_text(self.body)}\n".encode()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Whoever has this can write files, and cannot open them."""

    data: bytes

    @classmethod
    def read(cls, text: str) -> "PublicKey":
        """From "age1…". Raises ValueError."""
        return cls(_thirty_two(bech32.read(text.strip(), "age")))

    def __str__(self) -> str:
        return bech32.written("age", self.data)

    def wrap(self, key: bytes) -> Stanza:
        """The file's key for the owner of the private key."""
        once = X25519PrivateKey.generate()
        share = once.public_key().public_bytes_raw()
        shared = once.exchange(X25519PublicKey.from_public_bytes(self.data))
        return Stanza("X25519", (_text(share),), _wrapped(_derived(shared, share + self.data, _X25519), key))


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """Opens what was written for its public key."""

    data: bytes

    @classmethod
    def made(cls) -> "PrivateKey":
        """A new one."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def read(cls, text: str) -> "PrivateKey":
        """From a file as age-keygen writes it: "AGE-SECRET-KEY-1…", lines with # are notes. Raises ValueError."""
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        if len(lines) != 1:
            raise ValueError("one key is needed")
        return cls(_thirty_two(bech32.read(lines[0], "age-secret-key-")))

    def __str__(self) -> str:
        return bech32.written("age-secret-key-", self.data).upper()

    @property
    def public(self) -> PublicKey:
        """Its public key."""
        return PublicKey(self._key.public_key().public_bytes_raw())

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """The file's key; None when this stanza is for somebody else."""
        if stanza.kind != "X25519" or len(stanza.arguments) != 1:
            return None
        share = _thirty_two(_bytes(stanza.arguments[0]))
        shared = self._key.exchange(X25519PublicKey.from_public_bytes(share))
        return _unwrapped(_derived(shared, share + self.public.data, _X25519), stanza.body)

    @property
    def _key(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self.data)


@dataclass(frozen=True, slots=True)
class PassPhrase:
    """Writes and opens by what somebody knows."""

    text: str

    def wrap(self, key: bytes) -> Stanza:
        """The file's key for whoever knows the pass phrase."""
        salt = secrets.token_bytes(16)
        return Stanza("scrypt", (_text(salt), str(WORK)), _wrapped(self._stretched(salt, WORK), key))

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """The file's key; None when it is another pass phrase, or none is asked for. Raises NotOurs."""
        if stanza.kind != "scrypt":
            return None
        salt, work = stanza.arguments
        if not work.isdecimal() or int(work) > MOST_WORK:
            raise NotOurs
        return _unwrapped(self._stretched(_bytes(salt), int(work)), stanza.body)

    def _stretched(self, salt: bytes, work: int) -> bytes:
        return Scrypt(salt=_SCRYPT + salt, length=32, n=2**work, r=8, p=1).derive(self.text.encode())


Recipient = PublicKey | PassPhrase
Identity = PrivateKey | PassPhrase


class Sealing(io.RawIOBase):
    """A file to be written: what is written to it goes on encrypted, a chunk at a time. Without `close` it is not whole."""

    def __init__(self, out: BinaryIO, recipient: Recipient) -> None:
        key = secrets.token_bytes(16)
        header = FIRST_LINE + recipient.wrap(key).written() + b"---"
        nonce = secrets.token_bytes(16)
        out.write(header + b" " + _text(_mac(key, header)).encode() + b"\n" + nonce)
        self._out, self._cipher = out, ChaCha20Poly1305(_derived(key, nonce, b"payload"))
        self._held, self._number = bytearray(), 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Take all of it. The last chunk is held back: only `close` knows that it is the last."""
        self._held += data
        while len(self._held) > CHUNK:
            self._pass_on(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return len(data)

    def close(self) -> None:
        """The last chunk, which says that it is the last."""
        if not self.closed:
            self._pass_on(bytes(self._held), last=True)
        super().close()

    def give_up(self) -> None:
        """End without the last chunk: what was written opens nowhere."""
        super().close()

    def _pass_on(self, chunk: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_counted(self._number, last), chunk, None))
        self._number += 1


class Opening(io.RawIOBase):
    """An encrypted file to be read from its beginning. Raises NotOurs, WrongKey; NotOurs also while it is read."""

    def __init__(self, source: BinaryIO, identity: Identity) -> None:
        key = _file_key(source, identity)
        nonce = source.read(16)
        self._source, self._cipher = source, ChaCha20Poly1305(_derived(key, nonce, b"payload"))
        self._next, self._number, self._plain = source.read(CHUNK + _TAG), 0, b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Some bytes; 0 at the end."""
        if not self._plain and self._next:
            self._plain = self._opened()
        part, self._plain = self._plain[: len(buffer)], self._plain[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def _opened(self) -> bytes:
        chunk, self._next = self._next, self._source.read(CHUNK + _TAG)
        try:
            plain = self._cipher.decrypt(_counted(self._number, not self._next), chunk, None)
        except InvalidTag:
            raise NotOurs from None
        self._number += 1
        return plain


def _file_key(source: BinaryIO, identity: Identity) -> bytes:
    try:
        header, stanzas, mac = _header(source)
        key = next(filter(None, map(_unwrapping(identity), stanzas)), None)
    except ValueError:
        raise NotOurs from None
    if key is None:
        raise WrongKey
    if not hmac.compare_digest(_mac(key, header), mac):
        raise NotOurs
    return key


def _unwrapping(identity: Identity) -> Callable[[Stanza], bytes | None]:
    return identity.unwrap


def _header(source: BinaryIO) -> tuple[bytes, list[Stanza], bytes]:
    """The header as far as it is signed, its stanzas and its signature. Raises NotOurs, ValueError."""
    if source.read(len(FIRST_LINE)) != FIRST_LINE:
        raise NotOurs
    said, stanzas = FIRST_LINE, list[Stanza]()
    for _ in range(_MOST_LINES):
        line = source.readline(_LONGEST_LINE)
        if line.startswith(b"--- "):
            return said + b"---", stanzas, _bytes(line[4:-1].decode())
        first, kind, *arguments = line.decode().split()
        if first != "->":
            raise NotOurs
        body = source.readline(_LONGEST_LINE)  # one line holds 48 bytes; a wrapped key has 32
        said += line + body
        stanzas.append(Stanza(kind, tuple(arguments), _bytes(body[:-1].decode())))
    raise NotOurs


def _counted(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _derived(secret: bytes, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(secret)


def _mac(key: bytes, header: bytes) -> bytes:
    return hmac.new(_derived(key, None, b"header"), header, hashlib.sha256).digest()


def _wrapped(wrapping: bytes, key: bytes) -> bytes:
    return ChaCha20Poly1305(wrapping).encrypt(bytes(12), key, None)


def _unwrapped(wrapping: bytes, body: bytes) -> bytes | None:
    try:
        return ChaCha20Poly1305(wrapping).decrypt(bytes(12), body, None)
    except InvalidTag:
        return None


def _thirty_two(data: bytes) -> bytes:
    if len(data) != 32:
        raise ValueError("32 bytes are needed")
    return data


def _text(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return b64decode(text + "=" * (-len(text) % 4), validate=True)
