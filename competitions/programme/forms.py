"""What a person may type about programmes, competitions, events, cut-offs, people and editable data. (Rulesets:
ruleset_forms.)
"""

import re
from datetime import timedelta
from typing import Any

from wtforms import BooleanField, FieldList, FileField, FormField, HiddenField, IntegerField, SelectField
from wtforms import Form as PlainForm
from wtforms.validators import Length, NumberRange, Optional, Regexp, ValidationError
from wtforms.widgets import HiddenInput

from competitions.accounts.three.naming_three import Device
from competitions.base.roles import OF_EVENT, WORDS
from competitions.web.fields import (
    BeijingDayField,
    BeijingTimeField,
    Filled,
    LinesField,
    LongTextField,
    OptionalSelectField,
    ReasonField,
    TextField,
    WholeField,
    choices,
)
from competitions.web.form import Form

EVENT_WORDS = [("赛项", "赛项"), ("竞赛项目", "竞赛项目"), ("工种", "工种")]
DEADLINE_WORDS = [("report", "报名截止"), ("review", "审核截止"), ("final", "终审截止")]
PHONE = re.compile(r"[0-9＋+()（）\-— 转]{5,40}")


class VersionedForm(Form):
    """A form that carries the version it was made from."""

    version = IntegerField(widget=HiddenInput(), default=1)


class ProgrammeForm(VersionedForm):
    """A programme and the one it belongs to."""

    name = TextField("主题竞赛名称", [Filled("请填写名称。"), Length(max=120, message="名称不超过 120 个字。")])
    parent_id = OptionalSelectField(
        "上级主题竞赛", description="例如“桂有技能、产业振兴”承接“建功‘十四五’、奋进新征程”。"
    )
    summary = LongTextField("简介", [Length(max=2000, message="简介不超过 2000 个字。")])


class CompetitionForm(VersionedForm):
    """A competition with its bodies, cut-offs and notice. Times are Beijing time."""

    programme_id = SelectField("主题竞赛", [Filled("请选择主题竞赛。")])
    name = TextField("赛事名称", [Filled("请填写赛事名称。"), Length(max=160, message="名称不超过 160 个字。")])
    level_code = SelectField("竞赛级别", [Filled("请选择竞赛级别。")])
    area_code = TextField(
        "所在地区划代码",
        [Optional(), Regexp(r"^[0-9]{6}$", message="区划代码为 6 位数字，例如 450100。")],
        filters=[lambda value: value or None],
        description="6 位，可不填。",
    )
    host = LinesField("主办单位", [Filled("请填写主办单位。")], description="一行一个，按文件排序。")
    organiser = LinesField("承办单位", description="一行一个，按文件排序。")
    co_organiser = LinesField("协办单位", description="一行一个。")
    supporter = LinesField("支持单位", description="一行一个。")
    technical = LinesField("技术支持单位", description="一行一个。")
    document_number = TextField("文号", [Length(max=60)], description="例如：桂工发〔2026〕12号。")
    notice = LongTextField("通知正文", [Length(max=50_000, message="正文不超过 5 万字。")])
    conditions = LongTextField("参赛条件", [Length(max=10_000, message="参赛条件不超过 1 万字。")])
    place = TextField("竞赛地点", [Length(max=200)])
    held_from = BeijingDayField("竞赛开始日期", [Optional()])
    held_to = BeijingDayField("竞赛结束日期", [Optional()])
    contact = TextField("联系人", [Filled("请填写联系人。"), Length(max=60)])
    contact_phone = TextField(
        "联系电话", [Filled("请填写联系电话。"), Length(max=40)], description="会显示在公开通知里，请填办公电话。"
    )
    report_until = BeijingTimeField("报名截止", [Filled("请填写报名截止时间。")], description="北京时间，到分钟。")
    review_until = BeijingTimeField(
        "审核截止", [Filled("请填写审核截止时间。")], description="各级工会审核、报送的截止时间。"
    )
    final_until = BeijingTimeField("终审截止", [Filled("请填写终审截止时间。")], description="组委会终审的截止时间。")
    event_word = SelectField("赛项的叫法", choices=choices(EVENT_WORDS), description="页面上按这个叫法显示。")
    events_per_person = WholeField(
        "每人最多参加几项", [Filled("请填写数字。"), NumberRange(1, 99, "请填写 1 到 99 的整数。")], default=1
    )
    publish_marks = BooleanField("公布名次时同时公布分数", default=True)

    def validate_contact_phone(self, field: TextField) -> None:
        """A telephone number as notices print it."""
        if field.data and not PHONE.fullmatch(field.data):
            raise ValidationError("请填写电话号码，例如 0771-5550000。")

    def validate_held_to(self, field: BeijingDayField) -> None:
        """The end is not before the beginning."""
        if field.data and not self.held_from.data:
            raise ValidationError("请先填写竞赛开始日期。")
        if field.data and self.held_from.data and field.data < self.held_from.data:
            raise ValidationError("结束日期早于开始日期，请改正。")

    def validate_review_until(self, field: BeijingTimeField) -> None:
        """Reviewing ends after reporting."""
        if field.data and self.report_until.data and field.data < self.report_until.data:
            raise ValidationError("审核截止早于报名截止，请改正。")

    def validate_final_until(self, field: BeijingTimeField) -> None:
        """The final review ends last."""
        if field.data and self.review_until.data and field.data < self.review_until.data:
            raise ValidationError("终审截止早于审核截止，请改正。")
        if field.data and self.held_from.data and field.data >= self.held_from.data + timedelta(days=1):
            raise ValidationError("终审截止晚于竞赛开始的那一天，请改正：开赛后名单不能再变。")


