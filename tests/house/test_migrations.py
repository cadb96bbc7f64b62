"""Migrations: from empty to the newest schema and back, on both databases; the schema equals the models."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, text

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
