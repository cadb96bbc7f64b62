"""A filled database of the first version comes to the newest schema and back, and nothing of record is lost on the way."""

from hashlib import sha256

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import func, select, text

from competitions import tables
from competitions.audit import append_only, triggers
from competitions.audit.covering import COVER
from competitions.audit.verification import verify
from competitions.base.database import db
from competitions.base.migrating import current_revision, head_revision, upgrade_when_old
from competitions.judging.signing.models import ModuleSignature
from tests.first_version import MIGRATIONS, FirstVersion, first_version, rows_of, run, sound
from tests.people import Client

FIRST = "0001"
FROZEN = "9ef87baaad51315140ca542a248a0499269246e3946c66bd7a95b8bfa908dceb"


def covering_records() -> int:
    """The records of the upgrades, that tell how the rows stood."""
    with db.engine.connect() as connection:
        events = tables.METADATA.tables["audit_event"]
        asked = select(func.count()).select_from(events).where(events.c.action == COVER)
        return connection.execute(asked).scalar_one()


@pytest.fixture
def then(database_kind: str) -> FirstVersion:
    """What the house said when the database was made."""
    return first_version(database_kind)


def test_the_first_migration_is_frozen() -> None:
    (file,) = (MIGRATIONS / "versions").glob("*_0001_first_tables.py")
    assert sha256(file.read_bytes()).hexdigest() == FROZEN, "0001 is frozen: every change is a migration of its own"


def test_the_filled_database_is_one_of_the_first_version_with_something_in_every_table(
    filled: Flask, then: FirstVersion
) -> None:
    counts = then.facts["rows"]
    assert current_revision() == FIRST
    assert rows_of(list(counts)) == counts and all(counts.values())
    served_then = [each["status"][1] for each in then.publications.values()]
    assert {200, 404, 410} == set(served_then), "public, never public, withdrawn"


def test_an_upgrade_keeps_records_publications_and_both_verifies_sound(filled: Flask, then: FirstVersion) -> None:
    upgrade_when_old()
    assert current_revision() == head_revision()
    sound(filled, then)
    kept = {name: count for name, count in then.facts["rows"].items() if name in append_only.TABLES}
    log = kept.pop("audit_event")
    assert rows_of(list(kept)) == kept
    assert rows_of(["audit_event"])["audit_event"] == log + covering_records()


def test_after_the_upgrade_what_the_old_log_did_not_cover_is_said_once_and_every_later_change_is_found(
    filled: Flask, then: FirstVersion
) -> None:
    upgrade_when_old()
    report = verify(db.session(), at=then.later)
    assert report.sound
    notes = [finding.code for finding in report.findings if finding.is_note]
    assert notes == ["RECORDS_OF_VERSION_1", "SIGNATURES_OF_VERSION_1"]
    assert set(db.session.scalars(select(ModuleSignature.version))) == {1}, "nothing is signed again in silence"
    db.session.execute(text("UPDATE publication SET notice = '另行通知'"))
    assert {finding.code for finding in verify(db.session(), at=then.later).findings if finding.is_fault} == {
        "ROW_CHANGED"
    }
    db.session.rollback()


def test_after_the_upgrade_the_installation_is_ready_and_its_people_sign_in(filled: Flask, then: FirstVersion) -> None:
    upgrade_when_old()
    answer = Client(filled).get("/readyz")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    for username, password in then.facts["sign_ins"]:
        client = Client(filled)
        assert client.sign_in(username, password).status_code == 303
        assert client.get("/desk/").status_code == 200
    code, said = run(filled, "audit", "verify")
    assert code == 0, said


def test_every_later_migration_is_taken_back_with_the_data_and_done_again(filled: Flask, then: FirstVersion) -> None:
    upgrade_when_old()
    script = ScriptDirectory(str(MIGRATIONS))
    later = [each for each in script.walk_revisions() if each.revision != FIRST]
    for migration in later:
        downgrade(directory=str(MIGRATIONS), revision=str(migration.down_revision))
        assert current_revision() == migration.down_revision
    rows = rows_of(list(then.facts["rows"]))
    rows["audit_event"] -= covering_records()
    assert rows == then.facts["rows"]
    assert current_revision() == FIRST
    upgrade_when_old()
    sound(filled, then)
    with db.engine.connect() as connection:
        assert triggers.missing(connection) == []
        assert connection.execute(select(func.count()).select_from(tables.METADATA.tables["worker"])).scalar_one() > 0
