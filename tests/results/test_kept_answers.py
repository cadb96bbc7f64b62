"""What is kept of public pages for the next visitor holds nothing of what an earlier one typed."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from flask import Flask

from competitions.results.blueprint import ARGUMENTS
from competitions.results.publications.public_answers import PublicAnswers

TYPED = "450102199003071234"


def asked(answers: PublicAnswers, query: str, path: str = "/results/x") -> str:
    """The body of the answer."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": f"{TYPED}.example.org"}
    return b"".join(answers(environ, lambda *_: None)).decode()


@pytest.fixture
def heard() -> list[str]:
    """The queries that the application was asked with."""
    return []


@pytest.fixture
def answers(heard: list[str]) -> Iterator[PublicAnswers]:
    """In front of an application that repeats its query."""

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        heard.append(environ["QUERY_STRING"])
        start("200 OK", [("Cache-Control", "public, max-age=60")])
        return [environ["QUERY_STRING"].encode()]

    yield PublicAnswers(application, ARGUMENTS)


@pytest.mark.parametrize(
    "query",
    [f"division={TYPED}", f"page={TYPED}", f"sort={TYPED}", f"after={TYPED}", f"{TYPED}=1", f"name={TYPED}&page=2"],
)
def test_no_key_and_no_kept_answer_holds_what_somebody_typed(
    answers: PublicAnswers, heard: list[str], query: str
) -> None:
    asked(answers, query)
    kept = answers._kept._values
    assert len(kept) == 1 and TYPED not in repr(heard)
    assert TYPED not in repr(list(kept.items())) and TYPED not in repr(list(answers._locks))


def test_the_numbers_of_an_address_make_a_difference_and_nothing_beside_them(
    answers: PublicAnswers, heard: list[str]
) -> None:
    assert asked(answers, "page=2&from=weixin") == asked(answers, "page=02") == "page=2"
    assert asked(answers, "page=-1") == "page=-1" and asked(answers, "division=1") == "division=1"
    row = "0b1f6c1e-8d6f-4a37-9f0e-0d6c5b0f3a11"
    assert asked(answers, f"page=2&after={row}") == f"after={row}&page=2"
    assert len(heard) == 4


def test_the_list_does_not_repeat_to_others_what_one_visitor_typed(app: Flask) -> None:
    client = app.test_client()
    for page in (client.get(f"/results/?name={TYPED}&sort={TYPED}"), client.get("/results/")):
        assert page.status_code == 200 and TYPED not in page.get_data(as_text=True)
