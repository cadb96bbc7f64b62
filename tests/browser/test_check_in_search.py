"""The search at the door compares as the server does: the same table of pairs, in a real browser; a long name stays whole."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from competitions.base.database import db
from competitions.base.searching import found_by
from competitions.registration.models import EntryMember
from tests.factories import actor, make_user
from tests.factories_coding import make_contest, with_lots
from tests.searching_pairs import LONG, PEOPLE, TEXTS

pytestmark = pytest.mark.usefixtures("one_database")
FITS = """([pairs]) => {
    const search = document.querySelector("input[type=search]"), line = document.querySelector("tr[data-comer]");
    return pairs.map(([found, typed]) => {
        line.dataset.comer = found;
        search.value = typed;
        search.dispatchEvent(new Event("input"));
        return !line.hidden;
    });
}"""
WHOLE = """(name) => [...document.querySelectorAll(".person > span")].every((part) => {
    const box = part.getClientRects();
    return box.length === 1 && box[0].right <= innerWidth + 1;
})"""


def test_the_door_finds_what_the_lists_find(app: Flask, page_of: Callable[..., Page]) -> None:
    stage = make_contest(3)
    coder, steward = (make_user((role, "event", stage.event_id)) for role in ("coder", "steward"))
    for name, member in zip((LONG, "覃小燕", "王小明"), db.session.scalars(select(EntryMember)), strict=True):
        member.name = name
    db.session.commit()
    with_lots(stage, actor(coder))
    page = page_of(steward.username)
    page.goto(f"/desk/stages/{stage.id}/check-in")
    search, lines = page.locator("input[type=search]"), page.locator("tr[data-comer]").locator("visible=true")
    for typed, name in (("abudu", LONG), ("阿卜杜热合曼•阿卜杜", LONG), ("tan xiao", "覃小燕"), ("WXM", "王小明")):
        search.fill(typed)
        expect(lines).to_have_count(1)
        expect(lines.locator("td.lead")).to_have_text(name)
        plain = page.context.request.get(f"/desk/stages/{stage.id}/check-in", params={"q": typed}).text()
        assert plain.count("<tr id=") == 1
    search.fill("阿卜杜")
    for width in (1366, 820, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(WHOLE, LONG)

    pairs = [(found_by((), [stored]), typed) for stored, typed, _ in PEOPLE]
    pairs += [(found_by([stored]), typed) for stored, typed, _ in TEXTS]
    said = page.evaluate(FITS, [pairs])
    wrong = [pair for pair, fits, (*_, found) in zip(pairs, said, (*PEOPLE, *TEXTS), strict=True) if fits is not found]
    assert wrong == []
