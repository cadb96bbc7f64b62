"""The small question that a person answers at once and a program that guesses passwords has to be made for.

A sum in words; the answer travels sealed beside it, for five minutes and for one use. Knows no request.
"""

import json
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from competitions.base import keyring

LIFE = timedelta(minutes=5)
_NUMERALS = "零一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what the page carries with it."""

    words: str
    carried: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the carried part and what was typed."""

    carried: str = ""
    typed: str = ""

    def right(self, at: datetime) -> str | None:
        """The number of the question if it is answered rightly and in time, else None."""
        try:
            document = json.loads(keyring.ring().open(self.carried, "sign_in", "question"))
        except ValueError:
            return None
        said = "".join(unicodedata.normalize("NFKC", self.typed).split())
        right = said in (str(document["sum"]), _worded(document["sum"]))
        return str(document["number"]) if right and document["until"] > at.timestamp() else None


def ask(at: datetime) -> Question:
    """A new question."""
    first, second = 2 + secrets.randbelow(8), 1 + secrets.randbelow(9)
    first, second, sign = (first, second, "加") if secrets.randbelow(2) else (first + second, second, "减")
    result = first + second if sign == "加" else first - second
    document = {"sum": result, "until": int((at + LIFE).timestamp()), "number": secrets.token_hex(8)}
    carried = keyring.ring().seal(json.dumps(document), "sign_in", "question")
    return Question(f"{_worded(first)}{sign}{_worded(second)}等于几？", carried)


def _worded(number: int) -> str:
    """0 to 18 in words."""
    if number <= 10:
        return _NUMERALS[number]
    return f"十{_NUMERALS[number - 10]}"
