"""What leaves registration as a workbook: template, 报名汇总表, 报名表, 报送名单, the list as shown. Knows no page.

ID numbers and phones stand in full only in 报名汇总表 and 报名表; whoever asks for those is logged (views).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from competitions.base.clock import beijing_text
from competitions.base.keyring import masked_id_number, masked_phone
from competitions.programme.models import Competition, Event
from competitions.registration.models import Entry, EntryMember, ReportingList
from competitions.registration.people import COLUMNS
from competitions.registration.roster_plan import phone_of
from competitions.registration.workers import id_number_of
from competitions.tabular.writing import (
    Form,
    FormBlock,
    FormField,
    Table,
    TableColumn,
    TemplateColumn,
    signature_line,
    write_form,
    write_template,
    write_workbook,
)
from competitions.words.codes import ENTRY_STATES

DELETED = "已删除"
"""Stands for ID number and phone twelve months after archiving (purging.py)."""
TEMPLATE_FIELDS = (
    "sequence",
    "organisation",
    "event",
    "division",
    "name",
    "sex",
    "ethnicity",
    "birth_date",
    "id_number",
    "education",
    "level",
    "certificate",
    "years",
    "phone",
    "migrant_worker",
    "new_employment",
    "clothes_size",
    "remark",
)
EXAMPLES = {
    "sequence": "1",
    "organisation": "广西某某机械有限公司",
    "name": "张三",
    "sex": "男",
    "ethnicity": "壮族",
    "birth_date": "1990-03-07",
    "id_number": "11010119900307891X",
    "education": "大专",
    "level": "三级/高级工",
    "certificate": "0000000000000000",
    "years": "8",
    "phone": "13800000000",
    "migrant_worker": "否",
    "new_employment": "否",
    "clothes_size": "XL",
    "remark": "",
}
ADVICE = {
    "organisation": "填写单位全称，与营业执照一致。",
    "event": "从下拉列表中选择，每行只填一个项目。",
    "division": "不填为职工组。",
    "name": "每格一个姓名，少数民族姓名中的点用“·”。",
    "birth_date": "如 1990-03-07；可不填，由身份证号得出。",
    "id_number": "18 位，本列已设为文本，请不要改动格式。",
    "phone": "11 位手机号，只填一个。",
    "sex": "可不填，由身份证号得出。",
}
TIPS = (
    "请勿修改表头一行；第一行灰色示例不会导入，可以删除。",
    "红色表头为必填。身份证号、手机号两列已设为文本格式。",
    "填好后在系统的“上传名单”页面上传，系统会先逐格检查，确认后才保存。",
    "单位、项目相同的可以合并单元格，姓名和身份证号不要合并。",
)


def roster_template(competition: Competition, events: Sequence[Event]) -> bytes:
    """The table to fill in, with this competition's events, divisions and levels as drop-down lists."""
    divisions = list(dict.fromkeys(division.name for event in events for division in event.divisions))
    options = {"event": [event.name for event in events], "division": divisions}
    columns = []
    for name in TEMPLATE_FIELDS:
        column = COLUMNS[name]
        listed = options.get(name, list(column.choices))
        columns.append(
            TemplateColumn(
                column.label,
                ADVICE.get(name, column.note),
                EXAMPLES.get(name, listed[0] if listed else ""),
                listed,
                required=name in ("organisation", "event", "name", "id_number"),
                kind="text",
                length=18 if name == "id_number" else 11 if name == "phone" else None,
                width=column.width + 2,
            )
        )
    return write_template(f"{competition.name}报名汇总表", TIPS, columns, sheet_name="报名汇总表")


