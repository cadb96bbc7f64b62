"""No page goes through the whole of a table that grows: every question that the pages ask is explained, on SQLite without
statistics, on PostgreSQL with sequential scans as dear as they can be made.

Searches for a part of a text (`q`) are not asked here: they compare every row in scope, and say so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from competitions.base import planner
from competitions.base.database import db
from competitions.demo.crowd.sizes import Size
from competitions.demo.loading import load
from competitions.demo.story import WORKERS, Story
from competitions.judging.models import ScoreSheet
from competitions.programme.models import Competition, Module, Stage
from competitions.registration.models import Entry
from competitions.registration.queries import substitute_of
from competitions.results.models import Publication
from tests.factories import make_user
from tests.people import PASSWORD, Client

GROWING = {
    "act_of_two", "audit_event", "check_in", "code_row", "coded_place", "employer", "entry", "entry_history",
    "entry_member", "form_key", "judge_signature", "known_device", "lot", "publication", "publication_snapshot",
    "role_assignment", "score_revision", "score_sheet", "settlement", "sheet_confirmation", "sheet_delivery", "sign_in",
    "trade_union", "user_account", "worker",
}  # fmt: skip
"""Tables that are larger every year, or with every unit that joins."""
SMALL = Size(entries=WORKERS + 150, unions=290, employers=340, events=6 + 24)
DESKS = ("quzong", "nanning", "admin", "nigao", "shending", "danwei00001")
"""The whole region's reviewer, a city's, the administrator, both organisers, a clerk."""
HALL = ("supervisor", "chief_judge", "coder", "steward", "judge", "checker", "tabulator")
"""Who works in an event; the crowd's own have ended."""
PLACES = ("competition", "event", "stage", "module", "union", "user", "entry", "publication", "sheet")
LEFT_OUT = re.compile(
    r"/new|/edit|\.xlsx|/import|/roster|/move|/names|/form|/replacement|/password|copy|worksheet|/paper"
)
"""Forms, files and what is asked while typing: their questions are those of the pages that lead there."""


@dataclass
class Asked:
    """What was asked of the database since it was last cleared."""

    statements: list[tuple[str, Any]] = field(default_factory=list)


@pytest.fixture
def asked(app: Flask) -> Iterator[Asked]:
    """Listens to the cursor."""
    heard = Asked()

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.lstrip().startswith("SELECT"):
            heard.statements.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(db.engine, "before_cursor_execute", hear)


