"""From the template to approved entries with tickets, through the pages, as the people do it."""

import re

from flask import Flask
from sqlalchemy import select

from competitions.base.database import db
from competitions.registration.models import Entry, ReportingList, Worker
from tests.factories_registration import make_region, make_roster, opened, roster_row, signed_in
from tests.registration.uploading import confirm, upload
from tests.sent_forms import sent_by


def test_a_roster_becomes_approved_entries_with_tickets(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    base = f"/desk/competitions/{region.competition.id}/entries"
    reporter, reviewer, organiser = (
        signed_in(app, user) for user in (region.reporter, region.reviewer, region.organiser)
    )
    preview = upload(
        reporter,
        region.competition,
        region.enterprise,
        make_roster([roster_row(region.employer.name) for _ in range(3)]),
    )
    assert "确认导入 3 人" in reporter.get(preview).get_data(as_text=True)
    assert confirm(reporter, preview) == 303
    page = reporter.get(f"{base}/submission").get_data(as_text=True)
    ids = re.findall(r'name="ids" value="([^"]+)"', page)
    assert len(ids) == 3
    refused = reporter.post(f"{base}/submit", data={"ids": ids, "consent_version": "1", "is_true": "y"})
    assert refused.status_code == 422
    assert (
        reporter.post(
            f"{base}/submit", data={"ids": ids, "consent_version": "1", "is_true": "y", "told": "y"}
        ).status_code
        == 303
    )
    assert reviewer.post(f"{base}/endorse", data={"ids": ids}).status_code == 303
    assert organiser.post(f"{base}/approve", data={"ids": ids}).status_code == 409
    lists = f"/desk/competitions/{region.competition.id}/lists"
    closed = reviewer.post(lists, data=sent_by(reviewer.get(base).get_data(as_text=True), lists))
    assert closed.status_code == 303
    assert "第 1 号" in reviewer.get(closed.headers["Location"]).get_data(as_text=True)
    assert opened(reviewer.get(closed.headers["Location"] + ".xlsx").data).max_row >= 5
    assert organiser.post(f"{base}/approve", data={"ids": ids}).status_code == 303
    db.session.rollback()
    entries = db.session.scalars(select(Entry)).all()
    assert {entry.state for entry in entries} == {"approved"}
    assert len({entry.ticket for entry in entries}) == 3 and all(
        re.fullmatch("01[0-9]{3}", e.ticket or "") for e in entries
    )
    assert db.session.scalars(select(ReportingList)).one().number == 1
    assert {entry.consent_version for entry in entries} == {1}


def test_the_same_file_again_changes_nothing(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    reporter = signed_in(app, region.reporter)
    data = make_roster([roster_row(region.employer.name) for _ in range(4)])
    assert confirm(reporter, upload(reporter, region.competition, region.enterprise, data)) == 303
    db.session.rollback()
    versions = sorted((entry.id, entry.version) for entry in db.session.scalars(select(Entry)))
    db.session.rollback()
    preview = upload(reporter, region.competition, region.enterprise, data)
    assert "确认（没有变化）" in reporter.get(preview).get_data(as_text=True)
    assert confirm(reporter, preview) == 303
    db.session.rollback()
    assert sorted((entry.id, entry.version) for entry in db.session.scalars(select(Entry))) == versions
    assert len(db.session.scalars(select(Worker)).all()) == 4
