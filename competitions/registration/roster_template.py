"""The table that unions download and fill in, with the events, divisions and levels of a competition to choose from.

What is asked in it the table of a person's fields says. Knows no page and no database.
"""

from collections.abc import Sequence

from competitions.programme.models import Competition, Event
from competitions.tabular.field_kinds import EXACT
from competitions.tabular.person_fields import fields_in
from competitions.tabular.writing import TemplateColumn, write_template

TIPS = (
    "请勿修改表头一行；第一行灰色示例不会导入，可以删除。",
    "红色表头为必填。身份证号、手机号两列已设为文本格式。",
    "填好后在系统的“上传名单”页面上传，系统会先逐格检查，确认后才保存。",
    "单位、项目相同的可以合并单元格，姓名和身份证号不要合并。",
)


def roster_template(competition: Competition, events: Sequence[Event]) -> bytes:
    """The 报名汇总表 to fill in, as .xlsx."""
    divisions = list(dict.fromkeys(division.name for event in events for division in event.divisions))
    options = {"event": [event.name for event in events], "division": divisions}
    columns = []
    for each in fields_in("template"):
        listed = options.get(each.name, list(each.choices))
        columns.append(
            TemplateColumn(
                each.label,
                each.advice,
                each.example or (listed[0] if listed else ""),
                listed,
                required=each.required or each.wanted,
                length=each.length if each.kind in EXACT else None,
                width=each.width + 2,
            )
        )
    return write_template(f"{competition.name}报名汇总表", TIPS, columns, sheet_name="报名汇总表")
