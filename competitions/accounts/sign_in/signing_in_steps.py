"""Between password and second factor: what is known of somebody who has given his password and is no further.

It travels sealed with the browser for ten minutes; the server keeps nothing. Knows no request.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from competitions.accounts.models import User
from competitions.accounts.passwords import token_hash
from competitions.accounts.sign_in.signing_in import Attempt
from competitions.base import keyring

LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Step:
    """A password that was right: whose, counted under what, from which known device, on the way to which page; `mark`
    tells whether the password is still the same one.
    """

    user_id: str
    counter: str
    device_id: str | None
    mark: str
    target: str
    until: int

    def attempt(self, browser_token: str | None) -> Attempt:
        """The attempt that the step goes on with."""
        return Attempt(self.user_id, None, self.counter, self.device_id, browser_token)

    def user(self, session: Session) -> User | None:
        """The user, unless his account was closed or has another password by now."""
        user = session.get(User, self.user_id)
        fits = user is not None and user.active and _mark(user.password_hash) == self.mark
        return user if fits else None


def sealed(attempt: Attempt, target: str, at: datetime) -> str:
    """The step after this password, as the browser carries it."""
    until = int((at + LIFE).timestamp())
    step = Step(attempt.user_id or "", attempt.counter, attempt.device_id, _mark(attempt.password_hash), target, until)
    return keyring.ring().seal(json.dumps(asdict(step)), "sign_in", "step")


def read(carried: str, at: datetime) -> Step | None:
    """What `sealed` made; None for anything else, and when the time is over."""
    try:
        step = Step(**json.loads(keyring.ring().open(carried, "sign_in", "step")))
    except (ValueError, TypeError):
        return None
    return step if step.until > at.timestamp() else None


def _mark(password_hash: str | None) -> str:
    return token_hash(password_hash or "")[:16]
