"""What a person may type about judging, apart from marks (those are read by marks.py and schemes.py)."""

from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from competitions.web.fields import ReasonField
from competitions.web.form import Form

DUTIES = [("marking", "评分裁判（结果）"), ("floor", "现场裁判（过程）"), ("tabulator", "统分员（纸面录入）")]
KINDS = [
    ("violation", "违规扣分"),
    ("bonus", "加分"),
    ("status", "整个阶段缺考、弃权、取消成绩"),
    ("module_absent", "本模块缺考"),
    ("module_void", "本模块成绩作废（计 0 分）"),
    ("note", "情况记录（不影响成绩）"),
]
STATUSES = [("", "—"), ("absent", "缺考"), ("withdrawn", "弃权"), ("disqualified", "取消成绩")]


class IncidentForm(Form):
    """Something that happened in the hall, by code."""

    code = StringField("加密号", [InputRequired("请填写加密号。"), Length(max=12)])
    kind = SelectField("类别", [InputRequired("请选择类别。")], choices=KINDS)
    module = SelectField(
        "作用于", [Optional()], choices=[], validate_choice=True, description="本模块缺考、成绩作废必须选定模块。"
    )
    value = StringField("分值", [Optional(), Length(max=12)], description="扣分或加分的分数，填正数。")
    status = SelectField(
        "整个阶段的状态", [Optional()], choices=STATUSES, description="类别为“整个阶段缺考、弃权、取消成绩”时选择。"
    )
    text = ReasonField("情况", "incident.record", description="成绩作废须写明依据（规程条款、认定人）。")


class SeatForm(Form):
    """A person for the panel."""

    user = SelectField("人员", [InputRequired("请选择人员。")], choices=[])
    duty = SelectField("职责", [InputRequired("请选择职责。")], choices=DUTIES)
    sitting = SelectField("场次", [Optional()], choices=[])


class CardForm(Form):
    """A judge's card: the secret that the QR code brings, or the number typed from the card, and the PIN."""

    secret = HiddenField("二维码", [Length(max=64)])
    number = StringField(
        "裁判卡号", [Length(max=20)], description="印在卡上，如 K7M4-92QX。用平板相机扫卡上的二维码则不用填。"
    )
    pin = PasswordField(
        "密码", [InputRequired("请填写 6 位数字密码。"), Length(max=20)], description="6 位数字，在另发的密码条上。"
    )
