"""The whole line, third part: the roster of the notice's attachment with its faults, corrected, submitted, reviewed,
reported and approved.
"""

from io import BytesIO
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

from tests.browser.steps_house import CITY_SHORT, Story, agree, press, rows_of, said, spreadsheet
from tests.browser.steps_programme import EVENT

ATTACHMENT = Path(__file__).resolve().parents[1] / "data" / "workbooks" / "notice-attachment.xlsx"
CORRECTIONS = {"I8": "451002198202214028", "I15": "450305198408226758", "M23": "13807712345"}
"""Cells with faults and what the clerk writes instead."""
WELDERS = {
    "邓春燕": "柳州钢铁股份有限公司",
    "黄文斌": "柳州钢铁股份有限公司",
    "苏秀英": "广西玉柴机器股份有限公司",
    "邓家豪": "广西玉柴机器股份有限公司",
    "罗光荣": "南宁轨道交通集团有限责任公司",
    "黄伟": "南宁轨道交通集团有限责任公司",
    "周凤": "上汽通用五菱汽车股份有限公司",
}
"""The people of the event that is carried through, as they stand in the workbook."""


def corrected() -> bytes:
    """The attachment with its three faults mended, as the clerk saves it."""
    book, out = openpyxl.load_workbook(ATTACHMENT), BytesIO()
    for cell, text in CORRECTIONS.items():
        book["附件2"][cell] = text
        book["附件2"][cell].number_format = "@"
    book.save(out)
    return out.getvalue()


def entries(story: Story, username: str, query: str = "") -> Page:
    """The list of entries as this person sees it."""
    return story.open(username, f"/desk/competitions/{story.links['competition']}/entries{query}")


def upload(story: Story, name: str, data: bytes) -> Page:
    """The clerk uploads a roster and sees the preview."""
    page = entries(story, "jingban")
    page.get_by_role("link", name="上传名单").first.click()
    page.set_input_files("#roster", spreadsheet(name, data))
    press(page, "上传并检查")
    page.wait_for_url("**/desk/rosters/*")
    return page


def roster(story: Story) -> None:
    """The clerk sees three faults by cell, gives the upload up, corrects the file, uploads again, confirms, submits."""
    page = upload(story, ATTACHMENT.name, ATTACHMENT.read_bytes())
    expect(page.locator(".tiles")).to_contain_text("27")
    for cell in CORRECTIONS:
        expect(page.get_by_label(cell, exact=True)).to_be_visible()
    assert page.locator("tr.row-faulty").count() == len(CORRECTIONS)
    story.decent(page)
    agree(page, "放弃")
    said(page, "没有保存任何内容")
    page = upload(story, "报名汇总表.xlsx", corrected())
    assert page.locator("tr.row-faulty").count() == 0
    press(page, "确认导入 30 人")
    said(page, "新增 30 人")
    page.get_by_role("link", name="提交报名").first.click()
    press(page, "确认并提交")
    expect(page.locator("form")).to_contain_text(["本次提交 30 条报名"])
    page.check("#is_true")
    page.check("#told")
    press(page, "确认并提交")
    said(page, "已提交 30 条报名")


def review(story: Story) -> None:
    """The reviewing union endorses all at once and reports its list; the organiser approves all."""
    page = entries(story, "liuzhou", "?state=submitted")
    choose_every(page, 30)
    agree(page, "初审通过")
    said(page, "30 条报名初审通过")
    page = entries(story, "liuzhou")
    assert "30" in agree(page, "报送名单")
    said(page, "第 1 号名单已报送")
    listed = rows_of(page, "main")
    assert len(listed) == 30
    assert {row[3]: row[5] for row in listed if row[1] == EVENT} == WELDERS
    assert {row[8] for row in listed} == {CITY_SHORT}
    page = entries(story, "shending", "?state=to_decide")
    choose_every(page, 30)
    agree(page, "审核通过")
    said(page, "30 条报名审核通过")


def choose_every(page: Page, count: int) -> None:
    """Tick the whole list, over its pages too."""
    page.get_by_label("选择本页全部").check()
    every = page.get_by_role("button", name=f"选中符合条件的全部 {count} 条")
    if every.count():
        every.click()
