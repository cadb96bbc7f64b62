"""更正: a wrong character, employer, level, division or delegation of an approved entry is put right by two organisers."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from competitions.accounts.models import ActOfTwo, User
from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.audit.verification import verify
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import Invalid, StateForbids
from competitions.organisations.models import Employer
from competitions.programme.models import Division
from competitions.registration.corrections.models import EntryCorrection
from competitions.registration.corrections.services import agree_to_correction, propose_correction
from competitions.registration.corrections.typed import Wanted
from competitions.registration.models import Entry, EntryMember
from competitions.registration.services import add_member, approve, close_list, endorse, submit_entries, withdraw
from competitions.registration.waiting import waiting
from competitions.tabular.names_order import pinyin_words
from tests.factories import actor, make_employer, make_event, make_user
from tests.factories_registration import Region, make_entry, make_person, make_region, signed_in
from tests.registration.test_review import approved, submitted

NAME, RIGHT = "韦桂兰", "韦贵兰"
REASON = "录入时写错一个字，已核对身份证"


@dataclass
class Case:
    """An approved entry with the two organisers."""

    app: Flask
    region: Region
    entry_id: str
    approving: User

    @property
    def entry(self) -> Entry:
        """As it is now."""
        db.session.rollback()
        return db.session.get_one(Entry, self.entry_id)

    @property
    def member(self) -> EntryMember:
        """The (first) member as he is now."""
        return self.entry.members[0]

    @property
    def correction(self) -> EntryCorrection:
        """The newest correction."""
        db.session.rollback()
        newest = select(EntryCorrection).order_by(EntryCorrection.number.desc()).limit(1)
        return db.session.scalars(newest).one()

    def form(self, **values: str) -> dict[str, str]:
        """The form as it stands, with some values typed."""
        entry = self.entry
        filled = {"version": str(entry.version), "delegation_id": entry.delegation_id, "card_seen": "y"}
        for each in entry.members:
            filled |= {f"name-{each.position}": each.name, f"level-{each.position}": each.level}
            filled[f"organisation-{each.position}"] = each.employer_name
        return {**filled, "reason": REASON, **{name.replace("_1", "-1"): value for name, value in values.items()}}

    def propose(self, by: User | None = None, **values: str) -> Any:
        """Post the form; the answer."""
        client = signed_in(self.app, by or self.region.organiser)
        return client.post(f"/desk/entries/{self.entry_id}/correction", self.form(**values))

    def decide(self, act: str, by: User | None = None, **data: str) -> Any:
        """Post a decision on the newest correction; the answer."""
        client = signed_in(self.app, by or self.approving)
        return client.post(f"/desk/entries/{self.entry_id}/corrections/{self.correction.id}/{act}", data)

    def page(self, who: User) -> str:
        """The entry's page as this person sees it."""
        return signed_in(self.app, who).get(f"/desk/entries/{self.entry_id}").get_data(as_text=True)


@pytest.fixture
def case(app: Flask) -> Case:
    """One approved person whose name has a wrong character."""
    region = make_region()
    [entry] = submitted(region, name=NAME)
    endorse(db.session(), [entry], by=actor(region.reviewer), at=clock.now())
    close_list(db.session(), region.competition, region.city, by=actor(region.reviewer), at=clock.now())
    approve(db.session(), [entry], by=actor(region.organiser), at=clock.now())
    approving = make_user(("organiser_approving", "competition", region.competition.id))
    db.session.commit()
    return Case(app, region, entry.id, approving)


def words(page: str) -> str:
    return re.sub(r"<[^>]+>|\s+", "", page)


