"""Workers, entries with their members, history, roster uploads, consent texts, reporting lists. Knows no code, no mark."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from competitions.audit.append_only import append_only
from competitions.audit.compared import compared, not_compared
from competitions.audit.fixed_columns import fixed
from competitions.audit.reach import reached_by
from competitions.base.database import Base, UtcTime, id_column, one_of
from competitions.base.searching import Searched
from competitions.organisations.models import Employer, Union
from competitions.programme.models import Competition, Division, Event
from competitions.tabular.names_order import pinyin_key, sortable_text, stroke_key

ENTRY_STATES = (
    "draft",
    "submitted",
    "taken_back",
    "returned",
    "endorsed",
    "approved",
    "refused",
    "withdrawn",
    "replaced",
)
LIVE_STATES = ("draft", "submitted", "taken_back", "returned", "endorsed", "approved")
"""States in which an entry takes its worker's place in the event."""
EDITABLE = ("draft", "taken_back", "returned")
"""States in which an entry is with its reporting union."""
WITHDRAWABLE = ("submitted", "endorsed", "approved")
"""States in which an entry can be withdrawn or replaced."""


@compared("职工")
@fixed()
class Worker(Base):
    """A person across competitions, found by the keyed blind index of the ID number, shown to nobody across units.

    `id_number` is sealed for ("worker", "id_number", id). Both are null once they were deleted (purging.py).
    """

    __tablename__ = "worker"

    id: Mapped[str] = id_column()
    id_number: Mapped[str | None] = mapped_column(Text)
    id_number_index: Mapped[str | None] = mapped_column(String(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


@compared("告知书", shown="version")
class ConsentText(Base):
    """A version of the text that people are told before their sensitive data are used."""

    __tablename__ = "consent_text"
    uuid_key = False

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(UtcTime)


@compared("报名")
@fixed("competition_id", "event_id", "author_id", "created_at")
@reached_by("event_id")
class Entry(Base):
    """A place in one event. Employer (on the member), reporting union, delegation and review line are kept apart.

    `reporting_union_id` enters the worker; `review_union_id` is the one line that reviews; `delegation_id` the side in
    team tables. `author_id` made it (a reviewer who enters for a unit below never reviews it: `organiser_reviews`).
    `ticket` is the 准考证号, given at approval; never a code. `replaces_id`: the entry in whose place it came (替补).
    `bound_at`: since when it is bound to the hall (drawn, coded or checked in); then the register leaves it alone.
    """

    __tablename__ = "entry"
    __table_args__ = (
        one_of("state", ENTRY_STATES),
        UniqueConstraint("event_id", "ticket"),
        Index("ix_entry_listing", "competition_id", "state", "review_union_id"),
        Index("ix_entry_reporting", "competition_id", "reporting_union_id"),
        Index("ix_entry_reviewing", "competition_id", "review_union_id"),
    )

    id: Mapped[str] = id_column()
    competition_id: Mapped[str] = mapped_column(ForeignKey("competition.id"), index=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id"), index=True)
    division_id: Mapped[str] = mapped_column(ForeignKey("division.id"))
    state: Mapped[str] = mapped_column(String(12), default="draft")
    reporting_union_id: Mapped[str] = mapped_column(ForeignKey("trade_union.id"), index=True)
    review_union_id: Mapped[str] = mapped_column(ForeignKey("trade_union.id"), index=True)
    delegation_id: Mapped[str] = mapped_column(ForeignKey("trade_union.id"))
    author_id: Mapped[str] = mapped_column(String(36))
    organiser_reviews: Mapped[bool] = mapped_column(Boolean, default=False)
    team_name: Mapped[str] = mapped_column(String(60), default="")
    ticket: Mapped[str | None] = mapped_column(String(20))
    consent_version: Mapped[int | None] = mapped_column(ForeignKey("consent_text.version"))
    consent_by: Mapped[str | None] = mapped_column(String(36))
    consent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    reporting_list_id: Mapped[str | None] = mapped_column(ForeignKey("reporting_list.id"))
    replaces_id: Mapped[str | None] = mapped_column(ForeignKey("entry.id"), index=True)
    bound_at: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    competition: Mapped[Competition] = relationship()
    event: Mapped[Event] = relationship()
    division: Mapped[Division] = relationship()
    reporting_union: Mapped[Union] = relationship(foreign_keys=[reporting_union_id])
    review_union: Mapped[Union] = relationship(foreign_keys=[review_union_id])
    delegation: Mapped[Union] = relationship(foreign_keys=[delegation_id])
    members: Mapped[list["EntryMember"]] = relationship(
        back_populates="entry", order_by="EntryMember.position", cascade="all, delete-orphan"
    )

    @property
    def awaits_reviewer(self) -> bool:
        """Whether the reviewing union has to decide."""
        return self.state == "submitted" and not self.organiser_reviews

    @property
    def awaits_report(self) -> bool:
        """Whether it is endorsed and on no list yet."""
        return self.state == "endorsed" and self.reporting_list_id is None

    @property
    def awaits_organiser(self) -> bool:
        """Whether the organiser has to decide: it is reported, or comes to him directly."""
        if self.organiser_reviews:
            return self.state in ("submitted", "endorsed")
        return self.state == "endorsed" and self.reporting_list_id is not None

    @property
    def skips_reviewer(self) -> bool:
        """Whether it was handed in to the organiser directly."""
        return self.state == "submitted" and self.organiser_reviews

    @property
    def is_approved(self) -> bool:
        """Whether it takes part: a mistake in it is corrected by two organisers (corrections/)."""
        return self.state == "approved"

    @property
    def is_returned(self) -> bool:
        """Whether it came back to be corrected."""
        return self.state == "returned"

    @property
    def is_refused(self) -> bool:
        """Whether it was turned down."""
        return self.state == "refused"


@compared("报名成员", free=("name_strokes", "name_pinyin"))
@fixed("entry_id", "event_id")
@reached_by("event_id")
class EntryMember(Searched, Base):
    """A worker in an entry, with name, employer, phone and level as they were then.

    `phone` is sealed for ("entry_member", "phone", id). `name_strokes` and `name_pinyin` sort by the name
    and follow it. `live` follows the entry's state: a worker is live once an event.
    A draft typed by hand may still lack its worker (`worker_id` null, `draft` holds what was typed, sealed).
    `purged_at`: phone, birth date, details and draft were deleted, and the worker's ID number is not shown here any more.
    """

    __tablename__ = "entry_member"
    searched_texts = ("employer_name",)
    searched_names = ("name",)
    __table_args__ = (
        Index(
            "uq_entry_member_live",
            "event_id",
            "worker_id",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
    )

    id: Mapped[str] = id_column()
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id"), index=True)
    worker_id: Mapped[str | None] = mapped_column(ForeignKey("worker.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=1)
    live: Mapped[bool] = mapped_column(Boolean, default=True)
    name: Mapped[str] = mapped_column(String(60))
    name_strokes: Mapped[str] = mapped_column(Text, default="")
    name_pinyin: Mapped[str] = mapped_column(Text, default="")
    sex: Mapped[str] = mapped_column(String(2), default="")
    birth_date: Mapped[date | None] = mapped_column(Date)
    phone: Mapped[str] = mapped_column(Text, default="")
    employer_id: Mapped[str | None] = mapped_column(ForeignKey("employer.id"), index=True)
    employer_name: Mapped[str] = mapped_column(String(120), default="")
    level: Mapped[str] = mapped_column(String(20), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    draft: Mapped[str] = mapped_column(Text, default="")
    purged_at: Mapped[datetime | None] = mapped_column(UtcTime)

    entry: Mapped[Entry] = relationship(back_populates="members")
    worker: Mapped[Worker | None] = relationship()
    employer: Mapped[Employer | None] = relationship()

    @property
    def has_secrets(self) -> bool:
        """Whether an ID number and a phone are there to be shown in full."""
        return self.worker_id is not None and self.purged_at is None

    @validates("name")
    def _order_of_name(self, _attribute: str, name: str) -> str:
        self.name_strokes, self.name_pinyin = sortable_text(stroke_key(name)), sortable_text(pinyin_key(name))
        return name


@compared("报名经过")
@append_only
class EntryHistory(Base):
    """One change of an entry's state: who, when, from, to, why. Append-only."""

    __tablename__ = "entry_history"

    id: Mapped[str] = id_column()
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(String(36))
    by_name: Mapped[str] = mapped_column(String(60))
    from_state: Mapped[str] = mapped_column(String(12))
    to_state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text, default="")


@compared("上传的报名表")
@fixed("competition_id", "union_id", "user_id", "filename", "sha256", "created_at")
@reached_by("competition_id")
class RosterUpload(Base):
    """A roster that was uploaded, and what became of it: who, for whom, the file's digest. While it is staged its content
    lies in `competitions.uploads` under the same id.
    """

    __tablename__ = "roster_upload"
    __table_args__ = (one_of("state", ("staged", "confirmed", "discarded")),)

    id: Mapped[str] = id_column()
    competition_id: Mapped[str] = mapped_column(ForeignKey("competition.id"), index=True)
    union_id: Mapped[str] = mapped_column(ForeignKey("trade_union.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default="staged")
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


@not_compared("a remembered choice; nothing rests on it")
class ColumnMatch(Base):
    """How a union's columns were matched by hand, remembered by the heading's digest."""

    __tablename__ = "column_match"
    __table_args__ = (UniqueConstraint("union_id", "heading_digest"),)

    id: Mapped[str] = id_column()
    union_id: Mapped[str] = mapped_column(ForeignKey("trade_union.id"))
    heading_digest: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)


@compared("报送名单", shown="number")
@append_only
@reached_by("competition_id")
class ReportingList(Base):
    """报送: a reviewing union's numbered, frozen list (`document`: what is printed, no ID numbers). Append-only."""

    __tablename__ = "reporting_list"
    __table_args__ = (UniqueConstraint("competition_id", "union_id", "number"),)

    id: Mapped[str] = id_column()
    competition_id: Mapped[str] = mapped_column(ForeignKey("competition.id"), index=True)
    union_id: Mapped[str] = mapped_column(ForeignKey("trade_union.id"))
    number: Mapped[int] = mapped_column(Integer)
    document: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    closed_by: Mapped[str] = mapped_column(String(36))
    closed_at: Mapped[datetime] = mapped_column(UtcTime)

    union: Mapped[Union] = relationship()
