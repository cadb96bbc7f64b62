"""Audit names no feature: tables, ways upwards and words are registered by those who own them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, Engine, ForeignKey, MetaData, String, Table, create_engine, text
from sqlalchemy.exc import IntegrityError

from competitions import features, tables
from competitions.audit import action_words, append_only, compared, fixed_columns, reach, triggers
from competitions.audit.action_words import ACTIONS, CHECKS, OBJECTS, Vocabulary
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import Base, db

ROOT = Path(__file__).resolve().parents[2]
OF_THE_INSTALLATION = set(
    [
        "audit",
        "backup",
        "competition_level",
        "employer",
        "import",
        "job",
        "occupation",
        "programme",
        "reference",
        "setting",
        "sign_in",
        "union",
        "unit_application",
        "upload",
        "user",
        "worker",
    ]
)
"""Kinds of objects whose records concern no single contest."""
APPEND_ONLY = {
    "audit_event",
    "deadline_extension",
    "entry_correction",
    "entry_correction_decision",
    "entry_history",
    "judge_signature",
    "module_signature",
    "publication_snapshot",
    "recheck",
    "reporting_list",
    "score_revision",
    "settlement",
    "sheet_confirmation",
    "sheet_change",
    "sheet_delivery",
}
"""Tables that must stay append-only: a mark that goes missing would take its triggers with it, in silence."""
NOT_COMPARED = {
    "attempt_count",
    "audit_event",
    "column_match",
    "installation",
    "job",
    "sealing_key",
    "tablet_report",
    "upload",
}
"""Tables on which nothing rests."""
FREE = {
    "coded_place": {"presence"},  # follows the check-in, and must not stand beside it (coding/places.py)
    "entry_member": {"name_strokes", "name_pinyin"},  # follow the name
    "form_key": {"place"},  # comes after the act, bound to its form by a key
    "second_factor": {"last_step"},  # a code that was used is not used again; nothing else follows from it
    "sign_in": {"seen_at"},
    "user_account": {"version"},
}
"""Columns of compared tables that are not compared."""
MAY_GO = {"form_key", "kept_file", "recovery_code"}
"""Tables whose rows go when their time is over."""
EDITED = {
    "area",
    "competition_level",
    "consent_text",
    "employer",
    "form_key",  # written by ON CONFLICT DO NOTHING, before which the guard against REPLACE would fire
    "occupation",
    "programme",
    "setting",
    "trade_union",
}
"""Lists whose every column but the key may be edited, and what has no guard."""
COPIES = {"copying.py"}
"""Files that fill a database which is not there yet: the copy of all rows in an archive, whose log comes with them."""
RECORDING = {"record", "record_export", "_record", "_note"}
"""Functions whose arguments name the action that is recorded."""
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")


@pytest.fixture
def scratch() -> Iterator[Engine]:
    """A database in memory, for tables of a test."""
    engine = create_engine("sqlite://")
    yield engine
    engine.dispose()


def model(name: str, *more: Column[str]) -> Any:
    """What a mark reads of a model, with a table that is in nobody's schema."""
    table = Table(name, MetaData(), Column("id", String(36), primary_key=True), *more)
    return SimpleNamespace(__tablename__=name, metadata=table.metadata)


