"""Migrations: from empty to the newest schema and back, on both databases; the schema equals the models."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, create_engine, inspect, text

from competitions import tables
from competitions.app import create_app
from competitions.audit import triggers
from competitions.base.config import Settings
from competitions.base.database import db

MIGRATIONS = str(Path(__file__).resolve().parents[2] / "migrations")


@pytest.fixture
def empty(settings: Settings) -> Settings:
    """An installation whose database has no table at all."""
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        else:
            connection.execute(text("PRAGMA foreign_keys=OFF"))
    if engine.dialect.name == "sqlite":
        engine.dispose()
        Path(str(engine.url.database)).unlink()
    engine.dispose()
    return settings


def test_an_empty_database_becomes_the_schema_of_the_models_with_its_triggers(empty: Settings) -> None:
    app = create_app(empty)
    with app.app_context():
        upgrade(directory=MIGRATIONS)
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, tables.METADATA) == []
            assert triggers.missing(connection) == []
        db.engine.dispose()


def test_every_migration_can_be_taken_back_and_done_again(empty: Settings) -> None:
    app = create_app(empty)
    with app.app_context():
        upgrade(directory=MIGRATIONS)
        downgrade(directory=MIGRATIONS, revision="base")
        with db.engine.connect() as connection:
            assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        upgrade(directory=MIGRATIONS)
        with db.engine.connect() as connection:
            assert triggers.missing(connection) == []
        db.engine.dispose()


def test_a_migrated_installation_is_ready(empty: Settings) -> None:
    app = create_app(empty)
    with app.app_context():
        upgrade(directory=MIGRATIONS)
        assert app.test_client().get("/readyz").status_code == 200
        db.engine.dispose()


def test_the_longer_list_of_roles_keeps_every_assignment_and_every_rule_of_its_table(empty: Settings) -> None:
    app = create_app(empty)
    with app.app_context():
        upgrade(directory=MIGRATIONS, revision="0001")
        with db.engine.begin() as connection:
            connection.execute(text(PERSON))
            connection.execute(text(HELD), [{"id": code, "role": code} for code in ("judge", "arbitrator")])
            before, rules = assignments(connection), rules_of(connection, "role_assignment")
        assert "review_expert" not in str(rules)
        upgrade(directory=MIGRATIONS, revision="0004")
        with db.engine.begin() as connection:
            assert assignments(connection) == before
            now = rules_of(connection, "role_assignment")
            assert "review_expert" in str(now) and [len(part) for part in now] == [len(part) for part in rules]
            connection.execute(text(HELD), {"id": "r", "role": "review_expert"})
            connection.execute(text("DELETE FROM role_assignment WHERE role = 'review_expert'"))
        downgrade(directory=MIGRATIONS, revision="0001")
        with db.engine.connect() as connection:
            assert assignments(connection) == before and rules_of(connection, "role_assignment") == rules
        db.engine.dispose()


PERSON = """INSERT INTO user_account (id, username, display_name, active, created_at, version)
            VALUES ('u', 'wei', '韦', true, '2026-01-01', 1)"""
HELD = """INSERT INTO role_assignment (id, user_id, role, scope_kind, scope_id)
          VALUES (:id, 'u', :role, 'event', 'e')"""


def assignments(connection: Connection) -> list[Any]:
    return list(connection.execute(text("SELECT * FROM role_assignment ORDER BY id")))


def rules_of(connection: Connection, table: str) -> list[list[str]]:
    """The columns, CHECKs, foreign keys and indexes of a table, as sorted text."""
    seen = inspect(connection)
    ask = (seen.get_columns, seen.get_check_constraints, seen.get_foreign_keys, seen.get_indexes)
    return [sorted(str(each) for each in question(table)) for question in ask]
