"""Every way in which a person is saved from less than all his fields: what was not given stays as it was."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid
from competitions.organisations.models import Employer
from competitions.registration.member_values import draft_of, values_of
from competitions.registration.models import Entry, EntryMember
from competitions.registration.people import cleaned
from competitions.registration.services import submit_entries
from competitions.tabular import person_fields
from competitions.tabular.person_fields import fields_in
from tests.factories import actor, make_employer, make_event, make_union, make_user
from tests.factories_registration import Region, make_entry, make_id_number, make_region, make_roster, signed_in
from tests.people import Client
from tests.registration.uploading import confirm, counts, upload
from tests.registration.whole_person import (
    FIRST,
    all_values,
    edit_address,
    send_roster,
    stored,
    the_member,
    value_of,
)
from tests.sent_forms import sent_by

Known = tuple[Client, Region, dict[str, str]]


@pytest.fixture
def known(app: Flask) -> Known:
    """A person whom a roster has brought with all fields, and the browser of who reports him."""
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    values = all_values(region, FIRST)
    send_roster(client, region, values)
    return client, region, values


def untouched(client: Client) -> dict[str, Any]:
    """What the form of the member would send, had nobody touched it."""
    address = edit_address()
    return sent_by(client.get(address).get_data(as_text=True), address)


def saved(client: Client, how: str = "entry", **sent: Any) -> int:
    """Send the form of the member; the status."""
    return client.post(edit_address(), {**sent, "as": how}).status_code


def test_the_office_phone_and_the_start_of_work_survive_a_correction(known: Known) -> None:
    client, _, values = known
    assert saved(client, **{**untouched(client), "politics": "群众"}) == 303
    assert stored() == {**values, "politics": "群众"}
    assert stored()["landline"] and stored()["started_work"]


def test_a_field_that_the_form_does_not_ask_stays(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _, values = known
    hidden = ("landline", "started_work", "level")
    fields = [replace(each, places=("page",)) if each.name in hidden else each for each in person_fields.PERSON_FIELDS]
    monkeypatch.setattr(person_fields, "PERSON_FIELDS", tuple(fields))
    sent = untouched(client)
    assert not {*hidden} & {*sent}
    assert saved(client, **{**sent, "politics": "群众"}) == 303
    assert stored() == {**values, "politics": "群众"}


def test_a_field_that_is_not_sent_stays(known: Known) -> None:
    """From a page that was opened before the field was added, for instance."""
    client, _, values = known
    assert saved(client, version="1", meals="清真") == 303
    assert stored() == {**values, "meals": "清真"}


def test_a_field_that_was_blanked_is_emptied_but_for_the_numbers_that_the_form_does_not_show(known: Known) -> None:
    client, _, values = known
    blank = {each.name: "" for each in fields_in("form") if each.kept != "unit" and each.name != "name"}
    assert saved(client, **{**untouched(client), **blank}) == 303
    kept = {name: values[name] for name in ("id_number", "phone")}
    assert stored() == {**values, **blank, **kept}


def test_a_detail_that_the_table_does_not_know_any_more_stays(known: Known) -> None:
    client, _, _ = known
    member = the_member()
    member.details = {**member.details, "of_old": "某值"}
    db.session.commit()
    assert saved(client, **untouched(client)) == 303
    assert the_member().details["of_old"] == "某值"


def test_the_unit_stays_the_same_when_it_was_renamed_and_another_has_its_old_name(known: Known) -> None:
    client, region, values = known
    first = db.session.get_one(Employer, the_member().employer_id)
    name, first.name = first.name, "改名后的有限公司"
    db.session.flush()
    make_employer(region.enterprise, name=name)
    db.session.commit()
    assert saved(client, **{**untouched(client), "politics": "群众"}) == 303
    assert the_member().employer_id == first.id
    assert stored() == {**values, "politics": "群众", "organisation": "改名后的有限公司"}


def test_a_roster_with_fewer_columns_changes_only_those(known: Known) -> None:
    client, region, values = known
    few = {"name": values["name"], "id_number": values["id_number"], "meals": "清真"}
    assert send_roster(client, region, few) == {"新增": 0, "变化": 1, "相同": 0, "有误": 0}
    assert stored() == {**values, "meals": "清真"}


def test_a_roster_without_units_leaves_known_people_with_theirs_and_asks_for_the_others(known: Known) -> None:
    client, region, values = known
    db.session.get_one(Employer, the_member().employer_id).name = "改名后的有限公司"
    make_employer(region.enterprise, name="同一工会的另一家公司")
    db.session.commit()
    few = [{"参赛项目": "焊工", "姓名": values["name"], "身份证号": values["id_number"], "用餐习惯": "清真"}]
    few.append({"参赛项目": "焊工", "姓名": "黄志强", "身份证号": make_id_number(12)})
    preview = upload(client, region.competition, region.enterprise, make_roster(few, tuple(few[0])))
    assert counts(client, preview) == {"新增": 0, "变化": 1, "相同": 0, "有误": 1}
    assert confirm(client, preview, only_sound="1") == 303
    assert stored() == {**values, "meals": "清真"}


# Drafts.


def test_a_draft_of_a_correction_changes_nothing_of_the_person_until_it_is_finished(known: Known) -> None:
    client, _, values = known
    worker = the_member().worker_id
    assert saved(client, "draft", **{**untouched(client), "name": "韦", "politics": "", "meals": "清真"}) == 303
    member = the_member()
    assert (member.worker_id, values_of(member, full=True)) == (worker, values)
    again = untouched(client)
    assert (again["name"], again["politics"], again["meals"]) == ("韦", "", "清真")
    assert saved(client, **{**again, "name": "韦桂兰"}) == 303
    assert stored() == {**values, "politics": "", "meals": "清真"}
    assert draft_of(the_member()) == {}


def test_a_draft_does_not_open_the_numbers_that_are_masked(known: Known) -> None:
    client, _, values = known
    assert saved(client, "draft", **{**untouched(client), "meals": "清真"}) == 303
    page = client.get(edit_address()).get_data(as_text=True)
    assert values["id_number"] not in page and values["phone"] not in page and "不改请留空" in page


def test_a_draft_of_a_correction_keeps_the_persons_place_in_the_event(app: Flask, known: Known) -> None:
    client, region, values = known
    assert saved(client, "draft", **{**untouched(client), "meals": "清真"}) == 303
    other = make_union(region.city, name="甲市另一家公司工会")
    employer = make_employer(other, name="甲市另一家公司")
    rival = make_user(("reporter", "union", other.id), union=other)
    db.session.commit()
    with pytest.raises(Invalid) as fault:
        make_entry(region, by=rival, union=other, employer_id=employer.id, id_number=values["id_number"])
    assert [each["code"] for each in fault.value.problems] == ["duplicate.registered"]


def test_a_roster_does_not_overwrite_what_is_half_corrected_on_the_page(known: Known) -> None:
    client, region, values = known
    assert saved(client, "draft", **{**untouched(client), "meals": "清真"}) == 303
    changed = {**values, "education": "本科"}
    row = {field.label: changed[field.name] for field in person_fields.PERSON_FIELDS if field.name in changed} | {
        "参赛项目": "焊工"
    }
    preview = upload(client, region.competition, region.enterprise, make_roster([row], tuple(row)))
    assert counts(client, preview) == {"新增": 0, "变化": 0, "相同": 0, "有误": 1}
    assert "没有填完的修改" in client.get(preview).get_data(as_text=True)
    assert send_roster(client, region, values) == {"新增": 0, "变化": 0, "相同": 1, "有误": 0}
    assert draft_of(the_member())["meals"] == "清真"


# People who come new: in the place of somebody, into a team.


def typed_whole(region: Region, **values: str) -> dict[str, str]:
    """A form filled in wholly for somebody new."""
    return {**{each.name: value_of(each, region, FIRST) for each in fields_in("form")}, **values}


def test_a_substitute_has_every_field_that_was_typed_and_the_other_keeps_his(known: Known) -> None:
    client, region, values = known
    entry = the_member().entry
    submit_entries(db.session(), [entry], consent_version=1, by=actor(region.reporter), at=clock.now())
    db.session.commit()
    replaced, new = entry.members[0].id, typed_whole(region, name="黄志强", id_number=make_id_number(12))
    sent = {**new, "version": "1", "reason": "因伤不能参赛", "told": "1"}
    assert client.post(f"/desk/entries/{entry.id}/replacement", sent).status_code == 303
    assert {**stored(), **new} == stored()
    assert values_of(db.session.get_one(EntryMember, replaced), full=True) == values


def test_a_member_added_to_a_team_has_every_field_that_was_typed_and_the_other_keeps_his(app: Flask) -> None:
    region = make_region()
    team = make_event(region.competition, name="班组赛", team_size=2)
    entry = make_entry(region, event=team, landline="0771-5551234", started_work="2010年")
    db.session.commit()
    first, before = entry.members[0].id, values_of(entry.members[0], full=True)
    new = typed_whole(region, name="黄志强", id_number=make_id_number(12))
    client = signed_in(app, region.reporter)
    assert client.post(f"/desk/entries/{entry.id}/members/new", new).status_code == 303
    db.session.rollback()
    members = db.session.scalars(select(Entry)).one().members
    assert [each.id for each in members][0] == first and values_of(members[0], full=True) == before
    added = values_of(members[1], full=True)
    assert {**added, **new} == added


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("name", "韦桂兰（替补）", "name.format"),
        ("level", "工程师", "level.unknown"),
        ("migrant_worker", "不详", "choice.unknown"),
    ],
)
def test_what_is_typed_is_taken_or_refused_and_never_left_out(field: str, typed: str, code: str) -> None:
    person, findings = cleaned({"name": "韦桂兰", "id_number": make_id_number(11), field: typed})
    assert [(each.code, each.where) for each in findings] == [(code, field)]
