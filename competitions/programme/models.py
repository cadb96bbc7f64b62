"""Programmes, competitions, events, divisions, stages, modules, rulesets, deadlines, notices. Knows no entry, no mark."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competitions.audit.append_only import append_only
from competitions.audit.compared import compared
from competitions.audit.fixed_columns import fixed
from competitions.audit.reach import named_by_scope, reached_by
from competitions.base.database import Base, UtcTime, id_column, one_of
from competitions.base.kept_files import KeptFile
from competitions.base.searching import Searched
from competitions.organisations.models import Union

BODY_ROLES = ("host", "organiser", "co_organiser", "supporter", "technical")
"""主办 承办 协办 支持 技术支持."""
COMPETITION_STATES = ("draft", "open", "closed", "archived")
"""draft: not visible to others; open: notice published; closed: every event published; archived."""
DEADLINES = ("report", "review", "final")


@compared("赛事级别", shown="name")
class CompetitionLevel(Base):
    """Level of a competition (editable data): national, autonomous-region class I/II, city, county, park …"""

    __tablename__ = "competition_level"
    uuid_key = False

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    position: Mapped[int] = mapped_column(Integer, default=0)


@compared("职业", shown="name")
class Occupation(Searched, Base):
    """An occupation of the classification (编辑数据), with other names it goes by, one a line."""

    __tablename__ = "occupation"
    searched_texts = ("code", "name", "aliases")
    uuid_key = False

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    aliases: Mapped[str] = mapped_column(Text, default="")


@compared("主题竞赛", shown="name")
class Programme(Base):
    """A named series; programmes nest."""

    __tablename__ = "programme"

    id: Mapped[str] = id_column()
    name: Mapped[str] = mapped_column(String(120), unique=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("programme.id"))
    summary: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(Integer, default=1)

    parent: Mapped["Programme | None"] = relationship(remote_side=[id])


@compared("赛事", shown="name")
@fixed("created_by", "created_at")
@named_by_scope("competitions")
class Competition(Searched, Base):
    """One edition, with its cut-offs (stored UTC, typed in Beijing time) and its public notice."""

    __tablename__ = "competition"
    searched_texts = ("name", "document_number", "place")
    __table_args__ = (
        one_of("state", COMPETITION_STATES),
        Index("ix_competition_state", "state", "report_until"),
        CheckConstraint("events_per_person >= 1", name="some_events"),
    )

    id: Mapped[str] = id_column()
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"), index=True)
    name: Mapped[str] = mapped_column(String(160), unique=True)
    level_code: Mapped[str] = mapped_column(ForeignKey("competition_level.code"))
    area_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    state: Mapped[str] = mapped_column(String(12), default="draft")
    document_number: Mapped[str] = mapped_column(String(60), default="")
    notice: Mapped[str] = mapped_column(Text, default="")
    conditions: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    held_from: Mapped[datetime | None] = mapped_column(UtcTime)
    held_to: Mapped[datetime | None] = mapped_column(UtcTime)
    contact: Mapped[str] = mapped_column(String(60), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    report_until: Mapped[datetime] = mapped_column(UtcTime)
    review_until: Mapped[datetime] = mapped_column(UtcTime)
    final_until: Mapped[datetime] = mapped_column(UtcTime)
    event_word: Mapped[str] = mapped_column(String(10), default="赛项")
    events_per_person: Mapped[int] = mapped_column(Integer, default=1)
    publish_marks: Mapped[bool] = mapped_column(Boolean, default=True)
    created_by: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    archived_by: Mapped[str | None] = mapped_column(String(36))
    archived_at: Mapped[datetime | None] = mapped_column(UtcTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    programme: Mapped[Programme] = relationship()
    level: Mapped[CompetitionLevel] = relationship()
    bodies: Mapped[list["CompetitionBody"]] = relationship(
        back_populates="competition",
        order_by="CompetitionBody.role, CompetitionBody.position",
        cascade="all, delete-orphan",
    )
    events: Mapped[list["Event"]] = relationship(back_populates="competition", order_by="Event.position")
    attachments: Mapped[list["Attachment"]] = relationship(order_by="Attachment.position")

    @property
    def is_draft(self) -> bool:
        """Whether its notice is not published yet."""
        return self.state == "draft"

    @property
    def is_open(self) -> bool:
        """Whether it is under way: entries come in and are decided."""
        return self.state == "open"

    @property
    def is_archived(self) -> bool:
        """Whether nothing of it can be changed any more."""
        return self.state == "archived"

    @property
    def takes_events(self) -> bool:
        """Whether events can be added."""
        return self.is_draft or self.is_open

    def takes_entries(self, now: datetime) -> bool:
        """Whether the general cut-off for entries has not passed."""
        return self.is_open and now <= self.report_until


@compared("主办承办单位", shown="name")
@fixed("competition_id")
class CompetitionBody(Base):
    """A body in one of the ordered lists 主办/承办/协办/支持/技术支持; a union of the tree or a name only."""

    __tablename__ = "competition_body"
    __table_args__ = (one_of("role", BODY_ROLES), UniqueConstraint("competition_id", "role", "position"))

    id: Mapped[str] = id_column()
    competition_id: Mapped[str] = mapped_column(ForeignKey("competition.id"))
    role: Mapped[str] = mapped_column(String(16))
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    union_id: Mapped[str | None] = mapped_column(ForeignKey("trade_union.id"))

    competition: Mapped[Competition] = relationship(back_populates="bodies")


@compared("通知附件", shown="filename")
@fixed("competition_id", "filename", "sha256", "file_id", "added_at")
@reached_by("competition_id")
class Attachment(Base):
    """A file of the notice; served as an attachment only."""

    __tablename__ = "attachment"

    id: Mapped[str] = id_column()
    competition_id: Mapped[str] = mapped_column(ForeignKey("competition.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    filename: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    file_id: Mapped[str] = mapped_column(ForeignKey("kept_file.id"))
    added_at: Mapped[datetime] = mapped_column(UtcTime)

    file: Mapped[KeptFile] = relationship(lazy="joined")


@compared("延期")
@append_only
class DeadlineExtension(Base):
    """A later cut-off for one union (and what is below it) or for all, with the reason."""

    __tablename__ = "deadline_extension"
    __table_args__ = (one_of("deadline", DEADLINES),)

    id: Mapped[str] = id_column()
    competition_id: Mapped[str] = mapped_column(ForeignKey("competition.id"), index=True)
    union_id: Mapped[str | None] = mapped_column(ForeignKey("trade_union.id"))
    deadline: Mapped[str] = mapped_column(String(8))
    until: Mapped[datetime] = mapped_column(UtcTime)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)

    union: Mapped[Union | None] = relationship()


@compared("竞赛项目", shown="name")
@fixed("competition_id")
@named_by_scope("events")
@reached_by("competition_id")
class Event(Searched, Base):
    """One occupation contested in one competition. `team_size` 1: people compete; more: an entry of that size.

    `called_off_at`: it is not held (取消), for `called_off_reason`; nothing of it can be changed from then on.
    """

    __tablename__ = "event"
    searched_texts = ("name",)
    __table_args__ = (
        UniqueConstraint("competition_id", "name"),
        CheckConstraint("team_size >= 1", name="some_members"),
    )

    id: Mapped[str] = id_column()
    competition_id: Mapped[str] = mapped_column(ForeignKey("competition.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    occupation_code: Mapped[str | None] = mapped_column(ForeignKey("occupation.code"))
    position: Mapped[int] = mapped_column(Integer, default=0)
    team_size: Mapped[int] = mapped_column(Integer, default=1)
    quota_per_union: Mapped[int | None] = mapped_column(Integer)
    conditions: Mapped[str] = mapped_column(Text, default="")
    code_levels: Mapped[int] = mapped_column(Integer, default=1)
    called_off_at: Mapped[datetime | None] = mapped_column(UtcTime)
    called_off_by: Mapped[str | None] = mapped_column(String(36))
    called_off_reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(Integer, default=1)

    competition: Mapped[Competition] = relationship(back_populates="events")
    occupation: Mapped[Occupation | None] = relationship()
    divisions: Mapped[list["Division"]] = relationship(back_populates="event", order_by="Division.position")
    stages: Mapped[list["Stage"]] = relationship(back_populates="event", order_by="Stage.position")

    @property
    def is_called_off(self) -> bool:
        """Whether it is not held."""
        return self.called_off_at is not None


@compared("组别", shown="name")
@fixed("event_id")
class Division(Base):
    """组别 of an event."""

    __tablename__ = "division"
    __table_args__ = (UniqueConstraint("event_id", "name"),)

    id: Mapped[str] = id_column()
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id"), index=True)
    name: Mapped[str] = mapped_column(String(30))
    position: Mapped[int] = mapped_column(Integer, default=0)

    event: Mapped[Event] = relationship(back_populates="divisions")


@compared("阶段", shown="name")
@fixed("event_id")
@reached_by("event_id")
class Stage(Searched, Base):
    """初赛, 复赛, 决赛; each has its own ruleset. `locked_at`: ruleset and schemes are locked from then on;
    `settled_at`: every division's standings are settled and signed by code, so the codes may be opened.
    """

    __tablename__ = "stage"
    searched_texts = ("name",)
    __table_args__ = (UniqueConstraint("event_id", "name"),)

    id: Mapped[str] = id_column()
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id"), index=True)
    name: Mapped[str] = mapped_column(String(30))
    position: Mapped[int] = mapped_column(Integer, default=0)
    locked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)

    event: Mapped[Event] = relationship(back_populates="stages")
    modules: Mapped[list["Module"]] = relationship(back_populates="stage", order_by="Module.position")

    @property
    def is_locked(self) -> bool:
        """Whether ruleset and schemes change by two people only."""
        return self.locked_at is not None

    @property
    def is_settled(self) -> bool:
        """Whether the standings are settled and signed."""
        return self.settled_at is not None


@compared("模块", shown="name")
@fixed("stage_id", "key")
@reached_by("stage_id")
class Module(Base):
    """A part of a stage marked by itself. `key` is its id in the ruleset document ("theory", "practice", "a" …).

    `settings`: judging settings beside the ruleset (design.md §7), read as one typed value by
    `judging_settings.JudgingSettings.of`; the number of judges stays in the ruleset. `version` is theirs.
    """

    __tablename__ = "module"
    __table_args__ = (UniqueConstraint("stage_id", "key"), one_of("kind", ("theory", "practice")))

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    key: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(Integer, default=0)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(Integer, default=1)

    stage: Mapped[Stage] = relationship(back_populates="modules")

    @property
    def is_theory(self) -> bool:
        """Whether it is a written test."""
        return self.kind == "theory"


@compared("计分规则", shown="number")
@fixed("stage_id", "number", "created_by", "created_at")
@reached_by("stage_id")
class Ruleset(Base):
    """A version of a stage's ruleset: `document` is the canonical JSON of scoring.md §2, without aspects (the marking
    schemes have them). The version in force is the highest that is `approved`; the first needs no second person.
    `answer`: why a proposal was refused (or taken back).
    """

    __tablename__ = "ruleset"
    __table_args__ = (
        UniqueConstraint("stage_id", "number"),
        Index("ix_ruleset_state", "state", "stage_id"),
        one_of("state", ("draft", "proposed", "approved", "refused")),
        CheckConstraint("approved_by IS NULL OR number = 1 OR approved_by <> created_by", name="second_person"),
    )

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    preset: Mapped[str] = mapped_column(String(40), default="")
    document: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="approved")
    reason: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    approved_by: Mapped[str | None] = mapped_column(String(36))
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    answer: Mapped[str] = mapped_column(Text, default="")

    stage: Mapped[Stage] = relationship()

    @property
    def is_approved(self) -> bool:
        """Whether it holds, or held."""
        return self.state == "approved"

    @property
    def is_proposed(self) -> bool:
        """Whether a second person has to decide."""
        return self.state == "proposed"

    @property
    def is_refused(self) -> bool:
        """Whether it was turned down or taken back."""
        return self.state == "refused"

    def may_be_decided_by(self, user_id: str) -> bool:
        """Whether this person may be the second one."""
        return self.is_proposed and self.created_by != user_id

    def may_be_taken_back_by(self, user_id: str) -> bool:
        """Whether this person may take the proposal back."""
        return self.is_proposed and self.created_by == user_id
