"""The two Chinese codes that can be checked by themselves: resident ID numbers (GB 11643) and USCC (GB 32100).

Knows no cells and no sentences.
"""

import datetime as dt
import operator
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_ID_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_USCC_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC_SHAPE = re.compile(f"[{_USCC_DIGITS}]{{18}}")
_LEFT_OUT = re.compile(r"[\s\-‐‑‒–—―'‘’`\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]+")


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A sound resident ID number and what it says about its bearer."""

    number: str
    birth_date: dt.date
    sex: str

    @property
    def area(self) -> str:
        """The six digits of the place of first registration."""
        return self.number[:6]


class BadId(Exception):
    """Not a resident ID number; `code` is `truncated`, `format`, `birth_date` or `checksum` after `id_number.`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = f"id_number.{code}"
        self.params = params


def plain_code(text: str) -> str:
    """A typed code without spaces, hyphens, apostrophes and invisible characters, full-width made plain, upper case."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return _LEFT_OUT.sub("", unicodedata.normalize("NFKC", text)).upper()


def read_id_number(text: str, today: dt.date | None = None) -> IdNumber:
    """A resident ID number as people type it (GB 11643: 17 digits and the check character of ISO 7064 MOD 11-2).

    Raises:
        BadId: with the code of the contract.
    """
    number = plain_code(text)
    if not _ID_SHAPE.fullmatch(number):
        if re.fullmatch(r"[0-9]\.[0-9]+E\+?1[0-9]", number):
            raise BadId("truncated")
        old = re.fullmatch(r"[0-9]{15}", number)
        raise BadId("format", length=len(number), **({"reason": "old"} if old else {}))
    total = sum(map(operator.mul, _ID_WEIGHTS, number.encode())) - ord("0") * sum(_ID_WEIGHTS)
    sound = _ID_CHECKS[total % 11] == number[17]
    if not sound and number.endswith("000"):
        raise BadId("truncated")  # how a number looks that Excel has rounded to 15 digits and somebody made text again
    birth_date = _birth_date(number[6:14], today or dt.date.today())
    if birth_date is None:
        raise BadId("birth_date", date=number[6:14])
    if not sound:
        raise BadId("checksum")
    return IdNumber(number, birth_date, "男" if int(number[16]) % 2 else "女")


def _birth_date(digits: str, today: dt.date) -> dt.date | None:
    try:
        date = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return date if dt.date(1900, 1, 1) <= date <= today else None


def check_uscc(text: str) -> str | None:
    """A unified social credit code (GB 32100-2015) in its plain form, None when it is none."""
    code = plain_code(text)
    if not _USCC_SHAPE.fullmatch(code):
        return None
    total = sum(_USCC_DIGITS.index(digit) * weight for digit, weight in zip(code, _USCC_WEIGHTS, strict=False))
    return code if _USCC_DIGITS[-total % 31] == code[17] else None


@lru_cache(maxsize=1)
def area_codes() -> frozenset[str]:
    """The area codes in force (GB/T 2260); abolished ones still stand in ID numbers, so a miss is a warning only."""
    listed = resources.files(__package__).joinpath("area_codes.txt").read_text(encoding="ascii")
    return frozenset(listed.split())
