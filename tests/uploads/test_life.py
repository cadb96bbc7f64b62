"""The life of an upload: its owner's only, for one place only, sealed, taken once, gone after a day."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound, Stale
from competitions.base.permissions import Actor
from competitions.uploads import services as uploads
from competitions.uploads.models import Upload
from competitions.uploads.queries import Opened, Place, expired, open_upload
from competitions.uploads.sealing import sealed

OWNER, OTHER = (Actor(id=name, username=name, display_name=name) for name in ("owner", "other"))
HERE, THERE = Place("marks", "module-1"), Place("marks", "module-2")
ROWS = [{"name": "韦建国", "score": "85.35"}]


def keep(corrections: Any = None, **moment: float) -> str:
    """An upload of the owner's, kept so long ago."""
    upload = uploads.prepare(HERE, "成绩.xlsx", "ab" * 32, ROWS, corrections)
    with transaction() as session:
        return uploads.keep(session, upload, by=OWNER, at=clock.now() - timedelta(**moment))


def look(key: str, place: Place = HERE, by: Actor = OWNER) -> Opened:
    """Open it now."""
    db.session.rollback()
    return open_upload(db.session(), key, place, by=by, at=clock.now())


def test_what_is_kept_comes_back_to_its_owner_as_it_was(app: Flask) -> None:
    opened = look(keep({"edits": {"A1": "韦"}}))
    assert (opened.content, opened.corrections, opened.version) == (ROWS, {"edits": {"A1": "韦"}}, 1)
    assert (opened.filename, opened.sha256) == ("成绩.xlsx", "ab" * 32)


def test_it_lies_sealed_for_its_own_row_and_part(app: Flask) -> None:
    first, second = keep({"cell": "韦建国"}), keep()
    for row in db.session.scalars(select(Upload)):
        assert "韦建国" not in row.content + row.corrections and "85.35" not in row.content
    with transaction() as session:
        session.get_one(Upload, second).content = session.get_one(Upload, first).content
    with pytest.raises(ValueError, match="belong"):
        look(second)
    with transaction() as session:
        row = session.get_one(Upload, first)
        row.content = row.corrections
    with pytest.raises(ValueError, match="belong"):
        look(first)


@pytest.mark.parametrize(
    ("place", "by"), [(THERE, OWNER), (Place("scheme", "module-1"), OWNER), (Place("marks"), OWNER), (HERE, OTHER)]
)
def test_nobody_else_and_no_other_place_opens_holds_takes_or_discards_it(app: Flask, place: Place, by: Actor) -> None:
    key = keep()
    with pytest.raises(NotFound):
        look(key, place, by)
    with pytest.raises(NotFound), transaction() as session:
        uploads.hold(session, key, place, 1, by=by, at=clock.now())
    with pytest.raises(NotFound), transaction() as session:
        uploads.take(session, key, place, by=by, at=clock.now())
    if by is OTHER or place.purpose != HERE.purpose:
        with transaction() as session:
            uploads.discard(session, [key], place.purpose, by=by)
    assert look(key).content == ROWS


def test_it_is_taken_once(app: Flask) -> None:
    key = keep()
    with transaction() as session:
        uploads.take(session, key, HERE, by=OWNER, at=clock.now())
    with pytest.raises(NotFound), transaction() as session:
        uploads.take(session, key, HERE, by=OWNER, at=clock.now())
    with pytest.raises(NotFound):
        look(key)


def test_what_was_taken_in_a_transaction_that_failed_is_still_there(app: Flask) -> None:
    key = keep()
    with pytest.raises(RuntimeError), transaction() as session:
        uploads.take(session, key, HERE, by=OWNER, at=clock.now())
        raise RuntimeError
    assert look(key).content == ROWS


def test_corrections_change_and_the_file_does_not(app: Flask) -> None:
    key = keep({"edits": {}})
    before = db.session.scalars(select(Upload.content)).one()
    corrections = sealed({"edits": {"B2": "男"}}, key, "corrections")
    with transaction() as session:
        uploads.correct(uploads.hold(session, key, HERE, 1, by=OWNER, at=clock.now()), corrections)
    opened = look(key)
    assert (opened.corrections, opened.version) == ({"edits": {"B2": "男"}}, 2)
    assert db.session.scalars(select(Upload.content)).one() == before
    with pytest.raises(Stale), transaction() as session:  # somebody who read it before
        uploads.hold(session, key, HERE, 1, by=OWNER, at=clock.now())


def test_after_a_day_it_is_gone_whether_or_not_anybody_swept(app: Flask) -> None:
    old, young = keep(hours=25), keep(hours=23)
    with pytest.raises(NotFound):
        look(old)
    assert look(young).content == ROWS
    late = clock.now() + timedelta(hours=2)
    assert (expired(db.session(), clock.now()), expired(db.session(), late)) == (1, 2)
    newest = keep()  # whoever keeps something sweeps what is too old
    db.session.rollback()
    assert set(db.session.scalars(select(Upload.id))) == {young, newest}
    with transaction() as session:
        assert (uploads.expire(session, late), uploads.expire(session, late)) == (1, 0)
    assert db.session.scalars(select(Upload.id)).all() == [newest]


def test_throwing_away_what_is_gone_already_is_no_fault(app: Flask) -> None:
    key = keep()
    for _ in range(2):
        with transaction() as session:
            uploads.discard(session, [key], HERE.purpose, by=OWNER)
    assert db.session.scalars(select(Upload.id)).all() == []
