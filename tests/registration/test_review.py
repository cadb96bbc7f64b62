"""Review: who may, who may not, many at once, deadlines, lists."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import User
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import StateForbids
from competitions.registration import review
from competitions.registration.models import Entry, ReportingList
from competitions.registration.queries import history_of
from competitions.registration.services import (
    approve,
    close_list,
    endorse,
    refuse,
    return_entries,
    submit_entries,
    take_back,
    withdraw,
)
from competitions.registration.waiting import waiting
from tests.factories import actor, make_union, make_user
from tests.factories_registration import Region, make_entry, make_region, signed_in


def submitted(region: Region, count: int = 1, by: User | None = None, **values: object) -> list[Entry]:
    """Submitted entries of the region's enterprise."""
    entries = [make_entry(region, by=by, **values) for _ in range(count)]
    submit_entries(db.session(), entries, consent_version=1, by=actor(by or region.reporter), at=clock.now())
    return entries


def approved(region: Region, count: int = 1) -> list[Entry]:
    """Entries that went the whole way."""
    entries, at, session = submitted(region, count), clock.now(), db.session()
    endorse(session, entries, by=actor(region.reviewer), at=at)
    close_list(session, region.competition, region.city, by=actor(region.reviewer), at=at)
    approve(session, entries, by=actor(region.organiser), at=at)
    return entries


def test_a_returned_entry_shows_its_reason_and_comes_back(app: Flask) -> None:
    region = make_region()
    [entry] = submitted(region)
    db.session.commit()
    base = f"/desk/competitions/{region.competition.id}/entries"
    reviewer, reporter = signed_in(app, region.reviewer), signed_in(app, region.reporter)
    assert reviewer.post(f"{base}/return", data={"ids": entry.id}).status_code == 422
    assert reviewer.post(f"{base}/return", data={"ids": entry.id, "reason": "缺社保证明"}).status_code == 303
    assert "缺社保证明" in reporter.get(f"/desk/entries/{entry.id}").get_data(as_text=True)
    form = {"ids": entry.id, "consent_version": "1", "is_true": "y", "told": "y"}
    assert reporter.post(f"{base}/submit", data=form).status_code == 303
    db.session.rollback()
    steps = [step.to_state for step in history_of(db.session(), entry.id)]
    assert steps == ["draft", "submitted", "returned", "submitted"]


def test_one_foreign_id_among_many_and_nothing_happens(app: Flask) -> None:
    region, other = make_region(), make_region()
    own, foreign = submitted(region, 3), submitted(other, 1)
    db.session.commit()
    ids = [entry.id for entry in own + foreign]
    answer = signed_in(app, region.reviewer).post(
        f"/desk/competitions/{region.competition.id}/entries/endorse", data={"ids": ids}
    )
    assert answer.status_code == 404
    db.session.rollback()
    assert {entry.state for entry in db.session.scalars(select(Entry))} == {"submitted"}


def test_all_of_a_filter_are_endorsed_in_one_act(app: Flask) -> None:
    region = make_region()
    submitted(region, 60)
    make_entry(region)
    db.session.commit()
    client, query = signed_in(app, region.reviewer), f"?event={region.event.id}"
    base = f"/desk/competitions/{region.competition.id}/entries"
    every = client.get(f"{base}/shown.json{query}").get_json()["every"]
    answer = client.post(f"{base}/endorse{query}", data={"all": "1", "every": every})
    assert answer.status_code == 303
    db.session.rollback()
    states = sorted(entry.state for entry in db.session.scalars(select(Entry)))
    assert states == ["draft"] + ["endorsed"] * 60


def test_a_reporter_can_neither_review_nor_decide(app: Flask) -> None:
    region = make_region()
    [entry] = submitted(region)
    db.session.commit()
    client = signed_in(app, region.reporter)
    for act in ("endorse", "refuse", "approve"):
        assert (
            client.post(f"/desk/competitions/{region.competition.id}/entries/{act}", data={"ids": entry.id}).status_code
            == 403
        )


def test_what_a_reviewer_entered_himself_goes_to_the_organiser(app: Flask) -> None:
    region = make_region()
    colleague = make_user(("reviewer", "union", region.city.id), union=region.city)
    [entry] = submitted(region, by=region.reviewer)
    assert entry.organiser_reviews
    for user in (region.reviewer, colleague):
        with pytest.raises(StateForbids):
            endorse(db.session(), [entry], by=actor(user), at=clock.now())
    approve(db.session(), [entry], by=actor(region.organiser), at=clock.now())
    assert entry.state == "approved" and entry.ticket


def test_a_union_does_not_review_its_own_people_alone(app: Flask) -> None:
    region = make_region()
    clerk = make_user(("reporter", "union", region.city.id), union=region.city)
    [entry] = submitted(region, by=clerk, union=region.city)
    assert entry.organiser_reviews
    with pytest.raises(StateForbids):
        endorse(db.session(), [entry], by=actor(region.reviewer), at=clock.now())


