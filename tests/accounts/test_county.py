"""三人办赛: what it lets the three do, and what keeps two people two people in spite of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.accounts.models import ActOfTwo, CountyProfile, KnownDevice, RoleAssignment, SignIn, User
from competitions.accounts.pairs.requests import agree, ask_for_reset, ask_for_role
from competitions.accounts.services import assign_role
from competitions.accounts.sign_in.activation import issue_code
from competitions.accounts.three import county, naming_three
from competitions.accounts.three.naming_three import Device
from competitions.audit.recording import transaction
from competitions.base import clock, roles
from competitions.base.database import db
from competitions.base.errors import Invalid, Refusal, StateForbids
from competitions.base.permissions import SYSTEM, Actor, Scopes
from competitions.programme.events.services import copy_event, create_event
from competitions.programme.models import Competition
from competitions.words.sentences import SENTENCES
from tests.factories import actor, make_competition, make_event, make_user
from tests.people import Client

DEVICE = Device("工会办公室台式机", "赛场只有一台能联网的电脑")


@dataclass
class Three:
    """A competition with one event without codes, three people for it, and an administrator."""

    competition_id: str
    event_id: str
    people: list[str]
    administrator: str

    def by(self, number: int) -> Actor:
        """The first, second or third."""
        db.session.rollback()
        return actor(db.session.get_one(User, self.people[number - 1]))

    def users(self) -> list[User]:
        """The three."""
        return [db.session.get_one(User, each) for each in self.people]

    def propose(self, device: Device | None = None) -> None:
        """The first proposes."""
        by = self.by(1)
        with transaction() as session:
            users = [session.get_one(User, each) for each in self.people]
            naming_three.propose_three(session, self.competition_id, users, device, by=by, at=clock.now())

    def decide(self, number: int, agreed: bool = True) -> None:
        """One of them decides."""
        by = self.by(number)
        with transaction() as session:
            waiting = county.proposed(session, self.competition_id)
            assert waiting is not None
            naming_three.decide_three(session, waiting, agreed, [self.event_id], by=by, at=clock.now())

    def give(self, number: int, to: str, role: str) -> None:
        """One of them asks that somebody be given a role in the event, the administrator agrees."""
        by, other = self.by(number), actor(db.session.get_one(User, self.administrator))
        scope = ("competition", self.competition_id) if role == "organiser_approving" else ("event", self.event_id)
        with transaction() as session:
            asked = ask_for_role(session, session.get_one(User, to), role, scope, by=by, at=clock.now())
            agree(session, asked.batch_id, by=other, at=clock.now())


@pytest.fixture
def three(app: Flask) -> Three:
    """Three people, none of whom has anything in the event yet."""
    event = make_event(make_competition(), code_levels=0)
    here = event.competition_id
    found = [
        make_user(("organiser_drafting", "competition", here)),
        make_user(("organiser_approving", "competition", here)),
        make_user(),
    ]
    administrator = make_user(("administrator", "system", None))
    made = Three(here, event.id, [each.id for each in found], administrator.id)
    db.session.commit()
    return made


def refused(act: Callable[[], object]) -> str:
    """The code of the refusal."""
    with pytest.raises(Refusal) as fault:
        act()
    db.session.rollback()
    return fault.value.problems[0]["code"] if fault.value.problems else fault.value.code


def roles_in(three: Three, number: int) -> set[str]:
    """What one of the three holds in the event."""
    db.session.rollback()
    rows = select(RoleAssignment.role).where(
        RoleAssignment.user_id == three.people[number - 1], RoleAssignment.scope_id == three.event_id
    )
    return set(db.session.scalars(rows))


def test_one_pair_of_roles_and_no_other_is_lifted() -> None:
    pairs = {
        frozenset((one, other)): roles.lifted(one, other)
        for one in roles.CODES
        for other in roles.CODES
        if one != other and roles.lifted(one, other)
    }
    assert pairs == {frozenset(("coder", "steward")): 1}


def test_the_three_hold_every_needed_role_and_all_exclusions_but_the_lifted_one_keep() -> None:
    held = {role: number for number in (1, 2, 3) for role in roles.of_three(number)}
    assert set(roles.NEEDED) | {"organiser_drafting", "organiser_approving"} == set(held)
    together = {
        frozenset((one, other))
        for one in held
        for other in held
        if roles.exclude(one, other) and held[one] == held[other]
    }
    assert together == {frozenset(("coder", "steward"))}


def test_agreed_each_gets_his_roles_and_only_then(three: Three) -> None:
    three.propose()
    assert roles_in(three, 1) == set()
    three.decide(2)
    assert [roles_in(three, number) for number in (1, 2, 3)] == [
        {"coder", "steward"},
        {"checker", "supervisor"},
        {"chief_judge", "judge"},
    ]


def test_without_it_nobody_is_coder_and_steward_and_with_it_only_the_first(three: Three) -> None:
    other = make_user()
    db.session.commit()
    three.give(1, other.id, "coder")
    assert refused(lambda: three.give(1, other.id, "steward")) == "state.roles_exclusive"
    three.propose()
    three.decide(2)
    assert refused(lambda: three.give(1, other.id, "steward")) == "state.roles_exclusive"
    assert refused(lambda: three.give(1, three.people[1], "judge")) == "state.roles_exclusive"


def test_the_second_agrees_himself_and_nobody_in_his_place(three: Three) -> None:
    stranger = make_user(("organiser_approving", "competition", three.competition_id))
    db.session.commit()
    three.propose()
    with pytest.raises(StateForbids) as fault, transaction() as session:
        waiting = county.proposed(session, three.competition_id)
        assert waiting is not None
        naming_three.decide_three(
            session, waiting, True, [], by=actor(session.get_one(User, stranger.id)), at=clock.now()
        )
    assert fault.value.code == "state.county_not_second"
    db.session.rollback()
    assert refused(lambda: three.decide(1)) == "state.county_not_second"


def test_the_proposer_is_not_the_second(three: Three) -> None:
    three.people[0], three.people[1] = three.people[1], three.people[0]
    with pytest.raises(StateForbids) as fault, transaction() as session:
        users = [session.get_one(User, each) for each in three.people]
        by = actor(users[1])
        naming_three.propose_three(session, three.competition_id, users, None, by=by, at=clock.now())
    assert fault.value.code == "state.county_second_is_you"


def test_refused_or_taken_back_nothing_changes_and_another_can_be_proposed(three: Three) -> None:
    three.propose()
    assert refused(three.propose) == "state.county_waits"
    three.decide(2, agreed=False)
    three.propose()
    by = three.by(1)
    with transaction() as session:
        waiting = county.proposed(session, three.competition_id)
        assert waiting is not None
        naming_three.take_back_three(session, waiting, by=by, at=clock.now())
    assert roles_in(three, 1) == set() and county.in_force(db.session(), three.competition_id) is None
    three.propose()
    three.decide(2)
    assert db.session.scalars(select(ActOfTwo.answer).order_by(ActOfTwo.proposed_at)).all() == [
        "refused",
        "taken_back",
        "agreed",
    ]


def test_an_administrator_is_none_of_the_three_and_none_of_them_becomes_one(three: Three) -> None:
    third, three.people[2] = three.people[2], three.administrator
    assert refused(three.propose) == "invalid.county.administrator"
    three.people[2] = third
    three.propose()
    three.decide(2)
    with pytest.raises(StateForbids) as fault, transaction() as session:
        person = session.get_one(User, three.people[0])
        assign_role(session, person, "administrator", "system", None, by=SYSTEM, at=clock.now())
    assert fault.value.code == "state.county_administrator"


def test_whoever_was_shown_the_seconds_code_does_not_run_a_contest_with_him(three: Three) -> None:
    by = three.by(1)
    with transaction() as session:
        issue_code(session, session.get_one(User, three.people[1]), by=by, at=clock.now())
    assert refused(three.propose) == "invalid.county.code_known"
    administrator = actor(db.session.get_one(User, three.administrator))
    with transaction() as session:
        issue_code(
            session, session.get_one(User, three.people[1]), by=administrator, at=clock.now() + timedelta(minutes=1)
        )
    three.propose()


def test_the_seconds_account_is_reset_by_an_administrator_only(three: Three) -> None:
    three.propose()
    three.decide(2)

    def reset(by: Actor) -> None:
        with transaction() as session:
            ask_for_reset(session, session.get_one(User, three.people[1]), by=by, at=clock.now())

    first = three.by(1)
    assert refused(lambda: reset(first)) == "state.county_second_account"
    reset(actor(db.session.get_one(User, three.administrator)))


@pytest.mark.parametrize("role", ["organiser_approving", "supervisor"])
def test_none_of_the_three_gives_himself_another_second(three: Three, role: str) -> None:
    puppet = make_user()
    db.session.commit()
    three.propose()
    three.decide(2)
    assert refused(lambda: three.give(1, puppet.id, role)) == "state.county_second_role"
    three.give(1, puppet.id, "judge")  # a judge lent by another union may be named


def test_the_three_are_replaced_by_the_same_act_with_the_new_second(three: Three) -> None:
    three.propose()
    three.decide(2)
    first = county.in_force(db.session(), three.competition_id)
    assert first is not None
    old, new = first.id, make_user(("organiser_approving", "competition", three.competition_id))
    db.session.commit()
    three.people[1] = new.id
    three.propose()
    assert county.in_force(db.session(), three.competition_id) is not None  # until he agrees the old ones run it
    three.decide(2)
    db.session.rollback()
    assert db.session.get_one(CountyProfile, old).state == "replaced"
    assert roles_in(three, 2) == {"checker", "supervisor"}


def test_ended_the_ordinary_rules_hold_for_what_is_given_from_then_on(three: Three) -> None:
    three.propose()
    three.decide(2)
    by = three.by(1)
    with transaction() as session:
        profile = county.in_force(session, three.competition_id)
        assert profile is not None
        naming_three.end_three(session, profile, by=by, at=clock.now())
    assert not county.may_sign_own(db.session(), three.competition_id, three.people[2])
    assert not county.is_second(db.session(), three.people[1])


def test_a_device_is_named_with_its_reason(three: Three) -> None:
    assert refused(lambda: three.propose(Device("", "赛场只有一台电脑"))) == "invalid.county.device_name"
    assert refused(lambda: three.propose(Device("台式机", " "))) == "invalid.county.device_reason"
    for code in ("invalid.county.device_name", "invalid.county.device_reason"):
        assert code in SENTENCES


def at_devices(three: Three, first: str, second: str) -> ActOfTwo:
    """An act of the first and the second, each at a browser with this token."""
    at = clock.now()
    with transaction() as session:
        act = ActOfTwo(
            kind="county.profile", object_id=three.competition_id, reason="", proposed_by=three.people[0],
            proposed_device=first, proposed_at=at, decided_by=three.people[1], decided_device=second, decided_at=at,
            answer="agreed",
        )  # fmt: skip
        session.add(act)
        session.flush()
        return act


def signed_in_at(user_id: str, token: str) -> Actor:
    """The user at a browser that keeps this token."""
    user = db.session.get_one(User, user_id)
    device = KnownDevice(user_id=user.id, token_hash=token, first_at=clock.now())
    db.session.add(device)
    db.session.flush()
    entry = SignIn(
        user_id=user.id, token_hash=f"{token}{user.id}"[:64], created_at=clock.now(), seen_at=clock.now(),
        expires_at=clock.now() + timedelta(hours=1), device_id=device.id,
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    made = actor(user)
    return Actor(made.id, made.username, made.display_name, entry.id, None, made.assignments, device.id)


def test_the_named_device_explains_what_two_did_at_it_and_no_other_device_does(app: Flask, three: Three) -> None:
    by = signed_in_at(three.people[0], "d" * 64)
    db.session.commit()
    with transaction() as session:
        users = [session.get_one(User, each) for each in three.people]
        naming_three.propose_three(session, three.competition_id, users, DEVICE, by=by, at=clock.now())
    three.decide(2)
    here, elsewhere = at_devices(three, "d" * 64, "d" * 64), at_devices(three, "e" * 64, "e" * 64)
    named, other = here.id, elsewhere.id
    supervisor = db.session.get_one(User, three.people[1]).username
    db.session.commit()
    client = Client(app)
    client.sign_in(supervisor)
    acts = db.session.scalars(select(ActOfTwo).where(ActOfTwo.id.in_([named, other]))).all()
    found = county.explained(
        db.session(), acts, county.named_devices(db.session(), Scopes(competitions=frozenset({three.competition_id})))
    )
    assert set(found) == {named}
    db.session.rollback()
    page = client.get(f"/desk/competitions/{three.competition_id}/county").get_data(as_text=True)
    assert "共用设备“工会办公室台式机”" in page and "同一设备" in page and "请核实是否由两人分别操作" in page


def test_a_device_named_in_one_competition_explains_nothing_in_another(three: Three) -> None:
    by = signed_in_at(three.people[0], "d" * 64)
    db.session.commit()
    with transaction() as session:
        users = [session.get_one(User, each) for each in three.people]
        naming_three.propose_three(session, three.competition_id, users, DEVICE, by=by, at=clock.now())
    three.decide(2)
    other = make_competition()
    db.session.commit()
    here = three.competition_id
    three.competition_id = other.id
    act = at_devices(three, "d" * 64, "d" * 64)
    named = county.named_devices(db.session(), Scopes(competitions=frozenset({here, other.id})))
    assert len(named) == 1 and county.explained(db.session(), [act], named) == {}


def test_an_event_with_codes_that_people_seal_is_refused_while_three_run_it(app: Flask, three: Three) -> None:
    three.propose()
    three.decide(2)
    by = three.by(1)
    with pytest.raises(Invalid) as fault, transaction() as session:
        competition = session.get_one(Competition, three.competition_id)
        values = {"name": "焊工二", "code_levels": 1}
        create_event(session, competition, values, [(None, "职工组")], [(None, "决赛")], by=by, at=clock.now())
    assert fault.value.problems[0]["code"] == "invalid.programme.county_levels"
    source = make_event(make_competition(), code_levels=2)
    db.session.commit()
    with transaction() as session:
        competition = session.get_one(Competition, three.competition_id)
        made = copy_event(session, session.merge(source), competition, "焊工三", by=by, at=clock.now())
        assert made.code_levels == 0
