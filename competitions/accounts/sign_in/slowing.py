"""An address with many wrong tries is slowed down, never shut: behind one address sit many who mistype nothing.

Whoever comes from there with an unknown device answers a small question, and one of them goes on every three seconds.
Knows no request.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from competitions.accounts.limits import count_attempt
from competitions.accounts.models import AttemptCount
from competitions.accounts.sign_in.questions import LIFE, Answer
from competitions.base.errors import TooMany

PAUSE = timedelta(seconds=3)
_ANSWERED = "sign_in:question:"


@dataclass(frozen=True, slots=True)
class Slowed:
    """What an attempt has to do first: answer a question (`asks`), or wait so many seconds; nothing, then it goes on."""

    asks: bool = False
    wait: int = 0

    def __bool__(self) -> bool:
        return self.asks or self.wait > 0

    def require_turn(self) -> None:
        """Raises TooMany for whoever has to wait."""
        if self.wait:
            here = self.wait == PAUSE.seconds
            raise TooMany(self.wait, "too_many_here" if here else "too_many", seconds=self.wait)


def slow_down(session: Session, address: str, answer: Answer, at: datetime) -> Slowed:
    """One step of somebody from a slow address; an answer is used up only by whoever goes on."""
    number = answer.right(at)
    if number is None or _is_used(session, number):
        return Slowed(asks=True)
    if count_attempt(session, f"sign_in:slow:{address}", at, PAUSE) > 1:
        return Slowed(wait=PAUSE.seconds)
    session.execute(
        delete(AttemptCount).where(
            AttemptCount.key.startswith(_ANSWERED, autoescape=True), AttemptCount.since < at - LIFE
        )
    )
    return Slowed(asks=count_attempt(session, _ANSWERED + number, at, LIFE) > 1)


def is_slow(session: Session, key: str, most: int, at: datetime, window: timedelta) -> bool:
    """Whether the address whose attempts are counted under `key` has had more than `most` in the window."""
    fresh = (AttemptCount.key == key, AttemptCount.since > at - window, AttemptCount.attempts > most)
    return session.scalar(select(AttemptCount.key).where(*fresh)) is not None


def _is_used(session: Session, number: str) -> bool:
    return session.get(AttemptCount, _ANSWERED + number) is not None
