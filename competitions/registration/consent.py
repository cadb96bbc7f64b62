"""The text that each person is told before sensitive data are used (PIPL 29–30), by version. Knows no entry."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from competitions.registration.models import ConsentText

FIRST_TEXT = (
    "为组织本次竞赛，需要使用参赛职工的身份证号、手机号、照片等个人信息，其中身份证号属于敏感个人信息。用途：核对身份与参赛资格、"
    "防止重复报名、编排赛务、购买保险、制发证书。提供给：报送工会、审核工会和组委会的经办人员，不对外提供。身份证号和手机号加密保存，"
    "竞赛归档十二个月后删除。比赛成绩将按赛事通知公布姓名、单位、名次和奖项。本人可向报送工会查询、更正，或撤回同意后退赛。"
)


def consent_in_force(session: Session, at: datetime) -> ConsentText:
    """The newest text; version 1 is made when there is none yet (inside the transaction of whoever asks first)."""
    newest = session.scalar(select(ConsentText).order_by(ConsentText.version.desc()).limit(1))
    if newest is None:
        newest = ConsentText(version=1, text=FIRST_TEXT, since=at)
        session.add(newest)
        session.flush()
    return newest


def consent_shown(session: Session) -> tuple[int, str]:
    """Version and text to show on a page, without writing anything."""
    newest = session.scalar(select(ConsentText).order_by(ConsentText.version.desc()).limit(1))
    return (newest.version, newest.text) if newest else (1, FIRST_TEXT)
