"""The audit chain's table. Knows no feature; append-only by triggers (triggers.py)."""

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from competitions.audit.append_only import append_only
from competitions.audit.compared import compared, not_compared
from competitions.audit.fixed_columns import fixed
from competitions.base.database import Base
from competitions.base.installation import Installation, SealingKey
from competitions.base.kept_files import KeptFile
from competitions.base.settings import Setting


@not_compared("the log itself: the chain holds it")
@append_only
class AuditEvent(Base):
    """One record: `payload` is the stored canonical JSON that is hashed; `seq` has no gaps; `at_us` UTC microseconds.

    `action`, `object_kind`, `object_id` and `by_id` repeat what the payload says, for the page's filters; they are not
    hashed, and verification compares them with the payload.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_object", "object_id", "seq"),)
    uuid_key = False

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    at_us: Mapped[int] = mapped_column(BigInteger)
    key_id: Mapped[str] = mapped_column(String(16))
    payload: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(60), default="")
    object_kind: Mapped[str] = mapped_column(String(40), default="")
    object_id: Mapped[str | None] = mapped_column(String(64))
    by_id: Mapped[str | None] = mapped_column(String(36))


# the tables of base, which lies below and knows no log
compared("保存的文件", may_go=True)(KeptFile)
fixed("digest", "sealed", "size", "media_type", "owner_kind", "owner_id")(KeptFile)
compared("设置", shown="name")(Setting)
not_compared("written by readiness, outside any act; an epoch is compared by tablets")(Installation)
not_compared("compared with the key ring at each start")(SealingKey)
