"""更正 in a real browser: proposed by one organiser, decided by another, on a desk, a tablet and a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from competitions.base import clock
from competitions.base.database import db
from competitions.registration.models import Entry
from competitions.registration.services import add_member, approve, close_list, endorse, submit_entries
from tests.browser.conftest import DESKTOP, PHONE, TABLET
from tests.factories import actor, make_event, make_user
from tests.factories_registration import Region, make_entry, make_person, make_region


def approved_team(region: Region) -> str:
    """An approved team of two, one of them with a long name; its id."""
    event = make_event(region.competition, name="机器人系统集成", team_size=2)
    entry, at = make_entry(region, event=event, name="韦桂兰"), clock.now()
    long_name = make_person(employer_id=region.employer.id, name="阿卜杜热合曼·阿卜杜热依木·买买提")
    add_member(db.session(), entry, long_name, by=actor(region.reporter), at=at)
    submit_entries(db.session(), [entry], consent_version=1, by=actor(region.reporter), at=at)
    endorse(db.session(), [entry], by=actor(region.reviewer), at=at)
    close_list(db.session(), region.competition, region.city, by=actor(region.reviewer), at=at)
    approve(db.session(), [entry], by=actor(region.organiser), at=at)
    return entry.id


def sound(page: Page, axe: Callable[[Page], list[Any]]) -> None:
    """Nobody is kept out, and nothing goes beyond the edge."""
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.usefixtures("one_database")
@pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE])
def test_a_wrong_character_is_corrected_by_two(
    page_of: Callable[..., Page], axe: Callable[[Page], list[Any]], size: tuple[int, int]
) -> None:
    region = make_region()
    region.organiser.username = "drafting"
    region.reporter.username = "unit"
    make_user(("organiser_approving", "competition", region.competition.id), username="approving")
    entry_id = approved_team(region)
    event_id = db.session.get_one(Entry, entry_id).event_id
    make_user(("judge", "event", event_id), display_name="覃评分", union=region.other_city)
    other_city = region.other_city.name
    db.session.commit()
    page = page_of("drafting", size=size)
    page.goto(f"/desk/entries/{entry_id}")
    page.get_by_role("link", name="更正").click()
    sound(page, axe)
    page.get_by_label("姓名").first.fill("韦贵兰")
    page.get_by_label("代表队").select_option(label=other_city)
    page.get_by_label("更正原因").fill("录入时写错一个字")
    page.get_by_role("button", name="提出更正").click()
    expect(page.get_by_role("alert").first).to_contain_text("先核对身份证原件")
    page.get_by_label("已核对身份证原件").check()
    page.get_by_role("button", name="提出更正").click()
    expect(page.locator("main")).to_contain_text("等待决定的更正")
    sound(page, axe)
    second = page_of("approving", size=size)
    second.goto("/desk")
    second.get_by_role("link", name="的更正等待决定").click()
    expect(second.locator("main")).to_contain_text("覃评分（裁判员）")
    sound(second, axe)
    second.get_by_role("button", name="同意更正").click()
    second.get_by_role("dialog").get_by_role("button", name="同意更正").click()
    expect(second.locator("main")).to_contain_text("韦桂兰 → 韦贵兰")
    sound(second, axe)
    unit = page_of("unit", size=size)
    unit.goto(f"/desk/entries/{entry_id}")
    expect(unit.locator("main")).to_contain_text("录入时写错一个字")
    sound(unit, axe)