SUMMARY_COLUMNS = (
    TableColumn("number", "序号", "integer", 6),
    TableColumn("delegation", "代表队"),
    TableColumn("employer", "单位名称"),
    TableColumn("event", "参赛项目"),
    TableColumn("division", "组别"),
    TableColumn("name", "姓名"),
    TableColumn("sex", "性别", width=6),
    TableColumn("ethnicity", "民族"),
    TableColumn("birth_date", "出生年月"),
    TableColumn("id_number", "身份证号", width=21),
    TableColumn("education", "文化程度"),
    TableColumn("level", "职业技能等级"),
    TableColumn("phone", "手机", width=14),
    TableColumn("remark", "备注"),
)


def summary_rows(entries: Sequence[Entry], *, full: bool) -> list[dict[str, Any]]:
    """The rows of 报名汇总表, one for each member; `full` opens ID numbers and phones."""
    rows: list[dict[str, Any]] = []
    for entry in entries:
        for member in entry.members:
            rows.append(
                {
                    "number": len(rows) + 1,
                    "delegation": entry.delegation.short_name or entry.delegation.name,
                    "event": entry.event.name,
                    "division": entry.division.name,
                    "state": ENTRY_STATES[entry.state],
                    "entry": entry,
                    **member_values(member, full=full),
                }
            )
    return rows


def member_values(member: EntryMember, *, full: bool) -> dict[str, str]:
    """A member's values as text; ID number and phone in full or masked, or that they were deleted."""
    id_number, phone = _id_number_and_phone(member, full=full)
    details = {name: str(value) for name, value in (member.details or {}).items()}
    return {
        **details,
        "name": member.name,
        "sex": member.sex,
        "level": member.level,
        "employer": member.employer_name,
        "birth_date": member.birth_date.strftime("%Y-%m") if member.birth_date else "",
        "remark": details.get("note", ""),
        "id_number": id_number,
        "phone": phone,
    }


def _id_number_and_phone(member: EntryMember, *, full: bool) -> tuple[str, str]:
    if member.purged_at:  # even where the worker's number is still kept for another competition
        return DELETED, DELETED
    id_number = id_number_of(member.worker) if member.worker else ""
    phone = phone_of(member)
    return (id_number, phone) if full else (masked_id_number(id_number), masked_phone(phone))


def summary_workbook(
    competition: Competition, union_name: str, rows: Sequence[Mapping[str, object]], reference: str
) -> bytes:
    """报名汇总表 as .xlsx, to print, sign and stamp."""
    table = Table(
        f"{competition.name}报名汇总表",
        SUMMARY_COLUMNS,
        rows,
        sheet_name="报名汇总表",
        subtitle_lines=[
            f"填报单位（盖章）：{union_name}　　填报人：＿＿＿＿＿＿　　联系电话：＿＿＿＿＿＿＿＿　　填报日期：＿＿＿＿年＿＿月＿＿日"
        ],
        footer_lines=[f"共 {len(rows)} 人。", signature_line(("填报人", "审核人", "负责人"))],
    )
    return write_workbook([table], title=f"{competition.name}报名汇总表", reference=reference)


LIST_COLUMNS = (
    TableColumn("number", "序号", "integer", 6),
    TableColumn("name", "姓名"),
    TableColumn("sex", "性别", width=6),
    TableColumn("employer", "单位名称"),
    TableColumn("event", "参赛项目"),
    TableColumn("division", "组别"),
    TableColumn("level", "职业技能等级"),
    TableColumn("delegation", "代表队"),
    TableColumn("union", "报送工会"),
    TableColumn("review", "参赛归口"),
    TableColumn("state", "状态"),
    TableColumn("ticket", "准考证号"),
)


def list_workbook(competition: Competition, entries: Sequence[Entry]) -> bytes:
    """The list of entries as the page shows it: no ID numbers, no phones."""
    rows = [
        {
            **row,
            "union": row["entry"].reporting_union.name,
            "review": row["entry"].review_union.name,
            "ticket": row["entry"].ticket or "",
        }
        for row in summary_rows(entries, full=False)
    ]
    table = Table(f"{competition.name}报名名单", LIST_COLUMNS, rows, sheet_name="报名名单", autofilter=True)
    return write_workbook([table], title=f"{competition.name}报名名单")


