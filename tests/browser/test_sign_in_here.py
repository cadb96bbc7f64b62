"""A sign-in that ends while a page is open, in a browser: the page stays with what is typed and the files chosen; grids
and forms whose rows come and go are filled in again; the person presses his button himself.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from competitions.accounts.models import SignIn
from competitions.audit.recording import transaction
from competitions.base import clock
from competitions.base.database import db
from competitions.coding.models import CheckIn, Lot
from competitions.judging.models import ScoreRevision
from competitions.programme.models import Ruleset
from competitions.registration.models import Entry, RosterUpload
from competitions.registration.services import submit_entries
from tests.browser.conftest import DESKTOP, PHONE, TABLET
from tests.factories import actor, make_user
from tests.factories_coding import make_contest
from tests.factories_registration import make_entry, make_region, make_roster, roster_row, signed_in
from tests.factories_worksheets import theory_hall
from tests.people import PASSWORD
from tests.programme.test_rulesets import a_stage
from tests.registration.uploading import upload

pytestmark = pytest.mark.usefixtures("one_database")
SHOTS = os.environ.get("SHOTS")
"""A folder: what the tests see is kept there as pictures, to be looked at."""


def end_sign_ins() -> None:
    """Every sign-in is over (those of the hall do not end by waiting)."""
    db.session.rollback()
    db.session.execute(update(SignIn).values(expires_at=clock.now()))
    db.session.commit()


def shot(page: Page, name: str) -> None:
    """Keep a picture in each of the three sizes, when asked to."""
    if not SHOTS:
        return
    before = page.viewport_size
    for width, height in (DESKTOP, TABLET, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"))
    if before:
        page.set_viewport_size(before)


def sign_in_here(page: Page, username: str) -> None:
    """In the dialog on the page itself."""
    dialog = page.locator("#sign-in-here")
    expect(dialog).to_be_visible()
    dialog.locator("[name=username]").fill(username)
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.get_by_role("button", name="登录", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("登录已恢复")).to_be_visible()


def sign_in_again(page: Page, username: str) -> None:
    """On the page that carries what was typed."""
    expect(page.get_by_text("刚才填写的内容还没有保存")).to_be_visible()
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="登录并继续").click()


def count(column: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(column))) or 0


def test_an_upload_keeps_its_fields_and_its_file(app: Flask, page_of: Callable[..., Page]) -> None:
    region = make_region()
    db.session.commit()
    username = region.reporter.username
    page = page_of(username)
    page.goto(f"/desk/competitions/{region.competition.id}/roster")
    data = make_roster([roster_row(region.employer.name)])
    page.set_input_files("input[type=file]", {"name": "名单.xlsx", "mimeType": "application/zip", "buffer": data})
    end_sign_ins()
    page.locator("form[data-upload] button[type=submit]").click()
    shot(page, "upload")
    sign_in_here(page, username)
    assert page.url.endswith("/roster") and count(RosterUpload.id) == 0
    expect(page.locator("[data-drop-name]")).to_contain_text("名单.xlsx")
    page.locator("form[data-upload] button[type=submit]").click()
    expect(page.get_by_text("确认导入 1 人").first).to_be_visible()
    assert count(RosterUpload.id) == 1


def test_a_part_of_a_page_says_that_the_sign_in_ended_and_keeps_what_is_typed(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    region = make_region()
    db.session.commit()
    rows = [roster_row(region.employer.name, 姓名=name) for name in ("=1", "=2")]
    preview = upload(signed_in(app, region.reporter), region.competition, region.enterprise, make_roster(rows))
    page = page_of(region.reporter.username)
    page.goto(preview)
    first, second = (page.get_by_label(cell, exact=True) for cell in ("D2", "D3"))
    second.fill("韦志强")
    first.fill("覃小燕")
    end_sign_ins()
    first.press("Enter")
    expect(page.locator("[data-signed-out]")).to_be_visible()
    expect(page.locator("#sign-in-here")).to_be_hidden()  # it takes no key of whoever is typing
    shot(page, "part")
    page.get_by_role("button", name="重新登录").click()
    shot(page, "part-dialog")
    sign_in_here(page, region.reporter.username)
    expect(first).to_have_value("覃小燕")
    expect(second).to_have_value("韦志强")
    first.press("Enter")
    expect(first).to_have_count(0)
    expect(second).to_have_value("韦志强")


def test_another_person_who_signs_in_on_the_page_gets_his_own_desk(app: Flask, page_of: Callable[..., Page]) -> None:
    stage = make_contest(1)
    steward, other = (make_user(("steward", "event", stage.event_id)) for _ in range(2))
    db.session.commit()
    page = page_of(steward.username)
    page.goto(f"/desk/stages/{stage.id}/check-in")
    end_sign_ins()
    page.get_by_role("button", name="到场", exact=True).click()
    dialog = page.locator("#sign-in-here")
    dialog.locator("[name=username]").fill(other.username)
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/desk/")
    assert count(CheckIn.id) == 0


def test_at_the_door_nobody_is_noted_before_the_steward_presses_again(app: Flask, page_of: Callable[..., Page]) -> None:
    stage = make_contest(2)
    steward = make_user(("steward", "event", stage.event_id))
    db.session.commit()
    page = page_of(steward.username)
    page.goto(f"/desk/stages/{stage.id}/check-in")
    end_sign_ins()
    button = page.get_by_role("button", name="到场", exact=True).first
    button.click()
    shot(page, "door")
    sign_in_here(page, steward.username)
    assert count(CheckIn.id) == 0
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert count(CheckIn.id) == 1


def test_a_grid_of_lots_is_filled_in_again(app: Flask, page_of: Callable[..., Page]) -> None:
    stage = make_contest(60, stations=80)
    coder = make_user(("coder", "event", stage.event_id))
    db.session.commit()
    page = page_of(coder.username)
    page.goto(f"/desk/stages/{stage.id}/coding/lots")
    fields = page.locator("table[data-grid] input")
    fields.evaluate_all("all => all.forEach((field, at) => { field.value = String(at + 1); })")
    end_sign_ins()
    page.get_by_role("button", name="保存抽签结果").click()
    shot(page, "lots-sign-in")
    sign_in_again(page, coder.username)
    page.wait_for_url("**/coding/lots")
    expect(fields.nth(59)).to_have_value("60")
    shot(page, "lots-again")
    assert count(Lot.id) == 0
    page.get_by_role("button", name="保存抽签结果").click()
    expect(page.get_by_text("60 个参赛者的抽签结果有变化")).to_be_visible()
    assert count(Lot.id) == 60


def test_a_grid_of_marks_is_filled_in_again(app: Flask, page_of: Callable[..., Page]) -> None:
    hall = theory_hall(app)
    username = hall.people["tabulator"].username
    page = page_of(username)
    page.goto(f"/desk/modules/{hall.modules['theory'].id}/tabulation")
    typed = page.locator("table[data-grid] input:not([type=hidden])")
    for place, value in enumerate(("91", "85.5", "70")):
        typed.nth(place).fill(value)
    end_sign_ins()
    page.locator("main form button[type=submit]").last.click()
    sign_in_again(page, username)
    page.wait_for_url("**/tabulation")
    expect(typed.nth(1)).to_have_value("85.5")
    assert count(ScoreRevision.id) == 0
    page.locator("main form button[type=submit]").last.click()
    expect(page.get_by_text("已保存 3 行")).to_be_visible()


def test_a_ruleset_with_rows_added_since_is_filled_in_again(app: Flask, page_of: Callable[..., Page]) -> None:
    stage_id = a_stage()
    make_user(("organiser_drafting", "system", None), username="nigao")
    db.session.commit()
    page = page_of("nigao")
    page.goto(f"/desk/stages/{stage_id}/ruleset/edit?preset=theory30_practice70")
    names = page.locator("[name^=modules-][name$=-name]")
    before = names.count()
    page.get_by_role("button", name="添加模块").click()
    expect(names).to_have_count(before + 1)
    names.last.fill("现场答辩")
    end_sign_ins()
    page.locator("#ruleset-form button[type=submit]").last.click()
    sign_in_again(page, "nigao")
    expect(names).to_have_count(before + 1)
    expect(names.last).to_have_value("现场答辩")
    shot(page, "ruleset-again")
    assert count(Ruleset.id) == 0


def test_all_of_a_filter_is_what_the_server_counted_when_it_was_asked_for(
    app: Flask, page_of: Callable[..., Page]
) -> None:
    region = make_region()
    entries = [make_entry(region) for _ in range(52)]
    submit_entries(db.session(), entries, consent_version=1, by=actor(region.reporter), at=clock.now())
    db.session.commit()
    page = page_of(region.reviewer.username)
    page.goto(f"/desk/competitions/{region.competition.id}/entries")
    page.get_by_role("button", name="选中符合条件的全部").click()
    expect(page.locator(".bulk-words")).to_contain_text("已选 52 条")
    with transaction() as session:
        late = make_entry(region, name="莫新来")
        submit_entries(session, [late], consent_version=1, by=actor(region.reporter), at=clock.now())
    page.get_by_role("button", name="初审通过").click()
    page.locator("dialog[open] button[type=submit]").click()
    expect(page.get_by_text("新增 1 条：莫新来")).to_be_visible()
    shot(page, "many-refused")
    page.get_by_role("button", name="其余 52 条继续办理").click()
    expect(page.get_by_text("52 条报名初审通过")).to_be_visible()
    db.session.rollback()
    assert db.session.scalar(select(func.count(Entry.id)).where(Entry.state == "endorsed")) == 52
