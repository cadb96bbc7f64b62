"""Which file is whose: linked in a transaction, swept when nothing links it, named when it is gone or changed."""

import os
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions import readiness
from competitions.audit.recording import transaction
from competitions.audit.verification import verify
from competitions.base import clock, file_store, kept_files
from competitions.base.config import from_environment
from competitions.base.database import db, write_intent
from competitions.base.errors import Refusal, StateForbids
from competitions.base.file_store import FileStore, store
from competitions.base.kept_files import KeptFile, end, link, put, sweep
from competitions.base.media import Document
from competitions.coding.models import PaperCheckIn
from competitions.programme.models import Attachment
from competitions.registration import cli as registration_cli
from tests.audit.tampering import unguarded
from tests.factories import make_competition
from tests.factories_coding import make_contest
from tests.factories_programme import organiser
from tests.people import Client

PDF = b"%PDF-1.4\n%synthetic\n"
DAY = 86_400.0


def make_file(content: bytes = PDF, owner: str = "a", until: Any = None) -> str:
    """A linked file; its id."""
    ready = put(Document("通知.pdf", "application/pdf", content), personal=False)
    with transaction() as session:
        return link(session, ready, ("thing", owner), "notice", at=clock.now(), until=until).id


def path_of(key: str) -> Path:
    """Where the file of a row lies."""
    stored = db.session.get_one(KeptFile, key).stored
    return store().folder / stored.name[:2] / stored.name


def age(path: Path) -> Path:
    """As if nobody had touched it for two days."""
    os.utime(path, (time.time() - 2 * DAY,) * 2)
    return path


def attach(client: Client, competition_id: str, name: str = "通知.pdf", content: bytes = PDF) -> int:
    return client.post(
        f"/desk/competitions/{competition_id}/attachments",
        {"file": (BytesIO(content), name)},
        content_type="multipart/form-data",
    ).status_code


def found() -> set[tuple[str, str]]:
    """Codes and owners of what verification says of files."""
    db.session.rollback()
    report = verify(db.session(), at=clock.now())
    assert "files" in report.checks and "attachments" in report.checks
    return {(each.code, each.params.get("owner", "")) for each in report.findings if each.is_fault}


def test_a_row_says_what_it_is_whose_and_how_long(app: Flask) -> None:
    key = make_file()
    kept = db.session.get_one(KeptFile, key)
    assert (kept.size, kept.media_type, kept.owner_kind, kept.owner_id) == (len(PDF), "application/pdf", "thing", "a")
    assert (kept.keep_for, kept.keep_until, kept.sealed) == ("notice", None, False)
    assert kept.content(Document("", "", PDF).sha256) == PDF


def test_what_nothing_links_goes_after_a_day_and_nothing_else(app: Flask) -> None:
    linked, young = age(path_of(make_file())), put(Document("b", "c", b"young"), personal=False)
    lost = put(Document("b", "c", b"lost"), personal=True)
    age(store().folder / lost.stored.name[:2] / lost.stored.name)
    assert sweep(db.session()) == [lost.stored.name]
    assert linked.is_file() and store().holds(young.stored) and sweep(db.session()) == []


def test_a_content_with_two_owners_stays_until_both_are_gone(app: Flask) -> None:
    first, second = make_file(owner="a"), make_file(owner="b")
    path = path_of(first)
    assert path == path_of(second)
    for key, left in ((first, True), (second, False)):
        with transaction() as session:
            session.delete(session.get_one(KeptFile, key))
        age(path)
        sweep(db.session())
        assert path.is_file() is left


def test_who_links_an_old_unlinked_content_while_it_is_swept_keeps_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = put(Document("b", "c", PDF), personal=False)
    age(store().folder / lost.stored.name[:2] / lost.stored.name)
    removing = FileStore.remove

    def after_another_linked(self: FileStore, name: str, *, older_than: float) -> bool:
        make_file()
        return removing(self, name, older_than=older_than)

    monkeypatch.setattr(FileStore, "remove", after_another_linked)
    assert sweep(db.session()) == []
    db.session.rollback()
    assert found() == set()


def test_what_is_kept_for_a_time_goes_when_it_is_over(app: Flask) -> None:
    short = path_of(make_file(b"short", until=clock.now() + timedelta(hours=24)))
    always = path_of(make_file(b"always"))
    late = clock.now() + timedelta(hours=25)
    with transaction() as session:
        assert end(session, clock.now()) == 0 and end(session, late) == 1
    age(short), age(always)
    sweep(db.session())
    assert not short.is_file() and always.is_file()


def test_a_file_is_put_down_before_the_transaction_and_linked_within_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: dict[str, bool] = {}
    putting, linking = FileStore.put, KeptFile.__init__

    def put_noted(self: FileStore, content: bytes, *, sealed: bool) -> Any:
        inside["put"] = write_intent.get()
        return putting(self, content, sealed=sealed)

    def link_noted(self: KeptFile, **values: Any) -> None:
        inside["link"] = write_intent.get()
        linking(self, **values)

    monkeypatch.setattr(FileStore, "put", put_noted)
    monkeypatch.setattr(KeptFile, "__init__", link_noted)
    competition_id = make_competition().id
    assert attach(organiser(app), competition_id) == 303
    assert inside == {"put": False, "link": True}


