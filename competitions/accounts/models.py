"""Users, their sign-ins, roles with scopes and validity, activation codes, counters of attempts. Knows no competition
(scopes of competitions and events are ids only).
"""

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competitions.audit.compared import compared, not_compared
from competitions.audit.fixed_columns import fixed
from competitions.base.database import Base, UtcTime, id_column, one_of, text_by_code_point
from competitions.base.roles import CODES
from competitions.base.searching import Searched
from competitions.organisations.models import Union

SOON = timedelta(minutes=30)
"""Two people at one browser within this time are pointed out to whoever supervises."""


@compared("账号", free=("version",))
@fixed("created_by", "created_at")
class User(Searched, Base):
    """A person with an account. `username` is normalised (NFKC, casefold); no hash until it is activated."""

    __tablename__ = "user_account"
    searched_texts = ("username",)
    searched_names = ("display_name",)
    __table_args__ = (Index("ix_user_account_display_name", "display_name", "id"),)

    id: Mapped[str] = id_column()
    username: Mapped[str] = mapped_column(text_by_code_point(64), unique=True)
    display_name: Mapped[str] = mapped_column(text_by_code_point(60))
    union_id: Mapped[str | None] = mapped_column(ForeignKey("trade_union.id"), index=True)
    employer_id: Mapped[str | None] = mapped_column(ForeignKey("employer.id"))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_by: Mapped[str | None] = mapped_column(String(36), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    union: Mapped[Union | None] = relationship()
    roles: Mapped[list["RoleAssignment"]] = relationship(back_populates="user", cascade="all, delete-orphan")


@compared("角色授予")
@fixed("user_id", "role", "scope_kind", "scope_id", "given_by")
class RoleAssignment(Base):
    """A role in one scope for a time; ended by `valid_to`, never deleted while it has been used."""

    __tablename__ = "role_assignment"
    __table_args__ = (
        one_of("role", CODES),
        one_of("scope_kind", ("system", "union", "competition", "event")),
        Index("ix_role_assignment_scope", "scope_kind", "scope_id"),
        Index("ix_role_assignment_kind_user", "scope_kind", "user_id"),
    )

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))
    scope_kind: Mapped[str] = mapped_column(String(12))
    scope_id: Mapped[str | None] = mapped_column(String(36), index=True)
    valid_from: Mapped[datetime | None] = mapped_column(UtcTime)
    valid_to: Mapped[datetime | None] = mapped_column(UtcTime)
    given_by: Mapped[str | None] = mapped_column(String(36))

    user: Mapped[User] = relationship(back_populates="roles")


@compared("登录", free=("seen_at",))
@fixed("user_id", "token_hash", "created_at", "address", "agent", "device_id", "card_id", "card_stage_id")
class SignIn(Base):
    """One open log-in: a row, listed and revocable. The cookie holds the token, the row its SHA-256.

    Opened by a judge's card: the card's id and its stage's (no foreign keys: both tables are above this one).
    """

    __tablename__ = "sign_in"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    address: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")
    device_id: Mapped[str | None] = mapped_column(String(36))
    card_id: Mapped[str | None] = mapped_column(String(36), index=True)
    card_stage_id: Mapped[str | None] = mapped_column(String(36))

    user: Mapped[User] = relationship()


@compared("已知设备")
@fixed("user_id", "token_hash", "first_at")
class KnownDevice(Base):
    """A browser in which a user has signed in before; its own counter keeps a lock-out from shutting him out."""

    __tablename__ = "known_device"
    __table_args__ = (UniqueConstraint("user_id", "token_hash"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    token_hash: Mapped[str] = mapped_column(String(64))
    first_at: Mapped[datetime] = mapped_column(UtcTime)


@compared("激活码")
@fixed("user_id", "code_hash", "issued_by", "agreed_by")
class ActivationCode(Base):
    """A one-time code by which a user sets his password; only its hash is kept, 24 hours at most. Of two people who
    issued it each was shown one half; one alone (`agreed_by` empty) was shown all of it.
    """

    __tablename__ = "activation_code"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)
    issued_by: Mapped[str | None] = mapped_column(String(36))
    agreed_by: Mapped[str | None] = mapped_column(String(36))


@compared("动态口令", free=("last_step",))
@fixed("user_id", "created_at")
class SecondFactor(Base):
    """The phone of a user: the secret that makes his codes (RFC 6238), sealed, and the last time step used, so that no
    code works twice.
    """

    __tablename__ = "second_factor"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), unique=True)
    secret: Mapped[str] = mapped_column(Text)
    last_step: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