@pytest.fixture
def password(app: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation in small, of which the planner knows nothing."""
    monkeypatch.setattr(Story, "tell", lambda _: None)
    monkeypatch.setattr(planner, "gather_now", lambda: None)
    return load(5, SMALL).cast.password


def scans(asked: Asked) -> list[str]:
    """Tables that grow and would be gone through, each with the statement."""
    db.session.rollback()
    cursor = db.session.connection().connection.cursor()
    if db.engine.dialect.name == "postgresql":
        cursor.execute("SET LOCAL enable_seqscan = off")
    found = {}
    for statement, parameters in asked.statements:
        for table in _scanned(cursor, statement, parameters):
            found.setdefault(f"{table}: {statement}", None)
    db.session.rollback()
    asked.statements.clear()
    return list(found)


def _scanned(cursor: Any, statement: str, parameters: Any) -> Iterator[str]:
    """A list that is read in the order of an index, so many rows and no more, goes through nothing."""
    if db.engine.dialect.name == "postgresql":
        cursor.execute(f"EXPLAIN {statement}", parameters)
        plan = [row[0] for row in cursor.fetchall()]
        named = [found.group(1) for line in plan if (found := re.search(r"Seq Scan on (\w+)", line))]
    else:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plan = [row[3] for row in cursor.fetchall()]
        limited = " LIMIT " in statement
        by_key = limited and " ORDER BY " in statement and not any("TEMP B-TREE" in line for line in plan)
        scanned = [found for line in plan if (found := re.match(r"SCAN (\w+)( USING )?", line))]
        named = [re.sub(r"_\d+$", "", found[1]) for found in scanned if not (limited and found[2]) and not by_key]
    yield from (table for table in named if table in GROWING)


def pages(app: Flask, given: dict[str, str]) -> list[str]:
    """The addresses of all pages of the desk whose places are given."""
    found = []
    for rule in app.url_map.iter_rules():
        names = {argument.removesuffix("_id") for argument in rule.arguments}
        if "GET" in (rule.methods or ()) and rule.rule.startswith("/desk") and names <= given.keys():
            found.append(re.sub(r"<(\w+?)_id>", lambda place: given[place.group(1)], rule.rule))
    return sorted(page for page in found if not LEFT_OUT.search(page))


def places() -> dict[str, str]:
    """One of each place, of a competition that is over."""
    publication = db.session.scalars(select(Publication).limit(1)).one()
    stage = db.session.get_one(Stage, publication.stage_id)
    entry = db.session.scalars(select(Entry).where(Entry.event_id == stage.event_id).limit(1)).one()
    module = db.session.scalars(select(Module).where(Module.stage_id == stage.id, Module.key == "practice")).one()
    sheet = db.session.scalars(select(ScoreSheet).where(ScoreSheet.module_id == module.id).limit(1)).one()
    found = {
        "competition": entry.competition_id,
        "event": stage.event_id,
        "stage": stage.id,
        "module": module.id,
        "union": entry.review_union_id,
        "user": entry.author_id,
        "entry": entry.id,
        "publication": publication.id,
        "sheet": sheet.id,
    }
    assert set(found) == set(PLACES)
    return found


def opened(client: Client, page: str) -> bool:
    """Whether the page is the person's to see; nothing else may go wrong."""
    status = client.get(page).status_code
    assert status in (200, 302, 303, 403, 404), (page, status)
    return status == 200


def test_no_page_goes_through_a_table_that_grows(app: Flask, asked: Asked, password: str) -> None:
    given = places()
    people = {**dict.fromkeys(DESKS, password), **dict.fromkeys(HALL, PASSWORD)}
    for role in HALL:
        make_user((role, "event", given["event"]), username=role)
    db.session.commit()
    found, listed = {}, pages(app, given)
    for username, theirs in people.items():
        client = Client(app)
        assert client.sign_in(username, theirs).status_code == 303
        asked.statements.clear()
        seen = {page: scans(asked) for page in listed if opened(client, page)}
        assert len(seen) > 2, (username, list(seen))
        found.update({f"{username} {page}": tables for page, tables in seen.items() if tables})
    assert found == {}


def test_no_public_page_goes_through_a_table_that_grows(app: Flask, asked: Asked, password: str) -> None:
    publication = db.session.scalars(select(Publication.id).limit(1)).one()
    competition = db.session.scalars(select(Competition.id).where(Competition.state == "closed").limit(1)).one()
    listed = ("/", "/competitions/", f"/competitions/{competition}", "/results/", f"/results/{publication}")
    asked.statements.clear()
    assert {page: scans(asked) for page in listed if opened(Client(app), page)} == {page: [] for page in listed}


def test_a_list_that_is_turned_by_key_goes_through_nothing_either(app: Flask, asked: Asked, password: str) -> None:
    client = Client(app)
    client.sign_in("admin", password)
    for page in ("/desk/employers", "/desk/unions", "/desk/users"):
        first = client.get(page).get_data(as_text=True)
        [following] = re.findall(rf'href="({page}\?page=2&amp;after=[^"]+)"', first)
        asked.statements.clear()
        for address in (following.replace("&amp;", "&"), f"{page}?page=-1"):
            assert opened(client, address)
        assert scans(asked) == []


def test_a_dropped_index_is_noticed(app: Flask, asked: Asked, password: str) -> None:
    entry_id = db.session.scalars(select(Entry.id).limit(1)).one()
    asked.statements.clear()
    substitute_of(db.session(), entry_id)
    assert scans(asked) == []
    changed("DROP INDEX ix_entry_replaces_id")
    substitute_of(db.session(), entry_id)
    assert [found.split(":")[0] for found in scans(asked)] == ["entry"]
    changed("CREATE INDEX ix_entry_replaces_id ON entry (replaces_id)")


def changed(statement: str) -> None:
    """Another schema; connections that have made their plans are closed."""
    db.session.remove()
    with db.engine.begin() as connection:
        connection.execute(text(statement))
    db.engine.dispose()


def test_what_the_planner_knows_is_gathered(app: Flask) -> None:
    make_user(("administrator", "system", None))
    db.session.commit()
    db.session.remove()
    planner.gather_now()
    if db.engine.dialect.name == "sqlite":
        counted = "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'user_account'"
    else:
        counted = "SELECT count(*) FROM pg_stats WHERE tablename = 'user_account'"
    assert db.session.execute(text(counted)).scalar_one() > 0
