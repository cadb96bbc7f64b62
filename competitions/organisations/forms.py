"""What a person may type about unions, employers and missing units."""

from typing import Any

from wtforms import BooleanField, FileField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.widgets import HiddenInput

from competitions.organisations.services import EmployerFacts, UnionFacts
from competitions.tabular.identity import plain_code
from competitions.tabular.values import clean
from competitions.web.fields import ReasonField, legible
from competitions.web.form import Form
from competitions.words.codes import WORDS


def _line(text: str | None) -> str:
    """One line without invisible characters."""
    return clean(text or "")


def _code(text: str | None) -> str | None:
    return plain_code(text or "") or None


def _choices(kind: str, first: str | None = None) -> list[SelectChoice]:
    words = {**({"": first} if first else {}), **WORDS[kind]}
    return [SelectChoice(code, word) for code, word in words.items()]


class ContactForm(Form):
    """What a union may change about itself."""

    contact = StringField("联系人", [Length(max=60)], filters=[_line, legible])
    contact_phone = StringField("联系电话", [Length(max=40)], filters=[_line], description="办公电话，供下级单位咨询。")
    version = IntegerField(widget=HiddenInput(), default=1)

    def facts(self, before: UnionFacts | None) -> UnionFacts:
        """The facts with what was typed; what the form does not hold stays."""
        values: dict[str, Any] = {name: getattr(before, name) for name in UnionFacts.__slots__} if before else {}
        values.update({name: field.data for name, field in self._fields.items() if name in UnionFacts.__slots__})
        return UnionFacts(**values)


class UnionForm(ContactForm):
    """All facts of a union."""

    name = StringField(
        "工会名称",
        [InputRequired("请填写工会名称。"), Length(max=120)],
        filters=[_line, legible],
        description="写全称，如“柳州市总工会”“某某有限公司工会委员会”。",
    )
    kind = SelectField("工会类型", choices=_choices("union_kind"))
    short_name = StringField("简称", [Length(max=60)], filters=[_line, legible])
    area_code = StringField(
        "行政区划代码",
        [Optional(), Regexp(r"\d{6}", message="请填写 6 位数字代码。")],
        filters=[_code],
        description="只有总工会、乡镇、园区、联合和企业工会填写。",
    )
    uscc = StringField(
        "统一社会信用代码", [Length(max=40)], filters=[_code], description="工会自己的代码，以 81 开头；还没有的留空。"
    )
    delegation = BooleanField("可作为代表队（市、产业工会等）")


class MoveForm(Form):
    """Where a union shall hang."""

    parent_name = StringField(
        "新的上级工会", [InputRequired("请填写上级工会的全称。"), Length(max=120)], filters=[_line]
    )
    version = IntegerField(widget=HiddenInput(), default=1)


class EmployerForm(Form):
    """All facts of an employer; the union is named, the view finds it."""

    name = StringField("单位名称", [InputRequired("请填写单位名称。"), Length(max=120)], filters=[_line, legible])
    uscc = StringField(
        "统一社会信用代码", [Length(max=40)], filters=[_code], description="18 位，见营业执照或法人证书。"
    )
    union_name = StringField(
        "所属工会", [Length(max=120)], filters=[_line], description="写工会全称；还没有建会的留空。"
    )
    ownership = SelectField("单位性质", choices=_choices("ownership"), default="private")
    industry = SelectField("行业", choices=_choices("industry", "未填写"), default="")
    size = SelectField("规模", choices=_choices("unit_size"), default="small")
    park = StringField("所在园区", [Length(max=60)], filters=[_line])
    area_code = StringField(
        "行政区划代码", [Optional(), Regexp(r"\d{6}", message="请填写 6 位数字代码。")], filters=[_code]
    )
    new_employment = BooleanField("新就业形态单位（平台、货运、快递、外卖配送等）")
    version = IntegerField(widget=HiddenInput(), default=1)

    def facts(self, union_id: str | None, before: EmployerFacts | None) -> EmployerFacts:
        """The facts as typed; a finer industry code (C34) stays while its section stays."""
        industry = self.industry.data or ""
        if before and industry and before.industry.startswith(industry):
            industry = before.industry
        return EmployerFacts(
            name=self.name.data,
            uscc=self.uscc.data,
            ownership=self.ownership.data,
            industry=industry,
            size=self.size.data,
            park=self.park.data,
            new_employment=self.new_employment.data,
            area_code=self.area_code.data,
            union_id=union_id,
        )


class ApplicationForm(Form):
    """A unit that is missing."""

    kind = SelectField(
        "要添加的是",
        choices=[SelectChoice("employer", "单位（企业、机关、事业单位等）"), SelectChoice("union", "工会")],
    )
    union_kind = SelectField("工会类型（添加工会时选择）", choices=_choices("union_kind"), default="enterprise")
    name = StringField(
        "名称",
        [InputRequired("请填写全称。"), Length(max=120)],
        filters=[_line, legible],
        description="与证照一致的全称。",
    )
    uscc = StringField("统一社会信用代码", [Length(max=40)], filters=[_code])
    parent = SelectField("归哪个工会管", validate_choice=True)
    reason = TextAreaField("说明", [Length(max=500)], description="如：本厂劳务派遣单位，今年有 5 名职工参赛。")


class RefusalForm(Form):
    """Why something is refused."""

    reason = ReasonField("理由", "unit_application.refuse", description="申请人会看到。")


class TableForm(Form):
    """A worksheet to be read."""

    file = FileField("表格文件", [InputRequired("请选择一个文件。")])
