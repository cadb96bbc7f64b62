"""How many ID numbers of other units somebody may be told of in an hour: the answer "registered already" must not become a
way to ask who takes part (security.md §5). Knows the caller, no page.

A person is counted once in the hour, however often the page says it. When more than the setting allows would be told,
nobody is told of any of them; and for the rest of the hour nothing is looked up at all, so that being refused says
nothing of the number that was asked.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from competitions.accounts.limits import attempts_of, count_attempt, forget_attempts
from competitions.base.errors import TooMany
from competitions.base.permissions import Actor
from competitions.registration.settings import KNOWN_ELSEWHERE

HOUR = timedelta(hours=1)
CODE = "duplicate.registered"


def is_foreign(code: str, params: Mapping[str, Any]) -> bool:
    """Whether a problem tells of somebody whom another unit has registered."""
    return code == CODE and params.get("reason") != "own"


def require_left(session: Session, *, by: Actor, at: datetime) -> None:
    """Before anything is looked up. Raises TooMany when this hour's numbers are used up."""
    most = KNOWN_ELSEWHERE.value(session)
    if attempts_of(session, _key(by), at, HOUR) > most:
        raise _refusal(most)


def count_told(session: Session, indexes: Iterable[str], *, by: Actor, at: datetime) -> TooMany | None:
    """Count the people (blind indexes of their ID numbers) of whom the caller is about to be told, those of whom he was told
    within the hour left out. The refusal when they are more than the setting allows: to be raised after the commit, for
    the count must stay, and he is told of none.
    """
    most, keys = KNOWN_ELSEWHERE.value(session), {f"{_key(by)}:{_short(index)}" for index in indexes}
    new = [key for key in sorted(keys) if count_attempt(session, key, at, HOUR) == 1]
    if not new or count_attempt(session, _key(by), at, HOUR, by=len(new)) <= most:
        return None
    for key in new:
        forget_attempts(session, key)
    return _refusal(most)


def _key(by: Actor) -> str:
    return f"duplicate:{by.id}"


def _short(index: str) -> str:
    return hashlib.sha256(index.encode()).hexdigest()[:24]


def _refusal(most: int) -> TooMany:
    return TooMany(int(HOUR.total_seconds()), "too_many_known", most=most)
