"""Several uploads at the same time: four work; when no place becomes free the page says so, and nothing is kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from competitions.base.database import db
from competitions.registration.models import RosterUpload
from competitions.tabular import places
from competitions.tabular.places import place_to_read
from tests.factories_registration import make_region, signed_in
from tests.registration.uploading import WORKBOOKS, post_file


def test_four_uploads_at_once_all_get_their_preview(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    clients = [signed_in(app, region.reporter) for _ in range(4)]
    data = sorted(WORKBOOKS.glob("*.xlsx"))[0].read_bytes()
    competition, union = region.competition, region.enterprise
    for loaded in (competition, union):
        db.session.refresh(loaded)
    db.session.expunge_all()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda client: post_file(client, competition, union, data)[0], clients))
    assert answers == [303] * 4


def test_while_other_files_are_read_the_page_says_so_with_a_time_to_come_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    monkeypatch.setattr(places, "WAIT_SECONDS", 0.05)
    with place_to_read(), place_to_read():
        status, page = post_file(client, region.competition, region.enterprise, b"a,b\n1,2\n", "t.csv")
    assert status == 503 and "正在读取其他文件，请稍后再试" in page
    db.session.rollback()
    assert db.session.query(RosterUpload).count() == 0
