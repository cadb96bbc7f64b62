"""Sittings, stations, lots, code sheets with their rows, check-in, decoding. Knows no mark.

Code rows have random ids and one common time and are inserted in shuffled order, so that nothing in them correlates
codes with people (design.md §7).
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competitions.audit.compared import compared
from competitions.audit.fixed_columns import fixed
from competitions.audit.reach import reached_by
from competitions.base.database import Base, UtcTime, id_column, one_of
from competitions.base.kept_files import KeptFile
from competitions.programme.models import Division, Stage
from competitions.registration.models import Entry

PRESENCES = ("present", "late", "absent", "withdrawn", "disqualified")


@compared("场次", shown="name")
@fixed("stage_id")
@reached_by("stage_id")
class Sitting(Base):
    """When and where a stage (all its modules, or the one named) is done, with its number of stations."""

    __tablename__ = "sitting"
    __table_args__ = (UniqueConstraint("stage_id", "name"), CheckConstraint("stations >= 1", name="some_stations"))

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    module_id: Mapped[str | None] = mapped_column(ForeignKey("module.id"))
    name: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(120), default="")
    starts_at: Mapped[datetime] = mapped_column(UtcTime)
    stations: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=1)

    stage: Mapped[Stage] = relationship()


@compared("抽签结果")
@fixed("stage_id")
class Lot(Base):
    """Where an entry was drawn to: a sitting and a station. `source`: typed in from the hall, or drawn by the system."""

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("stage_id", "entry_id"),
        UniqueConstraint("sitting_id", "station"),
        one_of("source", ("hall", "system")),
    )

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id"))
    station: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(UtcTime)

    entry: Mapped[Entry] = relationship()
    sitting: Mapped[Sitting] = relationship()


@compared("晋级名单")
@fixed("stage_id", "entry_id")
class StageEntrant(Base):
    """An entry that goes on to a later stage: from an earlier stage's publication (its id; results is above coding), or
    as a reserve in the place of somebody. `state` "out" with a reason: does not take part after all.

    Random ids, shuffled, one common time, like code rows.
    """

    __tablename__ = "stage_entrant"
    __table_args__ = (
        UniqueConstraint("stage_id", "entry_id"),
        one_of("source", ("advanced", "reserve")),
        one_of("state", ("in", "out")),
    )

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    publication_id: Mapped[str] = mapped_column(String(36))
    source: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(4), default="in")
    reason: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)


@compared("加密登记表", shown="level")
@fixed("stage_id", "level")
@reached_by("stage_id")
class CodeSheet(Base):
    """One level of codes of a stage: 1 参赛编号, 2 工位号, 3 作品号. Each level has its own custodian (`coder_id`;
    "system" where an event has no levels and nobody codes).

    Sealed: `sealed_digest` is the SHA-256 of the mapping, printed at sealing and shown again at decoding. Decoded: by
    the coder and a supervisor, each from an own sign-in, the highest level first. `sealed_device`, `decode_device`: the
    browser of the coder's act; `same_device`, `decode_same_device`: the supervisor's came from it soon after.
    """

    __tablename__ = "code_sheet"
    __table_args__ = (
        UniqueConstraint("stage_id", "level"),
        one_of("state", ("open", "sealed", "decoded")),
        CheckConstraint("level BETWEEN 1 AND 3", name="level_known"),
        CheckConstraint("witness_id IS NULL OR witness_id <> sealed_by", name="witness_is_another"),
        CheckConstraint("decode_witness_id IS NULL OR decode_witness_id <> decode_coder_id", name="decoded_by_two"),
        CheckConstraint(
            "state <> 'decoded' OR (decode_witness_id IS NOT NULL AND decode_coder_id IS NOT NULL)",
            name="decoded_needs_both",
        ),
    )

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    level: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10), default="open")
    coder_id: Mapped[str] = mapped_column(String(36))
    drawn_at: Mapped[datetime] = mapped_column(UtcTime)
    source: Mapped[str] = mapped_column(String(8), default="system")
    seed_digest: Mapped[str] = mapped_column(String(64), default="")
    sealed_digest: Mapped[str | None] = mapped_column(String(64))
    sealed_by: Mapped[str | None] = mapped_column(String(36))
    sealed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    sealed_device: Mapped[str | None] = mapped_column(String(64))
    witness_id: Mapped[str | None] = mapped_column(String(36))
    witnessed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    same_device: Mapped[bool] = mapped_column(default=False)
    decode_coder_id: Mapped[str | None] = mapped_column(String(36))
    decode_coder_at: Mapped[datetime | None] = mapped_column(UtcTime)
    decode_device: Mapped[str | None] = mapped_column(String(64))
    decode_same_device: Mapped[bool] = mapped_column(default=False)
    decode_witness_id: Mapped[str | None] = mapped_column(String(36))
    decoded_at: Mapped[datetime | None] = mapped_column(UtcTime)
    record: Mapped[str] = mapped_column(Text, default="")

    stage: Mapped[Stage] = relationship()

    @property
    def awaits_coder(self) -> bool:
        """Whether the coder has not sealed it."""
        return self.state == "open" and self.sealed_at is None

    @property
    def awaits_witness(self) -> bool:
        """Whether it is sealed by the coder and nobody has witnessed it."""
        return self.state == "open" and self.sealed_at is not None

    @property
    def is_sealed(self) -> bool:
        """Whether it is sealed, witnessed and not opened again."""
        return self.state == "sealed"

    @property
    def awaits_second_opening(self) -> bool:
        """Whether the coder has confirmed the decoding and the supervisor has not."""
        return self.is_sealed and self.stage.is_settled and self.decode_coder_id is not None


@compared("加密登记", blind=True)
@fixed("sheet_id", "source", "code", "created_at")
class CodeRow(Base):
    """One line of a code sheet: `source` (an entry id on level 1, the code of the level before on 2 and 3) → `code`."""

    __tablename__ = "code_row"
    __table_args__ = (UniqueConstraint("sheet_id", "source"), UniqueConstraint("sheet_id", "code"))

    id: Mapped[str] = id_column()
    sheet_id: Mapped[str] = mapped_column(ForeignKey("code_sheet.id"), index=True)
    source: Mapped[str] = mapped_column(String(36))
    code: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(UtcTime)

    sheet: Mapped[CodeSheet] = relationship()


@compared("评分用加密号", free=("presence",), blind=True)
@fixed("stage_id", "code", "created_at")
class CodedPlace(Base):
    """What judging may know of a final code: its division, sitting, station and presence. No entry, no person.

    Made when the last level is sealed; random id, shuffled order, one common time.
    """

    __tablename__ = "coded_place"
    __table_args__ = (UniqueConstraint("stage_id", "code"), one_of("presence", PRESENCES))

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    division_id: Mapped[str] = mapped_column(ForeignKey("division.id"))
    code: Mapped[str] = mapped_column(String(12))
    sitting_id: Mapped[str | None] = mapped_column(ForeignKey("sitting.id"))
    station: Mapped[int | None] = mapped_column(Integer)
    presence: Mapped[str] = mapped_column(String(12), default="present")
    created_at: Mapped[datetime] = mapped_column(UtcTime)

    division: Mapped[Division] = relationship()
    sitting: Mapped[Sitting | None] = relationship()


@compared("纸质签到表")
@fixed("stage_id", "count", "filename", "sha256", "file_id", "by", "at")
class PaperCheckIn(Base):
    """A signed 签到表, scanned: by it everybody of a stage who had not been checked in counts as present. Never deleted.

    The file is sealed; `sha256` is of it as it was sent; `count` is how many it stands for.
    """

    __tablename__ = "paper_check_in"
    __table_args__ = (CheckConstraint("count >= 1", name="somebody"),)

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    count: Mapped[int] = mapped_column(Integer)
    filename: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    file_id: Mapped[str] = mapped_column(ForeignKey("kept_file.id"))
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)

    file: Mapped[KeptFile] = relationship(lazy="joined")


@compared("到场更改申请")
@fixed("stage_id", "entry_id", "presence", "reason", "by", "at")
@reached_by("stage_id")
class PresenceChange(Base):
    """Another presence for somebody whose sheets are signed: proposed by the steward, decided by the supervisor."""

    __tablename__ = "presence_change"
    __table_args__ = (one_of("presence", ("present", "late", "absent", "withdrawn")),)

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    presence: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)

    stage: Mapped[Stage] = relationship()
    entry: Mapped[Entry] = relationship()


@compared("检录")
@fixed("stage_id", "entry_id")
class CheckIn(Base):
    """Who came: one row for an entry and stage; a correction is a new value with its time (audited)."""

    __tablename__ = "check_in"
    __table_args__ = (
        UniqueConstraint("stage_id", "entry_id"),
        one_of("presence", ("present", "late", "absent", "withdrawn")),
    )

    id: Mapped[str] = id_column()
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id"), index=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), index=True)
    presence: Mapped[str] = mapped_column(String(12))
    by: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcTime)

    entry: Mapped[Entry] = relationship()
