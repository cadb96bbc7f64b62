"""Which records concern what a supervisor supervises: objects lead by their parents to what his scopes name.

Features say beside their models how one gets from a row to the row above it. Knows no table by name.
"""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Column, ColumnElement, Select, and_, false, or_, select, true

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
    kinds = {**_scopes, **_upwards} if scopes else {}
    reached = [and_(AuditEvent.object_kind == kind, AuditEvent.object_id.in_(ids(kind, scopes))) for kind in kinds]
    return or_(false(), *reached)


def ids(kind: str, scopes: Scopes) -> Select[str]:
    """Ids of the objects of a kind that are in scope."""
    key, ways = Base.metadata.tables[kind].c.id, []
    if kind in _scopes:
        ways.append(key.in_(getattr(scopes, _scopes[kind])))
    if kind in _upwards:
        [above] = _upwards[kind].foreign_keys
        ways.append(_upwards[kind].in_(ids(above.column.table.name, scopes)))
    return select(key).where(or_(*ways))
