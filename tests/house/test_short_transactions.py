"""Judges never wait for clerks: what a bulk act does in its write transaction does not grow with the rows (issue 9 §5).

A thousand rows are as many statements as a few: counted, not timed (tests/bench/locks_bench.py times them).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db, write_intent
from competitions.base.shown import Shown
from competitions.judging.models import ScoreRevision, ScoreSheet
from competitions.judging.panels.services import open_judging
from competitions.judging.worksheets import views as worksheet_views
from competitions.organisations import imports_views
from competitions.organisations.models import Union
from competitions.organisations.services import move_union
from competitions.programme.models import Event, Stage
from competitions.registration import roster_views
from competitions.registration.models import Entry, EntryMember
from competitions.registration.shown_entries import versions_to_report
from competitions.tabular.writing import Table, TableColumn, write_workbook
from competitions.web.many import SHOWN
from tests import factories_worksheets as marks
from tests.factories import actor, make_union, make_user
from tests.factories_judging import make_hall
from tests.factories_registration import Region, make_region, make_roster, roster_row, signed_in
from tests.people import Client
from tests.registration.uploading import confirm, upload

FEW, MANY = 2, 40


@contextmanager
def inside() -> Iterator[list[str]]:
    """The statements that are sent while a transaction writes."""
    found: list[str] = []

    def note(*arguments: Any) -> None:
        if write_intent.get():
            found.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def grows_not(act: Callable[[int], object]) -> None:
    """The act sends as many statements for many rows as for few."""
    sent = []
    for rows in (FEW, MANY):
        with inside() as found:
            assert act(rows) in (None, 200, 303)
        sent.append(found)
    assert len(sent[0]) == len(sent[1]) > 0, "\n".join(sent[1])


def entered(app: Flask) -> tuple[Region, Client]:
    db.session.rollback()
    region = make_region()
    db.session.commit()
    return region, signed_in(app, region.reporter)


def roster(region: Region, client: Client, rows: list[dict[str, Any]]) -> str:
    place = upload(client, region.competition, region.enterprise, make_roster(rows))
    db.session.rollback()
    return place


def new_rows(region: Region, count: int) -> list[dict[str, Any]]:
    return [roster_row(region.employer.name) for _ in range(count)]


def test_a_roster_of_new_people_is_as_many_statements_for_many_as_for_few(app: Flask) -> None:
    region, client = entered(app)
    places = {rows: roster(region, client, new_rows(region, rows)) for rows in (FEW,)}
    assert confirm(client, places[FEW]) == 303  # what is asked the first time only
    grows_not(lambda rows: confirm(client, roster(region, client, new_rows(region, rows))))
    assert db.session.scalar(select(func.count(Entry.id))) == FEW + FEW + MANY


def test_a_roster_of_changes_is_as_many_statements_for_many_as_for_few(app: Flask) -> None:
    region, client = entered(app)
    rows = new_rows(region, MANY)
    assert confirm(client, roster(region, client, rows)) == 303
    levels = iter(("技师", "中级工"))

    def again(count: int) -> int:
        level = next(levels)
        changed = [{**row, "职业技能等级": level} for row in rows[:count]]
        return confirm(client, roster(region, client, changed))

    grows_not(again)
    db.session.rollback()
    held = db.session.execute(select(EntryMember.level, func.count()).group_by(EntryMember.level)).all()
    assert [count for _, count in held] == [MANY]
    assert set(db.session.scalars(select(Entry.version))) == {2, 3}


def its_entries(region: Region) -> list[str]:
    db.session.rollback()
    found = list(db.session.scalars(select(Entry.id).where(Entry.competition_id == region.competition.id)))
    db.session.rollback()
    return found


@pytest.mark.parametrize("path", ["endorse", "return", "refuse"])
def test_acts_on_entries_are_as_many_statements_for_many_as_for_few(app: Flask, path: str) -> None:
    sent = []
    for count in (FEW, MANY):
        region, client = entered(app)
        assert confirm(client, roster(region, client, new_rows(region, count))) == 303
        base = f"/desk/competitions/{region.competition.id}"
        told = {"ids": its_entries(region), "is_true": "y", "told": "y", "consent_version": "1"}
        reviewer = signed_in(app, region.reviewer)
        with inside() as found:
            assert client.post(f"{base}/entries/submit", told).status_code == 303
            fields = {"ids": told["ids"], "reason": "照片与本人不符，请更换。"}
            assert reviewer.post(f"{base}/entries/{path}", fields).status_code == 303
        sent.append(found)
    assert len(sent[1]) <= len(sent[0]), "\n".join(sent[1])


def test_closing_a_list_and_approving_it_are_as_many_statements_for_many_as_for_few(app: Flask) -> None:
    sent = []
    for count in (FEW, MANY):
        region, client = entered(app)
        assert confirm(client, roster(region, client, new_rows(region, count))) == 303
        base, city = f"/desk/competitions/{region.competition.id}", region.city.id
        told = {"ids": its_entries(region), "is_true": "y", "told": "y", "consent_version": "1"}
        reviewer, organiser = signed_in(app, region.reviewer), signed_in(app, region.organiser)
        assert client.post(f"{base}/entries/submit", told).status_code == 303
        assert reviewer.post(f"{base}/entries/endorse", {"ids": told["ids"]}).status_code == 303
        db.session.rollback()
        shown = Shown.of(versions_to_report(db.session(), region.competition.id, city).items()).text()
        db.session.rollback()
        with inside() as found:
            assert reviewer.post(f"{base}/lists", {"union": city, SHOWN: shown}).status_code == 303
            assert organiser.post(f"{base}/entries/approve", {"ids": told["ids"]}).status_code == 303
        sent.append(found)
        db.session.rollback()
        tickets = db.session.scalars(select(Entry.ticket).where(Entry.competition_id == region.competition.id)).all()
        assert len(set(tickets)) == count and all(tickets)
    assert len(sent[1]) <= len(sent[0]), "\n".join(sent[1])


def test_units_and_accounts_by_worksheet_are_as_many_statements_for_many_as_for_few(app: Flask) -> None:
    root = make_union(name="某某省总工会", area_code=None)
    administrator = make_user(("administrator", "system", None))
    db.session.commit()
    top, client, serial = root.name, signed_in(app, administrator), iter(range(1_000))

    def sending(path: str, headings: list[str], row: Callable[[int], list[str]]) -> Callable[[int], object]:
        def send(count: int) -> int:
            columns = [TableColumn(heading, heading) for heading in headings]
            rows = [dict(zip(headings, row(next(serial)), strict=True)) for _ in range(count)]
            place, _ = marks.preview(client, path, write_workbook([Table("表", columns, rows)], title="表"))
            return client.post(f"{place}/confirm").status_code

        return send

    unions = ["工会名称", "上级工会", "工会类型"]
    grows_not(sending("/desk/import/unions", unions, lambda number: [f"邕江{number}厂工会", top, "企业工会"]))
    employers = ["单位名称", "所属工会"]
    grows_not(sending("/desk/import/employers", employers, lambda number: [f"邕江{number}机械厂", top]))
    accounts = ["用户名", "姓名", "单位", "角色"]
    role = "报送工会经办人"
    grows_not(sending("/desk/users/import", accounts, lambda number: [f"qiye{number}", "韦国强", top, role]))


def test_a_worksheet_of_marks_and_opening_sheets_are_as_many_statements_for_many_as_for_few(app: Flask) -> None:
    def codes(count: int) -> tuple[str, ...]:
        return tuple(f"A{number:03d}" for number in range(count))

    def worksheet(count: int) -> Callable[[], int]:
        hall = marks.theory_hall(app, codes=codes(count))
        client, path = hall.client("tabulator"), marks.desk(hall)
        cells = {(ticket, "得分"): "85.5" for ticket in marks.tickets(hall).values()}
        place, _ = marks.preview(client, path, marks.filled(client.get(f"{path}/template.xlsx").data, cells))
        return lambda: marks.confirm(client, place).status_code

    sent = [worksheet(count) for count in (FEW, MANY)]
    grows_not(lambda count: sent[count == MANY]())

    def opening(count: int) -> None:
        hall = halls[count]
        with transaction() as session:
            open_judging(session, session.get_one(Stage, hall.stage.id), by=organisers[count], at=clock.now())

    halls = {count: make_hall(app, judges=2, codes=codes(count), open_sheets=False) for count in (FEW, MANY)}
    organisers = {count: actor(hall.people["organiser"]) for count, hall in halls.items()}
    grows_not(opening)
    assert db.session.scalar(select(func.count(ScoreSheet.id))) == 3 * (FEW + MANY)


def test_a_roster_whose_ground_changed_after_the_plan_is_planned_anew_and_never_written_from_the_old_plan(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    region, client = entered(app)
    rows = new_rows(region, 2)
    place = roster(region, client, rows)
    event_id = region.event.id

    def fill_quota(session: Session) -> None:
        session.get_one(Event, event_id).quota_per_union = 1

    once_between(monkeypatch, roster_views, "prepare_roster", fill_quota)
    assert confirm(client, place) == 409
    assert db.session.scalar(select(func.count(Entry.id))) == 0


def once_between(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, act: Callable[[Session], object]) -> None:
    """Have something done in a transaction of its own after the first call of what prepares."""
    preparing, calls = getattr(owner, name), []

    def meanwhile(*given: Any, **named: Any) -> Any:
        prepared = preparing(*given, **named)
        calls.append(name)
        if len(calls) == 1:
            db.session.rollback()
            with transaction() as session:
                act(session)
        return prepared

    monkeypatch.setattr(owner, name, meanwhile)


def test_a_worksheet_whose_sheets_changed_after_the_plan_is_planned_anew(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = marks.theory_hall(app)
    client, path = hall.client("tabulator"), marks.desk(hall)
    cells = {(ticket, "得分"): "85.5" for ticket in marks.tickets(hall).values()}
    place, _ = marks.preview(client, path, marks.filled(client.get(f"{path}/template.xlsx").data, cells))
    reopened = update(ScoreSheet).values(opening=2)
    once_between(monkeypatch, worksheet_views, "prepare_marks", lambda session: session.execute(reopened))
    assert marks.confirm(client, place).status_code == 303
    db.session.rollback()
    assert set(db.session.scalars(select(ScoreRevision.opening))) == {2}


def test_units_whose_parent_moved_after_they_were_compared_hang_where_it_is_now(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_union(name="某某省总工会", area_code=None)
    city, other = (make_union(root, kind="federation", name=f"{name}市总工会") for name in "甲乙")
    administrator, by = make_user(("administrator", "system", None)), actor(make_user())
    db.session.commit()
    client, city_id, other_id = signed_in(app, administrator), city.id, other.id
    columns = [TableColumn(name, name) for name in ("工会名称", "上级工会", "工会类型")]
    row = {"工会名称": "邕江厂工会", "上级工会": city.name, "工会类型": "企业工会"}
    place, _ = marks.preview(client, "/desk/import/unions", write_workbook([Table("表", columns, [row])], title="表"))

    def move(session: Session) -> None:
        under, moved = session.get_one(Union, other_id), session.get_one(Union, city_id)
        move_union(session, moved, under, moved.version, by=by, at=clock.now())

    once_between(monkeypatch, imports_views, "prepare_units", move)
    assert client.post(f"{place}/confirm").status_code == 303
    db.session.rollback()
    made = db.session.scalars(select(Union).where(Union.name == "邕江厂工会")).one()
    assert made.path == f"{db.session.get_one(Union, city_id).path}{made.id}/" and f"/{other_id}/" in made.path
