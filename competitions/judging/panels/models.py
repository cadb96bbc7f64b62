"""Recusals, and what became of a sheet apart from its marks: whose it was, whose it is, why nobody's. Knows codes only."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from competitions.audit.append_only import append_only
from competitions.audit.compared import compared
from competitions.audit.fixed_columns import fixed
from competitions.base.database import Base, UtcTime, id_column, one_of
from competitions.judging.models import CLOSED

KINDS = ("passed", "recused", "vacated", "barred", "opened", "restored", "spared", "appointed", "taken")
"""The changes there are (panels/rules.py says from where to where each leads)."""


@compared("裁判回避", shown="code")
@fixed("module_id", "code", "judge_id", "reason", "by", "at")
class Recusal(Base):
    """A judge who may not mark a code of a module (回避): his sheet there is closed, and no other of that code can be
    his. Taken back while nothing was marked in its place.
    """

    __tablename__ = "recusal"
    __table_args__ = (
        Index(
            "uq_recusal_standing",
            "module_id",
            "code",
            "judge_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[str] = id_column()
    module_id: Mapped[str] = mapped_column(ForeignKey("module.id"), index=True)
    code: Mapped[str] = mapped_column(String(12))
    judge_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_by: Mapped[str | None] = mapped_column(String(36))
    revoked_reason: Mapped[str] = mapped_column(Text, default="")


@compared("评分表换人")
@append_only
class SheetChange(Base):
    """A sheet goes from one judge to another, is closed with a reason, or comes to life again. Append-only.

    `number` counts 1, 2 … within the sheet. `judge_id` and `closed` are what holds from then on.
    """

    __tablename__ = "sheet_change"
    __table_args__ = (
        UniqueConstraint("sheet_id", "number"),
        one_of("kind", KINDS),
        one_of("closed", CLOSED),
    )

    id: Mapped[str] = id_column()
    sheet_id: Mapped[str] = mapped_column(ForeignKey("score_sheet.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    from_judge_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    judge_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    closed: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)