@compared("动态口令备用码", may_go=True)
@fixed("factor_id", "digest")
class RecoveryCode(Base):
    """A code that opens once when the phone is not at hand; its keyed digest only (the key is outside the database)."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("factor_id", "digest"),)

    id: Mapped[str] = id_column()
    factor_id: Mapped[str] = mapped_column(ForeignKey("second_factor.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)


@not_compared("counts attempts; decides nothing that lasts")
class AttemptCount(Base):
    """Attempts under one key since `since` (sign-ins, imports, exports, full views): atomic, shared by all processes."""

    __tablename__ = "attempt_count"
    uuid_key = False

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcTime)
    attempts: Mapped[int] = mapped_column(Integer)


@compared("双人办理")
@fixed("kind", "object_id", "digest", "reason", "proposed_by", "proposed_sign_in", "proposed_device", "proposed_at")
class ActOfTwo(Base):
    """An act that takes two people: what the first proposed (its digest), who decided, each from which sign-in and browser.

    `digest` is empty for what was proposed before this table was there. At most one act of a kind is open on an object.
    """

    __tablename__ = "act_of_two"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR answer = 'taken_back' OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_whole"),
        one_of("answer", ("agreed", "refused", "taken_back")),
        Index("ix_act_of_two_object", "object_id", "kind"),
        Index(
            "uq_act_of_two_open",
            "kind",
            "object_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(36))
    digest: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    proposed_by: Mapped[str] = mapped_column(String(36))
    proposed_sign_in: Mapped[str | None] = mapped_column(String(36))
    proposed_device: Mapped[str | None] = mapped_column(String(64))
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_by: Mapped[str | None] = mapped_column(String(36))
    decided_sign_in: Mapped[str | None] = mapped_column(String(36))
    decided_device: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    answer: Mapped[str | None] = mapped_column(String(12))

    @property
    def same_device(self) -> bool:
        """Whether both came from one browser soon after each other, so that somebody should ask who sat there."""
        if self.decided_at is None or self.proposed_device is None or self.proposed_device != self.decided_device:
            return False
        return self.decided_at - self.proposed_at <= SOON


@compared("三人办赛")
@fixed("competition_id", "first_id", "second_id", "third_id", "proposed_by", "proposed_at")
class CountyProfile(Base):
    """三人办赛: the three people who run a competition, and the one device that they share, with its reason.

    Proposed by one, agreed to by the second of the three; the next one that is agreed to replaces it. `device` is the
    browser that was named (as ActOfTwo keeps browsers). Knows the competition by its id only, as a scope does.
    """

    __tablename__ = "county_profile"
    __table_args__ = (
        one_of("state", ("proposed", "agreed", "refused", "replaced", "ended")),
        CheckConstraint(
            "first_id <> second_id AND second_id <> third_id AND first_id <> third_id", name="three_people"
        ),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by OR state = 'refused'", name="two_people"),
        CheckConstraint("(device IS NULL) = (device_name = '')", name="device_named"),
        Index(
            "uq_county_profile_agreed",
            "competition_id",
            unique=True,
            sqlite_where=text("state = 'agreed'"),
            postgresql_where=text("state = 'agreed'"),
        ),
    )

    id: Mapped[str] = id_column()
    competition_id: Mapped[str] = mapped_column(String(36), index=True)
    first_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    second_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    third_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    device: Mapped[str | None] = mapped_column(String(64))
    device_name: Mapped[str] = mapped_column(String(40), default="")
    device_reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    proposed_by: Mapped[str] = mapped_column(String(36))
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_by: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)

    @property
    def people(self) -> tuple[str, str, str]:
        """The three, in their order."""
        return self.first_id, self.second_id, self.third_id

    @property
    def is_proposed(self) -> bool:
        """Whether the second of the three has to decide."""
        return self.state == "proposed"


@compared("已提交的表单", free=("place",), may_go=True)
class FormKey(Base):
    """A form that was sent and done: the key made with the form, what was sent (a digest), where its answer is.

    Kept for a week, so that sending it again shows the answer and does nothing (design.md §8).
    """

    __tablename__ = "form_key"
    uuid_key = False

    key: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(36))
    endpoint: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64))
    place: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
