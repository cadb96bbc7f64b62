"""The union tree, employers, areas, applications for missing units, staged worksheets. Knows no user and no competition.

A union is a node of the tree; an employer is where people work; design.md §2 keeps them apart.
"""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competitions.audit.compared import compared
from competitions.audit.fixed_columns import fixed
from competitions.base.database import Base, UtcTime, id_column, one_of, text_by_code_point
from competitions.base.searching import Searched

UNION_KINDS = ("federation", "industry", "railway", "department", "town", "park", "joint", "enterprise")
OWNERSHIPS = ("government", "institution", "state", "collective", "private", "foreign", "social")
SIZES = ("large", "medium", "small", "micro")
TERRITORIAL_KINDS = ("federation", "town", "park", "joint", "enterprise")
"""Kinds of union that may lie in an area (design.md §2: only areas have GB/T 2260 codes)."""


@compared("行政区划", shown="name")
class Area(Base):
    """An administrative area by its GB/T 2260 code (editable data; provinces without a city level fit)."""

    __tablename__ = "area"
    uuid_key = False

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))


@compared("工会")
class Union(Searched, Base):
    """A node of the union tree. `path` is "/id/id/…/" from the root to the node itself, so a subtree is a prefix."""

    __tablename__ = "trade_union"
    searched_texts = ("name", "short_name", "uscc", "area_code")
    __table_args__ = (
        one_of("kind", UNION_KINDS),
        CheckConstraint(
            "area_code IS NULL OR kind IN ('federation', 'town', 'park', 'joint', 'enterprise')",
            name="area_only_where_territorial",
        ),
        Index("ix_trade_union_path", "path"),
        Index("ix_trade_union_place", text("(length(path) * 100000 + position)"), "id"),
    )

    id: Mapped[str] = id_column()
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("trade_union.id"), index=True)
    path: Mapped[str] = mapped_column(text_by_code_point(600))
    name: Mapped[str] = mapped_column(text_by_code_point(120), unique=True)
    short_name: Mapped[str] = mapped_column(String(60), default="")
    kind: Mapped[str] = mapped_column(String(20))
    area_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    contact: Mapped[str] = mapped_column(String(60), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    delegation: Mapped[bool] = mapped_column(Boolean, default=False)
    position: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=1)

    parent: Mapped["Union | None"] = relationship(remote_side=[id])


PLACE = func.length(Union.path) * literal_column("100000") + Union.position
"""Where a union stands in lists: by its depth, then by its position; written as the index has it."""


@compared("所在单位")
class Employer(Searched, Base):
    """An enterprise or institution that people work for; `union_id` is its own or a joint union, if any."""

    __tablename__ = "employer"
    searched_texts = ("name", "uscc", "area_code", "park")
    __table_args__ = (one_of("ownership", OWNERSHIPS), one_of("size", SIZES))

    id: Mapped[str] = id_column()
    name: Mapped[str] = mapped_column(text_by_code_point(120), unique=True)
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    ownership: Mapped[str] = mapped_column(String(20), default="private")
    industry: Mapped[str] = mapped_column(String(4), default="")
    size: Mapped[str] = mapped_column(String(10), default="small")
    park: Mapped[str] = mapped_column(String(60), default="")
    new_employment: Mapped[bool] = mapped_column(Boolean, default=False)
    area_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    union_id: Mapped[str | None] = mapped_column(ForeignKey("trade_union.id"), index=True)
    version: Mapped[int] = mapped_column(Integer, default=1)

    union: Mapped[Union | None] = relationship()


@compared("单位申请")
@fixed("kind", "applied_by", "applied_at")
class UnitApplication(Searched, Base):
    """Someone asks for a union or employer that is missing; the next union up decides."""

    __tablename__ = "unit_application"
    searched_texts = ("name", "uscc")
    __table_args__ = (
        one_of("kind", ("union", "employer")),
        one_of("state", ("open", "granted", "refused")),
        Index("ix_unit_application_state", "state", "parent_id"),
    )

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(String(10))
    union_kind: Mapped[str] = mapped_column(String(20), default="enterprise")
    name: Mapped[str] = mapped_column(String(120))
    uscc: Mapped[str | None] = mapped_column(String(18))
    parent_id: Mapped[str] = mapped_column(ForeignKey("trade_union.id"), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="open")
    applied_by: Mapped[str] = mapped_column(String(36))
    applied_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_by: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    answer: Mapped[str] = mapped_column(Text, default="")
    result_id: Mapped[str | None] = mapped_column(String(36))

    parent: Mapped[Union] = relationship()
