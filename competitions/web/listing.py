"""List pages: search, filter, sort and paging from the address. Knows a statement and a request, no feature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy import ColumnElement, Select, String, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

PER_PAGE = 50
Sortable = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Page:
    """One page of a list: `items` of `total`, page `number` of `pages`; `sort` is "name" or "-name"."""

    items: Sequence[Any]
    total: int
    number: int
    pages: int
    per_page: int
    sort: str
    query: Mapping[str, str]
    path: str

    def url(self, **changes: Any) -> str:
        """The address of this list with some arguments changed (None removes one); page 1 unless told otherwise."""
        changes.setdefault("page", None)
        arguments = {**self.query, **changes}
        kept = {name: value for name, value in arguments.items() if value not in (None, "")}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path


def listed(
    session: Session,
    statement: Select[Any],
    *,
    sorts: Mapping[str, Sortable],
    default: str,
    search: Sequence[Sortable] = (),
    unique: Sortable,
    then: Sequence[Sortable] = (),
    per_page: int = PER_PAGE,
) -> Page:
    """The asked-for page of `statement`: `q` searches in the columns of `search`, `sort` is one of `sorts` (with "-" for
    descending; `then` and at last `unique` break ties so that paging is stable), `page` the number.
    """
    statement = searched(statement, search, request.args.get("q", ""))
    total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    pages = max(1, -(-total // per_page))
    number = min(max(1, request.args.get("page", 1, type=int) or 1), pages)
    sort = request.args.get("sort", default)
    sort = sort if sort.lstrip("-") in sorts else default
    rows = session.scalars(
        ordered(statement, sorts, sort, unique, then).limit(per_page).offset((number - 1) * per_page)
    ).all()
    return Page(rows, total, number, pages, per_page, sort, request.args.to_dict(), request.path)


def asked_page(rows: Sequence[Any], *, per_page: int = PER_PAGE) -> Page:
    """The asked-for page of rows that are in memory already, in their order (standings, which are computed)."""
    pages = max(1, -(-len(rows) // per_page))
    number = min(max(1, request.args.get("page", 1, type=int) or 1), pages)
    shown = rows[(number - 1) * per_page : number * per_page]
    return Page(shown, len(rows), number, pages, per_page, "", request.args.to_dict(), request.path)


def searched(statement: Select[Any], columns: Sequence[Sortable], text: str) -> Select[Any]:
    """Only rows in which one of the columns contains the text (LIKE wildcards in it are taken literally)."""
    text = text.strip()[:60]
    if not text or not columns:
        return statement
    return statement.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))


def ordered(
    statement: Select[Any], sorts: Mapping[str, Sortable], sort: str, unique: Sortable, then: Sequence[Sortable] = ()
) -> Select[Any]:
    """Sorted by the column named, ties broken by those of `then` and at last by the unique one; the same order on both
    databases, whatever language the database server was set up for: text by code point, rows without a value first.
    """
    column = sorts[sort.lstrip("-")]
    key = _key(column)
    order = key.desc() if sort.startswith("-") else key.asc()
    if getattr(_expression(column), "nullable", False):
        order = order.nulls_last() if sort.startswith("-") else order.nulls_first()
    return statement.order_by(None).order_by(order, *(_key(each) for each in then), unique)


def _key(column: Sortable) -> ColumnElement[Any]:
    """What is compared: text by code point, anything else as it is."""
    return ByCodePoint(column) if isinstance(column.type, String) else _expression(column)


class ByCodePoint(FunctionElement[str]):
    """A text to sort by, compared by code point: SQLite does so by itself, PostgreSQL is told."""

    name = "by_code_point"
    inherit_cache = True
    type = String()


@compiles(ByCodePoint)
def _as_it_is(element: ByCodePoint, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(ByCodePoint, "postgresql")
def _collated(element: ByCodePoint, compiler: SQLCompiler, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)}) COLLATE "C"'


def _expression(column: Sortable) -> ColumnElement[Any]:
    return column.expression if isinstance(column, InstrumentedAttribute) else column
