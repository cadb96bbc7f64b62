"""The rulesets (ready-made ones) and the marking schemes of the demonstration's events."""

import copy
from typing import Any

from competitions.programme.rulesets.presets import STARTERS

Document = dict[str, Any]
SCHEMES: dict[str, tuple[tuple[str, str, str, str, str | None], ...]] = {
    "焊工": (
        ("A1", "焊前准备与坡口清理", "measurement", "10", "0.5"),
        ("A2", "装配与定位焊尺寸", "measurement", "10", "0.5"),
        ("B1", "焊缝余高与宽度差", "measurement", "20", "0.5"),
        ("B2", "焊缝直线度", "measurement", "15", "0.5"),
        ("B3", "咬边、气孔等表面缺陷", "deduction", "20", "2"),
        ("C1", "射线检测等级", "measurement", "20", "1"),
        ("D1", "安全文明生产", "deduction", "5", "1"),
    ),
    "汽车维修工": (
        ("A1", "故障现象确认与记录", "measurement", "10", "0.5"),
        ("A2", "诊断流程与仪器使用", "measurement", "25", "0.5"),
        ("B1", "故障点查找准确性", "measurement", "25", "1"),
        ("B2", "拆装工艺与扭矩", "measurement", "25", "0.5"),
        ("C1", "工单填写规范", "deduction", "10", "1"),
        ("D1", "安全文明生产", "deduction", "5", "1"),
    ),
    "电工": (
        ("A1", "原理图识读与元件选择", "measurement", "15", "0.5"),
        ("A2", "控制柜布线工艺", "measurement", "25", "0.5"),
        ("B1", "程序编写与参数设置", "measurement", "25", "0.5"),
        ("B2", "通电调试功能", "measurement", "20", "1"),
        ("C1", "接线错误与漏接", "deduction", "10", "2"),
        ("D1", "安全文明生产", "deduction", "5", "1"),
    ),
    "多工序数控机床操作调整工": (
        ("A1", "外圆与孔径尺寸精度", "measurement", "35", "0.5"),
        ("A2", "形位公差", "measurement", "25", "0.5"),
        ("B1", "表面粗糙度", "measurement", "20", "1"),
        ("C1", "倒角、毛刺等缺陷", "deduction", "15", "1"),
        ("D1", "安全文明生产", "deduction", "5", "1"),
    ),
}
"""Event → aspects of its practice: id, name, kind, full marks, step (measurement) or deduction for each fault."""


def ruleset_for(code: str, judges: int) -> Document:
    """A ready-made ruleset fitted to the event: so many judges in the practice; ties by practice, time, theory."""
    document = copy.deepcopy(next(preset.document for preset in STARTERS if preset.code == code))
    document["modules"][1]["panel"]["judges"] = judges
    document["tie_breaks"] = [
        {"by": "module", "id": "practice"},
        {"by": "time", "module": "practice"},
        {"by": "module", "id": "theory"},
    ]
    return document


def aspects(event: str) -> list[Document]:
    """The marking scheme of an event's practice, as `judging.schemes.save_scheme` takes it."""
    return [
        {
            "id": key,
            "name": name,
            "kind": kind,
            "max": full,
            **({"step": unit} if kind == "measurement" else {"per": unit}),
        }
        for key, name, kind, full, unit in SCHEMES[event]
    ]
