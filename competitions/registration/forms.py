"""What a person may type about entries. Values are checked by the same normalisers as a roster's (people.py)."""

from typing import Any

from wtforms import BooleanField, FileField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from competitions.registration.people import COLUMNS
from competitions.tabular.values import LEVELS
from competitions.web.form import Form

PURPOSES = {
    "identity": "核对身份",
    "contact": "联系本人",
    "affairs": "办理参赛手续（住宿、保险、证件）",
    "print": "打印报名材料盖章",
    "other": "其他工作需要",
}
"""Why somebody looks at personal data in full: a code in the audit record."""
_YES_NO = [("", "未填"), ("是", "是"), ("否", "否")]


class PersonForm(Form):
    """A person in an entry: field names are those of the roster's columns."""

    version = IntegerField(validators=[Optional()])
    name = StringField("姓名", [Length(max=50, message="姓名过长，不超过 50 个字。")])
    id_number = StringField(
        "身份证号",
        [Length(max=40, message="身份证号过长，应为 18 位。")],
        description="18 位。性别和出生年月由身份证号得出。",
    )
    phone = StringField(
        "手机", [Length(max=40, message="手机号过长，应为 11 位。")], description="11 位手机号，用于通知参赛事项。"
    )
    organisation = StringField(
        "单位名称",
        [Length(max=120, message="单位名称过长，不超过 120 个字。")],
        description="填写单位全称；本工会只有一个单位的可不填。",
    )
    level = SelectField(
        "职业技能等级", choices=[("", "无"), *((each, each) for each in LEVELS)], default="", validate_choice=False
    )
    ethnicity = StringField("民族", [Length(max=20, message="民族名称过长。")])
    education = StringField("文化程度", [Length(max=40, message="文化程度过长。")])
    politics = StringField("政治面貌", [Length(max=40, message="政治面貌过长。")])
    department = StringField("部门", [Length(max=100, message="部门名称过长。")])
    post = StringField("职务", [Length(max=100, message="职务过长。")])
    certificate = StringField("证书编号", [Length(max=60, message="证书编号过长。")])
    years = StringField("本工种工龄", [Length(max=40, message="工龄过长。")])
    email = StringField("电子邮箱", [Length(max=100, message="邮箱过长。")])
    migrant_worker = SelectField("是否农民工", choices=_YES_NO, default="", validate_choice=False)
    new_employment = SelectField("是否新就业形态劳动者", choices=_YES_NO, default="", validate_choice=False)
    clothes_size = StringField("衣服尺码", [Length(max=20, message="尺码过长。")])
    meals = StringField("用餐习惯", [Length(max=40, message="用餐习惯过长。")])
    note = TextAreaField("备注", [Length(max=300, message="备注过长，不超过 300 个字。")])

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name in ("name", "id_number"):  # marked, but a draft may lack them: the service decides
            self[name].flags.required = True

    def typed(self) -> dict[str, Any]:
        """What was typed, by field."""
        return {
            name: value for name in (*COLUMNS, "note") if name in self and (value := str(self[name].data or "").strip())
        }

    def mark(self, problems: list[dict[str, Any]], says: Any) -> list[str]:
        """Put each problem beside its field; the sentences of those that belong to none."""
        rest = []
        for problem in problems:
            sentence = says(problem["code"], problem["params"])
            if problem["where"] in self:
                field = self[problem["where"]]
                field.errors = [*field.errors, sentence]
            else:
                rest.append(sentence)
        return rest


class EntryForm(PersonForm):
    """A new entry: which event and division, which union reports, which line reviews, and its (first) person."""

    union = StringField(
        "报送工会", [InputRequired("请填写报送工会。"), Length(max=120)], description="为哪个工会报名，默认为本工会。"
    )
    place = SelectField("参赛项目", validate_choice=False)
    review_union_id = SelectField(
        "参赛归口", validate_choice=False, description="由哪一级工会审核。一个单位在一项赛事中只有一个归口。"
    )


class RosterForm(Form):
    """A roster to upload."""

    roster = FileField("名单文件")
    union = StringField(
        "报送工会", [InputRequired("请填写报送工会。"), Length(max=120)], description="为哪个工会报名，默认为本工会。"
    )
    review_union_id = SelectField(
        "参赛归口", validate_choice=False, description="由哪一级工会审核。一个单位在一项赛事中只有一个归口。"
    )


class SubmissionForm(Form):
    """Submitting: all is true, and each person was told and agreed."""

    consent_version = IntegerField(validators=[Optional()])
    is_true = BooleanField("所报内容属实，材料齐全")
    told = BooleanField("已将上述内容告知每位参赛职工本人，并取得其单独同意")
