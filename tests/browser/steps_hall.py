"""The whole line, fourth part: sittings, lots, codes, check-in, marking scheme, panel; nobody is marked yet."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.steps_house import Story, agree, paste, press, rows_of, said, type_in
from tests.browser.steps_programme import EVENT, HALL, JUDGES, beijing_minute

NAMES = {username: name for username, name, _ in HALL}
ABSENT, LATE = "邓家豪", "周凤"
STATIONS = ("5", "2", "7", "1", "4", "6", "3")
"""As drawn in the hall, in the order of the list."""
SCHEME = (
    ("A1", "焊前准备与装配", "测量", "30", "0.5", ""),
    ("A2", "焊缝外形尺寸", "测量", "40", "0.5", ""),
    ("B1", "表面缺陷", "扣分", "20", "", "2"),
    ("D1", "安全文明生产", "扣分", "10", "", "1"),
)
"""Aspects of the practice: id, name, kind, full marks, step, what one fault takes."""


def lots_and_codes(story: Story) -> None:
    """The coder makes a sitting, types the lots of the hall (pasted), draws the codes and seals; both look again."""
    page = story.open("jiami", f"/desk/stages/{story.links['stage']}/coding/sittings")
    type_in(
        page,
        {"name": "第一场", "starts_at": beijing_minute(timedelta(minutes=1)), "stations": "8", "place": "焊接车间"},
    )
    press(page, "添加")
    said(page, "已添加场次")
    page.goto(f"/desk/stages/{story.links['stage']}/coding/lots")
    paste(page.locator("table[data-grid] input").first, "\n".join(STATIONS))
    press(page, "保存抽签结果")
    said(page, "7 个参赛者的抽签结果有变化")
    page.goto(f"/desk/stages/{story.links['stage']}/coding/levels/1")
    press(page, "由系统随机抽取")
    said(page, "编号已随机抽取")


def check_in(story: Story) -> None:
    """The steward checks people in: one is absent, one is late."""
    page = story.open("jianlu", f"/desk/stages/{story.links['stage']}/check-in")
    rows = page.locator("tr[data-comer]")
    expect(rows).to_have_count(7)
    for row in rows.all():
        name = row.locator("td.lead").inner_text()
        button = row.get_by_role("button", name={ABSENT: "缺考", LATE: "迟到"}.get(name, "到场"), exact=True)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-counts]")).to_contain_text(
        re.compile("到场\\s*5\\s*迟到\\s*1\\s*缺考\\s*1\\s*弃权\\s*0\\s*未检录\\s*0")
    )


def seal(story: Story) -> None:
    """Coder and supervisor seal, each from an own sign-in, over the same digest."""
    page = story.open("jiami", f"/desk/stages/{story.links['stage']}/coding/levels/1")
    agree(page, "封存这一级")
    said(page, "已封存")
    digest = page.locator("code.digest").inner_text()
    witness = story.open("jiandu", "/desk/witness")
    witness.get_by_role("link", name=f"{EVENT} 决赛：").click()
    expect(witness.locator("code.digest")).to_have_text(digest)
    agree(witness, "见证封存")
    said(witness, "已见证封存")


def codes_by_name(story: Story) -> dict[str, str]:
    """Who stands behind which code, as the coder's own register says (nobody else sees it)."""
    page = story.open("jiami", f"/desk/stages/{story.links['stage']}/coding/levels/1")
    return {re.split(r"\s+", shown)[-1]: code for code, shown, *_ in rows_of(page, "main")}


def prepare(story: Story) -> None:
    """The organiser pastes the marking scheme, seats the panels."""
    page = story.open("nigao", "/desk/judging/preparation")
    row = page.locator("section", has_text=f"{EVENT} · 决赛").get_by_role("row", name="实操")
    row.get_by_role("link", name="评分细则").click()
    page.wait_for_url("**/scheme")
    story.links["practice"] = page.url.split("/")[-2]
    paste(page.get_by_label("第 1 行 编号"), "\n".join("\t".join(line) for line in SCHEME))
    press(page, "保存为第 1 版")
    said(page, "评分细则已保存")
    for username in JUDGES:
        sit(story, page, story.links["practice"], username, "评分裁判（结果）")
    page.goto("/desk/judging/preparation")
    row = page.locator("section", has_text=f"{EVENT} · 决赛").get_by_role("row", name="理论")
    row.get_by_role("link", name="裁判组").click()
    page.wait_for_url("**/panel")
    story.links["theory"] = page.url.split("/")[-2]
    sit(story, page, story.links["theory"], "tongfen", "统分员（纸面录入）")


def open_judging(story: Story) -> None:
    """The organiser opens the sheets: six people, five judges and one tabulator."""
    page = story.open("nigao", f"/desk/stages/{story.links['stage']}/judging/open")
    assert "锁定" in agree(page, "开启评分")
    said(page, "新增 36 份评分表")


def sit(story: Story, page: Page, module: str, username: str, duty: str) -> None:
    """Put a person on a panel."""
    page.goto(f"/desk/modules/{module}/panel")
    type_in(page, {"user": NAMES[username], "duty": duty})
    press(page, "编入")
    said(page, "已编入裁判组")
