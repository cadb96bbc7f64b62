"""Bodies of requests that do not say how long they are (chunked): counted while they are read. Knows no feature.

Werkzeug cuts such a body off at its limit and goes on, so that the end of a form would be lost in silence; here it is
refused.
"""

from io import RawIOBase
from typing import Any

from flask import Request

from competitions.web.declared import Largest


class Counted(RawIOBase):
    """A stream that raises when more comes out of it than `largest` allows."""

    def __init__(self, stream: Any, largest: Largest) -> None:
        self._stream, self._largest, self._given = stream, largest, 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, into: Any) -> int:
        """Read on. Raises Refusal."""
        data = self._stream.read(min(len(into), self._largest.body + 1 - self._given))
        self._given += len(data)
        if self._given > self._largest.body:
            raise self._largest.refusal()
        into[: len(data)] = data
        return len(data)


def limit(request: Request, largest: Largest) -> None:
    """A larger body is refused: before anything of it is read when it says its length, else when it turns out.

    Raises Refusal (too_large, file_too_large).
    """
    said = request.content_length
    if said is None:
        request.environ["wsgi.input"] = Counted(request.environ["wsgi.input"], largest)
        request.max_content_length = largest.body + 1
    elif said > largest.body:
        raise largest.refusal()
