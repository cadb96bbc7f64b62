"""Acts of the hall on many: who was not here yet when the page was made, and whom the draw is for."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from competitions.accounts.models import User
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.coding import services
from competitions.coding.models import CheckIn, Lot, Sitting
from competitions.coding.queries import contender_ids
from competitions.programme.models import Stage
from competitions.registration.models import EntryMember
from tests.factories import actor, make_user
from tests.factories_coding import make_contest, make_entry, with_lots
from tests.people import Client
from tests.sent_forms import sent_by

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


def official(app: Flask, role: str, stage: Stage) -> tuple[User, Client]:
    db.session.rollback()
    user = make_user((role, "event", stage.event_id))
    db.session.commit()
    client = Client(app)
    client.sign_in(user.username)
    return user, client


@pytest.fixture
def overdue(app: Flask) -> Stage:
    """Three who were drawn for a sitting whose time for coming late is over."""
    stage = make_contest(3)
    with_lots(stage, actor(make_user(("coder", "event", stage.event_id))))
    begun = clock.now() - timedelta(hours=2)
    db.session.execute(update(Sitting).where(Sitting.stage_id == stage.id).values(starts_at=begun))
    db.session.commit()
    return stage


def name_of(entry_id: str) -> str:
    db.session.rollback()
    return db.session.scalars(select(EntryMember.name).where(EntryMember.entry_id == entry_id)).one()


def came(stage: Stage, steward: User) -> str:
    """One of the three comes after all; his entry."""
    db.session.rollback()
    entry_id = contender_ids(db.session(), stage)[0]
    by = actor(steward)
    with transaction() as session:
        services.check_in(session, session.get_one(Stage, stage.id), entry_id, "late", by=by, at=clock.now())
    return entry_id


def presences() -> list[str]:
    db.session.rollback()
    return sorted(row.presence for row in db.session.scalars(select(CheckIn)))


def page_of(answer: Any) -> str:
    page: str = answer.get_data(as_text=True)
    return page


def test_the_rest_is_not_absent_when_one_came_since_and_goes_on_with_those_who_are_missing_now(
    app: Flask, overdue: Stage
) -> None:
    steward, client = official(app, "steward", overdue)
    base = f"/desk/stages/{overdue.id}/check-in"
    sitting = db.session.scalars(select(Sitting.id).where(Sitting.stage_id == overdue.id)).one()
    path = f"{base}/sittings/{sitting}/absent"
    data = sent_by(page_of(client.get(base)), path)
    who = name_of(came(overdue, steward))
    answer = client.post(path, data)
    assert answer.status_code == 409 and f"不再在名单内的 1 条：{who}" in page_of(answer)
    assert presences() == ["late"]
    assert client.post(path, sent_by(page_of(answer), path)).status_code == 303
    assert presences() == ["absent", "absent", "late"]


def test_a_paper_is_not_for_others_than_those_who_were_shown_as_missing(app: Flask, overdue: Stage) -> None:
    steward, client = official(app, "steward", overdue)
    base = f"/desk/stages/{overdue.id}/check-in"
    shown = sent_by(page_of(client.get(base)), f"{base}/paper")["shown"]
    who = name_of(came(overdue, steward))
    answer = client.post(f"{base}/paper", {"file": (BytesIO(PDF), "签到表.pdf"), "shown": shown})
    assert answer.status_code == 409 and who in page_of(answer)
    assert presences() == ["late"]


def test_a_draw_is_for_those_whom_its_page_showed(app: Flask) -> None:
    stage = make_contest(2)
    _, client = official(app, "coder", stage)
    path = f"/desk/stages/{stage.id}/coding/lots"
    data = {**sent_by(page_of(client.get(path)), "draw"), "seed": "246810"}
    late = approved_since(stage)
    answer = client.post(f"{path}/draw", data)
    assert answer.status_code == 409 and f"新增 1 条：{late}" in page_of(answer)
    db.session.rollback()
    assert db.session.scalars(select(Lot)).all() == []
    data = {**sent_by(page_of(client.get(path)), "draw"), "seed": "246810"}
    assert client.post(f"{path}/draw", data).status_code == 303
    db.session.rollback()
    assert len(db.session.scalars(select(Lot)).all()) == 3


def approved_since(stage: Stage) -> str:
    """Somebody who was approved after the page was made; his name."""
    db.session.rollback()
    entry_id = make_entry(db.session.get_one(Stage, stage.id).event).id
    db.session.commit()
    return name_of(entry_id)
