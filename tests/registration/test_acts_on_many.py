"""Acts on many entries: on what was shown and nothing else, each refused one by name, and the way to go on with the rest."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from competitions.base import clock
from competitions.base.database import db
from competitions.registration.models import Entry, ReportingList
from competitions.registration.services import close_list, endorse, submit_entries, take_back
from tests.factories import actor
from tests.factories_registration import Region, make_entry, make_region, signed_in
from tests.people import Client
from tests.sent_forms import sent_by


def submitted(region: Region, *names: str) -> list[Entry]:
    """Submitted entries of people with these names."""
    entries = [make_entry(region, name=name) for name in names]
    submit_entries(db.session(), entries, consent_version=1, by=actor(region.reporter), at=clock.now())
    return entries


def reported(region: Region, *names: str) -> list[Entry]:
    """Entries that wait for the organiser."""
    entries, at = submitted(region, *names), clock.now()
    endorse(db.session(), entries, by=actor(region.reviewer), at=at)
    close_list(db.session(), region.competition, region.city, by=actor(region.reviewer), at=at)
    return entries


def changed(entry: Entry) -> None:
    """Somebody saves the entry."""
    db.session.rollback()
    entry.version += 1
    db.session.commit()


def base_of(region: Region) -> str:
    return f"/desk/competitions/{region.competition.id}"


def every(client: Client, region: Region, query: str = "") -> dict[str, str]:
    """What the button "all of this filter" puts into the form."""
    answer = client.get(f"{base_of(region)}/entries/shown.json{query}").get_json()
    return {"all": "1", "every": answer["every"]}


def states(region: Region) -> dict[str, str]:
    """Name → state."""
    db.session.rollback()
    found = db.session.scalars(select(Entry).where(Entry.competition_id == region.competition.id))
    return {entry.members[0].name: entry.state for entry in found}


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def going_on(answer: TestResponse, path: str) -> dict[str, Any]:
    """The form that the page of the refusal offers."""
    return sent_by(text(answer), path)


HANDS = [
    ("endorse", "reviewer", {}),
    ("return", "reviewer", {"reason": "缺社保证明"}),
    ("refuse", "reviewer", {"reason": "不符合条件"}),
    ("approve", "organiser", {}),
    ("organiser-return", "organiser", {"reason": "缺社保证明"}),
    ("organiser-refuse", "organiser", {"reason": "不符合条件"}),
    ("organiser-withdraw", "organiser", {"reason": "本人放弃"}),
    ("take-back", "reporter", {}),
    ("withdraw", "reporter", {"reason": "本人放弃"}),
]


@pytest.mark.parametrize(("act", "hand", "more"), HANDS)
def test_all_of_a_filter_is_refused_when_somebody_came_since_and_goes_on_with_those_who_were_shown(
    app: Flask, act: str, hand: str, more: dict[str, str]
) -> None:
    region = make_region()
    made = reported if hand == "organiser" else submitted
    made(region, "韦一", "韦二")
    db.session.commit()
    client, path = signed_in(app, getattr(region, hand)), f"{base_of(region)}/entries/{act}"
    before, data = states(region), {**every(client, region), **more}
    made(region, "莫新来")
    db.session.commit()
    answer = client.post(path, data=data)
    assert answer.status_code == 409 and "新增 1 条：莫新来" in text(answer)
    assert {name: state for name, state in states(region).items() if name in before} == before
    again = client.post(path, data=going_on(answer, path))
    assert again.status_code == 303
    after = states(region)
    assert after["韦一"] == after["韦二"] != before["韦一"] and after["莫新来"] == before["韦一"]


def test_all_of_a_filter_names_who_changed_and_who_went(app: Flask) -> None:
    region = make_region()
    entries = submitted(region, "韦一", "韦二", "莫改", "黄走")
    db.session.commit()
    client, path = signed_in(app, region.reviewer), f"{base_of(region)}/entries/endorse"
    data = every(client, region, "?state=submitted")
    changed(entries[2])
    take_back(db.session(), entries[3:], by=actor(region.reporter), at=clock.now())
    db.session.commit()
    answer = client.post(f"{path}?state=submitted", data=data)
    assert answer.status_code == 409
    assert "变化 1 条：莫改" in text(answer) and "不再在名单内的 1 条：黄走" in text(answer)
    client.post(f"{path}?state=submitted", data=going_on(answer, f"{path}?state=submitted"))
    assert states(region) == {"韦一": "endorsed", "韦二": "endorsed", "莫改": "submitted", "黄走": "taken_back"}


def test_all_of_a_filter_without_what_was_shown_does_nothing(app: Flask) -> None:
    region = make_region()
    submitted(region, "韦一")
    db.session.commit()
    answer = signed_in(app, region.reviewer).post(f"{base_of(region)}/entries/endorse", data={"all": "1"})
    assert answer.status_code == 409 and states(region) == {"韦一": "submitted"}


def test_a_ticked_entry_that_changed_since_its_page_was_made_is_named_and_the_others_go_on(app: Flask) -> None:
    region = make_region()
    entries = submitted(region, "韦一", "韦二", "莫改")
    db.session.commit()
    client, path = signed_in(app, region.reviewer), f"{base_of(region)}/entries/endorse"
    shown = sent_by(text(client.get(f"{base_of(region)}/entries")), "list-bulk")["shown"]
    db.session.rollback()
    take_back(db.session(), entries[2:], by=actor(region.reporter), at=clock.now())
    submit_entries(db.session(), entries[2:], consent_version=1, by=actor(region.reporter), at=clock.now())
    db.session.commit()
    answer = client.post(path, data={"ids": [entry.id for entry in entries], "shown": shown})
    page = text(answer)
    assert answer.status_code == 409 and "3 条中有 1 条不能办理" in page
    assert "莫改" in page and "打开页面之后有变化" in page and "韦一" not in page
    assert client.post(path, data=going_on(answer, path)).status_code == 303
    assert states(region) == {"韦一": "endorsed", "韦二": "endorsed", "莫改": "submitted"}


def test_each_refused_entry_says_why_and_the_reason_that_was_typed_goes_on_with_the_rest(app: Flask) -> None:
    region = make_region()
    [first, second] = submitted(region, "韦一", "韦二")
    make_entry(region, name="莫草稿")
    [own] = submitted_by_reviewer(region, "黄自录")
    db.session.commit()
    client, path = signed_in(app, region.reviewer), f"{base_of(region)}/entries/return"
    ids = [entry.id for entry in db.session.scalars(select(Entry))]
    answer = client.post(path, data={"ids": ids, "reason": "缺社保证明"})
    page = text(answer)
    assert answer.status_code == 409 and "不能办理的 2 条" in page and "其余 2 条继续办理" in page
    assert "草稿" in page and "由您本人录入" in page
    assert {first.id, second.id, own.id} <= set(ids)
    client.post(path, data=going_on(answer, path))
    assert states(region) == {"韦一": "returned", "韦二": "returned", "莫草稿": "draft", "黄自录": "submitted"}


def submitted_by_reviewer(region: Region, name: str) -> list[Entry]:
    """What the reviewing union's own person entered for a unit below."""
    entries = [make_entry(region, name=name, by=region.reviewer)]
    submit_entries(db.session(), entries, consent_version=1, by=actor(region.reviewer), at=clock.now())
    return entries


