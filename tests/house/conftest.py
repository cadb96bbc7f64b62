"""What the tests of the house share: an installation of the first version, filled."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from competitions.app import create_app
from competitions.base import clock
from competitions.base.database import db
from competitions.base.migrating import upgrade_when_old
from tests.first_version import first_version, postgres_restored, settings_of, sqlite_restored


@pytest.fixture
def filled(
    database_kind: str, workplace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    """The application of today on a database of the first version, not upgraded, an hour after that was made."""
    address = (
        sqlite_restored(tmp_path)
        if database_kind == "sqlite"
        else postgres_restored(request.getfixturevalue("postgres_server"), workplace)
    )
    monkeypatch.setattr(clock, "now", lambda: first_version(database_kind).later)
    app = create_app(settings_of(database_kind, address, tmp_path / "instance"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def newest(filled: Flask) -> Flask:
    """The filled database at the newest schema."""
    upgrade_when_old()
    return filled
