"""A body that is too large, over a real connection: the page that says what to do, never a reset connection."""

import socket
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from waitress.server import create_server

from competitions.serving import WAITRESS

MEGABYTE = 1024 * 1024


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The application on waitress, as it is served."""
    server = create_server(app, host="127.0.0.1", port=0, **WAITRESS)
    threading.Thread(target=server.run, daemon=True).start()
    yield server.effective_port
    server.close()


def answer_to(port: int, size: int) -> str:
    """The whole answer to a form of this size, sent as a browser sends it: all of it first."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(
            f"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {size}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode()
        )
        for _ in range(size // MEGABYTE):
            connection.sendall(bytes(MEGABYTE))
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).decode()


def test_a_body_over_the_limit_gets_the_page_and_not_a_reset(port: int) -> None:
    for size in (13 * MEGABYTE, 40 * MEGABYTE):
        answer = answer_to(port, size)
        assert answer.startswith("HTTP/1.1 413 ") and "文件不超过 10 MB" in answer
