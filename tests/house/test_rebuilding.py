"""Tables altered by a migration, on a filled database: nothing is lost, and a row that changes stops it."""

import re
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from click import ClickException
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from competitions import tables
from competitions.audit import triggers
from competitions.base.database import db
from competitions.base.migrating import current_revision, head_revision, schema_differences
from competitions.base.rebuilding import altered
from tests.first_version import first_version, migrate, rows_of, sound

WITH_CHECK = """
with altered("publication", unlike=["withdrawn_reason"]) as publication:
    publication.add_column(sa.Column("class", sa.String(10), nullable=False, server_default="final"))
    publication.create_check_constraint(op.f("ck_publication_class_known"), "class IN ('final', 'heat')")
    publication.alter_column("state", existing_type=sa.String(10), type_=sa.String(20))
    publication.drop_constraint(op.f("ck_publication_two_people"), type_="check")
    publication.alter_column("notice", existing_type=sa.Text(), new_column_name="announcement")
"""


def told(table: str) -> str:
    """What is said of the table's differences from the models."""
    with db.engine.connect() as connection:
        return "\n".join(str(each) for each in schema_differences(connection) if each.table == table)


def test_every_table_is_made_anew_and_nothing_of_it_is_lost(newest: Flask, tmp_path: Path, database_kind: str) -> None:
    before = rows_of(tables.ALL)
    migrate(tmp_path, f"for table in {tables.ALL}:\n    with altered(table):\n        pass")
    assert current_revision() == "9001"
    assert rows_of(tables.ALL) == before
    with db.engine.connect() as connection:
        assert schema_differences(connection) == [] and triggers.missing(connection) == []
    sound(newest, first_version(database_kind))


def test_a_table_that_others_refer_to_is_altered_in_every_way_and_keeps_its_rows(newest: Flask, tmp_path: Path) -> None:
    before = rows_of(["publication", "publication_snapshot"])
    with db.engine.connect() as connection:
        notices = connection.execute(text("SELECT id, notice FROM publication ORDER BY id")).all()
    body = WITH_CHECK.replace('unlike=["withdrawn_reason"]', 'renamed={"notice": "announcement"}')
    migrate(tmp_path, body, "pass", to="9001")
    assert rows_of(["publication", "publication_snapshot"]) == before
    said = told("publication")
    for line in ("ck_publication_class_known", "class", "20", "announcement"):
        assert line in said.split("surplus")[1]
    assert "ck_publication_two_people" in said.split("surplus")[0]
    with db.engine.begin() as connection:
        assert connection.execute(text("SELECT id, announcement FROM publication ORDER BY id")).all() == notices
        followed = "SELECT count(*) FROM publication_snapshot s JOIN publication p ON p.id = s.publication_id"
        assert connection.execute(text(followed)).scalar_one() == before["publication_snapshot"]
    for refused in ("UPDATE publication SET class = 'other'", "DELETE FROM publication"):
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text(refused))


@pytest.mark.parametrize("body", [
    "UPDATE publication SET notice = 'changed' WHERE number = 2",
    "UPDATE publication SET replaced_by_id = NULL",
    "INSERT INTO competition_level (code, name, position) VALUES ('new', 'new', 99)",
    "DELETE FROM attempt_count",
])  # fmt: skip
def test_a_row_that_changes_on_the_way_stops_the_whole_upgrade(newest: Flask, tmp_path: Path, body: str) -> None:
    table, before = re.findall(r"publication|competition_level|attempt_count", body)[0], rows_of(tables.ALL)
    with pytest.raises(ClickException, match=f"表 {table} 的行数或 .* 列的值与升级前不同"):
        migrate(tmp_path, "op.execute(\"UPDATE event SET conditions = ''\")",
                f'with altered("{table}"):\n    op.execute("""{body}""")')  # fmt: skip
    assert (current_revision(), rows_of(tables.ALL)) == (head_revision(), before)
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM publication WHERE notice = 'changed'")).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM event WHERE conditions <> ''")).scalar_one() > 0
        assert triggers.missing(connection) == []


def test_a_column_that_goes_must_be_named(newest: Flask, tmp_path: Path) -> None:
    body = 'with altered("publication"{}) as publication:\n    publication.drop_column("withdrawn_reason")'
    with pytest.raises(ClickException, match="withdrawn_reason"):
        migrate(tmp_path, body.format(""), "pass", to="9001")
    migrate(tmp_path, body.format(', unlike=["withdrawn_reason"]'), "pass", to="9001")
    assert "withdrawn_reason" in told("publication")


def test_an_append_only_table_refuses_changes_again_at_once(newest: Flask, tmp_path: Path) -> None:
    body = 'with altered("settlement"):\n    pass\nop.execute("UPDATE settlement SET at = at")'
    with pytest.raises(DBAPIError, match="append-only"):
        migrate(tmp_path, body)
    assert current_revision() == head_revision()


def test_a_row_that_refers_to_nothing_stops_the_upgrade(newest: Flask, tmp_path: Path) -> None:
    with pytest.raises((ClickException, DBAPIError), match="publication"):
        migrate(tmp_path, "op.execute(\"DELETE FROM publication WHERE state = 'published'\")")
    assert current_revision() == head_revision()


def test_references_are_checked_again_after_an_upgrade_and_after_one_that_failed(newest: Flask, tmp_path: Path) -> None:
    migrate(tmp_path, "pass")
    with pytest.raises(ClickException):
        migrate(tmp_path, "pass", 'with altered("programme"):\n    op.execute("UPDATE programme SET name = id")')
    for _ in range(3):
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text("UPDATE division SET event_id = 'nobody'"))


def test_a_migration_may_take_longer_than_a_page(newest: Flask, tmp_path: Path, database_kind: str) -> None:
    if database_kind == "postgres":
        body = 'assert op.get_bind().exec_driver_sql("SHOW statement_timeout").scalar() == "0"'
        migrate(tmp_path, body)


def test_outside_a_migration_no_table_is_rebuilt(newest: Flask, database_kind: str) -> None:
    with db.engine.connect() as connection, Operations.context(MigrationContext.configure(connection)):
        if database_kind == "sqlite":
            with pytest.raises(RuntimeError, match="in a migration only"), altered("publication"):
                pass
