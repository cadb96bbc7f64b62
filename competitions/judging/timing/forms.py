"""What is typed about stops and extra time. Knows no page."""

from datetime import datetime

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from competitions.base.clock import from_beijing
from competitions.judging.timing.wording import KIND_WORDS
from competitions.web.fields import BeijingTimeField, DurationField, Filled, MultiCheckboxField, ReasonField, choices
from competitions.web.form import Form

KINDS = [
    ("stop", KIND_WORDS["stop"]),
    ("grant", KIND_WORDS["grant"]),
    ("limit", f"{KIND_WORDS['limit']}（一个号）"),
    ("moved", f"{KIND_WORDS['moved']}（一个号）"),
    ("rerun", f"{KIND_WORDS['rerun']}（一个号，重新计时）"),
]


class BeijingSecondField(BeijingTimeField):
    """A moment typed to the second on a Beijing clock; blank is now. Data: aware UTC datetime."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Beijing to UTC. Raises ValueError."""
        typed = " ".join(valuelist).strip().replace(" ", "T")
        self.data = None
        if typed:
            try:
                self.data = from_beijing(datetime.fromisoformat(typed[:19]))
            except (ValueError, OverflowError):
                raise ValueError("请填写北京时间，例如 2026-11-30 09:05:30。") from None


class TimeChangeForm(Form):
    """A stop, extra time, another limit, a move to the last sitting, for one code or everybody in a sitting."""

    kind = SelectField("办理", [InputRequired("请选择办理什么。")], choices=choices(KINDS))
    modules = MultiCheckboxField("模块", [Filled("请选择模块。")], choices=[])
    code = StringField(
        "加密号", [Optional(), Length(max=12)], description="只针对一个号时填写；不填就是所选场次的全体。"
    )
    sittings = MultiCheckboxField("场次（全体时选择）", [Optional()], choices=[])
    begins = BeijingSecondField("开始时间", [Optional()], description="不填就是现在。")
    ends = BeijingSecondField("恢复时间", [Optional()], description="暂停已经结束才填；不填就是仍在暂停。")
    seconds = DurationField(
        "时长", [Optional()], description="补时填多给的时间，更改时限填新的时限，按“分:秒”，如 7:40。"
    )
    reason = ReasonField("情况", "time.enter", description="写明现象和原因，如“全场停电”；不写姓名、单位。")


class ResumeForm(Form):
    """When a stop ended."""

    ends = BeijingSecondField("恢复时间", [Optional()])
