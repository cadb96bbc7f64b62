"""The list at the door: an answer that comes late leaves alone who types in the search or has gone on to another line."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from competitions.base.database import db
from competitions.registration.models import Entry
from tests.browser.patience import until
from tests.factories import actor, make_user
from tests.factories_coding import make_contest, with_lots

pytestmark = pytest.mark.usefixtures("one_database")


def test_a_late_answer_takes_no_keystroke_at_the_door(app: Flask, page_of: Callable[..., Page]) -> None:
    stage = make_contest(3)
    coder, steward = (make_user((role, "event", stage.event_id)) for role in ("coder", "steward"))
    db.session.commit()
    with_lots(stage, actor(coder))
    tickets = [str(ticket) for ticket in db.session.scalars(select(Entry.ticket).order_by(Entry.ticket))]
    page = page_of(steward.username)
    page.goto(f"/desk/stages/{stage.id}/check-in")
    held: list[Route] = []
    page.route("**/check-in/*", lambda route: held.append(route))
    search, lines = page.locator("input[type=search]"), page.locator("tr[data-comer]")

    lines.nth(0).press("1")
    until(page, lambda: len(held) == 1, "the first line was sent")
    search.press_sequentially(tickets[2][:-1])
    held[0].continue_()
    expect(page.locator("[data-counts]")).to_contain_text(re.compile(r"到场\s*1"))
    page.keyboard.type(tickets[2][-1])
    expect(search).to_have_value(tickets[2])
    expect(lines.locator("visible=true")).to_have_count(1)

    search.fill("")
    lines.nth(1).press("1")
    until(page, lambda: len(held) == 2, "the second line was sent")
    page.keyboard.press("ArrowDown")
    held[1].continue_()
    expect(page.locator("[data-counts]")).to_contain_text(re.compile(r"到场\s*2"))
    expect(lines.nth(2)).to_be_focused()

    lines.nth(2).press("2")
    until(page, lambda: len(held) == 3, "the third line was sent")
    held[2].continue_()
    expect(search).to_be_focused()
