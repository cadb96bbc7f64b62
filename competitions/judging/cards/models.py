"""The table of judges' cards. Knows neither sheet nor mark."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competitions.accounts.models import User
from competitions.audit.compared import compared
from competitions.audit.fixed_columns import fixed
from competitions.audit.reach import reached_by
from competitions.base.database import Base, UtcTime, id_column
from competitions.programme.models import Stage


@compared("裁判卡", shown="number")
@fixed("stage_id", "user_id", "number", "secret_hash", "pin_hash", "issued_by", "issued_at")
@reached_by("stage_id")
class JudgeCard(Base):
    """A printed card by which a judge signs in for one stage: the number stands on it, the secret is in its QR code.

    Kept are the SHA-256 of the secret (128 random bits, so nobody searches them) and the argon2 of the PIN. A person
    has one card that works in a stage; a newer one revokes it. When it works follows from his sittings (cards.py).
    """

    __tablename__ = "judge_card"
    __table_args__ = (
        Index(
            "uq_judge_card_working",
            "stage_id",
            "user_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    number: Mapped[str] = mapped_column(String(9), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    pin_hash: Mapped[str] = mapped_column(String(200))
    issued_by: Mapped[str] = mapped_column(String(36))
    issued_at: Mapped[datetime] = mapped_column(UtcTime)
    revoked_by: Mapped[str | None] = mapped_column(String(36))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)

    stage: Mapped[Stage] = relationship()
    user: Mapped[User] = relationship()
