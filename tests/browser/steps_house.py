"""The whole line, first part: the people with their own sign-ins, the accounts they get, the unions and employers.

Everything a person does goes through the pages; `Story` keeps the open pages and the addresses found on the way.
"""

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import openpyxl
from flask import Flask
from playwright.sync_api import FilePayload, Locator, Page, expect

from competitions.demo.places import uscc
from tests.people import PASSWORD

CITY = "柳州市总工会"
CITY_SHORT = "柳州市总"
UNION = "柳州市工业职工联合工会"
EMPLOYERS = (
    "柳州钢铁股份有限公司",
    "广西汽车集团有限公司",
    "广西玉柴机器股份有限公司",
    "南宁轨道交通集团有限责任公司",
    "上汽通用五菱汽车股份有限公司",
)
"""The units of notice-attachment.xlsx."""


class Story:
    """The people at their browsers: `page(username)` is one person's page, signed in once, in a context of its own."""

    def __init__(self, app: Flask, page_of: Callable[..., Page], axe: Callable[[Page], list[dict[str, Any]]]) -> None:
        self.app, self._page_of, self._axe = app, page_of, axe
        self._pages: dict[str, Page] = {}
        self.links: dict[str, str] = {}

    def page(self, username: str | None = None, size: tuple[int, int] | None = None) -> Page:
        """This person's page (a visitor's without a name; a visitor with another size is another visitor)."""
        key = username or f"visitor {size}"
        if key not in self._pages:
            self._pages[key] = self._page_of(username, **({"size": size} if size else {}))
        return self._pages[key]

    def open(self, username: str | None, path: str, size: tuple[int, int] | None = None) -> Page:
        """This person opens an address of the site."""
        page = self.page(username, size)
        page.goto(path, wait_until="domcontentloaded")
        return page

    def decent(self, page: Page) -> None:
        """A page that decides: nothing serious for axe, nothing to be scrolled sideways."""
        assert self._axe(page) == [], page.url
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def type_in(page: Page, values: Mapping[str, str]) -> None:
    """Fill fields by id; the words of a choice are its label."""
    for name, value in values.items():
        field = page.locator(f"#{name}")
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)


def press(page: Page | Locator, name: str) -> None:
    """Press the button with exactly these words."""
    page.get_by_role("button", name=name, exact=True).click()


def agree(page: Page, name: str, confirm: str | None = None) -> str:
    """Press a button that asks first, read the consequence and go on; the sentence that was read."""
    press(page, name)
    dialog = page.locator("dialog[open]")
    sentence = dialog.locator("p").first.inner_text()
    press(dialog, confirm or name)
    return sentence


def said(page: Page, words: str) -> None:
    """The page says this above its content."""
    expect(page.locator("#messages")).to_contain_text(words)


def paste(field: Locator, text: str) -> None:
    """Paste a block as copied from Excel into the cell and those right of it and below."""
    field.focus()
    field.evaluate(
        """(cell, text) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData("text/plain", text);
        cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
    }""",
        text,
    )


def id_in(page: Page, pattern: str) -> str:
    """The id in the address of a page, e.g. id_in(page, "/desk/events/")."""
    page.wait_for_url(re.compile(re.escape(pattern) + "[0-9a-f-]{36}$"))
    return page.url.rsplit("/", 1)[1]


def rows_of(page: Page, table: str) -> list[list[str]]:
    """The texts of a table's body, cell by cell."""
    script = "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    found: list[list[str]] = page.locator(f"{table} tbody tr").evaluate_all(script)
    return found


def workbook(rows: list[list[Any]]) -> FilePayload:
    """A worksheet to be uploaded."""
    book, out = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return spreadsheet("表格.xlsx", out.getvalue())


def spreadsheet(name: str, data: bytes) -> FilePayload:
    """A file for set_input_files."""
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return FilePayload(name=name, mimeType=mime, buffer=data)


def activate(story: Story, username: str, code: str) -> None:
    """The holder of a one-time code sets his password."""
    page = story.open(None, "/activate")
    type_in(page, {"username": username, "code": code, "password": PASSWORD, "again": PASSWORD})
    press(page, "设置密码")
    page.wait_for_url("**/login")


