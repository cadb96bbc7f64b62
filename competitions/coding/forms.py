"""What a person may type about sittings, draws and seals. (Lots and codes are grids: lot_grid.py.)"""

from wtforms import IntegerField, SelectField
from wtforms.validators import Length, NumberRange
from wtforms.widgets import HiddenInput

from competitions.web.fields import BeijingTimeField, Filled, ReasonField, TextField, WholeField
from competitions.web.form import Form


class SittingForm(Form):
    """When, where, how many stations."""

    version = IntegerField(widget=HiddenInput(), default=1)
    name = TextField("场次名称", [Filled("请填写场次名称，如“第一场”。"), Length(max=40, message="不超过 40 个字。")])
    starts_at = BeijingTimeField("开始时间", [Filled("请填写开始时间。")], description="北京时间，到分钟。")
    stations = WholeField("工位数", [Filled("请填写工位数。"), NumberRange(1, 999, "请填写 1 到 999 的整数。")])
    place = TextField("地点", [Length(max=120, message="不超过 120 个字。")])
    module_id = SelectField("适用模块", description="整个阶段都在这一场完成时不必选择。")


class DrawForm(Form):
    """The seed that the supervisor gives."""

    seed = TextField(
        "监督员给出的种子",
        [Filled("请填写监督员给出的种子。"), Length(max=60, message="不超过 60 个字符。")],
        description="如当场掷骰或摇号得到的数字，至少 6 个字符。同一种子对同一名单总是得到同一结果，可以复核。",
    )


class RecordForm(Form):
    """The supervisor's record of a decoding."""

    record = ReasonField("监督记录", "codes.decode_witness", description="如“封条完好，当场拆封，校验值与登记表一致”。")
