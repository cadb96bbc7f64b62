"""The whole line, second part: programme, competition, events with their rules, the notice, the people of the hall."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from competitions.base.clock import beijing, now
from tests.browser.steps_house import Story, agree, id_in, issue_by_worksheet, press, said, type_in

PROGRAMME = "桂有技能、产业振兴"
COMPETITION = "2026年“桂有技能、产业振兴”柳州市职工职业技能大赛"
NUMBER = "柳工发〔2026〕12号"
EVENT, OTHERS = "焊工", ("电工", "钳工", "数控车工")
"""The event that is carried through, and the others of the workbook."""
JUDGES = [f"caipan{number}" for number in range(1, 6)]
HALL = [
    ("caipanzhang", "裁判长黄", "裁判长"),
    ("fuhe", "复核员蒙", "复核员"),
    ("tongfen", "统分员陆", "统分员"),
    ("jiami", "加密员农", "加密裁判"),
    ("jianlu", "检录员岑", "检录裁判"),
    ("jiandu", "监督员甘", "监督员"),
    *((username, f"评分员{letter}", "裁判员") for username, letter in zip(JUDGES, "甲乙丙丁戊", strict=True)),
]


def beijing_minute(ahead: timedelta) -> str:
    """A minute from now on, as a date and time field takes it."""
    return f"{beijing(now()) + ahead:%Y-%m-%dT%H:%M}"


def announce(story: Story) -> None:
    """The organiser makes the programme, the competition and its events, and publishes the notice."""
    page = story.open("nigao", "/desk/programmes/new")
    type_in(page, {"name": PROGRAMME, "summary": "五年一轮的主题竞赛。"})
    press(page, "保存")
    page.goto("/desk/competitions/new")
    type_in(
        page,
        {
            "name": COMPETITION,
            "programme_id": PROGRAMME,
            "level_code": "自治区级二类",
            "document_number": NUMBER,
            "place": "柳州市职业技能公共实训基地",
            "contact": "组委会办公室",
            "contact_phone": "0772-2855000",
            "report_until": beijing_minute(timedelta(hours=2)),
            "review_until": beijing_minute(timedelta(hours=3)),
            "final_until": beijing_minute(timedelta(hours=4)),
            "host": "柳州市总工会\n柳州市人力资源和社会保障局",
            "organiser": "柳州市职工技术协会",
            "notice": "现将竞赛有关事项通知如下。",
            "conditions": "从事本职业工作满一年。",
        },
    )
    press(page, "保存")
    story.links["competition"] = id_in(page, "/desk/competitions/")
    first_event(story, page)
    for name in OTHERS:
        page.goto(f"/desk/competitions/{story.links['competition']}/events/copy")
        type_in(page, {"source_id": f"{COMPETITION} › {EVENT}", "name": name})
        press(page, "复制")
        said(page, "已复制")
    page.goto(f"/desk/competitions/{story.links['competition']}")
    assert "各级工会可以报名" in agree(page, "发布通知")
    said(page, "通知已发布")


def first_event(story: Story, page: Page) -> None:
    """Welders: theory 30 and practice 70, five judges, the best and the worst mark left out."""
    page.get_by_role("link", name="添加赛项").first.click()
    type_in(page, {"name": EVENT})
    story.decent(page)
    press(page, "保存")
    story.links["event"] = id_in(page, "/desk/events/")
    page.get_by_role("link", name="计分规则", exact=True).click()
    page.get_by_role("link", name="五名裁判").click()
    expect(page.locator("#outcome")).to_contain_text("30%")
    story.decent(page)
    page.get_by_role("button", name="保存计分规则").click()
    said(page, "计分规则已保存")
    expect(page.locator(".rule-sentences").first).to_contain_text("去掉")
    story.links["stage"] = page.url.split("/")[-2]


def hall_people(story: Story) -> None:
    """The organiser issues the accounts of the hall by worksheet, and looks whether anybody is missing."""
    issue_by_worksheet(story, "nigao", "guanli2", HALL, f"{COMPETITION} › {EVENT}")
    page = story.open("nigao", f"/desk/events/{story.links['event']}/people")
    expect(page.get_by_role("cell", name="裁判长黄")).to_be_visible()
    assert "还没有指派" not in page.content()
    page = story.open(None, f"/competitions/{story.links['competition']}")
    expect(page.get_by_role("heading", name=COMPETITION)).to_be_visible()
