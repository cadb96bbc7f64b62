"""Typing people in: drafts, corrections, masking, what other units learn, teams, replacement."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.audit.models import AuditEvent
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, StateForbids
from competitions.registration.models import Entry, EntryMember, Worker
from competitions.registration.services import add_member, create_entry, submit_entries
from tests.factories import actor, make_competition, make_employer, make_event, make_union, make_user
from tests.factories_registration import Region, make_entry, make_id_number, make_person, make_region, signed_in


def typed(region: Region, **values: str) -> dict[str, str]:
    """A filled form for one person."""
    person = make_person()
    place = f"{region.event.id}|{region.event.divisions[0].id}"
    return {
        "place": place,
        "union": region.enterprise.name,
        "name": person["name"],
        "id_number": person["id_number"],
        "phone": person["phone"],
        "organisation": region.employer.name,
        "as": "entry",
        **values,
    }


def codes(fault: pytest.ExceptionInfo[Invalid]) -> list[str]:
    """The codes of what was refused."""
    return [problem["code"] for problem in fault.value.problems]


def test_a_typed_person_becomes_a_draft_entry_with_all_four_unions(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    form = typed(region)
    answer = signed_in(app, region.reporter).post(f"/desk/competitions/{region.competition.id}/entries/new", data=form)
    assert answer.status_code == 303
    db.session.rollback()
    entry = db.session.scalars(select(Entry)).one()
    assert (entry.state, entry.reporting_union_id, entry.review_union_id, entry.delegation_id) == (
        "draft",
        region.enterprise.id,
        region.city.id,
        region.city.id,
    )
    member = entry.members[0]
    assert (member.name, member.employer_id, member.sex) == (
        form["name"],
        region.employer.id,
        "男" if int(form["id_number"][16]) % 2 else "女",
    )


def test_a_half_filled_form_is_kept_sealed_and_comes_back(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    client = signed_in(app, region.reporter)
    form = typed(region, id_number="4501", phone="", **{"as": "draft"})
    answer = client.post(f"/desk/competitions/{region.competition.id}/entries/new", data=form)
    assert answer.status_code == 303
    db.session.rollback()
    member = db.session.scalars(select(EntryMember)).one()
    assert form["name"] not in member.draft and member.worker_id is None
    page = client.get(f"/desk/entries/{member.entry_id}/members/{member.id}/edit").get_data(as_text=True)
    assert 'value="4501"' in page and form["name"] in page
    unfinished = client.get(f"/desk/competitions/{region.competition.id}/entries/submission").get_data(as_text=True)
    assert "还不能提交" in unfinished


def test_every_problem_of_a_form_stands_at_its_field_and_nothing_is_saved(app: Flask) -> None:
    region = make_region()
    db.session.commit()
    answer = signed_in(app, region.reporter).post(
        f"/desk/competitions/{region.competition.id}/entries/new",
        data=typed(region, name="", id_number="450103199003074567", phone="12", organisation="某厂"),
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for sentence in ("没有填写", "校验码不符", "不是一个 11 位手机号"):
        assert sentence in page
    db.session.rollback()
    assert db.session.scalars(select(Entry)).all() == []


def test_somebody_registered_elsewhere_is_refused_without_naming_the_other_unit(app: Flask) -> None:
    region = make_region()
    other = make_union(region.other_city, name="乙市化工有限公司工会")
    make_employer(other, name="乙市化工有限公司")
    rival = make_user(("reporter", "union", other.id), union=other)
    taken = make_entry(region, id_number=make_id_number(77))
    db.session.commit()
    answer = signed_in(app, rival).post(
        f"/desk/competitions/{region.competition.id}/entries/new",
        data=typed(region, union=other.name, organisation="乙市化工有限公司", id_number=make_id_number(77)),
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "该身份证号已在本赛事报名" in page
    assert region.enterprise.name not in page and region.employer.name not in page and taken.id not in page


def test_two_events_need_a_competition_that_allows_them(app: Flask) -> None:
    region = make_region()
    second = make_event(region.competition, name="电工")
    make_entry(region, id_number=make_id_number(5))
    with pytest.raises(Invalid) as fault:
        make_entry(region, event=second, id_number=make_id_number(5))
    assert codes(fault) == ["duplicate.registered"]
    region.competition.events_per_person = 2
    make_entry(region, event=second, id_number=make_id_number(5))
    assert db.session.scalars(select(Worker)).one()


def test_a_judge_of_the_event_cannot_take_part_in_it(app: Flask) -> None:
    region = make_region()
    make_user(("judge", "event", region.event.id), display_name="覃小燕", employer_id=region.employer.id)
    with pytest.raises(Invalid) as fault:
        make_entry(region, name="覃小燕")
    assert codes(fault) == ["eligibility.judge"]


def test_a_namesake_of_a_judge_from_another_unit_takes_part(app: Flask) -> None:
    region = make_region()
    elsewhere = make_union(region.other_city)
    make_user(
        ("judge", "event", region.event.id),
        display_name="覃小燕",
        union=elsewhere,
        employer_id=make_employer(elsewhere).id,
    )
    assert make_entry(region, name="覃小燕").state == "draft"


@pytest.mark.parametrize("own_first", [True, False])
def test_of_two_judges_of_one_name_both_are_looked_at(app: Flask, own_first: bool) -> None:
    region = make_region()
    employers = [region.employer.id, make_employer(make_union(region.other_city)).id]
    for employer_id in employers if own_first else employers[::-1]:
        make_user(("judge", "event", region.event.id), display_name="覃小燕", employer_id=employer_id)
    with pytest.raises(Invalid) as fault:
        make_entry(region, name="覃小燕")
    assert codes(fault) == ["eligibility.judge"]


def test_a_judge_is_known_by_his_union_too_and_judges_his_own_event_only(app: Flask) -> None:
    region = make_region()
    other = make_event(region.competition, name="电工")
    make_user(("judge", "event", other.id), display_name="覃小燕", union=region.enterprise)
    with pytest.raises(Invalid) as fault:
        make_entry(region, event=other, name="覃小燕")
    assert codes(fault) == ["eligibility.judge"]
    assert make_entry(region, name="覃小燕").event_id == region.event.id


def test_sixteen_on_the_first_day_is_old_enough_and_a_day_less_is_not(app: Flask) -> None:
    held = clock.from_beijing(clock.now().replace(tzinfo=None, year=2030, month=5, day=20, hour=9))
    region = make_region(held_from=held)
    make_entry(region, id_number=make_id_number(1, born="20140520"))
    with pytest.raises(Invalid) as fault:
        make_entry(region, id_number=make_id_number(2, born="20140521"))
    assert codes(fault) == ["eligibility.too_young"]


def test_the_quota_counts_drafts_and_pending_ones_and_withdrawing_frees_a_place(app: Flask) -> None:
    region = make_region()
    region.event.quota_per_union = 2
    first, _second = make_entry(region), make_entry(region)
    with pytest.raises(Invalid) as fault:
        make_entry(region)
    assert codes(fault) == ["quota.exceeded"]
    db.session.commit()
    assert signed_in(app, region.reporter).post(f"/desk/entries/{first.id}/delete").status_code == 303
    db.session.rollback()
    make_entry(region)


def test_an_employer_has_one_review_line_in_a_competition(app: Flask) -> None:
    region = make_region()
    system = make_union(region.root, kind="industry", name="机械工会")
    make_entry(region)
    with pytest.raises(Invalid) as fault:
        create_entry(
            db.session(),
            region.competition,
            region.event,
            region.event.divisions[0],
            region.enterprise,
            make_person(employer_id=region.employer.id),
            by=actor(region.reporter),
            at=clock.now(),
            review_union=system,
        )
    assert codes(fault) == ["eligibility.review_line"]


def test_after_the_cut_off_entering_is_refused_with_date_and_contact(app: Flask) -> None:
    region = make_region(report_until=clock.now() - timedelta(minutes=1))
    db.session.commit()
    answer = signed_in(app, region.reporter).post(
        f"/desk/competitions/{region.competition.id}/entries/new", data=typed(region)
    )
    assert answer.status_code == 409
    assert "已过截止时间" in answer.get_data(as_text=True) and "0771-5550000" in answer.get_data(as_text=True)


def test_a_stale_correction_shows_both_versions_and_keeps_the_first(app: Flask) -> None:
    region = make_region()
    entry = make_entry(region, name="韦桂兰")
    db.session.commit()
    client = signed_in(app, region.reporter)
    form = {"name": "韦建国", "version": "1", "organisation": region.employer.name, "as": "entry"}
    where = f"/desk/entries/{entry.id}/members/{entry.members[0].id}/edit"
    db.session.rollback()
    assert client.post(where, data=form).status_code == 303
    second = client.post(where, data={**form, "name": "韦志强"})
    assert second.status_code == 409
    assert "韦建国" in second.get_data(as_text=True) and "韦志强" in second.get_data(as_text=True)
    assert db.session.scalars(select(EntryMember.name)).one() == "韦建国"


def test_a_blank_id_number_in_a_correction_leaves_it_as_it_is(app: Flask) -> None:
    region = make_region()
    entry = make_entry(region)
    worker = entry.members[0].worker_id
    db.session.commit()
    client = signed_in(app, region.reporter)
    where = f"/desk/entries/{entry.id}/members/{entry.members[0].id}/edit"
    db.session.rollback()
    employer = region.employer.name
    db.session.rollback()
    client.post(where, data={"name": "韦建国", "version": "1", "organisation": employer, "as": "entry"})
    member = db.session.scalars(select(EntryMember)).one()
    assert (member.name, member.worker_id) == ("韦建国", worker) and member.phone


def test_numbers_are_masked_until_a_purpose_is_given_and_that_is_logged(app: Flask) -> None:
    region = make_region()
    number = make_id_number(9)
    entry = make_entry(region, id_number=number, phone="13812345678")
    member = entry.members[0].id
    db.session.commit()
    client = signed_in(app, region.reporter)
    page = client.get(f"/desk/entries/{entry.id}").get_data(as_text=True)
    assert number not in page and "13812345678" not in page and f"450***********{number[-4:]}" in page
    where = f"/desk/entries/{entry.id}/members/{member}/full"
    db.session.rollback()
    assert client.post(where).status_code == 422
    shown = client.post(where, data={"purpose": "identity"})
    assert number in shown.get_data(as_text=True) and shown.headers["Cache-Control"] == "no-store"
    log = [payload for payload in db.session.scalars(select(AuditEvent.payload)) if "personal_data.view" in payload]
    assert len(log) == 1 and '"purpose":"identity"' in log[0] and number not in log[0]


def test_the_sixty_first_full_view_of_an_hour_is_refused(app: Flask) -> None:
    region = make_region()
    entry = make_entry(region)
    db.session.commit()
    client = signed_in(app, region.reporter)
    where = f"/desk/entries/{entry.id}/members/{entry.members[0].id}/full"
    db.session.rollback()
    statuses = [client.post(where, data={"purpose": "identity"}).status_code for _ in range(61)]
    assert statuses[:60] == [200] * 60 and statuses[60] == 429


def test_another_units_entry_looks_like_a_missing_one(app: Flask) -> None:
    region = make_region()
    stranger_union = make_union(region.other_city)
    stranger = make_user(("reporter", "union", stranger_union.id), union=stranger_union)
    other_reviewer = make_user(("reviewer", "union", region.other_city.id), union=region.other_city)
    entry = make_entry(region)
    member = entry.members[0].id
    db.session.commit()
    for user in (stranger, other_reviewer):
        client = signed_in(app, user)
        for path in (
            f"/desk/entries/{entry.id}",
            f"/desk/entries/{entry.id}/members/{member}/edit",
            f"/desk/entries/{entry.id}/form",
        ):
            assert client.get(path).status_code == 404
        missing = client.get("/desk/entries/00000000-0000-4000-8000-000000000000")
        here = client.get(f"/desk/entries/{entry.id}")
        ids = (missing.headers["X-Request-ID"].encode(), here.headers["X-Request-ID"].encode())
        assert missing.data.replace(ids[0], b"") == here.data.replace(ids[1], b"")


def test_a_team_needs_all_its_members_before_it_is_submitted(app: Flask) -> None:
    region = make_region()
    team = make_event(region.competition, name="班组赛", team_size=2)
    entry = make_entry(region, event=team)
    by = actor(region.reporter)
    with pytest.raises(StateForbids) as fault:
        submit_entries(db.session(), [entry], consent_version=1, by=by, at=clock.now())
    assert fault.value.code == "state.entry_unfinished"
    add_member(db.session(), entry, make_person(employer_id=region.employer.id), by=by, at=clock.now())
    with pytest.raises(StateForbids):
        add_member(db.session(), entry, make_person(employer_id=region.employer.id), by=by, at=clock.now())
    submit_entries(db.session(), [entry], consent_version=1, by=by, at=clock.now())
    assert entry.state == "submitted"


def test_a_replacement_takes_the_place_and_is_reviewed_by_the_organiser(app: Flask) -> None:
    region = make_region()
    region.event.quota_per_union = 1
    entry = make_entry(region)
    submit_entries(db.session(), [entry], consent_version=1, by=actor(region.reporter), at=clock.now())
    db.session.commit()
    client = signed_in(app, region.reporter)
    form = {**typed(region), "version": "1", "reason": "因伤不能参赛", "told": "1"}
    assert client.post(f"/desk/entries/{entry.id}/replacement", data={**form, "told": ""}).status_code == 422
    answer = client.post(f"/desk/entries/{entry.id}/replacement", data=form)
    assert answer.status_code == 303
    db.session.rollback()
    states = {each.id: (each.state, each.organiser_reviews) for each in db.session.scalars(select(Entry))}
    assert states.pop(entry.id) == ("replaced", False)
    assert list(states.values()) == [("submitted", True)]


def test_the_review_line_of_an_enterprise_in_an_industry_is_that_union(app: Flask) -> None:
    root = make_union()
    industry = make_union(root, kind="industry", name="某某产业工会")
    enterprise = make_union(
        make_union(make_union(root, kind="federation", area_code=None), kind="federation"), name="县厂工会"
    )
    below_industry = make_union(industry, name="产业厂工会")
    from competitions.registration.lines import default_review_line, delegation_of

    session = db.session()
    assert default_review_line(session, below_industry).id == industry.id
    assert default_review_line(session, enterprise).path.count("/") == 3
    assert delegation_of(session, enterprise).id == default_review_line(session, enterprise).id
    assert default_review_line(session, root).id == root.id
    assert make_competition() is not None
