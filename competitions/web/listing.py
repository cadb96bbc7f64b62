"""List pages: search, filter, sort and paging from the address. Knows a statement and a request, no feature.

Pages are turned by key: "next" names the last row of this page and goes on after it, "last" is read from the end. A number
alone (`page=3`) is counted off, but no further than counting goes (base.counts). Rows that are in memory already
(standings, a preview) are cut by number: `asked_page`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy import Integer, Select
from sqlalchemy.orm import Session

from competitions.base.counts import Count, count_of
from competitions.base.ordering import Order, Sortable, order_by
from competitions.base.searching import matching

PER_PAGE = 50
PLACE = ("page", "after", "before")
"""Arguments that say which page of a list is shown; all others say which list."""
LONGEST_KEY = 64


@dataclass(frozen=True)
class Page:
    """One page of a list: `items` of `total`, page `number` of `pages`; `sort` is "name" or "-name".

    `more`: there are more than `total`, and `pages` says nothing; a `number` below 0 then counts from the end (-1: the
    last page). `ends`: the unique values of its first and last row; None where pages are turned by number.
    """

    items: Sequence[Any]
    total: int
    number: int
    pages: int
    per_page: int
    sort: str
    query: Mapping[str, str]
    path: str
    more: bool = False
    ends: tuple[str, str] | None = None
    earlier: bool | None = None
    later: bool | None = None

    def url(self, **changes: Any) -> str:
        """The address of this list with some arguments changed (None removes one); page 1 unless told otherwise."""
        arguments = {**self.query, **dict.fromkeys(PLACE), **changes}
        kept = {name: value for name, value in arguments.items() if value not in (None, "")}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    @property
    def has_previous(self) -> bool:
        """Whether there are rows before this page."""
        return self.number > 1 if self.earlier is None else self.earlier

    @property
    def has_next(self) -> bool:
        """Whether there are rows after it."""
        return self.number < self.pages if self.later is None else self.later

    @property
    def is_all(self) -> bool:
        """Whether this page is the whole list."""
        return not self.has_previous and not self.has_next

    @property
    def previous_url(self) -> str:
        """The address of the page before this one."""
        return self._turned(self.number - 1, before=self.ends[0] if self.ends else None)

    @property
    def next_url(self) -> str:
        """The address of the page after this one."""
        return self._turned(self.number + 1, after=self.ends[1] if self.ends else None)

    @property
    def last_url(self) -> str:
        """The address of the last page."""
        return self.url(page=-1 if self.ends else self.pages)

    def _turned(self, number: int, **key: str | None) -> str:
        """A page beside this one; the first and the last need no key."""
        if number == 1:
            return self.url()
        return self.url(page=number) if number in (-1, 0) else self.url(page=number, **key)


def listed(
    session: Session,
    statement: Select[Any],
    *,
    sorts: Mapping[str, Sortable],
    default: str,
    search: Sequence[Sortable] = (),
    codes: Sequence[Sortable] = (),
    unique: Sortable,
    then: Sequence[Sortable] = (),
    joins: Callable[[Select[Any]], Select[Any]] | None = None,
    per_page: int = PER_PAGE,
) -> Page:
    """The asked-for page of `statement`: `q` searches in `search` and `codes` (`searched`), `sort` is one of `sorts`
    (with "-" for descending; `then` and at last `unique` break ties so that paging is stable), `page`, `after` and
    `before` the place.
    `joins` adds what only order and search need, one row for a row: it is left out where rows are just counted.
    """
    text = request.args.get("q", "").strip()
    if joins and text:
        statement, joins = joins(statement), None
    statement = searched(statement, search, text, codes)
    sort = request.args.get("sort", default)
    sort = sort if sort.lstrip("-") in sorts else default
    count = count_of(session, statement)
    statement = joins(statement) if joins else statement
    read = _List(session, statement, order_by(sorts, sort, unique, then), unique, per_page, count).read()
    key = _attribute(unique)
    ends = (str(getattr(read.rows[0], key)), str(getattr(read.rows[-1], key))) if read.rows else None
    return Page(
        read.rows,
        count.number,
        read.number,
        _pages(count.number, per_page),
        per_page,
        sort,
        request.args.to_dict(),
        request.path,
        count.more,
        ends,
        read.earlier,
        read.later,
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """The rows of a page, its number, whether there are rows before and after."""

    rows: Sequence[Any]
    number: int
    earlier: bool
    later: bool


@dataclass(frozen=True, slots=True)
class _List:
    """A list of which one page is asked for; its methods read it from another side each."""

    session: Session
    statement: Select[Any]
    order: Order
    unique: Sortable
    per_page: int
    count: Count

    @property
    def pages(self) -> int:
        """How many pages there are, or how far pages are counted."""
        return _pages(self.count.number, self.per_page)

    def read(self) -> _Read:
        """The page that the address asks for: beside a row where it names one that is (still) there, else by number."""
        number = request.args.get("page", 1, type=int) or 1
        if number < 0 and not self.count.more:
            number = max(1, self.pages + 1 + number)
        for name in ("after", "before"):
            found = self._beside(number, request.args.get(name, ""), backwards=name == "before")
            if found is not None:
                return found
        return self._from_end(-number) if number < 0 else self._from_start(number)

    def _beside(self, number: int, key: str, *, backwards: bool) -> _Read | None:
        value = _key_value(self.unique, key)
        place = self.order.place(self.session, self.statement, value) if value is not None else None
        if place is None:
            return None
        rows, further = self._rows(self.statement.where(self.order.after(place, backwards=backwards)), 0, backwards)
        if not rows:
            return None
        earlier, later = (further, True) if backwards else (True, further)
        if not self.count.more:
            number = self.pages if not later else min(max(2, number), self.pages)
        return _Read(rows, number if earlier else 1, earlier, later)

    def _from_start(self, number: int) -> _Read:
        number = min(number, self.pages)
        if number == self.pages and number > 1 and not self.count.more:
            left = self.count.number - (number - 1) * self.per_page
            return _Read(self._rows(self.statement, 0, True)[0][-left:], number, True, False)
        rows, further = self._rows(self.statement, (number - 1) * self.per_page, False)
        return _Read(rows, number, number > 1, further)

    def _from_end(self, number: int) -> _Read:
        number = min(number, self.pages)
        rows, further = self._rows(self.statement, (number - 1) * self.per_page, True)
        return _Read(rows, -number, further, number > 1)

    def _rows(self, statement: Select[Any], offset: int, backwards: bool) -> tuple[Sequence[Any], bool]:
        """The rows of one page in the order of the list, read from its start or end, and whether there are more. Their
        keys are sorted first and the rows fetched then, so that nothing is sorted together with all that is shown.
        """
        keys = statement.with_only_columns(self.unique, maintain_column_froms=True)
        wanted = self.order.of(keys, backwards=backwards).limit(self.per_page + 1)
        found = self.session.scalars(wanted.offset(offset) if offset else wanted).all()
        shown = found[: self.per_page][:: -1 if backwards else 1]
        name = _attribute(self.unique)
        rows = {getattr(row, name): row for row in self.session.scalars(self.statement.where(self.unique.in_(shown)))}
        return [rows[key] for key in shown if key in rows], len(found) > self.per_page


def asked_page(rows: Sequence[Any], *, per_page: int = PER_PAGE) -> Page:
    """The asked-for page of rows that are in memory already, in their order (standings, which are computed)."""
    pages = _pages(len(rows), per_page)
    number = min(max(1, request.args.get("page", 1, type=int) or 1), pages)
    shown = rows[(number - 1) * per_page : number * per_page]
    return Page(shown, len(rows), number, pages, per_page, "", request.args.to_dict(), request.path)


def searched(
    statement: Select[Any], columns: Sequence[Sortable], text: str, codes: Sequence[Sortable] = ()
) -> Select[Any]:
    """Only rows that are found by the text, in the columns `search_text` of their tables or in short codes."""
    condition = matching(text, columns, codes) if columns or codes else None
    return statement if condition is None else statement.where(condition)


def _pages(total: int, per_page: int) -> int:
    return max(1, -(-total // per_page))


def _attribute(unique: Sortable) -> str:
    """The name by which a row of the list has its unique value."""
    return str(unique.key)


def _key_value(unique: Sortable, text: str) -> Any:
    """A unique value as the address has it; None when it is none."""
    if not text or len(text) > LONGEST_KEY or not text.isprintable():
        return None
    if not isinstance(unique.type, Integer):
        return text
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
