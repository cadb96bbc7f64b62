"""The form of a ruleset: every option of scoring.md §2 in plain Chinese, one row a module, group, tie-break, award.

Its data is what `ruleset_typing` turns into a document. Rows are added, removed and moved on the server
(`ruleset_rows`), so that the form works without scripts.
"""

import re
from collections.abc import Iterator
from typing import Any

from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, IntegerField, SelectField
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from competitions.base.typed import exact_text
from competitions.programme.rulesets.form_rows import (
    KEY,
    MOST_ROWS,
    TIES,
    GroupRow,
    KeyRow,
    ModuleRow,
    PointsField,
    Row,
    TotalRow,
)
from competitions.web.fields import (
    ExactField,
    Filled,
    LongTextField,
    MultiCheckboxField,
    TextField,
    WholeField,
    choices,
)
from competitions.web.form import Form


class AmountRow(Row):
    """Base of rows with an amount whose meaning `kind` tells."""

    amount: Any

    def validate_amount(self, field: TextField) -> None:
        """A whole number, a percentage or a fraction, as the kind says."""
        kind, text = self["kind"].data, field.data or ""
        if kind in ("count", "rank_to") and not re.fullmatch(r"[0-9]{1,6}", text):
            raise ValidationError("请填写整数，例如 3。")
        if kind == "percent":
            try:
                field.data = exact_text(text)
            except ValueError:
                raise ValidationError("请填写百分比，例如 20。") from None
        if kind == "rank_to_fraction" and not re.fullmatch(r"[1-9][0-9]{0,3}/[1-9][0-9]{0,3}", text):
            raise ValidationError("请填写分数，例如 1/2。")


class AwardRow(AmountRow):
    """One award."""

    id = HiddenField(validators=[KEY])
    name = TextField("奖项", [Filled("请填写奖项名称。"), Length(max=60, message="名称不超过 60 个字。")])
    kind = SelectField(
        "名额怎么定",
        choices=choices([("count", "名额（个）"), ("percent", "占比例（%）"), ("rank_to_fraction", "到前几分之几")]),
    )
    amount = TextField("数量", [Length(max=20)])
    points = ExactField("团体积分")


class AwardsPart(Row):
    """A list of awards and how places are counted."""

    on = BooleanField("设奖项")
    base = SelectField(
        "比例按谁算",
        choices=choices([("ranked", "有名次的人数"), ("competed", "实际参赛人数"), ("entered", "报名人数")]),
    )
    ties = SelectField(
        "并列跨奖项时",
        choices=choices(
            [
                ("include", "都得高一等奖，占用下一等名额"),
                ("include_keep", "都得高一等奖，下一等名额不变"),
                ("exclude", "都得低一等奖"),
            ]
        ),
    )
    rounding = SelectField(
        "比例出现小数",
        choices=choices(
            [("half_up", "四舍五入"), ("floor", "舍去"), ("ceil", "进一"), ("cumulative", "按累计比例四舍五入")]
        ),
    )
    list = FieldList(FormField(AwardRow), max_entries=MOST_ROWS)
    min_total = ExactField("总分至少", description="达不到的不授奖，名次不递补；留空不限。")
    must_pass = BooleanField("各模块都合格才授奖")
    min_field = WholeField("人数少于几人不设奖", [Optional()], description="留空不限。")


class HonourRow(AmountRow):
    """What ranks or awards earn besides."""

    id = HiddenField(validators=[KEY])
    name = TextField("荣誉", [Filled("请填写荣誉名称。"), Length(max=60, message="名称不超过 60 个字。")])
    kind = SelectField(
        "给谁",
        choices=choices(
            [("rank_to", "到第几名"), ("rank_to_fraction", "到前几分之几"), ("awards", "获得以下奖项的人")]
        ),
    )
    rank_from = WholeField("从第几名起", [Optional()], default=1)
    amount = TextField("到", [Length(max=20)], description="例如 3 或 1/2。")
    awards = MultiCheckboxField("奖项", validate_choice=False)
    must_pass = BooleanField("各模块都合格才给")
    min_total = ExactField("总分至少", description="留空不限。")
    min_field = WholeField("有名次者少于几人不给", [Optional()], description="留空不限。")