def test_what_is_submitted_is_what_stood_on_the_page_of_the_confirmations(app: Flask) -> None:
    region = make_region()
    [first, second] = [make_entry(region, name=name) for name in ("韦一", "韦二")]
    db.session.commit()
    client, path = signed_in(app, region.reporter), f"{base_of(region)}/entries/submit"
    page = text(client.get(f"{base_of(region)}/entries/submission"))
    data = {**sent_by(page, path), "ids": [first.id, second.id], "is_true": "y", "told": "y"}
    changed(second)
    answer = client.post(path, data=data)
    assert answer.status_code == 409 and "韦二" in text(answer)
    client.post(path, data=going_on(answer, path))
    assert states(region) == {"韦一": "submitted", "韦二": "draft"}


def test_a_list_that_grew_since_it_was_shown_is_not_closed_before_it_was_told(app: Flask) -> None:
    region = make_region()
    endorse(db.session(), submitted(region, "韦一"), by=actor(region.reviewer), at=clock.now())
    db.session.commit()
    client, path = signed_in(app, region.reviewer), f"{base_of(region)}/lists"
    data = sent_by(text(client.get(f"{base_of(region)}/entries")), path)
    db.session.rollback()
    endorse(db.session(), submitted(region, "莫新来"), by=actor(region.reviewer), at=clock.now())
    db.session.commit()
    answer = client.post(path, data=data)
    assert answer.status_code == 409 and "新增 1 条：莫新来" in text(answer)
    db.session.rollback()
    assert db.session.scalar(select(func.count(ReportingList.id))) == 0
    assert client.post(path, data=going_on(answer, path)).status_code == 303
    db.session.rollback()
    assert db.session.scalar(select(func.count(Entry.id)).where(Entry.reporting_list_id.is_not(None))) == 2


def test_one_entry_that_changed_since_its_page_was_made_is_refused(app: Flask) -> None:
    region = make_region()
    [entry] = submitted(region, "韦一")
    db.session.commit()
    client, path = signed_in(app, region.reviewer), f"{base_of(region)}/entries/endorse"
    data = sent_by(text(client.get(f"/desk/entries/{entry.id}")), path)
    changed(entry)
    answer = client.post(path, data=data)
    assert answer.status_code == 409 and "打开页面之后有变化" in text(answer)
    assert states(region) == {"韦一": "submitted"}
