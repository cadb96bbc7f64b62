"""In front of Flask: whole answers that anybody may have, given again without asking the application.

An answer is given for FRESH, then the application is asked whether it still holds; a withdrawn publication is gone
within a second. Knows WSGI and the two words below, no feature. Each answer has its own request id and its own line in
the log, as gate.py gives them.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode
from weakref import WeakValueDictionary

from werkzeug.http import parse_etags

from competitions.results.publications.kept import Kept

DEPENDS = "competitions.answer_depends"
"""In the environment of a request: the application says what its answer depends on, as a text."""
KNOWN = "competitions.answer_known"
"""There too: what the kept answer depended on. While that is so, the application need only say 304."""
FRESH, GRACE = 300_000_000, 100_000_000
"""Nanoseconds: how long an answer is not asked about, and how much longer others make do with it while one asks."""
MOST_BYTES = 24_000_000
PLACE = "/results/"
ROUTE = "/results/<publication_id>"
SEARCH = "q"
BODILY = ("content-type", "content-length", "content-encoding", "content-disposition")
"""Headers that a 304 leaves out."""
ID = "competitions.request_id"
log = logging.getLogger("competitions.requests")
Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Application = Callable[..., Iterable[bytes]]
Key = bytes
Arguments = Mapping[str, Callable[[str], str | None]]
"""Name of an argument → what of a typed value makes a difference to an answer, in the one form it is written in; None:
nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; `asked_at`: when the application was asked for it, by the request `id`; `depends`: on what."""

    status: str
    headers: Headers
    body: bytes
    id: str
    asked_at: int
    depends: str | None

    @property
    def is_for_all(self) -> bool:
        """Whether it may be given to somebody else."""
        named = {name.lower(): value for name, value in self.headers}
        public = named.get("cache-control", "").startswith("public") and "set-cookie" not in named
        return self.status.startswith("200") and public

    def is_younger(self, nanoseconds: int) -> bool:
        """Whether the application was asked not longer ago."""
        return time.monotonic_ns() - self.asked_at <= nanoseconds

    def has_tag(self, tags: str) -> bool:
        """Whether it is what the reader has, by his If-None-Match."""
        own = next((value for name, value in self.headers if name.lower() == "etag"), "")
        return bool(tags and own) and self.status.startswith("200") and parse_etags(tags).contains_raw(own)


class PublicAnswers:
    """A WSGI application around another one. `arguments`: those of an address that make a difference to an answer.

    Of what a visitor typed nothing is kept as he typed it: a key is a digest, and the application hears only of the
    arguments that made the key, so that no answer repeats to others what stood beside them.
    """

    def __init__(self, application: Application, arguments: Arguments) -> None:
        self._application, self._arguments = application, arguments
        self._kept: Kept[Answer] = Kept(MOST_BYTES, lambda answer: len(answer.body) + 1_000)
        self._locks: WeakValueDictionary[Key, Any] = WeakValueDictionary()
        self._locking = Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Give the kept answer, or ask the application and keep what it says."""
        if environ["REQUEST_METHOD"] != "GET" or not environ["PATH_INFO"].startswith(PLACE):
            return self._application(environ, start_response)
        tags, key = environ.pop("HTTP_IF_NONE_MATCH", ""), self._key(environ)
        answer = _asked(self._application, environ) if key is None else self._answer(key, environ)
        status, headers, body = answer.status, answer.headers, answer.body
        if answer.has_tag(tags):
            status, headers, body = "304 NOT MODIFIED", [each for each in headers if each[0].lower() not in BODILY], b""
        start_response(status, [*headers, ("X-Request-ID", _request_id(answer, environ))])
        return [body]

    def _key(self, environ: Environ) -> Key | None:
        """What makes two requests the same; None for what is never kept (searches, parts). Leaves in the address what
        makes the key.
        """
        query, first = environ.get("QUERY_STRING", ""), dict[str, str]()
        for name, value in parse_qsl(query) if query else ():
            first.setdefault(name, value)
        if SEARCH in first or "HTTP_RANGE" in environ:
            return None
        meant = ((name, mean(first[name])) for name, mean in sorted(self._arguments.items()) if name in first)
        environ["QUERY_STRING"] = urlencode([(name, value) for name, value in meant if value is not None])
        packed = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
        parts = (environ.get("HTTP_HOST", ""), environ["PATH_INFO"], environ["QUERY_STRING"], packed)
        return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).digest()

    def _answer(self, key: Key, environ: Environ) -> Answer:
        """The kept answer while it is fresh. Then only one asks for a new one at a time; the others make do with the old
        one a little longer, and wait when there is none.
        """
        old = self._kept.get(key)
        if old is not None and old.is_younger(FRESH):
            return old
        with self._locking:
            lock = self._locks.setdefault(key, Lock())
        if not lock.acquire(blocking=old is None or not old.is_younger(FRESH + GRACE)) and old is not None:
            return old
        try:
            newer = self._kept.get(key)
            return newer if newer is not None and newer.is_younger(FRESH) else self._renewed(key, environ, newer)
        finally:
            lock.release()

    def _renewed(self, key: Key, environ: Environ, old: Answer | None) -> Answer:
        if old is not None and old.depends is not None:
            environ[KNOWN] = old.depends
        answer = _asked(self._application, environ)
        if old is not None and answer.status.startswith("304"):
            answer = replace(old, id=answer.id, asked_at=answer.asked_at)
        if answer.is_for_all:
            self._kept.put(key, answer)
        return answer


def _asked(application: Application, environ: Environ) -> Answer:
    """What the application says."""
    said: list[tuple[str, Headers]] = []

    def listening(status: str, headers: Headers, _fault: Any = None) -> None:
        said.append((status, headers))

    asked_at = time.monotonic_ns()
    pieces = application(environ, listening)
    try:
        body = b"".join(pieces)
    finally:
        getattr(pieces, "close", lambda: None)()
    status, headers = said[-1]
    environ[ID] = next((value for name, value in headers if name.lower() == "x-request-id"), "-")
    named = [each for each in headers if each[0].lower() != "x-request-id"]
    return Answer(status, named, body, environ[ID], asked_at, environ.get(DEPENDS))


def _request_id(answer: Answer, environ: Environ) -> str:
    """The id of this request: the application's where it was asked by it (and has logged it), else a new one."""
    if environ.get(ID) == answer.id:
        return answer.id
    id_ = secrets.token_hex(8)
    log.info({"request": id_, "method": "GET", "route": ROUTE, "status": 200, "ms": 0, "user": None})
    return id_
