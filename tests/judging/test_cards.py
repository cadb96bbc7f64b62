"""Judges' cards: issued and printed once, signing in with QR code or number and PIN, limits, stopping."""

import logging
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from competitions import tables
from competitions.accounts import passwords
from competitions.accounts.models import RoleAssignment, SignIn, User
from competitions.base import clock
from competitions.base.database import db
from competitions.coding.models import Sitting
from competitions.judging.cards.models import JudgeCard
from competitions.judging.models import PanelMember
from competitions.programme.models import Module, Stage
from tests.audit.tampering import unguarded
from tests.factories import make_user
from tests.factories_judging import Hall, deliver, make_hall
from tests.people import Client
from tests.qr_reading import qr_text

REFUSED = "卡号或密码不正确，或者这张卡现在不能使用"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2 with small parameters: the tests ask what is hashed, not how long it takes."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@dataclass
class Printed:
    """What stands on a printed card and its slip."""

    number: str
    pin: str
    address: str

    @property
    def secret(self) -> str:
        """What the QR code carries after the #."""
        return self.address.split("#")[1]


def printed(page: str) -> list[Printed]:
    """The cards of a printing page, read as a person and a camera read them."""
    numbers = re.findall(r"data-card-number>([^<]+)<", page)
    pins = re.findall(r"data-pin>(\d{6})<", page)
    codes = [qr_text(svg) for svg in re.findall(r'<svg viewBox[^>]*class="qr".*?</svg>', page, re.S)]
    return [Printed(*each) for each in zip(numbers, pins, codes, strict=True)]


def issue(hall: Hall, *judges: int) -> list[Printed]:
    """Cards for these judges of the hall, as the organiser issues them."""
    page = hall.client("organiser").post(
        f"/desk/stages/{hall.stage.id}/judge-cards", {"judge": [hall.judges[judge].id for judge in judges or (0,)]}
    )
    assert page.status_code == 200
    return printed(page.get_data(as_text=True))


def show(client: Client, pin: str, number: str = "", secret: str = "") -> TestResponse:
    """Sign in with a card."""
    return client.post("/judge/card", {"number": number, "secret": secret, "pin": pin})


def with_card(app: Flask, card: Printed) -> Client:
    """Somebody who has signed in with the card's QR code."""
    client = Client(app)
    answer = show(client, card.pin, secret=card.secret)
    assert answer.status_code == 303 and answer.headers["Location"] == "/judge/"
    client.token = None
    return client


def codes_of(client: Client) -> list[str]:
    """The codes of the sheets that the client may mark."""
    return [line["code"] for line in client.get("/api/sheets").get_json()["sheets"]]


def cards() -> list[JudgeCard]:
    """The cards in the database as they are now, the newest last."""
    db.session.rollback()
    return list(db.session.scalars(select(JudgeCard).order_by(JudgeCard.issued_at)))


def begin_in(hall: Hall, hours: int) -> None:
    """Move the hall's sitting."""
    db.session.rollback()
    db.session.get_one(Sitting, hall.sittings[0].id).starts_at = clock.now() + timedelta(hours=hours)
    db.session.commit()


def test_the_printed_card_opens_the_judges_own_sheets_and_takes_his_marks(app: Flask) -> None:
    hall = make_hall(app, judges=2)
    card = issue(hall)[0]
    assert card.address == f"http://localhost/judge/card#{card.secret}" and len(card.secret) == 22
    judge = with_card(app, card)
    assert codes_of(judge) == ["A01", "A02"]
    assert deliver(judge, hall.sheet("A01").id).status_code == 201
    assert judge.get(f"/api/sheets/{hall.sheet('A01', judge=1).id}").status_code == 404


def test_without_a_camera_the_number_does_however_it_is_typed(app: Flask) -> None:
    card = issue(make_hall(app, judges=1))[0]
    typed = card.number.lower().replace("-", " ")
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in card.pin)  # full-width digits of a Chinese keyboard
    assert show(Client(app), wide, number=typed).status_code == 303


