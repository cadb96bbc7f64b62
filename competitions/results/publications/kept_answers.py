"""In front of Flask: a public result page asked for again within a fraction of a second gets the same bytes.

When thousands look at one page, only a few of their requests a second go through the application. Keeps whole answers that
anybody may have (200, `Cache-Control: public`, no cookie); knows WSGI and no feature. Each answer has its own request id
and its own line in the log, as gate.py gives them.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from competitions.results.publications.page_cache import Kept

FRESH_NANOSECONDS = 250_000_000  # together with page_cache.FRESH_NANOSECONDS under a second
MOST_BYTES = 8_000_000
LARGEST = 400_000
PLACE = "/results/"
ROUTE = "/results/<publication_id>"
log = logging.getLogger("competitions.requests")
Environ = dict[str, Any]
Key = tuple[str, str, str, bool]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer without its request id, and until when it may be given again."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    until: int


class KeptAnswers:
    """A WSGI application around another one."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self._kept = Kept(MOST_BYTES, lambda answer: len(answer.body) + 1_000)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Give the kept answer, or ask the application and keep what it says."""
        key = _key(environ)
        if key is None:
            return self._application(environ, start_response)
        found: Answer | None = self._kept.get(key)
        if found is None or time.monotonic_ns() > found.until:
            return self._asked(key, environ, start_response)
        request_id = secrets.token_hex(8)
        start_response(found.status, [*found.headers, ("X-Request-ID", request_id)])
        log.info({"request": request_id, "method": "GET", "route": ROUTE, "status": 200, "ms": 0, "user": None})
        return [found.body]

    def _asked(self, key: Key, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def listening(status: str, headers: list[tuple[str, str]], *fault: Any) -> Any:
            said.append((status, headers))
            return start_response(status, headers, *fault)

        until = time.monotonic_ns() + FRESH_NANOSECONDS
        pieces = self._application(environ, listening)
        try:
            body = b"".join(pieces)
        finally:
            getattr(pieces, "close", lambda: None)()
        status, headers = said[-1]
        if _is_for_all(status, headers) and len(body) <= LARGEST:
            named = [(name, value) for name, value in headers if name.lower() != "x-request-id"]
            self._kept.put(key, Answer(status, named, body, until))
        return [body]


def _key(environ: Environ) -> Key | None:
    """What makes two requests the same; None for those that are always passed on (searches, conditional ones, others)."""
    path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] != "GET" or not path.startswith(PLACE) or "q=" in query:
        return None
    if "HTTP_IF_NONE_MATCH" in environ or "HTTP_RANGE" in environ:
        return None
    return environ.get("HTTP_HOST", ""), path, query, "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")


def _is_for_all(status: str, headers: list[tuple[str, str]]) -> bool:
    names = {name.lower(): value for name, value in headers}
    return (
        status.startswith("200") and names.get("cache-control", "").startswith("public") and "set-cookie" not in names
    )
