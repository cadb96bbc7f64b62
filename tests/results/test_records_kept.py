"""Rows of record cannot be changed, deleted or replaced, whoever writes SQL: signatures, re-checks, settlements."""

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from competitions.audit.append_only import TABLES, unique_keys
from competitions.base import clock
from competitions.base.database import db, write_intent
from competitions.judging.models import JudgeSignature, ScoreSheet
from competitions.judging.sheets.models import Recheck
from competitions.programme.models import DeadlineExtension
from tests.factories_results import make_contest, practice_only

RECORDS = ("judge_signature", "recheck", "settlement", "deadline_extension", "publication_snapshot")


def written(app: Flask) -> None:
    """One row or more of each."""
    contest = make_contest(app, practice_only(), [{"practice": ["90"]}, {"practice": ["80"]}])
    contest.publish()
    competition, at = contest.stage.event.competition_id, clock.now()
    sheet = db.session.scalars(select(ScoreSheet)).first()
    assert sheet is not None
    db.session.add(JudgeSignature(sheet_id=sheet.id, number=1, digest="a" * 64, by="judge", at=at))
    db.session.add(
        Recheck(module_id=sheet.module_id, code=sheet.code, opening=1, outcome="right", text="", by="checker", at=at)
    )
    db.session.add(
        DeadlineExtension(competition_id=competition, deadline="report", until=at, reason="", by="organiser", at=at)
    )
    db.session.commit()


def attack(statement: str) -> None:
    token = write_intent.set(True)
    try:
        with db.engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        write_intent.reset(token)


def statements(table: str) -> list[str]:
    """Change, deletion, emptying; on SQLite replacing over the id and over each unique key."""
    listed = [f"UPDATE {table} SET at = at", f"DELETE FROM {table}"]
    if db.engine.dialect.name == "postgresql":
        return [*listed, f"TRUNCATE {table} CASCADE"]
    columns = [f'"{column["name"]}"' for column in inspect(db.engine).get_columns(table)]
    listed.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    if len(unique_keys(TABLES[table])) > 1:
        fresh = ", ".join("'fresh'" if column == '"id"' else column for column in columns)
        listed.append(f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) SELECT {fresh} FROM {table} LIMIT 1")
    return listed


def test_rows_of_record_hold_against_change_deletion_and_replacing(app: Flask) -> None:
    written(app)
    for table in RECORDS:
        for statement in statements(table):
            with pytest.raises(DBAPIError, match="append-only"):
                attack(statement)