def test_an_attachment_that_is_removed_leaves_no_row_and_its_file_goes_later(app: Flask) -> None:
    competition_id, client = make_competition().id, organiser(app)
    assert attach(client, competition_id) == 303
    key = db.session.scalars(select(Attachment.id)).one()
    [path] = [age(path_of(each)) for each in db.session.scalars(select(KeptFile.id))]
    assert client.post(f"/desk/competitions/{competition_id}/attachments/{key}/remove").status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(KeptFile.id)).all() == [] and path.is_file()
    sweep(db.session())
    assert not path.is_file()


def test_a_missing_or_changed_file_is_named_and_never_served(app: Flask, visitor: Client) -> None:
    competition_id = make_competition().id
    assert attach(organiser(app), competition_id) == 303
    key = db.session.scalars(select(Attachment.id)).one()
    path = path_of(db.session.scalars(select(KeptFile.id)).one())
    address = f"/competitions/{competition_id}/attachments/{key}"
    assert found() == set() and visitor.get(address).data == PDF
    path.write_bytes(PDF + b"?")
    assert found() == {("FILE_CHANGED", f"attachment {key}")}
    answer = visitor.get(address)
    assert answer.status_code == 409 and "与上传时不一致" in answer.get_data(as_text=True)
    path.unlink()
    assert found() == {("FILE_MISSING", f"attachment {key}")}
    answer = visitor.get(address)
    assert answer.status_code == 409 and "找不到这个文件" in answer.get_data(as_text=True)


def test_a_row_that_was_turned_to_another_file_is_named(app: Flask, visitor: Client) -> None:
    competition_id, client = make_competition().id, organiser(app)
    for name, content in (("通知.pdf", PDF), ("补充.pdf", PDF + b"more")):
        assert attach(client, competition_id, name, content) == 303
    first, second = db.session.scalars(select(Attachment).order_by(Attachment.position))
    with unguarded():
        first.file.digest, first_id = second.file.digest, first.id
    db.session.commit()
    assert ("ATTACHMENT_CHANGED", "") in found()
    assert visitor.get(f"/competitions/{competition_id}/attachments/{first_id}").status_code == 409


def test_readiness_names_a_folder_that_is_not_there(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "head_revision", lambda: None)  # the tests make their tables without migrations
    make_file()
    db.session.rollback()
    assert "files_missing" not in readiness.faults()
    file_store.install(tmp_path / "not mounted")
    assert "files_missing" in readiness.faults()
    (tmp_path / "blocked").write_bytes(b"")
    file_store.install(tmp_path / "blocked")
    assert "files_unwritable" in readiness.faults()


def test_a_disk_that_takes_nothing_is_said_and_nothing_is_linked(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_bytes(b"")
    file_store.install(tmp_path / "blocked")
    with pytest.raises(Refusal, match="storage_unavailable"):
        put(Document("a", "b", PDF), personal=False)
    competition_id = make_competition().id
    assert attach(organiser(app), competition_id) == 503
    assert db.session.scalars(select(KeptFile.id)).all() == []


def test_the_commands_sweep(app: Flask) -> None:
    run = app.test_cli_runner()
    lost = [put(Document("b", "c", content), personal=False) for content in (b"one", b"two")]
    paths = [age(store().folder / each.stored.name[:2] / each.stored.name) for each in lost]
    done = run.invoke(args=["files", "sweep"])
    assert done.exit_code == 0 and "2 个" in done.output and not any(path.is_file() for path in paths)
    assert "没有需要清理" in run.invoke(args=["files", "sweep"]).output
    again = put(Document("b", "c", b"one"), personal=False)
    path = age(store().folder / again.stored.name[:2] / again.stored.name)
    assert run.invoke(registration_cli.group, ["purge", "--dry-run"]).exit_code == 0 and path.is_file()
    assert run.invoke(registration_cli.group, ["purge"]).exit_code == 0 and not path.is_file()


def test_the_folder_is_the_instances_unless_the_environment_says_otherwise(tmp_path: Path) -> None:
    there = {"INSTANCE_PATH": str(tmp_path)}
    assert from_environment(there).files_path == tmp_path / "files"
    assert from_environment({**there, "FILES_PATH": "/srv/files"}).files_path == Path("/srv/files")


def test_a_file_that_does_not_open_is_no_content(app: Flask) -> None:
    kept = db.session.get_one(KeptFile, make_file())
    with pytest.raises(StateForbids, match="file_changed"):
        kept.content("0" * 64)
    assert kept_files.newest_is_there(db.session())


def test_a_check_in_list_that_was_turned_to_another_file_is_named(app: Flask) -> None:
    stage = make_contest(1)
    ready = put(Document("签到表.pdf", "application/pdf", PDF), personal=True)
    with transaction() as session:
        file = link(session, ready, ("paper_check_in", "p"), "paper", at=clock.now())
        values = {"id": "p", "stage_id": stage.id, "count": 1, "filename": "签到表.pdf", "sha256": ready.sha256}
        session.add(PaperCheckIn(**values, file=file, by="x", at=clock.now()))
    assert "PAPER_CHANGED" not in {code for code, _ in found()}
    with unguarded():
        db.session.get_one(PaperCheckIn, "p").sha256 = "0" * 64
    db.session.commit()
    assert "PAPER_CHANGED" in {code for code, _ in found()}
