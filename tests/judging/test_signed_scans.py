"""The scan of the signed paper: attached to the signature, sealed, read by those who read the paper, never deleted."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from competitions.base.database import db
from competitions.base.file_store import store
from competitions.judging.cli import check_paper
from competitions.judging.signing.models import ModuleSignature, SignedScan
from competitions.judging.signing.scans import scan_findings
from competitions.judging.signing.services import paper_code
from competitions.results.settlement.checks import remarks_on_publication
from tests.audit.tampering import unguarded
from tests.factories_judging import Hall, act, confirm_all, make_hall
from tests.people import Client

PDF = b"%PDF-1.4 \xe6\x88\x90\xe7\xbb\xa9 signed by hand"
NAME = "焊工实操成绩确认单.pdf"


def signed_hall(app: Flask) -> Hall:
    hall = make_hall(app, judges=1, codes=("A01",))
    confirm_all(hall)
    assert act(hall.client("chief_judge"), f"/api/modules/{hall.modules['practice'].id}/sign").status_code == 201
    return hall


def attach(client: Client, hall: Hall, content: bytes = PDF, name: str = NAME) -> Any:
    return client.post(place(hall), {"file": (BytesIO(content), name)}, content_type="multipart/form-data")


def place(hall: Hall) -> str:
    return f"/desk/modules/{hall.modules['practice'].id}/scans?division={hall.division.id}"


def scan() -> SignedScan:
    db.session.rollback()
    return db.session.query(SignedScan).one()


def missing(hall: Hall) -> list[str]:
    """What the checks before publishing remind of."""
    db.session.rollback()
    return [problem["code"] for problem in remarks_on_publication(db.session(), hall.stage)]


@pytest.mark.parametrize("role", ["chief_judge", "checker", "organiser"])
def test_a_scan_is_attached_to_the_signature_and_lies_sealed(app: Flask, role: str) -> None:
    hall = signed_hall(app)
    assert missing(hall) == ["check.scan_missing"]
    assert attach(hall.client(role), hall).status_code == 303
    assert missing(hall) == []
    assert scan().file.size == len(PDF) and scan().file.sealed
    assert b"signed by hand" not in (store().folder / scan().file.digest[:2] / scan().file.stored.name).read_bytes()
    assert scan().sha256[:16] in hall.client(role).get(place(hall)).get_data(as_text=True)


def test_those_who_read_the_paper_download_it_and_nobody_else(app: Flask) -> None:
    hall = signed_hall(app)
    attach(hall.client("checker"), hall)
    path = f"/desk/scans/{scan().id}/file"
    for role in ("chief_judge", "supervisor"):
        answer = hall.client(role).get(path)
        assert (answer.status_code, answer.data, answer.mimetype) == (200, PDF, "application/pdf")
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "filename*=UTF-8''%E7%84%8A" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert [hall.client(who).get(path).status_code for who in ("checker", "organiser", hall.judges[0])] == [403] * 3
    other = signed_hall(app)
    assert other.client("chief_judge").get(path).status_code == 404
    assert attach(other.client("chief_judge"), hall).status_code == 404
    assert [attach(hall.client(who), hall).status_code for who in ("supervisor", "tabulator", hall.judges[0])] == [
        403
    ] * 3


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "空.pdf", "请选择一个文件"),
        (b"MZ\x90\x00 program", "成绩.pdf", "只接受 PDF、JPG 或 PNG"),
        (b"<html><script>alert(1)</script>", "成绩.jpg", "只接受 PDF、JPG 或 PNG"),
        (b"\x89PNG\r\n\x1a\n picture", "成绩.pdf", "文件内容是 png"),
        (PDF + bytes(10 * 1024 * 1024), "大.pdf", "文件超过 10 MB"),
    ],
)
def test_what_is_no_scan_is_refused_with_a_sentence(app: Flask, content: bytes, name: str, said: str) -> None:
    hall = signed_hall(app)
    answer = attach(hall.client("chief_judge"), hall, content, name)
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    db.session.rollback()
    assert db.session.query(SignedScan).count() == 0


def test_a_wrong_scan_is_withdrawn_with_a_reason_and_stays_to_be_read(app: Flask) -> None:
    hall = signed_hall(app)
    chief = hall.client("chief_judge")
    attach(chief, hall)
    assert "已经附在本次签字上" in attach(chief, hall).get_data(as_text=True)
    first = scan().id
    assert chief.post(f"/desk/scans/{first}/withdraw", {"reason": ""}).status_code == 422
    assert chief.post(f"/desk/scans/{first}/withdraw", {"reason": "扫成了另一个模块的"}).status_code == 303
    assert chief.post(f"/desk/scans/{first}/withdraw", {"reason": "扫成了另一个模块的"}).status_code == 303
    assert missing(hall) == ["check.scan_missing"]
    assert chief.get(f"/desk/scans/{first}/file").data == PDF
    assert "扫成了另一个模块的" in chief.get(place(hall)).get_data(as_text=True)
    assert attach(chief, hall).status_code == 303


def test_nothing_is_attached_before_the_signature(app: Flask) -> None:
    hall = make_hall(app, judges=1, codes=("A01",))
    assert attach(hall.client("chief_judge"), hall).status_code == 409


def test_the_command_tells_of_the_scan_and_the_check_finds_a_changed_one(app: Flask) -> None:
    hall = signed_hall(app)
    db.session.rollback()
    code = paper_code(db.session.query(ModuleSignature).one())
    run = app.test_cli_runner()
    assert "没有签字扫描件" in run.invoke(check_paper, [code]).output
    attach(hall.client("chief_judge"), hall)
    told = run.invoke(check_paper, [code])
    assert told.exit_code == 0 and scan().sha256 in told.output
    assert list(scan_findings(db.session())) == []
    kept = scan()
    with unguarded():
        kept.sha256 = "0" * 64
    db.session.commit()
    assert [found.code for found in scan_findings(db.session())] == ["SCAN_CHANGED"]


def test_a_scan_changed_in_the_database_is_refused_in_words(app: Flask) -> None:
    hall = signed_hall(app)
    attach(hall.client("checker"), hall)
    address = f"/desk/scans/{scan().id}/file"
    assert hall.client("chief_judge").get(address).status_code == 200
    kept = scan()
    with unguarded():
        kept.sha256 = "0" * 64
    db.session.commit()
    answer = hall.client("chief_judge").get(address)
    assert answer.status_code == 409 and "与上传时不一致" in answer.get_data(as_text=True)
