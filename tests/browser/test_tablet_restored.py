"""The tablet after a restore: it meets a server with another epoch that does not know what it acknowledged, and brings it
back without being asked.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from competitions.base.config import Settings
from competitions.judging.models import Quarantine, ScoreRevision
from tests.backup.places import Place, empty_place, prepare
from tests.browser.conftest import TABLET, Server
from tests.browser.pure_modules import Call
from tests.browser.steps_tablet import delivered, fill, kept, mark, open_sheet, revisions, state, submit
from tests.factories_judging import RIGHT, Hall, make_hall
from tests.people import PASSWORD

pytestmark = pytest.mark.usefixtures("one_database")


@pytest.fixture
def place(app: Flask, settings: Settings, tmp_path: Path) -> Place:
    """Before the server starts: a database that knows its revision and keys."""
    return prepare(app, settings, tmp_path)


@pytest.fixture
def hall(place: Place) -> Hall:
    """A judge with two sheets."""
    return make_hall(place.app, judges=1)


def restored(place: Place, server: Server, archive: Path, tmp_path: Path) -> str:
    """The server is lost, the archive is restored elsewhere, the server comes back there under the same address."""
    server.stop()
    other = empty_place(place, tmp_path)
    address = other.settings.database_url
    assert other.run("restore", str(archive), "--into", address).exit_code == 0
    server.environment |= {"DATABASE_URL": address, "INSTANCE_PATH": str(other.settings.instance_path)}
    server.start()
    return address


def sign_in_in_place(page: Page, username: str) -> None:
    dialog = page.locator("#tablet-sign-in")
    expect(dialog).to_be_visible()
    dialog.locator("[name=username]").fill(username)
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.get_by_role("button", name="登录").click()


def there(address: str, what: Any) -> list[Any]:
    engine = create_engine(address)
    with Session(engine) as session:
        found = list(session.scalars(select(what)))
    engine.dispose()
    return found


def test_a_tablet_brings_back_what_a_restored_server_lost_with_the_same_receipt(
    place: Place, hall: Hall, server: Server, page_of: Callable[..., Page], tmp_path: Path
) -> None:
    judge, archive = hall.judges[0].username, tmp_path / "copy.age"
    page = page_of(judge, size=TABLET)
    assert place.run("create", "--out", str(archive)).exit_code == 0
    open_sheet(page)
    fill(page)
    submit(page)
    delivered(page)
    mark(page, "A1").fill("36")
    submit(page)
    delivered(page)
    before = [(each.id, each.digest) for each in revisions()]
    address = restored(place, server, archive, tmp_path)
    assert len(before) == 2 and there(address, ScoreRevision) == []
    page.reload()
    sign_in_in_place(page, judge)
    expect(page.locator("#tablet-note")).to_be_hidden()
    delivered(page)
    expect(state(page, "delivered")).to_contain_text(before[1][0][:8])
    assert [
        (each.id, each.digest) for each in sorted(there(address, ScoreRevision), key=lambda each: each.number)
    ] == before
    assert [each["fate"] for each in kept(page, "delivered")] == ["known", "known"]


def test_what_does_not_fit_is_said_to_be_with_the_chief_judge(
    place: Place, hall: Hall, server: Server, page_of: Callable[..., Page], tmp_path: Path
) -> None:
    judge, archive = hall.judges[0].username, tmp_path / "copy.age"
    page = page_of(judge, size=TABLET)
    assert place.run("create", "--out", str(archive)).exit_code == 0
    open_sheet(page)
    fill(page)
    submit(page)
    delivered(page)
    page.context.set_offline(True)
    address = restored(place, server, archive, tmp_path)
    second = page_of(judge, size=TABLET)
    open_sheet(second)
    fill(second, {**RIGHT, "A1": "12"})
    submit(second)
    delivered(second)
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.reload()
    sign_in_in_place(page, judge)
    expect(page.locator("#tablet-note")).to_contain_text("有 1 份与现有的给分不一致，已交裁判长处理")
    expect(mark(page, "A1")).to_have_value("12")
    assert [json.loads(each.body)["marks"]["A1"] for each in there(address, Quarantine)] == ["35.5"]
    assert len(there(address, ScoreRevision)) == 1


def test_what_waits_goes_after_what_is_offered_again(
    place: Place, hall: Hall, server: Server, page_of: Callable[..., Page], tmp_path: Path
) -> None:
    judge, archive = hall.judges[0].username, tmp_path / "copy.age"
    page = page_of(judge, size=TABLET)
    assert place.run("create", "--out", str(archive)).exit_code == 0
    open_sheet(page)
    fill(page)
    submit(page)
    delivered(page)
    page.context.set_offline(True)
    mark(page, "A1").fill("36")
    submit(page)
    expect(state(page, "kept")).to_contain_text("未送达")
    address = restored(place, server, archive, tmp_path)
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    sign_in_in_place(page, judge)
    delivered(page)
    found = sorted(there(address, ScoreRevision), key=lambda each: each.number)
    assert [json.loads(each.marks)["A1"] for each in found] == ["35.5", "36"]


def test_a_delivery_is_kept_for_a_week_by_the_servers_clock_and_longer_until_it_was_offered(call: Call) -> None:
    def held(key: str, at: str, offer: bool = False) -> dict[str, Any]:
        return {"key": key, "user": "u", "sequence": 1, "offer": offer, "answer": {"at": at}}

    items = [
        held("old", "2026-05-01T08:00:00+00:00"),
        held("young", "2026-05-02T08:00:00+00:00"),
        held("owed", "2026-04-01T08:00:00+00:00", offer=True),
    ]
    [gone] = call("queue", "outdated", [(items, "2026-05-08T08:00:01+00:00")])
    assert [item["key"] for item in gone] == ["old"]
    own, others = call("queue", "offers", [(items, "u"), (items, "another")])
    assert [item["key"] for item in own] == ["owed"] and others == []
