"""Lists are turned by key: every row once, forwards and backwards, whatever is sorted by, whatever goes away meanwhile."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from competitions.audit.models import AuditEvent
from competitions.audit.recording import record, transaction
from competitions.base import clock
from competitions.base.counts import Count, count_of
from competitions.base.database import db
from competitions.organisations.models import Employer
from competitions.web import listing
from competitions.web.listing import Page, listed

SORTS = {"name": Employer.name, "uscc": Employer.uscc, "size": Employer.size}
ROWS, PER_PAGE = 23, 5


@pytest.fixture
def employers(app: Flask) -> list[Employer]:
    """Twenty-three employers; every third without a code, three sizes, names of different scripts."""
    sizes = ("large", "small", "micro")
    made = [
        Employer(
            name=f"{'厂司a'[place % 3]}{place:02d}",
            uscc=f"91{place:016d}" if place % 3 else None,
            size=sizes[place % 3],
        )
        for place in range(ROWS)
    ]
    db.session.add_all(made)
    db.session.commit()
    return made


def page(app: Flask, address: str, **more: Any) -> Page:
    """The page at the address, from a session that knows nothing of earlier ones."""
    db.session.rollback()
    with app.test_request_context(address):
        return listed(
            db.session(),
            more.pop("statement", select(Employer)),
            sorts=SORTS,
            default="name",
            search=[Employer.search_text],
            unique=Employer.id,
            per_page=PER_PAGE,
            **more,
        )


def turned(app: Flask, first: str, way: str) -> Iterator[Page]:
    """The page and those after it, as the links lead."""
    shown = page(app, first)
    yield shown
    while getattr(shown, f"has_{way}"):
        shown = page(app, getattr(shown, f"{way}_url"))
        yield shown


def names(*pages: Page) -> list[str]:
    return [row.name for shown in pages for row in shown.items]


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.mark.parametrize("sort", ["name", "-name", "uscc", "-uscc", "size", "-size"])
def test_every_row_comes_once_forwards_and_backwards_in_the_order_of_the_list(
    app: Flask, employers: list[Employer], sort: str
) -> None:
    whole = [row.name for row in page(app, f"/x?sort={sort}").items]
    forwards = list(turned(app, f"/x?sort={sort}", "next"))
    assert [shown.number for shown in forwards] == [1, 2, 3, 4, 5] and {shown.pages for shown in forwards} == {5}
    assert names(*forwards)[:PER_PAGE] == whole and sorted(names(*forwards)) == sorted(e.name for e in employers)
    column, down = sort.lstrip("-"), sort.startswith("-")
    db.session.rollback()
    by_name = {each.name: getattr(each, column) or "" for each in db.session.scalars(select(Employer))}
    keys = [by_name[name] for name in names(*forwards)]
    assert keys == sorted(keys, reverse=down)
    backwards = list(turned(app, f"/x?sort={sort}&page=-1", "previous"))
    assert [shown.number for shown in backwards] == [5, 4, 3, 2, 1]
    assert [names(shown) for shown in reversed(backwards)] == [names(shown) for shown in forwards]


def test_a_page_is_found_by_its_number_too_and_beyond_the_end_is_the_last(
    app: Flask, employers: list[Employer]
) -> None:
    forwards = list(turned(app, "/x", "next"))
    for number, shown in enumerate(forwards, 1):
        assert names(page(app, f"/x?page={number}")) == names(shown)
    last = page(app, "/x?page=99")
    assert names(last) == names(forwards[-1]) and (last.number, last.has_next) == (5, False)
    assert page(app, "/x?page=0").number == page(app, "/x?page=nonsense").number == 1


def test_filters_and_sort_stay_in_the_address_and_the_place_goes_when_they_change(
    app: Flask, employers: list[Employer]
) -> None:
    shown = page(app, "/x?q=厂&sort=-uscc")
    following = asked(shown.next_url)
    assert (following["q"], following["sort"], following["page"]) == ("厂", "-uscc", "2") and following["after"]
    second = page(app, shown.next_url)
    assert asked(second.url(sort="name")) == {"q": "厂", "sort": "name"}
    assert asked(second.previous_url) == {"q": "厂", "sort": "-uscc"}  # the first page needs no place


def test_a_row_that_has_gone_leaves_the_reader_on_the_page_of_that_number(
    app: Flask, employers: list[Employer]
) -> None:
    first = page(app, "/x")
    db.session.delete(db.session.get_one(Employer, asked(first.next_url)["after"]))
    db.session.commit()
    second = page(app, first.next_url)
    assert (second.number, second.total, len(second.items)) == (2, ROWS - 1, PER_PAGE)


def test_a_row_that_is_out_of_scope_tells_nothing_of_its_place(app: Flask, employers: list[Employer]) -> None:
    mine = select(Employer).where(Employer.size == "large")
    other = next(each for each in employers if each.size == "small").id
    unknown = page(app, "/x?page=2&after=4f0c3a2e-0000-4000-8000-000000000000", statement=mine)
    assert names(page(app, f"/x?page=2&after={other}", statement=mine)) == names(unknown)
    for junk in ("%00", "x" * 200, "'"):
        assert names(page(app, f"/x?page=2&after={junk}", statement=mine)) == names(unknown)


def test_more_than_is_counted_is_said_and_the_end_is_reached_all_the_same(
    app: Flask, employers: list[Employer], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = names(*turned(app, "/x", "next"))
    monkeypatch.setattr(listing, "count_of", partial(count_of, most=12))
    first = page(app, "/x")
    assert (first.total, first.more, first.number) == (12, True, 1)
    last = page(app, first.last_url)
    assert (last.number, last.has_next, names(last)) == (-1, False, every[-PER_PAGE:])
    before = page(app, last.previous_url)
    assert (before.number, names(before)) == (-2, every[-2 * PER_PAGE : -PER_PAGE])
    assert names(page(app, before.next_url)) == every[-PER_PAGE:]
    assert names(*turned(app, "/x", "next")) == every
    backwards = list(turned(app, first.last_url, "previous"))
    assert names(*reversed(backwards)) == every and backwards[-1].number == 1


def test_the_words_under_a_list_say_what_is_known(app: Flask, employers: list[Employer]) -> None:
    words = app.jinja_env.get_template("_macros/table.html").module.pager

    def told(**values: Any) -> str:
        given = {"items": [], "total": 10_000, "number": 1, "pages": 200, "per_page": 50, "sort": "", "query": {}}
        with app.test_request_context("/x"):
            return str(words(Page(**{**given, "path": "/x", "more": True, "ends": ("a", "b"), **values})))

    assert "超过 10000 条，第 3 页" in told(number=3)
    assert "超过 10000 条，最后一页" in told(number=-1)
    assert "超过 10000 条，倒数第 2 页" in told(number=-2)
    assert "共 120 条，第 3 / 3 页" in told(total=120, number=3, pages=3, more=False)


def test_a_list_by_number_is_turned_by_its_number(app: Flask) -> None:
    for place in range(7):
        with transaction() as session:
            record(session, "test.act", "thing", f"thing-{place}", by=None, at=clock.now())
    with app.test_request_context("/x?page=2&after=3"):
        shown = listed(
            db.session(),
            select(AuditEvent),
            sorts={"seq": AuditEvent.seq},
            default="seq",
            unique=AuditEvent.seq,
            per_page=3,
        )
    assert [row.seq for row in shown.items] == [4, 5, 6] and shown.number == 2
    with app.test_request_context(f"/x?page=2&after={10**30}"):
        again = listed(
            db.session(), select(AuditEvent), sorts={"seq": AuditEvent.seq}, default="seq", unique=AuditEvent.seq
        )
    assert again.number == 1


def test_counting_stops_where_it_is_told_to(app: Flask, employers: list[Employer]) -> None:
    db.session.rollback()
    assert count_of(db.session(), select(Employer)) == Count(ROWS)
    assert count_of(db.session(), select(Employer), most=10) == Count(10, more=True)
    assert [str(Count(3)), str(Count(10, True)), bool(Count(0))] == ["3", "超过 10", False]
    assert db.session.scalar(select(func.count()).select_from(Employer)) == ROWS
