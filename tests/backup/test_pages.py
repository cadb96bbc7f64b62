"""The administrator's page: makes, lists and looks at archives, warns after a day, hands none out; supervisors of a stage
that is not settled see what was made and restored.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from competitions.backup import age
from competitions.backup.making import archives_in
from competitions.backup.queries import last_made
from competitions.base import clock
from competitions.base.config import Settings
from competitions.base.database import db
from competitions.programme.models import Stage
from tests.backup.places import Place, prepare
from tests.factories import make_user
from tests.factories_judging import make_hall
from tests.people import Client


@pytest.fixture
def place(app: Flask, settings: Settings, tmp_path: Path) -> Place:
    """An installation that makes archives with a pass phrase."""
    return prepare(app, settings, tmp_path)


@pytest.fixture
def administrator(place: Place) -> Client:
    """Somebody who may make them."""
    return signed_in(place.app, ("administrator", "system", None))


def signed_in(app: Flask, *roles: tuple[str, str, str | None]) -> Client:
    db.session.rollback()
    user = make_user(*roles)
    db.session.commit()
    client = Client(app)
    assert client.sign_in(user.username).status_code == 303
    return client


def shown(client: Client, path: str = "/desk/backups") -> str:
    return client.get(path).get_data(as_text=True)


def made(place: Place) -> list[Path]:
    return archives_in(place.settings.backup_path)


def test_an_administrator_makes_an_archive_and_looks_at_it(place: Place, administrator: Client) -> None:
    assert "还没有做过备份" in shown(administrator)
    assert administrator.post("/desk/backups").status_code == 303
    [archive] = made(place)
    page = shown(administrator)
    assert archive.name in page and "还没有做过备份" not in page and archive.stat().st_mode & 0o777 == 0o600
    assert administrator.post(f"/desk/backups/{archive.name}/check").status_code == 303
    assert "已打开核对" in shown(administrator)


@pytest.mark.parametrize("public", ["", str(age.PrivateKey.made().public)], ids=("by pass phrase", "by public key"))
def test_an_archive_that_was_changed_is_said_to_be(place: Place, administrator: Client, public: str) -> None:
    place.app.extensions["settings"] = replace(place.settings, backup_recipient=public)
    administrator.post("/desk/backups")
    [archive] = made(place)
    archive.write_bytes(archive.read_bytes() + b" ")
    answer = administrator.post(f"/desk/backups/{archive.name}/check")
    assert answer.status_code == 409 and "被改动过" in answer.get_data(as_text=True)
    assert "已打开核对" not in shown(administrator)


def test_the_page_and_the_desk_warn_after_a_day(
    place: Place, administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "还没有做过备份，请制作备份" in shown(administrator, "/desk/")
    administrator.post("/desk/backups")
    assert "请制作备份" not in shown(administrator, "/desk/")
    db.session.rollback()
    made_at = last_made(db.session())
    assert made_at is not None
    for hours, said in ((23, None), (26, "最近一次备份是 26 小时前"), (80, "最近一次备份是 3 天前")):
        monkeypatch.setattr(
            "competitions.backup.queries.last_made", lambda _s, h=hours: clock.now() - timedelta(hours=h, minutes=1)
        )
        for page in (shown(administrator), shown(administrator, "/desk/")):
            assert (said in page) if said else ("最近一次备份是" not in page)


def test_without_a_key_the_page_says_what_to_set_and_makes_nothing(place: Place, administrator: Client) -> None:
    place.app.extensions["settings"] = replace(place.settings, backup_pass_file=None)
    page = shown(administrator)
    assert "BACKUP_RECIPIENT" in page and "data-busy" not in page
    answer = administrator.post("/desk/backups")
    assert answer.status_code == 409 and "BACKUP_RECIPIENT" in answer.get_data(as_text=True) and not made(place)


def test_nobody_else_has_the_page_and_there_is_no_way_to_fetch_an_archive(place: Place, administrator: Client) -> None:
    administrator.post("/desk/backups")
    [archive] = made(place)
    other = signed_in(place.app, ("organiser_drafting", "system", None))
    assert other.get("/desk/backups").status_code == 403 and other.post("/desk/backups").status_code == 403
    rules = [rule for rule in place.app.url_map.iter_rules() if rule.endpoint.startswith("backup.")]
    assert {(rule.rule, method) for rule in rules for method in rule.methods or () if method in ("GET", "POST")} == {
        ("/desk/backups", "GET"),
        ("/desk/backups", "POST"),
        ("/desk/backups/<name>/check", "POST"),
    }
    for name in ("jingsai-1.age", "..%2Fpass", archive.name.replace(".age", "")):
        assert administrator.post(f"/desk/backups/{name}/check").status_code == 404


def test_supervisors_of_stages_that_are_not_settled_see_what_was_made(place: Place, administrator: Client) -> None:
    hall, done = make_hall(place.app, judges=1), make_hall(place.app, judges=1)
    db.session.rollback()
    db.session.get_one(Stage, done.stage.id).settled_at = clock.now()
    db.session.commit()
    administrator.post("/desk/backups")
    assert "制作备份" in _records(hall.client("supervisor"))
    assert "制作备份" not in _records(done.client("supervisor"))


def _records(supervisor: Client) -> str:
    page = shown(supervisor, "/desk/audit")
    return page[page.index("<tbody") :] if "<tbody" in page else ""
