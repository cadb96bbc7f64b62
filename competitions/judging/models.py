"""Marking schemes, panels, score sheets, revisions, confirmations, deliveries, incidents. Knows codes only:
no table here refers to an entry or a person who competes.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competitions.accounts.models import User
from competitions.audit.append_only import append_only
from competitions.audit.compared import compared, not_compared
from competitions.audit.fixed_columns import fixed
from competitions.audit.reach import reached_by
from competitions.base.database import Base, UtcTime, id_column, one_of
from competitions.coding.models import Sitting
from competitions.programme.models import Division, Module

SIGNED_NOW = 2
"""The version of the signatures that are made today; those of version 1 are over revisions only, not over whose they are."""
SHEET_STATES = ("empty", "draft", "submitted", "confirmed", "signed")


@compared("评分细则", shown="number")
@fixed("module_id", "number", "created_by", "created_at")
@reached_by("module_id")
class MarkingScheme(Base):
    """A version of a module's marking scheme: `aspects` as in scoring.md §2 ASPECT with "name" and "grades" beside.

    Locked when the stage is; later a new version with reason and second person.
    """

    __tablename__ = "marking_scheme"
    __table_args__ = (
        UniqueConstraint("module_id", "number"),
        CheckConstraint("approved_by IS NULL OR number = 1 OR approved_by <> created_by", name="second_person"),
    )

    id: Mapped[str] = id_column()
    module_id: Mapped[str] = mapped_column(ForeignKey("module.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    aspects: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    approved_by: Mapped[str | None] = mapped_column(String(36), index=True)

    module: Mapped[Module] = relationship()

    @property
    def is_waiting(self) -> bool:
        """Whether a second person has to approve it."""
        return self.approved_by is None

    def may_be_approved_by(self, user_id: str) -> bool:
        """Whether this person may be the second one."""
        return self.is_waiting and self.created_by != user_id


CLOSED = ("recused", "vacant", "barred", "spare")
"""Why nobody owes a sheet any more (panels/rules.py words them)."""


def _own_seat(context: DefaultExecutionContext) -> str:
    """Whoever is put on a panel without a seat opens one of his own, which bears the id of its first member."""
    return str(context.get_current_parameters()["id"])  # type: ignore[no-untyped-call]


@compared("裁判组成员")
@fixed("module_id", "user_id", "code", "assigned_by", "assigned_at")
class PanelMember(Base):
    """A person in a seat of a module's panel, from when to when: marking or floor judge, or the tabulator (theory from
    paper).

    Those who hold one seat after another have the same `seat_id`. `code`: only for this one code (null: the whole
    seat). `sitting_id` null: all sittings. `number` is the J1, J2 … that stays his (null: by position).
    """

    __tablename__ = "panel_member"
    __table_args__ = (
        one_of("duty", ("marking", "floor", "tabulator")),
        Index(
            "uq_panel_member_holder",
            "seat_id",
            unique=True,
            sqlite_where=text("left_at IS NULL AND code IS NULL"),
            postgresql_where=text("left_at IS NULL AND code IS NULL"),
        ),
    )

    id: Mapped[str] = id_column()
    seat_id: Mapped[str] = mapped_column(String(36), default=_own_seat)
    number: Mapped[int | None] = mapped_column(Integer)
    code: Mapped[str | None] = mapped_column(String(12))
    module_id: Mapped[str] = mapped_column(ForeignKey("module.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    sitting_id: Mapped[str | None] = mapped_column(ForeignKey("sitting.id"))
    duty: Mapped[str] = mapped_column(String(10), default="marking")
    position: Mapped[int] = mapped_column(Integer, default=0)
    warning: Mapped[str] = mapped_column(Text, default="")
    assigned_by: Mapped[str] = mapped_column(String(36))
    assigned_at: Mapped[datetime] = mapped_column(UtcTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcTime)

    module: Mapped[Module] = relationship()
    user: Mapped[User] = relationship()
    sitting: Mapped[Sitting | None] = relationship()

    @property
    def is_seated(self) -> bool:
        """Whether he is on the panel now."""
        return self.left_at is None


_ALIVE: dict[str, Any] = {"sqlite_where": text("closed IS NULL"), "postgresql_where": text("closed IS NULL")}


@compared("评分表", shown="code")
@fixed("module_id", "division_id", "code", "seat_id")
@reached_by("module_id")
class ScoreSheet(Base):
    """One seat of the panel × one code: what its judge owes. `head` is the number of the newest revision (0: none); a
    projection, as are `judge_id` and `closed` (of the newest SheetChange).

    `opening` counts 1, 2 … after each reopening; an opening has at most one confirmation. `closed` null: the sheet is
    alive and `judge_id` owes it or has marked it; else why nobody does (CLOSED). Of the sheets of a seat and code, and
    of a judge and code, one at most is alive.
    """

    __tablename__ = "score_sheet"
    __table_args__ = (
        one_of("state", SHEET_STATES),
        one_of("closed", CLOSED),
        Index("ix_score_sheet_judge", "judge_id", "module_id"),
        Index("uq_score_sheet_judge", "module_id", "code", "judge_id", unique=True, **_ALIVE),
        Index("uq_score_sheet_seat", "seat_id", "code", unique=True, **_ALIVE),
    )

    id: Mapped[str] = id_column()
    module_id: Mapped[str] = mapped_column(ForeignKey("module.id"), index=True)
    division_id: Mapped[str] = mapped_column(ForeignKey("division.id"))
    code: Mapped[str] = mapped_column(String(12))
    seat_id: Mapped[str] = mapped_column(String(36))
    judge_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    sitting_id: Mapped[str | None] = mapped_column(ForeignKey("sitting.id"))
    station: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10), default="empty")
    closed: Mapped[str | None] = mapped_column(String(10))
    head: Mapped[int] = mapped_column(Integer, default=0)
    opening: Mapped[int] = mapped_column(Integer, default=1)

    module: Mapped[Module] = relationship()
    division: Mapped[Division] = relationship()
    judge: Mapped[User] = relationship()
    sitting: Mapped[Sitting | None] = relationship()
    revisions: Mapped[list["ScoreRevision"]] = relationship(back_populates="sheet", order_by="ScoreRevision.number")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever saved."""
        return self.state == "empty"

    @property
    def is_delivered(self) -> bool:
        """Whether it is whole and out of the judge's hands."""
        return self.state not in ("empty", "draft")

    @property
    def awaits_checker(self) -> bool:
        """Whether it is delivered and not confirmed."""
        return self.state == "submitted"

    @property
    def is_done(self) -> bool:
        """Whether it is confirmed: marks change only after it is opened again."""
        return self.state in ("confirmed", "signed")

    @property
    def is_signed(self) -> bool:
        """Whether the chief judge has signed it."""
        return self.state == "signed"


