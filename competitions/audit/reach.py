"""Which records concern what a supervisor supervises: objects lead by their parents to what his scopes name.

Features say beside their models how one gets from a row to the row above it. Knows no table by name.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Select, false, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute

from competitions.audit.models import AuditEvent
from competitions.base.database import Base
from competitions.base.permissions import Scopes

Model = TypeVar("Model", bound=type[Base])
_upwards: dict[str, Column[str]] = {}
"""Kind of object (and table) → the column that leads to the kind above it."""
_scopes: dict[str, str] = {}
"""Kind of object that a scope can name → where Scopes has the ids."""
Ids = Callable[[Scopes], Select[str]]
_for_all: list[Ids] = []
"""Questions for the ids of objects that belong to no contest."""


def reached_by(column: str) -> Callable[[Model], Model]:
    """Mark a model: records about its rows concern whoever supervises the row that `column` refers to.

    Raises ValueError when the column refers to nothing, or the model is marked already.
    """

    def mark(model: Model) -> Model:
        name, table = model.__tablename__, model.metadata.tables[model.__tablename__]
        if name in _upwards:
            raise ValueError(f"{name} is reached by {_upwards[name].name} already")
        if not table.c[column].foreign_keys:
            raise ValueError(f"{name}.{column} leads nowhere")
        _upwards[name] = table.c[column]
        return model

    return mark


def named_by_scope(scopes: str) -> Callable[[Model], Model]:
    """Mark a model: a scope can name its rows; `scopes` is the attribute of Scopes that holds their ids."""

    def mark(model: Model) -> Model:
        if model.__tablename__ in _scopes:
            raise ValueError(f"{model.__tablename__} is named by scopes already")
        _scopes[model.__tablename__] = scopes
        return model

    return mark


def concerns_all(ids: Ids) -> None:
    """Records about the objects with these ids concern every supervisor for whom the question finds them."""
    _for_all.append(ids)


def within(scopes: Scopes) -> ColumnElement[bool]:
    """Condition on AuditEvent: about something that a scope names, or something below it."""
    return is_within(AuditEvent.object_id, scopes, _for_all)


def is_within(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], scopes: Scopes, also: Sequence[Ids] = ()
) -> ColumnElement[bool]:
    """Condition on a column of ids of objects; `also`: questions for more of them. No two objects have one id, whatever
    their kinds, so one list of ids finds the rows by their index.
    """
    if scopes.system:
        return true()
    lists = [each for kind in {**_scopes, **_upwards} for each in _lists(kind, scopes)]
    if lists:
        lists += [ids(scopes) for ids in also]
    return column.in_(union_all(*lists)) if lists else false()


def _lists(kind: str, scopes: Scopes) -> list[Select[str]]:
    """Lists of the ids of objects of this kind in scope: those that a scope names, and those below such; none when
    there can be none.
    """
    table, found = Base.metadata.tables[kind], []
    if kind in _scopes and (given := getattr(scopes, _scopes[kind])):
        found.append(select(table.c.id).where(table.c.id.in_(given)))
    if kind in _upwards:
        upwards = _upwards[kind]
        [above] = upwards.foreign_keys
        if lists := _lists(above.column.table.name, scopes):
            found.append(select(table.c.id).where(upwards.in_(union_all(*lists))))
    return found
