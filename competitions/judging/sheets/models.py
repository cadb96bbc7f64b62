"""What is noted about sheets before they are signed. Knows codes only."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from competitions.audit.append_only import append_only
from competitions.audit.compared import compared
from competitions.base.database import Base, UtcTime, id_column, one_of


@compared("抽查", shown="code")
@append_only
class Recheck(Base):
    """Re-checking before signing: one code of a module looked at again by the checker, right or wrong."""

    __tablename__ = "recheck"
    __table_args__ = (UniqueConstraint("module_id", "code", "opening"), one_of("outcome", ("right", "wrong")))

    id: Mapped[str] = id_column()
    module_id: Mapped[str] = mapped_column(ForeignKey("module.id"), index=True)
    code: Mapped[str] = mapped_column(String(12))
    opening: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(6))
    text: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)