@compared("给分版次", shown="number")
@append_only
class ScoreRevision(Base):
    """One submission. `marks` and `notes` are the canonical JSON text that is digested; append-only.

    `total` is a canonical decimal text (judgement aspects left out); `seconds` the time taken, if recorded, from the
    beginning to the end; `runs` (JSON) when a tablet's clock ran for it, in seconds since the epoch, if it knows.
    """

    __tablename__ = "score_revision"
    __table_args__ = (
        UniqueConstraint("sheet_id", "number"),
        one_of("source", ("tablet", "form", "worksheet", "tabulator", "reopening")),
    )

    id: Mapped[str] = id_column()
    sheet_id: Mapped[str] = mapped_column(ForeignKey("score_sheet.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    base: Mapped[int] = mapped_column(Integer)
    opening: Mapped[int] = mapped_column(Integer)
    scheme_id: Mapped[str | None] = mapped_column(ForeignKey("marking_scheme.id"))
    marks: Mapped[str] = mapped_column(Text)
    notes: Mapped[str] = mapped_column(Text, default="{}")
    seconds: Mapped[str | None] = mapped_column(String(12))
    runs: Mapped[str | None] = mapped_column(Text)
    complete: Mapped[bool] = mapped_column(Boolean)
    total: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(12), default="tablet")
    author_id: Mapped[str] = mapped_column(String(36))
    client: Mapped[str] = mapped_column(Text, default="{}")
    at: Mapped[datetime] = mapped_column(UtcTime)

    sheet: Mapped[ScoreSheet] = relationship(back_populates="revisions")


@compared("复核")
@append_only
class SheetConfirmation(Base):
    """The checker confirms revision `number` of an opening; never its author, nor the chief who then signs."""

    __tablename__ = "sheet_confirmation"
    __table_args__ = (
        UniqueConstraint("sheet_id", "opening"),
        CheckConstraint("by <> author_id", name="checker_is_another"),
    )

    id: Mapped[str] = id_column()
    sheet_id: Mapped[str] = mapped_column(ForeignKey("score_sheet.id"), index=True)
    opening: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    author_id: Mapped[str] = mapped_column(String(36))
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)