def strings(path: Path) -> set[str]:
    """The string constants of a module, whole."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def recorded_actions() -> Iterator[tuple[str, str]]:
    """File and action (an f-string with a dot for what is put in) of every call that records something."""
    for path in sorted((ROOT / "competitions").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in RECORDING:
                continue
            for said in node.args:
                if isinstance(said, ast.Constant) and ACTION.fullmatch(str(said.value)):
                    yield path.name, re.escape(said.value)
                if isinstance(said, ast.JoinedStr):
                    parts = [re.escape(v.value) if isinstance(v, ast.Constant) else "[a-z_]+" for v in said.values]
                    yield path.name, "".join(parts)


def test_audit_names_no_table_and_no_action_of_a_feature(app: Flask) -> None:
    low = ("competitions.audit.", "competitions.base.")
    theirs = {m.class_.__tablename__ for m in Base.registry.mappers if not m.class_.__module__.startswith(low)}
    theirs |= {action for action in ACTIONS if not action.startswith("audit.")}
    theirs |= set(OBJECTS) - {"audit", "setting"}  # verification also looks at settings of the database
    named = {path.name: strings(path) & theirs for path in (ROOT / "competitions" / "audit").rglob("*.py")}
    assert len(theirs) > 150 and not {name: found for name, found in named.items() if found}


def test_every_action_that_is_recorded_has_a_word(app: Flask) -> None:
    recorded = set(recorded_actions())
    silent = [each for each in recorded if not any(re.fullmatch(each[1], action) for action in ACTIONS)]
    assert len(recorded) > 110 and not silent


def test_a_feature_brings_its_own_words_and_no_code_gets_a_second_one(app: Flask) -> None:
    brought = [action for feature in features.FEATURES if feature.vocabulary for action in feature.vocabulary.actions]
    assert len(brought) == len(set(brought))
    assert set(ACTIONS) - set(brought) == {action for action in ACTIONS if action.startswith("audit.")}
    for twice in (
        Vocabulary({"audit.export": "别的"}),
        Vocabulary(objects={"audit": "别的"}),
        Vocabulary(facts={"state": "别的"}),
    ):
        with pytest.raises(ValueError, match="two words"):
            action_words.register(twice)


def test_every_check_of_verification_has_a_word(app: Flask) -> None:
    report = verify(db.session(), at=clock.now())
    assert {"anchors", *report.checks} == set(CHECKS)


def test_the_tables_that_only_grow_are_these() -> None:
    assert set(append_only.TABLES) == APPEND_ONLY and set(tables.ALL) >= APPEND_ONLY


def test_every_table_is_compared_with_the_log_or_says_why_not() -> None:
    assert set(compared.COMPARED) | set(compared.NOT_COMPARED) == set(tables.ALL)
    assert set(compared.NOT_COMPARED) == NOT_COMPARED and all(compared.NOT_COMPARED.values())
    assert {name: free for name, table in compared.COMPARED.items() if (free := table.free - {"search_text"})} == FREE
    assert {name for name, table in compared.COMPARED.items() if table.may_go} == MAY_GO


def test_every_column_that_is_compared_has_a_word(app: Flask) -> None:
    silent = [
        f"{name}.{column}"
        for name, table in compared.COMPARED.items()
        for column in table.columns
        if action_words.column_word(name, column) == column
    ]
    assert silent == []


def test_a_table_that_changes_has_fixed_columns_unless_it_is_a_list_that_people_edit() -> None:
    changing = set(compared.COMPARED) - set(append_only.TABLES)
    assert changing - set(fixed_columns.FIXED) == EDITED


def test_nobody_writes_rows_by_plain_text_past_the_log() -> None:
    written = re.compile(r"\s*(UPDATE \S+ SET|INSERT( OR \w+)? INTO|REPLACE INTO|DELETE FROM)\b")
    found = {path.name for path in (ROOT / "competitions").rglob("*.py") if any(map(written.match, strings(path)))}
    assert found == COPIES, "statements as text are not seen by audit/row_digests.py"


def test_a_table_is_marked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(append_only, "_tables", {})
    monkeypatch.setattr(reach, "_upwards", {})
    monkeypatch.setattr(reach, "_scopes", {})
    there = model("thing", Column("event_id", String(36), ForeignKey("event.id")))
    for mark in (append_only.append_only, reach.reached_by("event_id"), reach.named_by_scope("events")):
        assert mark(there) is there
        with pytest.raises(ValueError, match="already"):
            mark(there)


def test_a_way_upwards_follows_a_foreign_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "_upwards", {})
    with pytest.raises(ValueError, match="leads nowhere"):
        reach.reached_by("kind")(model("thing", Column("kind", String(10))))


def test_records_about_what_belongs_to_a_contest_reach_its_supervisor(app: Flask) -> None:
    assert set(OBJECTS) - {*reach._upwards, *reach._scopes} == OF_THE_INSTALLATION


def test_every_kind_of_object_that_is_recorded_has_a_word() -> None:
    recorded = re.compile(r'\brecord\(\s*session,\s*f?"[^"]+",\s*"(\w+)"')
    kinds = {
        kind for path in (ROOT / "competitions").rglob("*.py") for kind in recorded.findall(path.read_text("utf-8"))
    }
    assert len(kinds) > 15 and kinds <= set(OBJECTS)


def test_triggers_are_put_on_the_tables_that_are_there(scratch: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(append_only, "_tables", {})
    here, later = (append_only.append_only(model(name)) for name in ("here", "later"))
    monkeypatch.setattr(triggers, "TABLES", append_only._tables)
    with scratch.begin() as connection:
        here.metadata.create_all(connection)
        triggers.install(connection)
        assert triggers.missing(connection, triggers.present(connection)) == []
        assert triggers.missing(connection, ["here", "later"]) == [
            f"later_no_{k}" for k in ("update", "delete", "replace")
        ]
        connection.execute(text("INSERT INTO here VALUES ('a')"))
        with pytest.raises(IntegrityError, match="append-only"):
            connection.execute(text("REPLACE INTO here VALUES ('a')"))
    assert later.__tablename__ == "later"