class AdvancePart(AmountRow):
    """Who goes on to the next stage."""

    on = BooleanField("有人晋级下一阶段")
    kind = SelectField("人数怎么定", choices=choices([("count", "名额（人）"), ("percent", "占有名次者的比例（%）")]))
    amount = TextField("数量", [Length(max=20)])
    rounding = SelectField(
        "比例出现小数", choices=choices([("half_up", "四舍五入"), ("floor", "舍去"), ("ceil", "进一")])
    )
    ties = SelectField("末位并列时", choices=choices([("include", "都晋级"), ("exclude", "都不晋级")]))
    per_organisation_max = WholeField("每个所在单位最多", [Optional()], description="留空不限。")
    min_total = ExactField("总分至少", description="留空不限。")
    must_pass = BooleanField("各模块都合格才晋级")

    def validate_amount(self, field: TextField) -> None:
        """Only asked for when somebody advances."""
        if self.on.data:
            super().validate_amount(field)


class TeamsPart(Row):
    """How members make a team's value."""

    on = BooleanField("排团体名次")
    by = SelectField(
        "团体是",
        choices=choices([("team", "代表队"), ("organisation", "所在单位")]),
        description="代表队按审定的参赛代表队，所在单位按选手工作的单位。",
    )
    value = SelectField(
        "怎么计分",
        choices=choices(
            [("total", "队员总成绩相加"), ("rank_points", "按名次得分相加"), ("award_points", "按奖项积分相加")]
        ),
    )
    best = WholeField("取最好的几人", [Optional()], description="留空表示全部有名次的队员。")
    incomplete = SelectField("人数不够时", choices=choices([("zero", "缺的人记 0"), ("unranked", "不排团体名次")]))
    rank_points = PointsField("名次得分", description="每行：名次 得分，例如“1 10”。")
    pass_points = ExactField("未获奖但合格者得分", description="按奖项积分时用，留空为 0。")
    tie_breaks = FieldList(FormField(KeyRow), max_entries=MOST_ROWS)
    ties = SelectField("仍相同", choices=TIES)
    awards = FormField(AwardsPart)

    def validate_tie_breaks(self, field: FieldList) -> None:
        """Each comparison once."""
        _each_once(field)


class StandardPart(Row):
    """The scale on which different events are compared."""

    on = BooleanField("计算参考标准分")
    centre = ExactField("中位数对应", default="700")
    spread = ExactField("一个标准差对应", default="30")
    min_field = WholeField("人数少于几人不算", [Optional()], default=5)

    def validate_centre(self, _field: ExactField) -> None:
        """All three are needed."""
        if self.on.data and None in (self.centre.data, self.spread.data, self.min_field.data):
            raise ValidationError("请填写三个数：中位数、标准差对应的分和最少人数。")


class RulesetForm(Form):
    """The whole ruleset. `base`: the number of the version it was made from."""

    base = IntegerField(widget=HiddenInput(), default=0)
    preset = HiddenField(validators=[Length(max=40)])
    modules = FieldList(FormField(ModuleRow), label="模块", max_entries=MOST_ROWS)
    groups = FieldList(FormField(GroupRow), label="分组", max_entries=MOST_ROWS)
    total = FormField(TotalRow)
    order = SelectField(
        "名次怎么排", choices=choices([("descending", "总分高者在前"), ("ascending", "用时（总数）少者在前")])
    )
    tie_breaks = FieldList(FormField(KeyRow), label="总成绩相同时", max_entries=MOST_ROWS)
    ties = SelectField("仍相同", choices=TIES)
    absent = SelectField(
        "缺考一个模块", choices=choices([("unranked", "不排名次"), ("zero", "该模块记 0 分，照常排名")])
    )
    awards = FormField(AwardsPart)
    honours = FieldList(FormField(HonourRow), label="荣誉和晋升", max_entries=MOST_ROWS)
    advance = FormField(AdvancePart)
    teams = FormField(TeamsPart)
    standard = FormField(StandardPart)
    reason = LongTextField("修改理由", [Length(max=500, message="理由不超过 500 个字。")])

    def validate_tie_breaks(self, field: FieldList) -> None:
        """Each comparison once."""
        _each_once(field)


def _each_once(field: FieldList) -> None:
    used = [(row["by"], row["aspect"]) for row in field.data]
    if len(set(used)) < len(used):
        raise ValidationError("同一个比较项出现了两次，请删去一个。")


def leaves(form: Any) -> Iterator[Field]:
    """Every field of the form that a person types in, in order."""
    for field in form:
        if isinstance(field, FieldList):
            yield field
            for entry in field:
                yield from leaves(entry.form)
        elif isinstance(field, FormField):
            yield from leaves(field.form)
        else:
            yield field
