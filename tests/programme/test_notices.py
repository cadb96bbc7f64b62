"""What visitors see: notices, attachments, lists by month; and that drafts stay unseen."""

import zipfile
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import event as sql_event
from sqlalchemy import select

from competitions.base import clock
from competitions.base.database import db
from competitions.programme.models import Attachment, CompetitionBody
from tests.factories import make_competition, make_event
from tests.factories_programme import make_notice, organiser
from tests.people import Client

PDF = b"%PDF-1.4\n%synthetic\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def zipped(*names: str) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name in names:
            packed.writestr(name, "x")
    return stream.getvalue()


XLSX = zipped("[Content_Types].xml", "xl/workbook.xml")


def send(client: Client, competition_id: str, name: str, content: bytes) -> int:
    return client.post(
        f"/desk/competitions/{competition_id}/attachments",
        {"file": (BytesIO(content), name)},
        content_type="multipart/form-data",
    ).status_code


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("通知.pdf", PDF),
        ("海报.png", PNG),
        ("照片.jpeg", b"\xff\xd8\xff\xe0000"),
        ("报名表.xlsx", XLSX),
        ("报名表.docx", zipped("[Content_Types].xml", "word/document.xml")),
    ],
)
def test_a_file_is_kept_and_comes_back_as_a_download_only(
    app: Flask, visitor: Client, name: str, content: bytes
) -> None:
    competition_id = make_competition().id
    assert send(organiser(app), competition_id, name, content) == 303
    kept = db.session.scalars(select(Attachment)).one()
    answer = visitor.get(f"/competitions/{competition_id}/attachments/{kept.id}")
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = visitor.get(
        f"/competitions/{competition_id}/attachments/{kept.id}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("病毒.pdf", b"MZ\x90\x00"),
        ("网页.pdf", b"<html><script>alert(1)</script>"),
        ("通知.pdf", PNG),
        ("空.pdf", b""),
        ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("压缩包.xlsx", zipped("a.txt")),
        ("坏.xlsx", b"PK\x03\x04zzz"),
        ("宏.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")),
        ("大.pdf", PDF + b"0" * 5_300_000),
        ("无后缀", PDF),
    ],
)
def test_a_file_of_another_content_is_refused_with_a_sentence(app: Flask, name: str, content: bytes) -> None:
    competition_id = make_competition().id
    assert send(organiser(app), competition_id, name, content) == 422
    assert not db.session.scalars(select(Attachment)).all()


def test_an_attachment_is_found_with_its_own_competition_only_and_not_in_a_draft(app: Flask, visitor: Client) -> None:
    draft, other = make_notice(), make_competition()
    ids = draft.id, other.id
    client = organiser(app)
    assert send(client, ids[0], "通知.pdf", PDF) == 303
    kept = db.session.scalars(select(Attachment)).one().id
    assert visitor.get(f"/competitions/{ids[0]}/attachments/{kept}").status_code == 404
    assert visitor.get(f"/competitions/{ids[1]}/attachments/{kept}").status_code == 404
    assert client.get(f"/desk/competitions/{ids[0]}/attachments/{kept}").data == PDF
    assert client.post(f"/desk/competitions/{ids[1]}/attachments/{kept}/remove").status_code == 404
    assert client.post(f"/desk/competitions/{ids[0]}/attachments/{kept}/remove").status_code == 303
    db.session.rollback()
    assert not db.session.scalars(select(Attachment)).all()


def test_a_file_name_carries_no_path_and_no_control_characters(app: Flask) -> None:
    competition_id = make_competition().id
    assert send(organiser(app), competition_id, "..\\..\\etc/通\u202e知.PDF", PDF) == 303
    assert db.session.scalars(select(Attachment)).one().filename == "通_知.pdf"


def test_drafts_are_not_in_the_public_list_and_look_like_missing(app: Flask, visitor: Client) -> None:
    draft, shown = make_notice(name="秘密的赛事"), make_competition(name="公开的赛事")
    ids = draft.id, shown.id
    db.session.commit()
    page = visitor.get("/competitions/").get_data(as_text=True)
    assert "公开的赛事" in page and "秘密的赛事" not in page
    missing, hidden = visitor.get("/competitions/no-such-id"), visitor.get(f"/competitions/{ids[0]}")
    assert missing.status_code == hidden.status_code == 404


def test_the_list_answers_what_is_on_this_month(app: Flask, visitor: Client) -> None:
    def on(name: str, first: str, last: str) -> None:
        days = [clock.from_beijing(datetime.fromisoformat(day)) for day in (first, last)]
        make_competition(name=name, held_from=days[0], held_to=days[1])

    on("跨月的赛事", "2026-10-30", "2026-11-01")
    on("十一月的赛事", "2026-11-30", "2026-11-30")
    on("十二月的赛事", "2026-12-01", "2026-12-02")
    db.session.commit()
    page = visitor.get("/competitions/?month=2026-11").get_data(as_text=True)
    assert "跨月的赛事" in page and "十一月的赛事" in page and "十二月的赛事" not in page
    for nonsense in ("2026-13", "x", "9999-12", "0000-01"):
        assert visitor.get(f"/competitions/?month={nonsense}").status_code == 200


def test_public_pages_can_be_cached_and_are_the_same_for_everybody(app: Flask, visitor: Client) -> None:
    competition_id = make_competition().id
    client = organiser(app)
    for path in ("/competitions/", f"/competitions/{competition_id}"):
        answer = visitor.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert "Set-Cookie" not in answer.headers
        assert client.get(path).data == answer.data
        assert visitor.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def queries_of(client: Client, path: str) -> int:
    count = 0

    def counting(*_: object) -> None:
        nonlocal count
        count += 1

    client.get(path)
    sql_event.listen(db.engine, "before_cursor_execute", counting)
    try:
        assert client.get(path).status_code == 200
    finally:
        sql_event.remove(db.engine, "before_cursor_execute", counting)
    return count


@pytest.mark.parametrize(
    "path", ["/competitions/", "/competitions/{id}", "/desk/competitions", "/desk/competitions/{id}"]
)
def test_the_number_of_queries_does_not_grow_with_the_number_of_rows(app: Flask, path: str) -> None:
    competition = make_competition()
    make_event(competition)
    client, address = organiser(app), path.format(id=competition.id)
    few = queries_of(client, address)
    for number in range(6):
        make_event(competition)
        other = make_competition(report_until=clock.now() + timedelta(days=number))
        make_event(other)
        db.session.add(CompetitionBody(competition_id=other.id, role="host", position=0, name=f"单位{number}"))
    db.session.commit()
    assert queries_of(client, address) == few