def test_one_organiser_proposes_another_agrees_and_the_unit_sees_old_new_and_why(case: Case) -> None:
    identity = (case.member.worker_id, case.member.sex, case.member.birth_date, case.entry.consent_version)
    ticket = case.entry.ticket
    assert case.propose(name_1=RIGHT).status_code == 303
    assert case.member.name == NAME and RIGHT not in case.page(case.region.reporter)
    assert case.decide("agree").status_code == 303
    member = case.member
    assert (
        member.name == RIGHT
        and member.search_text.startswith(f"{RIGHT}\n")
        and pinyin_words(RIGHT) in member.search_text
    )
    assert (member.worker_id, member.sex, member.birth_date, case.entry.consent_version) == identity
    assert case.entry.ticket == ticket
    seen = words(case.page(case.region.reporter))
    assert f"姓名：{NAME}→{RIGHT}" in seen and REASON in seen
    assert case.region.organiser.display_name in seen and case.approving.display_name in seen


def test_a_correction_from_a_pdf_is_made_with_the_character_that_is_meant_and_a_self_made_one_is_refused(
    case: Case,
) -> None:
    refused = case.propose(name_1="覃\ue5e5明")
    assert refused.status_code == 422 and "第 2 个字（编码 U+E5E5）是自造字" in refused.get_data(as_text=True)
    assert case.propose(name_1="⻩⼩明").status_code == 303 and case.decide("agree").status_code == 303
    assert case.member.name == "黄小明" and "wangxiaoming" not in case.member.search_text


def test_the_second_person_has_it_among_his_tasks_and_the_first_has_not(case: Case) -> None:
    case.propose(name_1=RIGHT)

    def sentences(user: User) -> list[str]:
        db.session.rollback()
        found = waiting(db.session(), actor(db.session.get_one(User, user.id)), clock.now())
        return [each.sentence for each in found if "更正" in each.sentence]

    [said] = sentences(case.approving)
    assert f"准考证号 {case.entry.ticket} 的更正等待决定" in said and NAME not in said
    assert sentences(case.region.organiser) == sentences(case.region.reporter) == []
    case.decide("refuse", reason="身份证上就是这个字")
    assert sentences(case.approving) == []


def test_nobody_but_the_two_organisers_has_a_part_in_it_and_each_has_his_own(case: Case) -> None:
    assert case.propose(by=case.approving, name_1=RIGHT).status_code == 403
    assert case.propose(by=case.region.reporter, name_1=RIGHT).status_code == 403
    case.propose(name_1=RIGHT)
    for who in (case.region.organiser, case.region.reviewer, case.region.reporter):
        assert case.decide("agree", by=who).status_code == 403
    assert case.decide("take-back", by=case.approving).status_code == 403
    db.session.rollback()
    elsewhere = make_user(("organiser_approving", "competition", make_event().competition_id))
    db.session.commit()
    assert case.decide("agree", by=elsewhere).status_code == 404
    assert case.member.name == NAME


def test_who_holds_both_roles_does_not_decide_on_what_he_proposed(case: Case) -> None:
    db.session.rollback()
    scope = case.entry.competition_id
    both = make_user(("organiser_drafting", "competition", scope), ("organiser_approving", "competition", scope))
    db.session.commit()
    case.propose(by=both, name_1=RIGHT)
    answer = case.decide("agree", by=both)
    assert answer.status_code == 409 and case.member.name == NAME
    assert "同意更正" not in case.page(both) and "收回更正" in case.page(both)


def test_another_organiser_who_drafts_does_not_take_back_what_is_not_his(case: Case) -> None:
    case.propose(name_1=RIGHT)
    db.session.rollback()
    colleague = make_user(("organiser_drafting", "competition", case.entry.competition_id))
    db.session.commit()
    answer = case.decide("take-back", by=colleague)
    assert answer.status_code == 409 and "只有提出人可以收回" in answer.get_data(as_text=True)
    assert case.decide("take-back", by=case.region.organiser).status_code == 303
    assert case.decide("agree").status_code == 409
    assert case.propose(name_1=RIGHT).status_code == 303


def test_what_is_refused_stays_as_it_was_and_is_shown_to_organisers_with_the_reason(case: Case) -> None:
    case.propose(name_1=RIGHT)
    assert case.decide("refuse", reason="字").status_code == 422
    assert case.decide("refuse", reason="与身份证不符").status_code == 303
    assert case.member.name == NAME
    assert "与身份证不符" in case.page(case.region.organiser)
    assert "与身份证不符" not in case.page(case.region.reporter)


