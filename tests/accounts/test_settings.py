"""What an installation may set: shown with its default and a sentence, changed by the administrator, recorded, obeyed."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.accounts.limits import limit
from competitions.accounts.models import SignIn
from competitions.accounts.settings import IDLE_MINUTES, IDLE_MINUTES_OF_HALL, IMPORTS, SIGN_IN_TRIES
from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.base import clock, settings
from competitions.base.database import db
from competitions.base.errors import TooMany
from competitions.base.settings import SETTINGS, Setting
from tests.factories import make_user
from tests.people import Client

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def administrator(app: Flask) -> Client:
    """Somebody who may change settings."""
    return signed_in(app, ("administrator", "system", None))


def signed_in(app: Flask, *roles: tuple[str, str, str | None]) -> Client:
    user = make_user(*roles)
    db.session.commit()
    client = Client(app)
    assert client.sign_in(user.username).status_code == 303
    return client


def change(client: Client, name: str, value: object, seen: int) -> tuple[int, str]:
    """Save the form; status and page."""
    answer = client.post(f"/desk/settings/{name}", {"value": str(value), "seen": str(seen)})
    db.session.rollback()
    return answer.status_code, answer.get_data(as_text=True)


def stored(name: str, value: str) -> None:
    """A row as it may lie in the table."""
    db.session.rollback()
    db.session.merge(Setting(name=name, value=value))
    db.session.commit()


def test_every_setting_is_listed_with_what_holds_its_default_and_what_it_does(administrator: Client) -> None:
    stored(IMPORTS.name, "35")
    page = administrator.get("/desk/settings").get_data(as_text=True)
    for setting in SETTINGS.values():
        assert setting.label in page and setting.sentence in page
        assert f'data-label="默认">{setting.said(setting.default)}' in page
        assert f'data-label="现在">{setting.said(35 if setting is IMPORTS else setting.default)}' in page
    assert page.count("已改") == 1 and 4 <= len(SETTINGS) <= 12
    assert "demonstration" not in page and "readiness" not in page
    assert 'href="/desk/settings"' in administrator.get("/desk/users").get_data(as_text=True)


@pytest.mark.parametrize("role", ["organiser_drafting", "organiser_approving"])
def test_nobody_else_sees_or_changes_them(app: Flask, role: str) -> None:
    client = signed_in(app, (role, "system", None))
    assert client.get("/desk/settings").status_code == 403
    assert client.get(f"/desk/settings/{IMPORTS.name}").status_code == 403
    assert change(client, IMPORTS.name, 30, 20)[0] == 403
    assert "/desk/settings" not in client.get("/desk/").get_data(as_text=True)


def test_a_change_holds_at_once_and_is_recorded_with_before_and_after(administrator: Client) -> None:
    assert change(administrator, IMPORTS.name, 30, 20)[0] == 303
    assert IMPORTS.value(db.session()) == 30
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "setting.change")).one()
    said = json.loads(event.payload)
    assert (said["object"], said["before"], said["after"]) == (["setting", IMPORTS.name], 20, 30) and event.by_id


def test_the_same_value_changes_nothing_and_the_default_leaves_no_row(administrator: Client) -> None:
    assert change(administrator, IMPORTS.name, 20, 20)[0] == 303
    assert db.session.scalars(select(AuditEvent).where(AuditEvent.action == "setting.change")).all() == []
    change(administrator, IMPORTS.name, 30, 20)
    address = f"/desk/settings/{IMPORTS.name}"
    assert administrator.post(address, {"value": "30", "seen": "30", "default": "1"}).status_code == 303
    db.session.rollback()
    assert db.session.get(Setting, IMPORTS.name) is None and IMPORTS.value(db.session()) == 20


@pytest.mark.parametrize("value", ["4", "201", "", "abc", "20.5", "-20"])
def test_what_is_out_of_range_or_no_number_is_refused_in_words(administrator: Client, value: str) -> None:
    status, page = change(administrator, IMPORTS.name, value, 20)
    assert status == 422 and re.search("5 到 200|填写数值|填写整数", page)
    assert db.session.get(Setting, IMPORTS.name) is None


def test_of_two_who_change_it_the_second_is_told(administrator: Client) -> None:
    assert change(administrator, IMPORTS.name, 30, 20)[0] == 303
    status, page = change(administrator, IMPORTS.name, 40, 20)
    assert status == 409 and "刚才已有人改为 30 次" in page and 'name="seen" type="hidden" value="30"' in page
    assert IMPORTS.value(db.session()) == 30
    assert change(administrator, IMPORTS.name, 40, 30)[0] == 303


@pytest.mark.parametrize("name", ["demonstration", "readiness", "sign_in.unknown"])
def test_marks_and_unknown_names_are_no_settings(administrator: Client, name: str) -> None:
    stored("demonstration", "seed 7")
    assert administrator.get(f"/desk/settings/{name}").status_code == 404
    assert change(administrator, name, 30, 20)[0] == 404
    assert db.session.get_one(Setting, "demonstration").value == "seed 7"


@pytest.mark.parametrize("stored_value", ["", "many", "0", "9999999", "20.5"])
def test_what_was_written_past_the_page_does_not_hold(app: Flask, stored_value: str) -> None:
    stored(IMPORTS.name, stored_value)
    assert IMPORTS.value(db.session()) == IMPORTS.default


def test_a_limit_is_the_one_that_is_set(app: Flask) -> None:
    stored(IMPORTS.name, "6")
    for _ in range(6):
        with transaction() as session:
            limit(session, "import:x", clock.now(), timedelta(hours=1), IMPORTS.value(session))
    with pytest.raises(TooMany), transaction() as session:
        limit(session, "import:x", clock.now(), timedelta(hours=1), IMPORTS.value(session))


def test_an_account_is_locked_after_as_many_tries_as_are_set(app: Flask) -> None:
    stored(SIGN_IN_TRIES.name, "3")
    user = make_user(("reporter", "system", None))
    db.session.commit()
    client = Client(app)
    statuses = [client.sign_in(user.username, "wrong").status_code for _ in range(4)]
    assert statuses == [422, 422, 422, 429]


@pytest.mark.parametrize(
    ("role", "setting"), [("organiser_drafting", IDLE_MINUTES), ("supervisor", IDLE_MINUTES_OF_HALL)]
)
def test_a_sign_in_ends_when_nothing_was_done_for_as_long_as_is_set(
    app: Flask, role: str, setting: settings.NumberSetting
) -> None:
    kind = "system" if role == "organiser_drafting" else "event"
    client = signed_in(app, (role, kind, None if kind == "system" else "e"))
    idle_since(setting.least + 5)
    assert client.get("/desk/password").status_code == 200
    stored(setting.name, str(setting.least))
    idle_since(setting.least + 5)
    assert client.get("/desk/password").status_code == 302


def idle_since(minutes: int) -> None:
    """As if everybody had done nothing for so long."""
    db.session.rollback()
    db.session.query(SignIn).update({"seen_at": clock.now() - timedelta(minutes=minutes)})
    db.session.commit()


def test_a_name_means_one_setting(app: Flask) -> None:
    settings.register([IMPORTS])
    with pytest.raises(ValueError, match="imports.an_hour"):
        settings.register([replace(IMPORTS, default=21)])


def test_settings_are_said_in_plain_chinese_and_read_where_they_hold(app: Flask) -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "competitions").rglob("*.py") if path.name != "settings.py"
    )
    constants = {
        setting.name: name
        for path in (ROOT / "competitions").rglob("settings.py")
        for name, key in re.findall(r'(\w+) = NumberSetting\(\s*"([^"]+)"', path.read_text(encoding="utf-8"))
        if (setting := SETTINGS.get(key))
    }
    for setting in SETTINGS.values():
        assert re.search(r"[一-鿿]{4}", setting.label) and setting.sentence.endswith("。")
        assert setting.least <= setting.default <= setting.most
        assert len(re.findall(rf"\b{constants[setting.name]}\b", code)) >= 2, f"{setting.name} is never read"
