"""What a person may type about standings and publications."""

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from competitions.results.publications.services import LONGEST_NOTICE
from competitions.web.fields import ReasonField
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

    reason = ReasonField("裁定理由", "ruling.propose")
