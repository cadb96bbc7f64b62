"""Rows of the ruleset form: modules, groups, tie-breaks, the total; the fields that only they have."""

import re

from wtforms import Form as PlainForm
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional, Regexp, ValidationError
from wtforms.widgets import TextArea

from competitions.base.typed import clean, duration_text, exact_text, seconds_of
from competitions.programme.rulesets.key_words import needs_aspect
from competitions.web.fields import (
    DurationField,
    ExactField,
    Filled,
    MultiCheckboxField,
    TextField,
    WholeField,
    choices,
)

MOST_ROWS = 30
KEY = Regexp(r"^[A-Za-z0-9_]{1,30}$", message="内部编号不对，请刷新页面后重试。")
MODES = choices([("half_up", "四舍五入"), ("half_even", "四舍六入五成双"), ("down", "截去")])
TIES = choices(
    [
        ("shared", "并列，后面空出名次（1、2、2、4）"),
        ("dense", "并列，后面不空（1、2、2、3）"),
        ("forbidden", "不允许并列，由裁判长提出、监督仲裁组确认"),
    ]
)
BETTER = choices([("", "按惯例"), ("higher", "高者在前"), ("lower", "低（少）者在前")])
PLACES = [Optional(), NumberRange(0, 20, "小数位数为 0 到 20。")]


class Row(PlainForm):
    """Base of the rows: no token of their own, Chinese messages."""

    class Meta:
        """WTForms settings."""

        locales = ["zh"]