class CountyForm(Form):
    """The three who run a competition, and the device that they share."""

    first_id = SelectField(
        "第一人：组委会经办", [Filled("请选择第一人。")], description="建赛事、报名、检录、抽签、拟稿公布。"
    )
    second_id = SelectField(
        "第二人：审定、监督、复核", [Filled("请选择第二人。")], description="凡须两人办理的事项，都由第二人同意。"
    )
    third_id = SelectField(
        "第三人：裁判长兼裁判员", [Filled("请选择第三人。")], description="评分、签字、结算；只看编号。"
    )
    shared = BooleanField("三个人共用我现在用的这台设备", default=False)
    device_name = TextField(
        "共用设备的名称", [Length(max=40, message="名称不超过 40 个字。")], description="例如：工会办公室台式机。"
    )
    device_reason = LongTextField(
        "共用的原因",
        [Length(max=500, message="原因不超过 500 个字。")],
        description="例如：赛场只有一台能联网的电脑。不共用设备的不用填。",
    )

    def device(self) -> Device | None:
        """What is shared, if anything."""
        return Device(self.device_name.data or "", self.device_reason.data or "") if self.shared.data else None


class ExtensionForm(Form):
    """A later cut-off for one union or for all."""

    deadline = SelectField("延长哪个截止时间", choices=choices(DEADLINE_WORDS))
    union = TextField(
        "工会", [Length(max=120)], description="填写工会全称，对它和它下面的所有工会有效；留空对所有工会有效。"
    )
    until = BeijingTimeField("延长到", [Filled("请填写新的截止时间。")], description="北京时间，到分钟。")
    reason = ReasonField("理由", "deadline.extend")


class NamedPart(PlainForm):
    """A division or stage: the id of an existing one, or none, and its name (blank: take it out)."""

    id = HiddenField()
    name = TextField("名称", [Length(max=30, message="不超过 30 个字。")])


