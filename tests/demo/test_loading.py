"""`flask demo load`: a fresh database is brought to the newest schema, filled and marked; the answer is contracts.md's."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from competitions.audit.action_words import ACTIONS
from competitions.base.roles import ROLE_PERMISSIONS
from competitions.features import FEATURES
from tests.conftest import _administer

ROOT = Path(__file__).resolve().parents[2]
PERSONAL = re.compile(r"(?<![0-9a-f-])([1-9]\d{16}[0-9Xx]|1[3-9]\d{9})(?![0-9a-f-])")
"""An ID number or a telephone number that is not a part of a digest or an id."""


@dataclass
class Loaded:
    """A database with the demonstration, and what the command printed."""

    environment: dict[str, str]
    instance: Path
    answer: dict[str, Any]
    engine: Engine

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the same installation."""
        return flask(self.environment, *arguments)

    def column(self, statement: str) -> list[Any]:
        """The first column of a query."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement)).scalars())


def flask(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the application in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.fixture(scope="module")
def loaded(database_kind: str, workplace: Path, request: pytest.FixtureRequest) -> Iterator[Loaded]:
    """The demonstration of seed 7, loaded once for the tests of this file."""
    instance = workplace / f"demo-{database_kind}"
    instance.mkdir()
    address = f"sqlite:///{instance / 'demo.sqlite'}"
    if database_kind == "postgres":
        server = request.getfixturevalue("postgres_server")
        _administer(server, "CREATE DATABASE demonstration")
        address = server.format(name="demonstration")
    environment = {**os.environ, "INSTANCE_PATH": str(instance), "DATABASE_URL": address, "PYTHONPATH": str(ROOT)}
    done = flask(environment, "demo", "load", "--seed", "7", "--json")
    assert done.returncode == 0, done.stderr
    engine = create_engine(address)
    yield Loaded(environment, instance, json.loads(done.stdout), engine)
    engine.dispose()


def test_everything_that_is_recorded_on_the_whole_line_has_a_word(loaded: Loaded) -> None:
    words = {action for feature in FEATURES if feature.vocabulary for action in feature.vocabulary.actions}
    done = set(loaded.column("SELECT DISTINCT action FROM audit_event"))
    assert len(done) > 30 and done <= words | set(ACTIONS)


def test_the_answer_has_the_form_of_the_contract(loaded: Loaded) -> None:
    answer = loaded.answer
    assert set(answer) == {"users", "competitions", "organisations", "publications"}
    assert all(set(user) == {"username", "password", "roles"} for user in answer["users"])
    for competition in answer["competitions"]:
        assert set(competition) == {"id", "name", "phase", "events"}
        assert all(set(event) == {"id", "name", "phase"} for event in competition["events"])
    assert all(set(each) == {"id", "name", "kind"} for each in answer["organisations"])


def test_somebody_holds_each_role_and_one_password_opens_all(loaded: Loaded) -> None:
    users = loaded.answer["users"]
    assert {role for user in users for role in user["roles"]} == set(ROLE_PERMISSIONS)
    assert len({user["password"] for user in users}) == 1
    assert len(set(loaded.column("SELECT password_hash FROM user_account"))) == 1


def test_three_competitions_stand_in_three_phases_and_six_events_have_real_occupations(loaded: Loaded) -> None:
    competitions = loaded.answer["competitions"]
    assert [each["phase"] for each in competitions] == ["results", "judging", "registration"]
    assert sum(len(each["events"]) for each in competitions) == 6
    codes = loaded.column("SELECT occupation_code FROM event")
    assert len(codes) == 6 and all(code for code in codes)


def test_fourteen_cities_sixty_employers_and_four_hundred_workers(loaded: Loaded) -> None:
    cities = "SELECT count(*) FROM trade_union WHERE area_code LIKE '45__00' AND area_code <> '450000'"
    assert loaded.column(cities) == [14]
    assert loaded.column("SELECT count(*) FROM employer") == [60]
    assert loaded.column("SELECT count(*) FROM worker") == [400]
    assert sum(each["kind"] == "employer" for each in loaded.answer["organisations"]) >= 3


def test_the_open_competition_has_entries_in_many_states(loaded: Loaded) -> None:
    states = Counter(loaded.column("SELECT state FROM entry"))
    assert {"draft", "submitted", "returned", "endorsed", "approved", "refused"} <= set(states)


def test_the_blind_event_has_sheets_in_every_state_and_its_codes_are_closed(loaded: Loaded) -> None:
    blind = next(
        event
        for competition in loaded.answer["competitions"]
        for event in competition["events"]
        if event["phase"] == "judging"
    )
    stage = f"(SELECT id FROM stage WHERE event_id = '{blind['id']}')"
    states = loaded.column(
        f"SELECT state FROM score_sheet WHERE module_id IN (SELECT id FROM module WHERE stage_id IN {stage})"
    )
    assert set(states) == {"empty", "draft", "submitted", "confirmed", "signed"}
    assert loaded.column(f"SELECT state FROM code_sheet WHERE stage_id IN {stage}") == ["sealed"]
    assert loaded.column(f"SELECT count(*) FROM publication WHERE stage_id IN {stage}") == [0]


def test_two_events_are_published_by_another_person_than_the_author(loaded: Loaded) -> None:
    assert len(loaded.answer["publications"]) == 2
    both = loaded.column("SELECT count(*) FROM publication WHERE state = 'published' AND approved_by <> drafted_by")
    assert both == [2]


def test_a_database_that_holds_anything_is_refused(loaded: Loaded) -> None:
    again = loaded.flask("demo", "load", "--json")
    assert again.returncode == 1
    assert "空库" in again.stderr and not again.stdout
    assert loaded.column("SELECT count(*) FROM worker") == [400]


def test_the_database_is_marked_so_that_the_real_installation_refuses_it(loaded: Loaded) -> None:
    assert loaded.column("SELECT value FROM setting WHERE name = 'demonstration'") == ["seed 7"]
    served = subprocess.run(
        [sys.executable, "-m", "competitions.serving"],
        cwd=ROOT,
        env=loaded.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert served.returncode == 1 and "演示库" in served.stderr


def test_no_id_number_stands_in_the_database_in_plain_text(loaded: Loaded) -> None:
    sealed = loaded.column("SELECT id_number FROM worker")
    assert all(value.startswith("v1.") for value in sealed)
    payloads = loaded.column("SELECT payload FROM audit_event")
    assert not [found for payload in payloads if (found := PERSONAL.search(payload))]
