"""The table of settings: facts about this installation, by name. Knows no feature."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from competitions.base.database import Base


class Setting(Base):
    """A fact about this database, by name (e.g. that it holds demonstration data)."""

    __tablename__ = "setting"
    uuid_key = False

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
