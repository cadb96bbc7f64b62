"""更正 of an approved entry: what one person proposes, what another decides; both are only added to. Knows no rule."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competitions.audit.append_only import append_only
from competitions.audit.compared import compared
from competitions.audit.reach import reached_by
from competitions.base.database import Base, UtcTime, id_column, one_of
from competitions.registration.models import Entry

KIND = "entry.correct"
"""The kind of act of two people; its object is the entry, so that one correction waits at a time."""


@compared("报名更正", shown="number")
@append_only
@reached_by("entry_id")
class EntryCorrection(Base):
    """What is to be corrected of an entry, and why. `changes`: documents of changes.Change, old and new, kept as the
    entry keeps them; numbered within the entry. Append-only.
    """

    __tablename__ = "entry_correction"
    __table_args__ = (UniqueConstraint("entry_id", "number"),)

    id: Mapped[str] = id_column()
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(36))
    by_name: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcTime)

    entry: Mapped[Entry] = relationship()
    decision: Mapped["EntryCorrectionDecision | None"] = relationship(back_populates="correction", uselist=False)

    @property
    def waits(self) -> bool:
        """Whether nobody has decided on it."""
        return self.decision is None

    @property
    def is_agreed(self) -> bool:
        """Whether the entry was corrected by it."""
        return self.decision is not None and self.decision.answer == "agreed"


@compared("报名更正的决定")
@append_only
@reached_by("correction_id")
class EntryCorrectionDecision(Base):
    """What became of a correction: agreed or refused by a second person, or taken back by who proposed it. Append-only."""

    __tablename__ = "entry_correction_decision"
    __table_args__ = (
        UniqueConstraint("correction_id"),
        one_of("answer", ("agreed", "refused", "taken_back")),
    )

    id: Mapped[str] = id_column()
    correction_id: Mapped[str] = mapped_column(ForeignKey("entry_correction.id"))
    answer: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(36))
    by_name: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcTime)

    correction: Mapped[EntryCorrection] = relationship(back_populates="decision")
