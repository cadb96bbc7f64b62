"""The lists of unions and of employers as an address asks for them, on the page and as workbooks in the columns of the import.

Knows no request: the filters are given.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session, joinedload

from competitions.base import clock
from competitions.base.counts import count_of
from competitions.base.errors import Denied
from competitions.base.ordering import Sortable, ordered
from competitions.base.permissions import Actor, Permission
from competitions.jobs.kinds import Kind, Parameters, Result, Work, register, workbook
from competitions.organisations import queries
from competitions.organisations.models import PLACE, Employer, Union
from competitions.organisations.subtree import ids_inside
from competitions.organisations.unit_table import (
    EMPLOYER_COLUMNS,
    UNION_COLUMNS,
    employer_rows,
    export_columns,
    union_rows,
)
from competitions.tabular.columns import Columns
from competitions.tabular.writing import Table, write_workbook
from competitions.web.listing import searched
from competitions.words.codes import OWNERSHIPS, UNION_KINDS, UNIT_SIZES

VIEW = Permission.VIEW_ORGANISATIONS
UNION_SORTS: dict[str, Sortable] = {
    "name": Union.name,
    "kind": Union.kind,
    "code": Union.area_code,
    "place": PLACE,
}
UNION_SEARCH = [Union.search_text]
EMPLOYER_SORTS: dict[str, Sortable] = {
    "name": Employer.name,
    "uscc": Employer.uscc,
    "ownership": Employer.ownership,
    "size": Employer.size,
}
EMPLOYER_SEARCH = [Employer.search_text]
FILTERS = ("q", "kind", "union", "ownership", "size", "new_employment")
MOST_EXPORTED = 100_000
BATCH = 1000


def asked_filters(asked: Mapping[str, str]) -> dict[str, str]:
    """What of an address says which rows are wanted."""
    return {name: asked[name] for name in FILTERS if asked.get(name)}


def asked_unions(session: Session, actor: Actor, asked: Mapping[str, str]) -> Select[Any]:
    """Unions in the actor's scope, of the kind that is asked for."""
    statement = queries.unions_in_scope(session, actor, VIEW).options(joinedload(Union.parent))
    kind = asked.get("kind", "")
    return statement.where(Union.kind == kind) if kind in UNION_KINDS else statement


def asked_inside(session: Session, actor: Actor, asked: Mapping[str, str]) -> Union | None:
    """The union that employers are asked for below, if one is named. Raises NotFound."""
    return queries.union_in_scope(session, actor, asked["union"], VIEW) if asked.get("union") else None


def asked_employers(session: Session, actor: Actor, asked: Mapping[str, str]) -> Select[Any]:
    """Employers in the actor's scope, as they are asked for."""
    statement = queries.employers_in_scope(session, actor, VIEW).options(joinedload(Employer.union))
    if inside := asked_inside(session, actor, asked):
        statement = statement.where(Employer.union_id.in_(ids_inside(inside.path)))
    if asked.get("ownership") in OWNERSHIPS:
        statement = statement.where(Employer.ownership == asked["ownership"])
    if asked.get("size") in UNIT_SIZES:
        statement = statement.where(Employer.size == asked["size"])
    if asked.get("new_employment") in ("1", "0"):
        statement = statement.where(Employer.new_employment.is_(asked["new_employment"] == "1"))
    return statement


def _found_unions(session: Session, actor: Actor, asked: Parameters) -> Select[Any]:
    statement = searched(asked_unions(session, actor, asked), UNION_SEARCH, asked.get("q", ""))
    return ordered(statement, UNION_SORTS, "place", Union.id)


def _found_employers(session: Session, actor: Actor, asked: Parameters) -> Select[Any]:
    statement = searched(asked_employers(session, actor, asked), EMPLOYER_SEARCH, asked.get("q", ""))
    return ordered(statement, EMPLOYER_SORTS, "name", Employer.id)


Found = Callable[[Session, Actor, Parameters], Select[Any]]


def _kind(
    name: str,
    title: str,
    found: Found,
    columns: Columns,
    rows_of: Callable[[Sequence[Any]], Sequence[Mapping[str, object]]],
) -> Kind:
    """A list as something that can be handed out."""

    def number(session: Session, actor: Actor, asked: Parameters) -> int:
        if not actor.may(VIEW):
            raise Denied
        return count_of(session, found(session, actor, asked), MOST_EXPORTED).number

    def make(work: Work) -> Result:
        of, units = number(work.session, work.actor, work.parameters), list[Any]()
        statement = found(work.session, work.actor, work.parameters).limit(MOST_EXPORTED)
        for part in work.session.scalars(statement.execution_options(yield_per=BATCH)).partitions():
            units += part
            work.done(len(units), of, most=60)
        table = Table(title, export_columns(columns), rows_of(units), autofilter=True)
        content = write_workbook([table], title=title, at=work.at)
        return Result(workbook(f"{title}{clock.beijing_text(work.at, '%Y%m%d')}.xlsx", content))

    return register(Kind(name, number, make))


UNIONS = _kind("organisations.unions", "工会名录", _found_unions, UNION_COLUMNS, union_rows)
EMPLOYERS = _kind("organisations.employers", "单位名录", _found_employers, EMPLOYER_COLUMNS, employer_rows)
