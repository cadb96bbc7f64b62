"""Worksheets between preview and confirmation. Knows neither what a worksheet holds nor a feature."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from competitions.base.database import Base, UtcTime, id_column


class StagedTable(Base):
    """A worksheet between preview and confirmation: its rows as sealed JSON, 24 hours at most, taken once.

    `rows` is sealed for ("staged_table", "rows", id); `purpose` says which import may take it.
    """

    __tablename__ = "staged_table"

    id: Mapped[str] = id_column()
    purpose: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[str] = mapped_column(String(36), index=True)
    filename: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[str] = mapped_column(Text)
    staged_at: Mapped[datetime] = mapped_column(UtcTime)
