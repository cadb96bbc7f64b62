"""This installation as its own database knows it: its epoch (a restore gives a new one), when it was last seen to write,
and which keys seal what it keeps.

A key ring that was lost is made anew in silence, and what is entered meanwhile is sealed with keys that are gone when the
old ring comes back: so the fingerprints of the keys lie beside what they seal, and another ring does not start. Knows no
feature.
"""

from datetime import datetime

from click import ClickException
from sqlalchemy import CheckConstraint, SmallInteger, String, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from competitions.base import keyring
from competitions.base.database import Base, UtcTime, db, new_id, write_intent

ONE = 1
"""The id of the only row."""
DOES_NOT_FIT = (
    "密钥文件（KEYRING_FILE）与数据库不符：数据库里的证件号、电话等是用另一份密钥加密的。"
    "请放回原来的 keyring.json 再启动；不要让系统另造一份新的密钥文件，否则此后录入的个人信息会与原来的对不上。"
)


class RingDoesNotFit(ClickException):
    """The key ring of the process is not the one that sealed what the database holds."""

    def __init__(self) -> None:
        super().__init__(DOES_NOT_FIT)


class Installation(Base):
    """The one row of this installation. `checked_at` is written whenever somebody asks whether it can write."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)
    uuid_key = False

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    epoch: Mapped[str] = mapped_column(String(36))
    checked_at: Mapped[datetime] = mapped_column(UtcTime)


class SealingKey(Base):
    """A key of the ring that sealed something here: its id and fingerprint, never the key."""

    __tablename__ = "sealing_key"
    uuid_key = False

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(32))
    first_seen_at: Mapped[datetime] = mapped_column(UtcTime)


_EPOCH = select(Installation.epoch)


def begin(at: datetime) -> None:
    """At the start of a process that serves: the row is there, the ring fits, its keys are known from now on.

    Does nothing in a database that has no tables yet, or old ones. Raises RingDoesNotFit.
    """
    if not inspect(db.engine).has_table(SealingKey.__tablename__):
        return
    token = write_intent.set(True)
    try:
        with db.engine.begin() as connection:
            touch(connection, at)
            if not ring_fits(connection):
                raise RingDoesNotFit
            seen = [
                {"id": kid, "fingerprint": print_, "first_seen_at": at}
                for kid, print_ in keyring.ring().fingerprints().items()
            ]
            insert = _insert(connection)(SealingKey).values(seen)
            connection.execute(insert.on_conflict_do_nothing(index_elements=["id"]))
    finally:
        write_intent.reset(token)


def touch(connection: Connection, at: datetime) -> None:
    """Write: the row is made when it is not there, and says when it was last seen."""
    made = _insert(connection)(Installation).values(id=ONE, epoch=new_id(), checked_at=at)
    connection.execute(made.on_conflict_do_nothing(index_elements=["id"]))
    connection.execute(update(Installation).values(checked_at=at))


def epoch_of(session: Session) -> str | None:
    """The epoch; None in a database that was never started upon."""
    return session.scalar(_EPOCH)


def ring_fits(connection: Connection) -> bool:
    """Whether the ring of this process has every key that sealed something here, unchanged."""
    held = keyring.ring().fingerprints()
    known = connection.execute(select(SealingKey.id, SealingKey.fingerprint)).all()
    return all(held.get(kid) == print_ for kid, print_ in known)


def _insert(connection: Connection) -> type[sqlite.Insert] | type[postgresql.Insert]:
    return sqlite.Insert if connection.dialect.name == "sqlite" else postgresql.Insert
