"""What is written once stays as it was written: a statement that would change it is refused by the database."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from competitions import tables
from competitions.audit import fixed_columns, triggers
from competitions.audit.fixed_columns import FIXED
from competitions.base.database import Base, db
from competitions.organisations.models import Area
from tests.factories import make_user


def test_each_fixed_column_of_each_table_is_guarded(app: Flask) -> None:
    assert len(FIXED) > 30
    user = make_user(("judge", "system", None))
    db.session.commit()
    for statement in (
        "UPDATE user_account SET id = 'x'",
        "UPDATE user_account SET created_by = 'x'",
        "UPDATE role_assignment SET role = 'administrator'",
        f"UPDATE role_assignment SET user_id = '{user.id}'",
    ):
        with pytest.raises(DBAPIError, match="fixed columns"):
            db.session.execute(text(statement))
        db.session.rollback()
    db.session.execute(text("UPDATE user_account SET display_name = 'x'"))
    db.session.rollback()


def test_a_row_is_not_replaced_under_its_key(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("REPLACE is SQLite's")
    make_user(("judge", "system", None))
    db.session.commit()
    with pytest.raises(DBAPIError, match="fixed columns"):
        db.session.execute(
            text(
                "INSERT OR REPLACE INTO role_assignment (id, user_id, role, scope_kind) "
                "SELECT id, user_id, 'administrator', 'system' FROM role_assignment"
            )
        )
    db.session.rollback()


def test_a_guard_over_fewer_columns_counts_as_missing(app: Flask) -> None:
    connection = db.session.connection()
    assert triggers.missing(connection) == []
    name, sqlite = "role_assignment_no_exchange", db.engine.dialect.name == "sqlite"
    connection.execute(text(f"DROP TRIGGER {name}" + ("" if sqlite else " ON role_assignment")))
    then = (
        "BEGIN SELECT RAISE(ABORT, 'role_assignment has fixed columns'); END"
        if sqlite
        else "FOR EACH ROW EXECUTE FUNCTION refuse_exchange()"
    )
    connection.execute(text(f"CREATE TRIGGER {name} BEFORE UPDATE OF id ON role_assignment {then}"))
    assert triggers.missing(connection) == [name]
    db.session.rollback()


def test_a_table_is_marked_once_and_with_columns_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixed_columns, "_columns", {})
    with pytest.raises(ValueError, match="has no colour"):
        fixed_columns.fixed("colour")(Area)
    assert fixed_columns.fixed("name")(Area) is Area
    with pytest.raises(ValueError, match="already"):
        fixed_columns.fixed("name")(Area)


def test_every_fixed_table_is_one_of_the_house() -> None:
    assert set(FIXED) <= set(tables.ALL) and Base.metadata is tables.METADATA
