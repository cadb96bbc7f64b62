"""Rulings on ties, settled standings, publications with their snapshots. Knows everything below; public pages read
`PublicationSnapshot.public` only.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competitions.base.database import Base, UtcTime, id_column, one_of
from competitions.programme.models import Division, Stage


class TieRuling(Base):
    """A decision by people on entrants that the rules leave tied, by code (scoring.md §1 rulings).

    Proposed by the chief judge, confirmed by the supervisor; only confirmed ones that nobody revoked count.
    `answer`: why it was refused or taken back.
    """

    __tablename__ = "tie_ruling"
    __table_args__ = (CheckConstraint("confirmed_by IS NULL OR confirmed_by <> proposed_by", name="two_people"),)

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    division_id: Mapped[str] = mapped_column(ForeignKey("division.id"))
    codes: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(36))
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(36))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_by: Mapped[str | None] = mapped_column(String(36))
    answer: Mapped[str] = mapped_column(Text, default="")


class Settlement(Base):
    """Standings of a division settled and signed by code before decoding: the case, and the digest of its result."""

    __tablename__ = "settlement"
    __table_args__ = (UniqueConstraint("stage_id", "division_id", "number"),)

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    division_id: Mapped[str] = mapped_column(ForeignKey("division.id"))
    number: Mapped[int] = mapped_column(Integer)
    case: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)

    division: Mapped[Division] = relationship()


class Publication(Base):
    """公布 no. `number` of a stage: drafted by one, approved by another; its snapshot never changes.

    `withdrawn_reason`: why it was refused or withdrawn. Withdrawing takes two as well: `withdrawal_by` asks. A later
    publication of the stage replaces it (`replaced_by_id`).
    """

    __tablename__ = "publication"
    __table_args__ = (
        UniqueConstraint("stage_id", "number"),
        Index("ix_publication_state", "state", "published_at"),
        one_of("state", ("draft", "published", "withdrawn", "refused")),
        CheckConstraint("approved_by IS NULL OR approved_by <> drafted_by", name="two_people"),
        CheckConstraint("state <> 'published' OR approved_by IS NOT NULL", name="published_is_approved"),
        CheckConstraint("withdrawn_by IS NULL OR withdrawn_by <> withdrawal_by", name="withdrawn_by_two"),
    )

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    notice: Mapped[str] = mapped_column(Text, default="")
    drafted_by: Mapped[str] = mapped_column(String(36))
    drafted_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    approved_by: Mapped[str | None] = mapped_column(String(36))
    published_at: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")
    withdrawal_by: Mapped[str | None] = mapped_column(String(36), index=True)
    withdrawal_at: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(36))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    replaced_by_id: Mapped[str | None] = mapped_column(ForeignKey("publication.id"))

    stage: Mapped[Stage] = relationship()
    snapshot: Mapped["PublicationSnapshot"] = relationship(back_populates="publication", uselist=False)
    replaced_by: Mapped["Publication | None"] = relationship(remote_side=[id])


class PublicationSnapshot(Base):
    """What a publication says. `public`: the JSON of contracts.md, an allow-list of fields; `cases`: canonical JSON
    {division name: scoring case with codes}; `identities`: code → entry id, for those who may see both. Append-only.
    """

    __tablename__ = "publication_snapshot"
    __table_args__ = (UniqueConstraint("publication_id"),)

    id: Mapped[str] = id_column()
    publication_id: Mapped[str] = mapped_column(ForeignKey("publication.id"))
    public: Mapped[str] = mapped_column(Text)
    cases: Mapped[str] = mapped_column(Text)
    identities: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime)

    publication: Mapped[Publication] = relationship(back_populates="snapshot")
