"""Passwords and one-time secrets: hashing (argon2id), rules, normalised user names. Knows no database."""

import hashlib
import re
import secrets
import unicodedata
from functools import lru_cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from competitions.base.errors import Invalid

_hasher = PasswordHasher()
_DUMMY = "$argon2id$v=19$m=65536,t=3,p=4$ThDZoTcbz3uQ1dMaVyGrgg$/fxokbqB5yZvQL2EFtdeSg4mbZZmCDaPFgVFj1cB4JE"
"""The hash of a password that nobody knows, with the hasher's parameters (a test compares them)."""
_LEGIBLE = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
HALF = 4
_FORBIDDEN = (
    "password",
    "zhigong",
    "jineng",
    "qwerty",
    "123456",
    "111111",
    "888888",
    "gonghui",
    "guangxi",
    "abc123",
    "jingsai",
    "caipan",
    "woaini",
    "5201314",
    "qazwsx",
    "1qaz2wsx",
    "654321",
    "admin",
)
_PERSONAL = re.compile(r"1[3-9][0-9]{9}|[0-9]{17}[0-9x]")
"""A mobile or ID number anywhere in a password."""


def normalised_username(name: str) -> str:
    """NFKC, without blanks and invisible characters, casefolded: how names are kept and compared (CVE-2020-7245)."""
    folded = unicodedata.normalize("NFKC", name)
    kept = "".join(c for c in folded if unicodedata.category(c) not in ("Cf", "Cc", "Zs", "Zl", "Zp"))
    return kept.casefold()


def hashed(password: str) -> str:
    """The argon2id hash. Slow on purpose: call it outside a write transaction."""
    return _hasher.hash(password)


def verified(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; takes as long when there is no hash (unknown user)."""
    try:
        return _hasher.verify(password_hash or _DUMMY, password[:1024]) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(password_hash: str) -> bool:
    """Whether the hash should be made anew with today's parameters."""
    return _hasher.check_needs_rehash(password_hash)


def check_strength(password: str, username: str) -> None:
    """10–128 characters with three of four kinds, or 16 and more of any (security.md §1). Raises Invalid."""
    kinds = sum(bool(re.search(pattern, password)) for pattern in (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]"))
    low = password.casefold()
    if len(password) > 128 or len(password) < 10 or (kinds < 3 and len(password) < 16):
        raise Invalid(code="invalid.password_weak")
    if _guessable(low, normalised_username(username)) or len(set(password)) < 5:
        raise Invalid(code="invalid.password_guessable")


def _guessable(low: str, username: str) -> bool:
    """Common words with digits and signs around them, the user's own name, phone and ID numbers."""
    letters = re.sub(r"^[^a-z]+|[^a-z]+$", "", low)
    return (
        (len(username) >= 3 and username in low)
        or any(word in low for word in _FORBIDDEN)
        or bool(_PERSONAL.search(low))
        or low in common_passwords()
        or letters in common_passwords()
    )


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """The packaged list of common passwords and of the words in them, in small letters."""
    listed = resources.files(__package__).joinpath("common_passwords.txt").read_text(encoding="ascii")
    return frozenset(line for line in listed.splitlines() if not line.startswith("#"))


def new_secret() -> str:
    """A random token of 256 bits."""
    return secrets.token_urlsafe(32)


def new_activation_code() -> str:
    """A one-time code that can be read out over the phone: 4 groups of 4, 80 bits."""
    return "-".join(new_half() for _ in range(4))


def new_half() -> str:
    """Half of a one-time code that two people issue: 4 characters, 20 bits, of no use without the other half."""
    return "".join(secrets.choice(_LEGIBLE) for _ in range(HALF))


def token_hash(token: str) -> str:
    """How a token is kept: its SHA-256, hex."""
    return hashlib.sha256(token.strip().encode()).hexdigest()
