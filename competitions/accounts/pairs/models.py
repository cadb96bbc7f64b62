"""What two people do about accounts: requests that one makes and another agrees to, and the one device that a hall has."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from competitions.audit.compared import compared
from competitions.audit.fixed_columns import fixed
from competitions.base.database import Base, UtcTime, id_column


@compared("账号申请")
@fixed(
    "batch_id", "position", "user_id", "made", "role", "scope_kind", "scope_id", "valid_from", "valid_to", "half_digest"
)
class AccountRequest(Base):
    """A role to be given to an account, or (without a role) the account to be reset, when another person agrees.

    `batch_id`: the act of two that it belongs to, with others of one worksheet. `made`: the account was made for it, and
    goes when nobody agrees; so no foreign key holds it. `half_digest`: of the half of the one-time code that its proposer
    was shown; none for somebody who has a password.
    """

    __tablename__ = "account_request"
    __table_args__ = (
        CheckConstraint("(role IS NULL) = (scope_kind IS NULL)", name="role_scoped"),
        CheckConstraint("role IS NOT NULL OR half_digest IS NOT NULL", name="reset_coded"),
        Index("ix_account_request_batch", "batch_id", "position"),
    )

    id: Mapped[str] = id_column()
    batch_id: Mapped[str] = mapped_column(String(36))
    position: Mapped[int] = mapped_column(Integer)
    user_id: Mapped[str] = mapped_column(String(36), index=True)
    made: Mapped[bool] = mapped_column(Boolean, default=False)
    role: Mapped[str | None] = mapped_column(String(24))
    scope_kind: Mapped[str | None] = mapped_column(String(12))
    scope_id: Mapped[str | None] = mapped_column(String(36))
    valid_from: Mapped[datetime | None] = mapped_column(UtcTime)
    valid_to: Mapped[datetime | None] = mapped_column(UtcTime)
    half_digest: Mapped[str | None] = mapped_column(String(64))


@compared("共用设备")
@fixed("scope_kind", "scope_id", "device", "name", "reason", "named_by", "named_at")
class SharedDevice(Base):
    """The one device of a hall, named with its reason by a supervisor who sat at it: two people may act there one after
    the other. `device` is the browser, as ActOfTwo keeps browsers; the scope is the supervisor's own.
    """

    __tablename__ = "shared_device"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_whole"),
        CheckConstraint("name <> '' AND reason <> ''", name="reasoned"),
    )

    id: Mapped[str] = id_column()
    scope_kind: Mapped[str] = mapped_column(String(12))
    scope_id: Mapped[str] = mapped_column(String(36), index=True)
    device: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    named_by: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    named_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_by: Mapped[str | None] = mapped_column(String(36))
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