def test_identity_is_never_corrected_and_the_page_says_that_another_number_is_another_person(case: Case) -> None:
    page = signed_in(case.app, case.region.organiser).get(f"/desk/entries/{case.entry_id}/correction")
    shown = page.get_data(as_text=True)
    assert "身份证号不对就是另一个人，请办理替补" in shown and 'name="id_number' not in shown
    before = case.member.worker_id
    case.propose(name_1=RIGHT, id_number_1="11010119900307891X", **{"sex-1": "女", "birth_date-1": "1999-09-09"})
    assert [each["field"] for each in case.correction.changes] == ["name"]
    case.decide("agree")
    assert case.member.worker_id == before


def test_a_name_is_corrected_only_by_who_has_seen_the_identity_card(case: Case) -> None:
    answer = case.propose(name_1=RIGHT, card_seen="")
    assert answer.status_code == 422 and "先核对身份证原件" in answer.get_data(as_text=True)
    assert db.session.scalars(select(EntryCorrection)).all() == []


def test_a_name_that_is_another_altogether_warns_the_second_person(case: Case) -> None:
    case.propose(name_1="莫英")
    assert "新旧姓名没有一个相同的字" in case.page(case.approving)
    case.decide("refuse", reason="是另一个人")
    case.propose(name_1=RIGHT)
    assert case.page(case.approving).count("新旧姓名没有一个相同的字") == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name_1": ""}, "姓名"),
        ({"name_1": "韦贵兰（班长）"}, "姓名"),
        ({"organisation_1": "没有的单位"}, "系统中没有“没有的单位”这个单位"),
        ({"organisation_1": ""}, "单位名称"),
        ({"reason": "改"}, "至少 4 个字"),
        ({}, "与现在的报名相同"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_place_and_nothing_is_proposed(
    case: Case, typed: dict[str, str], said: str
) -> None:
    answer = case.propose(**typed)
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert db.session.scalars(select(EntryCorrection)).all() == []


def test_only_an_approved_entry_is_corrected(app: Flask) -> None:
    region = make_region()
    [entry] = submitted(region)
    db.session.commit()
    organiser = signed_in(app, region.organiser)
    assert "更正" not in organiser.get(f"/desk/entries/{entry.id}").get_data(as_text=True).split("<main")[1]
    refused = organiser.get(f"/desk/entries/{entry.id}/correction").get_data(as_text=True)
    assert "现在的状态是“已提交”，不能更正" in refused and "提出更正" not in refused
    answer = organiser.post(f"/desk/entries/{entry.id}/correction", {"version": "2", "reason": REASON})
    assert answer.status_code == 409 and db.session.scalars(select(EntryCorrection)).all() == []


def test_what_was_read_before_somebody_else_corrected_is_not_put_back_over_it(case: Case) -> None:
    old = case.form(level_1="二级/技师")
    case.propose(name_1=RIGHT)
    case.decide("agree")
    answer = signed_in(case.app, case.region.organiser).post(f"/desk/entries/{case.entry_id}/correction", old)
    assert answer.status_code == 409 and f'value="{RIGHT}"' in answer.get_data(as_text=True)


def test_one_correction_waits_at_a_time(case: Case) -> None:
    case.propose(name_1=RIGHT)
    answer = case.propose(level_1="二级/技师")
    assert answer.status_code == 409 and "已有一项更正等待决定" in answer.get_data(as_text=True)


def test_nobody_agrees_to_what_has_changed_since_it_was_proposed(case: Case) -> None:
    case.propose(name_1=RIGHT)
    db.session.rollback()
    case.member.name = "韦桂"
    db.session.commit()
    assert case.decide("agree").status_code == 409 and case.member.name == "韦桂"


def test_who_has_withdrawn_meanwhile_is_not_corrected_but_the_correction_can_be_refused(case: Case) -> None:
    case.propose(name_1=RIGHT)
    with transaction() as session:
        withdraw(
            session,
            [session.get_one(Entry, case.entry_id)],
            "因病",
            by=actor(case.region.organiser),
            at=clock.now(),
            as_organiser=True,
        )
    assert case.decide("agree").status_code == 409 and case.member.name == NAME
    assert case.decide("refuse", reason="已退赛").status_code == 303


def other_employer(case: Case, name: str = "甲市重型机械厂") -> Employer:
    db.session.rollback()
    made = make_employer(case.region.enterprise, name=name)
    db.session.commit()
    return made


def test_employer_and_level_are_corrected_by_the_full_name_of_a_known_unit(case: Case) -> None:
    employer = other_employer(case)
    case.propose(organisation_1=" 甲市重型机械厂", level_1="二级/技师", card_seen="")
    case.decide("agree")
    member = case.member
    assert (member.employer_id, member.employer_name, member.level) == (employer.id, employer.name, "二级/技师")


def test_the_organisers_are_told_of_a_judge_of_the_employer_and_the_unit_is_not(case: Case) -> None:
    employer = other_employer(case)
    make_user(("judge", "event", case.region.event.id), display_name="覃评分", employer_id=employer.id)
    db.session.commit()
    case.propose(organisation_1=employer.name)
    assert "覃评分（裁判员）与更正后的单位或代表队同属一个单位" in case.page(case.approving)
    case.decide("agree")
    assert "覃评分" in case.page(case.region.organiser) and "覃评分" not in case.page(case.region.reporter)


def test_the_organisers_are_told_of_a_judge_of_the_delegation(case: Case) -> None:
    make_user(("judge", "event", case.region.event.id), display_name="覃评分", union=case.region.other_city)
    db.session.commit()
    case.propose(delegation_id=case.region.other_city.id)
    assert "覃评分（裁判员）" in case.page(case.approving)
    case.decide("agree")
    assert case.entry.delegation_id == case.region.other_city.id
    assert case.entry.reporting_union_id == case.region.enterprise.id


def test_nobody_becomes_a_judge_of_his_own_event_by_a_correction(case: Case) -> None:
    make_user(("judge", "event", case.region.event.id), display_name=RIGHT, employer_id=case.region.employer.id)
    db.session.commit()
    answer = case.propose(name_1=RIGHT)
    assert answer.status_code == 422 and "是本项目的裁判或工作人员" in answer.get_data(as_text=True)


def test_a_judge_appointed_meanwhile_is_found_when_it_is_decided(case: Case) -> None:
    case.propose(name_1=RIGHT)
    db.session.rollback()
    make_user(("judge", "event", case.region.event.id), display_name=RIGHT, employer_id=case.region.employer.id)
    db.session.commit()
    answer = case.decide("agree")
    assert answer.status_code == 422 and "是本项目的裁判或工作人员" in answer.get_data(as_text=True)
    assert case.member.name == NAME


def test_a_division_is_corrected_until_a_stage_is_locked(case: Case) -> None:
    db.session.rollback()
    event = case.entry.event
    students = Division(event_id=event.id, name="学生组", position=1)
    db.session.add(students)
    db.session.commit()
    case.propose(division_id=students.id)
    case.decide("agree")
    assert case.entry.division_id == students.id
    first = next(each for each in case.entry.event.divisions if each.id != students.id)
    case.propose(division_id=first.id)
    case.entry.event.stages[0].locked_at = clock.now()
    db.session.commit()
    answer = case.decide("agree")
    assert answer.status_code == 409 and "组别不能再更正" in answer.get_data(as_text=True)
    assert case.entry.division_id == students.id


def test_a_member_of_a_team_is_corrected_and_named_by_his_place(app: Flask) -> None:
    region = make_region()
    event = make_event(region.competition, name="机器人", team_size=2)
    entry, at = make_entry(region, event=event), clock.now()
    add_member(
        db.session(), entry, make_person(employer_id=region.employer.id, name=NAME), by=actor(region.reporter), at=at
    )
    submit_entries(db.session(), [entry], consent_version=1, by=actor(region.reporter), at=at)
    endorse(db.session(), [entry], by=actor(region.reviewer), at=at)
    close_list(db.session(), region.competition, region.city, by=actor(region.reviewer), at=at)
    approve(db.session(), [entry], by=actor(region.organiser), at=at)
    approving = make_user(("organiser_approving", "competition", region.competition.id))
    db.session.commit()
    case = Case(app, region, entry.id, approving)
    first = case.entry.members[0].name
    case.propose(**{"name-2": RIGHT})
    case.decide("agree")
    assert [each.name for each in case.entry.members] == [first, RIGHT]
    assert f"第2名成员的姓名：{NAME}→{RIGHT}" in words(case.page(region.reporter))


def test_the_log_has_digests_only_and_the_act_stands_with_both_people(case: Case) -> None:
    case.propose(name_1=RIGHT)
    case.decide("agree")
    db.session.rollback()
    payloads = "".join(db.session.scalars(select(AuditEvent.payload)))
    assert "entry.propose_correction" in payloads and "entry.correct" in payloads
    assert not [said for said in (NAME, RIGHT, REASON) if said in payloads]
    act = db.session.scalars(select(ActOfTwo).where(ActOfTwo.kind == "entry.correct")).one()
    assert (act.proposed_by, act.decided_by, act.answer) == (case.region.organiser.id, case.approving.id, "agreed")


def findings(case: Case) -> set[str]:
    db.session.rollback()
    return {each.code for each in verify(db.session(), at=clock.now()).findings}


def test_verification_finds_a_name_changed_by_hand_after_it_was_corrected(case: Case) -> None:
    case.propose(name_1=RIGHT)
    case.decide("agree")
    assert "CORRECTED_CHANGED" not in findings(case)
    case.member.name = "韦另外"
    db.session.commit()
    assert "CORRECTED_CHANGED" in findings(case)


def test_verification_finds_a_correction_that_was_written_by_hand(case: Case) -> None:
    db.session.rollback()
    db.session.add(
        EntryCorrection(entry_id=case.entry_id, number=1, changes=[], reason="", by="x", by_name="x", at=clock.now())
    )
    db.session.commit()
    assert "CORRECTION_WITHOUT_AUDIT" in findings(case)


def test_verification_finds_a_correction_that_has_gone(case: Case) -> None:
    case.propose(name_1=RIGHT)
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("DROP TRIGGER entry_correction_no_delete"))
    else:
        db.session.execute(text("ALTER TABLE entry_correction DISABLE TRIGGER USER"))
    db.session.execute(text("DELETE FROM entry_correction"))
    db.session.commit()
    assert "AUDIT_WITHOUT_CORRECTION" in findings(case)


def test_services_say_what_is_wrong_without_a_page(case: Case) -> None:
    by, at = actor(case.region.organiser), clock.now()
    member_id, version = case.member.id, case.entry.version
    wanted = Wanted({member_id: {"name": RIGHT}})
    with pytest.raises(Invalid) as fault, transaction() as session:
        propose_correction(
            session, session.get_one(Entry, case.entry_id), wanted, REASON, version=version, by=by, at=at
        )
    assert fault.value.problems[0].code == "invalid.correction_card"
    case.propose(name_1=RIGHT)
    with pytest.raises(StateForbids) as refusal, transaction() as session:
        agree_to_correction(session, session.get_one(EntryCorrection, case.correction.id), by=by, at=at)
    assert refusal.value.code == "state.second_person"


def test_approved_entries_of_others_are_not_in_scope(app: Flask) -> None:
    region, other = make_region(), make_region()
    [entry] = approved(other)
    db.session.commit()
    assert signed_in(app, region.organiser).get(f"/desk/entries/{entry.id}/correction").status_code == 404
