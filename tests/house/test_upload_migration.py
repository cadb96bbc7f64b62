"""Migration 0007: what waits for its confirmation is carried over into one table of uploads, and back."""

import json
from typing import Any

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from competitions.base.database import db, write_intent
from competitions.base.keyring import ring
from tests.first_version import MIGRATIONS

BEFORE = "0006"


def ask(statement: str) -> list[dict[str, Any]]:
    """Rows of the database as it is."""
    with db.engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(statement)).mappings()]


def unsealed(value: str, *place: str) -> Any:
    return json.loads(ring().open(value, *place))


def waiting_before() -> dict[str, Any]:
    """Id → what waits, as the first version kept it."""
    tables = {row["id"]: row for row in ask("SELECT * FROM staged_table")}
    rosters = {row["id"]: row for row in ask("SELECT * FROM roster_upload WHERE content <> ''")}
    found = {key: unsealed(row["rows"], "staged_table", "rows", key) for key, row in tables.items()}
    found |= {key: unsealed(row["content"], "roster_upload", "content", key) for key, row in rosters.items()}
    return found


def test_what_waits_is_carried_over_and_back(filled: Flask) -> None:
    upgrade(directory=str(MIGRATIONS), revision=BEFORE)
    before, history = waiting_before(), ask("SELECT id, state, counts FROM roster_upload ORDER BY id")
    moments = {row["id"]: str(row["staged_at"]) for row in ask("SELECT id, staged_at FROM staged_table")}
    assert len(before) >= 3 and len(history) >= 2
    upgrade(directory=str(MIGRATIONS), revision="0007")
    kept = {row["id"]: row for row in ask("SELECT * FROM upload")}
    assert set(kept) == set(before) and not inspect(db.engine).has_table("staged_table")
    for key, upload in kept.items():
        content = unsealed(upload["content"], "upload", "content", key)
        said, was = unsealed(upload["corrections"], "upload", "corrections", key), before[key]
        if upload["purpose"] == "roster":
            assert content == {"cells": was["cells"], "data": was["file"]}
            assert said == {"edits": was["edits"], "mapping": was["mapping"], "line": was["line"]}
        elif upload["purpose"] in ("marks", "scheme"):
            assert upload["subject"] == was[0]["module"] and content["cells"] == was[0]["cells"]
        else:
            assert content == was and said is None
    assert ask("SELECT id, state, counts FROM roster_upload ORDER BY id") == history
    downgrade(directory=str(MIGRATIONS), revision=BEFORE)
    assert waiting_before() == before
    assert {row["id"]: str(row["staged_at"]) for row in ask("SELECT id, staged_at FROM staged_table")} == moments


def test_what_no_key_opens_stays_behind_and_stops_nothing(filled: Flask) -> None:
    upgrade(directory=str(MIGRATIONS), revision=BEFORE)
    waiting = len(waiting_before())
    token = write_intent.set(True)
    with db.engine.begin() as connection:
        connection.execute(
            text("UPDATE staged_table SET id = 'elsewhere' WHERE id = (SELECT min(id) FROM staged_table)")
        )
    write_intent.reset(token)
    upgrade(directory=str(MIGRATIONS), revision="0007")
    assert len(ask("SELECT id FROM upload")) == waiting - 1
    assert ask("SELECT id FROM upload WHERE id = 'elsewhere'") == []
