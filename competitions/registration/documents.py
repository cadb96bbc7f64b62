"""The lists that leave registration: 报名汇总表, 报送名单, the list as shown. Knows no page.

ID numbers and phones stand in full only in 报名汇总表; whoever asks for it is logged (views).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from competitions.programme.models import Competition
from competitions.registration.member_values import open_values_of, values_of
from competitions.registration.models import Entry, ReportingList
from competitions.tabular.person_fields import fields_in
from competitions.tabular.writing import Table, TableColumn, signature_line, write_workbook
from competitions.words.codes import ENTRY_STATES


def summary_columns(competition: Competition) -> list[TableColumn]:
    """The columns of 报名汇总表, on the page and in the workbook, as the table of a person's fields has them; the event is
    called what the competition calls it.
    """
    words = {"event": competition.event_word}
    return [
        TableColumn(each.name, words.get(each.name, each.label), "integer" if each.kind == "counted" else "text")
        for each in fields_in("summary")
    ]


def summary_rows(entries: Sequence[Entry], *, full: bool, numbers: bool = True) -> list[dict[str, Any]]:
    """The rows of 报名汇总表, one for each member; `full` opens ID numbers and phones, without `numbers` there are none."""
    rows: list[dict[str, Any]] = []
    for entry in entries:
        for member in entry.members:
            rows.append(
                {
                    "sequence": len(rows) + 1,
                    "delegation": entry.delegation.short_name or entry.delegation.name,
                    "event": entry.event.name,
                    "division": entry.division.name,
                    "state": ENTRY_STATES[entry.state],
                    "entry": entry,
                    **(values_of(member, full=full) if numbers else open_values_of(member)),
                }
            )
    return rows


def summary_workbook(
    competition: Competition, union_name: str, rows: Sequence[Mapping[str, object]], reference: str
) -> bytes:
    """报名汇总表 as .xlsx, to print, sign and stamp."""
    table = Table(
        f"{competition.name}报名汇总表",
        summary_columns(competition),
        rows,
        sheet_name="报名汇总表",
        subtitle_lines=[
            f"填报单位（盖章）：{union_name}　　填报人：＿＿＿＿＿＿　　联系电话：＿＿＿＿＿＿＿＿　　填报日期：＿＿＿＿年＿＿月＿＿日"
        ],
        footer_lines=[f"共 {len(rows)} 人。", signature_line(("填报人", "审核人", "负责人"))],
    )
    return write_workbook([table], title=f"{competition.name}报名汇总表", reference=reference)


LIST_COLUMNS = (
    TableColumn("sequence", "序号", "integer", 6),
    TableColumn("name", "姓名"),
    TableColumn("sex", "性别", width=6),
    TableColumn("organisation", "单位名称"),
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
        for row in summary_rows(entries, full=False, numbers=False)
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
