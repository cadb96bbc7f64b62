"""What a person may type about accounts."""

from datetime import datetime

from wtforms import DateTimeLocalField, FileField, IntegerField, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from competitions.base.clock import from_beijing
from competitions.tabular.values import clean
from competitions.web.fields import WholeField, legible
from competitions.web.form import Form

PASSWORD_RULE = "至少 10 个字符，含大写字母、小写字母、数字、符号中的三种；或至少 16 个字符。"
__all__ = [
    "AccountForm",
    "ActivationForm",
    "ChoiceSettingForm",
    "CodeForm",
    "EditForm",
    "FirstCodeForm",
    "Form",
    "PasswordForm",
    "RoleForm",
    "SettingForm",
    "SignInForm",
    "StartFactorForm",
    "TableForm",
]


class SignInForm(Form):
    """User name and password."""

    username = StringField("用户名", [InputRequired("请填写用户名。"), Length(max=64)])
    password = PasswordField("密码", [InputRequired("请填写密码。"), Length(max=128)])


class CodeForm(Form):
    """A code of the second factor, or one of the recovery codes."""

    code = StringField(
        "动态口令或恢复码",
        [InputRequired("请填写动态口令。"), Length(max=40)],
        description="手机验证器上的 6 位数字；手机不在身边时，填一个恢复码。",
    )


class FirstCodeForm(Form):
    """The first code of a phone that is being bound."""

    code = StringField("手机上的 6 位数字", [InputRequired("请填写手机上的 6 位数字。"), Length(max=40)])


class StartFactorForm(Form):
    """One's own password, before a phone is bound to the account."""

    current = PasswordField("当前密码", [InputRequired("请填写当前密码。"), Length(max=128)])


class ActivationForm(Form):
    """First sign-in, or after a reset: the one-time code and a new password twice."""

    username = StringField("用户名", [InputRequired("请填写用户名。"), Length(max=64)])
    code = StringField(
        "一次性激活码",
        [InputRequired("请填写激活码。"), Length(max=40)],
        description="由上一级工会发放，24 小时内有效，只能使用一次。由两人发放的，把两人各告诉的 4 位连起来填。",
    )
    password = PasswordField("新密码", [InputRequired("请填写新密码。"), Length(max=128)], description=PASSWORD_RULE)
    again = PasswordField("再次输入新密码", [EqualTo("password", "两次输入的密码不一致。")])


class SettingForm(Form):
    """Another value of a setting; `seen` is the one that was shown."""

    value = WholeField("数值", [InputRequired("请填写数值。")])
    seen = IntegerField(validators=[Optional()], widget=HiddenInput())


class ChoiceSettingForm(Form):
    """The same for a setting whose numbers are choices; the view fills them in."""

    value = SelectField("选择", [InputRequired("请选择一项。")], coerce=int)
    seen = IntegerField(validators=[Optional()], widget=HiddenInput())


class PasswordForm(Form):
    """One's own new password."""

    current = PasswordField("当前密码", [InputRequired("请填写当前密码。"), Length(max=128)])
    password = PasswordField("新密码", [InputRequired("请填写新密码。"), Length(max=128)], description=PASSWORD_RULE)
    again = PasswordField("再次输入新密码", [EqualTo("password", "两次输入的密码不一致。")])


def _line(text: str | None) -> str:
    """One line without invisible characters."""
    return clean(text or "")


class RoleForm(Form):
    """A role with its scope and validity; the view fills in which roles and scopes may be chosen."""

    role = SelectField("角色", [InputRequired("请选择角色。")])
    union_name = StringField(
        "所属工会",
        [Length(max=120)],
        filters=[_line],
        description="写工会全称。审核和报送角色的范围就是这个工会（含下级）。",
    )
    scope = SelectField("赛事或赛项", default="", description="裁判、加密、监督等赛事中的角色须选择。")
    valid_from = DateTimeLocalField(
        "生效时间", [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], description="北京时间；留空即刻生效。"
    )
    valid_to = DateTimeLocalField(
        "失效时间", [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], description="北京时间；留空则长期有效。"
    )

    def validity(self) -> tuple[datetime | None, datetime | None]:
        """From and to, aware; None where nothing was typed."""
        start, end = self.valid_from.data, self.valid_to.data
        return from_beijing(start) if start else None, from_beijing(end) if end else None


class AccountForm(RoleForm):
    """A new account with its first role."""

    username = StringField(
        "用户名",
        [InputRequired("请填写用户名。"), Length(max=64)],
        description="3 到 64 个字符，登录时使用，不区分大小写。",
    )
    display_name = StringField("姓名", [InputRequired("请填写姓名。"), Length(max=60)], filters=[_line, legible])


class EditForm(Form):
    """What an account is called and where it belongs."""

    display_name = StringField("姓名", [InputRequired("请填写姓名。"), Length(max=60)], filters=[_line, legible])
    union_name = StringField("所属工会", [Length(max=120)], filters=[_line], description="写工会全称。")
    version = IntegerField(widget=HiddenInput(), default=1)


class TableForm(Form):
    """A worksheet of accounts."""

    file = FileField("表格文件", [InputRequired("请选择一个文件。")])
