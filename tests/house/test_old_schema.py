"""A database that waits for its upgrade: the page and /readyz say so, and who is to do what; nobody is told to retry."""

from collections.abc import Iterator

import pytest
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import text

from competitions.base.config import Settings, cautions, from_environment
from competitions.base.database import db, write_intent
from tests.factories import make_user
from tests.people import Client

OLD = "系统正在维护（数据库版本较旧），请管理员运行升级"


@pytest.fixture
def older(app: Flask) -> Iterator[Client]:
    """Somebody signed in while a column that the code needs is not there yet."""
    somebody = make_user(("organiser_drafting", "system", None), username="organiser")
    db.session.commit()
    client = Client(app)
    client.sign_in(somebody.username)
    renamed("conditions", "conditions_later")
    yield client
    renamed("conditions_later", "conditions")


def renamed(column: str, to: str) -> None:
    db.session.remove()
    token = write_intent.set(True)
    with db.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE event RENAME COLUMN {column} TO {to}"))
    write_intent.reset(token)
    db.engine.dispose()


def test_a_page_that_needs_the_newer_schema_asks_for_the_upgrade(older: Client) -> None:
    answer = older.get("/desk/events/4f0c3a2e-0000-4000-8000-000000000000")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503 and OLD in page and "系统正忙" not in page and "db upgrade" in page
    assert answer.headers["Retry-After"] == "60"


def test_readiness_names_the_old_schema(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MigrationContext, "get_current_revision", lambda _self: "0000")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["faults"] == ["schema_old"] and OLD in answer.get_json()["message"]


def test_a_locked_database_is_busy_and_not_old(app: Flask) -> None:
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from competitions.base.database import database_code

    assert database_code(OperationalError("", {}, Exception("database is locked"))) == "busy"
    assert database_code(OperationalError("", {}, Exception("disk I/O error"))) == "storage_unavailable"
    assert database_code(ProgrammingError("", {}, Exception("syntax error"))) is None


@pytest.mark.parametrize(
    ("environment", "warned"),
    [
        ({}, False),
        ({"HTTPS": "1"}, True),
        ({"HOST": "0.0.0.0"}, True),
        ({"HOST": "localhost"}, False),  # noqa: S104
        ({"HTTPS": "1", "TRUSTED_HOSTS": "a.example.org, b.example.org"}, False),
        ({"HTTPS": "1", "TRUSTED_HOSTS": " "}, True),
    ],
)
def test_the_real_installation_warns_when_any_host_name_is_answered(
    settings: Settings, environment: dict[str, str], warned: bool
) -> None:
    read = from_environment({"INSTANCE_PATH": str(settings.instance_path), **environment})
    assert bool(cautions(read)) is warned
    assert all("TRUSTED_HOSTS" in said for said in cautions(read))


def test_only_trusted_hosts_are_answered(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["jingsai.example.org"])  # the application serves every test
    assert app.test_client().get("/", headers={"Host": "jingsai.example.org"}).status_code == 200
    assert app.test_client().get("/", headers={"Host": "evil.example.net"}).status_code == 400
