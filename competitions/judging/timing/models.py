"""Changes of the time that a code has for a module: stops, extra time, another limit, another sitting. Knows codes only."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competitions.audit.compared import compared
from competitions.audit.fixed_columns import fixed
from competitions.base.database import Base, UtcTime, id_column, one_of
from competitions.coding.models import Sitting
from competitions.programme.models import Module

KINDS = ("stop", "grant", "limit", "moved", "rerun")
ONE_CODE = ("limit", "moved", "rerun")
"""Kinds that can only be of one code."""


@compared("用时变更", shown="code")
@fixed("module_id", "sitting_id", "code", "kind", "source", "by", "at")
class TimeChange(Base):
    """Something that changes the time of one code (`code`), or of everybody in a sitting (none: in all of them).

    `begins_at`: when it happened. A stop lasts to `ends_at` (none: it still lasts), or is `seconds` long as a paper says;
    `seconds` of a grant are the extra time, of a limit the whole of it. It counts once the chief judge has signed it.
    Never deleted: a wrong one is withdrawn.
    """

    __tablename__ = "time_change"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("source", ("hall", "paper")),
        CheckConstraint("kind NOT IN ('limit', 'moved', 'rerun') OR code IS NOT NULL", name="of_one_code"),
        CheckConstraint("kind NOT IN ('grant', 'limit') OR seconds > 0", name="some_seconds"),
        CheckConstraint("ends_at IS NULL OR (kind = 'stop' AND ends_at >= begins_at)", name="ends_after"),
        CheckConstraint("(kind = 'moved') = (to_sitting_id IS NOT NULL)", name="moved_somewhere"),
        CheckConstraint(
            "signed_at IS NULL OR kind <> 'stop' OR ends_at IS NOT NULL OR seconds > 0", name="signed_when_ended"
        ),
    )

    id: Mapped[str] = id_column()
    module_id: Mapped[str] = mapped_column(ForeignKey("module.id"), index=True)
    sitting_id: Mapped[str | None] = mapped_column(ForeignKey("sitting.id"))
    code: Mapped[str | None] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(8))
    begins_at: Mapped[datetime] = mapped_column(UtcTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcTime)
    seconds: Mapped[int | None] = mapped_column(Integer)
    to_sitting_id: Mapped[str | None] = mapped_column(ForeignKey("sitting.id"))
    reason: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(8), default="hall")
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)
    resumed_by: Mapped[str | None] = mapped_column(String(36))
    resumed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    signed_by: Mapped[str | None] = mapped_column(String(36))
    signed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(36))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")

    module: Mapped[Module] = relationship()
    sitting: Mapped[Sitting | None] = relationship(foreign_keys=[sitting_id])
    to_sitting: Mapped[Sitting | None] = relationship(foreign_keys=[to_sitting_id])

    @property
    def is_lasting(self) -> bool:
        """Whether it is a stop that nobody has ended."""
        return self.kind == "stop" and self.ends_at is None and self.seconds is None and self.withdrawn_at is None

    @property
    def is_from_paper(self) -> bool:
        """Whether it was typed from a paper."""
        return self.source == "paper"

    @property
    def is_signed(self) -> bool:
        """Whether the chief judge has signed it and it stands."""
        return self.signed_at is not None and self.withdrawn_at is None

    @property
    def awaits_signature(self) -> bool:
        """Whether it is whole and the chief judge has to sign it."""
        return self.signed_at is None and self.withdrawn_at is None and not self.is_lasting
