"""The form of a ruleset in a browser: what is switched on can be filled in, and the example follows what is typed."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from competitions.base.database import db
from tests.factories import make_user
from tests.programme.test_rulesets import a_stage


def test_teams_can_be_filled_in_without_team_awards(page_of: Callable[..., Page]) -> None:
    stage_id = a_stage()
    make_user(("organiser_drafting", "system", None), username="nigao")
    db.session.commit()
    page = page_of("nigao")
    page.goto(f"/desk/stages/{stage_id}/ruleset/edit?preset=theory30_practice70")
    side, awards = page.locator("[name=teams-by]"), page.locator("[name=teams-awards-ties]")
    expect(side).to_be_hidden()
    page.check("[name=teams-on]")
    expect(side).to_be_visible()
    expect(awards).to_be_hidden()
    page.check("[name=teams-awards-on]")
    expect(awards).to_be_visible()
    page.uncheck("[name=awards-on]")
    expect(page.locator("[name=awards-ties]")).to_be_hidden()
    page.select_option("[name=teams-by]", "organisation")
    page.locator("[name=teams-best]").blur()
    expect(page.locator("#outcome")).to_contain_text("以所在单位最好 3 人的总成绩之和排定")
