"""A body that is larger than its view takes: refused before it is read, with the page that says what to do."""

import inspect
import socket
import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

from competitions.base.permissions import Permission
from competitions.serving import WAITRESS
from competitions.web.arriving import channel_keeping, most_of, server_of
from competitions.web.declared import BESIDE, KILOBYTE, MEGABYTE, MOST, USUAL, Largest, files, largest_of, requires
from tests.factories_judging import deliver, make_hall
from tests.factories_programme import organiser

TABLE, SCAN, NOTICE = files(10 * MEGABYTE), files(10 * MEGABYTE), files(5 * MEGABYTE)
TAKES_FILES = {
    "registration.upload": TABLE,
    "accounts.import_upload": TABLE,
    "organisations.import_upload": TABLE,
    "judging.tabulator_worksheet_upload": TABLE,
    "judging.second_worksheet_upload": TABLE,
    "judging.judge_worksheet_upload": TABLE,
    "judging.scheme_upload": TABLE,
    "judging.scan_attach": SCAN,
    "coding.check_in_paper": SCAN,
    "programme.attachment_add": NOTICE,
}
"""Every view that takes a file, and how large a one."""
NO_FILES = {
    **dict.fromkeys(
        [f"accounts.{name}" for name in ("login_again", "sign_in_code", "sign_in_phone", "typed_again")],
        Largest(3 * MEGABYTE),
    ),
    **dict.fromkeys(
        [f"judging.{name}" for name in ("api_tablet", "api_offer", "api_submit", "api_sign_sheet", "api_confirm")]
        + ["judging.api_sign", "judging.api_reopen", "judging.api_approve"],
        Largest(64 * KILOBYTE),
    ),
}
"""Every other view that does not take what is usual."""
READS_FILES = ("request.files", ".file.data", "form.roster.data")


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The application on waitress, as it is served."""
    server = server_of(app, host="127.0.0.1", port=0, **WAITRESS)
    threading.Thread(target=server.run, daemon=True).start()
    yield server.effective_port
    server.close()


def answer_to(port: int, size: int, *, chunked: bool = False) -> str:
    """The whole answer to a form of this size, sent as a browser sends it: all of it first."""
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    part = bytes(MEGABYTE)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(
            f"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{length}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode()
        )
        for _ in range(size // MEGABYTE):
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
        if chunked:
            connection.sendall(b"0\r\n\r\n")
        parts = []
        while received := connection.recv(65536):
            parts.append(received)
    return b"".join(parts).decode()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_gets_the_page_and_not_a_reset(port: int, chunked: bool) -> None:
    for size in (2 * MEGABYTE, 40 * MEGABYTE):
        answer = answer_to(port, size, chunked=chunked)
        assert answer.startswith("HTTP/1.1 413 ") and "一次最多接收 1 MB" in answer and "请减少内容" in answer


def source(app: Flask, endpoint: str) -> str:
    """What a view says, without what is wrapped around it."""
    return inspect.getsource(inspect.unwrap(app.view_functions[endpoint]))


def test_every_view_that_takes_a_file_says_how_large_and_no_other_takes_more_than_usual(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    reading = {each for each in endpoints if any(text in source(app, each) for text in READS_FILES)}
    assert reading == set(TAKES_FILES)
    declared = {each: largest_of(app, each) for each in endpoints}
    unusual = {each: largest for each, largest in declared.items() if largest != USUAL}
    assert unusual == {**TAKES_FILES, **NO_FILES}
    api = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")} & endpoints
    assert api <= set(NO_FILES)


def test_no_view_takes_more_than_24_mb() -> None:
    assert MOST == 24 * MEGABYTE and files(MOST - BESIDE).body == MOST
    for wrong in (MOST + 1, 0):
        with pytest.raises(ValueError, match="at most"):
            requires(Permission.PUBLIC, largest=Largest(wrong))


def test_a_file_that_is_far_too_large_gets_a_page_with_the_limit_of_this_one(app: Flask) -> None:
    client = organiser(app)
    sent = {"file": (BytesIO(bytes(8 * MEGABYTE)), "通知.pdf")}
    answer = client.post("/desk/competitions/x/attachments", sent, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert "文件不超过 5 MB" in answer.get_data(as_text=True) and "拆成几个文件" in answer.get_data(as_text=True)


class Endless(BytesIO):
    """A body without an end, and how much of it was given."""

    given = 0

    def read(self, size: int | None = -1) -> bytes:
        """As much as is asked for."""
        self.given += (more := max(size or 0, 1))
        return b"x" * more

    def readinto(self, into: Any) -> int:
        """The same, into a place."""
        into[:] = self.read(len(into))
        return len(into)


def test_the_api_says_it_in_json(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    answer = deliver(hall.client(hall.judges[0]), hall.sheet("A01").id, {"notes": {"A1": "字" * 40_000}})
    error = answer.get_json()["error"]
    assert answer.status_code == 413 and error["code"] == "too_large" and "64 KB" in error["message"]


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, *_: object) -> bytes:
        """Nobody may."""
        raise AssertionError("the body was read")

    readinto = readline = read  # type: ignore[assignment]


def send(app: Flask, path: str, body: BytesIO, **environ: object) -> Any:
    """A form whose body is this stream."""
    form = "application/x-www-form-urlencoded"
    return app.test_client().post(path, content_type=form, environ_overrides={"wsgi.input": body, **environ})


def test_what_says_that_it_is_too_large_is_not_read_at_all(app: Flask) -> None:
    for path, size in (("/login", 2 * MEGABYTE), ("/desk/competitions/x/roster", 13 * MEGABYTE)):
        assert send(app, path, Unread(), CONTENT_LENGTH=str(size)).status_code == 413


def test_what_does_not_say_its_length_is_read_to_the_limit_and_no_further(app: Flask) -> None:
    body = Endless()
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = send(app, "/login", body, **environ)
    assert answer.status_code == 413 and "一次最多接收 1 MB" in answer.get_data(as_text=True)
    assert 0 < body.given <= MEGABYTE + 64 * KILOBYTE


def arriving(app: Flask, path: str, length: str, parts: list[bytes]) -> HTTPRequestParser:
    """A request of which these parts of the body have come."""
    parser = channel_keeping(most_of(app)).parser_class(Adjustments(**WAITRESS))
    parser.received(f"POST {path} HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n".encode())
    for part in parts:
        parser.received(part)
    return parser


def kept(parser: HTTPRequestParser) -> int:
    """Bytes that lie in memory or in a temporary file."""
    return len(parser.get_body_stream().read())


PART = bytes(MEGABYTE)


def test_a_body_that_says_it_is_too_large_is_not_kept_while_it_arrives(app: Flask) -> None:
    for path, size in (("/login", 60), ("/desk/competitions/x/roster", 60), ("/nowhere", 60)):
        parser = arriving(app, path, f"Content-Length: {size * MEGABYTE}", [PART] * size)
        assert parser.completed and parser.error is None and kept(parser) == 0


def test_of_such_a_body_not_even_the_part_is_kept_that_the_view_would_take(app: Flask) -> None:
    parser = arriving(app, "/desk/competitions/x/roster", f"Content-Length: {60 * MEGABYTE}", [PART] * 5)
    assert not parser.completed and kept(parser) == 0


def test_a_body_that_turns_out_too_large_is_let_go_and_its_whole_length_is_told(app: Flask) -> None:
    chunk = b"%x\r\n%s\r\n" % (len(PART), PART)
    parser = arriving(app, "/login", "Transfer-Encoding: chunked", [chunk] * 40 + [b"0\r\n\r\n"])
    assert parser.completed and kept(parser) == 0
    assert parser.headers["CONTENT_LENGTH"] == str(40 * MEGABYTE)


def test_a_body_that_its_view_takes_is_kept_whole(app: Flask) -> None:
    path, size = "/desk/competitions/x/roster", TABLE.body // MEGABYTE
    for length, parts in (
        (f"Content-Length: {size * MEGABYTE}", [PART] * size),
        ("Transfer-Encoding: chunked", [b"%x\r\n%s\r\n" % (len(PART), PART)] * size + [b"0\r\n\r\n"]),
    ):
        assert kept(arriving(app, path, length, parts)) == size * MEGABYTE
