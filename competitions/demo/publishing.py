"""The end of the published competition: settled by code, decoded by two people, drafted by one, approved by another."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from competitions.coding.decoding import next_to_decode
from competitions.coding.services import decode_coder, decode_witness
from competitions.demo.cast import Cast
from competitions.demo.hall import Hall
from competitions.programme.models import Stage
from competitions.results.publications.services import approve_publication, draft_publication, settle

NOTICE = (
    "根据竞赛规程，现将决赛成绩予以公布。对成绩有异议的，请于公布之日起三个工作日内，由领队以书面形式向大赛仲裁组提出申诉"
    "（电话 0771-5550026）。奖项为拟授，以表彰通报为准。"
)


def settle_and_decode(session: Session, cast: Cast, hall: Hall, at: datetime) -> None:
    """The chief judge settles the standings; coder and supervisor open the codes, each by an own sign-in."""
    stage = session.get_one(Stage, hall.stage_id)
    chief, coder, supervisor = (
        cast.actor(session, f"{start}{hall.number}", at) for start in ("caipanzhang", "jiami", "jiandu")
    )
    settle(session, stage, by=chief, at=at)
    while (sheet := next_to_decode(session, stage)) is not None:
        decode_coder(session, sheet, by=coder, at=at + timedelta(minutes=20))
        decode_witness(
            session, sheet, "密封完好，封存值与开赛时一致，逐号核对无误。", by=supervisor, at=at + timedelta(minutes=25)
        )


def publish(session: Session, cast: Cast, hall: Hall, at: datetime) -> None:
    """公布 no. 1 of the stage: drafted by one person, approved by another."""
    stage = session.get_one(Stage, hall.stage_id)
    publication = draft_publication(session, stage, NOTICE, by=cast.actor(session, "nigao", at), at=at)
    approve_publication(session, publication, by=cast.actor(session, "shending", at), at=at + timedelta(hours=2))
