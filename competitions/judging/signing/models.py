"""Signatures of modules, the scans of their papers, requests to open sheets again. Knows codes only."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competitions.audit.append_only import append_only
from competitions.audit.compared import compared
from competitions.audit.fixed_columns import fixed
from competitions.audit.reach import reached_by
from competitions.base.database import Base, UtcTime, id_column, one_of
from competitions.base.kept_files import KeptFile
from competitions.base.searching import Searched
from competitions.judging.models import SIGNED_NOW, ScoreSheet


@compared("模块签字")
@reached_by("module_id")
@append_only
class ModuleSignature(Base):
    """The chief judge signs a module of a division; `digest` is over whose sheets they are and what is marked (`version`,
    signatures.py). Append-only.

    After a reopening the module is signed again under the next `opening`.
    """

    __tablename__ = "module_signature"
    __table_args__ = (UniqueConstraint("module_id", "division_id", "opening"),)

    id: Mapped[str] = id_column()
    module_id: Mapped[str] = mapped_column(ForeignKey("module.id"), index=True)
    division_id: Mapped[str] = mapped_column(ForeignKey("division.id"))
    opening: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=SIGNED_NOW)
    digest: Mapped[str] = mapped_column(String(64))
    audit_head: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)


@compared("签字扫描件")
@fixed("signature_id", "filename", "sha256", "file_id", "by", "at")
class SignedScan(Base):
    """The paper 成绩确认单, signed by hand and scanned, attached to the signature that it prints. Never deleted.

    The file is sealed; `sha256` is of it as it was sent. A wrong one is withdrawn with a reason.
    """

    __tablename__ = "signed_scan"

    id: Mapped[str] = id_column()
    signature_id: Mapped[str] = mapped_column(ForeignKey("module_signature.id"), index=True)
    filename: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    file_id: Mapped[str] = mapped_column(ForeignKey("kept_file.id"))
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")
    withdrawn_by: Mapped[str | None] = mapped_column(String(36))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)

    signature: Mapped[ModuleSignature] = relationship()
    file: Mapped[KeptFile] = relationship(lazy="joined")

    @property
    def counts(self) -> bool:
        """Whether nobody has withdrawn it."""
        return self.withdrawn_at is None


@compared("重新开放申请")
@fixed("kind", "sheet_id", "quarantine_id", "reason", "requested_by", "requested_at")
@reached_by("sheet_id")
class ChangeRequest(Searched, Base):
    """What needs a second person: reopening a sheet (chief judge asks, supervisor consents), taking a late delivery,
    taking back a recusal of a sheet that was delivered.
    """

    __tablename__ = "change_request"
    searched_texts = ("reason",)
    __table_args__ = (
        one_of("kind", ("reopen", "late_delivery", "take_back")),
        one_of("state", ("waiting", "approved", "refused")),
        CheckConstraint("decided_by IS NULL OR decided_by <> requested_by", name="two_people"),
    )

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(String(16))
    sheet_id: Mapped[str] = mapped_column(ForeignKey("score_sheet.id"), index=True)
    quarantine_id: Mapped[str | None] = mapped_column(ForeignKey("quarantine.id"))
    reason: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(String(36))
    requested_at: Mapped[datetime] = mapped_column(UtcTime)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    decided_by: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)

    sheet: Mapped[ScoreSheet] = relationship()

    @property
    def is_waiting(self) -> bool:
        """Whether a second person has to decide."""
        return self.state == "waiting"

    @property
    def restores(self) -> bool:
        """Whether it asks to take a recusal back."""
        return self.kind == "take_back"

    def may_be_decided_by(self, user_id: str) -> bool:
        """Whether this person may be the second one."""
        return self.is_waiting and self.requested_by != user_id
