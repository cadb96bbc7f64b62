"""Rulings on ties, settled standings, publications with their snapshots. Knows everything below; public pages read
`PublicationSnapshot.public` only.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competitions.audit.append_only import append_only
from competitions.audit.compared import compared
from competitions.audit.fixed_columns import fixed
from competitions.audit.reach import reached_by
from competitions.base.database import Base, UtcTime, id_column, one_of
from competitions.programme.models import Division, Stage


@compared("并列裁定")
@fixed("stage_id", "division_id", "codes", "reason", "proposed_by", "proposed_at")
@reached_by("stage_id")
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

    @property
    def is_over(self) -> bool:
        """Whether it was refused or taken back."""
        return self.revoked_at is not None

    @property
    def is_confirmed(self) -> bool:
        """Whether it counts, unless it is over."""
        return self.confirmed_by is not None

    def may_be_decided_by(self, user_id: str) -> bool:
        """Whether this person may be the second one."""
        return not self.is_over and not self.is_confirmed and self.proposed_by != user_id


@compared("成绩审定", shown="number")
@append_only
@reached_by("stage_id")
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


@compared("公布", shown="number")
@fixed("stage_id", "number", "drafted_by", "drafted_at")
@reached_by("stage_id")
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

    @property
    def is_draft(self) -> bool:
        """Whether it waits for approval."""
        return self.state == "draft"

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it."""
        return self.state == "published"

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was public and is not any more."""
        return self.state == "withdrawn"

    @property
    def is_asked_back(self) -> bool:
        """Whether it is public and somebody has asked that it be withdrawn."""
        return self.is_public and self.withdrawal_by is not None

    @property
    def waits_since(self) -> datetime:
        """Since when a second person has been asked."""
        return self.withdrawal_at or self.drafted_at

    @property
    def shown_state(self) -> str:
        """A code of WORDS["publication_state"]: replaced ones are told apart from those withdrawn."""
        return "replaced" if self.is_withdrawn and self.replaced_by_id else self.state


@compared("公布内容")
@append_only
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
