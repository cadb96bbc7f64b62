"""An event that was called off takes no entries: not in the form, the template or a roster."""

from flask import Flask
from sqlalchemy import func, select

from competitions.base import clock
from competitions.base.database import db
from competitions.registration.models import Entry
from tests.factories import make_event
from tests.factories_registration import make_region, make_roster, roster_row, signed_in
from tests.registration.test_entering import typed
from tests.registration.uploading import confirm, counts, upload


def test_an_event_called_off_is_offered_nowhere_and_refused_by_its_name(app: Flask) -> None:
    region = make_region()
    other = make_event(region.competition, name="钳工")
    region.event.called_off_at, region.event.called_off_reason = clock.now(), "报名不足三人"
    db.session.commit()
    reporter, base = signed_in(app, region.reporter), f"/desk/competitions/{region.competition.id}"
    form = reporter.get(f"{base}/entries/new").get_data(as_text=True)
    assert f"{other.id}|" in form and f"{region.event.id}|" not in form
    stale = reporter.post(f"{base}/entries/new", typed(region))
    assert stale.status_code == 409 and "该赛项已取消" in stale.get_data(as_text=True)
    rows = [roster_row(region.employer.name, "焊工"), roster_row(region.employer.name, "钳工")]
    preview = upload(reporter, region.competition, region.enterprise, make_roster(rows))
    assert counts(reporter, preview)["有误"] == 1 and "“焊工”已取消" in reporter.get(preview).get_data(as_text=True)
    assert confirm(reporter, preview, only_sound="1") == 303
    db.session.rollback()
    assert db.session.scalar(select(func.count(Entry.id)).where(Entry.event_id == other.id)) == 1
    assert db.session.scalar(select(func.count(Entry.id)).where(Entry.event_id == region.event.id)) == 0
