"""A judge's card in Chromium: the address of the QR code, the PIN, and the number with the PIN in the tablet's dialog."""

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, Request, expect
from sqlalchemy import select

from competitions.accounts.models import SignIn
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.judging.cards.services import CardSecrets, fresh_secrets, issue_cards
from competitions.programme.models import Stage
from tests.browser.conftest import TABLET
from tests.browser.steps_tablet import delivered, fill, revisions
from tests.factories import actor
from tests.factories_judging import Hall, make_hall


def card_for(hall: Hall) -> CardSecrets:
    made = fresh_secrets()
    organiser, judge, stage = actor(hall.people["organiser"]), hall.judges[0].id, hall.stage.id
    with transaction() as session:
        issue_cards(session, session.get_one(Stage, stage), {judge: made}, by=organiser, at=clock.now())
    return made


def end_every_sign_in() -> None:
    db.session.rollback()
    for row in db.session.scalars(select(SignIn)):
        row.revoked_at = clock.now()
    db.session.commit()


def test_a_scanned_card_and_its_pin_open_the_sheets_and_the_number_does_when_the_sign_in_has_ended(
    app: Flask, page_of: Callable[..., Page], axe: Callable[[Page], list[object]]
) -> None:
    hall = make_hall(app, judges=1)
    card = card_for(hall)
    page = page_of(size=TABLET)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # playwright marks the function it is given
    page.goto(f"/judge/card#{card.secret}")
    expect(page.locator("#card-read")).to_be_visible()
    expect(page.locator("#number")).to_be_hidden()
    assert card.secret not in page.url and axe(page) == []
    page.fill("#pin", card.pin)
    page.get_by_role("button", name="登录").click()
    page.locator(".sheet-list a", has_text="A01").click()
    expect(page.get_by_role("link", name="换人登录")).to_be_visible()
    expect(page.get_by_role("link", name="返回工作台")).to_be_hidden()
    assert not [each for each in asked if card.secret in f"{each.url} {each.headers}"]

    fill(page)
    end_every_sign_in()
    page.click("#sheet-submit")
    dialog = page.locator("#tablet-sign-in")
    dialog.locator("[name=username]").fill(card.number)
    dialog.locator("[name=password]").fill(card.pin)
    dialog.get_by_role("button", name="登录").click()
    delivered(page)
    assert [each.author_id for each in revisions()] == [hall.judges[0].id]
