"""Migration 0004: two tables of uploads become one; the history of rosters stays, up and down, on both databases."""

from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from competitions.app import create_app
from competitions.base.config import Settings
from competitions.base.database import db
from tests.house.test_migrations import MIGRATIONS, empty

__all__ = ["empty"]
WHEN = "2026-11-20 08:00:00+00:00"
BEFORE = (
    "INSERT INTO staged_table VALUES ('s', 'marks', 'u', 'a.xlsx', 'ff', 'sealed', '{when}')",
    "INSERT INTO roster_upload (id, competition_id, union_id, user_id, filename, sha256, content, state, counts, "
    "created_at, expires_at, version) VALUES ('{id}', 'c', 't', 'u', 'b.xlsx', 'ee', '{content}', '{state}', "
    "'{{\"new\": 2}}', '{when}', '{when}', 3)",
)


def run(*statements: str) -> None:
    """Statements as they stand, without the foreign keys that other features would ask for."""
    raw = db.engine.raw_connection()
    sqlite = db.engine.dialect.name == "sqlite"
    cursor = raw.cursor()
    for statement in ("PRAGMA foreign_keys=OFF" if sqlite else "SET session_replication_role = replica", *statements):
        cursor.execute(statement)
    raw.commit()
    raw.close()
    db.engine.dispose()


def rows(statement: str) -> list[tuple[object, ...]]:
    """What is there."""
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_history_of_rosters_stays_and_what_waits_goes(empty: Settings) -> None:
    app = create_app(empty)
    with app.app_context():
        upgrade(directory=MIGRATIONS, revision="0004")
        downgrade(directory=MIGRATIONS, revision="-1")
        staged, roster = BEFORE
        run(
            staged.format(when=WHEN),
            roster.format(id="r1", content="sealed", state="staged", when=WHEN),
            roster.format(id="r2", content="", state="confirmed", when=WHEN),
        )
        upgrade(directory=MIGRATIONS, revision="0004")
        history = "SELECT id, user_id, filename, sha256, state FROM roster_upload ORDER BY id"
        kept = [("r1", "u", "b.xlsx", "ee", "staged"), ("r2", "u", "b.xlsx", "ee", "confirmed")]
        assert rows(history) == kept and rows("SELECT * FROM upload") == []
        with db.engine.connect() as connection:
            assert not inspect(connection).has_table("staged_table")
        downgrade(directory=MIGRATIONS, revision="-1")
        assert rows(history) == kept and rows("SELECT content, version FROM roster_upload") == [("", 1)] * 2
        assert rows("SELECT * FROM staged_table") == []
        [(created, expires)] = set(rows("SELECT created_at, expires_at FROM roster_upload"))
        assert str(created)[:16] == "2026-11-20 08:00" and str(expires)[:16] == "2026-11-21 08:00"
        db.engine.dispose()
