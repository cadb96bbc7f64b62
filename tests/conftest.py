"""Databases, applications and clients for the tests: each test gets a fresh copy of a ready-made database.

`--databases sqlite,postgres` (the default) runs every test that touches the database on both.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from competitions import tables
from competitions.app import create_app, install
from competitions.audit import triggers
from competitions.base.config import Settings
from competitions.base.database import db
from tests.people import Client
from tests.postgres import cluster


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which databases the suite runs on."""
    parser.addoption("--databases", default=os.environ.get("TEST_DATABASES", "sqlite,postgres"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that (indirectly) uses `database` runs once for each database."""
    if "database_kind" in metafunc.fixturenames:
        kinds = metafunc.config.getoption("--databases").split(",")
        metafunc.parametrize("database_kind", kinds, scope="session")


@pytest.fixture(scope="session")
def workplace() -> Iterator[Path]:
    """A directory for databases and keys that lasts for the session."""
    place = Path(tempfile.mkdtemp(prefix="competitions-tests-"))
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(workplace: Path) -> Iterator[str]:
    """A PostgreSQL cluster of our own; yields the address without a database."""
    with cluster(workplace, durable=False) as address:
        yield address


def make_schema(address: str) -> None:
    """All tables and triggers in an empty database (a house test compares this with the migrations)."""
    engine = create_engine(address)
    with engine.begin() as connection:
        tables.METADATA.create_all(connection)
        triggers.install(connection)
    engine.dispose()


@pytest.fixture(scope="session")
def template_database(database_kind: str, workplace: Path, request: pytest.FixtureRequest) -> str:
    """A database with the schema and nothing in it, to be copied."""
    if database_kind == "sqlite":
        path = workplace / "template.sqlite"
        if not path.exists():  # the fixture is made anew each time the order of tests changes the database
            make_schema(f"sqlite:///{path}")
        return str(path)
    server = request.getfixturevalue("postgres_server")
    if not (workplace / "template.made").exists():
        _administer(server, "CREATE DATABASE template_schema")
        make_schema(server.format(name="template_schema"))
        (workplace / "template.made").touch()
    return "template_schema"


def _administer(server: str, statement: str) -> None:
    engine = create_engine(server.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def database_url(
    database_kind: str, template_database: str, workplace: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The address of a fresh database of this kind."""
    if database_kind == "sqlite":
        path = workplace / "case.sqlite"
        for leftover in workplace.glob("case.sqlite*"):
            leftover.unlink()
        shutil.copyfile(template_database, path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_server")
    if not _emptied(server.format(name="test_cases")):
        _administer(server, "DROP DATABASE IF EXISTS test_cases WITH (FORCE)")
        _administer(server, f"CREATE DATABASE test_cases TEMPLATE {template_database}")
    yield server.format(name="test_cases")


def _emptied(address: str) -> bool:
    """Empty the database that an earlier test used (copying one takes a second); False when its schema is not whole."""
    engine = create_engine(address)
    try:
        with engine.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text(";".join(f"DELETE FROM {table}" for table in tables.ALL)))
            return set(inspect(connection).get_table_names()) == set(tables.ALL) and not triggers.missing(connection)
    except DBAPIError:
        return False
    finally:
        engine.dispose()


@pytest.fixture
def settings(database_url: str, workplace: Path) -> Settings:
    """Settings of a test installation: an instance folder of its own (anchors, logs), keys and compiled templates shared
    by the session.
    """
    instance = workplace / f"instance-{uuid.uuid4().hex[:12]}"
    instance.mkdir()
    compiled = workplace / "compiled-templates"
    compiled.mkdir(exist_ok=True)
    (instance / compiled.name).symlink_to(compiled)
    return Settings(
        instance_path=instance,
        database_url=database_url,
        secret_key="t" * 64,
        keyring_file=workplace / "keyring.json",
        audit_key_file=workplace / "audit.key",
        testing=True,
    )


@pytest.fixture(scope="session")
def warm_apps() -> dict[str, tuple[Flask, Engine]]:
    """One application and engine for each kind of database: routes, compiled templates and compiled statements serve
    every test (a fifth of the suite's time).
    """
    return {}


@pytest.fixture
def app(settings: Settings, database_kind: str, warm_apps: dict[str, tuple[Flask, Engine]]) -> Iterator[Flask]:
    """The application on a fresh database, with an application context pushed (db.session works in the test)."""
    if database_kind not in warm_apps:
        made = create_app(settings)
        options = {**made.config["SQLALCHEMY_ENGINE_OPTIONS"], "query_cache_size": 3000}
        warm_apps[database_kind] = made, create_engine(settings.database_url, **options)
    application, engine = warm_apps[database_kind]
    configured = dict(application.config)
    db._app_engines[application] = {None: engine}
    application.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    application.extensions["settings"] = settings
    install(settings)  # another application of an earlier test may have installed other keys
    application.extensions.pop("demo", None)
    with application.app_context():
        yield application
        db.session.remove()
        engine.dispose()
    application.config.clear()
    application.config.update(configured)  # what a test sets is gone for the next one


@pytest.fixture
def visitor(app: Flask) -> Client:
    """Somebody who is not signed in."""
    return Client(app)
