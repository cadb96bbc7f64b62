"""Lists, filters, numbers of queries, and the papers that leave registration."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import event, select

from competitions.accounts.settings import EXPORTS
from competitions.audit.models import AuditEvent
from competitions.base import clock
from competitions.base.database import db
from competitions.registration.reporting import close_list
from competitions.registration.services import endorse, submit_entries
from competitions.tabular.roster import read_roster
from tests.factories import actor, allow
from tests.factories_registration import (
    make_entry,
    make_id_number,
    make_region,
    make_roster,
    opened,
    roster_row,
    signed_in,
)
from tests.registration.uploading import WORKBOOKS, confirm, counts, upload


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_list_of_fifty_takes_as_many_queries_as_a_list_of_five(app: Flask) -> None:
    region = make_region()
    for _ in range(5):
        make_entry(region)
    db.session.commit()
    path = f"/desk/competitions/{region.competition.id}/entries"
    client = signed_in(app, region.reporter)
    client.get(path)
    with counted() as few:
        client.get(path)
    db.session.rollback()
    for _ in range(45):
        make_entry(region)
    db.session.commit()
    with counted() as many:
        page = client.get(path).get_data(as_text=True)
    assert "共 50 条" in page
    assert len(many) == len(few) <= 25


def test_confirming_a_roster_of_twenty_takes_as_many_queries_as_one_of_three(app: Flask) -> None:
    asked = []
    for people in (3, 20):
        region = make_region()
        db.session.commit()
        client = signed_in(app, region.reporter)
        rows = [roster_row(region.employer.name) for _ in range(people)]
        preview = upload(client, region.competition, region.enterprise, make_roster(rows))
        with counted() as statements:
            assert confirm(client, preview) == 303
        db.session.rollback()
        asked.append(len(statements))
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("query", "found"), [("", 3), ("?q=覃小燕", 1), ("?state=to_submit", 2), ("?state=submitted", 1), ("?q=100%25", 0)]
)
def test_the_list_is_searched_and_filtered_by_the_address(app: Flask, query: str, found: int) -> None:
    region = make_region()
    make_entry(region, name="覃小燕")
    make_entry(region, name="韦建国")
    sent = make_entry(region, name="黄志强")
    submit_entries(db.session(), [sent], consent_version=1, by=actor(region.reporter), at=clock.now())
    db.session.commit()
    client = signed_in(app, region.reporter)
    page = client.get(f"/desk/competitions/{region.competition.id}/entries{query}").get_data(as_text=True)
    assert page.count('name="ids"') == found
    rows = opened(client.get(f"/desk/competitions/{region.competition.id}/entries.xlsx{query}").data)
    assert sum(isinstance(row[0].value, int) for row in rows.iter_rows()) == found


def test_lists_of_names_are_limited_by_the_hour_and_recorded_with_their_digest(app: Flask) -> None:
    allow(EXPORTS, 5)
    region = make_region()
    sent = make_entry(region)
    submit_entries(db.session(), [sent], consent_version=1, by=actor(region.reporter), at=clock.now())
    endorse(db.session(), [sent], by=actor(region.reviewer), at=clock.now())
    closed = close_list(db.session(), region.competition, region.city, by=actor(region.reviewer), at=clock.now())
    db.session.commit()
    paths = [f"/desk/competitions/{region.competition.id}/entries.xlsx", f"/desk/lists/{closed.id}.xlsx"]
    client = signed_in(app, region.reviewer)
    answers = [client.get(path) for path in [*paths, *[paths[0]] * 4]]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    db.session.rollback()
    found = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "entries.export").order_by(AuditEvent.seq))
    told = [(event.by_id, event.object_id, json.loads(event.payload)["after"]) for event in found]
    assert told == [
        (region.reviewer.id, place, {"file": hashlib.sha256(answer.data).hexdigest(), "entries": 1})
        for place, answer in zip(
            [region.competition.id, closed.id, *[region.competition.id] * 3], answers, strict=False
        )
    ]


def test_the_first_page_names_the_competitions_with_their_cut_offs(app: Flask) -> None:
    region = make_region()
    make_entry(region)
    db.session.commit()
    page = signed_in(app, region.reporter).get("/desk/entries").get_data(as_text=True)
    assert region.competition.name in page and clock.beijing_text(region.competition.report_until) in page


def test_the_template_lists_the_events_and_its_example_is_never_imported(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    answer = client.get(f"/desk/competitions/{region.competition.id}/roster-template.xlsx")
    sheet = opened(answer.data)
    lists = sheet.parent["选项"]
    assert lists.sheet_state == "veryHidden" and "焊工" in {cell.value for row in lists for cell in row}
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    read = read_roster(answer.data, "模板.xlsx")
    assert read.people == [] and {each.code for each in read.problems} == {"row.example"}
    preview = upload(client, region.competition, region.enterprise, filled(answer.data, region.employer.name))
    assert counts(client, preview) == {"新增": 1, "变化": 0, "相同": 0, "有误": 0}
    assert "选项" not in client.get(preview).get_data(as_text=True)


def filled(template: bytes, employer: str) -> bytes:
    """The template with one person typed below the example."""
    sheet = opened(template)
    heading = next(row for row in sheet.iter_rows() if any(cell.value == "身份证号" for cell in row))
    values = roster_row(employer)
    for cell in heading:
        if cell.value in values:
            sheet.cell(heading[0].row + 2, cell.column).value = values[cell.value]
    out = BytesIO()
    sheet.parent.save(out)
    return out.getvalue()


def test_the_summary_in_full_is_text_and_logged_with_its_purpose(app: Flask) -> None:
    region = make_region()
    number = make_id_number(8)
    make_entry(region, id_number=number)
    db.session.commit()
    client = signed_in(app, region.reporter)
    where = f"/desk/competitions/{region.competition.id}/summary"
    assert number not in client.get(where).get_data(as_text=True)
    assert client.post(f"{where}.xlsx").status_code == 422
    sheet = opened(client.post(f"{where}.xlsx", data={"purpose": "print"}).data)
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == number]
    assert len(cells) == 1 and cells[0].data_type == "s" and cells[0].number_format == "@"
    db.session.rollback()
    payloads = db.session.scalars(select(AuditEvent.payload))
    log = [json.loads(each) for each in payloads if "personal_data.export" in each]
    assert [(each["purpose"], each["entries"]) for each in log] == [("print", 1)]


def test_a_summary_read_again_gives_the_same_people(app: Flask) -> None:
    region = make_region()
    numbers = [make_id_number(each) for each in (11, 12)]
    for number in numbers:
        make_entry(region, id_number=number)
    db.session.commit()
    answer = signed_in(app, region.reporter).post(
        f"/desk/competitions/{region.competition.id}/summary.xlsx", data={"purpose": "print"}
    )
    assert sorted(person["id_number"] for person in read_roster(answer.data, "汇总表.xlsx").people) == sorted(numbers)


def test_the_form_for_stamping_has_the_values_and_the_places_for_stamps(app: Flask) -> None:
    region = make_region()
    entry = make_entry(region, name="覃小燕", id_number=make_id_number(4))
    db.session.commit()
    client = signed_in(app, region.reporter)
    text = {
        str(cell.value)
        for row in opened(
            client.post(f"/desk/entries/{entry.id}/form.xlsx", data={"purpose": "print"}).data
        ).iter_rows()
        for cell in row
        if cell.value
    }
    assert {"覃小燕", make_id_number(4)} <= text and any("盖章" in each for each in text)
    assert make_id_number(4) not in client.get(f"/desk/entries/{entry.id}/form").get_data(as_text=True)
    assert make_id_number(4) in client.post(f"/desk/entries/{entry.id}/form", data={"purpose": "print"}).get_data(
        as_text=True
    )


def test_a_reviewer_is_told_what_he_can_report(app: Flask) -> None:
    region = make_region()
    session, at = db.session(), clock.now()
    entries = [make_entry(region) for _ in range(2)]
    submit_entries(session, entries, consent_version=1, by=actor(region.reporter), at=at)
    endorse(session, entries[:1], by=actor(region.reviewer), at=at)
    session.commit()
    page = (
        signed_in(app, region.reviewer)
        .get(f"/desk/competitions/{region.competition.id}/entries")
        .get_data(as_text=True)
    )
    assert "1 条报名可以报送" in page and "另有 1 条尚未审核" in page


def test_the_command_prints_what_is_in_a_roster(app: Flask) -> None:
    runner = app.test_cli_runner()
    answer = runner.invoke(args=["roster", "check", str(WORKBOOKS / "notice-attachment.xlsx"), "--json"])
    assert answer.exit_code == 1 and len(json.loads(answer.output)["people"]) == 27
    assert runner.invoke(args=["roster", "check", str(WORKBOOKS / "plain.xlsx"), "--json"]).exit_code == 0
    assert runner.invoke(args=["roster", "check", "missing.xlsx", "--json"]).exit_code == 2
