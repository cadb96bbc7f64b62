"""Rows in great number: collected table by table, inserted in the order in which the tables refer to each other.

Nothing is checked here but by the database. What the log has to know its maker records.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from competitions.base.database import Base, new_id


class Bulk:
    """What is to be written next. All rows of a table name the same columns; columns left out get their default."""

    def __init__(self) -> None:
        self._rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, model: type[Base], **values: Any) -> str:
        """One row; gives its id (a new one where none is given)."""
        if "id" not in values:
            values["id"] = new_id()
        self._rows[model.__tablename__].append(values)
        key: str = values["id"]
        return key

    def put(self, model: type[Base], **values: Any) -> None:
        """One row of a table whose key is no id."""
        self._rows[model.__tablename__].append(values)

    def write(self, session: Session) -> None:
        """Insert everything that was collected, and begin anew."""
        connection = session.connection()
        for table in Base.metadata.sorted_tables:
            rows = self._rows.pop(table.name, None)
            if rows:
                connection.execute(insert(table), rows)