def test_taking_back_ends_when_the_review_begins(app: Flask) -> None:
    region = make_region()
    entries = submitted(region, 2)
    session, at = db.session(), clock.now()
    take_back(session, entries[:1], by=actor(region.reporter), at=at)
    assert entries[0].state == "taken_back"
    endorse(session, entries[1:], by=actor(region.reviewer), at=at)
    with pytest.raises(StateForbids) as fault:
        take_back(session, entries[1:], by=actor(region.reporter), at=at)
    assert fault.value.code == "state.entry_state"


@pytest.mark.parametrize(("deadline", "act"), [("review_until", "endorse"), ("final_until", "approve")])
def test_each_hand_has_its_own_cut_off(app: Flask, deadline: str, act: str) -> None:
    region = make_region()
    entries, session, at = submitted(region), db.session(), clock.now()
    if act == "approve":
        endorse(session, entries, by=actor(region.reviewer), at=at)
        close_list(session, region.competition, region.city, by=actor(region.reviewer), at=at)
    setattr(region.competition, deadline, at - timedelta(minutes=1))
    with pytest.raises(StateForbids) as fault:
        verb, user = (endorse, region.reviewer) if act == "endorse" else (approve, region.organiser)
        verb(session, entries, by=actor(user), at=at)
    assert fault.value.code == "state.deadline_passed" and fault.value.params["phone"] == "0771-5550000"


def test_what_is_returned_may_be_corrected_after_the_reporting_cut_off(app: Flask) -> None:
    region = make_region()
    entries, session, at = submitted(region), db.session(), clock.now()
    return_entries(session, entries, "身份证号与姓名不符", by=actor(region.reviewer), at=at)
    region.competition.report_until = at - timedelta(minutes=1)
    submit_entries(session, entries, consent_version=1, by=actor(region.reporter), at=at)
    assert entries[0].state == "submitted"


def test_closing_a_list_changes_nothing_that_is_still_under_review(app: Flask) -> None:
    region = make_region()
    session, at, reviewer = db.session(), clock.now(), actor(region.reviewer)
    [endorsed, waiting_] = submitted(region, 2)
    [own] = submitted(region, by=region.reviewer)
    [sent_back] = submitted(region)
    endorse(session, [endorsed], by=reviewer, at=at)
    return_entries(session, [sent_back], "缺社保证明", by=reviewer, at=at)
    before = [(each.state, each.version) for each in (waiting_, sent_back)]
    closed = close_list(session, region.competition, region.city, by=reviewer, at=at)
    assert {row["entry"] for row in json.loads(closed.document)["rows"]} == {endorsed.id, own.id}
    assert [(each.state, each.version) for each in (waiting_, sent_back)] == before
    assert [each.reporting_list_id for each in (waiting_, sent_back)] == [None, None]
    assert (endorsed.state, own.state) == ("endorsed", "submitted")
    endorse(session, [waiting_], by=reviewer, at=at)
    again = close_list(session, region.competition, region.city, by=reviewer, at=at)
    assert [row["entry"] for row in json.loads(again.document)["rows"]] == [waiting_.id]


def test_nobody_reviews_or_decides_what_he_entered_or_what_his_own_union_reports(app: Flask) -> None:
    region = make_region()
    session, at = db.session(), clock.now()
    roles = (
        ("reporter", "union", region.enterprise.id),
        ("reviewer", "union", region.city.id),
        ("organiser_drafting", "competition", region.competition.id),
    )
    author, colleague = make_user(*roles, union=region.city), make_user(*roles, union=region.enterprise)
    [entry] = submitted(region, by=author)
    assert not entry.organiser_reviews
    for user in (author, colleague):
        with pytest.raises(StateForbids, match="own_registration"):
            endorse(session, [entry], by=actor(user), at=at)
    endorse(session, [entry], by=actor(region.reviewer), at=at)
    close_list(session, region.competition, region.city, by=actor(region.reviewer), at=at)
    with pytest.raises(StateForbids, match="own_registration"):
        approve(session, [entry], by=actor(author), at=at)
    with pytest.raises(StateForbids, match="own_registration"):
        refuse(session, [entry], "不符合条件", by=actor(author), at=at, as_organiser=True)
    approve(session, [entry], by=actor(region.organiser), at=at)
    assert entry.state == "approved"


def test_a_closed_list_is_numbered_frozen_and_holds_no_id_number(app: Flask) -> None:
    region = make_region()
    session, at, reviewer = db.session(), clock.now(), actor(region.reviewer)
    endorse(session, submitted(region, 2), by=reviewer, at=at)
    first = close_list(session, region.competition, region.city, by=reviewer, at=at)
    with pytest.raises(StateForbids) as fault:
        close_list(session, region.competition, region.city, by=reviewer, at=at)
    assert fault.value.code == "state.nothing_to_report"
    endorse(session, submitted(region, 1), by=reviewer, at=at)
    second = close_list(session, region.competition, region.city, by=reviewer, at=at)
    assert (first.number, second.number) == (1, 2)
    rows = json.loads(first.document)["rows"]
    assert len(rows) == 2 and {"id_number", "phone"}.isdisjoint(rows[0])
    session.commit()
    with pytest.raises(Exception, match="append-only"):
        session.query(ReportingList).update({"document": "{}"})
    session.rollback()


