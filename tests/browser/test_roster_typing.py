"""The preview of a roster is brought in anew after each correction: what is typed in the next cell meanwhile stays."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from competitions.base.database import db
from tests.browser.patience import until
from tests.factories_registration import make_region, make_roster, roster_row, signed_in
from tests.registration.uploading import upload

pytestmark = pytest.mark.usefixtures("one_database")


def test_a_cell_that_is_being_corrected_stays_when_the_one_before_is_answered(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    region = make_region()
    db.session.commit()
    rows = [roster_row(region.employer.name, 姓名=name) for name in ("=1", "=2", "=3")]
    preview = upload(signed_in(app, region.reporter), region.competition, region.enterprise, make_roster(rows))
    page = page_of(region.reporter.username)
    page.goto(preview)
    held: list[Route] = []
    page.route("**/cells*", lambda route: held.append(route))
    first, second, third = (page.get_by_label(cell, exact=True) for cell in ("D2", "D3", "D4"))
    third.fill("农")
    first.fill("覃小燕")
    first.press("Enter")
    until(page, lambda: held, "the correction was sent")
    second.press("Control+A")
    page.keyboard.insert_text("韦")
    held[0].continue_()
    expect(first).to_have_count(0)
    page.keyboard.insert_text("志强")
    expect(second).to_have_value("韦志强")
    expect(third).to_have_value("农")