class EventForm(VersionedForm):
    """An event with its divisions and stages."""

    name = TextField("名称", [Filled("请填写名称。"), Length(max=60, message="名称不超过 60 个字。")])
    occupation_code = OptionalSelectField("职业（工种）", description="来自职业目录，可不选。")
    team_size = WholeField(
        "每队人数",
        [Filled("请填写人数。"), NumberRange(1, 50, "请填写 1 到 50 的整数。")],
        default=1,
        description="1 表示个人赛。",
    )
    quota_per_union = WholeField(
        "每个代表队名额",
        [Optional(), NumberRange(1, 9999, "请填写 1 到 9999 的整数，或留空。")],
        description="留空表示不限。",
    )
    code_levels = SelectField(
        "加密层数",
        coerce=int,
        default=1,
        choices=choices(
            [(0, "不加密"), (1, "一层：参赛编号"), (2, "两层：参赛编号、工位号"), (3, "三层：参赛编号、工位号、作品号")]
        ),
    )
    conditions = LongTextField("本项参赛条件", [Length(max=5000, message="不超过 5000 个字。")])
    divisions = FieldList(FormField(NamedPart), label="组别", max_entries=12)
    stages = FieldList(FormField(NamedPart), label="阶段", max_entries=12)

    def pairs(self, name: str) -> list[tuple[str | None, str]]:
        """(id or None, name) of the rows of `divisions` or `stages` that have a name."""
        return [(part.form.id.data or None, part.form.name.data) for part in self[name] if part.form.name.data]

    def validate_divisions(self, field: FieldList) -> None:
        """At least one, each once."""
        self._each_once(field, "至少保留一个组别，例如“职工组”。")

    def validate_stages(self, field: FieldList) -> None:
        """At least one, each once."""
        self._each_once(field, "至少保留一个阶段，例如“决赛”。")

    def _each_once(self, field: FieldList, missing: str) -> None:
        names = [name for _, name in self.pairs(field.short_name)]
        if not names:
            raise ValidationError(missing)
        if len(set(names)) < len(names):
            raise ValidationError("名称有重复，请改成不同的名称。")


class CopyForm(Form):
    """Which event to copy, and its name here."""

    source_id = SelectField("从哪个赛项复制", [Filled("请选择要复制的赛项。")])
    name = TextField("新名称", [Length(max=60, message="名称不超过 60 个字。")], description="留空则沿用原名称。")


class AttachmentForm(Form):
    """A file of the notice."""

    file = FileField("附件")


class PersonForm(Form):
    """A role for one person in this event."""

    username = TextField("用户名", [Filled("请填写用户名。"), Length(max=64)], description="账号在“账号”页发放。")
    role = SelectField("角色", choices=choices((role, WORDS[role]) for role in OF_EVENT))
    valid_from = BeijingTimeField("从何时起", [Optional()], description="北京时间，可不填。")
    valid_to = BeijingTimeField("到何时止", [Optional()])

    def validate_valid_to(self, field: Any) -> None:
        """The end is after the beginning."""
        if field.data and self.valid_from.data and field.data <= self.valid_from.data:
            raise ValidationError("结束时间不晚于开始时间，请改正。")


class LevelForm(Form):
    """A level of competitions."""

    code = TextField(
        "代码",
        [Filled("请填写代码。"), Regexp(r"^[a-z0-9_]{1,20}$", message="代码用小写字母、数字和下划线，不超过 20 位。")],
    )
    name = TextField("名称", [Filled("请填写名称。"), Length(max=40, message="名称不超过 40 个字。")])
    position = WholeField("排序", [Optional(), NumberRange(0, 999, "请填写 0 到 999 的整数。")], default=0)


class OccupationForm(Form):
    """An occupation of the list with the other names it goes by."""

    code = TextField(
        "职业编码",
        [Filled("请填写编码。"), Regexp(r"^[1-8]-[0-9]{2}-[0-9]{2}-[0-9]{2}$", message="编码形如 6-18-02-04。")],
    )
    name = TextField("名称", [Filled("请填写名称。"), Length(max=60, message="名称不超过 60 个字。")])
    aliases = LinesField("别名", longest=60, description="一行一个，例如“电焊工”。")
