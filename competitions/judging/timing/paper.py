"""赛场情况记录表 of a stage: stops, extra time and incidents by time, and blank lines to go on by hand. By code only.

Source: capabilities.md §4 (异常情况登记表: time, station, what happened, what was done, who signs).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from competitions.base.clock import beijing_text
from competitions.coding.models import CodedPlace
from competitions.judging.models import Incident
from competitions.judging.timing.models import TimeChange
from competitions.judging.timing.wording import done, whom
from competitions.programme.models import Stage
from competitions.tabular.writing import Table, TableColumn, signature_line
from competitions.words.codes import MODULE_STATUSES, PRESENCE

LEAST_LINES = 15
"""Lines of the paper, so that there is room to go on by hand."""
_COLUMNS = (
    TableColumn("number", "序号", "integer", width=6),
    TableColumn("time", "时间", width=17),
    TableColumn("module", "模块", width=12),
    TableColumn("whom", "加密号（场次）", width=14),
    TableColumn("station", "工位", width=6),
    TableColumn("what", "情况", width=30),
    TableColumn("done", "处理", width=30),
    TableColumn("by", "登记人", width=10),
    TableColumn("signed", "裁判长签认", width=14),
    TableColumn("competitor", "选手签字（加密号）", width=14),
)
_VALUED = {"violation": "违规扣 {value} 分", "bonus": "加 {value} 分", "note": "情况记录"}


def hall_record(
    stage: Stage,
    changes: Sequence[TimeChange],
    incidents: Sequence[Incident],
    names: Mapping[str, str],
    places: Mapping[str, CodedPlace],
) -> Table:
    """The paper; `names`: user id → name, `places`: by code."""
    modules = {module.id: module.name for module in stage.modules}
    lines = [(each.begins_at, _of_change(each, names, places, modules)) for each in changes]
    lines += [(each.at, _of_incident(each, names, places, modules)) for each in incidents]
    lines.sort(key=lambda line: line[0])
    rows = [{"number": number, **row} for number, (_, row) in enumerate(lines, 1)]
    rows += [{"number": number} for number in range(len(rows) + 1, LEAST_LINES + 1)]
    return Table(
        f"{stage.event.name}{stage.name}赛场情况记录表",
        _COLUMNS,
        rows,
        ["停表、补时以裁判长签认的为准；计时 = 用时 − 停表 − 补时。"],
        [signature_line(("现场裁判", "裁判长", "监督员", "技术人员"))],
    )


def _of_change(
    change: TimeChange, names: Mapping[str, str], places: Mapping[str, CodedPlace], modules: Mapping[str, str]
) -> dict[str, object]:
    if change.withdrawn_at is not None:
        signed = f"已撤回：{change.withdrawn_reason}"
    else:
        signed = _signed(names.get(change.signed_by or "", ""), change.signed_at)
    return {
        "time": beijing_text(change.begins_at, "%m-%d %H:%M:%S"),
        "module": modules.get(change.module_id, ""),
        "whom": whom(change),
        "station": _station(places.get(change.code or "")),
        "what": change.reason,
        "done": done(change),
        "by": names.get(change.by, ""),
        "signed": signed,
    }


def _of_incident(
    incident: Incident, names: Mapping[str, str], places: Mapping[str, CodedPlace], modules: Mapping[str, str]
) -> dict[str, object]:
    words = {**PRESENCE, **MODULE_STATUSES}
    handled = words.get(incident.status or "") or _VALUED.get(incident.kind, "").format(value=incident.value)
    return {
        "time": beijing_text(incident.at, "%m-%d %H:%M:%S"),
        "module": modules.get(incident.module_id or "", "整个阶段"),
        "whom": incident.code,
        "station": _station(places.get(incident.code)),
        "what": incident.text,
        "done": handled,
        "by": names.get(incident.by, ""),
        "signed": "已撤回" if incident.revoked_at else "",
    }


def _signed(name: str, at: datetime | None) -> str:
    return f"{name} {beijing_text(at, '%m-%d %H:%M')}" if at else ""


def _station(place: CodedPlace | None) -> str:
    return str(place.station) if place is not None and place.station else ""
