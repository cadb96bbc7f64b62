"""A database whose tables are not those of the models is noticed, although its revision is the newest."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click import ClickException
from flask import Flask
from flask_migrate import migrate as autogenerate
from sqlalchemy import Connection, text

from competitions.audit import triggers
from competitions.base import schema_postgresql
from competitions.base.config import ROOT
from competitions.base.database import db, write_intent
from competitions.base.migrating import schema_differences, upgrade_when_old
from competitions.base.schema import Difference
from tests.first_version import migrate, run
from tests.people import Client

CHECK = "ck_publication_two_people"
SAID = "数据库的表结构与程序不一致。请管理员运行 flask db upgrade"


def rewritten(connection: Connection, table: str, before: str, after: str) -> None:
    """SQLite: what it keeps of a table, changed by hand."""
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = "UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE name = :table"
    assert connection.execute(text(changed), {"before": before, "after": after, "table": table}).rowcount == 1
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")


def without_check(connection: Connection) -> None:
    """One of the CHECKs that two people rest on, gone."""
    if connection.dialect.name == "sqlite":
        rewritten(connection, "publication", "approved_by IS NULL OR approved_by <> drafted_by", "1")
    else:
        connection.execute(text(f"ALTER TABLE publication DROP CONSTRAINT {CHECK}"))


def nullable(connection: Connection) -> None:
    """A column that takes no value at all."""
    if connection.dialect.name == "sqlite":
        rewritten(connection, "publication", "notice TEXT NOT NULL", "notice TEXT")
    else:
        connection.execute(text("ALTER TABLE publication ALTER COLUMN notice DROP NOT NULL"))


def without_reference(connection: Connection) -> None:
    """A foreign key gone."""
    name = "fk_publication_stage_id"
    if connection.dialect.name == "sqlite":
        reference = f"CONSTRAINT {name} FOREIGN KEY(stage_id) REFERENCES stage (id), "
        rewritten(connection, "publication", reference.strip(), "")
    else:
        connection.execute(text(f"ALTER TABLE publication DROP CONSTRAINT {name}"))


def strange_trigger(connection: Connection) -> None:
    """A trigger that the house did not make."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("CREATE TRIGGER better BEFORE INSERT ON publication BEGIN SELECT 1; END"))
    else:
        connection.execute(text("CREATE FUNCTION better() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"))
        connection.execute(
            text("CREATE TRIGGER better BEFORE INSERT ON publication FOR EACH ROW EXECUTE FUNCTION better()")
        )


def by(statement: str) -> Callable[[Connection], None]:
    """The same statement on both databases."""
    return lambda connection: connection.execute(text(statement)) and None


def changed(app: Flask, change: Callable[[Connection], None]) -> list[Difference]:
    """What is noticed of a change, which is then undone."""
    db.session.remove()
    token = write_intent.set(True)
    try:
        with db.engine.connect() as connection:
            change(connection)
            found = schema_differences(connection)
            connection.rollback()
    finally:
        write_intent.reset(token)
        db.engine.dispose()
    return found


@pytest.mark.parametrize(("change", "line"), [
    (by("ALTER TABLE publication DROP COLUMN notice"), "notice "),
    (by("ALTER TABLE publication RENAME COLUMN notice TO told"), "notice "),
    (by("DROP INDEX ix_publication_stage_id"), "INDEX ix_publication_stage_id"),
    (without_check, CHECK),
    (nullable, "notice "),
    (without_reference, "fk_publication_stage_id"),
])  # fmt: skip
def test_what_is_missing_is_told_with_its_table(app: Flask, change: Callable[[Connection], None], line: str) -> None:
    (found,) = changed(app, change)
    assert found.table == "publication" and any(line in each for each in found.missing)


@pytest.mark.parametrize(("change", "line"), [
    (by("ALTER TABLE publication ADD COLUMN later VARCHAR(10)"), "later"),
    (by("CREATE UNIQUE INDEX one_a_stage ON publication (stage_id)"), "UNIQUE INDEX one_a_stage"),
    (strange_trigger, "TRIGGER better"),
])  # fmt: skip
def test_what_nobody_asked_for_is_told_with_its_table(
    app: Flask, change: Callable[[Connection], None], line: str
) -> None:
    (found,) = changed(app, change)
    assert (found.table, found.missing) == ("publication", ()) and line in found.surplus[0]


def test_a_table_that_is_gone_is_told(app: Flask) -> None:
    (found,) = changed(app, by("DROP TABLE tablet_report"))
    assert found.table == "tablet_report" and len(found.missing) > 3