def test_lists_on_paper_and_on_the_page_stand_by_surname_strokes(app: Flask) -> None:
    region = make_region()
    for name in ("覃志强", "韦秀兰", "黄建国", "丁一"):
        submitted(region, name=name)
    at, session = clock.now(), db.session()
    endorse(session, list(session.scalars(select(Entry))), by=actor(region.reviewer), at=at)
    closed = close_list(session, region.competition, region.city, by=actor(region.reviewer), at=at)
    session.commit()
    assert [row["name"] for row in json.loads(closed.document)["rows"]] == ["丁一", "韦秀兰", "黄建国", "覃志强"]
    page = signed_in(app, region.reviewer).get(f"/desk/competitions/{region.competition.id}/entries").get_data(True)
    places = [page.index(name) for name in ("丁一", "韦秀兰", "黄建国", "覃志强")]
    assert places == sorted(places)


def test_what_a_list_left_out_is_not_approved(app: Flask) -> None:
    region = make_region()
    entries, session, at = submitted(region), db.session(), clock.now()
    endorse(session, entries, by=actor(region.reviewer), at=at)
    with pytest.raises(StateForbids) as fault:
        approve(session, entries, by=actor(region.organiser), at=at)
    assert fault.value.code == "state.not_reported"


def test_tickets_say_nothing_of_the_order_of_registration(app: Flask) -> None:
    region = make_region()
    entries = approved(region, 30)
    tickets = [entry.ticket for entry in entries]
    assert len(set(tickets)) == 30 and tickets != sorted(tickets) and tickets != sorted(tickets, reverse=True)


class FirstNumbers:
    """Dice that always fall on the first numbers."""

    def sample(self, pool: list[str], count: int) -> list[str]:
        """The numbers drawn."""
        return pool[:count]


def test_no_ticket_is_given_twice_although_the_dice_would_have_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review.secrets, "SystemRandom", FirstNumbers)
    region = make_region()
    [gone] = approved(region)
    withdraw(db.session(), [gone], "本人放弃", by=actor(region.reporter), at=clock.now())
    later = approved(region, 2)
    assert [entry.ticket for entry in (gone, *later)] == ["01001", "01002", "01003"]


def test_a_refused_and_a_withdrawn_person_can_be_entered_again(app: Flask) -> None:
    region = make_region()
    entries, session, at = submitted(region, 2), db.session(), clock.now()
    refuse(session, entries[:1], "不符合条件", by=actor(region.reviewer), at=at)
    withdraw(session, entries[1:], "本人放弃", by=actor(region.reporter), at=at)
    from competitions.registration.workers import id_number_of

    for entry in entries:
        again = make_entry(region, id_number=id_number_of(entry.members[0].worker))
        assert again.members[0].worker_id == entry.members[0].worker_id


def test_what_waits_is_told_to_each_hand(app: Flask) -> None:
    region = make_region()
    session, at = db.session(), clock.now()
    make_entry(region)
    [first, second, third] = submitted(region, 3)
    return_entries(session, [second], "缺材料", by=actor(region.reviewer), at=at)
    endorse(session, [third], by=actor(region.reviewer), at=at)
    session.flush()
    told = {
        who: {(each.arguments["state"], each.count) for each in waiting(session, actor(user), at)}
        for who, user in (("reporter", region.reporter), ("reviewer", region.reviewer), ("organiser", region.organiser))
    }
    assert told == {
        "reporter": {("draft", 1), ("returned", 1)},
        "reviewer": {("submitted", 1), ("endorsed", 1)},
        "organiser": set(),
    }
    close_list(session, region.competition, region.city, by=actor(region.reviewer), at=at)
    assert [(each.arguments["state"], each.count) for each in waiting(session, actor(region.organiser), at)] == [
        ("to_decide", 1)
    ]
    assert first.state == "submitted"


def test_a_clerk_is_told_of_competitions_that_he_may_still_enter(app: Flask) -> None:
    region = make_region()
    session, at, clerk = db.session(), clock.now(), actor(region.reporter)
    [told] = waiting(session, clerk, at)
    assert told.until == region.competition.report_until and "本单位还没有报名" in told.sentence
    assert waiting(session, clerk, region.competition.report_until) == []
    assert waiting(session, actor(region.reviewer), at) == []
    make_entry(region)
    assert [each.arguments.get("state") for each in waiting(session, clerk, at)] == ["draft"]


def test_an_industry_reviewer_sees_his_line_and_the_city_does_not(app: Flask) -> None:
    region = make_region()
    industry = make_union(region.root, kind="industry", name="机械冶金工会")
    system_reviewer = make_user(("reviewer", "union", industry.id), union=industry)
    entry = make_entry(region)
    entry.review_union_id = industry.id
    db.session.commit()
    assert signed_in(app, system_reviewer).get(f"/desk/entries/{entry.id}").status_code == 200
    assert signed_in(app, region.reviewer).get(f"/desk/entries/{entry.id}").status_code == 404