REPORT_COLUMNS = (
    TableColumn("number", "序号", "integer", 6),
    TableColumn("event", "参赛项目"),
    TableColumn("division", "组别"),
    TableColumn("name", "姓名"),
    TableColumn("sex", "性别", width=6),
    TableColumn("employer", "单位名称"),
    TableColumn("level", "职业技能等级"),
    TableColumn("reporting_union", "报送工会"),
    TableColumn("delegation", "代表队"),
    TableColumn("state", "审核意见"),
)


def reporting_workbook(closed: ReportingList) -> bytes:
    """A closed list as .xlsx: exactly the frozen document."""
    document = json.loads(closed.document)
    rows = [{**row, "number": number} for number, row in enumerate(document["rows"], 1)]
    title = f"{document['competition']}报送名单"
    table = Table(
        title,
        REPORT_COLUMNS,
        rows,
        sheet_name="报送名单",
        subtitle_lines=[
            f"报送单位（盖章）：{document['union']}　　第 {document['number']} 号　　报送时间：{document['closed_at']}　　共 {len(rows)} 人"
        ],
        footer_lines=[f"校验码：{closed.digest[:16]}", signature_line(("经办人", "审核人", "负责人"))],
    )
    return write_workbook([table], title=title, reference=closed.digest[:16])


def entry_workbook(entry: Entry, *, full: bool) -> bytes:
    """报名表 of an entry, a page for each member, for stamping (domain.md §2.1)."""
    return write_form(
        [_form(entry, member, full=full) for member in entry.members], title=f"{entry.competition.name}参赛选手报名表"
    )


def _form(entry: Entry, member: EntryMember, *, full: bool) -> Form:
    values = member_values(member, full=full)

    def asked(label: str, name: str, share: int = 1) -> FormField:
        return FormField(label, values.get(name, ""), share)

    word, side = entry.competition.event_word, entry.delegation.short_name or entry.delegation.name
    rows: list[Sequence[FormField] | FormBlock] = [
        [asked("姓名", "name"), asked("性别", "sex")],
        [asked("民族", "ethnicity"), asked("出生年月", "birth_date")],
        [asked("政治面貌", "politics"), asked("文化程度", "education")],
        [asked("身份证号", "id_number")],
        [asked("工作单位", "employer", 2), asked("部门", "department")],
        [asked("职务（岗位）", "post"), asked("手机", "phone"), asked("衣服尺码", "clothes_size")],
        [asked("技能等级", "level"), asked("证书编号", "certificate"), asked("工种工龄", "years")],
        [asked("是否农民工", "migrant_worker"), asked("新就业形态", "new_employment"), asked("用餐习惯", "meals")],
        FormBlock("主要业绩", "", height_mm=24),
        FormBlock(
            "本人承诺",
            "以上内容属实，已知悉并同意为组织竞赛使用本人个人信息。",
            "本人签名：＿＿＿＿＿＿　　　年　　月　　日",
            24,
        ),
        FormBlock("单位意见", "", "（盖章）　　　年　　月　　日", 26),
        FormBlock("审核工会意见", "", "（盖章）　　　年　　月　　日", 26),
        FormBlock("组委会意见", "", "（盖章）　　　年　　月　　日", 24),
    ]
    head = [
        f"{word}：{entry.event.name}　　组别：{entry.division.name}　　代表队：{side}"
        f"　　报送工会：{entry.reporting_union.name}"
    ]
    return Form(
        f"{entry.competition.name}参赛选手报名表",
        rows,
        head,
        [
            f"状态：{ENTRY_STATES[entry.state]}　"
            f"准考证号：{entry.ticket or '（审核通过后生成）'}　提交时间：{beijing_text(entry.submitted_at) or '—'}"
        ],
        photo="一寸免冠照片",
        sheet_name=member.name or "报名表",
    )
