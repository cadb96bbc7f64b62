"""What a person may type about standings and publications."""

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from competitions.results.publications.services import LONGEST_NOTICE
from competitions.web.form import Form


class NoticeForm(Form):
    """The text above the published table."""

    notice = TextAreaField(
        "公布说明",
        [
            InputRequired("请填写公布说明。"),
            Length(max=LONGEST_NOTICE, message=f"公布说明最多 {LONGEST_NOTICE} 个字，请精简。"),
        ],
        description="显示在名次表上方。写明依据、评定过程和对成绩有异议的办法，不要写身份证号和个人电话。",
    )


class RulingForm(Form):
    """Why entrants that are still tied get this order (the order is typed beside their codes)."""

    reason = TextAreaField(
        "裁定理由",
        [InputRequired("请写明理由，至少 10 个字。"), Length(min=10, max=500, message="请写明理由，10 到 500 个字。")],
    )


class ReasonForm(Form):
    """A reason for refusing, withdrawing, taking back."""

    reason = TextAreaField(
        "原因", [InputRequired("请写明原因。"), Length(min=2, max=500, message="请写明原因，2 到 500 个字。")]
    )
