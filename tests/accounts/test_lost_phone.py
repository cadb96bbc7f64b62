"""A lost phone: two people unbind it, neither of them its owner, and who the second one may be."""

import pytest
from flask import Flask
from sqlalchemy import select

from competitions.accounts.factor.lost_phone import may_decide
from competitions.accounts.factor.unbinding import agree, ask
from competitions.accounts.models import ActOfTwo, RoleAssignment, SecondFactor, User
from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.base.errors import NotFound, StateForbids
from tests.accounts.phones import Clock, bind, signed_in_with, who, with_code
from tests.factories import actor, make_event, make_union, make_user
from tests.factories_organisations import anew
from tests.people import Client

REASON = "当面核对身份证，手机昨天丢失"


@pytest.fixture
def now(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def administrator() -> User:
    return make_user(("administrator", "system", None))


def client_of(app: Flask, user: User) -> Client:
    name = user.username
    db.session.commit()
    client = Client(app)
    assert client.sign_in(name).location == "/desk/"
    return client


def bound() -> str | None:
    return anew().scalar(select(SecondFactor.user_id))


def test_one_asks_another_agrees_and_the_password_alone_opens_again(app: Flask, now: Clock) -> None:
    owner, first, second = make_user(("reporter", "union", "u")), administrator(), administrator()
    db.session.commit()
    phone, codes = bind(owner)
    name, owner_id = owner.username, owner.id
    at_work = signed_in_with(app, owner, phone)
    asking, agreeing = client_of(app, first), client_of(app, second)
    assert asking.post(f"/desk/users/{owner_id}/lost-phone", {"reason": "丢"}).status_code == 422
    assert asking.post(f"/desk/users/{owner_id}/lost-phone", {"reason": REASON}).status_code == 303
    assert bound() == owner_id
    assert "手机丢失，申请解除动态口令" in agreeing.get("/desk/").get_data(as_text=True)
    assert REASON in agreeing.get("/desk/lost-phones").get_data(as_text=True)
    assert REASON not in asking.get("/desk/lost-phones").get_data(as_text=True)
    assert agreeing.post(f"/desk/lost-phones/{owner_id}/agree").status_code == 303
    assert bound() is None and who(at_work) is None
    assert Client(app).sign_in(name).location == "/desk/"
    act = anew().scalars(select(ActOfTwo)).one()
    assert (act.kind, act.proposed_by, act.decided_by, act.answer) == ("factor.remove", first.id, second.id, "agreed")
    words = [each.payload for each in anew().scalars(select(AuditEvent))]
    assert sum("factor.lost_asked" in each for each in words) == sum("factor.remove" in each for each in words) == 1


def test_whoever_asked_does_not_agree_and_may_take_it_back(app: Flask, now: Clock) -> None:
    owner, first = make_user(("reporter", "union", "u")), administrator()
    db.session.commit()
    phone, _ = bind(owner)
    asking, owner_id, name = client_of(app, first), owner.id, owner.username
    db.session.rollback()
    asking.post(f"/desk/users/{owner_id}/lost-phone", {"reason": REASON})
    assert asking.post(f"/desk/lost-phones/{owner_id}/agree").status_code == 409
    assert asking.post(f"/desk/users/{owner_id}/lost-phone", {"reason": REASON}).status_code == 303  # says so only
    assert bound() == owner_id
    assert asking.post(f"/desk/users/{owner_id}/lost-phone/take-back").status_code == 303
    assert asking.post(f"/desk/users/{owner_id}/lost-phone/take-back").status_code == 409
    client = Client(app)
    client.sign_in(name)
    assert with_code(client, phone.code()) == 303


def test_a_refusal_leaves_the_phone_bound(app: Flask, now: Clock) -> None:
    owner, first, second = make_user(("reporter", "union", "u")), administrator(), administrator()
    db.session.commit()
    bind(owner)
    asking, agreeing, owner_id = client_of(app, first), client_of(app, second), owner.id
    db.session.rollback()
    asking.post(f"/desk/users/{owner_id}/lost-phone", {"reason": REASON})
    assert agreeing.post(f"/desk/lost-phones/{owner_id}/refuse").status_code == 303
    assert bound() == owner_id
    assert agreeing.post(f"/desk/lost-phones/{owner_id}/agree").status_code == 409


def test_nobody_asks_for_himself_or_for_an_account_beyond_his_reach(app: Flask, now: Clock) -> None:
    first, drafter = administrator(), make_user(("organiser_drafting", "system", None))
    db.session.commit()
    for user in (first, drafter):
        bind(user)
    for by, user, code in ((first, first, "own_account"), (drafter, first, "account_not_yours")):
        with pytest.raises(StateForbids, match=code), transaction() as session:
            ask(session, session.get_one(User, user.id), REASON, by=actor(by), at=now.at)


def test_another_phone_bound_meanwhile_is_not_unbound(app: Flask, now: Clock) -> None:
    owner, first, second = make_user(("reporter", "union", "u")), administrator(), administrator()
    db.session.commit()
    bind(owner)
    with transaction() as session:
        ask(session, session.get_one(User, owner.id), REASON, by=actor(first), at=now.at)
    bind(owner)
    with pytest.raises(StateForbids, match="act_changed"), transaction() as session:
        agree(session, session.get_one(User, owner.id), by=actor(second), at=now.at)
    assert bound() == owner.id


def test_who_the_second_person_may_be(app: Flask, now: Clock) -> None:
    event, other = make_event(), make_event()
    top = make_union()
    below = make_union(top)
    people = {
        "administrator": administrator(),
        "its supervisor": make_user(("supervisor", "event", event.id)),
        "supervisor of the competition": make_user(("supervisor", "competition", event.competition_id)),
        "supervisor elsewhere": make_user(("supervisor", "event", other.id)),
        "organiser": make_user(("organiser_drafting", "competition", event.competition_id)),
        "reviewer above": make_user(("reviewer", "union", top.id)),
        "colleague": make_user(("reviewer", "union", below.id)),
    }
    owners = {
        "coder": make_user(("coder", "event", event.id)),
        "coder here and elsewhere": make_user(("coder", "event", event.id), ("coder", "event", other.id)),
        "organiser": make_user(("organiser_drafting", "competition", event.competition_id)),
        "supervisor": make_user(("supervisor", "event", event.id)),
        "approver": make_user(("organiser_approving", "competition", event.competition_id)),
        "administrator": administrator(),
        "reviewer": make_user(("reviewer", "union", below.id), union=below),
        "nobody": make_user(),
    }
    db.session.commit()

    def deciding(owner: str) -> set[str]:
        return {
            name for name, user in people.items() if may_decide(db.session(), actor(user), owners[owner], now.at)
        } - {"administrator"}

    assert all(may_decide(db.session(), actor(people["administrator"]), user, now.at) for user in owners.values())
    assert deciding("coder") == {"its supervisor", "supervisor of the competition"}
    assert deciding("coder here and elsewhere") == set()
    assert deciding("organiser") == {"its supervisor", "supervisor of the competition"}
    assert deciding("supervisor") == deciding("approver") == deciding("administrator") == deciding("nobody") == set()
    assert deciding("reviewer") == {"reviewer above"}
    assert not may_decide(db.session(), actor(owners["administrator"]), owners["administrator"], now.at)


def test_for_whoever_may_not_decide_there_is_nothing(app: Flask, now: Clock) -> None:
    owner, first, stranger = (
        make_user(("reporter", "union", "u")),
        administrator(),
        make_user(("reporter", "union", "v")),
    )
    db.session.commit()
    bind(owner)
    with transaction() as session:
        ask(session, session.get_one(User, owner.id), REASON, by=actor(first), at=now.at)
    with pytest.raises(NotFound), transaction() as session:
        agree(session, session.get_one(User, owner.id), by=actor(stranger), at=now.at)
    client, owner_id = client_of(app, stranger), owner.id
    db.session.rollback()
    for tail in ("agree", "refuse"):
        assert client.post(f"/desk/lost-phones/{owner_id}/{tail}").status_code == 404
    assert bound() == owner_id


def test_the_only_administrator_is_told_and_helped_at_the_server(app: Flask, now: Clock) -> None:
    owner = administrator()
    db.session.commit()
    phone, _ = bind(owner)
    client, name = signed_in_with(app, owner, phone), owner.username
    db.session.rollback()
    assert "flask accounts lost-phone" in client.get("/desk/second-factor").get_data(as_text=True)
    second = administrator()
    db.session.commit()
    assert "flask accounts lost-phone" not in client.get("/desk/second-factor").get_data(as_text=True)
    run = app.test_cli_runner()
    refused = run.invoke(args=["accounts", "lost-phone", name])
    assert refused.exit_code == 1 and "由两人" in refused.output
    assert bound() == owner.id
    db.session.get_one(User, second.id).active = False
    db.session.commit()
    assert run.invoke(args=["accounts", "lost-phone", "nobody"]).exit_code == 1
    assert run.invoke(args=["accounts", "lost-phone", name.upper()]).exit_code == 0
    assert bound() is None and who(client) is None


def test_a_role_that_is_over_keeps_no_supervisor_from_helping(app: Flask, now: Clock) -> None:
    event = make_event()
    owner = make_user(("coder", "event", event.id), ("organiser_approving", "system", None))
    supervisor = make_user(("supervisor", "event", event.id))
    db.session.commit()
    assert not may_decide(db.session(), actor(supervisor), owner, now.at)
    row = db.session.scalars(select(RoleAssignment).where(RoleAssignment.role == "organiser_approving")).one()
    row.valid_to = clock.now()
    db.session.commit()
    assert may_decide(db.session(), actor(supervisor), owner, now.at)
