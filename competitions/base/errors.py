"""Refusals: everything the house says no to, as code + parameters. One table gives the HTTP status.

Knows no sentence (the catalogue has them) and no request.
"""

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

from competitions.base.problems import Problem

STATUS = {
    "not_signed_in": 401,
    "denied": 403,
    "denied_card": 403,
    "not_found": 404,
    "csrf": 400,
    "bad_request": 400,
    "method_not_allowed": 405,
    "invalid": 422,
    "idempotency_mismatch": 422,
    "stale_revision": 409,
    "sheet_locked": 409,
    "sheet_confirmed": 409,
    "too_large": 413,
    "file_too_large": 413,
    "too_many": 429,
    "too_many_here": 429,
    "too_many_known": 429,
    "busy": 503,
    "reading_busy": 503,
    "schema_old": 503,
    "storage_unavailable": 503,
    "internal": 500,
}
"""Error code → HTTP status; a code that starts with `state.` is 409, `invalid.` is 422."""


latest: ContextVar["Refusal | None"] = ContextVar("latest_refusal", default=None)
"""The refusal that was last raised in this context, whoever answers it (web/done.py starts each act without one)."""


class Refusal(Exception):
    """Something asked for is refused: `code` and `params` for the sentence, `problems` for what exactly is wrong, `status`
    for HTTP, `extra` for JSON answers (the problems as documents among it).
    """

    def __init__(
        self, code: str, *, problems: Sequence[Problem] = (), extra: dict[str, Any] | None = None, **params: Any
    ) -> None:
        super().__init__(code)
        latest.set(self)
        self.code = code
        self.params = params
        self.problems = list(problems)
        self.extra = dict(extra or {})
        if problems:
            self.extra["problems"] = [problem.document() for problem in problems]

    @property
    def told(self) -> list[Problem]:
        """What a page says of it: its problems; where there are none, the refusal itself as the one."""
        return self.problems or [Problem(self.code, None, self.params)]

    @property
    def status(self) -> int:
        """The HTTP status of this refusal."""
        if self.code.startswith("state."):
            return 409
        if self.code.startswith("invalid."):
            return 422
        return STATUS.get(self.code, 400)


class Invalid(Refusal):
    """Input that cannot be taken (422)."""

    def __init__(self, problems: Sequence[Problem] = (), code: str = "invalid", **params: Any) -> None:
        super().__init__(code, problems=problems, **params)


class NotFound(Refusal):
    """Missing, or out of the caller's scope: both look the same (404)."""

    def __init__(self) -> None:
        super().__init__("not_found")


class Denied(Refusal):
    """The function is not the caller's (403), or not that of his judge's card."""

    def __init__(self, *, by_card: bool = False) -> None:
        super().__init__("denied_card" if by_card else "denied")


class StateForbids(Refusal):
    """The state of things forbids it (409). `code` without the prefix, e.g. StateForbids("deadline_passed", until=…)."""

    def __init__(self, code: str, *, problems: Sequence[Problem] = (), **params: Any) -> None:
        super().__init__(f"state.{code}", problems=problems, **params)


class Stale(Refusal):
    """Somebody else was faster; `current` is what is there now (409)."""

    def __init__(self, current: Any = None, **params: Any) -> None:
        super().__init__("stale_revision", extra={"current": current}, **params)


class TooMany(Refusal):
    """A limit is reached; try again after `retry_after` seconds (429)."""

    def __init__(self, retry_after: int, code: str = "too_many", **params: Any) -> None:
        super().__init__(code, **params)
        self.retry_after = retry_after