def issue(story: Story, by: str, username: str, name: str, **choices: str) -> None:
    """One account with its first role, issued by the next one up, activated by its holder."""
    page = story.open(by, "/desk/users/new")
    type_in(page, {"display_name": name, "username": username, **choices})
    press(page, "发放账号")
    code = page.locator("[data-activation-code]").inner_text()
    activate(story, username, code)


def issue_by_two(story: Story, by: str, other: str, username: str, name: str, **choices: str) -> None:
    """The same for a role that two people give: the other one agrees, the holder enters both halves."""
    page = story.open(by, "/desk/users/new")
    type_in(page, {"display_name": name, "username": username, **choices})
    press(page, "发放账号")
    first = page.locator("[data-first-half]").inner_text()
    activate(story, username, first + agree_to_newest(story, other)[username])


def agree_to_newest(story: Story, by: str) -> dict[str, str]:
    """This person agrees to what waits for him; user name → the second half of the code that he is shown."""
    page = story.open(by, "/desk/account-requests")
    page.get_by_role("link", name="查看并办理").last.click()
    agree(page, "同意")
    rows = page.locator("table tbody tr")
    expect(page.locator("[data-second-half]").first).to_be_visible()
    cells = [row.locator("td").all_inner_texts() for row in rows.all()]
    return {username.strip(): half.strip() for _, username, half in cells}


def issue_by_worksheet(story: Story, by: str, other: str, people: list[tuple[str, str, str]], scope: str) -> None:
    """Many accounts at once: (user name, name, role in words), all for this event; another agrees, each is activated by its
    holder with both halves of his code.
    """
    page = story.open(by, "/desk/users/import")
    heads = ["序号", "用户名", "姓名", "单位", "角色", "赛事或赛项", "有效期至"]
    rows = [[number, username, name, None, role, scope] for number, (username, name, role) in enumerate(people, 1)]
    page.set_input_files("#file", workbook([heads, *rows]))
    press(page, "上传并预览")
    expect(page.locator(".tiles")).to_contain_text(f"{len(people)}")
    with page.expect_download() as download:
        agree(page, "发放并下载激活码")
    sheet = openpyxl.load_workbook(BytesIO(download.value.path().read_bytes())).active
    lines = [list(row) for row in sheet.iter_rows(values_only=True)]
    top = next(number for number, line in enumerate(lines) if "用户名" in line)
    name_at, code_at = lines[top].index("用户名"), lines[top].index("一次性激活码")
    codes = {line[name_at]: line[code_at] for line in lines[top + 1 :] if line[code_at]}
    assert set(codes) == {username for username, _, _ in people}
    halves = agree_to_newest(story, other)
    for username, code in codes.items():
        activate(story, username, code + halves[username])


def first_people(story: Story) -> None:
    """An installation with its region: the administrator activates, issues the organisers and the reviewing union."""
    runner = story.app.test_cli_runner()
    assert runner.invoke(args=["organisations", "seed"]).exit_code == 0
    assert runner.invoke(args=["programme", "load-reference"]).exit_code == 0
    for administrator in ("guanli", "guanli2"):
        token = runner.invoke(args=["accounts", "create-admin", administrator]).stdout.split()[0]
        activate(story, administrator, token)
    issue(story, "guanli", "nigao", "经办人陈", role="组委会（拟稿）")
    issue_by_two(story, "guanli", "guanli2", "shending", "审定人覃", role="组委会（审定）")
    issue(story, "guanli", "liuzhou", "审核员罗", role="审核工会", union_name=CITY)


def units(story: Story) -> None:
    """The city union adds a joint union and its employers, and issues the clerk of that union."""
    page = story.open("liuzhou", "/desk/unions")
    page.get_by_role("link", name=CITY).first.click()
    page.get_by_role("link", name="添加下级工会").first.click()
    type_in(page, {"name": UNION, "kind": "联合工会", "short_name": "柳州工业联合工会"})
    press(page, "保存")
    said(page, f"已添加“{UNION}”")
    for number, name in enumerate(EMPLOYERS):
        page.goto("/desk/employers/new")
        type_in(page, {"name": name, "uscc": uscc("450200", f"MA5WL{number:04d}"), "union_name": UNION})
        press(page, "保存")
        said(page, f"已添加“{name}”")
    issue(story, "liuzhou", "jingban", "经办人韦", role="报送工会经办人", union_name=UNION)