class StepsField(StringField):
    """A table of overtime steps, one a line: time over, deduction. Data: list of (seconds, text)."""

    widget = TextArea()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(f"{duration_text(over)} {deduct}" for over, deduct in self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the lines. Raises ValueError."""
        self.data = []
        for number, line in enumerate(clean(valuelist[0] if valuelist else "").split("\n"), 1):
            words = line.replace("，", " ").replace(",", " ").split()
            if words:
                if len(words) != 2:
                    raise ValueError(f"第 {number} 行请写“超出时间 扣分”，例如 1:00 1。")
                self.data.append((seconds_of(words[0]), exact_text(words[1])))


class PointsField(StringField):
    """Points of ranks, one a line: rank, points. Data: dict."""

    widget = TextArea()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(f"{rank} {points}" for rank, points in (self.data or {}).items())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the lines. Raises ValueError."""
        self.data: dict[str, str] = {}
        for number, line in enumerate(clean(valuelist[0] if valuelist else "").split("\n"), 1):
            words = line.split()
            if words:
                if len(words) != 2 or not re.fullmatch(r"[1-9][0-9]{0,3}", words[0]):
                    raise ValueError(f"第 {number} 行请写“名次 得分”，例如 1 10。")
                if words[0] in self.data:
                    raise ValueError(f"第 {number} 行的名次重复，请删去一行。")
                self.data[words[0]] = exact_text(words[1])


class ModuleRow(Row):
    """A module: what it counts, its panel, overtime, rounding, pass mark."""

    id = HiddenField(validators=[KEY])
    name = TextField("名称", [Filled("请填写模块名称。"), Length(max=60, message="名称不超过 60 个字。")])
    kind = SelectField("类别", choices=choices([("practice", "实操"), ("theory", "理论")]))
    full_marks = ExactField("满分", [Filled("请填写满分。")], description="计时赛填 0：没有上限，成绩就是秒数。")
    weight = ExactField("占比（%）", [Filled("请填写占比。")], description="直接相加的填 100。")
    judges = WholeField("裁判人数", [Filled("请填写裁判人数。"), NumberRange(1, 99, "请填写 1 到 99 的整数。")])
    combine = SelectField("裁判分合成", choices=choices([("mean", "取平均"), ("sum", "相加"), ("median", "取中位数")]))
    drop_highest = WholeField("去掉最高分（个）", [Optional()], default=0)
    drop_lowest = WholeField("去掉最低分（个）", [Optional()], default=0)
    min_judges = WholeField(
        "回避后最少裁判", [Optional()], description="有裁判回避时，少于这个人数不出成绩；留空表示一个不能少。"
    )
    combine_at = SelectField(
        "先合成什么", choices=choices([("sheet", "每名裁判先算总分，再合成"), ("aspect", "每个评分项先合成，再相加")])
    )
    deduction_cap = ExactField("本模块扣分最多", description="超时和违规扣分合计的上限，留空不限。")
    bonus_cap = ExactField("本模块加分最多", description="留空不限。")
    overtime = SelectField(
        "超时扣分", choices=choices([("none", "不扣"), ("units", "每超一个单位扣一次"), ("steps", "分档扣分")])
    )
    limit = DurationField("规定时间（分或分:秒）")
    stop = DurationField("停止时间", description="到时停止，之后不再多扣；留空不限。")
    over_cap = ExactField("超时最多扣", description="留空不限。")
    per = DurationField("每超（分或分:秒）")
    deduct = ExactField("扣（分）")
    partial = SelectField("不足一个单位", choices=choices([("up", "按一个单位算"), ("down", "不算")]))
    steps = StepsField("各档", description="每行一档：超出时间（分或分:秒）和扣分，第一档从 0 起，例如“0 1”。")
    at_boundary = SelectField("正好在分界上", choices=choices([("lower", "按低一档"), ("higher", "按高一档")]))
    places = WholeField("模块成绩保留小数", PLACES, description="留空表示不取舍，保留分数。")
    mode = SelectField("取舍方式", choices=MODES)
    weighted_places = WholeField("折算后保留小数", PLACES, description="乘占比之后、相加之前；留空不取舍。")
    weighted_mode = SelectField("折算取舍方式", choices=MODES)
    pass_mark = ExactField("合格线", description="留空表示不设。")

    def validate_limit(self, field: DurationField) -> None:
        """Needed with overtime."""
        if self.overtime.data != "none" and field.data is None and not field.errors:
            raise ValidationError("请填写规定时间。")

    def validate_per(self, field: DurationField) -> None:
        """Needed with deductions by the unit."""
        if self.overtime.data == "units" and not field.data and not field.errors:
            raise ValidationError("请填写每超多少时间扣一次。")

    def validate_deduct(self, field: ExactField) -> None:
        """Needed with deductions by the unit."""
        if self.overtime.data == "units" and field.data is None:
            raise ValidationError("请填写扣多少分。")

    def validate_steps(self, field: StepsField) -> None:
        """Needed with deductions by steps."""
        if self.overtime.data == "steps" and not field.data and not field.errors:
            raise ValidationError("请至少填写一档。")


class GroupRow(Row):
    """Modules that make one result together."""

    id = HiddenField(validators=[KEY])
    name = TextField("名称", [Filled("请填写分组名称。"), Length(max=60, message="名称不超过 60 个字。")])
    modules = MultiCheckboxField("包含的模块", validate_choice=False, description="模块的占比是它在分组里的占比。")
    weight = ExactField("分组占比（%）", [Filled("请填写占比。")])
    places = WholeField("分组成绩保留小数", PLACES, description="留空表示不取舍。")
    mode = SelectField("取舍方式", choices=MODES)
    weighted_places = WholeField("折算后保留小数", PLACES, description="留空不取舍。")
    weighted_mode = SelectField("折算取舍方式", choices=MODES)
    pass_mark = ExactField("合格线", description="留空表示不设。")


class TotalRow(Row):
    """What happens to the sum before it is the total."""

    places = WholeField("总成绩保留小数", [Filled("请填写小数位数。"), NumberRange(0, 20, "小数位数为 0 到 20。")])
    mode = SelectField("取舍方式", choices=MODES)
    deduction_cap = ExactField("从总分扣分最多", description="留空不限。")
    floor = ExactField("总分最低", description="扣分后不低于这个分数。", default="0")


class KeyRow(Row):
    """One tie-break."""

    by = SelectField("比较什么", validate_choice=False)
    aspect = TextField("评分项编号", [Length(max=40)])
    better = SelectField("谁在前", choices=BETTER)

    @property
    def needs_aspect(self) -> bool:
        """Whether an aspect is compared."""
        return needs_aspect(self.by.data or "")

    def validate_aspect(self, field: TextField) -> None:
        """Needed when an aspect is compared."""
        if self.needs_aspect and not field.data:
            raise ValidationError("请填写评分项编号。")
