"""报名表 of an entry, a page for each member, to be signed and stamped (domain.md §2.1): on the page and as .xlsx the same.

Which fields of a person stand on it the table of a person's fields says. Knows no page; ID number and phone stand in full
where the caller has logged it.
"""

from itertools import groupby

from competitions.base.clock import beijing_text
from competitions.registration.member_values import values_of
from competitions.registration.models import Entry, EntryMember
from competitions.tabular.person_fields import fields_in
from competitions.tabular.writing import Form, FormBlock, FormField, write_form
from competitions.words.codes import ENTRY_STATES

PHOTO_ROWS = 4
BESIDE_PHOTO, ACROSS = 2, 3
"""How many fields of one share a row takes."""
STAMP = "（盖章）　　　年　　月　　日"
BLOCKS = (
    FormBlock("主要业绩", "", height_mm=24),
    FormBlock(
        "本人承诺",
        "以上内容属实，已知悉并同意为组织竞赛使用本人个人信息。",
        "本人签名：＿＿＿＿＿＿　　　年　　月　　日",
        24,
    ),
    FormBlock("单位意见", "", STAMP, 26),
    FormBlock("审核工会意见", "", STAMP, 26),
    FormBlock("组委会意见", "", STAMP, 24),
)


def entry_workbook(entry: Entry, *, full: bool) -> bytes:
    """报名表 as .xlsx, a sheet for each member."""
    return write_form(entry_forms(entry, full=full), title=f"{entry.competition.name}参赛选手报名表")


def entry_forms(entry: Entry, *, full: bool) -> list[Form]:
    """报名表 of each member."""
    return [_form(entry, member, full=full) for member in entry.members]


def _form(entry: Entry, member: EntryMember, *, full: bool) -> Form:
    word, side = entry.competition.event_word, entry.delegation.short_name or entry.delegation.name
    head = (
        f"{word}：{entry.event.name}　　组别：{entry.division.name}　　代表队：{side}"
        f"　　报送工会：{entry.reporting_union.name}"
    )
    foot = (
        f"状态：{ENTRY_STATES[entry.state]}　"
        f"准考证号：{entry.ticket or '（审核通过后生成）'}　提交时间：{beijing_text(entry.submitted_at) or '—'}"
    )
    return Form(
        f"{entry.competition.name}参赛选手报名表",
        [*_rows(values_of(member, full=full)), *BLOCKS],
        [head],
        [foot],
        photo="一寸免冠照片",
        photo_rows=PHOTO_ROWS,
        sheet_name=member.name or "报名表",
    )


def _rows(values: dict[str, str]) -> list[list[FormField]]:
    """The fields of each group, as many in a row as there is room; the first rows stand beside the photo."""
    rows: list[list[FormField]] = []
    for _, group in groupby(fields_in("print"), lambda each: each.group):
        room = 0
        for each in group:
            if room < each.share:
                rows.append([])
                room = BESIDE_PHOTO if len(rows) <= PHOTO_ROWS else ACROSS
            rows[-1].append(FormField(each.paper_label or each.label, values[each.name], each.share))
            room -= each.share
    return rows