def test_a_card_for_somebody_who_has_more_roles_opens_his_sheets_and_nothing_else(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    db.session.rollback()
    db.session.get_one(User, hall.judges[0].id).roles += [
        RoleAssignment(role="organiser_drafting", scope_kind="system"),
        RoleAssignment(role="administrator", scope_kind="system"),
    ]
    db.session.commit()
    judge, password = with_card(app, issue(hall)[0]), hall.client(hall.judges[0])
    pages = [
        "/desk/",
        "/desk/sign-ins",
        "/desk/password",
        "/desk/users",
        f"/desk/stages/{hall.stage.id}/judge-cards",
        f"/desk/modules/{hall.modules['practice'].id}/panel",
    ]
    assert [password.get(page).status_code for page in pages] == [200] * len(pages)
    assert [judge.get(page).status_code for page in pages] == [403] * len(pages)
    refused = judge.get("/desk/").get_data(as_text=True)
    assert "裁判卡登录只能评本人的评分表" in refused
    assert '<a class="btn btn-primary" href="/judge/">返回</a>' in refused and 'href="/desk/' not in refused
    assert judge.post("/desk/sign-ins/revoke-others").status_code == 403
    assert judge.get("/desk/judging/sheets").status_code == 200
    assert judge.get("/api/session").get_json()["roles"] == ["judge"]
    assert judge.post("/logout").status_code == 303 and judge.get("/api/sheets").status_code == 401


def test_a_card_opens_the_sheets_of_its_own_stage_only(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    judge = with_card(app, issue(hall)[0])
    sheet = hall.sheet("A01").id
    assert judge.get(f"/api/sheets/{sheet}").status_code == 200
    db.session.rollback()
    other = Stage(event_id=hall.event.id, name="初赛")
    db.session.add(other)
    db.session.flush()
    with unguarded():
        db.session.get_one(Module, hall.modules["practice"].id).stage_id = other.id
    db.session.commit()
    assert codes_of(judge) == [] and judge.get(f"/api/sheets/{sheet}").status_code == 404
    assert codes_of(hall.client(hall.judges[0])) == ["A01", "A02"]


def test_five_wrong_pins_lock_the_card_even_for_the_right_one(app: Flask) -> None:
    card = issue(make_hall(app, judges=1))[0]
    thief = Client(app)
    wrong = f"{(int(card.pin) + 1) % 10**6:06}"
    by_either = [{"number": card.number}, {"secret": card.secret}, {"number": card.number}, {"secret": card.secret}]
    for named in [*by_either, {"number": card.number}]:
        assert show(thief, wrong, **named).status_code == 422
    assert show(thief, card.pin, number=card.number).status_code == 429
    assert show(Client(app), card.pin, secret=card.secret).status_code == 429


def test_a_number_that_nobody_has_is_locked_like_one_that_somebody_has(app: Flask) -> None:
    thief = Client(app)
    assert [show(thief, "123456", number="ABCD-EFGH").status_code for _ in range(6)] == [422] * 5 + [429]


def test_unknown_early_late_stopped_and_replaced_cards_and_wrong_pins_are_refused_in_the_same_words(app: Flask) -> None:
    hall = make_hall(app, judges=2)
    early, stopped = issue(hall, 0, 1)
    begin_in(hall, 2)
    pages = [show(Client(app), early.pin, early.number)]
    begin_in(hall, -13)
    pages.append(show(Client(app), early.pin, early.number))
    begin_in(hall, 0)
    replaced, early = early, issue(hall, 0)[0]
    pages += [
        show(Client(app), replaced.pin, replaced.number),
        show(Client(app), "000000", "ZZZZ-ZZZZ"),
        show(Client(app), f"{(int(early.pin) + 1) % 10**6:06}", early.number),
        show(Client(app), stopped.pin, early.number),
    ]
    card = next(card.id for card in cards() if card.number == stopped.number)
    assert hall.client("organiser").post(f"/desk/judging/judge-cards/{card}/revoke").status_code == 303
    pages.append(show(Client(app), stopped.pin, secret=stopped.secret))
    assert [page.status_code for page in pages] == [422] * 7
    assert all(REFUSED in page.get_data(as_text=True) for page in pages)
    assert show(Client(app), early.pin, early.number).status_code == 303


def test_stopping_a_card_ends_its_sign_ins_with_the_next_request_and_no_others(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    judge, password = with_card(app, issue(hall)[0]), hall.client(hall.judges[0])
    card = cards()[0].id
    organiser = hall.client("organiser")
    assert organiser.post(f"/desk/judging/judge-cards/{card}/revoke").status_code == 303
    assert judge.get("/api/sheets").status_code == 401 and password.get("/api/sheets").status_code == 200
    assert organiser.post(f"/desk/judging/judge-cards/{card}/revoke").status_code == 303


def test_a_new_card_ends_the_sign_ins_of_the_older_one(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    judge = with_card(app, issue(hall)[0])
    issue(hall)
    assert judge.get("/api/sheets").status_code == 401
    assert [card.revoked_at is None for card in cards()] == [False, True]


def test_a_judge_who_leaves_the_panel_has_a_useless_card(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    card = issue(hall)[0]
    judge = with_card(app, card)
    db.session.rollback()
    db.session.scalars(select(PanelMember)).one().left_at = clock.now()
    db.session.commit()
    assert codes_of(judge) == []
    assert show(Client(app), card.pin, card.number).status_code == 422
    assert "已不在裁判组" in hall.client("organiser").get(f"/desk/stages/{hall.stage.id}/judge-cards").get_data(
        as_text=True
    )


def test_a_deactivated_account_has_a_useless_card(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    card = issue(hall)[0]
    judge = with_card(app, card)
    db.session.rollback()
    db.session.get_one(User, hall.judges[0].id).active = False
    db.session.commit()
    assert judge.get("/api/sheets").status_code == 401
    assert show(Client(app), card.pin, card.number).status_code == 422


def test_a_sign_in_by_card_ends_with_the_card_and_is_seen_and_ended_by_its_owner(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    judge = with_card(app, issue(hall)[0])
    db.session.rollback()
    row = db.session.scalars(select(SignIn).where(SignIn.card_id.is_not(None))).one()
    assert row.expires_at == hall.sittings[0].starts_at + timedelta(hours=12)
    owner = hall.client(hall.judges[0])
    assert "裁判卡" in owner.get("/desk/sign-ins").get_data(as_text=True)
    assert owner.post(f"/desk/sign-ins/{row.id}/revoke").status_code == 303
    assert judge.get("/api/sheets").status_code == 401


def test_cards_are_issued_by_those_who_assign_panels_to_judges_with_sittings(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    stranger = make_user(("organiser_drafting", "competition", "another"))
    db.session.commit()
    path, wanted = f"/desk/stages/{hall.stage.id}/judge-cards", {"judge": hall.judges[0].id}
    assert hall.client("chief_judge").post(path, wanted).status_code == 403
    assert hall.client(hall.judges[0]).post(path, wanted).status_code == 403
    assert hall.client(stranger).post(path, wanted).status_code == 404
    organiser = hall.client("organiser")
    assert organiser.post(path).status_code == 422
    assert organiser.post(path, {"judge": hall.people["checker"].id}).status_code == 422
    db.session.rollback()
    db.session.scalars(select(PanelMember)).one().sitting_id = None
    for sheet in db.session.execute(text("SELECT id FROM score_sheet")).scalars().all():
        db.session.execute(text("UPDATE score_sheet SET sitting_id = NULL WHERE id = :id"), {"id": sheet})
    db.session.execute(text("UPDATE coded_place SET sitting_id = NULL"))
    db.session.delete(db.session.get_one(Sitting, hall.sittings[0].id))
    db.session.commit()
    refused = organiser.post(path, wanted)
    assert refused.status_code == 409 and "还没有安排场次" in refused.get_data(as_text=True)
    assert cards() == []


def everything_kept() -> str:
    """Every value of every row of the database, the audit included, as text."""
    db.session.rollback()
    return "\n".join(
        str(tuple(row)) for name in tables.ALL for row in db.session.execute(text(f'SELECT * FROM "{name}"'))
    )


def test_neither_database_nor_audit_nor_log_holds_what_opens_a_card(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hall = make_hall(app, judges=1)
    card = issue(hall)[0]
    show(Client(app), "999999" if card.pin != "999999" else "888888", secret=card.secret)
    with_card(app, card)
    kept = everything_kept()
    assert "card.issue" in kept and "$argon2id$" in kept
    log = "\n".join(record.getMessage() for record in caplog.records)
    assert "/judge/card" in log
    for told in (kept, log):
        assert card.secret not in told and not re.search(rf"\b{card.pin}\b", told)
    assert card.number not in log


def test_a_stolen_database_is_not_enough_to_search_for_pins(app: Flask) -> None:
    card = issue(make_hall(app, judges=1))[0]
    kept = cards()[0]
    assert not passwords.verified(kept.pin_hash, card.pin) and not passwords.verified(
        kept.pin_hash, f"{kept.id}|{card.pin}"
    )


def test_the_page_for_signing_in_needs_a_token_and_shows_nothing_of_anybody(app: Flask, visitor: Client) -> None:
    assert "裁判卡登录" in visitor.get("/judge/card").get_data(as_text=True)
    assert (
        visitor._run(visitor.http.post, "/judge/card", data={"number": "ABCD-EFGH", "pin": "123456"}).status_code == 400
    )
    assert visitor.post("/judge/card", {"number": "ABCD-EFGH"}).status_code == 422


def test_no_card_is_issued_for_sittings_that_are_long_over(app: Flask) -> None:
    hall = make_hall(app, judges=1)
    begin_in(hall, -13)
    organiser, path = hall.client("organiser"), f"/desk/stages/{hall.stage.id}/judge-cards"
    assert 'name="judge"' not in organiser.get(path).get_data(as_text=True)
    refused = organiser.post(path, {"judge": hall.judges[0].id})
    assert refused.status_code == 409 and "早已结束" in refused.get_data(as_text=True) and cards() == []


def test_the_next_judge_on_a_tablet_ends_the_sign_in_of_the_one_before(app: Flask) -> None:
    hall = make_hall(app, judges=2)
    first, second = issue(hall, 0, 1)
    tablet = with_card(app, first)
    earlier = tablet.http.get_cookie("sid")
    assert earlier and show(tablet, second.pin, second.number).status_code == 303
    found = Client(app)
    found.http.set_cookie("sid", earlier.value)
    assert found.get("/api/sheets").status_code == 401
    told = tablet.get("/api/session").get_json()
    assert told["user"]["id"] == hall.judges[1].id and told["card"] is True
    assert hall.client("organiser").get("/api/session").get_json()["card"] is False
