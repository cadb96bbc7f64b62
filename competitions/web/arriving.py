"""How much of a body waitress keeps while it arrives. Knows waitress; what each address takes is told by who starts it.

Waitress takes a body whole before it asks the application, up to its own limit: in memory, then in a temporary file. Eight
visitors who send 64 MB each would so fill half a gigabyte, only to be refused. Here a body that is larger than the view at
its address takes is let past and not kept. The application is asked when all of it has come, and refuses it by its
length; the browser, which reads no answer before it has sent everything, shows the page that says what to do.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from competitions.web.declared import USUAL, largest_of

Most = Callable[[str, str], int]
"""Method and path of a request → the largest body that is kept of it, in bytes."""


class Bounded(OverflowableBuffer):
    """A buffer that keeps nothing any more once more than `most` has come. It goes on to say how much came."""

    def __init__(self, overflow: int, most: int) -> None:
        super().__init__(overflow)
        self._most, self._passed = most, 0

    def append(self, data: bytes) -> None:
        """Keep it, or let it pass."""
        if self._passed or len(self) + len(data) > self._most:
            passed = len(self) + len(data)
            self.close()
            self.buf, self.strbuf, self.overflowed = None, b"", False
            self._passed = passed
        else:
            super().append(data)

    def __len__(self) -> int:
        return self._passed or int(super().__len__())


def most_of(app: Flask) -> Most:
    """What the views of the application take."""
    addresses = app.url_map.bind("")

    def most(method: str, path: str) -> int:
        try:
            endpoint, _ = addresses.match(path.encode("latin-1").decode(errors="replace"), method=method)
        except (HTTPException, RequestRedirect):
            return USUAL.body
        return largest_of(app, endpoint).body

    return most


def channel_keeping(most: Most) -> type[HTTPChannel]:
    """Connections on which bodies are kept as far as `most` says."""

    class Parser(HTTPRequestParser):
        """A request as it arrives."""

        def parse_header(self, header_plus: bytes) -> None:
            """Where a body follows, say how much of it is kept: nothing when it says itself that it is too large."""
            super().parse_header(header_plus)
            if self.body_rcv is not None:
                kept = most(self.command, self.path)
                kept = kept if self.content_length <= kept else 0
                self.body_rcv.buf = Bounded(self.adj.inbuf_overflow, kept)

    class Channel(HTTPChannel):
        """A connection."""

        parser_class = Parser

    return Channel


def server_of(app: Flask, **how: Any) -> Any:
    """Waitress for the application, listening; several sockets where a host name has several addresses."""
    server = create_server(app, **how)
    channel = channel_keeping(most_of(app))
    listening = [server, *getattr(server, "map", {}).values(), *getattr(server, "_map", {}).values()]
    for each in listening:
        if isinstance(each, BaseWSGIServer):
            each.channel_class = channel
    return server