@pytest.mark.parametrize("statement", [
    "CREATE TABLE somebody_elses (id INTEGER PRIMARY KEY)",
    "CREATE INDEX somebody_elses ON publication (published_at)",
])  # fmt: skip
def test_tables_of_others_and_indexes_that_only_make_it_faster_are_no_fault(app: Flask, statement: str) -> None:
    assert changed(app, by(statement)) == []


def test_a_column_that_came_with_a_default_for_filled_rows_is_the_column_of_the_models(app: Flask) -> None:
    def again(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE publication DROP COLUMN notice"))
        connection.execute(text("ALTER TABLE publication ADD COLUMN notice TEXT DEFAULT '(none)' NOT NULL"))

    assert changed(app, again) == []


def test_a_check_reads_the_same_after_a_dump_and_restore() -> None:
    first = (
        "CONSTRAINT c CHECK (((state)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))"
    )
    again = "CONSTRAINT c CHECK (((state)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))"
    assert schema_postgresql.normalised(first) == schema_postgresql.normalised(again)
    assert schema_postgresql.normalised(first) != schema_postgresql.normalised(first.replace("'b'", "'c'"))


def spoil(statement: str) -> None:
    """Change the database for good, as somebody does by hand."""
    db.session.remove()
    token = write_intent.set(True)
    with db.engine.begin() as connection:
        connection.execute(text(statement))
    write_intent.reset(token)


def test_readiness_says_what_is_to_be_done(newest: Flask) -> None:
    assert Client(newest).get("/readyz").get_json() == {"status": "ready"}
    spoil("DROP INDEX ix_publication_stage_id")
    answer = Client(newest).get("/readyz")
    assert (answer.status_code, answer.get_json()["faults"]) == (503, ["schema_differs"])
    assert SAID in answer.get_json()["message"] and "ix_publication" not in answer.get_data(as_text=True)


def test_readiness_and_an_upgrade_see_a_trigger_that_says_something_else(newest: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        spoil("DROP TRIGGER settlement_no_update")
        spoil("CREATE TRIGGER settlement_no_update BEFORE UPDATE ON settlement BEGIN SELECT 1; END")
    else:
        spoil("CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
    answer = Client(newest).get("/readyz")
    assert answer.get_json()["faults"] == ["triggers_missing"] and "重新安装" in answer.get_json()["message"]
    assert run(newest, "db", "upgrade")[0] == 0
    assert Client(newest).get("/readyz").status_code == 200


def test_an_upgrade_says_which_table_differs_and_stops(newest: Flask) -> None:
    spoil("ALTER TABLE publication DROP COLUMN notice")
    spoil("DROP INDEX ix_entry_member_entry_id")
    code, said = run(newest, "db", "upgrade")
    assert code == 1 and "有 2 张表的结构与程序不一致" in said and "Traceback" not in said
    assert "表 publication：缺少 notice" in said
    assert "表 entry_member：缺少 INDEX ix_entry_member_entry_id" in said
    with pytest.raises(ClickException, match="表 publication"):
        upgrade_when_old()


def test_an_upgrade_that_ends_with_other_tables_leaves_everything_as_it_was(newest: Flask, tmp_path: Path) -> None:
    with pytest.raises(ClickException, match="多出 later"):
        migrate(tmp_path, 'op.add_column("publication", sa.Column("later", sa.String(10)))')
    with db.engine.connect() as connection:
        assert schema_differences(connection) == [] and triggers.missing(connection) == []
    assert Client(newest).get("/readyz").status_code == 200


def test_a_migration_can_still_be_written_from_what_differs(newest: Flask, tmp_path: Path) -> None:
    migrate(tmp_path, "pass", to="head")
    spoil("DROP INDEX ix_publication_stage_id")
    autogenerate(directory=str(tmp_path / "migrations"), message="found", rev_id="9002")
    (written,) = (tmp_path / "migrations" / "versions").glob("*9002*.py")
    assert "ix_publication_stage_id" in written.read_text(encoding="utf-8")


def test_the_server_does_not_start_on_other_tables(newest: Flask) -> None:
    spoil("DROP INDEX ix_publication_stage_id")
    settings = newest.extensions["settings"]
    environment = {"INSTANCE_PATH": str(settings.instance_path), "DATABASE_URL": settings.database_url}
    for name, path in (("KEYRING_FILE", settings.keyring_file), ("AUDIT_KEY_FILE", settings.audit_key_file)):
        private = settings.instance_path / path.name
        private.write_bytes(path.read_bytes())
        private.chmod(0o600)
        environment[name] = str(private)
    command = [sys.executable, "-m", "competitions.serving"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "表 publication：缺少 INDEX ix_publication_stage_id" in done.stderr
    assert "Traceback" not in done.stderr
