"""The second factor: who is asked, what opens, what does not, and how often."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from competitions.accounts.factor import second_factor
from competitions.accounts.models import CountyProfile, RecoveryCode, SecondFactor, SignIn, User
from competitions.accounts.services import reset_account
from competitions.accounts.settings import SECOND_FACTOR
from competitions.accounts.sign_in import signing_in_steps
from competitions.accounts.sign_in.signing_in_again import Typed
from competitions.audit.models import AuditEvent
from competitions.audit.recording import transaction
from competitions.base import clock, config
from competitions.base.config import Settings, from_environment, refusal
from competitions.base.database import db
from competitions.base.errors import Invalid
from competitions.base.roles import ROLE_PERMISSIONS, USUALLY_WITH_FACTOR, WITH_FACTOR
from competitions.base.settings import DEMONSTRATION, Setting
from competitions.serving import demo_settings
from tests.accounts.phones import Clock, bind, hidden, phone_of, recovery_codes_of, signed_in_with, who, with_code
from tests.factories import actor, allow, make_event, make_user
from tests.factories_organisations import anew
from tests.people import PASSWORD, Client

USUAL = {"administrator", "organiser_approving"}
NAMED = USUAL | {"organiser_drafting", "coder", "supervisor", "chief_judge"}


@pytest.fixture
def now(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def profile(app: Flask, settings: Settings) -> None:
    """A real installation, as `make serve` starts it."""
    app.extensions["settings"] = replace(settings, profile="standard")


def person(role: str | None = None) -> User:
    """Somebody with a role in the system or in an event."""
    kind = "system" if role in (None, "administrator", "organiser_drafting", "organiser_approving") else "event"
    user = make_user(*([(role, kind, None if kind == "system" else "event")] if role else []))
    db.session.commit()
    return user


def told(word: str) -> int:
    return sum(f'"{word}"' in each.payload for each in anew().scalars(select(AuditEvent)))


def leads_to(app: Flask, user: User) -> str:
    answer = Client(app).sign_in(user.username)
    assert answer.status_code == 303
    return answer.location


def test_the_roles_that_may_need_it_are_these() -> None:
    assert set(WITH_FACTOR) == NAMED and set(USUALLY_WITH_FACTOR) == USUAL


@pytest.mark.parametrize(
    ("served", "level", "needing"),
    [
        ("open", None, set()),
        ("open", 2, NAMED),
        ("standard", None, USUAL),
        ("standard", 0, set()),
        ("standard", 2, NAMED),
        ("dengbao3", None, NAMED),
        ("dengbao3", 0, NAMED),
    ],
)
def test_who_needs_it_depends_on_the_setting_and_on_how_the_system_is_served(
    app: Flask, served: str, level: int | None, needing: set[str]
) -> None:
    if level is not None:
        allow(SECOND_FACTOR, level)
    assert second_factor.needing(db.session(), served) == needing


def test_a_demonstration_asks_nobody(app: Flask, settings: Settings) -> None:
    allow(SECOND_FACTOR, 2)
    db.session.add(Setting(name=DEMONSTRATION, value="seed 7"))
    db.session.commit()
    app.extensions["settings"] = replace(settings, profile="dengbao3")
    assert leads_to(app, person("administrator")) == "/desk/"
    assert demo_settings(settings).profile == "open"


def test_make_serve_asks_and_an_unknown_profile_does_not_start(tmp_path: Path) -> None:
    place = {"INSTANCE_PATH": str(tmp_path)}
    assert from_environment(place).profile == "standard"
    assert from_environment({**place, "PROFILE": "dengbao3"}).profile == "dengbao3"
    assert "PROFILE=strict" in (refusal(from_environment({**place, "PROFILE": "strict"})) or "")
    assert all(refusal(from_environment({**place, "PROFILE": each})) is None for each in config.PROFILES)


@pytest.mark.parametrize("role", sorted(ROLE_PERMISSIONS))
def test_whoever_does_not_need_it_signs_in_as_ever(app: Flask, profile: None, role: str) -> None:
    assert leads_to(app, person(role)) == ("/login/phone" if role in USUAL else "/desk/")


def test_three_who_run_a_competition_are_not_asked_for_what_they_do_in_it(app: Flask, settings: Settings) -> None:
    event = make_event()
    here = ("organiser_approving", "competition", event.competition_id)
    second, elsewhere, other = make_user(here), make_user(here, ("administrator", "system", None)), make_user(here)
    db.session.add(three_of(event.competition_id, second.id, elsewhere.id, make_user().id))
    db.session.commit()
    allow(SECOND_FACTOR, 2)
    assert leads_to(app, second) == "/desk/"
    assert leads_to(app, elsewhere) == leads_to(app, other) == "/login/phone"
    app.extensions["settings"] = replace(settings, profile="dengbao3")
    assert leads_to(app, second) == "/login/phone"


def three_of(competition_id: str, first: str, second: str, third: str) -> CountyProfile:
    """An agreed profile of a competition that three people run."""
    return CountyProfile(
        competition_id=competition_id,
        first_id=first,
        second_id=second,
        third_id=third,
        state="agreed",
        proposed_by=first,
        proposed_at=clock.now(),
        decided_by=second,
        decided_at=clock.now(),
    )


def test_a_role_that_is_over_asks_for_nothing(app: Flask, profile: None) -> None:
    user = person("administrator")
    user.roles[0].valid_to = clock.now() - timedelta(days=1)
    db.session.commit()
    assert leads_to(app, user) == "/desk/"


def test_before_anything_else_a_phone_is_bound_and_the_recovery_codes_are_shown_once(
    app: Flask, profile: None, now: Clock
) -> None:
    user, client = person("administrator"), Client(app)
    client.sign_in(user.username)
    assert who(client) is None and client.get("/desk/").status_code == 302
    assert client.get("/login/code").location == "/login/phone"
    page = client.get("/login/phone")
    assert page.headers["Cache-Control"] == "no-store"
    words = page.get_data(as_text=True)
    phone, offer = phone_of(words), hidden(words, "offer")
    assert phone.secret not in offer and "<svg" in words
    wrong = client.post("/login/phone", {"offer": offer, "code": "000000"})
    assert wrong.status_code == 422 and hidden(wrong.get_data(as_text=True), "offer") == offer
    done = client.post("/login/phone", {"offer": offer, "code": phone.code()})
    assert done.status_code == 200 and done.headers["Cache-Control"] == "no-store"
    codes = recovery_codes_of(done.get_data(as_text=True))
    client.token = None
    assert len(set(codes)) == 10 and who(client) == user.username
    kept = anew().scalars(select(SecondFactor)).one()
    assert phone.secret not in kept.secret
    assert not any(
        code.replace("-", "") in each.digest.upper() for code in codes for each in anew().scalars(select(RecoveryCode))
    )
    assert told("factor.enrol") == 1 and told("sign_in.code_failed") == 1


def test_the_offer_of_another_is_not_taken(app: Flask, profile: None, now: Clock) -> None:
    first, second = Client(app), Client(app)
    names = [user.username for user in (person("administrator"), person("administrator"))]
    db.session.rollback()
    for client, name in zip((first, second), names, strict=True):
        client.sign_in(name)
    words = first.get("/login/phone").get_data(as_text=True)
    offer, code = hidden(words, "offer"), phone_of(words).code()
    assert second.post("/login/phone", {"offer": offer, "code": code}).status_code == 422
    assert second.post("/login/phone", {"offer": "v1.x.y.z", "code": code}).status_code == 422
    now.later(minutes=16)
    assert first.post("/login/phone", {"offer": offer, "code": code}).status_code == 303  # to the sign-in: too late
    assert anew().scalar(select(SecondFactor)) is None


def test_a_password_alone_binds_no_second_phone(app: Flask, profile: None, now: Clock) -> None:
    user, thief = person("administrator"), Client(app)
    thief.sign_in(user.username)
    words = thief.get("/login/phone").get_data(as_text=True)
    bind(user)
    answer = thief.post("/login/phone", {"offer": hidden(words, "offer"), "code": phone_of(words).code()})
    assert answer.location == "/login/code" and who(thief) is None


def test_the_code_of_the_phone_opens_once(app: Flask, now: Clock) -> None:
    user = person()
    phone, _ = bind(user)
    client, other = Client(app), Client(app)
    for each in (client, other):
        assert each.sign_in(user.username).location == "/login/code" and who(each) is None
    code = phone.code()
    assert with_code(client, code) == 303
    answer = other.post("/login/code", {"code": code})
    assert answer.status_code == 422 and "已经用过" in answer.get_data(as_text=True) and who(other) is None
    now.later(seconds=30)
    assert with_code(other, phone.code()) == 303
    assert who(client) == who(other) == user.username


def test_the_code_that_bound_the_phone_opens_nothing(app: Flask, profile: None, now: Clock) -> None:
    user, client = person("administrator"), Client(app)
    client.sign_in(user.username)
    words = client.get("/login/phone").get_data(as_text=True)
    code = phone_of(words).code()
    client.post("/login/phone", {"offer": hidden(words, "offer"), "code": code})
    other = Client(app)
    other.sign_in(user.username)
    assert with_code(other, code) == 422


def test_one_code_sent_many_times_at_once_opens_one_sign_in(app: Flask, now: Clock) -> None:
    user = person()
    phone, _ = bind(user)
    clients, answers, code = [Client(app) for _ in range(4)], [], phone.code()
    for client in clients:
        client.sign_in(user.username)
        client.csrf()
    start = threading.Barrier(len(clients))

    def send(client: Client) -> None:
        start.wait()
        answers.append(with_code(client, code))

    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(303) == 1 == len(anew().scalars(select(SignIn)).all())


def test_of_two_who_have_read_the_same_step_one_takes_it(app: Flask, now: Clock) -> None:
    user = person()
    phone, _ = bind(user)
    by, session = actor(user), db.session()
    factor = session.get_one(SecondFactor, session.scalars(select(SecondFactor.id)).one())
    session.execute(
        update(SecondFactor).values(last_step=factor.last_step + 100).execution_options(synchronize_session=False)
    )
    with pytest.raises(Invalid, match="factor_used"):
        second_factor.accept(session, user.id, phone.code(), by=by, at=now.at)


@pytest.mark.parametrize(("seconds", "status"), [(-60, 422), (-30, 303), (0, 303), (30, 303), (60, 422)])
def test_a_phone_may_be_half_a_minute_early_or_late(app: Flask, now: Clock, seconds: int, status: int) -> None:
    user, client = person(), Client(app)
    phone, _ = bind(user)
    client.sign_in(user.username)
    assert with_code(client, phone.code(now.at + timedelta(seconds=seconds))) == status


def test_a_recovery_code_opens_once_however_it_is_typed(app: Flask, now: Clock) -> None:
    user = person()
    _, codes = bind(user)
    for typed, status in ((codes[0].lower().replace("-", " "), 303), (codes[0], 422), (codes[1], 303)):
        client = Client(app)
        client.sign_in(user.username)
        assert with_code(client, typed) == status
    assert told("factor.recovery_used") == 2


def test_the_recovery_code_of_another_opens_nothing(app: Flask, now: Clock) -> None:
    user, other = person(), person()
    bind(user)
    _, codes = bind(other)
    client = Client(app)
    client.sign_in(user.username)
    assert with_code(client, codes[0]) == 422


def test_wrong_codes_are_counted_and_lock_even_the_right_one(app: Flask, now: Clock) -> None:
    user, client = person(), Client(app)
    phone, _ = bind(user)
    client.sign_in(user.username)
    assert [with_code(client, "000000") for _ in range(5)] == [422] * 5
    locked = client.post("/login/code", {"code": phone.code()})
    assert locked.status_code == 429 and locked.headers["Retry-After"] == "900"
    assert told("sign_in.code_failed") == 5 and told("sign_in.code_locked") == 1
    now.later(minutes=16)
    client.sign_in(user.username)
    assert with_code(client, phone.code()) == 303


def test_a_thief_with_the_password_does_not_lock_the_owners_own_device(app: Flask, now: Clock) -> None:
    user = person()
    phone, _ = bind(user)
    owner, thief = signed_in_with(app, user, phone), Client(app)
    owner.post("/logout")
    thief.sign_in(user.username)
    assert [with_code(thief, "000000") for _ in range(6)][-1] == 429
    now.later(seconds=30)
    owner.token = None
    owner.sign_in(user.username)
    assert with_code(owner, phone.code()) == 303


def test_nobody_comes_to_the_code_without_a_password(app: Flask, now: Clock) -> None:
    phone, _ = bind(person())
    for address in ("/login/code", "/login/phone"):
        assert Client(app).get(address).location == "/login"
        assert Client(app).post(address, {"code": phone.code()}).location == "/login"


def test_what_was_begun_ends_with_time_with_the_password_and_with_the_account(app: Flask, now: Clock) -> None:
    user, client = person(), Client(app)
    phone, _ = bind(user)
    client.sign_in(user.username)
    anew().get_one(User, user.id).active = False
    db.session.commit()
    assert client.post("/login/code", {"code": phone.code()}).location == "/login" and who(client) is None
    anew().get_one(User, user.id).active = True
    db.session.commit()
    client.sign_in(user.username)
    now.later(seconds=signing_in_steps.LIFE.total_seconds() + 1)
    assert client.post("/login/code", {"code": phone.code()}).location == "/login"
    client.sign_in(user.username)
    anew().get_one(User, user.id).password_hash = "another"
    db.session.commit()
    assert client.post("/login/code", {"code": phone.code()}).location == "/login" and who(client) is None


def test_the_page_that_was_asked_for_comes_after_the_code(app: Flask, now: Clock) -> None:
    user, client = person(), Client(app)
    phone, _ = bind(user)
    client.post("/login", {"username": user.username, "password": PASSWORD, "target": "/desk/sign-ins"})
    client.token = None
    assert client.post("/login/code", {"code": phone.code()}).location == "/desk/sign-ins"


def test_resetting_the_password_leaves_the_phone_bound(app: Flask, now: Clock) -> None:
    user, root = person(), person("administrator")
    bind(user)
    with transaction() as session:
        reset_account(session, session.get_one(User, user.id), by=actor(root), at=now.at)
    assert anew().scalar(select(SecondFactor.user_id)) == user.id


# one's own page


def test_one_binds_a_phone_with_ones_password(app: Flask, now: Clock) -> None:
    user, client = person(), Client(app)
    client.sign_in(user.username)
    elsewhere = Client(app)
    elsewhere.sign_in(user.username)
    assert client.post("/desk/second-factor/begin", {"current": "Wrong-Password-1"}).status_code == 422
    words = client.post("/desk/second-factor/begin", {"current": PASSWORD}).get_data(as_text=True)
    phone, offer = phone_of(words), hidden(words, "offer")
    assert client.post("/desk/second-factor/bind", {"offer": offer, "code": "000000"}).status_code == 422
    done = client.post("/desk/second-factor/bind", {"offer": offer, "code": phone.code()})
    assert len(recovery_codes_of(done.get_data(as_text=True))) == 10
    assert who(client) == user.username and who(elsewhere) is None
    assert leads_to(app, user) == "/login/code"


def test_another_phone_takes_the_place_of_the_first_with_its_code(app: Flask, now: Clock) -> None:
    user = person()
    phone, codes = bind(user)
    client = signed_in_with(app, user, phone)
    assert client.post("/desk/second-factor/phone", {"code": phone.code()}).status_code == 422  # used to sign in
    words = client.post("/desk/second-factor/phone", {"code": codes[0]}).get_data(as_text=True)
    new = phone_of(words)
    client.post("/desk/second-factor/bind", {"offer": hidden(words, "offer"), "code": new.code()})
    now.later(seconds=30)
    old = Client(app)
    old.sign_in(user.username)
    assert with_code(old, phone.code()) == with_code(old, codes[1]) == 422
    assert with_code(old, new.code()) == 303
    assert told("factor.replace") == 1


def test_new_recovery_codes_void_the_old_ones(app: Flask, now: Clock) -> None:
    user = person()
    phone, codes = bind(user)
    client = signed_in_with(app, user, phone)
    now.later(seconds=30)
    page = client.post("/desk/second-factor/codes", {"code": phone.code()}).get_data(as_text=True)
    new, other = recovery_codes_of(page), Client(app)
    other.sign_in(user.username)
    assert with_code(other, codes[0]) == 422 and with_code(other, new[0]) == 303


def test_whose_role_needs_it_cannot_do_without(app: Flask, profile: None, now: Clock) -> None:
    user = person("administrator")
    phone, codes = bind(user)
    client = signed_in_with(app, user, phone)
    assert client.post("/desk/second-factor/off", {"code": codes[0]}).status_code == 409
    assert "停用</button>" not in client.get("/desk/second-factor").get_data(as_text=True)
    allow(SECOND_FACTOR, 0)
    assert client.post("/desk/second-factor/off", {"code": "000000"}).status_code == 422
    assert (
        client.post("/desk/second-factor/off", {"code": codes[0]}).status_code == 303
    )  # a refused act used nothing up
    assert leads_to(app, user) == "/desk/" and anew().scalar(select(RecoveryCode)) is None


def test_codes_cannot_be_guessed_from_an_open_page(app: Flask, now: Clock) -> None:
    user = person()
    phone, _ = bind(user)
    client = signed_in_with(app, user, phone)
    statuses = [client.post("/desk/second-factor/off", {"code": "000000"}).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


# a form that waits


def test_a_form_that_waits_is_carried_past_the_code(app: Flask, now: Clock) -> None:
    user = person()
    phone, _ = bind(user)
    key = form_key_of(signed_in_with(app, user, phone))
    typed = Typed("/desk/unions/new", "/desk/unions/new", key, [("name", "柳江机械厂工会")]).document()
    now.later(seconds=30)
    client = Client(app)
    page = client.post("/login/again", {"username": user.username, "password": PASSWORD, "typed": typed})
    assert page.status_code == 200 and "柳江机械厂工会" in page.get_data(as_text=True) and who(client) is None
    client.token = None
    wrong = client.post("/login/code", {"code": "000000", "typed": typed}).get_data(as_text=True)
    assert "柳江机械厂工会" in wrong
    back = client.post("/login/code", {"code": phone.code(), "typed": typed}).get_data(as_text=True)
    assert "data-typed-again" in back and 'value="柳江机械厂工会"' in back and who(client) == user.username


def test_a_form_that_waits_is_carried_past_the_binding_of_a_phone(app: Flask, settings: Settings, now: Clock) -> None:
    user, client = person("administrator"), Client(app)
    client.sign_in(user.username)
    typed = Typed("/desk/unions/new", "", form_key_of(client), [("name", "柳江机械厂工会")]).document()
    app.extensions["settings"] = replace(settings, profile="standard")
    client = Client(app)
    words = client.post("/login/again", {"username": user.username, "password": PASSWORD, "typed": typed}).get_data(
        as_text=True
    )
    sent = {"offer": hidden(words, "offer"), "code": phone_of(words).code(), "typed": typed}
    client.token = None
    shown = client.post("/login/phone", sent).get_data(as_text=True)
    assert len(recovery_codes_of(shown)) == 10 and "柳江机械厂工会" in shown
    client.token = None
    assert "data-typed-again" in client.post("/desk/typed", {"typed": typed}).get_data(as_text=True)


def form_key_of(client: Client) -> str:
    return hidden(client.get("/desk/password").get_data(as_text=True), "form_key")
