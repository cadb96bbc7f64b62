"""What a person may type about how a module is judged, each with what it means in the hall."""

from wtforms import BooleanField, SelectField
from wtforms.validators import NumberRange, Optional

from competitions.programme.forms import VersionedForm
from competitions.programme.modules.judging_settings import LATE_MINUTES, MOST_LATE_MINUTES
from competitions.web.fields import Filled, WholeField, choices

NAMINGS = [("ticket", "准考证号"), ("code", "加密号")]
CONFLICTS = [("warn", "提示，由裁判长决定"), ("forbid", "不得编入，也不得评分")]
SHARE = "请填写 0 到 100 的整数。"


def _share(label: str, usual: int, description: str) -> WholeField:
    """A share in per cent."""
    return WholeField(label, [Filled(SHARE), NumberRange(0, 100, SHARE)], default=usual, description=description)


class ModuleSettingsForm(VersionedForm):
    """The judging settings of a module (judging_settings.JudgingSettings)."""

    identify_by = SelectField(
        "答卷上写什么号",
        choices=choices(NAMINGS),
        description="统分员按这个号录入成绩。纸笔考试一般写准考证号；录入的人看不到姓名。",
    )
    double_entry = BooleanField(
        "双人录入", description="每份成绩由两个人先后各录一遍，第二人看不到第一人录的内容；两次一致才能复核。"
    )
    judges_sign = BooleanField(
        "裁判本人签字", description="每位裁判送达评分表后还要逐份签字确认；没有签齐，裁判长不能签字。"
    )
    recheck = BooleanField(
        "签字前抽查",
        description="裁判长签字前，复核员对照原始记录抽查下面比例的加密号；没有查完或有不符的，裁判长不能签字。",
    )
    recheck_top = _share("抽查：成绩靠前的百分之几", 30, "按总分从高到低，这一部分全部抽查。")
    recheck_sample = _share("抽查：其余的百分之几", 15, "从其余加密号中由系统抽取，任何人不能挑选。")
    recheck_limit = _share("不符超过百分之几则全查", 5, "抽查中不符的超过这个比例，所有加密号都要复查。")
    conflicts = SelectField(
        "裁判所在单位有选手参赛时", choices=choices(CONFLICTS), description="编裁判组时和每次评分时都会检查。"
    )
    late_minutes = WholeField(
        "迟到几分钟内可以入场",
        [Optional(), NumberRange(0, MOST_LATE_MINUTES, f"请填写 0 到 {MOST_LATE_MINUTES} 的整数，或留空。")],
        description=f"从场次开始时间算起；过时未到的，检录裁判可一并记为缺考。留空按 {LATE_MINUTES} 分钟。"
        "同一场有几个模块的，按最短的算。",
    )
