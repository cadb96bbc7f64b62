"""The table of kept files: which file is whose, and how long it stays. The files themselves lie in a folder (file_store.py).

`put` comes before the transaction, `link` within it. What nothing links goes after a day. Knows no
feature.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import BigInteger, Boolean, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from competitions.base.database import Base, UtcTime, id_column
from competitions.base.errors import Refusal, StateForbids
from competitions.base.file_store import SEALED, FileChanged, FileMissing, Stored, keyed_digest, store
from competitions.base.media import Document

UNLINKED = timedelta(hours=24)
"""How long a file stays that nothing links: it is put before the transaction that links it."""
BATCH = 500
log = logging.getLogger("competitions.files")


class KeptFile(Base):
    """A file that belongs to something: `owner_kind` and `owner_id` say to what, as in records of the log.

    `digest` is keyed (file_store.py) and names the file; the same content may be several owners'. `media_type` is told from
    the content. `keep_for` says why it stays (the code of a reason), `keep_until` when it may go; without one it stays as
    long as its owner.
    """

    __tablename__ = "kept_file"

    id: Mapped[str] = id_column()
    digest: Mapped[str] = mapped_column(String(64), index=True)
    sealed: Mapped[bool] = mapped_column(Boolean)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    owner_kind: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[str] = mapped_column(String(36), index=True)
    keep_for: Mapped[str] = mapped_column(String(20))
    keep_until: Mapped[datetime | None] = mapped_column(UtcTime)
    linked_at: Mapped[datetime] = mapped_column(UtcTime)

    @property
    def stored(self) -> Stored:
        """Where its content lies."""
        return Stored(self.digest, self.sealed, self.size)

    def is_of(self, sha256: str) -> bool:
        """Whether this is the file with that digest; what is in the folder is not looked at."""
        return self.digest == keyed_digest(sha256)

    def content(self, sha256: str) -> bytes:
        """The file with that digest, as it was kept. Raises StateForbids when it is gone or is not what was kept."""
        try:
            if not self.is_of(sha256):
                raise FileChanged
            return store().read(self.stored)
        except (FileMissing, FileChanged) as fault:
            code = "file_missing" if isinstance(fault, FileMissing) else "file_changed"
            log.error({"file": self.id, "owner": [self.owner_kind, self.owner_id], "code": code})
            raise StateForbids(code) from fault


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """A document that lies in the folder and may be linked within a day."""

    filename: str
    media_type: str
    sha256: str
    stored: Stored


def put(document: Document, *, personal: bool) -> ReadyFile:
    """Keep a document in the folder, sealed when it is `personal`; before the transaction that links it.

    Raises Refusal (storage_unavailable) when the folder takes nothing.
    """
    try:
        stored = store().put(document.content, sealed=personal)
    except OSError as fault:
        log.error({"code": "storage_unavailable", "fault": type(fault).__name__, "number": fault.errno})
        raise Refusal("storage_unavailable") from fault
    return ReadyFile(document.filename, document.media_type, document.sha256, stored)


def link(
    session: Session,
    file: ReadyFile,
    owner: tuple[str, str],
    keep_for: str,
    *,
    at: datetime,
    until: datetime | None = None,
) -> KeptFile:
    """A file belongs to `owner` (kind, id) from now on."""
    kept = KeptFile(
        digest=file.stored.digest,
        sealed=file.stored.sealed,
        size=file.stored.size,
        media_type=file.media_type,
        owner_kind=owner[0],
        owner_id=owner[1],
        keep_for=keep_for,
        keep_until=until,
        linked_at=at,
    )
    session.add(kept)
    session.flush()
    return kept


def end(session: Session, at: datetime) -> int:
    """Rows whose time is over go; their files follow with the next sweep. Returns how many."""
    over = session.scalars(select(KeptFile.id).where(KeptFile.keep_until <= at)).all()
    for part in _parts(over):
        session.execute(delete(KeptFile).where(KeptFile.id.in_(part)))
    return len(over)


def sweep(session: Session) -> list[str]:
    """Remove the files that nothing links for a day; the names of those that went. Outside a transaction of its own: the
    folder is no part of it. Several may sweep at once, and put and link meanwhile: whoever puts makes his file young.
    """
    seconds, gone = UNLINKED.total_seconds(), []
    for names in _parts(store().older_than(seconds)):
        session.rollback()  # what others linked since is seen
        unlinked = set(names) - _linked(session, names)
        gone += [name for name in sorted(unlinked) if store().remove(name, older_than=seconds)]
    return gone


def _linked(session: Session, names: Iterable[str]) -> set[str]:
    digests = {name.removesuffix(SEALED) for name in names}
    rows = session.execute(select(KeptFile.digest, KeptFile.sealed).where(KeptFile.digest.in_(digests)).distinct())
    return {Stored(digest, sealed, 0).name for digest, sealed in rows}


def damaged(session: Session) -> Iterator[tuple[KeptFile, str]]:
    """The kept files that are gone ("missing") or are not what was kept ("changed"); reads every one of them."""
    for kept in session.scalars(select(KeptFile).order_by(KeptFile.linked_at, KeptFile.id)).yield_per(BATCH):
        try:
            store().read(kept.stored)
        except FileMissing:
            yield kept, "missing"
        except FileChanged:
            yield kept, "changed"


def newest_is_there(session: Session) -> bool:
    """Whether the file that was linked last is in the folder: a folder that was not mounted has none of them."""
    newest = session.scalar(select(KeptFile).order_by(KeptFile.linked_at.desc(), KeptFile.id).limit(1))
    return newest is None or store().holds(newest.stored)


def _parts(each: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(each)
    while part := list(islice(rest, BATCH)):
        yield part
