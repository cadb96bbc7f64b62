"""Which records concern what a supervisor supervises: objects lead by their parents to what his scopes name.

Features say beside their models how one gets from a row to the row above it. Knows no table by name.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, and_, false, or_, select, true

from competitions.audit.models import AuditEvent
from competitions.base.database import Base
from competitions.base.permissions import Scopes

Model = TypeVar("Model", bound=type[Base])
_upwards: dict[str, Column[str]] = {}
"""Kind of object (and table) → the column that leads to the kind above it."""
_scopes: dict[str, str] = {}
"""Kind of object that a scope can name → where Scopes has the ids."""


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


def within(scopes: Scopes) -> ColumnElement[bool]:
    """Condition on AuditEvent: about something that a scope names, or something below it."""
    if scopes.system:
        return true()
    reached = [
        and_(AuditEvent.object_kind == kind, or_(*ways))
        for kind in {**_scopes, **_upwards}
        if (ways := _in_scope(AuditEvent.object_id, kind, scopes))
    ]
    return or_(false(), *reached)


def _in_scope(column: Any, kind: str, scopes: Scopes) -> list[ColumnElement[bool]]:
    """Conditions, one of which holds where `column` names an object of this kind in scope; none when nothing can be."""
    ways: list[ColumnElement[bool]] = []
    if kind in _scopes and (given := getattr(scopes, _scopes[kind])):
        ways.append(column.in_(given))
    if kind in _upwards:
        upwards = _upwards[kind]
        [above] = upwards.foreign_keys
        if found := _in_scope(upwards, above.column.table.name, scopes):
            ways.append(column.in_(select(upwards.table.c.id).where(or_(*found))))
    return ways
