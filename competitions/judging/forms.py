"""What a person may type about judging, apart from marks (those are read by marks.py and schemes.py)."""

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from competitions.accounts.forms import Form

DUTIES = [("marking", "评分裁判（结果）"), ("floor", "现场裁判（过程）"), ("tabulator", "统分员（纸面录入）")]
KINDS = [
    ("violation", "违规扣分"),
    ("bonus", "加分"),
    ("status", "缺考、弃权、取消成绩"),
    ("note", "情况记录（不影响成绩）"),
]
STATUSES = [("", "—"), ("absent", "缺考"), ("withdrawn", "弃权"), ("disqualified", "取消成绩")]


class IncidentForm(Form):
    """Something that happened in the hall, by code."""

    code = StringField("加密号", [InputRequired("请填写加密号。"), Length(max=12)])
    kind = SelectField("类别", [InputRequired("请选择类别。")], choices=KINDS)
    module = SelectField("作用于", [Optional()], choices=[], validate_choice=True)
    value = StringField("分值", [Optional(), Length(max=12)], description="扣分或加分的分数，填正数。")
    status = SelectField("状态", [Optional()], choices=STATUSES)
    text = TextAreaField("情况", [InputRequired("请写明情况。"), Length(max=500)])


class SeatForm(Form):
    """A person for the panel."""

    user = SelectField("人员", [InputRequired("请选择人员。")], choices=[])
    duty = SelectField("职责", [InputRequired("请选择职责。")], choices=DUTIES)
    sitting = SelectField("场次", [Optional()], choices=[])
