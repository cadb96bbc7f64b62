"""What a person may type about entries. Values are checked by the same normalisers as a roster's (people.py)."""

from typing import Any

from wtforms import BooleanField, FileField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from competitions.base.problems import Problem
from competitions.tabular.field_kinds import EXACT, PersonField
from competitions.tabular.person_fields import fields_in
from competitions.web.form import Form

PURPOSES = {
    "identity": "核对身份",
    "contact": "联系本人",
    "affairs": "办理参赛手续（住宿、保险、证件）",
    "print": "打印报名材料盖章",
    "other": "其他工作需要",
}
"""Why somebody looks at personal data in full: a code in the audit record."""
_ROOM = 40
"""Characters that may be typed where a value has fewer: blanks, hyphens and +86 are taken out of numbers."""
_ATTRIBUTES = {"unit": {"list": "units"}, "phone": {"inputmode": "tel"}, "email": {"inputmode": "email"}}


def control(asked: PersonField) -> Any:
    """The control in which a field of a person is typed or chosen."""
    if asked.choices:
        blank = "无" if asked.kind == "level" else "未填"
        choices = [("", blank), *((each, each) for each in asked.choices)]
        return SelectField(asked.label, choices=choices, default="", validate_choice=False, description=asked.help)
    exact, most = asked.kind in EXACT, max(asked.length, _ROOM)
    says = f"{asked.label}过长，应为 {asked.length} 位。" if exact else f"{asked.label}过长，不超过 {most} 个字。"
    if asked.kind == "long_text":
        return TextAreaField(asked.label, [Length(max=most, message=says)], asked.help, render_kw={"rows": "2"})
    attributes = {"autocomplete": "off", **_ATTRIBUTES.get(asked.kind, {})}
    return StringField(asked.label, [Length(max=most, message=says)], description=asked.help, render_kw=attributes)


class PersonForm(Form):
    """A person in an entry: one control for each field that the table of a person's fields places on the form."""

    version = IntegerField(validators=[Optional()])
    _unbound_fields: list[Any]  # of WTForms: the controls of the class, by which it makes a form

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.asked = fields_in("form")
        self._unbound_fields = [*type(self)._unbound_fields, *((each.name, control(each)) for each in self.asked)]
        super().__init__(*arguments, **named)
        for each in self.asked:  # marked, but a draft may lack them: the service decides
            self[each.name].flags.required = each.required

    def of_person(self) -> list[Any]:
        """The controls of the person, in their order."""
        return [self[each.name] for each in self.asked]

    def typed(self) -> dict[str, str]:
        """What was sent, by field: blank where a control was left blank, not named where none was sent."""
        sent = (self[each.name] for each in self.asked if self[each.name].raw_data)
        return {field.name: str(field.data or "").strip() for field in sent}

    def mark(self, problems: list[Problem], says: Any) -> list[str]:
        """Put each problem beside its field; the sentences of those that belong to none."""
        rest = []
        for problem in problems:
            sentence = says(problem.code, problem.params)
            if problem.where in self:
                field = self[problem.where]
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