@compared("送达回执")
@append_only
class SheetDelivery(Base):
    """The idempotency key of a write, with the answer it got, in the same transaction as the write. Append-only."""

    __tablename__ = "sheet_delivery"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(String(36))
    key: Mapped[str] = mapped_column(String(36))
    route: Mapped[str] = mapped_column(String(60))
    request_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)


@compared("晚送达的评分")
@fixed("user_id", "key", "sheet_id", "body", "received_at")
class Quarantine(Base):
    """A delivery that came too late (after the signature, or to a sheet that is no longer its author's): kept aside for
    the chief judge, never dropped.
    """

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("user_id", "key"), one_of("state", ("waiting", "taken", "dismissed")))

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(String(36))
    key: Mapped[str] = mapped_column(String(36))
    sheet_id: Mapped[str] = mapped_column(ForeignKey("score_sheet.id"), index=True)
    body: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcTime)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)

    @property
    def is_waiting(self) -> bool:
        """Whether the chief judge has to decide."""
        return self.state == "waiting"


@compared("现场情况", shown="code")
@fixed("stage_id", "module_id", "code", "kind", "value", "status", "text", "by", "at")
class Incident(Base):
    """A violation or event in the hall, by code; `deduction` acts on the module (or the total when none is named).

    `status`: of kind `status` the competitor's in the whole stage (absent, withdrawn, disqualified), of kind
    `module_status` that of one module (absent, void; scoring.md §1).
    """

    __tablename__ = "incident"
    __table_args__ = (
        one_of("kind", ("violation", "bonus", "status", "module_status", "note")),
        CheckConstraint(
            "status IS NULL OR status IN ('absent', 'withdrawn', 'disqualified', 'void')", name="status_known"
        ),
        CheckConstraint("kind <> 'module_status' OR module_id IS NOT NULL", name="status_of_a_module"),
    )

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    module_id: Mapped[str | None] = mapped_column(ForeignKey("module.id"))
    code: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(14))
    value: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[str | None] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_by: Mapped[str | None] = mapped_column(String(36))


@compared("第二人录入")
@fixed("sheet_id", "number", "author_id")
class SecondEntry(Base):
    """Double entry: a second person's reading of the same paper, typed without seeing the first (`marks` as in a
    revision).

    It counts for the revision `number` it was compared with and the opening; never by that revision's author.
    """

    __tablename__ = "second_entry"
    __table_args__ = (UniqueConstraint("sheet_id", "number"), CheckConstraint("by <> author_id", name="another_person"))

    id: Mapped[str] = id_column()
    sheet_id: Mapped[str] = mapped_column(ForeignKey("score_sheet.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    marks: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str] = mapped_column(String(36))
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)


@compared("裁判签字")
@append_only
class JudgeSignature(Base):
    """A judge signs his own sheet on the screen: revision `number` of it. `digest` of version 1: the revision's; of version 2:
    over code, judge, module and division as well (signing/signatures.py).
    """

    __tablename__ = "judge_signature"
    __table_args__ = (UniqueConstraint("sheet_id", "number"),)

    id: Mapped[str] = id_column()
    sheet_id: Mapped[str] = mapped_column(ForeignKey("score_sheet.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=SIGNED_NOW)
    digest: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)


@compared("重新评议", shown="code")
@fixed("module_id", "code", "aspect_id", "round", "spread", "heads", "by", "at")
class Reevaluation(Base):
    """重新评议: the chief judge calls the panel to judge one aspect of a code again; only that aspect may change.

    `spread` is what the panel is told; open until every judge of the panel has delivered again.
    """

    __tablename__ = "reevaluation"
    __table_args__ = (UniqueConstraint("module_id", "code", "aspect_id", "round"),)

    id: Mapped[str] = id_column()
    module_id: Mapped[str] = mapped_column(ForeignKey("module.id"), index=True)
    code: Mapped[str] = mapped_column(String(12))
    aspect_id: Mapped[str] = mapped_column(String(30))
    round: Mapped[int] = mapped_column(Integer)
    spread: Mapped[int] = mapped_column(Integer)
    heads: Mapped[dict[str, int]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)


@not_compared("what a tablet last said of itself; replaced in place, asked before signing only")
class TabletReport(Base):
    """What a judge's tablet last said of itself: how many items are unsent, its last sequence number, when. Replaced in
    place, so that the chief judge knows what may still come before signing (security.md §3.4).
    """

    __tablename__ = "tablet_report"
    __table_args__ = (UniqueConstraint("user_id", "device"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    device: Mapped[str] = mapped_column(String(36))
    pending: Mapped[int] = mapped_column(Integer)
    last_sequence: Mapped[int] = mapped_column(Integer)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)
