"""The whole line, fifth part: judges at 820 px by code, the theory grid, the checker, the chief judge's matrix."""

import uuid
from decimal import Decimal

from playwright.sync_api import Page, expect

from tests.browser.conftest import TABLET
from tests.browser.steps_hall import SCHEME, codes_by_name
from tests.browser.steps_house import Story, agree, paste, press, rows_of, said
from tests.browser.steps_programme import EVENT, JUDGES
from tests.browser.steps_registration import WELDERS
from tests.browser.steps_tablet import delivered, open_sheet, submit

MARKS = {
    "黄文斌": ("91.5", ("26 34.5 0 0", "26 35 0 3", "26 35 0 0", "28.5 38.5 0 0", "26 35.5 0 0")),
    "邓春燕": ("88", ("22.5 30 1 0", "18 25 0 3", "21.5 29.5 0 0", "27.5 37.5 0 0", "24 32 1 2")),
    "罗光荣": ("81", ("23 30.5 0 0", "25 34 2 1", "14.5 19.5 1 2", "26.5 36 0 0", "24.5 33.5 0 3")),
    "周凤": ("79.5", ("20.5 27.5 1 2", "19.5 27 1 0", "21 28 0 3", "17.5 23.5 0 0", "23.5 31.5 2 1")),
    "苏秀英": ("96", ("16 22 1 0", "16.5 23 0 3", "15.5 21 0 0", "16.5 22.5 2 1", "18.5 25.5 1 2")),
    "黄伟": ("60.25", ("10.5 14.5 0 0", "14 19 2 1", "11 15.5 1 2", "12 17 1 0", "13.5 19 0 3")),
}
"""Who came: the theory mark, and what each of the five judges types for A1, A2, B1 (faults) and D1 (faults)."""
ASPECTS = [line[0] for line in SCHEME]
BY_HAND = 3
"""Sheets of the first judge that are marked with clicks and keys; the others go to the API with the judge's cookies."""


def sheet_total(typed: str) -> Decimal:
    """What a sheet comes to: marks as given, 20 and 10 less 2 and 1 for each fault, never under 0."""
    first, second, faults, slips = (Decimal(each) for each in typed.split())
    return first + second + max(Decimal(20) - 2 * faults, Decimal(0)) + max(Decimal(10) - slips, Decimal(0))


def plain(number: Decimal) -> str:
    """A number without trailing zeros, as pages write it."""
    return f"{number.normalize():f}"


def judges(story: Story) -> None:
    """Each judge signs in on a tablet and sees codes only; the first marks some sheets by hand."""
    who = {code: name for name, code in codes_by_name(story).items()}
    for seat, username in enumerate(JUDGES):
        page = story.open(username, "/judge/", TABLET)
        expect(page.locator(".sheet-list a")).to_have_count(len(MARKS))
        listed = page.request.get("/api/sheets").text()
        assert not [word for word in (*WELDERS, *WELDERS.values()) if word in page.content() + listed]
        sheets = {each["code"]: each["id"] for each in page.request.get("/api/sheets").json()["sheets"]}
        codes = sorted(sheets)
        by_hand = BY_HAND if seat == 0 else 0
        for code in codes[:by_hand]:
            mark_by_hand(page, code, MARKS[who[code]][1][seat])
        if by_hand:
            story.decent(page)
        for code in codes[by_hand:]:
            deliver(page, sheets[code], MARKS[who[code]][1][seat])


def mark_by_hand(page: Page, code: str, typed: str) -> None:
    """Open the sheet, type the measured aspects, press the faults one by one, submit, see the receipt."""
    open_sheet(page, code)
    values = dict(zip(ASPECTS, typed.split(), strict=True))
    for aspect in ("A1", "A2"):
        page.locator(f'[data-mark="{aspect}"]').fill(values[aspect])
    for aspect in ("B1", "D1"):
        page.locator(f'[data-mark="{aspect}"]').press_sequentially("0")
        for _ in range(int(values[aspect])):
            page.locator(f'[data-aspect="{aspect}"]').get_by_role("button", name="加").click()
        expect(page.locator(f'[data-mark="{aspect}"]')).to_have_value(values[aspect])
    expect(page.locator(".sheet-total b")).to_have_text(plain(sheet_total(typed)))
    submit(page)
    delivered(page)


def deliver(page: Page, sheet: str, typed: str) -> None:
    """Send a sheet to the judges' API with this judge's own cookies."""
    token = page.request.get("/api/session").json()["csrf"]
    answer = page.request.post(
        f"/api/sheets/{sheet}/revisions",
        headers={"X-CSRF-Token": token, "Idempotency-Key": str(uuid.uuid4())},
        data={
            "base_revision": 0,
            "marks": dict(zip(ASPECTS, typed.split(), strict=True)),
            "notes": {},
            "seconds": None,
            "complete": True,
            "client": {"device": "browser-test", "sequence": 1, "time": "2026-05-20T09:00:00+08:00"},
        },
    )
    assert answer.status == 201, answer.text()
    assert Decimal(answer.json()["total"]) == sheet_total(typed)


def theory(story: Story) -> None:
    """The tabulator pastes the column of theory marks in the order of the tickets; codes are not shown to him."""
    listed = rows_of(
        story.open("nigao", f"/desk/competitions/{story.links['competition']}/entries?state=approved"), "main"
    )
    who = {row[-1]: row[1] for row in listed if row[3].startswith(EVENT)}
    page = story.open("tongfen", f"/desk/modules/{story.links['theory']}/tabulation")
    order = [who[row[0]] for row in rows_of(page, "table[data-grid]")]
    assert sorted(order) == sorted(MARKS)
    assert not [code for code in codes_by_name(story).values() if f">{code}<" in page.content()]
    paste(page.locator("table[data-grid] input:not([type=hidden])").first, "\n".join(MARKS[name][0] for name in order))
    press(page, "保存")
    said(page, f"已保存 {len(MARKS)} 行")


def check(story: Story) -> None:
    """The checker looks at every code and confirms what was delivered for it."""
    for module in ("theory", "practice"):
        page = story.open("fuhe", f"/desk/modules/{story.links[module]}/checking")
        for code in [row[0].split()[0] for row in rows_of(page, "main")]:
            page.goto(f"/desk/modules/{story.links[module]}/checking/{code}")
            press(page, f"复核通过 {1 if module == 'theory' else len(JUDGES)} 份")
            said(page, "评分表已复核")


def sign(story: Story) -> None:
    """The chief judge sees codes × judges without a gap and signs both modules."""
    who = {code: name for name, code in codes_by_name(story).items()}
    for module in ("theory", "practice"):
        page = story.open("caipanzhang", f"/desk/modules/{story.links[module]}/matrix")
        shown = {row[0]: row for row in rows_of(page, "table.matrix")}
        for code in shown.keys() & {code for code, name in who.items() if name in MARKS}:
            theory_mark, typed = MARKS[who[code]]
            given = [Decimal(theory_mark)] if module == "theory" else [sheet_total(each) for each in typed]
            assert [Decimal(cell.split()[-1]) for cell in shown[code][2:-2]] == given
        story.decent(page)
        assert "锁定" in agree(page, "签字")
        said(page, "签字")
