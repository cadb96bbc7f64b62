"""A spreadsheet between preview and confirmation, whatever it holds. Knows no feature."""

from datetime import datetime

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from competitions.audit.compared import not_compared
from competitions.base.database import Base, UtcTime, id_column


@not_compared("a preview for a day at most; its content is sealed, and what it becomes is recorded")
class Upload(Base):
    """What somebody uploaded and has not confirmed: sealed, 24 hours at most, gone once it is taken or discarded.

    `purpose` says which import may take it, `subject` what it is for (a module's id, a competition's and a union's; empty
    where the purpose says it all). `content` is what was sent and never changes; `corrections` is what its owner changed on
    the page since, small, counted by `version`. Both are sealed JSON, for ("upload", their name, id).
    """

    __tablename__ = "upload"

    id: Mapped[str] = id_column()
    purpose: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(80), default="")
    user_id: Mapped[str] = mapped_column(String(36), index=True)
    filename: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text, deferred=True)
    corrections: Mapped[str] = mapped_column(Text, deferred=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
