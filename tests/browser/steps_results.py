"""The whole line, last part: standings, settling, decoding, drafting, approving; what a visitor sees before and after."""

import json
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO

import openpyxl
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.steps_hall import ABSENT, codes_by_name
from tests.browser.steps_house import Story, agree, id_in, press, rows_of, said, type_in
from tests.browser.steps_judging import MARKS, sheet_total
from tests.browser.steps_programme import COMPETITION, EVENT
from tests.browser.steps_registration import WELDERS

AWARDS = {1: "一等奖", 2: "二等奖", 3: "三等奖", 4: "三等奖"}
"""10 %, 20 % and 30 % of six placings, rounded half up: 1, 1 and 2 places."""


@dataclass(frozen=True)
class Placing:
    """A line of the table as worked out here, beside the system, in plain decimals."""

    rank: int
    name: str
    theory: str
    practice: str
    total: str
    award: str | None


def two(number: Decimal) -> Decimal:
    """Rounded half up to two places."""
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP)


def worked_out() -> list[Placing]:
    """The published table from what was typed: best and worst sheet left out, 30 % and 70 %, ties by the practice."""
    lines = []
    for name, (theory, typed) in MARKS.items():
        kept = sorted(sheet_total(each) for each in typed)[1:-1]
        practice = two(sum(kept, Decimal(0)) / len(kept))
        lines.append((two(two(Decimal(theory)) * Decimal("0.3") + practice * Decimal("0.7")), practice, theory, name))
    lines.sort(key=lambda line: (-line[0], -line[1]))
    assert lines[1][0] == lines[2][0] and lines[1][1] > lines[2][1], "the marks are chosen so that a tie is broken"
    return [
        Placing(rank, name, f"{two(Decimal(theory))}", f"{practice}", f"{total}", AWARDS.get(rank))
        for rank, (total, practice, theory, name) in enumerate(lines, 1)
    ]


def standings(story: Story) -> None:
    """The chief judge reads the standings by code, and settles."""
    code_of = codes_by_name(story)
    page = story.open("caipanzhang", f"/desk/stages/{story.links['stage']}/standings")
    shown = [row for row in rows_of(page, "main") if len(row) > 1]
    assert [(row[0], *row[1:5]) for row in shown[:6]] == [
        (str(line.rank), code_of[line.name], line.theory, line.practice, line.total) for line in worked_out()
    ]
    assert shown[6][1] == code_of[ABSENT] and "缺考" in shown[6][0]
    assert not [name for name in WELDERS if name in page.content()]
    story.decent(page)
    assert "不能再改" in agree(page, "结算签字")
    said(page, "名次已结算签字")


def decode(story: Story) -> None:
    """The coder opens his level, then the supervisor with a record."""
    page = story.open("jiami", f"/desk/stages/{story.links['stage']}/coding/levels/1")
    agree(page, "解密这一级")
    said(page, "已确认解密")
    page = story.open("jiandu", "/desk/witness")
    page.get_by_role("link", name=f"{EVENT} 决赛：").click()
    type_in(page, {"record": "封条完好，当场拆封，校验值与登记表一致。"})
    press(page, "确认解密")
    said(page, "已解密这一级")


def publish(story: Story) -> None:
    """The organiser drafts; a visitor sees nothing of it anywhere; another person approves."""
    page = story.open("nigao", f"/desk/stages/{story.links['stage']}/standings")
    story.decent(page)
    page.get_by_role("link", name="拟稿公布").click()
    press(page, "生成拟稿")
    said(page, "等待另一人审定签发")
    story.links["publication"] = id_in(page, "/desk/publications/")
    assert page.get_by_role("button", name="审定签发").count() == 0
    nothing_leaks(story)
    page = story.open("shending", "/desk/results/approvals")
    page.locator(".todo").get_by_role("link", name=COMPETITION).click()
    assert "不能再改" in agree(page, "审定签发")
    said(page, "成绩已公布")
    page.goto(f"/results/{story.links['publication']}")


def nothing_leaks(story: Story) -> None:
    """Before the approval: no public page, list or file gives a name, a mark or an award away."""
    page, draft = story.page(), story.links["publication"]
    for path in (f"/results/{draft}", f"/results/{draft}.json", f"/results/{draft}.xlsx"):
        assert page.request.get(path).status == 404, path
    for path in (f"/desk/publications/{draft}", f"/desk/stages/{story.links['stage']}/standings"):
        assert page.request.get(path, max_redirects=0).status == 302, path
    told = {line.total for line in worked_out()} | set(MARKS) | {"一等奖"}
    for path in ("/", "/results/", "/competitions/", f"/competitions/{story.links['competition']}"):
        text = page.request.get(path).text()
        assert not [word for word in told if word in text], path


def visitor(story: Story) -> None:
    """On a phone: from the front page to the table, and the two files that say the same."""
    page = story.open(None, "/", PHONE)
    page.get_by_role("link", name=EVENT).first.click()
    page.wait_for_url(f"**/results/{story.links['publication']}")
    story.decent(page)
    expect(page.get_by_role("heading", name=f"{EVENT} 决赛 成绩公布")).to_be_visible()
    table = worked_out()
    assert [tuple(row[:3] + row[4:]) for row in rows_of(page, "#table")] == [
        (str(line.rank), line.name, WELDERS[line.name], line.theory, line.practice, line.total, line.award or "—")
        for line in table
    ]
    assert ABSENT not in page.content()
    document = json.loads(page.request.get(f"/results/{story.links['publication']}.json").text())
    assert [
        (p["rank"], p["name"], p["organisation"], p["modules"], p["total"], p["award"])
        for p in document["divisions"][0]["placings"]
    ] == [
        (
            line.rank,
            line.name,
            WELDERS[line.name],
            {"theory": line.theory, "practice": line.practice},
            line.total,
            line.award,
        )
        for line in table
    ]
    with page.expect_download() as download:
        page.get_by_role("link", name="下载表格").click()
    assert sheet_lines(download.value.path().read_bytes()) == [
        (
            line.rank,
            line.name,
            WELDERS[line.name],
            Decimal(line.theory),
            Decimal(line.practice),
            Decimal(line.total),
            line.award or "",
        )
        for line in table
    ]
    no_personal_data(page)


def sheet_lines(data: bytes) -> list[tuple[object, ...]]:
    """The lines of the published workbook by the words of its headings."""
    rows = [list(row) for row in openpyxl.load_workbook(BytesIO(data)).active.iter_rows(values_only=True)]
    top = next(number for number, row in enumerate(rows) if "姓名" in row)
    at = [rows[top].index(word) for word in ("名次", "姓名", "所在单位", "理论", "实操", "总成绩", "拟授奖项")]
    lines = [[row[place] for place in at] for row in rows[top + 1 :] if isinstance(row[at[0]], int)]
    return [(*line[:3], *(Decimal(str(value)) for value in line[3:6]), line[6] or "") for line in lines]


def no_personal_data(page: Page) -> None:
    """No ID number or phone of the roster stands anywhere on the public page."""
    for fragment in ("4507031979", "13972496573", "17764505072", "451002198202214028"):
        assert fragment not in page.content()
